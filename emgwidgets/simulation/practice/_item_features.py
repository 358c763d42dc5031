"""Features of a practice item, measured on its truth: the numbers a reader's feedback quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.simulation.muscle.unit_shape import unit_shape
from emgwidgets.simulation.practice._item_recipes import ITEM_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.muscle.needle_truth import NeedleTruth, SourceTruth, UnitTruth
    from emgwidgets.simulation.practice._item_recipes import Plan
    from emgwidgets.simulation.practice.waveform_classes import WaveformClass

__all__ = ["features_of"]

Features = dict[str, "float | str"]
#: A unit counts as seen from this amplitude on (internal choice: what stands out at 100 uV per division).
SEEN_UV = 100.0


def features_of(kind: WaveformClass, plan: Plan, truth: NeedleTruth) -> tuple[Features, tuple[float, ...]]:
    """Features, and the times of the class's own events."""
    if kind.origin == "insertion":
        return _insertion(truth)
    if kind.origin == "artefact":
        return _artefact(truth)
    if kind.origin == "unit":
        return _unit(plan, truth)
    if kind.origin == "drive":
        return _drive(plan, truth)
    return _source(kind.code, truth)


def _rounded(features: dict[str, float | str]) -> Features:
    return {k: v if isinstance(v, str) else round(float(v), 4) for k, v in features.items()}


def _gaps(times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.diff(np.sort(times_s))


def _cv_percent(gaps_s: NDArray[np.float64]) -> float:
    return float(100 * gaps_s.std() / gaps_s.mean()) if len(gaps_s) > 1 else float("nan")


def _local_cv_percent(gaps_s: NDArray[np.float64]) -> float:
    """Spread of neighbouring intervals, so that a step of the rate does not count as irregular."""
    if len(gaps_s) < 3:
        return float("nan")
    return float(100 * np.median(np.abs(np.diff(gaps_s))) / 0.954 / np.median(gaps_s))


def _first_deflection(wave_uv: NDArray[np.float64]) -> str:
    loud = np.flatnonzero(np.abs(wave_uv) > 0.1 * np.abs(wave_uv).max())
    return "negative" if wave_uv[loud[0]] < 0 else "positive"


def _source(code: str, truth: NeedleTruth) -> tuple[Features, tuple[float, ...]]:
    own = [s for s in truth.sources if s.kind == code and len(s.times_s)]
    if not own:
        return {"n_discharges": 0.0}, ()
    main = max(own, key=lambda s: s.amplitude_uv)
    events = tuple(sorted(float(t) for s in own for t in s.peak_times_s))
    gaps = _gaps(main.times_s)
    floor = 0.01 if code == "positive_sharp_wave" else 0.05  # its negative phase is long and low
    loud = np.flatnonzero(np.abs(main.template_uv) > floor * np.abs(main.template_uv).max())
    found: Features = {
        "n_sources": float(len(own)), "n_discharges": float(len(events)), "amplitude_uv": main.amplitude_uv,
        "first_deflection": _first_deflection(main.template_uv), "interval_cv_percent": _local_cv_percent(gaps) if code == "complex_repetitive_discharge" else _cv_percent(gaps),
        "rate_hz": 1 / float(np.median(gaps)) if len(gaps) else float("nan"),
        "duration_ms": float(loud[-1] - loud[0]) * _step_ms(main),
    }  # fmt: skip
    found.update(_course(code, main, gaps))
    return _rounded(found), events


def _step_ms(source: SourceTruth) -> float:
    peak = int(np.argmax(np.abs(source.template_uv)))
    return source.peak_ms / peak if peak else 0.0


def _course(code: str, main: SourceTruth, gaps_s: NDArray[np.float64]) -> Features:
    """How a run changes: rate from and to, size, bursts."""
    if not len(gaps_s):
        return {}
    if code == "myokymic_discharge":
        ends = np.flatnonzero(gaps_s > 0.15)
        bursts = np.diff(np.concatenate([[-1], ends, [len(gaps_s)]]))
        pauses = gaps_s[ends]
        return {
            "spikes_per_burst": float(np.median(bursts)), "burst_gap_s": float(np.median(pauses)) if len(pauses) else float("nan"),
            "burst_cv_percent": _cv_percent(pauses), "rate_in_burst_hz": 1 / float(np.median(gaps_s[gaps_s <= 0.15])),
        }  # fmt: skip
    run = gaps_s[gaps_s < 0.2]
    if code in ("complex_repetitive_discharge", "myotonic_discharge", "neuromyotonic_discharge") and len(run):
        low, high = np.quantile(1 / run, (0.02, 0.98))
        size = main.sizes / max(float(main.sizes.max()), 1e-12)
        return {
            "rate_from_hz": float(low), "rate_to_hz": float(high), "amplitude_change_percent": float(100 * (1 - size.min())),
            "onset": "gradual" if code == "myotonic_discharge" else "abrupt",
        }  # fmt: skip
    return {}


def _insertion(truth: NeedleTruth) -> tuple[Features, tuple[float, ...]]:
    after = [end - stop for (_, end), stop in zip(truth.insertions_s, truth.needle_stops_s, strict=True)]
    during, rate = 0.0, ITEM_HZ
    for (start, _), stop in zip(truth.insertions_s, truth.needle_stops_s, strict=True):
        piece = truth.noise_free_uv[int(start * rate) : int(stop * rate)]
        during = max(during, float(np.ptp(piece)) if len(piece) else 0.0)
    found: Features = {"after_stop_ms": 1000 * float(np.median(after)), "limit_ms": 300.0, "during_uv": during}
    return _rounded(found), tuple(truth.needle_stops_s)


def _artefact(truth: NeedleTruth) -> tuple[Features, tuple[float, ...]]:
    main = truth.disturbances[0]
    found: Features = {"artefact": main.kind, "rate_hz": main.rate_hz, "size_uv": main.size_uv}
    if len(main.times_s) > 2:
        found["interval_cv_percent"] = _cv_percent(_gaps(main.times_s))
    return _rounded(found), tuple(float(t) for t in main.times_s)


def _peaks_s(unit: UnitTruth) -> NDArray[np.float64]:
    return unit.times_s + unit.negative_peak_ms / 1000.0


def _unit(plan: Plan, truth: NeedleTruth) -> tuple[Features, tuple[float, ...]]:
    own = [u for u in truth.units if u.unit == plan.unit] or list(truth.units[:1])
    if not own:
        return {"n_discharges": 0.0}, ()
    main = own[0]
    shape = unit_shape(main.recorded_uv, main.sampling_rate_hz)
    events = np.sort(np.concatenate([_peaks_s(u) for u in own]))
    gaps = _gaps(events)
    pairs = gaps[gaps < 0.012]
    found: Features = {
        "n_discharges": float(len(events)), "n_fibres": float(main.n_fibres), "blocked_percent": 100 * main.blocked_share,
        "jitter_us": main.jitter_us, "jiggle": main.jiggle, "rate_hz": 1 / float(np.median(gaps)) if len(gaps) else 0.0,
        "doublet_percent": 100 * len(pairs) / max(len(events) - len(pairs), 1),
        "doublet_interval_ms": 1000 * float(np.median(pairs)) if len(pairs) else float("nan"),
        "force_percent": plan.force_percent, "n_units_seen": float(sum(u.amplitude_uv > SEEN_UV for u in truth.units)),
    }  # fmt: skip
    if shape is not None:
        late = shape.satellites_ms
        found.update(
            amplitude_uv=shape.amplitude_uv, duration_ms=shape.duration_ms, n_phases=float(shape.n_phases),
            n_turns=float(shape.n_turns), area_uv_ms=shape.area_uv_ms, thickness_ms=shape.area_uv_ms / shape.amplitude_uv,
            n_satellites=float(len(late)), satellite_ms=late[0][0] - shape.onset_ms if late else float("nan"),
        )  # fmt: skip
    return _rounded(found), tuple(float(t) for t in events)


def _drive(plan: Plan, truth: NeedleTruth) -> tuple[Features, tuple[float, ...]]:
    last = max((u.phase for u in truth.units), default=0)
    seen = [u for u in truth.units if u.amplitude_uv > SEEN_UV and u.phase == last]
    rates = [1 / float(np.median(g)) for u in seen if len(g := _gaps(u.times_s)[_gaps(u.times_s) > 0.012]) > 2]
    by_unit: dict[int, float] = {}
    for unit in truth.units:
        if unit.amplitude_uv > SEEN_UV:
            by_unit.setdefault(unit.unit, float(unit.times_s[0]))
    order = sorted(by_unit, key=lambda u: by_unit[u])
    fastest = max(rates, default=float("nan"))
    found: Features = {
        "n_units_seen": float(len(seen)), "fastest_rate_hz": fastest, "force_percent": plan.force_percent,
        "ratio_hz": fastest / len(seen) if seen else float("nan"), "second_joined_hz": _second_joined(truth, order, by_unit),
        "n_units_firing": float(sum(u.phase == last for u in truth.units)),
    }  # fmt: skip
    events = tuple(sorted(float(t) for u in seen for t in _peaks_s(u)))
    if any(phase.manner == "tremor" for phase in plan.phases):
        found["group_rate_hz"] = _group_rate_hz(np.array(events))
    return _rounded(found), events


def _group_rate_hz(events_s: NDArray[np.float64]) -> float:
    """Rate between 3 and 12 per second at which the discharges group."""
    rates = np.arange(3.0, 12.0, 0.05)
    beats = np.abs(np.exp(-2j * np.pi * rates[:, None] * events_s[None, :]).sum(axis=1))
    return float(rates[beats.argmax()])


def _second_joined(truth: NeedleTruth, order: list[int], first_s: dict[int, float]) -> float:
    """Rate of the first unit in the second around the arrival of the second one; NaN when none joins later."""
    late = [u for u in order if first_s[u] > 0.3]
    if not order or not late:
        return float("nan")
    at = first_s[late[0]]
    times = np.sort(np.concatenate([u.times_s for u in truth.units if u.unit == order[0]]))
    near = times[np.abs(times - at) < 0.6]
    return 1 / float(np.median(np.diff(near))) if len(near) > 2 else float("nan")
