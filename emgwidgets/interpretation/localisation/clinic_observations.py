"""Symptoms and examination as observations: weak muscles, numb and painful zones, reflexes, signs, blink reflexes.

Words that no zone, muscle, reflex or sign of the tables matches give none, and ``unread`` names them.
"""

from __future__ import annotations

from collections.abc import Iterator

from emgwidgets import vocabulary
from emgwidgets.interpretation.explain import fact_words
from emgwidgets.interpretation.facts import Facts
from emgwidgets.interpretation.localisation.clinic_anatomy import movement_muscles, reflex_code, sign_code
from emgwidgets.interpretation.localisation.observation import Observation
from emgwidgets.model.anatomy import SkinZone
from emgwidgets.model.verdict import Fact

__all__ = ["clinic_observations", "symptom_about", "unread"]

SIDES = ("left", "right")
PAIN = ("pain", "ache", "burning", "sciatica", "leg_pain", "arm_pain", "neuralgia")
NUMB = ("numb", "paraesthesia", "paresthesia", "tingling", "pins", "sensory", "saddle", "loss_of_feeling")
WEAK = ("weak", "drop", "clumsy", "palsy", "paresis", "paralysis")


def symptom_about(word: str) -> str:
    """``"pain"``, ``"numb"`` or ``"weak"`` by the word of a symptom; empty for any other."""
    for about, starts in (("numb", NUMB), ("weak", WEAK), ("pain", PAIN)):
        if any(start in word for start in starts):
            return about
    return ""


def clinic_observations(facts: Facts) -> Iterator[Observation]:
    """Yield what symptoms and examination show, each with the facts it rests on."""
    yield from _strength(facts)
    yield from _sensation(facts)
    yield from _reflexes(facts)
    yield from _signs(facts)
    yield from _symptoms(facts)


def _made(fact: Fact, about: str, place: tuple[str, str], is_so: bool, sentence: str, **more: object) -> Observation:
    kind, study = place
    side = str(more.pop("side", fact.side))
    return Observation(
        about=about, kind=kind, study=study, side=side, group=f"{kind}:{study}:{side}", probability=float(is_so),
        names=(fact.name,), sentence=sentence, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def _usable(facts: Facts, kind: str) -> Iterator[Fact]:
    return (fact for fact in facts.of_kind(kind) if not fact.doubt)


def _strength(facts: Facts) -> Iterator[Observation]:
    for fact in _usable(facts, "strength"):
        if fact.number is not None and fact.study in vocabulary.muscles():
            yield _made(fact, "weak", ("strength", fact.study), fact.number < 5, f"{fact_words(fact)}: {fact.text}.")


def zones_of(word: str) -> tuple[SkinZone, ...]:
    """Zones of an area named by a sensory nerve, a root, or in words."""
    if word in vocabulary.sensory_nerves():
        own = tuple(zone for zone in vocabulary.skin_zones().values() if word in zone.nerves)
        return own[:1] or vocabulary.zones_in(vocabulary.sensory_nerve(word).skin_area)[:1]
    if word.upper() in vocabulary.roots():
        named = vocabulary.zones_in(vocabulary.root(word).dermatome)
        return tuple(zone for zone in named if dict(zone.roots).get(word.upper()) == 3) or named
    return vocabulary.zones_in(word.replace("_", " "))


def _sensation(facts: Facts) -> Iterator[Observation]:
    for fact in _usable(facts, "sensation"):
        zones = zones_of(fact.study)
        for zone in zones:
            text = f"{fact.side} {zone.name}, feeling: {fact.text}."
            share = 1.0 / len(zones)
            yield _made(fact, "numb", ("zone", zone.code), fact.value != "normal", text, weight=share)


def _reflexes(facts: Facts) -> Iterator[Observation]:
    for fact in _usable(facts, "reflex"):
        code = reflex_code(fact.study)
        if code:
            text = f"{fact.side} {code.replace('_', ' ')} reflex: {fact.text}."
            yield _made(fact, "brisk", ("reflex", code), fact.value == "increased", text)
            yield _made(fact, "reflex", ("reflex", code), fact.value in {"absent", "reduced"}, text)


def _signs(facts: Facts) -> Iterator[Observation]:
    for fact in _usable(facts, "sign"):
        code = sign_code(fact.study)
        if code:
            words = f"{fact.side} {code.replace('_', ' ')}".strip()
            text = f"{words}: {'positive' if fact.value else 'negative'}."
            yield _made(fact, "sign", ("sign", code), bool(fact.value), text)


def _symptoms(facts: Facts) -> Iterator[Observation]:
    """Only what is complained of counts: what a patient does not mention was often not asked."""
    for fact in _usable(facts, "symptom"):
        about, place = symptom_about(fact.study), fact.site
        if not about or fact.measure != "is_present":
            continue
        where = f"{fact.side} " if fact.side else ""
        if about == "weak":
            if fact.side and movement_muscles(place):
                yield _made(fact, "weak", ("movement", place), True, f"{where}weakness: {place}.")
            continue
        zones = vocabulary.zones_in(place)
        for zone in zones:
            for side in (fact.side,) if fact.side else SIDES:
                text = f"{side} {zone.name}: {about if about == 'pain' else 'numbness or tingling'}."
                kind = "pain" if about == "pain" else "zone"
                word = "pain" if about == "pain" else "felt"
                yield _made(fact, word, (kind, zone.code), True, text, side=side, weight=1.0 / len(zones))


def unread(facts: Facts) -> Iterator[str]:
    """One sentence for every area, reflex and sign that no table knows."""
    for fact in facts.of_kind("sensation"):
        if not zones_of(fact.study):
            yield f"{fact.study.replace('_', ' ')}: not used, no such zone of the skin."
    for kind, code_of in (("reflex", reflex_code), ("sign", sign_code)):
        for fact in facts.of_kind(kind):
            if not code_of(fact.study):
                yield f"{fact.study.replace('_', ' ')}: not used, the {kind} is in no table of evidence."
