"""Place-the-marker items: a response with a known landmark, the tolerance, and what a placed marker is told.

Tolerances are those of the curriculum, section 4 (internal choices); no reader spread in milliseconds is published, and
none is printed.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent
from emgwidgets.model.signal import Sweep
from emgwidgets.simulation.patient import VirtualPatient

if TYPE_CHECKING:
    from emgwidgets.simulation.muscle.needle_truth import UnitTruth
    from emgwidgets.simulation.nerve.recording_setup import SimulatedSweep

__all__ = ["MarkerItem", "MarkerKind", "PlacedMarker", "marker_item", "marker_kinds", "own_agreement"]

#: Landmarks of a potential: where it first and last exceeds 1 uV or 1 % of its largest deflection (science 5.1).
FLOOR_UV, FLOOR_SHARE = 1.0, 0.01
MOTOR = (
    ("median", "abductor_pollicis_brevis", "wrist"), ("median", "abductor_pollicis_brevis", "elbow"),
    ("ulnar", "abductor_digiti_minimi_hand", "wrist"), ("fibular", "extensor_digitorum_brevis", "ankle"),
    ("tibial", "abductor_hallucis", "ankle"),
)  # fmt: skip
SENSORY = ("median_d2", "ulnar_d5", "sural", "superficial_radial")
PEOPLE = ("normal", "normal", "carpal_tunnel_syndrome")
UNITS = ("unit_normal", "unit_large", "unit_polyphasic", "unit_small")
N_SHOWN, BEFORE_MS, LENGTH_MS = 20, 6.0, 40.0
#: What stays below this many times the noise of the average cannot be seen (internal choice); the tolerance grows by it.
NOISE_TIMES = 2.0
#: Pairs of placements an agreement needs (curriculum, section 4; internal choice).
N_PAIRS_NEEDED = 20


@dataclass(frozen=True, kw_only=True)
class MarkerKind:
    """One row of ``marker_kinds.csv``: which landmark, its letter, its tolerance and gross error in ms."""

    code: str
    name: str
    letter: str
    tolerance_ms: float
    gross_ms: float
    unit_word: str
    reader_spread: str
    source: str
    mark: str


@cache
def marker_kinds() -> Mapping[str, MarkerKind]:
    """All kinds of landmark by code."""
    text = resources.files("emgwidgets.lessons.gym").joinpath("marker_kinds.csv").read_text(encoding="utf-8")
    return {
        row["code"]: MarkerKind(
            code=row["code"], name=row["name"], letter=row["letter"], tolerance_ms=float(row["tolerance_ms"]),
            gross_ms=float(row["gross_ms"]), unit_word=row["unit_word"], reader_spread=row["reader_spread"],
            source=row["source"], mark=row["mark"],
        )
        for row in csv.DictReader(text.splitlines())
    }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PlacedMarker:
    """A placed marker held against the truth.

    Parameters
    ----------
    placed_ms, true_ms : float
    tolerance_ms : float
        That of the curriculum, or what the noise leaves where that is more.
    verdict : {"within", "outside", "gross"}
    words : str
        Signed error, tolerance, and what may have been taken for the landmark.
    """

    placed_ms: float
    true_ms: float
    tolerance_ms: float
    verdict: str
    words: str

    @property
    def error_ms(self) -> float:
        """Placed minus true."""
        return self.placed_ms - self.true_ms


@dataclass(frozen=True, kw_only=True, eq=False)
class MarkerItem:
    """A response whose landmark is asked for.

    Parameters
    ----------
    kind : MarkerKind
    seed : int
    sweep : Sweep
    true_ms : float
    tolerance_ms : float
    rules_ms : tuple of (str, float)
        Where published rules or the software put the landmark, on the same noisy trace.
    known : tuple of (str, str)
        Shown before the answer.
    start_ms, end_ms : float
        What is drawn.
    size_uv : float
        Peak-to-peak size of what is asked about, for the first gain.
    """

    kind: MarkerKind
    seed: int
    sweep: Sweep
    true_ms: float
    tolerance_ms: float
    rules_ms: tuple[tuple[str, float], ...]
    known: tuple[tuple[str, str], ...]
    start_ms: float
    end_ms: float
    size_uv: float = field(default=0.0)

    def judge(self, placed_ms: float) -> PlacedMarker:
        """Hold a marker against the truth.

        Raises
        ------
        InputError
            If it lies outside the sweep.
        """
        last_ms = float(self.sweep.times_ms[-1])
        if not self.sweep.start_ms <= placed_ms <= last_ms:
            raise InputError(
                "the marker lies outside the sweep", got=f"{placed_ms:g} ms", expected=f"{self.sweep.start_ms:g} to {last_ms:g} ms"
            )  # fmt: skip
        off_ms = placed_ms - self.true_ms
        gross_ms = max(self.kind.gross_ms, self.tolerance_ms)
        verdict = "within" if abs(off_ms) <= self.tolerance_ms else "outside" if abs(off_ms) <= gross_ms else "gross"
        where = "late" if off_ms > 0 else "early"
        words = f"{self.kind.name.capitalize()} placed {abs(off_ms):.2f} ms {where}, tolerance {self.tolerance_ms:.2f}."
        if verdict != "within":
            words += f" {self._on_the_way_up(placed_ms) or _taken_for(self.kind.code, off_ms)}"
        return PlacedMarker(
            placed_ms=placed_ms, true_ms=self.true_ms, tolerance_ms=self.tolerance_ms, verdict=verdict, words=words
        )

    def _on_the_way_up(self, placed_ms: float) -> str:
        """Where a late start stands on its response, measured on the trace; empty for other landmarks."""
        if not self.kind.code.endswith(("onset", "start")) or placed_ms <= self.true_ms:
            return ""
        times_ms = self.sweep.times_ms
        after = (times_ms >= self.true_ms) & (times_ms <= self.end_ms)
        risen_uv = np.interp(self.true_ms, times_ms, self.sweep.samples_uv) - self.sweep.samples_uv[after]
        heights_uv = np.abs(risen_uv) if self.kind.code == "muap_start" else risen_uv  # responses begin negative
        if not heights_uv.size:
            return ""
        peak_ms = float(times_ms[after][int(heights_uv.argmax())])
        if placed_ms >= peak_ms:
            return f"It stands behind the peak, at {peak_ms:.1f} ms. Go back along the trace to where it first leaves the baseline."
        share = float(np.interp(placed_ms, times_ms[after], heights_uv)) / max(float(heights_uv.max()), 1e-9)
        return (
            f"It sits on the slope, at {100 * share:.0f} % of the peak. Raise the gain and go back to where the "
            "trace first leaves the baseline."
        )


def _taken_for(code: str, off_ms: float) -> str:
    """What a marker off its landmark usually sits on, and what to try."""
    if code == "snap_peak":
        return "The peak is the top of the negative phase; raise the gain until it fills the screen."
    starts = code.endswith(("onset", "start"))
    if starts:
        return "The trace still lies on its baseline here: noise or the artefact was taken for the start."
    if off_ms > 0:
        return "The trace is back on its baseline before this: noise or slow drift was taken for the tail."
    return "A low slow tail goes on after this. Raise the gain before the end is marked."


def marker_item(code: str, seed: int = 0) -> MarkerItem:
    """Make one place-the-marker item.

    Parameters
    ----------
    code : str
        One of :func:`marker_kinds`.
    seed : int
        A new seed is a new person and response.

    Raises
    ------
    InputError
        If there is no such kind.
    """
    kinds = marker_kinds()
    if code not in kinds:
        raise InputError("no such kind of marker", got=repr(code), expected=f"one of {', '.join(kinds)}")
    rng = np.random.default_rng([int(seed), sorted(kinds).index(code)])
    maker = {"cmap": _motor, "snap": _sensory, "f": _f_wave, "muap": _unit}[code.split("_", maxsplit=1)[0]]
    for _ in range(20):
        found = maker(kinds[code], int(seed), rng)
        if found is not None:
            return found
    raise InputError("no response could be made for this seed", got=str(seed), way_out="take another seed")


def _person(rng: np.random.Generator) -> VirtualPatient:
    condition = str(rng.choice(PEOPLE))
    return VirtualPatient.with_condition(
        condition, side=None if condition == "normal" else "right", severity=None if condition == "normal" else "mild",
        age_years=float(rng.integers(25, 75)), height_cm=float(rng.integers(155, 190)), seed=int(rng.integers(2**31)),
        sex=str(rng.choice(["female", "male"])),
    )  # fmt: skip


def _of_response(
    kind: MarkerKind, seed: int, made: SimulatedSweep, *, true_ms: float | None, known: tuple[tuple[str, str], ...],
    rules_ms: tuple[tuple[str, float], ...], half_ms: float = 0.0,
) -> MarkerItem | None:  # fmt: skip
    truth = made.truth
    if true_ms is None or truth.onset_ms is None or truth.end_ms is None:
        return None
    return MarkerItem(
        kind=kind, seed=seed, sweep=made.sweep, true_ms=true_ms, tolerance_ms=max(kind.tolerance_ms, half_ms), rules_ms=rules_ms,
        known=known, start_ms=made.sweep.start_ms, end_ms=float(min(made.sweep.times_ms[-1], 1.3 * truth.end_ms + 2.0)),
        size_uv=float(np.ptp(truth.noise_free_uv)),
    )  # fmt: skip


def _motor(kind: MarkerKind, seed: int, rng: np.random.Generator) -> MarkerItem | None:
    from emgwidgets.analysis.ncs import measure_motor_response

    nerve, muscle, site = MOTOR[int(rng.integers(len(MOTOR)))]
    made = _person(rng).motor_study(nerve=nerve, muscle=muscle, side="right", site=site, trial=int(rng.integers(1000)))
    found = measure_motor_response(made.sweep)
    if isinstance(found, Absent):
        return None
    known = (("nerve", nerve), ("recorded from", muscle.replace("_", " ")), ("stimulated at", site))
    if kind.code == "cmap_onset":
        return _of_response(kind, seed, made, true_ms=made.truth.onset_ms, known=known, rules_ms=found.onset_rules_ms)
    ends = tuple(("software", one.time_ms) for one in found.markers if one.kind == "end")
    return _of_response(kind, seed, made, true_ms=made.truth.end_ms, known=known, rules_ms=ends)


def _sensory(kind: MarkerKind, seed: int, rng: np.random.Generator) -> MarkerItem | None:
    from emgwidgets.analysis.ncs import measure_sensory_response

    key = str(rng.choice(SENSORY))
    made = _person(rng).sensory_study(response=key, side="right", n_averaged=20, trial=int(rng.integers(1000)))
    found = measure_sensory_response(made.sweep)
    if isinstance(found, Absent):
        return None
    known = (("nerve", key.replace("_", " ")), ("averaged", "20 sweeps"))
    if kind.code == "snap_onset":
        latency = found.onset_latency_ms
        half_ms = 0.0 if latency.high is None or latency.low is None else (latency.high - latency.low) / 2
        return _of_response(
            kind, seed, made, true_ms=made.truth.onset_ms, known=known, rules_ms=found.onset_rules_ms, half_ms=half_ms
        )
    peaks = (("software", found.peak_latency_ms.value),)
    return _of_response(kind, seed, made, true_ms=made.truth.peak_ms, known=known, rules_ms=peaks)


def _f_wave(kind: MarkerKind, seed: int, rng: np.random.Generator) -> MarkerItem | None:
    person = _person(rng)
    waves = person.f_waves(nerve="median", muscle="abductor_pollicis_brevis", side="right", n_stimuli=10)
    seen = [one for one in waves if one.onset_ms is not None]
    if not seen:
        return None
    one = seen[int(rng.integers(len(seen)))]
    sweep, onset_ms = one.simulated.sweep, float(one.onset_ms or 0.0)
    return MarkerItem(
        kind=kind, seed=seed, sweep=sweep, true_ms=onset_ms, tolerance_ms=kind.tolerance_ms, rules_ms=(),
        known=(("nerve", "median"), ("stimulated at", "wrist"), ("height", f"{person.height_cm:.0f} cm")),
        start_ms=max(sweep.start_ms, onset_ms - float(rng.uniform(8.0, 12.0))), end_ms=onset_ms + float(rng.uniform(12.0, 18.0)),
        size_uv=400.0,
    )  # fmt: skip


def _unit(kind: MarkerKind, seed: int, rng: np.random.Generator) -> MarkerItem | None:
    from emgwidgets.analysis.needle import measure_muap
    from emgwidgets.simulation.practice.waveform_items import waveform_item

    item = waveform_item(str(rng.choice(UNITS)), 1, int(rng.integers(2**31)))
    trace = item.recording.trace(0)
    rate = trace.sampling_rate_hz
    # The item is about the unit that gives its events; it is the one whose peaks they are.
    own = min(item.truth.units, key=lambda one: _apart_s(one, item.events_s))
    shift_ms = BEFORE_MS + float(rng.uniform(0.0, 4.0))
    n, first = round(LENGTH_MS * rate / 1000), round(shift_ms * rate / 1000)
    starts = [round(float(t) * rate) - first for t in own.times_s]
    pieces = [trace.samples_uv[at : at + n] for at in starts if at >= 0 and at + n <= len(trace.samples_uv)][:N_SHOWN]
    if len(pieces) < N_SHOWN:
        return None
    discharges = np.array(pieces, dtype=np.float64)
    noise_uv = float(np.median(discharges.std(axis=0, ddof=1))) / np.sqrt(N_SHOWN)
    ends_ms, seen_ms = _ends_ms(own), _ends_ms(own, NOISE_TIMES * noise_uv)
    if ends_ms is None or seen_ms is None:
        return None
    found = measure_muap(discharges, sampling_rate_hz=rate, start_ms=0.0)
    side = 0 if kind.code == "muap_start" else 1
    return MarkerItem(
        kind=kind, seed=seed,
        sweep=Sweep(samples_uv=np.median(discharges, axis=0), sampling_rate_hz=rate, start_ms=0.0),
        true_ms=shift_ms + ends_ms[side], tolerance_ms=max(kind.tolerance_ms, abs(seen_ms[side] - ends_ms[side])),
        rules_ms=tuple((one.method, one.end_ms if side else one.onset_ms) for one in found.durations),
        known=(("needle", "concentric, 10 Hz to 9 kHz"), ("average of", f"{N_SHOWN} discharges")), start_ms=0.0, end_ms=LENGTH_MS,
        size_uv=own.amplitude_uv,
    )  # fmt: skip


def _apart_s(unit: UnitTruth, events_s: Sequence[float]) -> float:
    peaks = unit.times_s + unit.negative_peak_ms / 1000.0
    return float(np.abs(peaks[:, None] - np.asarray(events_s)[None, :]).min(axis=1).mean()) if len(peaks) else np.inf


def _ends_ms(unit: UnitTruth, least_uv: float = FLOOR_UV) -> tuple[float, float] | None:
    """First and last moment above the floor, or above the noise where that is more."""
    wave = np.abs(unit.recorded_uv)
    loud = np.flatnonzero(wave > max(least_uv, FLOOR_UV, FLOOR_SHARE * float(wave.max(initial=0.0))))
    step_ms = 1000.0 / unit.sampling_rate_hz
    return (float(loud[0]) * step_ms, float(loud[-1]) * step_ms) if len(loud) else None


def own_agreement(pairs_ms: Sequence[tuple[float, float]]) -> float | None:
    """Agreement of a learner with themselves: intraclass correlation of markers placed twice on the same items.

    Parameters
    ----------
    pairs_ms : sequence of (float, float)
        First and second placement on one item.

    Returns
    -------
    float or None
        ICC(1,1); None with fewer than 20 pairs (curriculum, section 4) or without spread between items.

    Notes
    -----
    One-way random effects: (MSB - MSW) / (MSB + MSW) with two placements an item.
    """
    if len(pairs_ms) < N_PAIRS_NEEDED:
        return None
    placed = np.asarray(pairs_ms, dtype=np.float64)
    between = 2.0 * float(np.var(placed.mean(axis=1), ddof=1))
    within = float(((placed[:, 0] - placed[:, 1]) ** 2 / 2).mean())
    return (between - within) / (between + within) if between + within > 0 else None
