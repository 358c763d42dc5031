"""The MRI of a case under the reader's hands: findings by level, zone and side, the report, and what a reader settles.

A contradiction of sides in the report is never resolved here: until a named reader settles it, the findings it touches
keep their words and carry no side.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, cast

from emgwidgets.cases.document import Case
from emgwidgets.errors import InputError
from emgwidgets.interpretation.correlation.mri import disc_level, entry, roots_for
from emgwidgets.model.checks import check_index
from emgwidgets.model.mri import MriFinding, RootEffect
from emgwidgets.model.mri_report import MriReport
from emgwidgets.model.signal import Annotation
from emgwidgets.widgets.history import History

__all__ = ["EFFECTS", "MriDesk", "SideConflict"]

#: Effect on a root by its number of squares (mri.S20: none, contact, deviation, compression).
EFFECTS = ("none", "contact", "deviation", "compression")
SIDED = {"left", "right"}
#: Findings, and which of the report each came from: what undo takes back.
_Findings: TypeAlias = tuple[list[MriFinding], list[int | None]]
Side = Literal["left", "right", "bilateral", "midline"]
#: Words of the answer that leaves a conflict open.
ASK = "ask"


@dataclass(frozen=True, kw_only=True)
class SideConflict:
    """Two sides that a report gives for one thing, with where they stand and which findings they touch."""

    sentence: str
    spans: tuple[tuple[int, int], ...]
    findings: tuple[int, ...]


@dataclass
class MriDesk:
    """Findings of one MRI.

    Parameters
    ----------
    case : Case
        The rest of the case; its MRI findings are what the desk starts with.
    report : MriReport, optional
        A report that was read; its findings take the place of those of the case.
    reader : str
        Whoever sits at the bench.
    """

    case: Case
    report: MriReport | None = None
    reader: str = ""
    findings: list[MriFinding] = field(default_factory=list)
    sources: list[int | None] = field(default_factory=list)
    day: float | None = None
    version: int = 0
    history: History[_Findings] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.history = History(lambda: (list(self.findings), list(self.sources)), self._put)
        if self.report is not None:
            self._take_report(self.report)
        else:
            self.findings = list(self.case.mri)
            self.sources = [None] * len(self.findings)
        days = {one.days_since_onset for one in self.findings if one.days_since_onset is not None}
        self.day = days.pop() if len(days) == 1 else None

    def _take_report(self, report: MriReport) -> None:
        self.report = report
        self.findings = [replace(one.finding, days_since_onset=self.day) for one in report.findings]
        self.sources = list(range(len(report.findings)))

    def read(self, report: MriReport) -> None:
        """Put the findings of a report in the place of those there are."""
        self._remember()
        self._take_report(report)

    # changes -------------------------------------------------------------------------------------------------------
    def _remember(self) -> None:
        self.history.remember()
        self.version += 1

    def _put(self, found: _Findings) -> None:
        self.findings, self.sources = found
        self.version += 1

    def undo(self) -> bool:
        """Take the last change back."""
        return self.history.undo()

    def redo(self) -> bool:
        """Make it again."""
        return self.history.redo()

    def correct(self, index: int, changes: Mapping[str, Any]) -> MriFinding:
        """Change fields of one finding; what was read stays in the report beside it."""
        check_index(index, len(self.findings), what="MRI finding")
        given: dict[str, Any] = {name: (value if value != "" else None) for name, value in changes.items()}
        for name in ("level", "grade", "scale", "raw", "note"):
            if name in given and given[name] is None:
                given[name] = ""
        if given.get("level"):
            given["level"] = disc_level(str(given["level"])).code
        if "size_mm" in given and given["size_mm"] is not None:
            given["size_mm"] = _number(given["size_mm"])
        unknown = sorted(set(given) - set(MriFinding.__dataclass_fields__))
        if unknown:
            raise InputError(
                "a finding has no such field", got=unknown[0], expected=", ".join(MriFinding.__dataclass_fields__)
            )
        made = replace(self.findings[index], **given)
        self._remember()
        self.findings[index] = made
        return made

    def add(self, kind: str, level: str = "", **fields: Any) -> MriFinding:
        """Add a finding typed in by hand."""
        made = entry(kind, level, days_since_onset=self.day, **fields)
        self._remember()
        self.findings.append(made)
        self.sources.append(None)
        return made

    def remove(self, index: int) -> None:
        """Take a finding out of the case; undo brings it back."""
        check_index(index, len(self.findings), what="MRI finding")
        self._remember()
        del self.findings[index]
        del self.sources[index]

    def set_effect(self, level: str, zone: str, side: str, effect: int) -> MriFinding:
        """Set what a lesion of one cell does to the root it reaches: 0 none, 1 contact, 2 displaced, 3 compressed.

        A cell without a finding gets one: an effect on a root, or, for 0, looked for and not seen.
        """
        if effect not in range(len(EFFECTS)):
            raise InputError(
                "no such effect on a root", got=str(effect), expected="0 none, 1 contact, 2 displaced, 3 compressed"
            )
        index = next(
            (
                n
                for n, one in enumerate(self.findings)
                if is_in_cell(one, level, zone, side) and one.certainty != "negated"
            ),
            None,
        )
        own = cast("Side", "midline" if zone == "central" else side)
        if index is None and effect == 0:
            return self.add("root_effect", level, zone=zone, side=own, certainty="negated")
        if zone == "central":
            grade = ("none", "mild", "moderate", "severe")[effect]
            if index is None:
                return self.add("central_stenosis", level, zone=zone, side=own, grade=grade, scale="words")
            return self.correct(index, {"grade": grade, "scale": "words"})
        root = roots_for(level, zone, side=side)[0].root
        roots = (RootEffect(root=root, effect=EFFECTS[effect], side=cast("Any", side)),)  # type: ignore[arg-type]
        if index is None:
            return self.add("root_effect", level, zone=zone, side=own, roots=roots)
        kept = tuple(one for one in self.findings[index].roots if one.root != root)
        return self.correct(index, {"roots": (*roots, *kept)})

    # conflicts -----------------------------------------------------------------------------------------------------
    def conflicts(self) -> tuple[SideConflict, ...]:
        """Contradictions of sides that no reader has settled: those the report reader saw, and roots of the other side."""
        told = self.report.conflicts if self.report is not None else ()
        found = [
            SideConflict(sentence=one.sentence, spans=one.spans, findings=self._touched(one.spans))
            for one in told
            if one.kind == "side"
        ]
        known = {n for one in found for n in one.findings}
        found += [one for n in range(len(self.findings)) if n not in known for one in self._other_side(n)]
        answered = self.settled()
        return tuple(one for one in found if answered.get(one.sentence, {}).get("side", ASK) == ASK)

    def _other_side(self, index: int) -> list[SideConflict]:
        """Conflict of a finding that lies on one side and is said to reach roots of the other."""
        one = self.findings[index]
        others = [root for root in one.roots if root.side in SIDED and root.side != one.side]
        if one.certainty == "negated" or one.side not in SIDED or not others:
            return []
        roots = ", ".join(root.root for root in others)
        where = one.level or "no named level"
        sentence = f"The {one.kind.replace('_', ' ')} at {where} is {one.side}, an effect on {roots} {others[0].side}."
        return [SideConflict(sentence=sentence, spans=self._spans(index), findings=(index,))]

    def _spans(self, index: int) -> tuple[tuple[int, int], ...]:
        source = self.sources[index]
        if self.report is None or source is None:
            return ()
        places = [
            (one.start, one.end) for one in self.report.findings[source].evidence if one.field in {"side", "roots"}
        ]
        own = self.findings[index].span
        return tuple(places) or ((own,) if own is not None else ())

    def _touched(self, spans: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
        if self.report is None:
            return ()
        touched = []
        for n, source in enumerate(self.sources):
            if source is None:
                continue
            places = [(one.start, one.end) for one in self.report.findings[source].evidence]
            own = self.report.findings[source].finding.span
            places += [own] if own else []
            if any(start < end_of and start_of < end for start, end in spans for start_of, end_of in places):
                touched.append(n)
        return tuple(touched)

    def settled(self) -> dict[str, dict[str, str]]:
        """What readers said of conflicts: sentence -> side, reader, reason."""
        found = {}
        for one in self.case.annotations:
            if one.label == "mri_side_settled" and one.note.startswith("{"):
                told = json.loads(one.note)
                found[str(told["about"])] = {
                    "side": str(told["side"]),
                    "reader": one.reader or "",
                    "reason": str(told["reason"]),
                }
        return found

    def settle(self, sentence: str, side: str, reason: str, reader: str = "") -> None:
        """Settle a conflict of sides: a named reader with a reason; ``side="ask"`` leaves it open until someone asked.

        The answer is added to the annotations of the case and never removed.
        """
        name = (reader or self.reader).strip()
        conflict = next((one for one in self.conflicts() if one.sentence == sentence), None)
        if conflict is None:
            raise InputError("no such conflict of sides", got=repr(sentence)[:80], expected="a sentence of the banner")
        if side not in {*SIDED, "bilateral", ASK}:
            raise InputError(
                "a conflict needs its side", got=repr(side), expected="left, right, bilateral, or ask the radiologist"
            )
        if not name or len(reason.strip()) < 3:
            raise InputError(
                "this needs a named reader and a reason",
                got=f"reader {name!r}",
                expected="both; they are kept with the case",
            )
        self.reader = name
        note = json.dumps({"about": sentence, "side": side, "reason": reason.strip()}, ensure_ascii=False)
        made = Annotation(start_s=0.0, label="mri_side_settled", reader=name, note=note, id=secrets.token_hex(6))
        self.case = replace(self.case, annotations=(*self.case.annotations, made))
        self.version += 1
        if side == ASK:
            return
        # what a reader settled is not undone by a key: the steps before it are closed
        self.history.forget()
        for n in conflict.findings:
            roots = tuple(
                replace(one, side=cast("Any", side)) if one.side in SIDED else one for one in self.findings[n].roots
            )
            if self.findings[n].certainty != "negated":
                self.findings[n] = replace(self.findings[n], side=cast("Any", side), roots=roots)

    # out -----------------------------------------------------------------------------------------------------------
    def for_case(self) -> tuple[MriFinding, ...]:
        """Findings as the case gets them: those in conflict without a side, the day of the MRI on each."""
        open_ones = {n for one in self.conflicts() for n in one.findings}
        made = []
        for n, one in enumerate(self.findings):
            finding = replace(one, days_since_onset=self.day) if self.day is not None else one
            if n in open_ones and finding.certainty != "negated":
                roots = tuple(replace(root, side=None) for root in finding.roots)
                finding = replace(finding, side=None, roots=roots, note="the report contradicts itself on the side")
            made.append(finding)
        return tuple(made)


def _number(text: Any) -> float:
    try:
        return float(str(text).replace(",", "."))
    except ValueError as error:
        raise InputError("the size is no number", got=repr(str(text))[:20], expected="such as 5, in mm") from error


def is_in_cell(finding: MriFinding, level: str, zone: str, side: str) -> bool:
    """Whether a finding lies in a cell of the grid; one of both sides lies in two."""
    if finding.level != level:
        return False
    own = finding.zone or ("central" if finding.kind == "central_stenosis" else None)
    if own is None:
        return False
    if zone == "central":
        return own == "central"
    return own == zone and (finding.side in {side, "bilateral"})
