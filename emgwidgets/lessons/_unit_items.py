"""Sheets of motor units: enlarged, small, normal, or too few to judge; and small units of two kinds told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emgwidgets import vocabulary
from emgwidgets.interpretation.reference import limit
from emgwidgets.lessons._people import known_of
from emgwidgets.lessons.item import Item, ItemTrace
from emgwidgets.lessons.unit_sheets import Sheet, unit_sheet, unit_sweep
from emgwidgets.model.signal import Side
from emgwidgets.model.verdict import Limit
from emgwidgets.simulation.patient import VirtualPatient

if TYPE_CHECKING:
    from emgwidgets.simulation.muscle.muscle_types import MuscleState

__all__ = ["process_item", "sheet_item"]

MUSCLE = "biceps_brachii"
SIDE: Side = "right"
NORMS = "multi_mup_norway"
#: Units a mean needs (needle.md 2.2); fewer and nothing is said.
ENOUGH = 20
#: True size of the units, against the same muscle in health, from which a muscle counts as enlarged or as small; internal
#: choices, beyond the spread of healthy muscles of the simulation.
LARGE_RATIO, SMALL_RATIO = 1.4, 0.8
#: Share of polyphasic units above which a muscle is called complex: 10-15 % is usual, tibialis anterior to 35 % (E2.1, M).
POLYPHASIC_PERCENT = 15.0
#: Distance of the cut from the muscle, so that the first axons have just arrived after five months; internal choice.
NERVE_CUT_MM = 120.0
SHOWN, LENGTH_MS = 10, 36.0

SHEET_OPTIONS = (
    "Normal",
    "Neurogenic: large, long or complex",
    "Fibre disease: short, small or complex for the force",
    "Cannot be judged",
)
PROCESS_OPTIONS = (
    "Normal",
    "Fibre disease with activity at rest",
    "Fibre disease, silent at rest",
    "Nerve growing back",
)


def _patient(row: Mapping[str, Any], seed: int) -> VirtualPatient:
    given = {"age_years": float(row.get("age_years", 44.0)), "seed": seed + 1}
    condition = str(row["condition"])
    side = SIDE if row.get("has_side") else None
    found = VirtualPatient.with_condition(condition, side=side, severity=row.get("severity"), **given)
    return found.on_day(float(row["day"])) if "day" in row else found


def _limits(measure: str) -> tuple[float, float]:
    """Limits of the mean; the age is that of every patient here, between 40 and 50."""
    found = limit(MUSCLE, measure, norm_set=NORMS, assume=("age", "convention"))
    assert isinstance(found, Limit)
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


def _words(sheet: Sheet) -> tuple[tuple[str, str], ...]:
    low_ms, high_ms = _limits("duration_ms")
    low_uv, high_uv = _limits("amplitude_uv")
    return (
        ("units", f"{len(sheet.units)} different"),
        ("mean duration", f"{sheet.mean_duration_ms:.1f} ms (limits {low_ms:.1f}-{high_ms:.1f}, multi-MUP, NOR, derived)"),
        ("mean amplitude", f"{sheet.mean_amplitude_uv:.0f} µV (limits {low_uv:.0f}-{high_uv:.0f})"),
        ("polyphasic", f"{sheet.polyphasic_percent:.0f} %"),
    )  # fmt: skip


def _traces(sheet: Sheet, seed: int) -> tuple[ItemTrace, ...]:
    units = sorted(sheet.units, key=lambda one: -one.shape.amplitude_uv)
    picked = units[:: max(len(units) // SHOWN, 1)][:SHOWN]
    return tuple(
        ItemTrace(label=f"unit {k}", sweep=unit_sweep(one.wave_uv, length_ms=LENGTH_MS, seed=seed + k), scale="unit")
        for k, one in enumerate(picked, start=1)
    )


def sheet_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item of the units of one muscle; ``n_units`` in the row stops the examiner early."""
    patient = _patient(row, seed)
    sheet = unit_sheet(patient, MUSCLE, SIDE, n=int(row.get("n_units", ENOUGH)), seed=seed)
    n, ratio = len(sheet.units), sheet.fibre_ratio
    truth = 3 if n < ENOUGH else 1 if ratio > LARGE_RATIO else 2 if ratio < SMALL_RATIO else 0
    feedback = _sheet_feedback(sheet)
    return Item(
        question="Biceps, slight effort, concentric needle. What do these units say?", options=SHEET_OPTIONS, truth=truth,
        feedback=feedback, why=_sheet_why(truth, ratio), traces=_traces(sheet, seed),
        known=(known_of(patient), ("muscle", vocabulary.muscle(MUSCLE).name), *_words(sheet)),
        found=(("fibres of a unit against health", f"{100 * ratio:.0f} %"),), end_ms=LENGTH_MS,
    )  # fmt: skip


def _sheet_feedback(sheet: Sheet) -> tuple[str, ...]:
    """For each option what the numbers say to it."""
    n = len(sheet.units)
    if n < ENOUGH:
        return (f"{n} units: a mean needs {ENOUGH}.",) * len(SHEET_OPTIONS)
    (low_ms, high_ms), (low_uv, high_uv) = _limits("duration_ms"), _limits("amplitude_uv")
    duration, size, complex_percent = sheet.mean_duration_ms, sheet.mean_amplitude_uv, sheet.polyphasic_percent
    is_within = low_ms <= duration <= high_ms
    lasts = f"mean duration {duration:.1f} ms, limits {low_ms:.1f}-{high_ms:.1f}"
    complexity = (
        f"{complex_percent:.0f} % polyphasic, over the 10-15 % of most muscles"
        if complex_percent > POLYPHASIC_PERCENT
        else f"{complex_percent:.0f} % polyphasic"
    )
    return (
        f"{lasts.capitalize()}, {'within' if is_within else 'beyond'}; {complexity}.",
        f"{lasts.capitalize()}; amplitude {size:.0f} µV, limits {low_uv:.0f}-{high_uv:.0f}; {complexity}.",
        f"{lasts.capitalize()}; {complexity}: {'short' if duration < low_ms else 'not short'}.",
        f"{n} different units are enough: {lasts}; {complexity}.",
    )


def _sheet_why(truth: int, ratio: float) -> str:
    if truth == 3:
        return (
            "With few units the mean follows the needle, not the muscle: withdraw, move on, and take 20 different ones."
        )
    if truth == 0:
        return "The units have as many fibres as in health; a few long or complex ones belong to every muscle."
    if truth == 1:
        return f"Each unit owns {ratio:.1f} times the fibres it had: neighbours have sprouted into what lost its nerve."
    return f"Each unit keeps {100 * ratio:.0f} % of its fibres: the fibres are ill, not the axon. Complexity alone does not tell the two apart."


def process_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item of a weak muscle: rest, units, and how many at which rate."""
    patient = _patient(row, seed)
    sheet = unit_sheet(
        patient, MUSCLE, SIDE, seed=seed, state=_growing_back(seed) if row.get("is_growing_back") else None
    )
    is_ill = sheet.fibre_ratio < SMALL_RATIO
    truth = 3 if row.get("is_growing_back") else 0 if not is_ill else 1 if sheet.rest else 2
    rest = ", ".join(kind.replace("_", " ") for kind in sheet.rest) or "silent"
    drive = f"{sheet.n_firing} units are called up for 5 % of the healthy force, the fastest near the needle at {sheet.fastest_rate_hz:.0f}/s"
    units = f"mean duration {sheet.mean_duration_ms:.1f} ms, {sheet.polyphasic_percent:.0f} % polyphasic"
    feedback = tuple(
        _process_feedback(option, rest, drive, units, bool(sheet.rest)) for option in range(len(PROCESS_OPTIONS))
    )
    return Item(
        question="A weak arm. Which process fits this biceps?", options=PROCESS_OPTIONS, truth=truth, feedback=feedback,
        why=_process_why(truth, rest, drive, sheet.fibre_ratio), traces=_traces(sheet, seed),
        known=(known_of(patient), ("at rest, 4 s", rest), *_words(sheet), ("recruitment", drive)),
        found=(("fibres of a unit against health", f"{100 * sheet.fibre_ratio:.0f} %"),), end_ms=LENGTH_MS,
    )  # fmt: skip


def _growing_back(seed: int) -> MuscleState:
    """Biceps five months after its whole nerve was cut close to it, its axons regrown into a few of their fibres."""
    from emgwidgets.simulation.muscle.muscle import muscle_state

    return muscle_state(
        muscle=MUSCLE,
        seed=seed,
        age_years=44.0,
        axon_loss_share=1.0,
        day=150.0,
        lesion_distance_mm=NERVE_CUT_MM,
        regrowth=True,
    )


def _process_feedback(option: int, rest: str, drive: str, units: str, is_active: bool) -> str:
    if option == 0:
        return f"At rest: {rest}. {drive}; {units}."
    if option == 1:
        return f"At rest: {rest}{'' if is_active else ', where activity would be expected'}. {drive}."
    if option == 2:
        return f"At rest: {rest}{', so not silent' if is_active else ''}. {drive}; {units}."
    return f"{drive}: growing nerve gives few units that fire fast. {units.capitalize()}."


def _process_why(truth: int, rest: str, drive: str, ratio: float) -> str:
    if truth == 0:
        return f"Nothing is beyond its limit, and {drive}: normal in the muscle that was tested."
    if truth in (1, 2):
        more = (
            f"with {rest} at rest. Myositis shows it in 66-79 %, fibre disease without inflammation in 30 % (E4, read)"
            if truth == 1
            else "silent at rest, which does not exclude inflammation (21-34 % of myositis, derived)"
        )
        return f"Many units for little force, each with {100 * ratio:.0f} % of its fibres: {more}."
    return f"Few units, fast for the force ({drive}), complex: the axon is back and owns only what it has reached yet."
