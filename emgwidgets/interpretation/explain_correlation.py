"""The correlation in sentences, each tied to its evidence.  It words what was decided elsewhere and adds nothing to it.

Allowed: "supports", "is compatible with", "does not exclude".  Not here: that a test confirms, proves or rules out
anything, that normal means nothing is wrong, or what should be treated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emgwidgets import vocabulary
from emgwidgets.interpretation.correlation.agreement import share_interval
from emgwidgets.interpretation.correlation.edx_bearing import tests_of
from emgwidgets.interpretation.correlation.structure import finding_words
from emgwidgets.interpretation.correlation.table import class_words, says
from emgwidgets.model.correlation import BoardRow, Cell, Correlation, EvidenceItem, Impression, Sentence

if TYPE_CHECKING:
    from emgwidgets.interpretation.correlation.complaint import Complaint
    from emgwidgets.interpretation.correlation.parts import Parts
    from emgwidgets.interpretation.correlation.scenario import Function, Scenario
    from emgwidgets.interpretation.correlation.structure import RootFinding, Structure
    from emgwidgets.model.localisation import Explanation

__all__ = ["impression_of", "reasons_of"]

ROOTS = {"Ea", "Ec", "Eo", "Er"}
NEGATIVE = {"E0", "E0i", "E1", "Eps"}
MOST_NAMED = 4
#: Probability from which a root is named as taking part, and from which it is named as possible (internal choices).
NAMED, POSSIBLE = 0.6, 0.1


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]


def roots_in_words(roots: Sequence[tuple[str, str]]) -> str:
    """``"the L5 root on the left"``, ``"the L5 and S1 roots on both sides"``."""
    sides = {side for _, side in roots}
    by_side = {side: [root for root, own in roots if own == side] for side in sides}
    if len(sides) == 2 and by_side["left"] == by_side["right"]:
        return _roots(by_side["left"], "on both sides")
    return " and ".join(_roots(by_side[side], f"on the {side}") for side in ("left", "right") if side in sides)


def _roots(names: Sequence[str], where: str) -> str:
    return f"the {_and(names)} root{'s' if len(names) > 1 else ''} {where}"


def _explanation(made: Correlation, lead: Scenario) -> Explanation | None:
    return next((one for one in made.localisation.explanations if one.candidate.code == lead.candidate), None)


def _rows_of(made: Correlation, lead: Scenario) -> list[tuple[BoardRow, str]]:
    """Rows and sides of the board that the leading reading stands on."""
    known = {row.code: row for row in made.board}
    if lead.roots and lead.code != "Er":
        codes = [(f"root_{root.lower()}", side) for root, side in lead.roots]
    else:
        codes = [(part.split(".")[0], part.split(".")[1]) for part in lead.candidate.split("+") if "." in part]
    return [(known[code], side) for code, side in codes if code in known]


def _cells(made: Correlation, lead: Scenario, *columns: str) -> list[Cell]:
    return [row.cell(column, side) for row, side in _rows_of(made, lead) for column in columns]


def _items(made: Correlation, lead: Scenario, state: str, *columns: str) -> list[EvidenceItem]:
    found = {item.finding: item for cell in _cells(made, lead, *columns) for item in cell.of(state)}
    return sorted(found.values(), key=lambda one: -abs(one.weight))


def _codes(items: Sequence[EvidenceItem]) -> tuple[str, ...]:
    return tuple(one.code for one in items)


def _named_roots(function: Function) -> tuple[tuple[str, str], ...]:
    """Roots of the leading reading that take part in most readings; all of it where none does."""
    odds = function.root_odds
    named = tuple(pair for pair in function.leading.roots if odds[pair] >= NAMED)
    return named or function.leading.roots


def _also(function: Function) -> list[Sentence]:
    """Other roots that may take part as well."""
    named = _named_roots(function)
    others = [(pair, odd) for pair, odd in function.root_odds.items() if pair not in named and odd >= POSSIBLE]
    if not others or function.leading.code not in ROOTS:
        return []
    words = _and([f"{root} on the {side} ({_percent(odd)} %)" for (root, side), odd in others[:2]])
    return [Sentence(text=f"May take part as well, or instead: {words}.", part="function", evidence=("localisation",))]


def _percent(share: float) -> str:
    """Percent of a probability; nothing is certain, so it ends at 99."""
    return f"{min(99.0, 100 * share):.0f}"


def _process(function: Function, lead: Scenario) -> str:
    """Axon loss, block, slowing, from what was observed on the side."""
    sides = set(lead.sides) or {side for _, side in lead.roots}
    seen = {one.about for one in function.observations if one.is_abnormal and one.side in sides}
    words = []
    if seen & {"block"}:
        words.append("conduction block")
    if lead.code in {"Ep", "Er"} and seen & {"segment_slow", "comparison", "sensory_slow", "motor_slow", "very_slow"}:
        words.append("slowing")
    if seen & {"fibrillation", "large", "motor_low", "sensory_low"} and not (
        lead.code == "Ep" and not seen & {"fibrillation", "motor_low", "sensory_low"}
    ):
        words.append("axon loss")
    return f" with {_and(words)}" if words else ""


def _function(made: Correlation, function: Function) -> list[Sentence]:
    lead = function.leading
    support = _items(made, lead, "supports", "emg", "ncs")
    if lead.code in {"Ea", "Ec", "Eo"}:
        age = {
            "Ea": "an active lesion",
            "Ec": "a chronic, reinnervated lesion",
            "Eo": "an old lesion, older than this complaint,",
        }[lead.code]
        text = f"The nerve tests support {age} of {roots_in_words(_named_roots(function))}{_process(function, lead)}"
    elif lead.code in NEGATIVE:
        text = _nothing(lead, function)
    elif lead.code == "Et":
        return [Sentence(text="No statement on function: the study is technically invalid.", part="function")]
    else:
        text = f"The nerve tests support {_with_article(lead)}{_process(function, lead)}"
    made_ = [
        Sentence(
            text=f"{text}{_odds(made, function)}.", part="function", evidence=_codes(support) or _all_tested(function)
        )
    ]
    grade = _explanation(made, lead)
    if grade is not None and grade.severity and lead.code not in NEGATIVE | {"Em", "Ey", "Ej", "Et", "E0i"}:
        share = f"about {100 * grade.share_lost:.0f} % of the axons"
        made_.append(
            Sentence(
                text=f"Severity: {grade.severity} ({share}, estimated from all findings).",
                part="function",
                evidence=_codes(support),
            )
        )
    return [*made_, *_also(function), *_age_sentences(lead, support)]


def _with_article(lead: Scenario) -> str:
    """``"a lesion of the ... nerve on the left"``, two lesions, or the name of a disease as it is."""
    if lead.code in {"Em", "Ey", "Ej", "En"} or "several nerves" in lead.words:
        return lead.words
    parts = [_placed(part) for part in lead.words.replace(", with ", " with ").split(" with ")]
    return f"a lesion of {parts[0]}" if len(parts) == 1 else f"two lesions, of {_and(parts)}"


def _placed(words: str) -> str:
    """``"C6 root, right"`` as ``"the C6 root on the right"``."""
    name, _, side = words.rpartition(", ")
    return f"the {name} on the {side}" if side in {"left", "right"} else f"the {words}"


def _odds(made: Correlation, function: Function) -> str:
    """How likely it is that all roots named take part, or the site itself."""
    lead, odds = function.leading, function.root_odds
    if lead.code in NEGATIVE:
        return ""
    if lead.roots and lead.code in {"Ea", "Ec", "Eo"}:
        value = min(odds[pair] for pair in _named_roots(function))
        low, high = share_interval(value)
        return f"; {_percent(value)} % ({_percent(low)} to {_percent(high)} %)"
    found = _explanation(made, lead)
    if found is None:
        return ""
    return f"; {_percent(found.probability)} % ({_percent(found.low)} to {_percent(found.high)} %)"


def _nothing(lead: Scenario, function: Function) -> str:
    tested = len(function.muscles)
    if lead.code == "E1":
        return f"{_start(lead.words)}; no site is named from one muscle"
    if lead.code == "Eps":
        return "Change in paraspinal muscles only; no root is named from them"
    if lead.code == "E0i":
        return f"{_start(lead.words)}; this is not a negative study"
    low = any(one.has_low_drive for one in function.muscles)
    drive = "; recruitment was slow for lack of drive, not of units" if low else ""
    return f"No axon loss was found in the {tested} muscles and the nerves tested{drive}; irritation without axon loss is not excluded"


def _all_tested(function: Function) -> tuple[str, ...]:
    names = [f"needle.{one.muscle}.{one.side}" for one in function.muscles]
    return tuple(names) or tuple(dict.fromkeys(name for one in function.observations for name in one.names))[:10]


def _age_sentences(lead: Scenario, support: Sequence[EvidenceItem]) -> list[Sentence]:
    if lead.code in {"Ep", "Er", "Ex", "En"}:
        active = any("fibrillation" in one.sentence for one in support)
        text = (
            "Fibrillation was seen: some axon loss is active."
            if active
            else "No fibrillation was seen in its muscles: no active axon loss is shown."
        )
        return [Sentence(text=text, part="activity", evidence=_codes(support))]
    if lead.code == "Ea":
        text = "Active means fibrillation now; it does not show that loss goes on."
        return [Sentence(text=text, part="activity", evidence=_codes(support))]
    if lead.code in {"Ec", "Eo"}:
        text = "Large units carry no date; fibrillation can outlast its cause by 18 to 24 months."
        return [Sentence(text=text, part="activity", evidence=_codes(support))]
    return []


def _brief(item: EvidenceItem) -> str:
    return item.sentence.rstrip(".")


def _evidence(made: Correlation, function: Function) -> list[Sentence]:
    lead = function.leading
    if lead.code in NEGATIVE | {"Et"}:
        return []
    found = []
    used: set[str] = set()
    for state, word in (("supports", "For it"), ("against", "Against it")):
        items = [one for one in _items(made, lead, state, "emg", "ncs", "examination") if one.finding not in used][
            :MOST_NAMED
        ]
        used |= {one.finding for one in _items(made, lead, state, "emg", "ncs", "examination")}
        if items:
            found.append(
                Sentence(
                    text=f"{word}: {'; '.join(_brief(one) for one in items)}.", part="evidence", evidence=_codes(items)
                )
            )
    kept = [one for one in _items(made, lead, "silent", "ncs") if "before the ganglion" in one.bearing][:2]
    if kept and lead.code in {"Ea", "Ec", "Eo"}:
        text = f"{'; '.join(_brief(one) for one in kept)}: compatible with a lesion before the ganglion."
        found.append(Sentence(text=_start(text), part="evidence", evidence=_codes(kept)))
    return found


def _conditions(parts: Parts) -> list[Sentence]:
    """When and how warm it was examined, and how much was abnormal in motor fibres, sensory fibres and muscles."""
    tests = [*parts.case.ncs.motor, *parts.case.ncs.sensory]
    skins = [one.conditions.skin_temperature_degc for one in tests if one.conditions.skin_temperature_degc is not None]
    day = parts.case.days_since_onset
    when = f"Examined on day {day:g} after onset" if day is not None else "The time since onset is not known"
    warm = f"skin temperature {min(skins):.0f} to {max(skins):.0f} degC" if skins else "skin temperature not recorded"
    found = [Sentence(text=f"{when}; {warm}.", part="time", evidence=("days_since_onset", "ncs"))]
    groups: dict[str, list[bool]] = {}
    names: list[str] = []
    for test in tests_of(parts.function.observations):
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
        return [Sentence(text="MRI: none entered.", part="structure")]
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
            text = f"{_start(one.words)}: {one.percent:.0f} % ({one.low_percent:.0f} to {one.high_percent:.0f} %)."
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
    roots = [(one.root, one.side) for one in sorted(structure.roots, key=lambda one: (-one.severity, one.index))]
    own = [pair for pair in roots if pair[1] in (set(lead.sides) or {"left", "right"})] or roots
    mri = roots_in_words(list(dict.fromkeys(own))) if own else "no root"
    urgent = [finding_words(structure.findings[n]) for n in structure.urgent]
    shared = tuple(pair for pair in lead.roots if structure.hits(*pair))
    edx = roots_in_words(shared or _named_roots(function)) if lead.roots else lead.words
    sides = set(lead.sides) or {side for _, side in lead.roots}
    return {
        "edx": edx, "mri": mri, "picture": "; ".join(urgent), "complaint_side": complaint.side or "side that is not given",
        "edx_side": next(iter(sides), "") if len(sides) == 1 else "two sides", "function": _with_article(lead),
    }  # fmt: skip


def _fit(made: Correlation, parts: Parts) -> list[Sentence]:
    function, structure, complaint = parts.function, parts.structure, parts.complaint
    names = _names(parts)
    text = _start(says(made.row.number, made.row.name).format(**names))
    lead = function.leading
    codes = (
        *_codes(_items(made, lead, "supports", "emg", "ncs")[:MOST_NAMED]),
        *_codes(_items(made, lead, "supports", "mri")),
    )
    places = tuple(f"mri[{n}]" for n in range(len(structure.findings)))[:MOST_NAMED]
    clinical = tuple(found.place for found in complaint.findings if found.is_abnormal)[:MOST_NAMED]
    return [Sentence(text=text, part="fit", evidence=tuple(dict.fromkeys((*codes, *places, *clinical))))]


def _confidence(made: Correlation) -> list[Sentence]:
    row = made.row
    name = f"row {row.number}, {row.name.lower()}" if row.number != "none" else row.name.lower()
    text = f"This reading ({name}) holds with {_percent(row.probability)} % ({_percent(row.low)} to {_percent(row.high)} %), given how uncertain the site and the reading of the MRI are."
    overall = next((one for one in made.agreement if one.code == "agree_overall"), None)
    found = [Sentence(text=text, part="confidence", evidence=("localisation",))]
    if overall is not None:
        text = f"Nerve tests and MRI agreed in {overall.percent:.0f} % ({overall.low_percent:.0f} to {overall.high_percent:.0f} %) of a published series, kappa about 0.18; neither overrules the other."
        found.append(Sentence(text=text, part="confidence", evidence=(overall.cited.key if overall.cited else "",)))
    return found


def _not_tested(made: Correlation, function: Function) -> list[Sentence]:
    missing = [name for cell in _cells(made, function.leading, "emg", "ncs") for name in cell.not_tested]
    found = []
    if missing:
        named = _and(list(dict.fromkeys(missing))[:MOST_NAMED])
        found.append(Sentence(text=f"Not tested: {named}.", part="not tested", evidence=("board",)))
    always = "Not tested by any of these studies: small fibres, the cord, and pain itself."
    found.append(Sentence(text=always, part="not tested", evidence=("method",)))
    asked = [one.words for one in made.red_flags if one.state == "not asked"]
    if asked:
        found.append(
            Sentence(text=f"Red flags not asked for: {_and(asked)}.", part="not tested", evidence=("red flags",))
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
        text = f"{word}: {one.words}, {_percent(one.probability)} % ({_percent(one.low)} to {_percent(one.high)} %)."
        found.append(Sentence(text=text, part="competing", evidence=(one.code,)))
    rest = [one for one in made.localisation.explanations if one.candidate.code != lead.candidate]
    if not found and rest and lead.code not in NEGATIVE | {"Et"}:
        text = f"Less likely among the sites: {rest[0].candidate.words}, {_percent(rest[0].probability)} %."
        found.append(Sentence(text=text, part="competing", evidence=(rest[0].candidate.code,)))
    return found


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
            Sentence(text="The study is adequate for this question.", part="adequacy", evidence=("needle", "ncs"))
        )
    said += [
        Sentence(text=one.sentence, part="time", evidence=("days_since_onset",))
        for one in made.timing.caveats
        if one.level != "note"
    ]
    said += [*_conditions(parts), *_function(made, function), *_evidence(made, function), *_structure(made, structure)]
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
    support = _items(made, lead, "supports", "emg", "ncs")
    said = [
        Sentence(
            text=f"Function: {class_words('edx', lead.code)} ({lead.words}).",
            part="function",
            evidence=_codes(support) or _all_tested(function),
        )
    ]
    hits = sorted(structure.roots, key=lambda one: (-one.severity, one.index))
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
