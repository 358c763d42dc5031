"""MRI findings from structured entry and from label tables; free text is read elsewhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from emgwidgets.errors import InputError, ReadError
from emgwidgets.interpretation.correlation.root_map import disc_level
from emgwidgets.model.mri import MriFinding

__all__ = ["entry", "findings_from_labels", "severity_index"]

#: Conditions of the RSNA 2024 lumbar label table (mri.S112, mri.S113): kind, side, zone.
CONDITIONS = {
    "spinal_canal_stenosis": ("central_stenosis", None, "central"),
    "left_neural_foraminal_narrowing": ("foraminal_stenosis", "left", "foraminal"),
    "right_neural_foraminal_narrowing": ("foraminal_stenosis", "right", "foraminal"),
    "left_subarticular_stenosis": ("lateral_recess_stenosis", "left", "subarticular"),
    "right_subarticular_stenosis": ("lateral_recess_stenosis", "right", "subarticular"),
}
LABEL_LEVELS = {f"_l{n}_l{n + 1}": f"L{n}-{n + 1}" for n in range(1, 5)} | {"_l5_s1": "L5-S1"}
#: "Normal/Mild" is one class of the table: nothing more than mild; it is kept as looked for and not more than mild.
GRADES = {"moderate": "moderate", "severe": "severe"}
NORMAL_MILD = "normal/mild"
MAX_BYTES = 50_000_000  # internal choice: the whole published table has under 1 MB


@cache
def _severity() -> dict[str, float]:
    text = resources.files(__package__).joinpath("severity.csv").read_text(encoding="utf-8")
    return {row["word"]: float(row["index"]) for row in csv.DictReader(text.splitlines())}


def severity_index(word: str) -> float:
    """Place of a word of severity on one scale: 0 none, 1 mild, 2 moderate, 3 severe (facts mri.md 2.1, derived).

    Words of contact with a root count 0.5 to 3 on the scale of Pfirrmann's root grades (mri.S20).

    Raises
    ------
    InputError
        If the word has no place.
    """
    found = _severity().get(" ".join(word.lower().split()))
    if found is None:
        raise InputError("this word has no place on the scale of severity", got=repr(word), expected=", ".join(_severity()))  # fmt: skip
    return found


def entry(kind: str, level: str = "", **fields: Any) -> MriFinding:
    """Return one finding typed in by hand, its level checked and written in the one spelling.

    Parameters
    ----------
    kind : str
        One of :data:`~emgwidgets.model.mri.KINDS`.
    level : str
        Disc level in any spelling; empty for a finding without one.
    **fields
        Other fields of :class:`~emgwidgets.model.mri.MriFinding`.

    Raises
    ------
    InputError
        If the level does not exist or a field cannot be used.
    """
    unknown = sorted(set(fields) - set(MriFinding.__dataclass_fields__))
    if unknown:
        raise InputError("a finding has no such field", got=unknown[0], expected=", ".join(MriFinding.__dataclass_fields__))  # fmt: skip
    finding = MriFinding(kind=kind, **fields)
    return replace(finding, level=disc_level(level).code) if level else finding


def findings_from_labels(source: str | Path | Mapping[str, Any]) -> dict[str, tuple[MriFinding, ...]]:
    """Read a label table with the columns of the RSNA 2024 lumbar classification.

    Parameters
    ----------
    source : path, text or mapping
        A CSV file, the text of one (it holds a line break), or one row as column -> label.  Columns are named
        ``spinal_canal_stenosis_l1_l2`` and so on; ``study_id`` names the row.

    Returns
    -------
    dict
        Study -> findings.  "Normal/Mild" becomes a finding that is looked for and not more than mild (negated, with a
        note); an empty label gives no finding, as the table may leave levels out: not labelled is not normal.

    Raises
    ------
    ReadError
        If the table has none of the columns or a label that is not known.
    """
    if isinstance(source, Mapping):
        rows: list[Mapping[str, Any]] = [source]
    else:
        rows = list(csv.DictReader(io.StringIO(_table_text(source))))
    columns = [name for name in (rows[0] if rows else {}) if name is not None and _column(str(name)) is not None]
    if not columns:
        raise ReadError(
            "this is no label table of the lumbar spine", got="none of its columns",
            expected="columns such as spinal_canal_stenosis_l4_l5", way_out="check the table",
        )  # fmt: skip
    found: dict[str, tuple[MriFinding, ...]] = {}
    for n, row in enumerate(rows, start=1):
        study = str(row.get("study_id") or n)
        if study in found:
            raise ReadError(
                "a study stands twice in the label table", got=f"row {n}", expected="one row for each study"
            )
        listed = [_labelled(name, row[name], n) for name in columns]
        found[study] = tuple(one for one in listed if one is not None)
    return found


def _table_text(source: str | Path) -> str:
    if isinstance(source, str) and "\n" in source:
        return source
    place = Path(source)
    try:
        if place.stat().st_size > MAX_BYTES:
            raise ReadError(f"{place.name} is too large for a label table", got=f"{place.stat().st_size} bytes", expected=f"at most {MAX_BYTES}")  # fmt: skip
        return place.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ReadError(f"{place.name} cannot be opened", got=str(error.strerror), expected="a CSV file", way_out="check the path") from error  # fmt: skip
    except UnicodeDecodeError as error:
        raise ReadError(f"{place.name} is not text", got=f"byte {error.start}", expected="UTF-8 CSV") from error


def _column(name: str) -> tuple[str, str | None, str, str] | None:
    for condition, (kind, side, zone) in CONDITIONS.items():
        level = LABEL_LEVELS.get(name.removeprefix(condition)) if name.startswith(condition) else None
        if level is not None:
            return kind, side, zone, level
    return None


def _labelled(name: str, label: Any, row: int) -> MriFinding | None:
    known = _column(name)
    word = str(label if label is not None else "").strip()
    if known is None or word.lower() in {"", "nan", "none"}:
        return None
    kind, side, zone, level = known
    if word.lower() == NORMAL_MILD:
        return MriFinding(kind=kind, level=level, side=side, zone=zone, certainty="negated", raw=word, note="not more than mild")  # type: ignore[arg-type]  # fmt: skip
    if word.lower() not in GRADES:
        raise ReadError(f"a label of row {row} is not known", got=repr(word[:40]), expected="Normal/Mild, Moderate or Severe")  # fmt: skip
    return MriFinding(kind=kind, level=level, side=side, zone=zone, grade=GRADES[word.lower()], scale="words", raw=word)  # type: ignore[arg-type]  # fmt: skip
