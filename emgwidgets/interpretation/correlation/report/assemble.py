"""Groups of a sentence -> drafts of findings with level, side, zone, grade, size, roots and the place of each."""

from __future__ import annotations

from emgwidgets.interpretation.correlation.report.anchors import settle
from emgwidgets.interpretation.correlation.report.compose import compose
from emgwidgets.interpretation.correlation.report.drafts import ALL, REST, Context, Draft
from emgwidgets.interpretation.correlation.report.fields import drafts_of
from emgwidgets.interpretation.correlation.report.groups import Anchor, Group, groups_of
from emgwidgets.interpretation.correlation.report.items import Item, Sentence
from emgwidgets.interpretation.correlation.report.roots import apply_effects
from emgwidgets.interpretation.correlation.report.scope import mark_scope, without_conditions
from emgwidgets.interpretation.correlation.report.urgent_words import stray_urgent, unread_urgent

__all__ = ["read_sentence"]

#: Words that begin a sentence about the whole spine, so that the level before no longer counts.
LEAVES_LEVEL = {"conus", "multilevel", "vertebral", "alignment", "marrow", "paraspinal", "incidental", "craniocervical"}
#: A new clause begins: a level right before it belongs to it.
CLAUSE_STARTS = {"where", "it", "there", "there is", "there are", "this", "these"}


def read_sentence(sentence: Sentence, context: Context) -> list[Draft]:
    """Read one sentence; drafts are appended to the context and returned."""
    items = sentence.items = without_conditions(sentence.items)
    compose(items)
    mark_scope(items)
    _collection_of_blood(items)
    context.is_same_line = not sentence.line_start
    _enter(sentence, context)
    meaningful = [item for item in items if item.category not in {"filler", "sign", "unknown"}]
    _notes(meaningful, context)
    context.stray += stray_urgent(items)
    context.segments = [item for item in items if item.category == "segment"]
    context.speaks_of_bone = any(
        (item.category == "finding" and item.value == "fracture")
        or (item.category == "structure" and item.value == "other")
        for item in items
    ) and not any(item.category == "structure" and item.value == "disc" for item in items)
    groups = groups_of(meaningful)
    settle(groups)
    _same_again(groups, context)
    if _is_title(meaningful, groups):
        context.stray += unread_urgent(items, ())
        return []
    _shared_levels(groups)
    drafts: list[Draft] = []
    heading = _heading(items)
    for n, group in enumerate(groups):
        levels, span = _levels(groups, n, context)
        for part in (*[one for one in group.clones if one.link is not None], group, *[one for one in group.clones if one.link is None]):  # fmt: skip
            if part.is_replaced:
                continue
            own = part.all("level")
            drafts += drafts_of(part, own[0].value if own else levels, (own[0].start, own[0].end) if own else span, context)  # fmt: skip
        _normal_level(group, levels, context)
    _one_side(items, drafts)
    _leave(items, heading, context)
    _give_size(groups, context)
    context.drafts += drafts
    drafts += apply_effects(groups, drafts, context)
    context.stray += unread_urgent(items, {draft.kind for draft in drafts})
    _unread(sentence, groups, drafts, context)
    return drafts


def _collection_of_blood(items: list[Item]) -> None:
    """A collection that the same sentence calls a haematoma is one."""
    if any(item.category == "finding" and item.value == "haematoma" for item in items):
        for item in items:
            if item.category == "finding" and item.value == "infection" and item.words.endswith("collection"):
                item.value = "haematoma"


#: Findings that take the only side of their sentence from a finding of the same level, as its effect.
BESIDE = {"foraminal_stenosis", "lateral_recess_stenosis"}


def _one_side(items: list[Item], drafts: list[Draft]) -> None:
    """Where a sentence names one side only, a narrowing shares it with its cause at the same level."""
    sides = {item.value for item in items if item.category in {"side", "side_after"}}
    if len(sides) != 1 or not sides <= {"left", "right"}:
        return
    is_heading = len(items) > 1 and items[0].category == "side" and items[1].words == ":"
    sided = {draft.level for draft in drafts if is_heading or (draft.side in sides and draft.certainty != "negated")}
    for draft in drafts:
        if draft.side is None and draft.kind in BESIDE and draft.level in sided and draft.certainty != "negated":
            draft.side = next(iter(sides))
            draft.spans["side"] = draft.spans["kind"]


def _same_again(groups: list[Group], context: Context) -> None:
    """A sentence that only grades another level or side speaks of the narrowing before it: "Moderate at L2-3"."""
    last = context.drafts[-1] if context.drafts else None
    named = ("place", "structure", "effect", "normal", "segment", "role", "surgery", "symptom")
    if (
        last is None
        or not last.kind.endswith("stenosis")
        or any(group.anchors or group.has(*named) for group in groups)
    ):
        return
    for group in groups:
        narrowed = [item for item in group.all("narrowing") if not item.neg]
        if narrowed and last.kind in BESIDE and "side" in group.slots():
            group.anchors = [Anchor(last.kind, narrowed[0])]
            group.is_used = True
            continue
        graded = [item for item in group.all("severity") if item.value != "0"]
        if graded and group.slots() & {"level", "side"}:
            group.anchors = [Anchor(last.kind, graded[0])]
            group.is_used = True


def _give_size(groups: list[Group], context: Context) -> None:
    """Give a size to the finding of the sentence before, as in "It measures 14 x 9 mm"."""
    first = groups[0] if groups else None
    if first is None or first.anchors or not first.has("size") or first.link is None or first.link.words not in {"it", "this"}:  # fmt: skip
        return
    last = context.drafts[-1] if context.drafts else None
    if last is not None and last.certainty != "negated" and not last.sizes:
        size = first.all("size")[0]
        last.sizes, last.spans["size_mm"] = size.value, (size.start, size.end)


def _is_title(items: list[Item], groups: list[Group]) -> bool:
    """Whether a line only announces what follows, as in "Degenerative changes:"."""
    ends = bool(items) and items[-1].category == "link" and items[-1].words == ":"
    return ends and len(groups) == 1 and not groups[0].has("level", "severity", "side", "size", "segment")


def _heading(items: list[Item]) -> Item | None:
    """The level that opens the sentence."""
    for item in items[:4]:
        if item.category == "level":
            return item
        if item.category == "rest":
            return item
        if item.category not in {"filler", "sign", "link"} or item.words in {"there", "there is", "there are", "also"}:
            return None
    return None


def _enter(sentence: Sentence, context: Context) -> None:
    if any(item.category == "missing_level" for item in sentence.items[:3]):
        context.levels, context.level_span, context.is_heading = (), None, False
    first = next((item for item in sentence.items if item.category not in {"filler", "sign", "link"}), None)
    if sentence.blank_before and not context.is_heading:
        context.levels, context.level_span = (), None
    if first is None:
        return
    leaves = first.words.split()[0] in LEAVES_LEVEL if first.words else False
    if leaves or first.value == "many" or (sentence.blank_before and first.category != "level" and context.section == "impression"):  # fmt: skip
        context.levels, context.level_span, context.is_heading = (), None, False


def _leave(items: list[Item], heading: Item | None, context: Context) -> None:
    """Remember the level for the sentences that follow."""
    context.recent += [item.value for item in items if item.category == "level"]
    if heading is not None and heading.category == "level":
        context.levels, context.level_span, context.is_heading = heading.value, (heading.start, heading.end), True
        return
    if heading is not None:
        context.levels, context.level_span, context.is_heading = (), None, False
        return
    if any(item.category == "numbering" for item in items):
        return
    if items and any(item.category == "missing_level" for item in items[:3]):
        context.levels, context.level_span, context.is_heading = (), None, False
    named = [item for item in items if item.category == "level"]
    if named:
        last = named[-1]
        context.levels = last.value if len({level for item in named for level in item.value}) == 1 else ()
        context.level_span, context.is_heading = (last.start, last.end), False


def _notes(items: list[Item], context: Context) -> None:
    """Operations, counting of vertebrae and levels that do not exist."""
    side = next((item.value for item in items if item.category in {"side", "side_after"}), None)
    for item in items:
        if item.category == "surgery" and not item.neg:
            context.surgery.append((item.value, _operated(items, item, context), side, item.start, item.end))
        elif item.category == "numbering":
            context.numbering.append((item.value, item.start, item.end))
        elif item.category == "missing_level":
            context.missing.append(item)


def _operated(items: list[Item], word: Item, context: Context) -> tuple[str, ...]:
    """Levels of an operation: those named behind it before the next one, else before it."""
    at = items.index(word)
    for item in items[at + 1 :]:
        if item.category == "surgery":
            break
        if item.category == "level":
            return tuple(item.value)
    before = [item for item in items[:at] if item.category == "level"]
    return tuple(before[-1].value) if before else context.levels


def _shared_levels(groups: list[Group]) -> None:
    """A group that holds nothing but a level lengthens the list of the group before."""
    for n, group in enumerate(groups[1:], start=1):
        following = groups[n + 1].link if n + 1 < len(groups) else None
        leads = following is not None and following.words in CLAUSE_STARTS
        if group.slots() == {"level"} and group.is_orphan and not group.is_used and not leads:
            before = groups[n - 1]
            listed = before.all("level")
            if listed and group.follows in {"list", "or"}:
                listed[-1].value = tuple(dict.fromkeys((*listed[-1].value, *group.all("level")[0].value)))
                group.is_used = True
            elif before.anchors and group.follows in {"list", "part", ""}:
                before.items += group.all("level")
                group.is_used = True


def _levels(groups: list[Group], n: int, context: Context) -> tuple[tuple[str, ...], tuple[int, int] | None]:
    group = groups[n]
    rest = group.all("rest")
    if rest and rest[0].value == "many":
        behind = next((one for one in groups[n + 1 : n + 2] if one.link is not None and one.link.words == "from"), None)
        named = group.all("level") or (behind.all("level") if behind is not None else [])
        if named:
            return named[0].value, (named[0].start, named[0].end)
    if rest:
        return _stands_for(rest[0], context), (rest[0].start, rest[0].end)
    for one in (group, *reversed(groups[:n]), *([] if context.is_heading and not _has_later_level(groups, n) else groups[n + 1 :])):  # fmt: skip
        if one is not group and one.has("rest") and not one.has("level"):
            item = one.all("rest")[0]
            return _stands_for(item, context), (item.start, item.end)
        level = one.all("level")
        if level:
            return level[0 if one is group else -1].value, (level[-1].start, level[-1].end)
    return context.levels, context.level_span


def _stands_for(item: Item, context: Context) -> tuple[str, ...]:
    """Levels that "all levels", "remaining levels" or "both levels" stand for; the first two are written out later."""
    if item.value == "named":
        if context.recent and len(context.recent[-1]) > 1:
            return context.recent[-1]
        return tuple(dict.fromkeys(level for listed in context.recent for level in listed))[-2:]
    return {"rest": REST, "all": ALL}.get(item.value, ())


def _has_later_level(groups: list[Group], n: int) -> bool:
    """Whether a level follows in the same list, as in "desiccation and height loss at L4-5"."""
    for group in groups[n + 1 :]:
        if group.follows not in {"list", "or", ""}:
            return False
        if group.has("level"):
            return True
    return False


def _normal_level(group: Group, levels: tuple[str, ...], context: Context) -> None:
    normal = group.all("normal")
    if (
        not normal
        or group.anchors
        or group.is_used
        or normal[0].neg
        or group.has("place", "segment", "side", "side_after")
    ):
        return
    if any(item.value != "quality" or not group.has("rest", "level") for item in group.all("structure")):
        return
    if levels and not group.has("finding", "narrowing", "surgery"):
        context.normal += [(level, normal[0].start, normal[0].end) for level in levels]


def _unread(sentence: Sentence, groups: list[Group], drafts: list[Draft], context: Context) -> None:
    """List a sentence of which nothing but filling words was understood although it has words of its own."""
    words = [item for item in sentence.items if item.category == "unknown" and len(item.words) > 2]
    understood = drafts or any(group.has("normal", "surgery", "numbering", "structure", "place", "effect", "symptom", "rest", "change") for group in groups)  # fmt: skip
    has_orphan = any(group.is_orphan and not group.is_used and group.has("level", "side") for group in groups)
    if (words and not understood) or (has_orphan and not understood) or (words and len(words) >= 3 and not drafts):
        context.unread.append((sentence.start, sentence.end))
