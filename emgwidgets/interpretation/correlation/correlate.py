"""``correlate``: red flags, time, adequacy, sides, board and the row of the concordance table, in this order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from emgwidgets.interpretation.correlation.agreement import agreements, prevalence_rows, share_interval
from emgwidgets.interpretation.correlation.board import board_of
from emgwidgets.interpretation.correlation.complaint import Complaint, complaint_of
from emgwidgets.interpretation.correlation.function import EARLY_DAYS, function_of
from emgwidgets.interpretation.correlation.parts import Parts
from emgwidgets.interpretation.correlation.red_flags import banner, red_flags_of
from emgwidgets.interpretation.correlation.scenario import Function, Scenario
from emgwidgets.interpretation.correlation.structure import Structure, structure_of
from emgwidgets.interpretation.correlation.table import TableRow, class_words, row_for
from emgwidgets.interpretation.correlation.technique import technical_faults
from emgwidgets.interpretation.correlation.timing import timing_of
from emgwidgets.interpretation.correlation.traits import Picture, traits_of
from emgwidgets.interpretation.explain_correlation import impression_of, reasons_of
from emgwidgets.interpretation.facts import facts_of
from emgwidgets.interpretation.localisation.engine import localise_observed
from emgwidgets.interpretation.localisation.observations import observations_of
from emgwidgets.interpretation.reference.norm_sets import NormSet
from emgwidgets.model.case import Case
from emgwidgets.model.correlation import Adequacy, Agreement, Competing, Correlation, PossibleRow, RowFound, SideCheck
from emgwidgets.model.localisation import Localisation
from emgwidgets.model.struck import struck_of

__all__ = ["correlate"]

#: Share of second readers who would put a root on the other side of "contact" or "compression": with kappa 0.42 to 0.69
#: (mri.S50), about 0.5, and half of the roots compressed, (1 - kappa) / 2; derived.
OTHER_READER = 0.25
#: Explanations taken from the ranking, and rows and readings below which nothing is listed (internal choices).
N_EXPLANATIONS, LISTED = 12, 0.05


def correlate(
    case: Case,
    *,
    doubts: Mapping[str, str] | None = None,
    norm_set: str | NormSet = "aanem_2016",
    assume: Collection[str] = (),
) -> Correlation:
    """Hold function, structure and complaint of a case against each other.

    Parameters
    ----------
    case : Case
        With symptoms, examination, studies and MRI findings; what is missing is said, never taken as normal.
    doubts, norm_set, assume
        As for :func:`emgwidgets.interpretation.localisation.localise`.

    Returns
    -------
    Correlation
        Red flags first.  No source is corrected by another, and no side is changed.

    Raises
    ------
    InputError
        If the norm set or what is assumed does not exist.
    """
    facts = facts_of(case, doubts=doubts)
    found = observations_of(facts, norm_set=norm_set, assume=assume)
    where = localise_observed(facts, found, n=N_EXPLANATIONS)
    complaint, structure, timing = complaint_of(case), structure_of(case), timing_of(case)
    invalid = technical_faults(case)
    function = function_of(where, found, complaint, days=case.days_since_onset, invalid=invalid)
    flags = red_flags_of(case)
    parts = Parts(case=case, facts=facts, function=function, structure=structure, complaint=complaint)
    row = _row(parts)
    made = Correlation(
        red_flags=flags, urgent=banner(flags), timing=timing, adequacy=_adequacy(parts, where),
        sides=_side_check(parts), row=row, localisation=where,
        board=board_of(parts, leading=_leading(where)), complaint_side=complaint.side,
        agreement=_agreement(row, parts), competing=_competing(function),
        notes=where.not_used,
    )  # fmt: skip
    made = replace(made, row=replace(row, reasons=reasons_of(made, parts)))
    return replace(made, impression=impression_of(made, parts).strike(struck_of(case.annotations)))


def _leading(where: Localisation) -> tuple[str, ...]:
    """Sites of the first explanations, without their side."""
    likely = [one.candidate for one in where.explanations[:4] if one.probability >= LISTED]
    return tuple(code.split(".")[0] for one in likely for code in (one.parts or (one.code,)))


def _pictures(structure: Structure) -> list[Picture]:
    """Readings of the MRI: as reported, and as another reader might grade the effect on roots."""
    if not structure.roots:
        return [Picture(structure=structure)]
    up = any(one.mri_class == "M2" for one in structure.roots)
    return [
        Picture(structure=structure, probability=1 - OTHER_READER),
        Picture(structure=structure, shift=-1 if up else 1, probability=OTHER_READER),
    ]


def _row(parts: Parts) -> RowFound:
    """The row with the highest probability over the readings of both tests."""
    function, structure, complaint = parts.function, parts.structure, parts.complaint
    weights: dict[tuple[str, str], float] = defaultdict(float)
    best: dict[tuple[str, str], tuple[float, TableRow, Scenario, Picture]] = {}
    for scenario in function.scenarios:
        for picture in _pictures(structure):
            row, share = row_for(traits_of(scenario, picture, complaint)), scenario.probability * picture.probability
            key = (row.number, row.name)
            weights[key] += share
            if key not in best or share > best[key][0]:
                best[key] = (share, row, scenario, picture)
    order = sorted(weights, key=lambda key: (-weights[key], key))
    top, others = order[0], order[1:]
    _, row, scenario, picture = best[top]
    low, high = share_interval(weights[top])
    mri, edx = _mri_class(structure, picture, scenario, complaint), scenario.code
    mri_words = class_words("mri", mri)
    return RowFound(
        number=row.number, name=row.name, mri_class="MC" if mri == "Mcord" else mri, mri_words=mri_words, edx_class=edx,
        edx_words=f"{class_words('edx', edx)}: {scenario.words}", complaint_class=complaint.code,
        complaint_words=_complaint_words(complaint), probability=weights[top], low=low, high=high,
        explanations=row.explanations, next_steps=row.next_steps, cited=row.cited,
        alternatives=tuple(_possible(key, weights[key], best[key], picture) for key in others if weights[key] >= LISTED),
    )  # fmt: skip


def _possible(
    key: tuple[str, str], weight: float, found: tuple[float, TableRow, Scenario, Picture], chosen: Picture
) -> PossibleRow:
    low, high = share_interval(weight)
    _, _, scenario, picture = found
    because = f"if it is: {scenario.words}"
    if picture.shift != chosen.shift:
        word = "compression" if picture.shift > 0 else "contact only"
        because = f"if another reader sees {word}" if picture.shift else because
    return PossibleRow(number=key[0], name=key[1], probability=weight, low=low, high=high, because=because)


def _mri_class(structure: Structure, picture: Picture, scenario: Scenario, complaint: Complaint) -> str:
    traits = traits_of(scenario, picture, complaint)
    if traits["urgent_mri"] == "yes":
        return "MN"
    if structure.cord:
        return "Mcord"
    if traits["imaging"] != "ok":
        return "MX"
    return "MC" if structure.central_severe else traits["mri"]


def _complaint_words(complaint: Complaint) -> str:
    words = class_words("complaint", complaint.code)
    return f"{words}, {complaint.side}" if complaint.side and complaint.code in {"S", "Sx"} else words


def _adequacy(parts: Parts, where: Localisation) -> Adequacy:
    function, structure, complaint = parts.function, parts.structure, parts.complaint
    missing: list[str] = []
    lead = function.leading
    if lead.code in {"E0i", "E0", "E1", "Eps"}:
        missing += function.gaps
    if not function.muscles and not function.invalid:
        missing.append("No muscle was examined with the needle.")
    if not structure.is_done:
        missing.append("No MRI finding is entered; a normal MRI is entered as looked for and not seen.")
    side = complaint.side
    if side in {"left", "right"} and function.muscles and side not in function.sides:
        missing.append(f"The complaint is on the {side}; no muscle of that side was examined.")
    notes = list(where.adequacy.notes)
    notes += [] if lead.code in {"E0i", "E0"} else [text for text in where.adequacy.missing if text not in missing]
    notes += [*structure.problems, *complaint.problems]
    if structure.is_transitional:
        notes.append(
            "A transitional vertebra or another count is stated: every root may lie one segment higher or lower."
        )
    can = not function.invalid and lead.code != "E0i" and structure.is_done
    return Adequacy(
        can_be_judged=can,
        missing=tuple(dict.fromkeys(missing)),
        invalid=function.invalid,
        notes=tuple(dict.fromkeys(notes)),
    )


def _word(sides: Sequence[str]) -> str:
    found = set(sides)
    return "bilateral" if len(found) == 2 else next(iter(found), "")


def _side_check(parts: Parts) -> SideCheck:
    """Compare the sides of the four sources; nothing is swapped."""
    function, structure, complaint = parts.function, parts.structure, parts.complaint
    lead = function.leading
    edx = (
        _word(lead.sides or [side for _, side in lead.roots])
        if lead.code not in {"E0", "E0i", "Et", "Em", "Ey", "Ej"}
        else ""
    )
    mri = _word(structure.sides)
    given = {"complaint": complaint.side, "examination": complaint.sign_side, "nerve tests": edx, "MRI": mri}
    names = list(given)
    conflicts = [
        f"The {one} {'is' if one != 'nerve tests' else 'are'} on the {given[one]}, the {two} {'is' if two != 'nerve tests' else 'are'} "
        f"on the {given[two]}: check the side in every source; none was changed."
        for n, one in enumerate(names) for two in names[n + 1 :]
        if {given[one], given[two]} == {"left", "right"}
    ]  # fmt: skip
    conflicts += [f"MRI finding {n + 1} gives no side." for n in structure.no_side]
    return SideCheck(
        complaint=complaint.side, examination=complaint.sign_side, edx=edx, mri=mri, conflicts=tuple(conflicts)
    )


def _agreement(row: RowFound, parts: Parts) -> tuple[Agreement, ...]:
    structure = parts.structure
    when: list[str] = ["always"]
    modifiers: list[str] = []
    positive = row.edx_class in {"Ea", "Ec", "Eo", "Er"}
    if structure.roots:
        when.append("both_positive" if positive else "mri_positive")
        modifiers = _modifiers(parts)
    elif structure.is_done:
        when.append("edx_only" if positive else "mri_no_effect")
    return (*agreements(when, modifiers=modifiers), *prevalence_rows(structure, parts.case.subject.age_years))


def _modifiers(parts: Parts) -> list[str]:
    """What moves the odds of an abnormal nerve test, by the examination at the roots reached on the MRI."""
    own = [
        found for one in parts.structure.roots for found in parts.complaint.findings
        if found.side == one.side and found.is_abnormal and found.roots.get(one.root, 0) >= 2
    ]  # fmt: skip
    groups = {found.group for found in own}
    found = []
    if "weakness" in groups:
        found.append("weakness")
    if "reflex" in groups:
        found.append("reflex_loss")
    if groups and not groups & {"weakness", "reflex", "sensory"}:
        found.append("pain_only")
    if parts.case.days_since_onset is not None and parts.case.days_since_onset < EARLY_DAYS:
        found.append("early")
    return found


def _competing(function: Function) -> tuple[Competing, ...]:
    """Readings that are no root, and nerves that exist beside a root."""
    made: dict[str, Competing] = {}
    for one in function.scenarios:
        if one.code not in {"Ep", "En", "Ex", "Er", "Em", "Ey", "Ej"} or one.probability < 0.03:
            continue
        relation = "beside" if one.code == "Er" or ("+" in one.candidate and one.code == "En") else "instead"
        low, high = share_interval(one.probability)
        made.setdefault(one.words, Competing(
            code=one.candidate or one.code, words=one.words, relation=relation, probability=one.probability, low=low, high=high,  # type: ignore[arg-type]
            sentence=f"{one.words[:1].upper()}{one.words[1:]}: {class_words('edx', one.code)}.",
        ))  # fmt: skip
    return tuple(made.values())
