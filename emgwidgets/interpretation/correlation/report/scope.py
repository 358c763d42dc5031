"""How far a negation and a hedge reach within a sentence; it knows no finding."""

from __future__ import annotations

from collections.abc import Sequence

from emgwidgets.interpretation.correlation.report.items import Item

__all__ = ["mark_scope", "without_conditions"]

ENDING = ("but", "forward", "strong", "cause")
PRONOUNS = {"it", "this", "these", "there", "there is", "there are"}


#: Words that advise, so that a sentence beginning with "if" tells what to do and not what is seen.
ADVICE = {"advised", "advise", "recommended", "suggested", "consider", "considered", "repeat", "warranted", "indicated", "needed", "required", "imaging", "review", "referral", "correlation", "correlate", "further"}  # fmt: skip
#: Behind these "if" is a way of speaking: "minimal, if any, stenosis".
NO_CONDITION = {"any", "anything", "not", "at"}


def without_conditions(items: Sequence[Item]) -> list[Item]:
    """Leave out what is only a condition: "if symptoms of cauda equina compression develop, repeat imaging is advised".

    A sentence that begins with the condition and gives advice says nothing of what is seen; elsewhere the condition
    reaches to the next comma, when it opens the sentence, or to the next semicolon.
    """
    found = list(items)
    said = [item for item in found if item.category not in {"sign", "filler"} or item.words in {"if", "should"}]
    opens = bool(said) and said[0].words in {"if", "should"}
    if opens and any(word in ADVICE for item in found for word in item.words.split()):
        return []
    at = next((n for n, item in enumerate(found) if item.words == "if"), None)
    if at is None or (at + 1 < len(found) and found[at + 1].words.split()[:1] and found[at + 1].words.split()[0] in NO_CONDITION):  # fmt: skip
        return found
    ends = {",", ";", "//", "///"} if opens else {";", "//", "///"}
    end = next((n for n in range(at, len(found)) if found[n].words in ends), len(found))
    return found[:at] + found[end:]


def _ahead(items: Sequence[Item], at: int) -> list[Item]:
    """Items up to the next link."""
    found = []
    for item in items[at + 1 :]:
        if item.category == "link":
            break
        found.append(item)
    return found


def _list_goes_on_with_or(items: Sequence[Item], at: int) -> bool:
    for item in items[at + 1 :]:
        if item.category == "link" and item.value in ENDING:
            return False
        if item.category == "link" and item.value == "or":
            return True
    return False


def _is_denied_anew(items: Sequence[Item], at: int) -> bool:
    """Whether a list goes on to a negation of its own with no "or" before it."""
    for item in items[at + 1 :]:
        if item.category == "link" and item.value in {"or", *ENDING}:
            return False
        if item.category == "negate":
            return True
    return False


def _is_statement(ahead: Sequence[Item], *, has_or: bool) -> bool:
    """Whether the stretch behind a comma or an "and" says something of its own."""
    categories = {item.category for item in ahead}
    if categories & {"size", "negate", "normal", "grade"}:
        return True
    if any(item.category == "severity" and item.value != "0" for item in ahead):
        return True
    if not categories & {"finding", "narrowing", "growth", "place", "effect"}:
        return False
    return bool(categories & {"side", "side_after", "level"}) and not has_or


def mark_scope(items: Sequence[Item]) -> None:
    """Write into every item whether a negation or a hedge reaches it.

    Parameters
    ----------
    items : sequence of Item
        Of one sentence; changed in place.  ``neg`` becomes ``"pre"`` (not there) or ``"weak"`` ("no significant"),
        ``hedge`` ``"probable"`` or ``"possible"``.
    """
    neg, hedge = None, None
    _preferred(items)
    _denied_side(items)
    for n, item in enumerate(items):
        if (item.category == "level" or _grades(item)) and neg is not None and _opens_statement(items, n):
            neg, hedge = None, None
        if item.category == "link":
            neg, hedge = _after_link(items, n, neg, hedge)
        elif item.category == "negate" and item.value != "post" and (_closes(items, n) or _is_no_longer_said(items, n)):
            _backward(items, n, "neg", "pre")
        elif item.category == "negate" and item.value != "post":
            neg = item
        elif item.category == "negate" and _is_not_excluded(items, n):
            _backward(items, n, "hedge", "possible", clear=True)
            neg = None
        elif item.category == "negate":
            _backward(items, n, "neg", "pre")
        elif item.category == "hedge" and item.value != "after" and n and _says_nothing(items, n) and items[n - 1].category != "link":  # fmt: skip
            _backward(items, n, "hedge", item.value)
        elif item.category == "hedge" and item.value != "after":
            hedge = hedge if hedge is not None and hedge.value == "possible" else item
        elif item.category == "hedge":
            _backward(items, n, "hedge", "possible")
        elif item.category == "change" and item.words.startswith("no "):
            neg = None
        elif item.category == "normal" and item.words.startswith("no "):
            neg = Item("negate", "weak" if "significant" in item.words else "pre", item.start, item.end, item.words)
            continue
        if neg is not None and item is not neg and not (item.category == "normal" and not _is_directly_negated(items, n)):  # fmt: skip
            item.neg, item.neg_span = neg.value, (neg.start, neg.end)
        if hedge is not None and item is not hedge:
            item.hedge, item.hedge_span = hedge.value, (hedge.start, hedge.end)
    _asked(items)


def _asked(items: Sequence[Item]) -> None:
    """A sentence that ends as a question says that something is possible: "Early discitis at L2-3?"."""
    if items and items[-1].words == "?" and items[-1].category == "sign":
        for item in items:
            if not item.neg and not item.hedge:
                item.hedge, item.hedge_span = "possible", (items[-1].start, items[-1].end)


def _preferred(items: Sequence[Item]) -> None:
    """In "favours discitis over degenerative change" the second is the less likely one: it is not said to be there."""
    favored = False
    for item in items:
        if item.category == "hedge" and item.words.startswith("favor"):
            favored = True
        elif item.category == "link" and item.value in ENDING:
            favored = False
        elif favored and item.words == "over":
            item.category, item.value = "negate", "pre"


def _denied_side(items: Sequence[Item]) -> None:
    """In "on the right, not on the left" the second is no side of the finding."""
    for n, item in enumerate(items[:-1]):
        side = items[n + 1]
        after = items[n + 2].category if n + 2 < len(items) else "link"
        if item.words == "not" and side.category in {"side", "side_after"} and after in {"link", "unknown", "filler", "sign"}:  # fmt: skip
            item.category = side.category = "filler"


def _says_nothing(items: Sequence[Item], at: int) -> bool:
    """Whether only filling words and places follow, so that a hedge speaks of what stands before it."""
    ahead = _ahead(items, at)
    link = items[at + 1 + len(ahead)] if at + 1 + len(ahead) < len(items) else None
    if link is not None and link.value == "cause":
        return False  # "could be due to infection"
    return all(item.category in {"filler", "sign", "level", "segment", "side_after", "rest"} for item in ahead)


def _closes(items: Sequence[Item], at: int) -> bool:
    """Whether a bare "no" answers what stands before it, as in "root compression: no"."""
    is_last = at + 1 == len(items) or (
        items[at + 1].category == "link" and items[at + 1].value in {"list", "strong", "part"}
    )
    return is_last and items[at].words in {"no", "not"} and at > 0


def _is_no_longer_said(items: Sequence[Item], at: int) -> bool:
    """Whether "no longer" speaks of what stands before it: "the extrusion of 2020 is no longer demonstrated"."""
    if not items[at].words.endswith("no longer"):
        return False
    return not any(item.category in {"finding", "narrowing", "effect", "place", "structure", "growth"} for item in _ahead(items, at))  # fmt: skip


def _is_denied_itself(items: Sequence[Item], at: int, neg: Item) -> bool:
    """Whether a negation denies the link: "is not associated with", "does not cause", "nor does it narrow"."""
    before = [item for item in items[:at] if item.category not in {"filler", "hedge", "sign"}]
    if not before:
        return False
    if items[at].words in PRONOUNS:
        return before[-1].words == "nor"
    return before[-1] is neg and items[at].words not in {"with", "w", "where", "which", "that"}


def _grades(item: Item) -> bool:
    return item.category == "severity" and item.value != "0"


def _opens_statement(items: Sequence[Item], at: int) -> bool:
    """Whether a level or a grade begins a new statement although the full stop was lost: "no stenosis L4-5 mild bulge"."""
    before = items[at - 1].category if at else ""
    after = items[at + 1].category if at + 1 < len(items) else ""
    follows = (
        {"severity", "finding", "side"} if items[at].category == "level" else {"side", "place", "finding", "structure"}
    )
    return before in {"finding", "narrowing", "growth"} and after in follows


def _is_directly_negated(items: Sequence[Item], at: int) -> bool:
    return at > 0 and items[at - 1].category == "negate"


def _after_link(items: Sequence[Item], at: int, neg: Item | None, hedge: Item | None) -> tuple[Item | None, Item | None]:  # fmt: skip
    link = items[at]
    if link.value == "cause" and hedge is not None and at and (items[at - 1] is hedge or (at > 1 and items[at - 2] is hedge)):  # fmt: skip
        return None, hedge  # "could be due to infection"
    if link.value == "forward" and neg is not None and _is_denied_itself(items, at, neg):
        return neg, hedge
    if link.value in ENDING:
        return None, None
    if link.value == "part":
        is_dash = link.words in {"-", "–", "—", "*", "•"}
        return (None, None) if is_dash else (neg, hedge)
    if link.value in {"list", "superimposed"}:
        ahead = _ahead(items, at)
        if neg is not None and neg.words in {"without", "w o"} and link.words == "," and _is_denied_anew(items, at):
            return None, None  # "bulge without herniation, facet arthropathy, no stenosis"
        if _is_statement(ahead, has_or=_list_goes_on_with_or(items, at)):
            return None, None
        is_listed = hedge is not None and ("differential" in hedge.words or "consider" in hedge.words)
        if any(item.category == "finding" for item in ahead) and link.words == "," and not is_listed:
            hedge = None
    if link.value == "or":
        ahead = _ahead(items, at)
        if any(item.category in {"size", "normal"} for item in ahead):
            return None, None
    return neg, hedge


def _is_not_excluded(items: Sequence[Item], at: int) -> bool:
    """Whether "excluded" is itself denied, as in "cannot be confidently excluded": possible, not absent."""
    if not items[at].words.endswith(("excluded", "ruled out")):
        return False
    return any(item.words.split()[-1:] in (["cannot"], ["not"], ["never"], ["hardly"], ["difficult"]) for item in items[max(0, at - 5) : at])  # fmt: skip


def _backward(items: Sequence[Item], at: int, name: str, value: str, *, clear: bool = False) -> None:
    """Reach back to the start of the statement: a strong link, or a "with" that a finding stands behind."""
    span = (items[at].start, items[at].end)
    is_said = False
    for item in reversed(items[:at]):
        if is_said and name == "hedge" and item.words == ":":
            break
        is_said = is_said or item.category == "finding"
        if item.category == "link" and item.value in ENDING and item.words not in {"there", "there is", "there are", "it", "this"}:  # fmt: skip
            break
        if clear and item.neg_span is not None and item.neg_span[0] > item.start:
            item.neg, item.neg_span = "", None
        setattr(item, name, value)
        setattr(item, f"{name}_span", span)
