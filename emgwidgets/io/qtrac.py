"""QTRAC .MEM files: CMAP scans and excitability tests as tables, with the facts that identify nobody; no waveforms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.io._text import decode
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import Device, QualityFlag, Recording, Table

__all__ = ["FORMAT"]

_ROW = re.compile(r"^\s*([A-Z]{2})(\d*)\.(\d+)\s*\t(.*)$")
_FACT = re.compile(
    r"^\s*(File|Name|Protocol|Date|Start time|Age|Sex|Temperature|S/R sites|NC/disease|Operator|Comments):\s*(.*?)\s*$"
)
_EXTRA = re.compile(r"^\s*([^=!\t]+?)\s*=\s*([-+0-9.eE]+)\s*$")
_DERIVED = re.compile(r"^\s*(\d+)\.\s*\t\s*([-+0-9.eE]+)\s*\t\s*(.+?)\s*$")
_MAX_CMAP = re.compile(r"Max CMAP\s+([0-9.]+)\s*ms\s*=\s*([-+0-9.eE]+)\s*(mV|uV)")
_NAMES = {
    "MS": "cmap_scan", "SR": "stimulus_response", "QT": "charge_duration", "TE": "threshold_electrotonus",
    "RC": "recovery_cycle", "IV": "threshold_iv",
}  # fmt: skip
_IDENTIFYING = ("File", "Name", "Date", "Start time", "Operator", "Comments")
_MAX_BYTES = 32 << 20


@dataclass(kw_only=True)
class _Found:
    """What was met so far while going down the lines."""

    facts: dict[str, str] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    rows: dict[str, list[list[float]]] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)
    derived: dict[str, float] = field(default_factory=dict)
    extra: dict[str, float] = field(default_factory=dict)
    max_cmap: list[tuple[float, float]] = field(default_factory=list)
    model: list[list[float]] = field(default_factory=list)
    section: str = ""
    cut: bool = False
    n_damaged: int = 0


def _value(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _numbers(found: _Found, cells: list[str]) -> list[float]:
    values = [_value(cell.strip()) for cell in cells if cell.strip()]
    found.n_damaged += sum(value is None for value in values)
    return [float("nan") if value is None else value for value in values]


def _line(found: _Found, line: str) -> None:
    if match := _ROW.match(line):
        key = match[1] + match[2]
        found.rows.setdefault(key, []).append(_numbers(found, match[4].split("\t")))
        found.columns.setdefault(key, list(found.titles))
    elif not found.rows and (match := _FACT.match(line)):
        found.facts.setdefault(match[1], match[2])
    elif match := _MAX_CMAP.search(line):
        found.max_cmap.append((float(match[1]), float(match[2]) * (1.0 if match[3] == "mV" else 1e-3)))
    elif line.strip().isupper() or line.strip().startswith(("DERIVED", "EXTRA", "M-SCAN")) or " DATA" in line:
        found.section, found.titles = line.strip(), []
    elif found.section.startswith("DERIVED") and (match := _DERIVED.match(line)):
        found.derived[match[3].replace("\\", " ")] = float(match[2]) if _value(match[2]) is not None else float("nan")
    elif found.section.startswith("EXTRA VAR") and (match := _EXTRA.match(line)):
        found.extra[match[1]] = float(match[2]) if _value(match[2]) is not None else float("nan")
    elif found.section.startswith("EXTRA WAVE") and line.startswith("\t"):
        found.model.append(_numbers(found, line.split("\t")))
    elif "\t" in line and any(character.isalpha() for character in line):
        found.titles = [" ".join(cell.split()) for cell in line.split("\t") if cell.strip()]


def _table(name: str, titles: list[str], rows: list[list[float]]) -> Table:
    width = max(len(row) for row in rows)
    values = np.full((len(rows), width), np.nan)
    for index, row in enumerate(rows):
        values[index, : len(row)] = row
    titles = (titles + [f"column {index + 1}" for index in range(len(titles), width)])[:width]
    return Table(name=name, columns=tuple(titles), values=values)


def _tables(found: _Found) -> list[Table]:
    tables = []
    for key, rows in found.rows.items():
        if not max(len(row) for row in rows):
            continue
        titles = found.columns[key]
        if key == "MS" and titles == ["Stim. (mA)", "Amp. (mV)"]:
            titles = ["stimulus_ma", "amplitude_mv"]
        suffix = f" {key}" if key[2:] not in {"", "1"} or key == "TE1" else ""
        tables.append(_table(_NAMES.get(key[:2], key) + suffix, titles, rows))
    if found.max_cmap:
        tables.append(_table("max_cmap", ["pulse_width_ms", "amplitude_mv"], [list(pair) for pair in found.max_cmap]))
    for name, values in (("derived_variables", found.derived), ("extra_variables", found.extra)):
        if values:
            tables.append(_table(name, list(values), [list(values.values())]))
    model = [row for row in found.model if row]
    if model:
        tables.append(_table("mscan_model", [], model))
    return tables


def _notes(found: _Found) -> tuple[str, ...]:
    facts = found.facts
    notes = ["The file path, the name or initials, the date, the operator and comments were dropped."]
    for name, text in (
        ("Protocol", "Protocol: {}."), ("Age", "Age: {} years."), ("Sex", "Sex: {}."),
        ("Temperature", "Temperature: {} degrees C."), ("NC/disease", "Group: {}."),
    ):  # fmt: skip
        value = facts.get(name, "")
        plain = (
            re.fullmatch(r"[0-9.,]{1,6}", value)
            if name in {"Age", "Temperature"}
            else re.fullmatch(r"[\w .+/-]{1,24}", value)
        )
        if plain:
            notes.append(text.format(value))
    return tuple(notes)


def _flags(found: _Found) -> tuple[QualityFlag, ...]:
    flags = []
    if found.n_damaged:
        flags.append(
            QualityFlag(
                kind="damaged_lines", channel=None, start_s=0.0, end_s=0.0, size=float(found.n_damaged), unit="values",
                reason=f"{found.n_damaged} table cells are no numbers and are missing values; look at the file.",
            )
        )  # fmt: skip
    if found.cut or not found.section.startswith(("DERIVED", "EXTRA")):
        flags.append(
            QualityFlag(
                kind="missing", channel=None, start_s=0.0, end_s=0.0, size=1.0, unit="sections",
                reason="The closing sections or the last line end of the file are not there, so it may be cut off; compare it with its source.",
            )
        )  # fmt: skip
    return tuple(flags)


def _read(path: Path, options: ReadOptions) -> Recording:
    if path.stat().st_size > _MAX_BYTES:
        raise ReadError(f"{path.name} is too long for a QTRAC file", expected="at most 32 MB", way_out="check the file")
    text = decode(path.read_bytes())
    if "S/R sites:" not in text[:4096]:
        raise ReadError(
            f"{path.name} is a group list of QTRAC, not a recording", got="names of member files",
            expected="a .MEM file with data", way_out="open the member files, one .MEM each",
        )  # fmt: skip
    found = _Found(cut=not text.endswith("\n"))
    for line in text.splitlines():
        _line(found, line)
    tables = _tables(found)
    if not found.rows or not tables:
        raise ReadError(
            f"{path.name} holds no test", got="only a header", expected="rows such as MS.1 or SR.2",
            way_out="export the .MEM file again from QTRAC",
        )  # fmt: skip
    kept = (
        {name: found.facts[name] for name in _IDENTIFYING if found.facts.get(name)} if options.keep_identifiers else {}
    )
    sites = found.facts.get("S/R sites", "")
    return Recording(
        tables=tuple(tables), title=sites if re.fullmatch(r"[\w .,/+()-]{1,60}", sites) else "", notes=_notes(found),
        quality_flags=_flags(found), identifiers=kept, device=Device(model="QTRAC"),
    )  # fmt: skip


def _detect(head: Head) -> bool:
    text = head.text[:4096]
    if "S/R sites:" in text and "Protocol:" in text:
        return True
    names = text.split()  # a group list is nothing but names, so only its suffix tells it from other words
    return (
        head.path.suffix.lower() == ".mef"
        and head.n_bytes < 65536
        and all(re.fullmatch(r"[\w-]+", name) for name in names)
    )


FORMAT = Format(name="QTRAC", suffixes=(".MEM",), detect=_detect, read=_read)
