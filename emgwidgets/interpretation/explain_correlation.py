"""The correlation in sentences, each tied to its evidence.  It words what was decided elsewhere and adds nothing to it.

Allowed: "supports", "is compatible with", "does not exclude".  Not here: that a test confirms, proves or rules out
anything, that normal means nothing is wrong, or what should be treated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emgwidgets import vocabulary
from emgwidgets.interpretation.correlation.edx_bearing import tests_of
from emgwidgets.interpretation.correlation.structure import finding_words
from emgwidgets.interpretation.correlation.table import class_words, says
from emgwidgets.interpretation.explain_function import (
    MOST_NAMED,
    NEGATIVE,
    all_tested,
    and_words,
    cells_of,
    codes_of,
    evidence_sentences,
    function_sentences,
    items_of,
    named_roots,
    percent,
    roots_in_words,
    start,
    with_article,
)  # fmt: skip
from emgwidgets.model.correlation import Correlation, Impression, Sentence

if TYPE_CHECKING:
    from emgwidgets.interpretation.correlation.complaint import Complaint
    from emgwidgets.interpretation.correlation.parts import Parts
    from emgwidgets.interpretation.correlation.scenario import Function, Scenario
    from emgwidgets.interpretation.correlation.structure import RootFinding, Structure
    from emgwidgets.model.ncs import MotorStudy, SensoryStudy

__all__ = ["impression_of", "reasons_of"]


def _conditions(parts: Parts) -> list[Sentence]:
    """When and how warm it was examined, and how much was abnormal in motor fibres, sensory fibres and muscles."""
    tests: list[MotorStudy | SensoryStudy] = [*parts.case.ncs.motor, *parts.case.ncs.sensory]
    skins = [one.conditions.skin_temperature_degc for one in tests if one.conditions.skin_temperature_degc is not None]
    day = parts.case.days_since_onset
    when = f"Examined on day {day:g} after onset" if day is not None else "The time since onset is not known"
    degc = list(dict.fromkeys(f"{skin:.0f}" for skin in (min(skins), max(skins)))) if skins else []
    warm = f"skin temperature {' to '.join(degc)} degC" if degc else "skin temperature not recorded"
    found = [Sentence(text=f"{when}; {warm}.", part="time", evidence=("days_since_onset", "ncs"))]
    groups: dict[str, list[bool]] = {}
    names: list[str] = []
    for test in tests_of(parts.function.observations, parts.facts):
        word = {"motor": "motor responses", "sensory": "sensory responses", "needle": "muscles"}.get(test.kind)
        if word:
            groups.setdefault(word, []).append(test.is_abnormal)
            names += [test.names[0]] if test.is_abnormal and test.names else []
    if groups:
        counts = [f"{sum(own)} of {len(own)} {word}" for word, own in sorted(groups.items())]
        text = f"Abnormal in any measure: {', '.join(counts)}."
        found.append(Sentence(text=text, part="evidence", evidence=tuple(names) or ("ncs", "needle")))
    return found


def _structure(made: Correlation, structure: Structure) -> list[Sentence]:
    if not structure.is_done:
        return [Sentence(text="MRI: none entered.", part="structure", evidence=("mri",))]
    shown = [n for n, one in enumerate(structure.findings) if one.certainty != "negated"]
    reaching = (
        {one.index for one in structure.roots}
        | set(structure.cord)
        | set(structure.urgent)
        | set(structure.central_severe)
    )
    first = [n for n in shown if n in reaching] or shown
    if not shown:
        places = tuple(f"mri[{n}]" for n in range(len(structure.findings)))[:6]
        return [Sentence(text="MRI: nothing reported that reaches a root.", part="structure", evidence=places)]
    text = f"MRI: {'; '.join(finding_words(structure.findings[n]) for n in first[:MOST_NAMED])}."
    found = [Sentence(text=text, part="structure", evidence=tuple(f"mri[{n}]" for n in first[:MOST_NAMED]))]
    for one in made.agreement:
        if one.code.startswith("prevalence_"):
            text = f"{start(one.words)}: {one.percent:.0f} % ({one.low_percent:.0f} to {one.high_percent:.0f} %)."
            found.append(
                Sentence(
                    text=text,
                    part="structure",
                    evidence=tuple(
                        f"mri[{n}]" for n in shown if structure.findings[n].kind == one.code.removeprefix("prevalence_")
                    ),
                )
            )
            break
    return found


def _names(parts: Parts) -> dict[str, str]:
    function, structure, complaint = parts.function, parts.structure, parts.complaint
    lead = function.leading
    roots = [(one.root, one.side) for one in sorted(structure.roots, key=lambda one: (-one.severity_index, one.index))]
    own = [pair for pair in roots if pair[1] in (set(lead.sides) or {"left", "right"})] or roots
    mri = roots_in_words(list(dict.fromkeys(own))) if own else "no root"
    urgent = [finding_words(structure.findings[n]) for n in structure.urgent]
    shared = tuple(pair for pair in lead.roots if structure.hits(*pair))
    edx = roots_in_words(shared or named_roots(function)) if lead.roots else lead.words
    sides = set(lead.sides) or {side for _, side in lead.roots}
    return {
        "edx": edx, "mri": mri, "picture": "; ".join(urgent), "complaint_side": complaint.side or "side that is not given",
        "edx_side": next(iter(sides), "") if len(sides) == 1 else "two sides", "function": with_article(lead),
    }  # fmt: skip


def _fit(made: Correlation, parts: Parts) -> list[Sentence]:
    function, structure, complaint = parts.function, parts.structure, parts.complaint
    names = _names(parts)
    text = start(says(made.row.number, made.row.name).format(**names))
    lead = function.leading
    codes = (
        *codes_of(items_of(made, lead, "supports", "emg", "ncs")[:MOST_NAMED]),
        *codes_of(items_of(made, lead, "supports", "mri")),
    )
    places = tuple(f"mri[{n}]" for n in range(len(structure.findings)))[:MOST_NAMED]
    clinical = tuple(found.place for found in complaint.findings if found.is_abnormal)[:MOST_NAMED]
    return [Sentence(text=text, part="fit", evidence=tuple(dict.fromkeys((*codes, *places, *clinical))))]


def _confidence(made: Correlation) -> list[Sentence]:
    row = made.row
    name = f"row {row.number}, {row.name}" if row.number != "none" else row.name.lower()
    text = f"This reading ({name}) holds with {percent(row.probability)} % ({percent(row.low)} to {percent(row.high)} %), given how uncertain the site and the reading of the MRI are."
    overall = next((one for one in made.agreement if one.code == "agree_overall"), None)
    found = [Sentence(text=text, part="confidence", evidence=("localisation",))]
    if overall is not None:
        text = f"Nerve tests and MRI agreed in {overall.percent:.0f} % ({overall.low_percent:.0f} to {overall.high_percent:.0f} %) of a published series, kappa about 0.18; neither overrules the other."
        found.append(Sentence(text=text, part="confidence", evidence=(overall.cited.key if overall.cited else "",)))
    return found


def _not_tested(made: Correlation, function: Function) -> list[Sentence]:
    missing = [name for cell in cells_of(made, function.leading, "emg", "ncs") for name in cell.not_tested]
    found = []
    if missing:
        named = and_words(list(dict.fromkeys(missing))[:MOST_NAMED])
        found.append(Sentence(text=f"Not tested: {named}.", part="not tested", evidence=("board",)))
    always = "Not tested by any of these studies: small fibres, the cord, and pain itself."
    found.append(Sentence(text=always, part="not tested", evidence=("method",)))
    asked = [one.words for one in made.red_flags if one.state == "not asked"]
    if asked:
        found.append(
            Sentence(text=f"Red flags not asked for: {and_words(asked)}.", part="not tested", evidence=("red flags",))
        )
    return found


def _competing(made: Correlation, function: Function) -> list[Sentence]:
    """Other readings; where none is listed, the next site of the ranking."""
    lead = function.leading
    found = []
    for one in made.competing[:3]:
        if one.words == lead.words or (one.relation == "beside" and lead.code == "Er"):
            continue
        word = "Beside it" if one.relation == "beside" else "Could explain it instead"
        text = f"{word}: {one.words}, {percent(one.probability)} % ({percent(one.low)} to {percent(one.high)} %)."
        found.append(Sentence(text=text, part="competing", evidence=(one.code,)))
    if not found and lead.code not in NEGATIVE | {"Et"}:
        found += _less_likely(made, function)
    return found


def _less_likely(made: Correlation, function: Function) -> list[Sentence]:
    """The next reading, or the next site of the ranking."""
    lead = function.leading
    others = [(one.words, one.probability, one.candidate) for one in function.scenarios[1:] if one.words != lead.words]
    others += [
        (one.candidate.words, one.probability, one.candidate.code)
        for one in made.localisation.explanations
        if one.candidate.code != lead.candidate and one.probability < lead.probability
    ]
    for words, probability, code in others[:1]:
        share = f"{percent(probability)} %" if probability >= 0.01 else "below 1 %"
        return [Sentence(text=f"Less likely: {words}, {share}.", part="competing", evidence=(code or "localisation",))]
    return []


def _adequate(function: Function, notes: Sequence[str]) -> str:
    shown = {"E0": "show no abnormality", "E0i": "show no abnormality", "E1": "name no site", "Eps": "name no site"}
    said = shown.get(function.leading.code, "are abnormal")
    if notes:
        return f"The nerve tests {said}; they can be judged for this question with a limit: {notes[0]}"
    return f"The nerve tests are adequate for this question and {said}."


def impression_of(made: Correlation, parts: Parts) -> Impression:
    """Impression text, red flags first; each sentence has its evidence."""
    function, structure, case = parts.function, parts.structure, parts.case
    said: list[Sentence] = []
    if made.urgent:
        places = tuple(place for one in made.red_flags if one.state == "present" for place in one.places)
        said.append(Sentence(text=made.urgent, part="red flag", evidence=places))
    if case.question:
        said.append(Sentence(text=f"Question: {case.question}", part="question", evidence=("question",)))
    said += [
        Sentence(text=f"Technically invalid: {text}", part="adequacy", evidence=("ncs",))
        for text in made.adequacy.invalid
    ]
    said += [
        Sentence(text=f"Missing: {text}", part="adequacy", evidence=("needle", "ncs")) for text in made.adequacy.missing
    ]
    if not made.adequacy.invalid and not made.adequacy.missing:
        said.append(
            Sentence(text=_adequate(function, made.adequacy.notes), part="adequacy", evidence=("needle", "ncs"))
        )
    said += [
        Sentence(text=one.sentence, part="time", evidence=("days_since_onset",))
        for one in made.timing.caveats
        if one.level != "note"
    ]
    said += [
        *_conditions(parts),
        *function_sentences(made, function),
        *evidence_sentences(made, function),
        *_structure(made, structure),
    ]
    said += [
        Sentence(text=text, part="side", evidence=("symptoms", "examination", "mri")) for text in made.sides.conflicts
    ]
    said += [
        *_fit(made, parts),
        *_competing(made, function),
        *_confidence(made),
        *_not_tested(made, function),
    ]
    steps = made.row.next_steps[:3]
    said += (
        [
            Sentence(
                text=f"What would settle it, before the reading is signed: {'; '.join(steps)}.",
                part="next",
                evidence=("row",),
            )
        ]
        if steps
        else []
    )
    return Impression(sentences=tuple(said))


def reasons_of(made: Correlation, parts: Parts) -> tuple[Sentence, ...]:
    """Why this row: one sentence each on function, structure, complaint, level and side."""
    function, structure, complaint = parts.function, parts.structure, parts.complaint
    lead = function.leading
    support = items_of(made, lead, "supports", "emg", "ncs")
    said = [
        Sentence(
            text=f"Function: {class_words('edx', lead.code)} ({lead.words}).",
            part="function",
            evidence=codes_of(support) or all_tested(function),
        )
    ]
    hits = sorted(structure.roots, key=lambda one: (-one.severity_index, one.index))
    if hits:
        roots = roots_in_words(list(dict.fromkeys((one.root, one.side) for one in hits)))
        said.append(Sentence(
            text=f"Structure: {class_words('mri', made.row.mri_class)}; it reaches {roots}.", part="structure",
            evidence=tuple(dict.fromkeys(f"mri[{one.index}]" for one in hits)),
        ))  # fmt: skip
    else:
        said.append(
            Sentence(
                text=f"Structure: {made.row.mri_words}.",
                part="structure",
                evidence=tuple(f"mri[{n}]" for n in range(len(structure.findings)))[:3],
            )
        )
    matching = [one for one in complaint.findings if one.is_abnormal][:MOST_NAMED]
    text = f"Complaint: {made.row.complaint_words}; {_clinical_fit(lead, structure, complaint)}."
    said.append(Sentence(text=text, part="fit", evidence=tuple(one.place for one in matching)))
    return tuple(said)


def _reaches(hits: Sequence[RootFinding]) -> str:
    return (
        "it reaches"
        if any(one.is_stated for one in hits)
        else "no effect on a root is stated; by level and zone it can reach"
    )


def _clinical_fit(lead: Scenario, structure: Structure, complaint: Complaint) -> str:
    from emgwidgets.interpretation.correlation.traits import MATCHES, fit_of_root

    candidates = list(dict.fromkeys([*lead.roots, *((one.root, one.side) for one in structure.roots)]))
    fitting = [
        pair for pair in candidates if fit_of_root(complaint, *pair) >= MATCHES and pair[0] in vocabulary.roots()
    ]
    return f"it fits {roots_in_words(fitting)}" if fitting else "it points to none of the roots named by the tests"
