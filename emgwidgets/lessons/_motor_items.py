"""Motor responses at two sites: judged, or refused for want of a plateau."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emgwidgets.analysis.ncs import measure_motor_response
from emgwidgets.analysis.ncs.plateau import STEP_UP
from emgwidgets.interpretation.reference import limit
from emgwidgets.lessons._people import known_of, person
from emgwidgets.lessons.item import Item, ItemTrace
from emgwidgets.model.measure import Absent
from emgwidgets.model.verdict import Limit
from emgwidgets.simulation.nerve.pathway import study
from emgwidgets.simulation.nerve.recording_setup import SimulatedSweep
from emgwidgets.simulation.nerve.stimulation import Pulse
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.work_up import subject_of

__all__ = ["motor_item"]

OPTIONS = ("Within limits", "Falls between the sites: block", "Small at both sites: axons lost", "Cannot be judged")
#: Share of axons that must have fired for a response to count as maximal (curriculum, lesson 10; internal choice).
MAXIMAL_SHARE = 0.95
#: Share of the axons that stop between the sites from which an item is a block; internal choice, above healthy spread.
BLOCKED_SHARE = 0.2
#: Currents of the search, 3 % apart from 5 to 80 mA.
CURRENTS_MA = tuple(5.0 * 1.03**step for step in range(94))
STRONGEST_MA = 100.0


@dataclass(frozen=True, kw_only=True, eq=False)
class _Site:
    """The kept response of a site and the one 20 % weaker."""

    site: str
    weak: SimulatedSweep
    kept: SimulatedSweep
    current_ma: float
    fired_share: float
    """Share of the axons that the strongest stimulus fires."""

    @property
    def words(self) -> str:
        return self.site.replace("_", " ")

    @property
    def place(self) -> str:
        """Such as "at the wrist" or "above the elbow"."""
        first, _, rest = self.words.partition(" ")
        return f"{first} the {rest}" if first in ("above", "below") else f"at the {self.words}"

    @property
    def arrives(self) -> float:
        return float(self.kept.truth.conducted.mean())

    @property
    def size_mv(self) -> float:
        return _size_mv(self.kept)

    @property
    def growth(self) -> float:
        """Share of the kept response that the last 20 % of current added."""
        return 1.0 - _size_mv(self.weak) / self.size_mv if self.size_mv > 0 else 0.0

    @property
    def growth_text(self) -> str:
        weak_ma = self.current_ma / STEP_UP
        return f"from {weak_ma:.1f} to {self.current_ma:.1f} mA the response {self.place} grew from {_size_mv(self.weak):.1f} to {self.size_mv:.1f} mV"

    @property
    def marks(self) -> tuple[tuple[str, float], ...]:
        wave = measure_motor_response(self.kept.sweep)
        return () if isinstance(wave, Absent) else tuple(zip("OP", [m.time_ms for m in wave.markers[:2]], strict=True))


def _size_mv(one: SimulatedSweep) -> float:
    wave = measure_motor_response(one.sweep)
    return 0.0 if isinstance(wave, Absent) else wave.amplitude_mv.value


def _site(patient: VirtualPatient, key: str, site: str, aim: float) -> _Site:
    """Raise the current until this share of the axons fires; a maximal one gets 20 % on top."""
    one = study(key)

    def shot(current_ma: float, trial: int) -> SimulatedSweep:
        pulse = Pulse(current_ma=current_ma, pulse_width_ms=0.2)
        return patient.motor_study(
            nerve=one.data["nerve"], muscle=one.target, side="right", site=site, pulse=pulse, trial=trial
        )

    n_most = max(int(shot(STRONGEST_MA, 1).truth.activated.sum()), 1)

    def fired(one: SimulatedSweep) -> float:
        return float(one.truth.activated.sum()) / n_most

    place = bisect_left(CURRENTS_MA, aim, key=lambda ma: fired(shot(ma, 1)))
    current = CURRENTS_MA[place] if place < len(CURRENTS_MA) else STRONGEST_MA
    if aim >= 1.0:
        current = min(current * STEP_UP, STRONGEST_MA)
    kept = shot(current, 3)
    return _Site(site=site, weak=shot(current / STEP_UP, 2), kept=kept, current_ma=current, fired_share=fired(kept))


def _truth(distal: _Site, proximal: _Site, low_mv: float) -> int:
    if min(distal.fired_share, proximal.fired_share) < MAXIMAL_SHARE:
        return 3
    if distal.arrives - proximal.arrives >= BLOCKED_SHARE * distal.arrives:
        return 1
    return 2 if distal.kept.truth.amplitude_uv / 1000.0 < low_mv else 0


def motor_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item of two sites; ``fired`` in the row stops the proximal ramp at that share of the axons."""
    patient, key = person(row, seed), row.get("study", "median_apb")
    distal = _site(patient, key, row.get("distal", "wrist"), 1.0)
    proximal = _site(patient, key, row.get("proximal", "elbow"), row.get("fired", 1.0))
    found = limit(key, "amplitude_mv", subject=subject_of(patient), convention="baseline_to_peak", site=distal.site)
    low_mv = found.low if isinstance(found, Limit) and found.low is not None else 0.0
    truth = _truth(distal, proximal, low_mv)
    fall = 100.0 * (1.0 - proximal.size_mv / distal.size_mv)
    return Item(
        question="What does this motor study say?", options=OPTIONS, truth=truth,
        feedback=_feedback(truth, distal, proximal, fall, low_mv), why=_why(truth, distal, proximal),
        traces=tuple(_trace(site, kept) for site in (distal, proximal) for kept in (False, True)),
        known=(known_of(patient), ("study", study(key).target.replace("_", " ")),
               *((f"{site.words}", f"{site.size_mv:.1f} mV at {site.current_ma:.1f} mA") for site in (distal, proximal)),
               ("limit", f"{low_mv:g} mV or more at the {distal.words} (aanem_2016, unverified)")),
        found=(("fall", f"{fall:.0f} %"), *((f"added by the last 20 % of current, {s.words}", f"{max(100 * s.growth, 0.0):.0f} %") for s in (distal, proximal)),
               *((f"axons fired, {s.words}", f"{100 * s.fired_share:.0f} %") for s in (distal, proximal))),
        end_ms=30.0 if key == "tibial_ah" else 20.0,
    )  # fmt: skip


def _trace(site: _Site, is_kept: bool) -> ItemTrace:
    current = site.current_ma if is_kept else site.current_ma / STEP_UP
    one = site.kept if is_kept else site.weak
    return ItemTrace(
        label=f"{site.words}, {current:.1f} mA", sweep=one.sweep, marks=site.marks if is_kept else (), scale="motor"
    )


def _feedback(truth: int, distal: _Site, proximal: _Site, fall: float, low_mv: float) -> tuple[str, ...]:
    rise = max((distal, proximal), key=lambda site: site.growth)
    grew = f"{rise.growth_text[0].upper()}{rise.growth_text[1:]}"
    if truth == 3:
        return (
            f"{grew}: no plateau, so nobody knows how large it can be.", f"{grew}: no plateau, so not a block.",
            f"{grew}: no plateau, and {distal.place} there are {distal.size_mv:.1f} mV: not axon loss.", f"{grew}: no plateau.",
        )  # fmt: skip
    told = (
        f"{distal.size_mv:.1f} mV {distal.place} (limit {low_mv:g}), {fall:.0f} % less {proximal.place}",
        f"The response falls by {fall:.0f} % from {distal.words} to {proximal.words}",
        f"{distal.size_mv:.1f} mV {distal.place} against a limit of {low_mv:g} mV",
        f"The last 20 % of current added {max(100 * rise.growth, 0):.0f} % at most: a plateau at both sites, so it can be judged",
    )
    ends = (": not within limits", ": no block", ": not small" if truth == 0 else ": enough axons here", "")
    return tuple(f"{text}{'' if i == truth else ends[i]}." for i, text in enumerate(told))


def _why(truth: int, distal: _Site, proximal: _Site) -> str:
    least = min((distal, proximal), key=lambda site: site.fired_share)
    stopped = 100.0 * (1.0 - proximal.arrives / max(distal.arrives, 1e-9))
    return (
        "All axons fired at both sites and all arrived; a healthy arm loses 18 to 22 % of its amplitude on the way, from dispersion (ncs.S46).",
        f"All axons fired at both sites, but {stopped:.0f} % of those that reach the muscle from {distal.words} do not reach it from {proximal.words}.",
        "All axons that are left fired at both sites, and none stops on the way: too few are left.",
        f"Only {100 * least.fired_share:.0f} % of the axons had fired {least.place}. Raise the current until 20 % more adds nothing, then compare.",
    )[truth]  # fmt: skip
