"""The correlation in sentences, each tied to its evidence.  It words what was decided elsewhere and adds nothing to it.

Allowed: "supports", "is compatible with", "does not exclude".  Not here: that a test confirms, proves or rules out
anything, that normal means nothing is wrong, or what should be treated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from emgwidgets import vocabulary
from emgwidgets.interpretation.correlation.edx_bearing import tests_of
from emgwidgets.interpretation.correlation.structure import finding_words
from emgwidgets.interpretation.correlation.table import class_words, says
from emgwidgets.interpretation.explain_competing import competing_sentences
from emgwidgets.interpretation.explain_evidence import evidence_sentences
from emgwidgets.interpretation.explain_function import (
    MOST_NAMED,
    all_tested,
    cells_of,
    codes_of,
    function_sentences,
    items_of,
    named_roots,
    roots_in_words,
    with_article,
)  # fmt: skip
from emgwidgets.interpretation.explain_words import and_words, brief, percent, row_words, start
from emgwidgets.model.correlation import Correlation, Impression, Sentence
from emgwidgets.printed import printed

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
    warm = f"skin temperature {' to '.join(degc)} \N{DEGREE SIGN}C" if degc else "skin temperature not recorded"
    found = [Sentence(text=f"{when}; {warm}.", part="time", evidence=("days_since_onset", "ncs"))]
    groups: dict[str, list[bool]] = {}
    names: list[str] = []
    alone: list[str] = []
    for test in tests_of(parts.function.observations, parts.facts):
        word = {"motor": "motor responses", "sensory": "sensory responses", "needle": "muscles"}.get(test.kind)
        if word:
            groups.setdefault(word, []).append(test.is_abnormal)
            names += [test.names[0]] if test.is_abnormal and test.names else []
            alone += [brief(test.sentence)] if test.is_abnormal else []
    if groups:
        counts = [f"{sum(own)} of {len(own)} {word}" for word, own in sorted(groups.items())]
        text = f"Abnormal in any measure: {', '.join(counts)}."
        if alone and parts.function.leading.code == "E0":
            text += f" Isolated, naming no site: {'; '.join(alone[:MOST_NAMED])}."
        found.append(Sentence(text=text, part="evidence", evidence=tuple(names) or ("ncs", "needle")))
    return found


def _structure(made: Correlation, structure: Structure) -> list[Sentence]:
    if not structure.is_done:
        text = "No MRI is entered, so structure is not judged; a normal MRI is entered as looked for and not seen."
        return [Sentence(text=text, part="structure", evidence=("mri",))]
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
    named = {f"prevalence_{structure.findings[n].kind}" for n in first[:MOST_NAMED]}
    for one in made.agreement:
        if one.code in named:
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
    name = f"row {row.number} of the concordance table" if row.number != "none" else row_words(row.name)
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
        names = list(dict.fromkeys(missing))
        more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
        text = f"Not tested, though it bears on this site: {and_words([*names[:MOST_NAMED], *more])}."
        found.append(Sentence(text=text, part="not tested", evidence=("board",)))
    always = "None of these nerve tests shows small fibres, the spinal cord or pain itself."
    found.append(Sentence(text=always, part="not tested", evidence=("method",)))
    asked = [one.words for one in made.red_flags if one.state == "not asked"]
    if asked:
        found.append(
            Sentence(text=f"Red flags not asked for: {and_words(asked)}.", part="not tested", evidence=("red flags",))
        )
    return found


def _adequate(function: Function, notes: Sequence[str], *, abstains: bool) -> str:
    shown = {"E0": "show no lesion", "E0i": "show no lesion", "E1": "name no site", "Eps": "name no site"}
    said = shown.get(function.leading.code, "are abnormal")
    if said == "show no lesion" and any(one.fibrillates for one in function.muscles):
        said = "name no site"
    if notes and abstains:
        return f"The nerve tests {said}, but the study is not complete and what follows is provisional. {notes[0]}"
    if notes:
        return f"The nerve tests {said} and can be judged for this question, with a limit. {notes[0]}"
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
    missing = [text for text in made.adequacy.missing if not text.startswith("No MRI")]
    said += [Sentence(text=f"Missing: {text}", part="adequacy", evidence=("needle", "ncs")) for text in missing]
    if not made.adequacy.invalid and not missing:
        said.append(
            Sentence(
                text=_adequate(function, made.adequacy.notes, abstains=made.localisation.abstains),
                part="adequacy",
                evidence=("needle", "ncs"),
            )
        )
    said += [
        Sentence(text=one.sentence, part="time", evidence=("days_since_onset",))
        for one in made.timing.caveats
        if one.level != "note"
        and not (one.code == "early" and any("is early" in text for text in made.adequacy.missing))
    ]
    said += [
        *_conditions(parts),
        *function_sentences(made, function),
        *evidence_sentences(made, function, parts.facts),
        *_structure(made, structure),
    ]
    said += [
        Sentence(text=text, part="side", evidence=("symptoms", "examination", "mri")) for text in made.sides.conflicts
    ]
    # without an MRI nothing is held against another, and the likelihood of the site has been told
    said += [
        *(_fit(made, parts) if structure.is_done else []),
        *competing_sentences(made, function, case.question),
        *(_confidence(made) if structure.is_done else []),
        *_not_tested(made, function),
    ]
    steps = made.row.next_steps[:3]
    said += (
        [
            Sentence(
                text=f"Next: {'; '.join(steps)}.",
                part="next",
                evidence=("row",),
            )
        ]
        if steps
        else []
    )
    return Impression(sentences=tuple(replace(one, text=printed(one.text)) for one in said))


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
