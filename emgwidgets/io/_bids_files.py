"""Finding the files of a BIDS-EMG folder and reading its tables and sidecars, with the inheritance of BIDS. No samples."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

from emgwidgets.errors import ReadError

__all__ = ["corner_frequencies", "dataset_root", "entities", "find_runs", "read_table", "sidecar", "sidecar_json"]

#: Where recordings stand, seen from the dataset, a subject, a session or the modality's own folder.
_PATTERNS = ("*", "emg/*", "ses-*/emg/*", "sub-*/emg/*", "sub-*/ses-*/emg/*")
_SUFFIXES = ("_emg.edf", "_emg.bdf")
_MAX_SIDECAR_BYTES = 1 << 24


def find_runs(folder: Path) -> list[Path]:
    """Recordings in a folder, in order of name."""
    found = {
        path
        for pattern in _PATTERNS
        for suffix in _SUFFIXES
        for path in folder.glob(pattern + suffix)
        if path.is_file()
    }
    return sorted(found)


def dataset_root(path: Path) -> Path:
    """The folder that holds ``dataset_description.json``, at most four folders up; else the file's own folder."""
    for folder in list(path.resolve().parents)[:5]:
        if (folder / "dataset_description.json").is_file():
            return folder
    return path.resolve().parent


def entities(name: str) -> frozenset[str]:
    """Entities of a file name, such as ``sub-01`` and ``task-rest``."""
    return frozenset(
        part for part in name.split(".", maxsplit=1)[0].split("_") if re.fullmatch(r"[a-zA-Z]+-[a-zA-Z0-9+]+", part)
    )


def _applicable(path: Path, ending: str, *, but: tuple[str, ...] = ()) -> list[Path]:
    """Sidecars that apply to a recording, from the root down to the nearest and most specific."""
    own = entities(path.name)
    root = dataset_root(path)
    resolved = path.resolve()
    folders = [folder for folder in reversed(resolved.parents) if folder == root or root in folder.parents]
    found: list[Path] = []
    for folder in folders:
        here = [item for item in folder.glob(f"*{ending}") if item.is_file() and not item.name.startswith(".")]
        fitting = [
            item for item in here
            if {part for part in entities(item.name) if not part.startswith(but)} <= own
        ] if but else [item for item in here if entities(item.name) <= own]  # fmt: skip
        found += sorted(fitting, key=lambda item: (len(entities(item.name)), item.name))
    return found


def sidecar(path: Path, kind: str, *, ignoring_space: bool = False) -> Path | None:
    """Return the nearest table of a kind, such as ``channels``, that applies to a recording."""
    found = _applicable(path, f"_{kind}.tsv", but=("space-",) if ignoring_space else ())
    return found[-1] if found else None


def sidecar_json(path: Path, kind: str) -> dict[str, Any]:
    """All JSON sidecars of a kind that apply, the nearer one over the farther."""
    merged: dict[str, Any] = {}
    for item in _applicable(path, f"_{kind}.json"):
        try:
            data = json.loads(_text(item))
        except (ValueError, OSError) as error:
            raise _damaged(item.name, error) from error
        if isinstance(data, dict):
            merged.update(data)
    return merged


def _damaged(name: str, error: Exception) -> ReadError:
    reason = " ".join(str(error).split())[:100]
    return ReadError(
        f"the sidecar {name} is damaged", got=reason, expected="UTF-8 text as BIDS has it", way_out="repair it"
    )


def _text(path: Path) -> str:
    if path.stat().st_size > _MAX_SIDECAR_BYTES:
        raise ValueError("it is too long for a sidecar")
    return path.read_text(encoding="utf-8-sig")


def read_table(path: Path) -> list[dict[str, str]]:
    """Rows of a tab-separated table; ``n/a`` becomes empty.

    Raises
    ------
    ReadError
        If it is no UTF-8 text.
    """
    try:
        rows = list(csv.DictReader(_text(path).splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    except (ValueError, OSError, csv.Error) as error:
        raise _damaged(path.name, error) from error
    return [
        {
            key.strip(): ("" if value is None or value.strip().lower() == "n/a" else value.strip())
            for key, value in row.items()
            if isinstance(key, str) and (value is None or isinstance(value, str))
        }
        for row in rows
    ]


def corner_frequencies(data: Any) -> dict[str, float]:
    """High-pass and low-pass frequencies in a filter description, whatever its nesting; nothing where it is not clear."""
    found: dict[str, float] = {}
    _collect(data, "", found)
    return found


def _collect(data: Any, inside: str, found: dict[str, float]) -> None:
    if isinstance(data, dict):
        for key, value in data.items():
            plain = re.sub(r"[^a-z]", "", str(key).lower())
            name = inside
            if "highpass" in plain:
                name = "high_pass_hz"
            elif "lowpass" in plain:
                name = "low_pass_hz"
            elif "notch" in plain:
                name = "notch_hz"
            is_frequency = name != inside or "hz" in plain or "cutoff" in plain or "frequency" in plain
            if isinstance(value, dict):
                _collect(value, name, found)
            elif (
                name and is_frequency and isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
            ):
                found.setdefault(name, float(value))
