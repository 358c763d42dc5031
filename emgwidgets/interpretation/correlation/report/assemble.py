"""Groups of a sentence -> drafts of findings with level, side, zone, grade, size, roots and the place of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from emgwidgets.interpretation.correlation.report.groups import Anchor, Group, groups_of, settle
from emgwidgets.interpretation.correlation.report.lexer import Item, Sentence
from emgwidgets.interpretation.correlation.report.lexicon import kinds, read_rows
from emgwidgets.interpretation.correlation.report.roots import apply_effects
from emgwidgets.interpretation.correlation.report.scope import mark_scope
from emgwidgets.model.mri import RootEffect

__all__ = ["Context", "Draft", "read_sentence"]

REST = ("rest",)
ALL = ("all",)
ZONE = {
    "central": "central", "recess": "subarticular", "paracentral": "subarticular", "foramen": "foraminal",
    "extraforaminal": "extraforaminal", "anterior": "anterior",
}  # fmt: skip
#: Words that begin a sentence about the whole spine, so that the level before no longer counts.
LEAVES_LEVEL = {"conus", "multilevel", "vertebral", "alignment", "marrow", "paraspinal", "incidental", "craniocervical"}
#: Looked for along the whole cord: not seen means nowhere, not only at the level before.
WHOLE_CORD = {"cord_signal", "cauda_equina_compression", "cord_compression"}
VERTEBRAL_HEIGHT = {"height loss", "loss of height", "lost height", "reduced height", "reduced in height", "decreased in height", "signal loss"}  # fmt: skip
#: A new clause begins: a level right before it belongs to it.
CLAUSE_STARTS = {"where", "it", "there", "there is", "there are", "this", "these"}
SIZED_STRUCTURES = {"canal", "sac"}


@dataclass
class Draft:
    """A finding in the making, one level each."""

    kind: str
    level: str
    start: int
    end: int
    section: str
    side: str | None = None
    zone: str | None = None
    severity: float | None = None
    sizes: tuple[float, ...] = ()
    canal: float | None = None
    grade: tuple[str, str] | None = None
    migration: str | None = None
    certainty: str = "definite"
    at_most: str = ""
    change: str = ""
    vertebra: str = ""
    raw: str = ""
    roots: list[RootEffect] = field(default_factory=list)
    unnamed: str = ""
    sac: bool = False
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    mentions: int = 1


@dataclass
class Context:
    """What the sentence before leaves for the next: level, and whether a heading set it."""

    section: str
    levels: tuple[str, ...] = ()
    level_span: tuple[int, int] | None = None
    is_heading: bool = False
    drafts: list[Draft] = field(default_factory=list)
    normal: list[tuple[str, int, int]] = field(default_factory=list)
    surgery: list[tuple[str, tuple[str, ...], str | None, int, int]] = field(default_factory=list)
    numbering: list[tuple[str, int, int]] = field(default_factory=list)
    missing: list[Item] = field(default_factory=list)
    unread: list[tuple[int, int]] = field(default_factory=list)
    recent: list[tuple[str, ...]] = field(default_factory=list)
    speaks_of_bone: bool = False
    segments: list[Item] = field(default_factory=list)
    is_same_line: bool = False
    stray: list[tuple[str, int, int]] = field(default_factory=list)


def read_sentence(sentence: Sentence, context: Context) -> list[Draft]:
    """Read one sentence; drafts are appended to the context and returned."""
    items = sentence.items
    mark_scope(items)
    context.is_same_line = not sentence.line_start
    _enter(sentence, context)
    meaningful = [item for item in items if item.category not in {"filler", "sign", "unknown"}]
    _notes(meaningful, context)
    _stray_urgent(items, context)
    context.segments = [item for item in items if item.category == "segment"]
    context.speaks_of_bone = any(
        (item.category == "finding" and item.value == "fracture")
        or (item.category == "structure" and item.value == "other")
        for item in items
    ) and not any(item.category == "structure" and item.value == "disc" for item in items)
    groups = groups_of(meaningful)
    settle(groups)
    if _is_title(meaningful, groups):
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
            drafts += _drafts(part, own[0].value if own else levels, (own[0].start, own[0].end) if own else span, context)  # fmt: skip
        _normal_level(group, levels, context)
    _leave(items, heading, context)
    context.drafts += drafts
    drafts += apply_effects(groups, drafts, context)
    _unread(sentence, groups, drafts, context)
    return drafts


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


@cache
def _stems() -> tuple[tuple[str, str], ...]:
    return tuple((row["stem"], row["kind"]) for row in read_rows("urgent_stems.csv"))


def _stray_urgent(items: list[Item], context: Context) -> None:
    """Urgent words that no phrase of the lexicon took up: kept rather than lost."""
    for item in items:
        if item.category == "unknown" and not item.neg:
            kind = next((kind for stem, kind in _stems() if item.words.startswith(stem)), None)
            if kind is not None:
                context.stray.append((kind, item.start, item.end))


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


def _drafts(
    group: Group, levels: tuple[str, ...], span: tuple[int, int] | None, context: Context
) -> list[Draft]:  # fmt: skip
    found = []
    known = kinds()
    vertebrae = [item for item in group.items if item.category == "segment"]
    for anchor in group.anchors:
        if anchor.kind == "disc_degeneration" and anchor.item.words in VERTEBRAL_HEIGHT and context.speaks_of_bone:
            continue
        kind = known[anchor.kind]
        named = bool(group.all("level")) or (span is not None and span != context.level_span)
        used = levels if kind.takes_level or (named and not set(levels) & {*REST, *ALL}) else ()
        in_block = context.is_heading and context.is_same_line and anchor.kind == "cord_compression"
        named = (named and not set(levels) & {*REST, *ALL}) or in_block
        if anchor.kind == "transitional_vertebra" or (not named and anchor.kind in WHOLE_CORD and _is_negated(anchor, group)):  # fmt: skip
            used = ()
        if vertebrae and anchor.kind in {"fracture", "haemangioma", "spondylolysis", "tumour", "transitional_vertebra", "infection", "cord_signal"}:  # fmt: skip
            used = group.all("level")[0].value if group.all("level") else ()
        if anchor.kind == "spondylolisthesis" and vertebrae and not group.all("level"):
            used = _below(vertebrae[0].value) or used
        for level in used or ("",):
            draft = _draft(anchor, group, level, context)
            if level and span is not None:
                draft.spans["level"] = span
            if not vertebrae and anchor.kind == "fracture" and not used:
                vertebrae = context.segments[:1]
            if vertebrae and not used:
                draft.vertebra = vertebrae[0].value
                draft.spans["vertebra"] = (vertebrae[0].start, vertebrae[0].end)
            found.append(draft)
    return found


def _is_negated(anchor: Anchor, group: Group) -> bool:
    return anchor.is_normal or bool(anchor.item.neg) or group.has("normal") or any(item.value == "0" for item in group.all("severity"))  # fmt: skip


def _below(vertebra: str) -> tuple[str, ...]:
    from emgwidgets.interpretation.correlation.report.levels import VERTEBRAE, discs_between

    if vertebra not in VERTEBRAE[:-1]:
        return ()
    return discs_between(vertebra, VERTEBRAE[VERTEBRAE.index(vertebra) + 1])


def _draft(anchor: Anchor, group: Group, level: str, context: Context) -> Draft:
    item = anchor.item
    draft = Draft(anchor.kind, level, item.start, item.end, context.section)
    draft.spans["kind"] = (item.start, item.end)
    _certainty(draft, anchor, group)
    known = kinds()[anchor.kind]
    _side_zone(draft, group, is_lateral=known.is_lateral, is_disc=known.family == "disc" or anchor.kind in {"osteophyte", "annular_fissure", "scar", "synovial_cyst"})  # fmt: skip
    grades = [one for one in group.all("severity") if one.value != "0"]
    if grades and draft.certainty != "negated":
        draft.severity = float(grades[0].value)
        draft.spans["severity_index"] = (grades[0].start, grades[0].end)
    _sizes(draft, group)
    _scale(draft, group)
    for name in ("migration", "change"):
        listed = sorted(group.all(name), key=lambda one: one.value == "old")
        if listed:
            setattr(draft, name, listed[0].value)
            draft.spans[name] = (listed[0].start, listed[0].end)
    return draft


def _certainty(draft: Draft, anchor: Anchor, group: Group) -> None:
    item = anchor.item
    grades = group.all("severity")
    own = next(
        (one for one in group.items if one.category in {"finding", "narrowing", "growth", "signal_change", "place"}),
        item,
    )
    is_own = item in group.items or not group.has("severity")
    neg = own.neg or (item.neg if is_own else "")
    hedge, span = own.hedge or item.hedge, own.hedge_span or item.hedge_span
    normal = group.all("normal")
    if anchor.kind == "cord_signal" and normal and not normal[0].neg and not anchor.is_normal:
        draft.certainty, draft.spans["certainty"] = "negated", (normal[0].start, normal[0].end)
    elif anchor.is_normal:
        draft.certainty, draft.spans["certainty"] = "negated", (item.start, item.end)
    elif neg:
        draft.certainty = "negated"
        draft.at_most = "mild" if neg == "weak" else ""
        where = own.neg_span or item.neg_span
        if where:
            draft.spans["certainty"] = where
    elif any(one.value == "0" for one in grades):
        draft.certainty, draft.spans["certainty"] = "negated", (grades[-1].start, grades[-1].end)
    elif hedge:
        draft.certainty = hedge
        if span:
            draft.spans["certainty"] = span


def _side_zone(draft: Draft, group: Group, *, is_lateral: bool, is_disc: bool) -> None:
    own = [item for item in group.items if item.category in {"side", "side_after"}]
    first = [item for item in group.zone_first if item.category == "side"]
    acting = min((item.start for item in group.items if item.category in {"effect", "role", "segment"}), default=None)
    before = [item for item in own if (acting is None or item.start < acting) and not _is_of_root(group, item)]
    sides = before or own or first
    if sides and is_lateral:
        values = {item.value for item in sides}
        draft.side = sides[0].value if len(values) == 1 else "bilateral"
        draft.spans["side"] = (sides[0].start, sides[-1].end)
    places = [item for item in (*group.zone_first, *group.items) if item.category == "place" and item.value in ZONE]
    if places and is_disc:
        draft.zone = ZONE[places[0].value]
        draft.raw = places[0].words
        draft.spans["zone"] = (places[0].start, places[0].end)
    if draft.kind == "foraminal_stenosis":
        draft.zone = "extraforaminal" if any(item.value == "extraforaminal" for item in places) and not any(item.value == "foramen" for item in places) else "foraminal"  # fmt: skip
    elif draft.kind == "lateral_recess_stenosis":
        draft.zone = "subarticular"
    elif draft.kind == "central_stenosis":
        draft.zone = "central"


def _is_of_root(group: Group, side: Item) -> bool:
    """Whether a side stands right before a root, as in "right L5 root"."""
    at = next((n for n, item in enumerate(group.items) if item is side), len(group.items))
    after = group.items[at + 1] if at + 1 < len(group.items) else None
    return after is not None and (after.category in {"segment", "role"} or (after.category == "structure" and after.value == "root"))  # fmt: skip


def _sizes(draft: Draft, group: Group) -> None:
    sizes = group.all("size")
    if not sizes or draft.certainty == "negated":
        return
    if draft.kind == "central_stenosis" or any(item.value in SIZED_STRUCTURES for item in (*group.all("structure"), *group.all("place")) if abs(item.end - sizes[0].start) < 30 and item.value != "recess"):  # fmt: skip
        draft.canal = sizes[0].value[0]
        draft.spans["canal_mm"] = (sizes[0].start, sizes[0].end)
        return
    draft.sizes = sizes[0].value
    draft.spans["size_mm"] = (sizes[0].start, sizes[0].end)


def _scale(draft: Draft, group: Group) -> None:
    from emgwidgets.interpretation.correlation.report.lexer import GRADE_WORDS
    from emgwidgets.model.mri import SCALES

    for item in group.all("grade"):
        scale, word = item.value
        if scale == "any":
            scale = {"spondylolisthesis": "meyerding", "modic_change": "modic"}.get(draft.kind, "")
        grade = word.upper() if word.upper() in SCALES.get(scale, ()) else GRADE_WORDS.get(word, "")
        if scale and grade in SCALES[scale]:
            draft.grade = (scale, grade)
            draft.spans["grade"] = (item.start, item.end)


def _unread(sentence: Sentence, groups: list[Group], drafts: list[Draft], context: Context) -> None:
    """List a sentence of which nothing but filling words was understood although it has words of its own."""
    words = [item for item in sentence.items if item.category == "unknown" and len(item.words) > 2]
    understood = drafts or any(group.has("normal", "surgery", "numbering", "structure", "place", "effect", "symptom", "rest", "change") for group in groups)  # fmt: skip
    has_orphan = any(group.is_orphan and not group.is_used and group.has("level", "side") for group in groups)
    if (words and not understood) or (has_orphan and not understood) or (words and len(words) >= 3 and not drafts):
        context.unread.append((sentence.start, sentence.end))
