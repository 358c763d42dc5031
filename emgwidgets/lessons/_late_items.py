"""Sets of F waves: late for this height, as expected, or too few to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from emgwidgets.analysis.ncs import measure_f_waves, measure_motor_response
from emgwidgets.analysis.ncs.late import FWaveSet
from emgwidgets.lessons._people import known_of, person
from emgwidgets.lessons.item import Item, ItemTrace
from emgwidgets.model.measure import Absent, Measure
from emgwidgets.model.signal import Sweep
from emgwidgets.simulation.patient import VirtualPatient

__all__ = ["late_item"]

OPTIONS = ("As expected for this height", "Late: slow between wrist and cord", "Cannot be judged: too few F waves")
#: F waves a set needs for its latencies (ncs.S31: 10 stimuli come within 1 ms of the truth).
ENOUGH = 10
#: Extra time from wrist to cord, against the same person without the lesion, that makes an item late; internal choice,
#: several times the spread of a minimum of 20 F waves.
LATE_SHARE = 0.10
SHOWN = 10
#: Where F waves of the hand are looked for: from 20 ms, or this long after the M wave and its slow tail, to 58 ms; internal
#: choice.
FIRST_MS, AFTER_M_MS, LAST_MS = 20.0, 4.0, 58.0


@dataclass(frozen=True, kw_only=True, eq=False)
class _Set:
    """A set of F waves: measured, and as it is."""

    sweeps: tuple[Sweep, ...]
    found: FWaveSet | Absent
    true_onsets_ms: tuple[float, ...]

    @property
    def central_ms(self) -> float | None:
        """True time from the wrist to the cord, (F - M - 1) / 2, with the measured M; None without an F wave."""
        if isinstance(self.found, Absent) or not self.true_onsets_ms:
            return None
        return (min(self.true_onsets_ms) - self.found.m_wave.onset_latency_ms.value - 1.0) / 2.0


def _f_set(patient: VirtualPatient, n: int) -> _Set:
    made = patient.f_waves(nerve="ulnar", muscle="abductor_digiti_minimi_hand", side="right", site="wrist", n_stimuli=n)
    sweeps = tuple(one.simulated.sweep for one in made)
    direct = measure_motor_response(sweeps[0], window_ms=(0.8, FIRST_MS))
    end_ms = 0.0 if isinstance(direct, Absent) else direct.markers[-1].time_ms
    found = measure_f_waves(sweeps, window_ms=(max(FIRST_MS, end_ms + AFTER_M_MS), LAST_MS))
    return _Set(
        sweeps=sweeps, found=found, true_onsets_ms=tuple(one.onset_ms for one in made if one.onset_ms is not None)
    )


def late_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item of a set of F waves of the ulnar nerve at the wrist."""
    patient, n = person(row, seed), int(row.get("n_stimuli", 20))
    one, well = _f_set(patient, n), _f_set(replace(patient, lesions=(), condition="normal"), 20)
    sweeps, found, healthy = one.sweeps, one.found, well.found
    time_ms, usual_ms = one.central_ms, well.central_ms
    assert usual_ms is not None
    extra = None if time_ms is None else time_ms / usual_ms - 1.0
    n_found = 0 if isinstance(found, Absent) else sum(not isinstance(one, Absent) for one in found.waves)
    truth = 2 if n_found < ENOUGH or extra is None else int(extra >= LATE_SHARE)
    shortest = _text(found)
    facts = {
        "n": n_found,
        "given": n,
        "shortest": shortest,
        "usual": _text(healthy),
        "extra": extra,
        "time": time_ms,
        "usual_time": usual_ms,
    }
    return Item(
        question="Late for this height?", options=OPTIONS, truth=truth, feedback=_feedback(facts, patient.height_cm),
        why=_why(truth, facts),
        traces=tuple(ItemTrace(label=f"{i}", sweep=sweep, scale="F") for i, sweep in enumerate(sweeps[:SHOWN], start=1)),
        known=(known_of(patient), ("study", "ulnar nerve, wrist, 200 µV a division"), ("stimuli", f"{n}"),
               ("F waves found", f"{n_found}"), ("shortest", shortest), ("M", _m_text(found))),
        found=(("wrist to cord", "no F wave" if time_ms is None else f"{time_ms:.1f} ms"), ("the same person without a lesion", f"{usual_ms:.1f} ms")),
        start_ms=18.0, end_ms=48.0,
    )  # fmt: skip


def _text(found: FWaveSet | Absent) -> str:
    if isinstance(found, Absent) or not isinstance(found.min_latency_ms, Measure):
        return "none"
    return f"{found.min_latency_ms.value:.1f} ms"


def _m_text(found: FWaveSet | Absent) -> str:
    return "none" if isinstance(found, Absent) else f"{found.m_wave.onset_latency_ms.value:.1f} ms"


def _feedback(facts: Mapping[str, Any], height_cm: float) -> tuple[str, ...]:
    count = f"{facts['n']} F waves of {facts['given']} stimuli"
    if facts["n"] < ENOUGH or facts["extra"] is None:
        few = f"{count}: the shortest F of a set this small is not the shortest there is"
        return (f"{few}, so it cannot be called normal.", f"{few}, so it cannot be called late.", f"{few}.")
    at = f"shortest F {facts['shortest']} at {height_cm:.0f} cm; this nerve, healthy, gives {facts['usual']}"
    is_late = facts["extra"] >= LATE_SHARE
    return (
        f"{_capital(at)}{': more than the height explains' if is_late else ''}.",
        f"{_capital(at)}{'' if is_late else ': the path is long, not slow'}.",
        f"{count}: enough for a shortest latency (10 stimuli come within 1 ms, ncs.S31).",
    )


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _why(truth: int, facts: Mapping[str, Any]) -> str:
    if truth == 2:
        return "Give 20 stimuli or more and count: persistence is a finding too. Few F waves may be technique, relaxation or a block."
    extra = 100.0 * facts["extra"]
    if truth == 1:
        return f"From wrist to cord the fastest axons need {facts['time']:.1f} ms, {extra:.0f} % more than without the lesion. A long path sums what short segments hide."
    return f"From wrist to cord the fastest axons need {facts['time']:.1f} ms, {extra:+.0f} % against the same person without a lesion. A normal F wave does not clear a root: one root is a small part of the path."
