"""A group and its levels -> drafts with certainty, side, zone, grade and size, each with its place."""

from __future__ import annotations

from emgwidgets.interpretation.correlation.report.drafts import ALL, REST, Context, Draft
from emgwidgets.interpretation.correlation.report.groups import Anchor, Group
from emgwidgets.interpretation.correlation.report.items import Item
from emgwidgets.interpretation.correlation.report.joining import GRADE_WORDS
from emgwidgets.interpretation.correlation.report.levels import VERTEBRAE, discs_between
from emgwidgets.interpretation.correlation.report.lexicon import kinds
from emgwidgets.model.mri import SCALES

__all__ = ["drafts_of"]

ZONE = {
    "central": "central", "recess": "subarticular", "paracentral": "subarticular", "foramen": "foraminal",
    "extraforaminal": "extraforaminal", "anterior": "anterior",
}  # fmt: skip
#: Looked for along the whole cord: not seen means nowhere, not only at the level before.
WHOLE_CORD = {"cord_signal", "cauda_equina_compression", "cord_compression"}
VERTEBRAL_HEIGHT = {"height loss", "loss of height", "lost height", "reduced height", "reduced in height", "decreased in height", "signal loss"}  # fmt: skip
SIZED_STRUCTURES = {"canal", "sac"}


def drafts_of(
    group: Group, levels: tuple[str, ...], span: tuple[int, int] | None, context: Context
) -> list[Draft]:  # fmt: skip
    """Drafts of every finding of a group, one for each level."""
    found = []
    known = kinds()
    vertebrae = [item for item in group.items if item.category == "segment"]
    for anchor in group.anchors:
        if anchor.kind == "disc_degeneration" and anchor.item.words in VERTEBRAL_HEIGHT and context.speaks_of_bone:
            continue
        if anchor.kind == "cauda_equina_compression" and levels and levels[0][0] in "CT" and levels[0] not in {"T12-L1", "T11-12"}:  # fmt: skip
            anchor.kind = "central_stenosis"  # a sac effaced where there is no cauda equina
        kind = known[anchor.kind]
        named = bool(group.all("level")) or (span is not None and span != context.level_span)
        is_of_disc = (
            anchor.kind == "infection"
            and "dis" in anchor.item.words
            and len(levels) == 1
            and not _is_negated(anchor, group)
        )
        used = levels if kind.takes_level or is_of_disc or (named and not set(levels) & {*REST, *ALL}) else ()
        in_block = context.is_heading and context.is_same_line and anchor.kind == "cord_compression"
        named = (named and not set(levels) & {*REST, *ALL}) or in_block
        if anchor.kind == "transitional_vertebra" or (not named and anchor.kind in WHOLE_CORD and _is_negated(anchor, group)):  # fmt: skip
            used = ()
        if (
            anchor.kind in {"cord_compression", "cauda_equina_compression"}
            and len(used) > 1
            and not any(item.words == "list" or len(item.value) < len(used) for item in group.all("level"))
            and not set(used) & {*REST, *ALL}
        ):
            used = ()  # a lesion over several levels presses somewhere along them
        if anchor.kind in {"infection", "haematoma"} and anchor.item.words.startswith(("psoa", "iliopsoa")) and not group.all("level"):  # fmt: skip
            used = ()
        if anchor.kind == "fracture" and anchor.item.words.startswith("retropuls") and _is_negated(anchor, group):
            continue  # "no retropulsed fragment" leaves open whether there is a fracture
        if vertebrae and anchor.kind in {"fracture", "haemangioma", "spondylolysis", "tumour", "transitional_vertebra", "infection", "cord_signal"}:  # fmt: skip
            used = group.all("level")[0].value if group.all("level") else ()
        slipped = vertebrae or context.segments[:1]
        if anchor.kind == "spondylolisthesis" and slipped and not named:
            used = _below(slipped[0].value) or used
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
        draft.severity_index = float(grades[0].value)
        draft.spans["severity_index"] = (grades[0].start, grades[0].end)
    draft.is_healed = any(one.words == "healed" and not one.neg and not one.hedge for one in group.all("age"))
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
    if item.category in {"effect", "signal_change"} and item in group.items:
        own = item
    is_own = item in group.items or not group.has("severity")
    neg = own.neg or (item.neg if is_own else "")
    hedge, span = own.hedge or item.hedge, own.hedge_span or item.hedge_span
    normal = group.all("normal")
    is_flow = anchor.kind == "vascular" and item.words.startswith("flow")
    if (anchor.kind == "cord_signal" or is_flow) and normal and not normal[0].neg and not anchor.is_normal:
        draft.certainty, draft.spans["certainty"] = "negated", (normal[0].start, normal[0].end)
    elif anchor.is_normal:
        draft.certainty, draft.spans["certainty"] = "negated", (item.start, item.end)
    elif neg:
        draft.certainty = "negated"
        draft.at_most = "mild" if neg == "weak" else ""
        where = own.neg_span or item.neg_span
        if where:
            draft.spans["certainty"] = where
    elif any(one.value == "0" for one in grades) or (grades and grades[0].neg == "pre" and item.category == "place"):
        draft.certainty, draft.spans["certainty"] = "negated", (grades[-1].start, grades[-1].end)
    elif hedge:
        draft.certainty = hedge
        if span:
            draft.spans["certainty"] = span


def _side_zone(draft: Draft, group: Group, *, is_lateral: bool, is_disc: bool) -> None:
    own = [item for item in group.items if item.category in {"side", "side_after"}]
    if draft.kind in {"tumour", "haematoma"} and len(own) == 1 and own[0].words == "both":
        own = []  # "extending into both foramina" is no side of the lesion
    first = [item for item in group.zone_first if item.category == "side"]
    acting = min((item.start for item in group.items if item.category in {"effect", "role", "segment"}), default=None)
    before = [item for item in own if (acting is None or item.start < acting) and not _is_of_root(group, item)]
    others = [] if is_disc and all(item.value == "bilateral" and _is_of_root(group, item) for item in own) else own
    sides = before or others or first
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
        draft.canal_mm = sizes[0].value[0]
        draft.spans["canal_mm"] = (sizes[0].start, sizes[0].end)
        return
    draft.sizes = sizes[0].value
    draft.spans["size_mm"] = (sizes[0].start, sizes[0].end)


def _scale(draft: Draft, group: Group) -> None:
    for item in group.all("grade"):
        scale, word = item.value
        if scale == "any":
            scale = {"spondylolisthesis": "meyerding", "modic_change": "modic"}.get(draft.kind, "")
        grade = word.upper() if word.upper() in SCALES.get(scale, ()) else GRADE_WORDS.get(word, "")
        if scale and grade in SCALES[scale]:
            draft.grade = (scale, grade)
            draft.spans["grade"] = (item.start, item.end)
