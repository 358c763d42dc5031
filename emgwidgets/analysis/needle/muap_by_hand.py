"""A potential measured again with the marks a reader placed: what lies between them counts, the rules' own marks stay beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.analysis.needle._counts import PHASE_UV, TURN_UV, count_phases
from emgwidgets.analysis.needle._input_checks import mixed_electrodes
from emgwidgets.analysis.needle.interference import find_turns
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent, Marker, Measure, Measures
from emgwidgets.model.needle_analysis import DurationMark, Muap
from emgwidgets.model.needle_triggered import MuapSet

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HANDLES", "handles_of", "remark_muap", "summarise_muaps"]

#: Kind of marker of each handle: start, positive peak, negative peak, end.
HANDLES = ("onset", "positive_peak", "negative_peak", "end")
BY_HAND = "by hand"
ENOUGH_UNITS = 20  # needle.md 2.3: the outlier rule is for 20 units [V NOR]
Z90 = 1.645
#: Means over the units, and their unit text; counts are averaged too.
AVERAGED = (
    "amplitude_uv",
    "duration_ms",
    "area_uv_ms",
    "thickness_ms",
    "size_index",
    "rise_time_ms",
    "n_phases",
    "n_turns",
)


def handles_of(muap: Muap) -> dict[str, float]:
    """Time of each handle in ms from the discharge; empty for a potential without a shape."""
    if not isinstance(muap.amplitude_uv, Measure):
        return {}
    return {one.kind: one.time_ms for one in muap.amplitude_uv.markers}


def remark_muap(muap: Muap, handles: Mapping[str, float]) -> Muap:
    """Measure a potential anew between handles a reader moved.

    Parameters
    ----------
    muap : Muap
        As measured; the marks of the published rules stay and give the interval of the duration.
    handles : mapping of kind to ms
        Any of :data:`HANDLES`; the others stay where they were.

    Raises
    ------
    InputError
        If a handle is not known, lies outside the wave, or the end is not after the start.
    """
    unknown = sorted(set(handles) - set(HANDLES))
    if unknown:
        raise InputError("there is no such handle", got=unknown[0], expected=f"one of {', '.join(HANDLES)}")
    placed = {**handles_of(muap), **{name: float(ms) for name, ms in handles.items()}}
    if not {"onset", "end"} <= set(placed):
        raise InputError("this potential has no shape to mark", got="no deflection beyond the noise")
    end_ms = muap.start_ms + 1000 * len(muap.waveform_uv) / muap.sampling_rate_hz
    outside = [ms for ms in placed.values() if not muap.start_ms <= ms <= end_ms]
    if outside or placed["end"] <= placed["onset"]:
        raise InputError(
            "the handle cannot stand there", got=f"{outside[0] if outside else placed['end']:.2f} ms",
            expected=f"start before end, within {muap.start_ms:g} to {end_ms:g} ms",
        )  # fmt: skip
    durations = tuple(one for one in muap.durations if one.method != BY_HAND)
    hand = DurationMark(method=BY_HAND, source="reader", onset_ms=placed["onset"], end_ms=placed["end"])
    return replace(muap, durations=(hand, *durations), **_measures(muap, placed, (hand, *durations)))


def _measures(muap: Muap, placed: Mapping[str, float], marks: tuple[DurationMark, ...]) -> dict[str, Any]:
    rate, wave = muap.sampling_rate_hz, muap.waveform_uv
    step = 1000.0 / rate
    at = {name: int(np.clip(round((ms - muap.start_ms) / step), 0, len(wave) - 1)) for name, ms in placed.items()}
    level = float(np.median(wave[: max(int(0.0025 * rate), 8)]))
    body = wave[at["onset"] : at["end"]] - level
    low, high = (at.get(name, at["onset"]) for name in ("negative_peak", "positive_peak"))
    amplitude = abs(float(wave[high] - wave[low]))
    markers = tuple(
        Marker(kind=name, time_ms=placed[name], value_uv=float(wave[at[name]] - level), is_manual=True)
        for name in HANDLES if name in placed
    )  # fmt: skip
    area = float(np.abs(body).sum() * step)
    thick = area / amplitude if amplitude > 0 else 0.0
    lengths = [one.duration_ms for one in marks]
    rise = placed.get("negative_peak", 0.0) - placed.get("positive_peak", 0.0)
    return {
        "amplitude_uv": _again(muap.amplitude_uv, amplitude, "uV", "peak_to_peak", markers=markers),
        "duration_ms": _again(
            muap.duration_ms, marks[0].duration_ms, "ms", BY_HAND, low=min(lengths), high=max(lengths), markers=markers
        ),
        "area_uv_ms": _again(muap.area_uv_ms, area, "uV ms", f"rectified between the marks, {BY_HAND}"),
        "thickness_ms": _again(muap.thickness_ms, thick, "ms", "area over amplitude (SIZ)"),
        "size_index": _again(
            muap.size_index, float(2 * np.log10(max(amplitude, 1e-9) / 1000.0) + thick), "ratio",
            "2 log10(amplitude in mV) + thickness (SIZ)",
        ),
        "n_phases": _again(muap.n_phases, float(count_phases(body)), "count", f"excursions beyond {PHASE_UV:g} uV"),
        "n_turns": _again(muap.n_turns, float(_turns(body)), "count", f"{TURN_UV:g} uV on both sides"),
        "rise_time_ms": _again(muap.rise_time_ms, rise, "ms", "positive peak to the next negative peak")
        if rise > 0 else Absent(reason="no positive peak before the negative one"),
    }  # fmt: skip


def _turns(body: NDArray[np.float64]) -> int:
    return len(find_turns(np.concatenate([[0.0], body, [0.0]]), threshold_uv=TURN_UV).indices)


def _again(
    before: object, value: float, unit: str, method: str, *, low: float | None = None, high: float | None = None,
    markers: tuple[Marker, ...] = (),
) -> Measure:  # fmt: skip
    """The measure with a new value; its interval moves with it where no other is given."""
    half_down = before.value - before.low if isinstance(before, Measure) and before.low is not None else 0.0
    half_up = before.high - before.value if isinstance(before, Measure) and before.high is not None else 0.0
    conditions = before.conditions if isinstance(before, Measure) else None
    floor = value - half_down if unit == "ratio" else max(value - half_down, 0.0)
    given: dict[str, Any] = {} if conditions is None else {"conditions": conditions}
    return Measure(
        value=value, unit=unit, method=method, low=min(floor if low is None else low, value),
        high=max(value + half_up if high is None else high, value), markers=markers, **given,
    )  # fmt: skip


def summarise_muaps(muaps: Sequence[Muap], *, n_sites: int = 1, is_accepted: bool = False) -> MuapSet:
    """Means over the units of a muscle with their 90 % intervals, and the share that is polyphasic.

    Parameters
    ----------
    muaps : sequence of Muap
    n_sites : int
        Needle places they come from.
    is_accepted : bool
        Whether a reader has looked at every unit and accepted it.

    Returns
    -------
    MuapSet
        ``limits`` says when the units are too few or come from electrodes of different kinds.

    Raises
    ------
    InputError
        If there is no unit.
    """
    if not muaps:
        raise InputError("there is no unit to summarise", expected="at least one", way_out="accept a unit first")
    found: dict[str, Measure] = {}
    for name in AVERAGED:
        values = [(one.value, one) for one in (getattr(muap, name) for muap in muaps) if isinstance(one, Measure)]
        if values:
            found[name] = _mean([value for value, _ in values], values[0][1])
    counted = [one.is_polyphasic for one in muaps if one.is_polyphasic is not None]
    if counted:
        share = 100.0 * sum(counted) / len(counted)
        half = 100 * Z90 * float(np.sqrt(share / 100 * (1 - share / 100) / len(counted)))
        found["polyphasia_percent"] = Measure(
            value=share,
            unit="%",
            method="more than four phases",
            low=max(share - half, 0.0),
            high=min(share + half, 100.0),
        )
    method = "accepted by the reader" if is_accepted else "automatic decomposition, not looked at"
    found["n_units"] = Measure(value=float(len(muaps)), unit="count", method=method)
    limits = []
    if len(muaps) < ENOUGH_UNITS:
        limits.append(
            f"{len(muaps)} of {ENOUGH_UNITS} units: the mean is uncertain, and the outlier rule is for {ENOUGH_UNITS}."
        )
    mixed = mixed_electrodes(
        one.amplitude_uv.conditions.electrode for one in muaps if isinstance(one.amplitude_uv, Measure)
    )
    limits += [mixed] if mixed else []
    return MuapSet(n_units=len(muaps), n_sites=n_sites, measures=Measures(found), limits=tuple(limits))


def _mean(values: list[float], like: Measure) -> Measure:
    mean = float(np.mean(values))
    half = Z90 * float(np.std(values, ddof=1)) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    method = like.method if like.unit != "uV" else "peak_to_peak"
    low = mean - half if like.unit == "ratio" else max(mean - half, 0.0)
    return Measure(
        value=mean, unit=like.unit, method=method if method != BY_HAND else "20 uV threshold or by hand", low=low,
        high=mean + half, conditions=like.conditions,
    )  # fmt: skip
