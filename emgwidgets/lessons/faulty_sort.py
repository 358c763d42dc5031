"""A decomposition with planted faults, for repair by edits, and its agreement with the trains that were simulated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.analysis.needle.decomposition import Train, build_result
from emgwidgets.analysis.needle.edits import apply_edits
from emgwidgets.analysis.needle.matching import match_units, pair_times
from emgwidgets.model.needle_analysis import DecompositionResult, Edit
from emgwidgets.simulation.patient import VirtualPatient

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.model.signal import Recording
    from emgwidgets.simulation.muscle.needle import NeedleSimulation

__all__ = [
    "FaultySort",
    "SortRow",
    "SortVerdict",
    "TrueTrain",
    "faulty_sort",
    "judge_sort",
    "residual_peaks",
    "true_trains",
]

#: Agreement each unit needs, and the edits that may be used (curriculum, lesson 27; proposals of this project).
PASS_AGREEMENT, MOST_EDITS = 0.95, 12
#: A unit whose recorded peak stays below the RMS of the signal is not asked for (as in the benchmark of decomposition).
LEAST_RATIO = 1.0
LEAST_DISCHARGES = 20
EDGE_S = 0.03  # potentials cut by the end of the stretch are no discharges to find
TOLERANCE_MS = 1.0  # science 3.11
#: Sizes of the planted faults; internal choices: each brings its unit below the agreement asked for.
N_PIECE, N_GIVEN, N_FALSE, N_MISSING = 9, 7, 6, 4
N_UNITS = 5
APART_S = 0.003
PEAK_GAP_S = 0.02
LEAST_ELSEWHERE = 4  # fewer coincide by chance


@dataclass(frozen=True, kw_only=True, eq=False)
class TrueTrain:
    """Discharges of a simulated unit at the peak of its potential, and that peak over the RMS of the signal."""

    times_s: NDArray[np.float64] = field(repr=False)
    size_to_rms: float


@dataclass(frozen=True, kw_only=True)
class SortRow:
    """One true unit: the unit found for it, and how far the two trains agree."""

    found: str
    size_to_rms: float
    n_true: int
    n_hits: int
    n_missed: int
    n_false: int
    #: Units in which missed discharges stand, with how many.
    elsewhere: tuple[tuple[str, int], ...] = ()

    @property
    def agreement(self) -> float:
        """Hits over hits, missed and false; 0 where no unit was found."""
        return self.n_hits / (self.n_hits + self.n_missed + self.n_false) if self.found else 0.0


@dataclass(frozen=True, kw_only=True)
class SortVerdict:
    """Every true unit beside what was found, the units without any counterpart, and the edits that were used."""

    rows: tuple[SortRow, ...]
    false_units: tuple[str, ...]
    n_edits: int
    explained_share: float

    @property
    def least_agreement(self) -> float:
        """Agreement of the unit that agrees least."""
        return min((row.agreement for row in self.rows), default=0.0)

    @property
    def is_repaired(self) -> bool:
        """Whether every unit agrees, no train is false, and the edits sufficed."""
        return self.least_agreement >= PASS_AGREEMENT and not self.false_units and self.n_edits <= MOST_EDITS

    def __str__(self) -> str:
        lines = [f"{len(self.rows)} true units, the largest first; {100 * self.explained_share:.0f} % explained"]
        lines += [_line(row) for row in self.rows]
        if self.false_units:
            lines.append(f"  without any counterpart: unit {', '.join(self.false_units)}")
        return "\n".join(lines)

    def feedback(self) -> str:
        """What the edits have reached, and what is still wrong."""
        head = f"{self.n_edits} of {MOST_EDITS} edits; least agreement {self.least_agreement:.2f}, asked for {PASS_AGREEMENT:.2f}"
        if self.is_repaired:
            return f"Repaired: {head}; no false unit.\n{self}"
        state = "Too many edits" if self.n_edits > MOST_EDITS else "Not yet"
        return f"{state}: {head}; false units: {len(self.false_units)}.\n{self}"


def _line(row: SortRow) -> str:
    head = f"  {row.size_to_rms:4.1f} x RMS, {row.n_true:3d} discharges: "
    if not row.found:
        return head + "not found"
    stand = "".join(f"; {n} of the missed stand in unit {label}" for label, n in row.elsewhere)
    return f"{head}unit {row.found}, agreement {row.agreement:.2f} ({row.n_missed} missed, {row.n_false} false{stand})"


@dataclass(frozen=True, kw_only=True, eq=False)
class FaultySort:
    """A stretch, a sort of it with faults, and what is true.

    Parameters
    ----------
    recording : Recording
    result : DecompositionResult
        With the faults and without any edit: a reader's edits count from here.
    truth : tuple of TrueTrain
        The largest first.
    faults : tuple of str
        What was planted, in words; for the end of the exercise.
    repairs : tuple of Edit
        One way to undo it all.
    """

    recording: Recording = field(repr=False)
    result: DecompositionResult = field(repr=False)
    truth: tuple[TrueTrain, ...]
    faults: tuple[str, ...]
    repairs: tuple[Edit, ...] = field(repr=False)

    def judge(self, result: DecompositionResult | None = None) -> SortVerdict:
        """Agreement of a result, or of the faulty sort itself, with what was simulated."""
        return judge_sort(self.result if result is None else result, self.truth)


def true_trains(made: NeedleSimulation, *, least_size_ratio: float = LEAST_RATIO) -> tuple[TrueTrain, ...]:
    """Units of a simulation whose recorded peak is ``least_size_ratio`` times the RMS of the signal or more, the largest first."""
    trace = made.recording.trace(0)
    rms = float(trace.samples_uv.std())
    last_s = trace.start_s + len(trace.samples_uv) / trace.sampling_rate_hz - EDGE_S
    found = []
    for unit in made.truth.units:
        peak = int(np.abs(unit.recorded_uv).argmax())
        times_s = np.sort(unit.times_s + peak / unit.sampling_rate_hz)
        times_s = times_s[(times_s > trace.start_s + EDGE_S) & (times_s < last_s)]
        ratio = float(np.abs(unit.recorded_uv[peak]) / rms)
        if len(times_s) >= LEAST_DISCHARGES and ratio >= least_size_ratio:
            found.append(TrueTrain(times_s=times_s, size_to_rms=ratio))
    return tuple(sorted(found, key=lambda one: -one.size_to_rms))


def judge_sort(result: DecompositionResult, truth: Sequence[TrueTrain]) -> SortVerdict:
    """Compare the units of a decomposition with true trains by the rules of ``emg.needle.match_units``.

    A true unit below the RMS of the signal is not asked for: it makes a found train no false one, and is listed only then.
    """
    units = result.units
    rows, false = [], []
    for match in match_units([one.times_s for one in units], [one.times_s for one in truth]):
        if match.reference is None:
            false.append(units[match.found or 0].label)
            continue
        one, agreed = truth[match.reference], match.agreement
        if agreed is None and one.size_to_rms < LEAST_RATIO:
            continue
        if match.found is None or agreed is None:
            rows.append(SortRow(found="", size_to_rms=one.size_to_rms, n_true=len(one.times_s), n_hits=0,
                                n_missed=len(one.times_s), n_false=0))  # fmt: skip
            continue
        missed = np.delete(one.times_s, agreed.pairs[:, 1])
        others = [(unit.label, len(pair_times(unit.times_s + agreed.offset_ms / 1000, missed, tolerance_ms=TOLERANCE_MS)))
                  for n, unit in enumerate(units) if n != match.found]  # fmt: skip
        rows.append(SortRow(
            found=units[match.found].label, size_to_rms=one.size_to_rms, n_true=len(one.times_s), n_hits=agreed.n_hits,
            n_missed=agreed.n_missed, n_false=agreed.n_false, elsewhere=tuple(pair for pair in others if pair[1] >= LEAST_ELSEWHERE),
        ))  # fmt: skip
    return SortVerdict(
        rows=tuple(rows), false_units=tuple(false), n_edits=len(result.edits), explained_share=result.explained_share
    )


def residual_peaks(result: DecompositionResult, *, n: int) -> tuple[float, ...]:
    """Times of the ``n`` largest deflections that no unit explains, at least 20 ms from one another, in order.

    As a unit of their own they make the residual smaller, whatever they are.
    """
    left = np.abs(result.residual_uv)
    gap = round(PEAK_GAP_S * result.sampling_rate_hz)
    found: list[int] = []
    while len(found) < n and left.max() > 0:
        found.append(int(left.argmax()))
        left[max(found[-1] - gap, 0) : found[-1] + gap] = 0.0
    return tuple(result.start_s + place / result.sampling_rate_hz for place in sorted(found))


def faulty_sort(seed: int = 0) -> FaultySort:
    """Plant six faults in a true sort: a unit in halves, a piece cut off, a run given away, gaps, false discharges, a false unit.

    Parameters
    ----------
    seed : int
        Another seed gives other discharges and other labels; five units of a healthy biceps at slight effort.
    """
    patient = VirtualPatient(age_years=30, seed=27)
    made = patient.needle(muscle="biceps_brachii", side="right", effort=0.003, duration_s=5.0, seed=270 + seed)
    truth = true_trains(made)[:N_UNITS]
    rng = np.random.default_rng([seed, 27])
    labels = [str(n) for n in 1 + rng.permutation(len(truth) + 3)]
    trace = made.recording.trace(0)
    rate = trace.sampling_rate_hz
    trains = [Train(label, (one.times_s - trace.start_s) * rate, np.ones(len(one.times_s)))
              for label, one in zip(labels, truth, strict=False)]  # fmt: skip
    base = build_result(trace.samples_uv, trains, trace=trace)
    planted, repairs, words = _faults([one.times_s for one in truth], labels, rng)
    faulty = apply_edits(base, planted)
    ordered = tuple(sorted(faulty.units, key=lambda unit: int(unit.label)))
    return FaultySort(
        recording=made.recording, result=replace(faulty, units=ordered, edits=()), truth=truth, faults=words,
        repairs=repairs,
    )  # fmt: skip


def _faults(
    trains: Sequence[NDArray[np.float64]], labels: Sequence[str], rng: np.random.Generator
) -> tuple[tuple[Edit, ...], tuple[Edit, ...], tuple[str, ...]]:
    """Edits that plant the faults, edits that undo them, and the faults in words."""
    first, second, third, fourth, fifth, half, piece, ghost = labels
    alone = [one[_is_alone(one, [other for other in trains if other is not one])] for one in trains]
    halved = trains[1][rng.permutation(len(trains[1]))[: len(trains[1]) // 2]]
    cut = _run(trains[2], N_PIECE, rng)
    given = _run(trains[3], N_GIVEN, rng)
    gaps = np.sort(rng.choice(alone[0], N_MISSING, replace=False))
    every = np.sort(np.concatenate(trains))
    wrong = _empty_times(every, N_FALSE, rng)
    noise = _noise_train(every, rng)
    made = (
        Edit(kind="split", unit=second, other=half, times_s=tuple(halved)),
        Edit(kind="split", unit=third, other=piece, times_s=tuple(cut)),
        Edit(kind="move", unit=fourth, other=first, times_s=tuple(given)),
        Edit(kind="delete", unit=first, times_s=tuple(gaps)),
        Edit(kind="add", unit=fifth, times_s=tuple(wrong)),
        Edit(kind="add", unit=ghost, times_s=tuple(noise)),
    )
    undone = (
        Edit(kind="merge", unit=second, other=half),
        Edit(kind="merge", unit=third, other=piece),
        Edit(kind="move", unit=first, other=fourth, times_s=tuple(given)),
        *(Edit(kind="add", unit=first, times_s=(float(time),)) for time in gaps),
        Edit(kind="delete", unit=fifth, times_s=tuple(wrong)),
        Edit(kind="delete", unit=ghost),
    )
    words = (
        f"units {second} and {half} are one unit in two halves: merge", f"unit {piece} is a piece of unit {third}: merge",
        f"{N_GIVEN} discharges of unit {fourth} stand in unit {first}: give them back",
        f"{N_MISSING} discharges of unit {first} are missing: add them where the residual is large",
        f"{N_FALSE} discharges of unit {fifth} are noise: delete them",
        f"unit {ghost} is noise that was averaged: delete it",
    )  # fmt: skip
    return made, undone, words


def _run(train: NDArray[np.float64], n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    start = int(rng.integers(0, len(train) - n))
    return train[start : start + n]


def _is_alone(train: NDArray[np.float64], others: Sequence[NDArray[np.float64]]) -> NDArray[np.bool_]:
    """Discharges that stand apart from every other unit, so that a gap shows in the residual."""
    every = np.sort(np.concatenate(list(others)))
    near = np.abs(every[np.clip(np.searchsorted(every, train)[:, None] + [-1, 0], 0, len(every) - 1)] - train[:, None])
    return np.asarray(near.min(axis=1) > APART_S)


def _empty_times(every: NDArray[np.float64], n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Times at which no unit discharged, at least 50 ms from one another."""
    drawn = rng.permutation(np.arange(every[0], every[-1], 0.05) + rng.uniform(0, 0.02))
    return np.asarray(np.sort(drawn[_is_alone(drawn, [every])][:n]), dtype=np.float64)


def _noise_train(every: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """A train about as even as a unit's, at times at which no unit discharged."""
    steps = rng.normal(0.095, 0.012, 60).clip(0.05, 0.14)
    times = every[0] + np.cumsum(steps)
    times = times[times < every[-1]]
    return np.asarray(times[_is_alone(times, [every])], dtype=np.float64)
