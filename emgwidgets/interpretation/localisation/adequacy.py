"""Whether a study can carry the explanation it favours: the screens, the ganglion, the second nerve, the time.  No ranking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from emgwidgets import vocabulary
from emgwidgets.interpretation._tables import studies
from emgwidgets.interpretation.facts import body_region
from emgwidgets.interpretation.localisation.anatomy import share
from emgwidgets.interpretation.localisation.effects import DISTAL
from emgwidgets.interpretation.localisation.observation import Observation
from emgwidgets.model.localisation import Adequacy, Candidate
from emgwidgets.sources import Cited

__all__ = ["Examined", "adequacy", "examined", "screen_gaps"]

#: Muscles of a screen with paraspinals, and without (DIL1, DIL2: 94 to 100 % and 90 to 95 % of what needle EMG can confirm).
SCREEN_WITH, SCREEN_WITHOUT = 6, 8
#: Days before which limb muscles may not yet show what axon loss does (needle section 4: proximal about 14, distal 21 and more).
EARLY_DAYS = 21.0
SCREENS = (Cited(key="DIL1"), Cited(key="DIL2"), Cited(key="AAC"))


@dataclass
class Examined:
    """What was examined: muscles with their side, sensory and motor studies, trains."""

    muscles: set[tuple[str, str]] = field(default_factory=set)
    abnormal: set[tuple[str, str]] = field(default_factory=set)
    sensory: set[tuple[str, str]] = field(default_factory=set)
    motor: set[tuple[str, str]] = field(default_factory=set)
    has_train: bool = False
    abnormal_ncs: set[tuple[str, str]] = field(default_factory=set)

    def region(self, region: str, sides: Sequence[str]) -> list[str]:
        """Muscles of a body region on some sides."""
        return [one for one, side in sorted(self.muscles) if side in sides and body_region(one) == region]

    def limb(self, limb: str, sides: Sequence[str]) -> list[str]:
        """Sensory studies of a limb on some sides."""
        return [one for one, side in sorted(self.sensory) if side in sides and limb_of(one) == limb]


def limb_of(study: str) -> str:
    """``"arm"``, ``"leg"``, ``"head"`` or ``"neck"`` of a nerve conduction study; empty for one the table lacks."""
    known = studies().get(study)
    return known.limb if known else ""


def examined(found: Sequence[Observation]) -> Examined:
    """Collect what the observations come from."""
    made = Examined()
    for one in found:
        place = (one.study, one.side)
        if one.kind == "needle":
            made.muscles.add(place)
            if one.is_abnormal and one.about in {"fibrillation", "large", "recruitment", "small"}:
                made.abnormal.add(place)
        elif one.kind in {"sensory", "motor"} and one.side:
            (made.sensory if one.kind == "sensory" else made.motor).add(place)
            if one.is_abnormal:
                made.abnormal_ncs.add(place)
        elif one.kind == "rns":
            made.has_train = True
    return made


def _region_of(candidate: Candidate) -> str:
    """``"cervical"`` or ``"lumbosacral"`` by the muscles a candidate supplies."""
    for element in candidate.elements:
        for muscle in vocabulary.muscles().values():
            if muscle.is_beyond(element) and not muscle.is_paraspinal:
                return body_region(muscle.code)
    return ""


def screen_gaps(seen: Examined, region: str, sides: Sequence[str]) -> list[str]:
    """What the muscle screen of a limb lacks, one sentence each; empty when it is complete."""
    muscles = seen.region(region, sides)
    spinal = [one for one in muscles if vocabulary.muscle(one).is_paraspinal]
    limb = [one for one in muscles if not vocabulary.muscle(one).is_paraspinal]
    if len(limb) >= SCREEN_WITHOUT or (spinal and len(muscles) >= SCREEN_WITH):
        return []
    where = "arm" if region == "cervical" else "leg"
    has = f"Limb muscles examined in the {where}: {len(limb)}, {'with' if spinal else 'without'} paraspinals"
    return [f"{has}; a screen needs {SCREEN_WITH} with paraspinals or {SCREEN_WITHOUT} without."]


def _root_gaps(candidate: Candidate, seen: Examined, region: str) -> list[str]:
    gaps = screen_gaps(seen, region, candidate.sides)
    limb = "arm" if region == "cervical" else "leg"
    if not seen.limb(limb, candidate.sides):
        gaps.append("No sensory response of the limb was tested, so a lesion beyond the ganglion is not separated.")
    for element in (one for one in candidate.elements if one.startswith("root_")):
        own = [one for one in seen.abnormal if one[1] in candidate.sides and share("needle", one[0], element) > 0.15]
        limb_muscles = [one for one in own if not vocabulary.muscle(one[0]).is_paraspinal]
        if len({vocabulary.muscle(one).nerve for one, _ in limb_muscles}) < 2:
            gaps.append("A root needs two abnormal muscles of one root with different nerves.")
            break
        if "axonal_polyneuropathy" in candidate.parts and not any(_is_proximal(one) for one, _ in own):
            gaps.append("Beside a polyneuropathy a root needs an abnormal proximal or paraspinal muscle.")
            break
    return gaps


def _is_proximal(muscle: str) -> bool:
    """Whether a muscle lies where a length-dependent polyneuropathy does not reach."""
    return vocabulary.muscle(muscle).region not in DISTAL


def _nerve_gaps(candidate: Candidate, seen: Examined) -> list[str]:
    side = candidate.sides[0]
    inside = outside = 0
    for kind, places in (("needle", seen.muscles), ("sensory", seen.sensory), ("motor", seen.motor)):
        for study, own in places:
            if own == side:
                passes = share(kind, study, candidate.elements[0]) > 0.15
                inside, outside = inside + passes, outside + (not passes)
    gaps = []
    if inside < 1:
        gaps.append("Nothing that this nerve supplies was examined.")
    if outside < 2:
        gaps.append(
            "Fewer than two tests outside this nerve on that side were done, so a wider lesion is not excluded."
        )
    return gaps


def _plexus_gaps(candidate: Candidate, seen: Examined, region: str) -> list[str]:
    limb = "arm" if region == "cervical" else "leg"
    gaps = screen_gaps(seen, region, candidate.sides)
    if len(seen.limb(limb, candidate.sides)) < 2:
        gaps.append("A plexus lesion needs at least two sensory responses of the limb.")
    return gaps


def _whole_body_gaps(candidate: Candidate, seen: Examined) -> list[str]:
    limbs = {limb_of(one) for one, _ in seen.sensory | seen.motor}
    regions = {body_region(one) for one, _ in seen.muscles}
    rules = {
        "polyneuropathy": (len(limbs & {"arm", "leg"}) == 2, "Nerves of an arm and of a leg are needed."),
        "ganglion": (len(limbs & {"arm", "leg"}) == 2, "Nerves of an arm and of a leg are needed."),
        "motor_neuron": (len(regions) >= 2, "Muscles of at least two regions of the body are needed."),
        "junction": (seen.has_train, "Repetitive stimulation was not done."),
        "muscle": (len(seen.muscles) >= 2, "At least two muscles are needed."),
    }  # fmt: skip
    is_met, sentence = rules.get(candidate.kind, (True, ""))
    return [] if is_met else [sentence]


def _normal_gaps(seen: Examined) -> list[str]:
    best = min(
        (screen_gaps(seen, region, (side,)) for region in ("cervical", "lumbosacral") for side in ("left", "right")),
        key=len,
    )  # fmt: skip
    gaps = list(best)
    if len(seen.sensory) < 2 or not seen.motor:
        gaps.append("A normal study needs at least two sensory responses and one motor response.")
    return gaps


#: Muscles of one limb that must lack denervation for a hidden block to be suspected; internal choice.
HIDDEN_MUSCLES = 3
#: Day from which lost axons show in limb muscles (needle section 4).
SHOWN_DAYS = 28.0


def _hidden_block(candidate: Candidate, found: Sequence[Observation], day: float | None) -> list[str]:
    """Fewer units without denervation, after axons would have degenerated, mean block above the sites stimulated."""
    if candidate.kind not in {"root", "plexus", "nerve", "pair"} or (day is not None and day < SHOWN_DAYS):
        return []
    own = [one for one in found if one.side in candidate.sides]
    shown = {one.study for one in own if one.is_abnormal and one.about in {"fibrillation", "large", "low_drive"}}
    few = {one.study for one in own if one.about == "recruitment" and one.is_abnormal}
    few -= {one for one in few if vocabulary.muscle(one).is_paraspinal}
    if len(few - shown) < max(HIDDEN_MUSCLES, 0.6 * len(few)) or any(
        one.about == "block" and one.is_abnormal for one in own
    ):
        return []
    n = len(few - shown)
    return [
        f"{n} muscles have few units and no denervation, so a block lies above the sites stimulated: go further up."
    ]


def adequacy(candidate: Candidate, found: Sequence[Observation], *, day: float | None) -> Adequacy:
    """What is missing for one candidate to be named."""
    seen = examined(found)
    region = _region_of(candidate)
    if candidate.kind == "root" or any(part.startswith("root_") for part in candidate.parts):
        gaps = _root_gaps(candidate, seen, region)
    elif candidate.kind == "plexus":
        gaps = _plexus_gaps(candidate, seen, region)
    elif candidate.kind in {"nerve", "pair"} and candidate.elements:
        gaps = _nerve_gaps(candidate, seen)
    elif candidate.kind in {"normal", "central"}:
        gaps = _normal_gaps(seen)
    else:
        gaps = _whole_body_gaps(candidate, seen)
    gaps += _hidden_block(candidate, found, day)
    notes: list[str] = []
    if day is not None and day < EARLY_DAYS:
        early = f"Day {day:g} is early: limb muscles may not show axon loss yet; repeat at 3 to 6 weeks."
        is_shown = any(one.is_abnormal and one.about in {"fibrillation", "large"} for one in found)
        only_by_needle = candidate.kind in {"normal", "central"} or (candidate.kind == "root" and not is_shown)
        (gaps if only_by_needle else notes).append(early)
    if day is None:
        notes.append("The time since onset is not known; it was averaged over.")
    return Adequacy(is_adequate=not gaps, missing=tuple(gaps), notes=tuple(notes), cited=SCREENS)
