"""Drafts of all sentences -> findings of the report, each said once; "remaining levels" written out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from emgwidgets.interpretation.correlation.report.drafts import ALL, REST, Context, Draft
from emgwidgets.interpretation.correlation.report.levels import REGIONS, region_of
from emgwidgets.interpretation.correlation.report.lexicon import kinds
from emgwidgets.interpretation.correlation.root_map import roots_of
from emgwidgets.model.mri import MriFinding, RootEffect
from emgwidgets.model.mri_report import Evidence, NormalLevel, ReportFinding, RootWeight

__all__ = ["findings_of", "inferred", "normal_levels_of", "written_out"]

#: More exact words for the same thing: the general one is taken up by the exact one at the same place.
EXACT = {"disc_herniation": ("disc_extrusion", "disc_sequestration", "disc_protrusion")}
GRADE_WORD = {1.0: "mild", 1.5: "moderate", 2.0: "moderate", 2.5: "severe", 3.0: "severe"}
LARGE_MM = (
    8.0  # internal choice: the size from which the next root is counted too; sizes in reports have no common cut-off
)
EFFECTS = ("none", "unclear", "contact", "deviation", "compression")


def written_out(context: Sequence[Context], regions: Sequence[str]) -> tuple[list[Draft], list[tuple[str, int, int]]]:
    """Drafts and normal levels with "all levels" and "remaining levels" replaced by the levels they stand for."""
    drafts = [draft for one in context for draft in one.drafts]
    normal = [entry for one in context for entry in one.normal]
    every = [level for region in regions for level in REGIONS[region]]
    named = {draft.level for draft in drafts} | {level for level, _, _ in normal}
    remaining = [level for level in every if level not in named]
    stands_for = {REST[0]: remaining, ALL[0]: every}
    out = []
    for draft in drafts:
        if draft.level not in stands_for:
            out.append(draft)
        out += [_copy(draft, level) for level in stands_for.get(draft.level, ())]
    wide = [(level, start, end) for word, start, end in normal for level in stands_for.get(word, [word])]
    return out, wide


def _copy(draft: Draft, level: str) -> Draft:
    return replace(draft, level=level, roots=list(draft.roots), spans=dict(draft.spans))


def _is_same(one: Draft, other: Draft) -> bool:
    if (
        one.kind != other.kind
        and other.kind not in EXACT.get(one.kind, ())
        and one.kind not in EXACT.get(other.kind, ())
    ):
        return False
    if (one.certainty == "negated") != (other.certainty == "negated"):
        return False
    if one.level != other.level:
        return one.level == "" or other.level == ""
    if one.vertebra != other.vertebra and one.vertebra and other.vertebra:
        return False
    sides = {one.side, other.side}
    if len(sides) == 1 or None in sides or "midline" in sides:
        return True
    return "bilateral" in sides and one.section != other.section


def _merged(kept: Draft, other: Draft) -> None:
    """Add what another mention says; what was said first stays."""
    if other.kind in EXACT.get(kept.kind, ()):
        kept.kind = other.kind
    for name in ("level", "side", "zone", "severity_index", "canal_mm", "grade", "migration", "change", "vertebra", "raw", "unnamed", "at_most"):  # fmt: skip
        if not getattr(kept, name) and getattr(other, name):
            setattr(kept, name, getattr(other, name))
            if name in other.spans:
                kept.spans.setdefault(name, other.spans[name])
    if not kept.sizes and other.sizes:
        kept.sizes, kept.spans["size_mm"] = other.sizes, other.spans.get("size_mm", (other.start, other.end))
    if other.roots and not kept.roots:
        kept.spans.setdefault("roots", other.spans.get("roots", (other.start, other.end)))
    kept.roots += other.roots
    kept.sac = kept.sac or other.sac
    order = ("negated", "possible", "probable", "definite")
    if order.index(other.certainty) > order.index(kept.certainty):
        kept.certainty = other.certainty
    kept.mentions += other.mentions


def _once(drafts: Iterable[Draft]) -> list[Draft]:
    kept: list[Draft] = []
    listed = list(drafts)
    listed.sort(key=lambda draft: draft.level == "")  # those with a level first, so that a general remark is taken up
    for draft in listed:
        pool = [one for one in kept if draft.level in {one.level, ""}]
        match = next((one for one in pool if _is_same(one, draft) and _is_worth(one, draft)), None)
        if match is None:
            kept.append(draft)
        elif draft.level == "" and match.level != "":
            match.mentions += draft.mentions
        else:
            _merged(match, draft)
    kept.sort(key=lambda draft: (draft.start, draft.level))
    return _said_again(kept)


def _said_again(drafts: list[Draft]) -> list[Draft]:
    """Drop an effect on a root that a finding of the same level already has: a summary repeats it."""
    out = []
    for draft in drafts:
        named = {(one.root, one.side or draft.side) for one in draft.roots if one.effect != "none"}
        model = next(
            (
                one for one in drafts
                if draft.kind == "root_effect" and draft.certainty != "negated" and named and one.kind != "root_effect"
                and one.level == draft.level and named <= {(root.root, root.side or one.side) for root in one.roots}
            ),
            None,
        )  # fmt: skip
        if model is None:
            out.append(draft)
        else:
            model.mentions += draft.mentions
    return out


def _is_worth(kept: Draft, draft: Draft) -> bool:
    """Two grades or two sides in one section are two findings: mild on the right, moderate on the left."""
    if kept.section == draft.section and kept.side and draft.side and kept.side != draft.side:
        return False
    if kept.section == draft.section and kept.side is None and draft.side in {"left", "right"} and kept.start < draft.start and kept.kind in {"foraminal_stenosis", "lateral_recess_stenosis"}:  # fmt: skip
        return kept.severity_index is None
    return True


def _roots(draft: Draft) -> tuple[RootEffect, ...]:
    """One effect for each root and side: the strongest."""
    found: dict[tuple[str, str | None], RootEffect] = {}
    for effect in draft.roots:
        side = effect.side or (draft.side if draft.side in {"left", "right", "bilateral"} else None)
        key = (effect.root, side)
        old = found.get(key)
        if old is None or EFFECTS.index(effect.effect) > EFFECTS.index(old.effect):
            found[key] = replace(effect, side=side)  # type: ignore[arg-type]
    return tuple(found.values())


def inferred(finding: MriFinding, sizes_mm: Sequence[float], *, is_transitional: bool) -> tuple[RootWeight, ...]:
    """Roots that the level and zone of a finding imply."""
    known = kinds().get(finding.kind)
    if known is None or not (known.is_subject or finding.kind in {"cord_compression", "cord_signal"}):
        return ()
    is_large = known.family == "disc" and max(sizes_mm, default=0.0) >= LARGE_MM
    return roots_of(finding, is_transitional=is_transitional, is_large=is_large)


def _finding(draft: Draft, *, basis: str | None, is_transitional: bool) -> ReportFinding:
    scale, grade = draft.grade or ("", "")
    if not scale and draft.severity_index is not None:
        scale, grade = "words", GRADE_WORD[draft.severity_index]
    note = "between two grades" if draft.severity_index in {1.5, 2.5} else ""
    side = draft.side or ("midline" if draft.zone == "central" and draft.kind.startswith("disc_") else None)
    roots = _roots(draft)
    finding = MriFinding(
        kind=draft.kind, level=draft.level, side=side, zone=draft.zone, size_mm=max(draft.sizes, default=None),  # type: ignore[arg-type]
        grade=grade, scale=scale, migration=draft.migration, roots=roots, certainty=draft.certainty,  # type: ignore[arg-type]
        span=(draft.start, draft.end), numbering_basis=basis, raw=draft.raw, note=note,
    )  # fmt: skip
    spans = dict(draft.spans)
    if side and "side" not in spans and "zone" in spans:
        spans["side"] = spans["zone"]
    if "zone" not in spans and draft.zone:
        spans["zone"] = spans["kind"]
    if grade and "grade" not in spans:
        spans["grade"] = spans.get("severity_index", spans["kind"])
    if draft.raw:
        spans["raw"] = spans["zone"]
    return ReportFinding(
        finding=finding, evidence=tuple(Evidence(field=name, start=a, end=b) for name, (a, b) in sorted(spans.items())),
        section=draft.section, severity_index=draft.severity_index, sizes_mm=draft.sizes, canal_mm=draft.canal_mm,
        vertebra=draft.vertebra, change=draft.change, at_most=draft.at_most, unnamed_root_effect=draft.unnamed,
        sac_effect=draft.sac, mentions=draft.mentions,
        inferred_roots=inferred(finding, draft.sizes, is_transitional=is_transitional),
    )  # fmt: skip


def findings_of(drafts: Sequence[Draft], *, basis: str | None, is_transitional: bool) -> tuple[ReportFinding, ...]:
    """Findings in the order of the report, each said once; mentions in findings and impression are joined."""
    return tuple(_finding(draft, basis=basis, is_transitional=is_transitional) for draft in _once(drafts))


def normal_levels_of(normal: Sequence[tuple[str, int, int]], findings: Sequence[ReportFinding]) -> tuple[NormalLevel, ...]:  # fmt: skip
    """Levels called normal that hold no finding."""
    taken = {one.finding.level for one in findings if one.is_present}
    found: dict[str, NormalLevel] = {}
    for level, start, end in normal:
        if level not in taken:
            found.setdefault(level, NormalLevel(level=level, span=(start, end)))
    return tuple(found.values())


def regions_named(levels: Iterable[str], text: str) -> tuple[str, ...]:
    """Regions of the spine a report speaks of, by its levels and its words."""
    lower = text.lower()
    by_level = {region_of(level) for level in levels if level}
    by_word = {region for region, words in {"cervical": ("cervical",), "thoracic": ("thoracic", "dorsal spine"), "lumbar": ("lumbar",)}.items() if any(word in lower for word in words)}  # fmt: skip
    found = by_level or by_word
    return tuple(region for region in REGIONS if region in found)
