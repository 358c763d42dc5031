"""Case -> named facts.  A name that is missing was not tested; an absent response is a fact without a value.

The grammar of names, parts joined by points:

``subject.MEASURE``, ``case.days_since_onset``
    age_years, sex, height_cm, weight_kg, bmi_kg_per_m2.
``motor.STUDY.SIDE.SITE.MEASURE``
    A response at one site (``motor.median_apb.right.wrist.onset_latency_ms``).  Without the site, the response at the
    main site of the study: ``motor.median_apb.right.onset_latency_ms`` is the distal motor latency.
``motor.STUDY.SIDE.DISTAL-PROXIMAL.MEASURE``
    A segment (``motor.ulnar_adm.left.below_elbow-above_elbow.velocity_m_per_s``).
``sensory.NERVE.SIDE.SITE.MEASURE``
    As motor; ``velocity_m_per_s`` at a site is distance over onset latency.
``f_wave.STUDY.SIDE.MEASURE``, ``h_reflex``, ``a_wave``, ``blink_reflex``
    Late responses.
``rns.STUDY.SIDE.TRAIN.MEASURE``
    One train: ``rest_3hz``, ``after_60s_3hz`` (60 s after exercise).
``compare.TEST.SIDE.MEASURE``
    Comparisons of ``derived.csv``, such as ``compare.csi.right.index_ms``.
``needle.MUSCLE.SIDE.MEASURE``
    Words (``recruitment``), yes or no (``has_denervation``), grades (``fibrillation_potential_grade``), numbers.
``strength.MUSCLE.SIDE.mrc_grade``, ``reflex.NAME.SIDE.finding``, ``sensation.AREA.SIDE.finding``,
``sign.NAME.SIDE.is_positive``, ``symptom.KIND_PLACE.SIDE.is_present``, ``mri.LEVEL_ZONE_KIND.SIDE.certainty``
    Examination, symptoms and MRI.

Measures are those of the model plus ``is_present``, ``distance_mm``, ``amplitude_side_percent`` (of the other side) and
``..._side_difference_ms`` (this side minus the other).  Studies and sites are those of ``studies.csv``; a study the
table lacks is called ``NERVE_MUSCLE``.  Where a study stands twice in a case, the later entry holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.interpretation import _derive
from emgwidgets.interpretation._from_ncs import facts_of_ncs
from emgwidgets.interpretation._from_rest import rest_of
from emgwidgets.interpretation._tables import LATE_KINDS, Study, measures, rows_of, studies
from emgwidgets.model.case import Case, Subject
from emgwidgets.model.needle import SPONTANEOUS_KINDS
from emgwidgets.model.verdict import Fact, Limit, NotApplicable
from emgwidgets.vocabulary.lookup import nearest, plain

__all__ = ["KINDS", "Facts", "body_region", "check_name", "facts_of", "study_of"]

#: First words of the names of facts.
KINDS = (
    "subject", "case", "motor", "sensory", *LATE_KINDS, "rns", "compare", "needle", "strength", "reflex", "sensation",
    "sign", "symptom", "mri",
)  # fmt: skip
#: Regions of the body in which lower motor neuron signs are counted, by the region of the muscle.
BODY_REGIONS = {
    "cranial": "bulbar", "neck": "cervical", "shoulder": "cervical", "arm": "cervical", "forearm": "cervical",
    "hand": "cervical", "trunk": "thoracic", "hip": "lumbosacral", "thigh": "lumbosacral", "leg": "lumbosacral",
    "foot": "lumbosacral", "pelvic": "lumbosacral",
}  # fmt: skip


def body_region(muscle: str) -> str:
    """``"bulbar"``, ``"cervical"``, ``"thoracic"`` or ``"lumbosacral"``; a paraspinal muscle by its roots."""
    found = vocabulary.muscle(muscle)
    if found.region in BODY_REGIONS:
        return BODY_REGIONS[found.region]
    region = vocabulary.root(found.dominant_roots[0]).region
    return {"cranial": "bulbar", "lumbar": "lumbosacral", "sacral": "lumbosacral"}.get(region, region)


def study_of(fact: Fact) -> Study | None:
    """Study of the table a fact belongs to; None for one that the table lacks."""
    return studies().get(fact.study)


class Facts(Mapping[str, Fact]):
    """Facts by name, frozen.  Looking up a name without its site finds the main site of the study.

    Parameters
    ----------
    facts : mapping
        Name -> fact.
    subject : Subject
        Whom the limits depend on.
    """

    def __init__(self, facts: Mapping[str, Fact], *, subject: Subject | None = None) -> None:
        self._facts = dict(facts)
        self._alias = _aliases(self._facts)
        self.subject = subject or Subject()
        #: Limits already looked up, kept because criteria ask for the same one many times.
        self.limits: dict[tuple[int, str, frozenset[str]], tuple[object, Limit | NotApplicable]] = {}

    def __getitem__(self, name: str) -> Fact:
        found = self._facts.get(name)
        return self._facts[self._alias[name]] if found is None else found

    def get(self, name: str, default: Fact | None = None) -> Fact | None:  # type: ignore[override]
        """Return one fact; None when it was not tested."""
        found = self._facts.get(name)
        if found is None and name in self._alias:
            found = self._facts[self._alias[name]]
        return default if found is None else found

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def __repr__(self) -> str:
        return f"Facts({len(self)} facts)"

    def is_main(self, fact: Fact) -> bool:
        """Whether a fact is what the name without its site finds."""
        parts = fact.name.split(".")
        return len(parts) == 5 and self._alias.get(".".join((*parts[:3], parts[4]))) == fact.name

    def of_kind(self, *kinds: str) -> tuple[Fact, ...]:
        """Facts of some kinds, in the order of the case."""
        return tuple(fact for fact in self._facts.values() if fact.kind in kinds)

    @cached_property
    def sides(self) -> tuple[str, ...]:
        """Sides with any electrodiagnostic fact."""
        kinds = {"motor", "sensory", *LATE_KINDS, "rns", "needle"}
        seen = {fact.side for fact in self._facts.values() if fact.kind in kinds}
        return tuple(side for side in ("left", "right") if side in seen)

    @cached_property
    def items_of(self) -> Mapping[str, tuple[Mapping[str, str], ...]]:
        """What criteria can count over: domain -> its members, each as names to fill in.

        ``motor_study``, ``motor_segment``, ``sensory_study``, ``f_wave_study``, ``train``, ``needle_muscle``.
        """
        found: dict[str, dict[tuple[str, ...], Mapping[str, str]]] = {name: {} for name in DOMAINS}
        for fact in self._facts.values():
            domain = _domain(fact)
            if domain is None:
                continue
            key = (fact.study, fact.side, fact.site if domain in {"motor_segment", "train"} else "")
            if key not in found[domain]:
                found[domain][key] = _member(fact, domain)
        return {name: tuple(members.values()) for name, members in found.items()}


DOMAINS = ("motor_study", "motor_segment", "sensory_study", "f_wave_study", "train", "needle_muscle")


def _domain(fact: Fact) -> str | None:
    if fact.kind == "motor":
        return "motor_segment" if "-" in fact.site else "motor_study"
    return {"sensory": "sensory_study", "f_wave": "f_wave_study", "rns": "train", "needle": "needle_muscle"}.get(
        fact.kind
    )


def _member(fact: Fact, domain: str) -> Mapping[str, str]:
    study = studies().get(fact.study)
    member = {"study": fact.study, "side": fact.side, "trunk": study.trunk if study else fact.study}
    member["limb"] = study.limb if study else ""
    if domain == "motor_segment":
        member["segment"] = fact.site
    if domain == "train":
        member["train"] = fact.site
    if domain == "needle_muscle":
        muscle = vocabulary.muscle(fact.study)
        member |= {"muscle": fact.study, "region": body_region(fact.study), "nerve": muscle.nerve}
        member["root"] = muscle.dominant_roots[0]
    return member


def _aliases(facts: Mapping[str, Fact]) -> dict[str, str]:
    """Name without the site -> name at the main site, or at rest for trains; the first site where the study is unknown."""
    found: dict[str, str] = {}
    for name, fact in facts.items():
        if not fact.site or fact.kind not in {"motor", "sensory", "rns"}:
            continue
        short = f"{fact.kind}.{fact.study}.{fact.side}.{fact.measure}"
        known = studies().get(fact.study)
        if fact.kind == "rns":
            if fact.site.startswith("rest_"):
                found.setdefault(short, name)
        elif "-" not in fact.site and (fact.site == known.main_site if known else short not in found):
            found[short] = name
    return found


def _check_case(case: object) -> None:
    """Refuse what is no case; a teaching case becomes one by being simulated."""
    if not isinstance(case, Case):
        taught = "take the case of a teaching case with .simulate().case" if hasattr(case, "simulate") else ""
        raise InputError("no case to name facts of", got=type(case).__name__, expected="a Case", way_out=taught)


def facts_of(case: Case, *, doubts: Mapping[str, str] | None = None) -> Facts:
    """Name every fact of a case.

    Parameters
    ----------
    case : Case
        Typed in or measured.
    doubts : mapping, optional
        Name of a fact, or the beginning of names (``"motor.median_apb.right"``) -> why these must not be used, such as
        what a check of technique found.

    Returns
    -------
    Facts
        Numbers no nerve can give, sites that contradict each other and facts under ``doubts`` carry a doubt; a verdict
        that needs them cannot be judged.

    Raises
    ------
    InputError
        If what is given is no case, such as a teaching case that was not simulated.
    """
    _check_case(case)
    found = rest_of(case)
    found |= {fact.name: fact for fact in facts_of_ncs(case.ncs)}
    for prefix, reason in (doubts or {}).items():
        for name, fact in found.items():
            if name == prefix or name.startswith(f"{prefix}."):
                found[name] = replace(fact, doubt=reason)
    for derive in (_derive.segments, _derive.check_sites, _derive.sensory_velocities, _derive.side_facts):
        found |= {fact.name: fact for fact in list(derive(found))}
    alias = _aliases(found)

    def get(name: str) -> Fact | None:
        return found.get(name) or found.get(alias.get(name, ""))

    for fact in _derive.comparisons(get):
        found[fact.name] = fact
    return Facts(found, subject=case.subject)


def _measures_of(kind: str) -> tuple[str, ...]:
    extra: dict[str, tuple[str, ...]] = {
        "subject": ("age_years", "sex", "height_cm", "weight_kg", "bmi_kg_per_m2"), "case": ("days_since_onset",),
        "strength": ("mrc_grade",), "reflex": ("finding",), "sensation": ("finding",), "sign": ("is_positive",),
        "symptom": ("is_present", "age_days"), "mri": ("certainty",),
        "needle": tuple(f"{name}_grade" for name in SPONTANEOUS_KINDS),
    }  # fmt: skip
    return (*(measure for known, measure in measures() if known == kind), *extra.get(kind, ()))


def _fault(parts: list[str]) -> tuple[str, str]:
    """What is wrong with the parts of a name, and what would be accepted; both empty when nothing is."""
    kind, measure = parts[0], parts[-1]
    if kind not in KINDS:
        return f"kind {kind}", f"one of {', '.join(KINDS)}"
    if measure not in _measures_of(kind):
        near = nearest(measure, {plain(one): one for one in _measures_of(kind)})
        return f"measure {measure}", f"such as {', '.join(near)}" if near else f"one of {', '.join(_measures_of(kind))}"
    if kind in {"subject", "case"}:
        return ("", "") if len(parts) == 2 else ("too many parts", f"{kind}.MEASURE")
    if kind in {"sign", "symptom", "mri"}:
        return "", ""
    if len(parts) < 4 or parts[2] not in {"left", "right", "{side}"}:
        return "no side", f"{kind}.STUDY.SIDE...{measure}"
    return _study_fault(kind, parts)


def _study_fault(kind: str, parts: list[str]) -> tuple[str, str]:
    study, sites = parts[1], parts[3:-1]
    if study.startswith("{"):
        return "", ""
    if kind in {"needle", "strength"}:
        vocabulary.muscle(study)
        return "", ""
    known = studies()
    if kind == "compare":
        tests = {row["study"] for row in rows_of("derived.csv")}
        return ("", "") if study in tests else (f"test {study}", f"one of {', '.join(sorted(tests))}")
    if kind in {"motor", "sensory", "rns", *LATE_KINDS} and study not in known:
        near = nearest(study, {plain(one): one for one in known})
        return f"study {study}", f"such as {', '.join(near)}" if near else "a study of studies.csv"
    if kind in {"motor", "sensory"} and sites and not sites[0].startswith("{"):
        wrong = [site for site in sites[0].split("-") if site not in known[study].sites]
        return (f"site {wrong[0]}", f"one of {', '.join(known[study].sites)}") if wrong else ("", "")
    return "", ""


def check_name(name: str) -> None:
    """Raise InputError unless a name, or a name with ``{study}``, ``{side}``, ``{segment}`` to fill in, fits the grammar.

    Raises
    ------
    InputError
        Naming the part that is not known and what would be accepted.
    """
    parts = name.split(".")
    got, expected = _fault(parts) if len(parts) > 1 else ("one part", "kind.study.side.measure")
    if got:
        raise InputError(f"{name} is no name of a fact", got=got, expected=expected)
