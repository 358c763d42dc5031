"""What a sentence says about nerve roots, the cord and the sac, tied to the finding that does it."""

from __future__ import annotations

from itertools import pairwise

from emgwidgets.errors import InputError
from emgwidgets.interpretation.correlation.report.drafts import Context, Draft
from emgwidgets.interpretation.correlation.report.groups import Group
from emgwidgets.interpretation.correlation.report.items import Item
from emgwidgets.interpretation.correlation.report.lexicon import kinds
from emgwidgets.interpretation.correlation.root_map import disc_level
from emgwidgets.model.mri import RootEffect

__all__ = ["apply_effects"]

STRENGTH = {"contact": 1, "indent": 1, "deviation": 2, "compression": 3}
EFFECT = {"contact": "contact", "indent": "contact", "deviation": "deviation", "compression": "compression"}


def _has_object(group: Group) -> bool:
    if any(item.value == "cauda" for item in group.all("structure")):
        return False  # its roots are one thing
    return any(item.value in {"root", "sac"} for item in group.all("structure")) or group.has("role") or _segments(group) != []  # fmt: skip


def _segments(group: Group) -> list[Item]:
    """Segments that are roots here: next to a word for a root or its way."""
    found = group.all("segment")
    structures = {item.value for item in group.all("structure")}
    is_acted_on = group.has("effect") and "other" not in structures and not group.has("level", "place")
    is_root = "root" in structures or group.has("role") or is_acted_on
    return found if is_root else _right_behind_effect(group)


def _right_behind_effect(group: Group) -> list[Item]:
    """Segments right behind an effect, as in "displacing right L5": roots, whatever else the group holds."""
    found: list[Item] = []
    for n, item in enumerate(group.items):
        before = [one for one in group.items[:n] if one.category not in {"side", "role", "filler"}]
        if item.category == "segment" and before and before[-1].category == "effect":
            found.append(item)
    return found


def _runs(groups: list[Group]) -> list[tuple[list[Group], list[Group]]]:
    """Pairs of groups with effects and groups with their objects."""
    runs: list[tuple[list[Group], list[Group]]] = []
    for n, group in enumerate(groups):
        effects = group.all("effect") or [item for item in group.all("narrowing") if _is_root_narrowing(group)]
        if not effects or (group.anchors and not _has_object(group)):
            continue
        objects = [group] if _has_object(group) else []
        step = n + 1
        while step < len(groups) and _goes_on(groups[step], has_object=bool(objects)) and not groups[step].anchors:
            following = groups[step]
            if following.has("effect") and objects:
                break
            if following.has("segment") or _has_object(following):
                objects.append(following)
            elif not following.has("effect") and objects:
                break
            step += 1
        if not objects:
            objects = [one for one in reversed(groups[:n]) if _has_object(one) and not one.has("effect")][:1]
        if objects:
            runs.append(([group], objects))
    return runs


def _goes_on(group: Group, *, has_object: bool) -> bool:
    """Whether a group can hold the object of the effect before it, as in "abuts but does not displace the L5 root"."""
    is_with = group.link is not None and group.link.words in {"with", "w"} and not group.has("effect")
    return group.follows in {"list", "or", ""} or ((group.follows == "but" or is_with) and not has_object)


def _is_root_narrowing(group: Group) -> bool:
    structures = {item.value for item in group.all("structure")}
    return "root" in structures and "cauda" not in structures and not group.has("place")


def apply_effects(groups: list[Group], drafts: list[Draft], context: Context) -> list[Draft]:
    """Give every effect on a root to its finding; one without a finding becomes a finding of its own."""
    added: list[Draft] = []
    for acting, objects in _runs(groups):
        effects = [item for group in acting for item in (group.all("effect") or group.all("narrowing"))]
        said = [item for item in effects if not item.neg] or effects
        strongest = max(said, key=lambda item: STRENGTH.get(str(item.value), 1))
        effect = EFFECT.get(str(strongest.value), "unclear")
        is_negated = bool(strongest.neg)
        subject = _subject(groups, strongest, drafts, context, objects)
        if any(item.value == "sac" for group in objects for item in group.all("structure")):
            if subject is not None and not is_negated:
                subject.sac = True
                subject.spans["sac_effect"] = (strongest.start, strongest.end)
            if not any(item.value == "root" for group in objects for item in group.all("structure")):
                continue
        named = _named_roots(objects, subject, context, effect="none" if is_negated else effect, hedge=strongest.hedge)
        level = _level_before(groups, strongest)
        _attach(
            named,
            subject,
            strongest,
            effect,
            is_negated=is_negated,
            context=context,
            added=added,
            objects=objects,
            level=level,
        )
    for draft in drafts:
        _side_of_its_root(draft)
    context.drafts += added
    return added


#: A focal finding lies on the side of the one root it acts on; a bulge or a canal need not.
FOCAL = {"disc_protrusion", "disc_extrusion", "disc_sequestration", "disc_herniation", "synovial_cyst"}


def _side_of_its_root(draft: Draft) -> None:
    """Take the side of the root, as in "the left S1 nerve is displaced by a paracentral protrusion"."""
    sides = {one.side for one in draft.roots if one.effect != "none"}
    if (
        draft.kind in FOCAL
        and draft.side is None
        and draft.zone != "central"
        and len(sides) == 1
        and sides <= {"left", "right"}
    ):
        draft.side = next(iter(sides))
        draft.spans["side"] = draft.spans.get("roots", draft.spans["kind"])


def _attach(
    named: list[tuple[RootEffect, Item]], subject: Draft | None, word: Item, effect: str, *, is_negated: bool,
    context: Context, added: list[Draft], objects: list[Group], level: str,
) -> None:  # fmt: skip
    if subject is None or (is_negated and not named):
        own = _own_finding(word, context, is_negated=is_negated, objects=objects, level=level)
        own.roots = [one for one, _ in named]
        own.unnamed = "" if named or is_negated else effect
        added.append(own)
        subject = own
    elif not named and not is_negated:
        subject.unnamed = effect if STRENGTH.get(effect, 0) >= STRENGTH.get(subject.unnamed, 0) else subject.unnamed
        subject.spans["unnamed_root_effect"] = (word.start, word.end)
    else:
        subject.roots += [one for one, _ in named]
    if named:
        subject.spans["roots"] = (min(word.start, named[0][1].start), max(word.end, named[-1][1].end))


def _level_before(groups: list[Group], word: Item) -> str:
    """Level named last before a word in its sentence, else the first one named; empty when it is a list."""
    if any(group.has("rest") for group in groups):
        return "*"
    named = [item for group in groups for item in group.all("level")]
    before = [item for item in named if item.start < word.start] or named[:1]
    return before[-1].value[0] if before and len(before[-1].value) == 1 else ""


def _own_finding(word: Item, context: Context, *, is_negated: bool, objects: list[Group], level: str) -> Draft:
    levels = [item.value for group in objects for item in group.all("level")]
    if level == "*" and not levels:
        level = ""
    else:
        level = levels[0][0] if levels else level or (context.levels[0] if len(context.levels) == 1 else "")
    draft = Draft("root_effect", level, word.start, word.end, context.section)
    draft.spans["kind"] = (word.start, word.end)
    sides = [item for group in objects for item in group.items if item.category in {"side", "side_after"}]
    if sides:
        draft.side = sides[0].value
        draft.spans["side"] = (sides[0].start, sides[0].end)
    if is_negated:
        draft.certainty = "negated"
        if word.neg_span:
            draft.spans["certainty"] = word.neg_span
    elif word.hedge:
        draft.certainty = word.hedge
    return draft


def _subject(groups: list[Group], word: Item, drafts: list[Draft], context: Context, objects: list[Group]) -> Draft | None:  # fmt: skip
    """The finding that acts: the last before the effect in this sentence, else any of it, else the last at this level."""
    known = kinds()
    here = [one for one in drafts if known[one.kind].is_subject and one.certainty != "negated"]
    near = _level_before(groups, word)
    here = [one for one in here if one.level == near] or here
    before = [one for one in here if one.start <= word.start]
    discs = [one for one in before if known[one.kind].family == "disc"]
    sides = _root_sides(objects)
    for listed in (discs, before, here):
        fitting = [one for one in listed if not sides or one.side is None or one.side in sides or one.side in {"bilateral", "midline"}]  # fmt: skip
        if fitting or (listed and listed is here):
            return (fitting or listed)[-1]
    if len(context.levels) != 1 and not any(group.has("level") for group in groups):
        return None
    level = next((group.all("level")[0].value[0] for group in groups if group.has("level")), (context.levels or ("",))[0])  # fmt: skip
    earlier = [
        one
        for one in context.drafts
        if one.level == level and known[one.kind].is_subject and one.certainty != "negated" and one.section == context.section
        and (not sides or one.side is None or one.side in sides or one.side == "bilateral")
    ]  # fmt: skip
    earlier_discs = [one for one in earlier if known[one.kind].family == "disc"]
    return (earlier_discs or earlier or [None])[-1]  # type: ignore[list-item]


def _root_sides(objects: list[Group]) -> set[str]:
    """Sides said of the roots: those right before one, else every side around."""
    pairs = [
        (item, after)
        for group in objects
        for item, after in pairwise(group.items)
        if item.category in {"side", "side_after"}
    ]
    near = {item.value for item, after in pairs if after.category in {"segment", "role"} or after.value == "root"}
    return near or {item.value for group in objects for item in group.items if item.category in {"side", "side_after"}}


def _named_roots(
    objects: list[Group], subject: Draft | None, context: Context, *, effect: str, hedge: str
) -> list[tuple[RootEffect, Item]]:
    found: list[tuple[RootEffect, Item]] = []
    side: str | None = None
    for group in objects:
        sides = [item.value for item in group.items if item.category in {"side", "side_after"}]
        side = sides[0] if sides else side
        segments = group.all("segment")
        roles = group.all("role")
        for item in segments:
            nearest = [
                one.value for one in group.items if one.category in {"side", "side_after"} and one.start < item.start
            ]
            found.append((_effect(item.value, effect, nearest[-1] if nearest else side, hedge), item))
        if not segments and roles:
            level = subject.level if subject is not None and subject.level else (context.levels or ("",))[0]
            root = _by_role(level, str(roles[0].value))
            if root:
                found.append((_effect(root, effect, side, hedge), roles[0]))
    return found


def _effect(root: str, effect: str, side: str | None, hedge: str) -> RootEffect:
    certainty = hedge if hedge in {"probable", "possible"} else "definite"
    return RootEffect(root=root, effect=effect, side=side, certainty=certainty)  # type: ignore[arg-type]


def _by_role(level: str, role: str) -> str:
    if not level or level in {"rest", "all"}:
        return ""
    try:
        found = disc_level(level)
    except InputError:
        return ""
    return found.exiting if role == "exiting" else found.traversing
