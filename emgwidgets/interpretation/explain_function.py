"""What the nerve tests say, in sentences tied to the cells of the board.  It words what was decided elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emgwidgets.interpretation.correlation.agreement import share_interval
from emgwidgets.model.correlation import BoardRow, Cell, Correlation, EvidenceItem, Sentence

if TYPE_CHECKING:
    from emgwidgets.interpretation.correlation.scenario import Function, Scenario
    from emgwidgets.model.localisation import Explanation

__all__ = [
    "MOST_NAMED", "NEGATIVE", "all_tested", "and_words", "cells_of", "codes_of", "evidence_sentences", "function_sentences",
    "items_of", "named_roots", "percent", "roots_in_words", "start", "with_article",
]  # fmt: skip

ROOTS = {"Ea", "Ec", "Eo", "Er"}
NEGATIVE = {"E0", "E0i", "E1", "Eps"}
MOST_NAMED = 4
#: Probability from which a root is named as taking part, and from which it is named as possible (internal choices).
NAMED, POSSIBLE = 0.6, 0.1


def and_words(words: Sequence[str]) -> str:
    """Words joined by commas, the last by and."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def start(text: str) -> str:
    """Text with its first letter large."""
    return text[:1].upper() + text[1:]


def roots_in_words(roots: Sequence[tuple[str, str]]) -> str:
    """``"the L5 root on the left"``, ``"the L5 and S1 roots on both sides"``."""
    sides = {side for _, side in roots}
    by_side = {side: [root for root, own in roots if own == side] for side in sides}
    if len(sides) == 2 and by_side["left"] == by_side["right"]:
        return _roots(by_side["left"], "on both sides")
    return " and ".join(_roots(by_side[side], f"on the {side}") for side in ("left", "right") if side in sides)


def _roots(names: Sequence[str], where: str) -> str:
    return f"the {and_words(names)} root{'s' if len(names) > 1 else ''} {where}"


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


def cells_of(made: Correlation, lead: Scenario, *columns: str) -> list[Cell]:
    """Cells of the leading reading, some columns."""
    return [row.cell(column, side) for row, side in _rows_of(made, lead) for column in columns]


def items_of(made: Correlation, lead: Scenario, state: str, *columns: str) -> list[EvidenceItem]:
    """Items of the leading reading in one state, the strongest first, each finding once."""
    found = {item.finding: item for cell in cells_of(made, lead, *columns) for item in cell.of(state)}
    return sorted(found.values(), key=lambda one: -abs(one.weight))


def codes_of(items: Sequence[EvidenceItem]) -> tuple[str, ...]:
    """Codes of some items."""
    return tuple(one.code for one in items)


def named_roots(function: Function) -> tuple[tuple[str, str], ...]:
    """Roots of the leading reading that take part in most readings; all of it where none does."""
    odds = function.root_odds
    named = tuple(pair for pair in function.leading.roots if odds[pair] >= NAMED)
    return named or function.leading.roots


def _also(function: Function) -> list[Sentence]:
    """Other roots that may take part as well."""
    named = named_roots(function)
    others = [(pair, odd) for pair, odd in function.root_odds.items() if pair not in named and odd >= POSSIBLE]
    if not others or function.leading.code not in ROOTS:
        return []
    words = and_words([f"{root} on the {side} ({percent(odd)} %)" for (root, side), odd in others[:2]])
    return [Sentence(text=f"May take part as well, or instead: {words}.", part="function", evidence=("localisation",))]


def percent(share: float) -> str:
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
    return f" with {and_words(words)}" if words else ""


def function_sentences(made: Correlation, function: Function) -> list[Sentence]:
    """Site, process, severity and activity, each with its evidence."""
    lead = function.leading
    support = items_of(made, lead, "supports", "emg", "ncs")
    if lead.code in {"Ea", "Ec", "Eo"}:
        age = {
            "Ea": "an active lesion",
            "Ec": "a chronic, reinnervated lesion",
            "Eo": "a lesion that is older than this complaint",
        }[lead.code]
        text = f"The nerve tests support {age} of {roots_in_words(named_roots(function))}{_process(function, lead)}"
    elif lead.code in NEGATIVE:
        text = _nothing(lead, function)
    elif lead.code == "Et":
        return [
            Sentence(
                text="No statement on function: the study is technically invalid.",
                part="function",
                evidence=("ncs", "needle"),
            )
        ]
    else:
        text = f"The nerve tests support {with_article(lead)}{_process(function, lead)}"
    made_ = [
        Sentence(text=f"{text}{_odds(function)}.", part="function", evidence=codes_of(support) or all_tested(function))
    ]
    grade = _explanation(made, lead)
    if grade is not None and grade.severity and lead.code not in NEGATIVE | {"Em", "Ey", "Ej", "Et", "E0i"}:
        share = f"about {100 * grade.share_lost:.0f} % of the axons"
        made_.append(
            Sentence(
                text=f"Severity: {grade.severity} ({share}, estimated from all findings).",
                part="function",
                evidence=codes_of(support) or (lead.candidate,),
            )
        )
    return [*made_, *_also(function), *_age_sentences(lead, support)]


def with_article(lead: Scenario) -> str:
    """``"a lesion of the ... nerve on the left"``, two lesions, the name of a disease as it is, or the tests that named nothing."""
    if lead.code in NEGATIVE:
        return "the nerve tests"
    if lead.code in {"Em", "Ey", "Ej", "En"} or "several nerves" in lead.words or "amyotrophy" in lead.words:
        return lead.words
    parts = [_placed(part) for part in lead.words.replace(", with ", " with ").split(" with ")]
    return f"a lesion of {parts[0]}" if len(parts) == 1 else f"two lesions, of {and_words(parts)}"


def _placed(words: str) -> str:
    """``"C6 root, right"`` as ``"the C6 root on the right"``."""
    name, _, side = words.rpartition(", ")
    return f"the {name} on the {side}" if side in {"left", "right"} else f"the {words}"


def _odds(function: Function) -> str:
    """How likely it is that all roots named take part, or the site itself."""
    lead, odds = function.leading, function.root_odds
    if lead.code in NEGATIVE:
        return ""
    if lead.roots and lead.code in {"Ea", "Ec", "Eo"}:
        value = min(odds[pair] for pair in named_roots(function))
        low, high = share_interval(value)
        return f"; {percent(value)} % ({percent(low)} to {percent(high)} %)"
    value = sum(one.probability for one in function.scenarios if one.candidate == lead.candidate)
    low, high = share_interval(value)
    return f"; {percent(value)} % ({percent(low)} to {percent(high)} %)"


def _nothing(lead: Scenario, function: Function) -> str:
    tested = len(function.muscles)
    if lead.code == "E1":
        return f"{start(lead.words)}; no site is named from one muscle"
    if lead.code == "Eps":
        return "Change in paraspinal muscles only; no root is named from them"
    if lead.code == "E0i":
        return f"{start(lead.words)}; this is not a negative study"
    low = any(one.has_low_drive for one in function.muscles)
    drive = "; recruitment was slow for lack of drive, not of units" if low else ""
    return f"No axon loss was found in the {tested} muscles and the nerves tested{drive}; irritation without axon loss is not excluded"


def all_tested(function: Function) -> tuple[str, ...]:
    """What a negative study rests on: everything that was tested."""
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
        return [Sentence(text=text, part="activity", evidence=codes_of(support) or ("needle",))]
    if lead.code == "Ea":
        text = "Active means fibrillation now; it does not show that loss goes on."
        return [Sentence(text=text, part="activity", evidence=codes_of(support) or ("needle",))]
    if lead.code in {"Ec", "Eo"}:
        text = "Large units carry no date; fibrillation can outlast its cause by 18 to 24 months."
        return [Sentence(text=text, part="activity", evidence=codes_of(support) or ("needle",))]
    return []


def _brief(item: EvidenceItem) -> str:
    return item.sentence.rstrip(".")


def evidence_sentences(made: Correlation, function: Function) -> list[Sentence]:
    """What speaks for and against the leading reading."""
    lead = function.leading
    if lead.code in NEGATIVE | {"Et"}:
        return []
    found: list[Sentence] = []
    if not cells_of(made, lead, "emg"):
        return _of_ranking(made, lead)
    used: set[str] = set()
    for state, word in (("supports", "For it"), ("against", "Against it")):
        items = [one for one in items_of(made, lead, state, "emg", "ncs", "examination") if one.finding not in used][
            :MOST_NAMED
        ]
        used |= {one.finding for one in items_of(made, lead, state, "emg", "ncs", "examination")}
        if items:
            found.append(
                Sentence(
                    text=f"{word}: {'; '.join(_brief(one) for one in items)}.",
                    part="evidence",
                    evidence=codes_of(items),
                )
            )
    kept = [one for one in items_of(made, lead, "silent", "ncs") if "before the ganglion" in one.bearing][:2]
    if kept and lead.code in {"Ea", "Ec", "Eo"}:
        text = f"{'; '.join(_brief(one) for one in kept)}: compatible with a lesion before the ganglion."
        found.append(Sentence(text=start(text), part="evidence", evidence=codes_of(kept)))
    return found


def _of_ranking(made: Correlation, lead: Scenario) -> list[Sentence]:
    """Evidence of a reading that has no row on the board, such as motor neuron disease: that of the ranking."""
    one = _explanation(made, lead)
    if one is None:
        return []
    said = []
    for word, rows in (("For it", one.supporting), ("Against it", one.against)):
        listed = rows[:MOST_NAMED]
        if listed:
            text = f"{word}: {'; '.join(start(row.sentence.rstrip('.')) for row in listed)}."
            said.append(
                Sentence(text=text, part="evidence", evidence=tuple(name for row in listed for name in row.names))
            )
    return said
