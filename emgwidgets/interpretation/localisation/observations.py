"""Facts -> observations: what was looked at, how likely it is abnormal, and which stretches it can see.

Doubtful facts give none.  Measures of one response that say the same (onset and peak latency) give one observation, the
most abnormal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from emgwidgets import vocabulary
from emgwidgets.interpretation._tables import rows_of, studies
from emgwidgets.interpretation.explain import fact_words, standing_sentence
from emgwidgets.interpretation.facts import Facts
from emgwidgets.interpretation.localisation.anatomy import span, target_of, unknown_nerve
from emgwidgets.interpretation.localisation.clinic_observations import clinic_observations, unread
from emgwidgets.interpretation.localisation.observation import CLASSES, Observation
from emgwidgets.interpretation.localisation.parameters import number
from emgwidgets.interpretation.reference.norm_sets import NormSet
from emgwidgets.interpretation.reference.standings import strip
from emgwidgets.model.verdict import Fact, NotApplicable, Standing
from emgwidgets.vocabulary.lookup import nearest, plain

__all__ = ["CLASSES", "Observation", "observations_of", "unused"]


def _ramp(value: float, limit: float, width: float) -> float:
    return 0.5 * math.erfc((limit - value) / (width * math.sqrt(2.0)))


def _probability(one: Standing) -> float | None:
    if one.state == "cannot_be_judged":
        return None
    if one.abnormal_probability is not None and one.state == "borderline":
        return one.abnormal_probability
    return 1.0 if one.state == "abnormal" else 0.0


def _worst(found: list[tuple[float, Standing]]) -> tuple[float, Standing] | None:
    return max(found, key=lambda pair: (pair[0], pair[1].fact.name)) if found else None


class _Builder:
    """Collects the observations of one case."""

    def __init__(self, facts: Facts, norm_set: str | NormSet, assume: Collection[str]) -> None:
        self.facts = facts
        self.standings = {one.fact.name: one for one in strip(facts, norm_set=norm_set, assume=assume)}
        self.found: list[Observation] = []

    def judged(self, name: str, *, way: str = "") -> tuple[float, Standing] | None:
        """Probability that a fact is abnormal, towards one direction; None where it cannot be judged."""
        one = self.standings.get(name)
        probability = None if one is None or one.fact.doubt else _probability(one)
        if one is None or probability is None or one.direction == "absent":
            return None
        return (probability if not way or one.direction in {"", way} else 0.0), one

    def add(self, about: str, fact: Fact, probability: float, sentence: str, **more: object) -> None:
        """Add one observation of the structure the fact belongs to."""
        self.found.append(
            Observation(
                about=about, kind=fact.kind, study=fact.study, side=fact.side, names=(fact.name,), sentence=sentence,
                group=f"{fact.kind}:{fact.study}:{fact.side}", probability=probability, **more,  # type: ignore[arg-type]
            )
        )  # fmt: skip

    def add_judged(self, about: str, found: tuple[float, Standing] | None, **more: object) -> None:
        """Add an observation from a fact held against its limit."""
        if found is not None:
            self.add(about, found[1].fact, found[0], standing_sentence(found[1]), **more)


def _responses(make: _Builder, kind: str) -> None:
    unit, low, slow = ("mv", "motor_low", "motor_slow") if kind == "motor" else ("uv", "sensory_low", "sensory_slow")
    for fact in make.facts.of_kind(kind):
        if fact.measure != f"amplitude_{unit}" or "-" in fact.site or fact.doubt:
            continue
        if not make.facts.is_main(fact) or target_of(kind, fact.study) is None:
            continue
        spanned = span(kind, fact.study, fact.site)
        words = fact_words(fact).removesuffix(", amplitude")
        text = f"{words}: no response." if fact.is_absent else f"{words}: a response of {fact.text}."
        make.add("absent", fact, 1.0 if fact.is_absent else 0.0, text, spanned=spanned)
        if fact.is_absent:
            continue
        _amplitude(make, low, fact, spanned)
        stem = fact.name.rsplit(".", 1)[0]
        measures = ("onset_latency_ms",) if kind == "motor" else ("peak_latency_ms", "onset_latency_ms")
        found = [one for measure in measures if (one := make.judged(f"{stem}.{measure}", way="high"))][:1]
        if kind == "sensory" and not found:
            found = [one for one in (make.judged(f"{stem}.velocity_m_per_s", way="low"),) if one]
        make.add_judged(slow, _worst(found), spanned=spanned)
        if kind == "motor":
            _very_slow(make, _worst(found), spanned)


def _amplitude(make: _Builder, about: str, fact: Fact, spanned: tuple[str, ...]) -> None:
    """An amplitude with how far it is above its limit; half its weight where the other side is compared as well."""
    found = make.judged(fact.name, way="low")
    if found is None or isinstance(found[1].limit, NotApplicable) or not found[1].limit.low or not fact.number:
        return
    limit = found[1].limit
    usual = number(f"amplitude.reserve_{fact.kind}")
    reserve = math.log(limit.mean / limit.low) if limit.mean and limit.low else usual
    other = "left" if fact.side == "right" else "right"
    opposite = make.facts.get(fact.name.replace(f".{fact.side}.", f".{other}."))
    both = opposite is not None and bool(opposite.number) and not opposite.doubt
    make.add_judged(
        about, found, spanned=spanned, log_ratio=math.log(fact.number / (limit.low or 1.0)), reserve=reserve,
        weight=0.5 if both else 1.0,
    )  # fmt: skip


def _very_slow(make: _Builder, found: tuple[float, Standing] | None, spanned: tuple[str, ...]) -> None:
    """Slowing in the range of demyelination: latency above 130 %, velocity below 75 % of the limit (ncs section 5c)."""
    if found is None or found[1].limit_percent is None:
        return
    is_velocity = found[1].fact.measure == "velocity_m_per_s"
    percent = found[1].limit_percent
    share = _ramp(-percent, -75.0, 2.0) if is_velocity else _ramp(percent, 130.0, 3.0)
    make.add("very_slow", found[1].fact, share, standing_sentence(found[1]), spanned=spanned)


def _pairs(make: _Builder, kind: str, measure: str) -> Iterator[tuple[Fact, Fact]]:
    """One measure of the main responses or of the segments of a kind, left and right, where both are numbers."""
    for left in make.facts.of_kind(kind):
        if left.side != "left" or left.measure != measure or not ("-" in left.site or make.facts.is_main(left)):
            continue
        right = make.facts.get(f"{kind}.{left.study}.right.{left.site}.{measure}")
        if right is not None and left.number and right.number and not left.doubt and not right.doubt:
            yield left, right


def _ratios(make: _Builder, kind: str) -> None:
    """One side against the other: amplitudes, and latencies and velocities, where slowing shows before any limit."""
    amplitude, latency = (
        ("amplitude_mv", "onset_latency_ms") if kind == "motor" else ("amplitude_uv", "peak_latency_ms")
    )
    for measure in (amplitude, latency, "velocity_m_per_s"):
        for left, right in _pairs(make, kind, measure):
            if ("-" in left.site) != (measure == "velocity_m_per_s" and kind == "motor"):
                continue
            low, high = sorted((left.number or 1.0, right.number or 1.0))
            text = f"{fact_words(left)}: {left.text}, right {right.text}; the lower side has {100 * low / high:.0f} % of the other."
            ratio = math.log((left.number or 1.0) / (right.number or 1.0))
            near, _, far = left.site.partition("-")
            is_amplitude = measure == amplitude
            limit = 0.5 if is_amplitude else number("focal.lag_side_limit")
            make.found.append(
                Observation(
                    about=f"ratio_{kind}" if is_amplitude else "lag", kind=kind, study=left.study, side="",
                    group=f"{kind}:{left.study}:both", probability=float(low / high < limit), names=(left.name, right.name),
                    sentence=text, log_ratio=-ratio if measure == "velocity_m_per_s" else ratio,
                    spanned=span(kind, left.study, near, far),
                )
            )  # fmt: skip


def _segments(make: _Builder) -> None:
    members = ((fact.study, fact.side, fact.site) for fact in make.facts.of_kind("motor") if "-" in fact.site)
    for study, side, segment in dict.fromkeys(members):
        near, far = segment.split("-")
        spanned = span("motor", study, near, far)
        known = studies().get(study)
        tested = [
            one for one in (known.sites if known else ()) if f"motor.{study}.{side}.{one}.amplitude_mv" in make.facts
        ]
        if not spanned or near not in tested or far not in tested or tested.index(far) - tested.index(near) != 1:
            continue
        stem = f"motor.{study}.{side}.{segment}"
        found = [make.judged(f"{stem}.velocity_m_per_s", way="low")]
        found += [make.judged(name) for name in _drops_of(study, side, segment)]
        slowest = _worst([one for one in found if one is not None])
        make.add_judged("segment_slow", slowest, spanned=spanned)
        if slowest is not None:  # a comparison of two segments belongs to the nerve of the study
            make.found[-1] = replace(make.found[-1], kind="motor", study=study, group=f"motor:{study}:{side}")
        _very_slow(make, found[0], spanned)
        falls = [make.facts.get(f"{stem}.{name}_drop_percent") for name in ("amplitude", "area")]
        judged = [fact for fact in falls if fact is not None and fact.number is not None and not fact.doubt]
        if judged:
            least = min(judged, key=lambda fact: (fact.number or 0.0, fact.name))
            # Neighbouring sites a hand's breadth apart lose less in health than a whole forearm or leg.
            short = "short_" if (known and tested.index(near) > 0) or study == "fibular_ta" else ""
            limit, width = number(f"focal.{short}drop_limit_percent"), number(f"focal.{short}drop_width_percent")
            text = f"{fact_words(least)}: {least.text}."
            make.add(
                "block", least, _ramp(least.number or 0.0, limit, width), text, spanned=spanned, reserve=limit / 100.0
            )


def _drops_of(study: str, side: str, segment: str) -> list[str]:
    """Names of the comparisons of one segment with the one distal to it."""
    wanted = f"motor.{study}.{{side}}.{segment}.velocity_m_per_s"
    return [f"compare.{row['study']}.{side}.{row['measure']}" for row in rows_of("derived.csv") if row["b"] == wanted]


#: Comparisons that show the carpal tunnel, with the limit where the norm set has none: ncs section 5e, S61; lumbrical M.
COMPARISONS = {"ring": 0.45, "thumb": 0.55, "palm": 0.35, "second_space": 0.5}


def _comparisons(make: _Builder) -> None:
    first = {row["study"]: row["a"] for row in rows_of("derived.csv") if row["study"] in COMPARISONS}
    for fact in make.facts.of_kind("compare"):
        limit = COMPARISONS.get(fact.study)
        if limit is None or fact.number is None or fact.doubt:
            continue
        kind, study, *_ = first[fact.study].split(".")
        known = studies()[study]
        text = f"{fact_words(fact)}: {fact.text}; limit about {limit:g} ms."
        make.add("comparison", fact, _ramp(fact.number, limit, 0.04), text, spanned=span(kind, study, known.main_site))
        own = make.found[-1]
        make.found[-1] = replace(own, kind=kind, study=study, group=f"{kind}:{study}:{fact.side}")


def _late(make: _Builder) -> None:
    for fact in make.facts.of_kind("f_wave", "h_reflex"):
        if fact.measure not in {"f_min_latency_ms", "h_latency_ms"} or fact.doubt:
            continue
        if fact.is_absent:
            make.add("late", fact, 1.0, f"{fact_words(fact)}: absent.")
        else:
            make.add_judged("late", make.judged(fact.name, way="high"))


def _trains(make: _Builder) -> None:
    falls: dict[str, Fact] = {}
    for fact in make.facts.of_kind("rns"):
        about = {"decrement_percent": "decrement", "increment_percent": "increment"}.get(fact.measure)
        if about is None or fact.number is None or fact.doubt:
            continue
        key = f"{about}:{fact.study}:{fact.side}"
        if key not in falls or (falls[key].number or 0.0) < fact.number:
            falls[key] = fact
    for key, fact in falls.items():
        about = key.partition(":")[0]
        probability = _ramp(
            fact.number or 0.0, number(f"focal.{about}_limit_percent"), 2.0 if about == "decrement" else 10.0
        )
        make.add(about, fact, probability, f"{fact_words(fact)}: {fact.text}.")


#: Words of the needle examination: measure, what counts as abnormal, what it is about.
NEEDLE: tuple[tuple[str, Callable[[object], bool], str], ...] = (
    ("has_denervation", bool, "fibrillation"),
    ("has_fasciculation", bool, "fasciculation"),
    ("is_unstable", bool, "unstable"),
)  # fmt: skip


def _needle(make: _Builder) -> None:
    members = ((fact.study, fact.side) for fact in make.facts.of_kind("needle"))
    for muscle, side in dict.fromkeys(members):
        if muscle not in vocabulary.muscles():
            continue
        stem = f"needle.{muscle}.{side}"

        def get(measure: str, stem: str = stem) -> Fact | None:
            fact = make.facts.get(f"{stem}.{measure}")
            return None if fact is None or fact.doubt else fact

        for measure, is_abnormal, about in NEEDLE:
            if (fact := get(measure)) is not None:
                make.add(about, fact, float(is_abnormal(fact.value)), f"{fact_words(fact)}: {fact.text}.")
        tested = get("has_denervation")
        _grade(make, get)
        if tested is not None:
            shown = get("myotonic_discharge_grade")
            seen = shown is not None and bool(shown.number)
            word = "seen" if seen else "none"
            make.add(
                "myotonic",
                shown or tested,
                float(seen),
                f"{fact_words(tested).split(',')[0]}: myotonic discharges {word}.",
            )
        _effort(make, get)
        _units(make, get, stem)


def _grade(make: _Builder, get: Callable[[str], Fact | None]) -> None:
    """How much fibrillation there is, where there is any: the share of axons lost shows in it, coarsely."""
    graded = [fact for name in ("fibrillation_potential_grade", "positive_sharp_wave_grade") if (fact := get(name))]
    graded = [fact for fact in graded if fact.number]
    if graded:
        fact = max(graded, key=lambda one: (one.number or 0.0, one.name))
        make.add("dense", fact, float((fact.number or 0.0) >= 2), f"{fact_words(fact)}: {fact.text} of 4.")


def _effort(make: _Builder, get: Callable[[str], Fact | None]) -> None:
    pattern, full = get("recruitment"), get("is_full_effort")
    if full is not None:
        make.add("low_drive", full, float(full.value is False), f"{fact_words(full)}: {full.text}.")
    if pattern is None or (full is not None and full.value is False):
        return
    word = str(pattern.value)
    make.add("recruitment", pattern, float(word in {"reduced", "none"}), f"{fact_words(pattern)}: {word}.")


def _units(make: _Builder, get: Callable[[str], Fact | None], stem: str) -> None:
    for about, words, way in (("large", {"high", "long"}, "high"), ("small", {"low", "short"}, "low")):
        facts = [fact for name in ("muap_amplitude", "muap_duration") if (fact := get(name)) is not None]
        if facts:
            hit = next((fact for fact in facts if fact.value in words), None)
            fact = hit or facts[0]
            make.add(about, fact, float(hit is not None), f"{fact_words(fact)}: {fact.text}.")
            continue
        found = [make.judged(f"{stem}.{name}", way=way) for name in ("duration_ms", "amplitude_uv")]
        make.add_judged(about, _worst([one for one in found if one is not None]))


OTHER = {"left": "right", "right": "left"}
#: Upper limits of the blink reflex, from memory (Kimura; ncs section 5).
BLINK_LIMITS_MS = {"r1": 13.0, "r2_ipsilateral": 41.0, "r2_contralateral": 44.0}


#: Largest difference between the sides in health, each side stimulated: R1, and R2 of the eye stimulated; as above.
BLINK_DIFFERENCES_MS = {"r1": 1.2, "r2_ipsilateral": 8.0}


def _blink(make: _Builder) -> None:
    """Late or absent waves of the blink reflex, by their limit or by the other side; the side is the one stimulated."""
    for fact in make.facts.of_kind("blink_reflex"):
        wave = fact.measure.removesuffix("_latency_ms")
        limit = BLINK_LIMITS_MS.get(wave)
        if limit is None or fact.doubt or "not recorded" in fact.absent:
            continue
        late = 1.0 if fact.is_absent else _ramp(fact.number or 0.0, limit, 0.03 * limit)
        text = f"blink reflex, {fact.side} side stimulated, {wave.replace('_', ' ')}: {fact.text}; limit about {limit:g} ms."
        other = make.facts.get(fact.name.replace(f".{fact.side}.", f".{OTHER.get(fact.side, fact.side)}."))
        apart = BLINK_DIFFERENCES_MS.get(wave)
        if apart and other is not None and other.number and fact.number and not other.doubt:
            later = _ramp(fact.number - other.number, apart, 0.2 * apart)
            if later > late:
                text = f"{text[:-1]}; {fact.number - other.number:.1f} ms later than the other side, limit about {apart:g} ms."
            late = max(late, later)
        make.add("blink", fact, late, text)
        make.found[-1] = replace(make.found[-1], kind="blink", study=wave, group=f"blink:{wave}:{fact.side}")


def observations_of(
    facts: Facts, *, norm_set: str | NormSet = "aanem_2016", assume: Collection[str] = ()
) -> tuple[Observation, ...]:
    """Every observation of a case, in an order that does not depend on the order of its facts."""
    make = _Builder(facts, norm_set, assume)
    for kind in ("motor", "sensory"):
        _responses(make, kind)
        _ratios(make, kind)
    for step in (_segments, _comparisons, _late, _trains, _needle, _blink):
        step(make)
    make.found += clinic_observations(facts)
    return tuple(sorted(make.found, key=lambda one: (one.group, one.about, one.names)))


def unused(facts: Facts) -> Iterator[str]:
    """One sentence for every fact that a doubt keeps out, and for every muscle that is not known."""
    for fact in facts.values():
        if fact.doubt and fact.kind != "compare":
            yield f"{fact_words(fact)}: not used, {fact.doubt}."
    muscles = dict.fromkeys(fact.study for fact in facts.of_kind("needle", "strength"))
    for muscle in muscles:
        if muscle not in vocabulary.muscles():
            near = ", ".join(nearest(muscle, {plain(one): one for one in vocabulary.muscles()}))
            yield f"{muscle}: not used, no such muscle{f'; did you mean {near}' if near else ''}."
    for kind, study in dict.fromkeys((fact.kind, fact.study) for fact in facts.of_kind("motor", "sensory")):
        if nerve := unknown_nerve(kind, study):
            known = vocabulary.nerves() if kind == "motor" else vocabulary.sensory_nerves()
            near = ", ".join(nearest(nerve, {plain(one): one for one in known}))
            yield f"{nerve}: not used, no such nerve{f'; did you mean {near}' if near else ''}."
    yield from unread(facts)
