"""The part of a condition's file that does not follow from its lesions: told, provoked, and seen on the MRI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.model.case import Sensation, Sign, Symptom
from emgwidgets.model.mri import MriFinding, RootEffect
from emgwidgets.model.signal import Side
from emgwidgets.simulation.story.complaint import Complaint, Provocation
from emgwidgets.simulation.story.mri_findings import PlannedFinding

__all__ = ["StoryFile", "side_meant"]

_OPPOSITE: dict[Side, Side] = {"left": "right", "right": "left"}


def side_meant(word: str, side: Side | None) -> Side | None:
    """Side meant by a word of a file, seen from the condition's side; None is both."""
    words: dict[str, Side | None] = {
        "same": side, "other": None if side is None else _OPPOSITE[side], "both": None,
        "midline": None, "none": None, "left": "left", "right": "right",
    }  # fmt: skip
    if word not in words:
        raise InputError("a condition names a side that is not known", got=repr(word), expected=", ".join(words))
    return words[word]


@dataclass(frozen=True, kw_only=True)
class StoryFile:
    """One file, read for one side and severity.

    Parameters
    ----------
    table : dict
        Content of the file.
    side : {"left", "right"} or None
        Side of the condition; None is both.
    days : float
        Days since onset.
    """

    table: dict[str, Any]
    code: str
    side: Side | None
    severity: str
    days_since_onset: float

    def rows(self, name: str, known: str) -> list[dict[str, Any]]:
        """Rows of one list that hold at this severity, without their source."""
        found = []
        for row in self.table.get(name, ()):
            wrong = set(row) - {*known.split(), "side", "severities", "source", "mark"}
            if wrong:
                raise InputError(
                    f"{self.code} uses a word that is not known in {name}", got=", ".join(sorted(wrong)), expected=known
                )
            if self.severity in row.get("severities", (self.severity,)):
                found.append({key: v for key, v in row.items() if key not in ("severities", "source", "mark")})
        return found

    def one_side(self, row: dict[str, Any]) -> Side | None:
        """Side of one row; None is both."""
        return side_meant(row.get("side", "same"), self.side)

    def sides(self, row: dict[str, Any]) -> tuple[Side, ...]:
        """Sides of one row."""
        found = self.one_side(row)
        return ("left", "right") if found is None else (found,)

    def complaint(self) -> Complaint:
        """Return what is told and provoked."""
        told: dict[str, Any] = self.table.get("story", {})
        region = told.get("region", "")
        return Complaint(
            region=region, imaging=told.get("imaging", region), question=told.get("question", ""),
            onset=told.get("onset", ""), symptoms=self._symptoms(),
            provoked=tuple(
                Provocation(sign=row["sign"], side=side) for row in self.rows("provoked", "sign") for side in self.sides(row)
            ),
            signs=self._signs(), sensation=self._sensation(),
        )  # fmt: skip

    def _symptoms(self) -> tuple[Symptom, ...]:
        made = []
        for row in self.rows("symptoms", "kind place roots note days"):
            side: Literal["left", "right", "bilateral"] | None = self.one_side(row) or "bilateral"
            if row.get("side") == "none":
                side = None
            made.append(
                Symptom(
                    kind=row["kind"], place=row.get("place", ""), side=side, days=row.get("days", self.days_since_onset),
                    roots=tuple(row.get("roots", ())), note=row.get("note", ""),
                )
            )  # fmt: skip
        return tuple(made)

    def _signs(self) -> tuple[Sign, ...]:
        return tuple(
            Sign(name=row["name"], is_positive=row.get("is_positive", True), side=side, note=row.get("note", ""))
            for row in self.rows("signs", "name note is_positive")
            for side in (self.sides(row) if row.get("side") != "midline" else (None,))
        )

    def _sensation(self) -> tuple[Sensation, ...]:
        made = []
        for row in self.rows("sensation", "nerve finding modality"):
            entry = vocabulary.sensory_nerve(row["nerve"])
            root = entry.dominant_roots[0] if len(entry.dominant_roots) == 1 else ""
            made += [
                Sensation(
                    area=entry.skin_area, side=side, finding=row["finding"], modality=row.get("modality", "light touch"),
                    root=root, nerve=entry.code,
                )
                for side in self.sides(row)
            ]  # fmt: skip
        return tuple(made)

    def planned(self) -> tuple[PlannedFinding, ...]:
        """Return what the MRI shows of the condition."""
        words = "kind level level_word zone size_mm grade scale migration roots effect note role is_read"
        return tuple(self._planned(row) for row in self.rows("mri", words))

    def _planned(self, row: dict[str, Any]) -> PlannedFinding:
        side: Literal["left", "right", "bilateral", "midline"] = "midline"
        if row.get("side") != "midline":
            side = self.one_side(row) or "bilateral"
        effect = self._now(row.get("effect", "none"))
        low, high = row.get("size_mm", (0.0, 0.0))
        finding = MriFinding(
            kind=row["kind"], level=row.get("level", ""), zone=row.get("zone"), side=side,
            grade=self._now(row.get("grade", "")), scale=row.get("scale", ""), migration=row.get("migration"),
            roots=tuple(
                RootEffect(root=root, effect=effect, side=None if side == "midline" else side)
                for root in row.get("roots", ())
            ),
            raw=row.get("level_word", ""),
            note=row.get("note", "").format(side="both" if side == "bilateral" else side),
        )  # fmt: skip
        return PlannedFinding(
            finding=finding, role=row.get("role", "cause"), is_read=row.get("is_read", True),
            smallest_mm=float(low), largest_mm=float(high),
        )  # fmt: skip

    def _now(self, entry: Any) -> Any:
        """Read an entry given once, or once for each severity."""
        return entry[self.severity] if isinstance(entry, dict) else entry
