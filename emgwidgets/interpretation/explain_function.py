"""What the nerve tests say, in sentences tied to the cells of the board.  It words what was decided elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emgwidgets.interpretation.correlation.agreement import share_interval
from emgwidgets.interpretation.explain_words import and_words, percent, placed, start
from emgwidgets.model.correlation import BoardRow, Cell, Correlation, EvidenceItem, Sentence

if TYPE_CHECKING:
    from emgwidgets.interpretation.correlation.scenario import Function, Scenario
    from emgwidgets.model.localisation import Explanation

__all__ = [
    "MOST_NAMED", "NEGATIVE", "all_tested", "also_named", "cells_of", "codes_of", "explanation_of", "function_sentences",
    "items_of", "named_roots", "roots_in_words", "with_article",
]  # fmt: skip

ROOTS = {"Ea", "Ec", "Eo", "Er"}
NEGATIVE = {"E0", "E0i", "E1", "Eps"}
MOST_NAMED = 4
#: Probability from which a root is named as taking part, and from which it is named as possible (internal choices).
NAMED, POSSIBLE = 0.6, 0.1
#: Least share of axons or fibres that is told with the severity (internal choice): less is no more than the uncertainty.
LEAST_LOST = 0.05
#: Until this day a limb muscle that does not fibrillate says little (mri.S81: 3 weeks).
EARLY_DAYS = 21.0


def roots_in_words(roots: Sequence[tuple[str, str]]) -> str:
    """``"the L5 root on the left"``, ``"the L5 and S1 roots on both sides"``."""
    sides = {side for _, side in roots}
    by_side = {side: [root for root, own in roots if own == side] for side in sides}
    if len(sides) == 2 and by_side["left"] == by_side["right"]:
        return _roots(by_side["left"], "on both sides")
    return " and ".join(_roots(by_side[side], f"on the {side}") for side in ("left", "right") if side in sides)


def _roots(names: Sequence[str], where: str) -> str:
    return f"the {and_words(names)} root{'s' if len(names) > 1 else ''} {where}"


def explanation_of(made: Correlation, lead: Scenario) -> Explanation | None:
    """Entry of the ranking behind a reading."""
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


def also_named(function: Function) -> tuple[tuple[str, str], ...]:
    """Other roots that may take part as well, the likeliest two."""
    if function.leading.code not in ROOTS:
        return ()
    named = named_roots(function)
    return tuple(pair for pair, odd in function.root_odds.items() if pair not in named and odd >= POSSIBLE)[:2]


def _also(function: Function) -> list[Sentence]:
    others = also_named(function)
    if not others:
        return []
    words = and_words([f"{root} on the {side} ({percent(function.root_odds[root, side])} %)" for root, side in others])
    return [Sentence(text=f"May take part as well, or instead: {words}.", part="function", evidence=("localisation",))]


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
        age, older = {
            "Ea": ("an active lesion", ""),
            "Ec": ("a chronic, reinnervated lesion", ""),
            "Eo": ("a lesion", ", older than this complaint"),
        }[lead.code]
        text = (
            f"The nerve tests support {age} of {roots_in_words(named_roots(function))}{_process(function, lead)}{older}"
        )
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
    grade = explanation_of(made, lead)
    if (
        grade is not None
        and grade.severity
        and grade.share_lost >= LEAST_LOST
        and lead.code not in NEGATIVE | {"Em", "Ey", "Ej", "Et", "E0i"}
    ):
        share = f"about {100 * grade.share_lost:.0f} % of the {_what_is_lost(function, lead)}"
        made_.append(
            Sentence(
                text=f"Severity: {grade.severity} ({share}, estimated from all findings).",
                part="function",
                evidence=codes_of(support) or (lead.candidate,),
            )
        )
    return [*made_, *_also(function), *_age_sentences(made, function, support)]


def _what_is_lost(function: Function, lead: Scenario) -> str:
    """Axons lost, or fibres that are blocked or lost where conduction is at fault."""
    process = _process(function, lead)
    return (
        "axons lost" if "axon loss" in process and "block" not in process else "fibres out of action, blocked or lost"
    )


def with_article(lead: Scenario) -> str:
    """``"a lesion of the ... nerve on the left"``, two lesions, the name of a disease as it is, or the tests that named nothing."""
    if lead.code in NEGATIVE:
        return "the nerve tests"
    if lead.roots and lead.code in ROOTS - {"Er"}:
        return f"a lesion of {roots_in_words(lead.roots)}"
    if lead.code in {"Em", "Ey", "Ej", "En"} or "several nerves" in lead.words or "amyotrophy" in lead.words:
        article = {"En": "a ", "Ey": "a ", "Ej": "a "}.get(lead.code, "") if "," not in lead.words else ""
        article = "an " if article and lead.words[0] in "aeio" else article
        return f"{article}{placed(lead.words)}"
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
    n_seen = sum(one.fibrillates for one in function.muscles)
    if n_seen:
        seen = f"Fibrillation was found in {n_seen} of {tested} muscles, without the pattern of one site; it stays unexplained"
        return f"{seen}, and irritation without axon loss is not excluded"
    low = any(one.has_low_drive for one in function.muscles)
    drive = "; recruitment was slow for lack of drive, not of units" if low else ""
    return f"No axon loss was found in the {tested} muscles and the nerves tested{drive}; irritation without axon loss is not excluded"


def all_tested(function: Function) -> tuple[str, ...]:
    """What a negative study rests on: everything that was tested."""
    names = [f"needle.{one.muscle}.{one.side}" for one in function.muscles]
    return tuple(names) or tuple(dict.fromkeys(name for one in function.observations for name in one.names))[:10]


def _age_sentences(made: Correlation, function: Function, support: Sequence[EvidenceItem]) -> list[Sentence]:
    lead = function.leading
    if lead.code in {"Ep", "Er", "Ex", "En"}:
        text = _of_fibrillation(made, function)
    elif lead.code == "Ea":
        text = "Active means that fibrillation is seen now; it does not show that loss goes on."
    elif lead.code in {"Ec", "Eo"}:
        seen = any("fibrillation" in one.sentence for one in support)
        still = "Fibrillation is still seen; it can outlast its cause by 18 to 24 months. " if seen else ""
        text = f"{still}Large units carry no date."
    else:
        return []
    return [Sentence(text=text, part="activity", evidence=codes_of(support) or ("needle",))]


def _of_fibrillation(made: Correlation, function: Function) -> str:
    """What the needle says of active axon loss; a muscle that was not examined is no silent muscle."""
    own = cells_of(made, function.leading, "emg")
    if own:
        found = [item for cell in own for item in cell.items]
        n, n_seen = (
            len({one.finding for one in found}),
            len({one.finding for one in found if "fibrillation" in one.sentence}),
        )
    else:
        n, n_seen = len(function.muscles), sum(one.fibrillates for one in function.muscles)
    day = made.timing.study_day
    if n_seen:
        return "Fibrillation was seen: some of the axon loss is active."
    if not n:
        return "None of its muscles was examined with the needle: whether axon loss is active cannot be judged."
    kind = "of its muscles " if own else "muscles "
    where = f"the {n} {kind}examined" if n > 1 else f"the one {'of its muscles ' if own else 'muscle '}examined"
    if day is None or day < EARLY_DAYS:
        when = "without a date of onset" if day is None else f"on day {day:g}"
        return f"No fibrillation was seen in {where}; {when} that does not exclude active axon loss."
    return f"No fibrillation was seen in {where}: no active axon loss is shown."
