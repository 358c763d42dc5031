"""A case as one versioned JSON document: checked at this edge, saved whole or not at all.  It judges nothing."""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emgwidgets.cases.entries import UNKNOWN_FIELD, Problem, adapter, part_from
from emgwidgets.errors import ReadError, WriteError
from emgwidgets.model import case as model_case
from emgwidgets.model.case import Examination, Reading, Reflex, Sensation, Sign, Strength, Subject, Symptom
from emgwidgets.model.mri import MriFinding
from emgwidgets.model.ncs import LateStudy, MotorStudy, NcsStudies, RepetitiveStudy, SensoryStudy
from emgwidgets.model.needle import NeedleExamination
from emgwidgets.model.signal import Annotation

__all__ = [
    "SCHEMA", "Case", "CaseDocument", "Problem", "case_from_document", "document_from_case", "load_case", "read_case",
    "save_case", "schema_json",
]  # fmt: skip

NAME = "emgwidgets.case"
VERSION = 1
SCHEMA = f"{NAME}/{VERSION}"
#: A case holds typed facts, not samples; a larger file is something else.  Internal choice.
MAX_BYTES = 50_000_000

#: Lists of the document with the part each entry is.
LISTS: dict[tuple[str, ...], type] = {
    ("symptoms",): Symptom,
    ("examination", "strength"): Strength,
    ("examination", "reflexes"): Reflex,
    ("examination", "sensation"): Sensation,
    ("examination", "signs"): Sign,
    ("ncs", "motor"): MotorStudy,
    ("ncs", "sensory"): SensoryStudy,
    ("ncs", "late"): LateStudy,
    ("ncs", "repetitive"): RepetitiveStudy,
    ("needle",): NeedleExamination,
    ("mri",): MriFinding,
    ("annotations",): Annotation,
}
FIRST_LEVEL = (
    "schema", "subject", "question", "days_since_onset", "symptoms", "examination", "ncs", "needle", "mri",
    "annotations", "reading",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class Case(model_case.Case):
    """A case that can be loaded from and saved to its document."""

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Case:
        """Read a case; see :func:`load_case`."""
        return load_case(path)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the case; see :func:`save_case`."""
        save_case(self, path)


@dataclass(frozen=True, kw_only=True)
class CaseDocument:
    """A case and what of its document could not be used; nothing bad is dropped without a problem."""

    case: Case
    problems: tuple[Problem, ...] = ()


def _list(document: Mapping[str, Any], path: tuple[str, ...], problems: list[Problem]) -> tuple[Any, ...]:
    place = ".".join(path)
    values: Any = document
    for step in path:
        values = values.get(step, []) if isinstance(values, Mapping) else []
    if not isinstance(values, list):
        problems.append(Problem(place=place, sentence=f"got {type(values).__name__}; expected a list."))
        return ()
    entries = (part_from(LISTS[path], value, f"{place}[{n}]", problems) for n, value in enumerate(values))
    return tuple(entry for entry in entries if entry is not None)


def _group(document: Mapping[str, Any], name: str, problems: list[Problem]) -> dict[str, tuple[Any, ...]]:
    paths = [path for path in LISTS if path[0] == name]
    given = document.get(name, {})
    if not isinstance(given, Mapping):
        problems.append(Problem(place=name, sentence=f"got {type(given).__name__}; expected an object."))
        return {}
    unknown = sorted(str(key) for key in given if key not in {path[-1] for path in paths})
    problems.extend(Problem(place=f"{name}.{key}", sentence="this list is not known.") for key in unknown)
    return {path[-1]: _list(document, path, problems) for path in paths}


def _check_schema(document: Mapping[str, Any]) -> None:
    schema = document.get("schema")
    name, _, version = str(schema).partition("/")
    if name != NAME or not version.isascii() or not version.isdigit() or len(version) > 9 or int(version) < 1:
        raise ReadError("this is no case document", got=f"schema {str(schema)[:60]!r}", expected=repr(SCHEMA))
    if int(version) > VERSION:
        raise ReadError(
            "the case was written by a newer version of emgwidgets", got=f"schema {schema}", expected=SCHEMA,
            way_out="update emgwidgets to open it",
        )  # fmt: skip


def case_from_document(document: Mapping[str, Any]) -> CaseDocument:
    """Build a case from a parsed document; a bad entry becomes a problem and does not lose the rest.

    Parameters
    ----------
    document : mapping
        As JSON gives it.

    Raises
    ------
    ReadError
        If it is no case document or was written by a newer version.
    """
    if not isinstance(document, Mapping):
        raise ReadError(
            "this is no case document", got=type(document).__name__, expected=f"an object with schema {SCHEMA}"
        )
    _check_schema(document)
    problems = [Problem(place=str(name), sentence=UNKNOWN_FIELD) for name in document if name not in FIRST_LEVEL]
    scalars = {name: document[name] for name in ("question", "days_since_onset") if document.get(name) is not None}
    for name, value in list(scalars.items()):
        if part_from(Case, {name: value}, name, problems) is None:
            del scalars[name]
    subject = part_from(Subject, document.get("subject", {}), "subject", problems)
    reading = document.get("reading")
    case = Case(
        **scalars,
        subject=subject or Subject(),
        symptoms=_list(document, ("symptoms",), problems),
        examination=Examination(**_group(document, "examination", problems)),
        ncs=NcsStudies(**_group(document, "ncs", problems)),
        needle=_list(document, ("needle",), problems),
        mri=_list(document, ("mri",), problems),
        annotations=_list(document, ("annotations",), problems),
        reading=part_from(Reading, reading, "reading", problems) if reading else None,
    )
    return CaseDocument(case=case, problems=tuple(problems))


def _plain(value: Any) -> Any:
    """Turn parts of the model into JSON values; fields at their default are left out, as they say nothing."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kept = {}
        for field in dataclasses.fields(value):
            item = getattr(value, field.name)
            factory: Callable[[], Any] | None = (
                None if field.default_factory is dataclasses.MISSING else field.default_factory
            )
            default = factory() if factory else field.default
            if default is dataclasses.MISSING or item != default:
                kept[field.name] = _plain(item)
        return kept
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value


def document_from_case(case: model_case.Case) -> dict[str, Any]:
    """Return the document of a case, with every name of the first level."""
    plain = _plain(case)
    document: dict[str, Any] = {"schema": SCHEMA}
    for name in FIRST_LEVEL[1:]:
        empty: Any = {} if name == "subject" else ("" if name == "question" else [])
        document[name] = plain.get(name, None if name in {"days_since_onset", "reading"} else empty)
    for name in ("examination", "ncs"):
        lists = plain.get(name, {})
        document[name] = {path[-1]: lists.get(path[-1], []) for path in LISTS if path[0] == name}
    return document


def read_case(path: str | os.PathLike[str]) -> CaseDocument:
    """Read a case document with the problems of its entries.

    Raises
    ------
    ReadError
        If the file cannot be opened, is no JSON, no case document, or of a newer version.
    """
    place = Path(path)
    try:
        if place.is_file() and place.stat().st_size > MAX_BYTES:
            raise ReadError(
                f"{place.name} is too large for a case",
                got=f"{place.stat().st_size} bytes",
                expected=f"at most {MAX_BYTES}",
            )
        text = place.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ReadError(
            f"{place.name} cannot be opened", got=str(error.strerror), expected="a case document", way_out="check the path",
        ) from error  # fmt: skip
    except UnicodeDecodeError as error:
        raise ReadError(f"{place.name} is not text", got=f"byte {error.start}", expected="UTF-8 JSON") from error
    try:
        document = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else "brackets too deep"
        raise ReadError(
            f"{place.name} is not a whole JSON document", got=reason, expected=f"an object with schema {SCHEMA}",
            way_out="open the last saved copy",
        ) from error  # fmt: skip
    return case_from_document(document)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def load_case(path: str | os.PathLike[str]) -> Case:
    """Read a case whose every entry can be used.

    Raises
    ------
    ReadError
        If the document or any entry cannot be used; :func:`read_case` keeps the rest.
    """
    found = read_case(path)
    if found.problems:
        more = f" (and {len(found.problems) - 1} more)" if len(found.problems) > 1 else ""
        raise ReadError(
            f"{Path(path).name} holds an entry that cannot be used", got=f"{found.problems[0]}{more}",
            way_out="correct it, or use emgwidgets.cases.document.read_case to keep the rest",
        )  # fmt: skip
    return found.case


def save_case(case: model_case.Case, path: str | os.PathLike[str]) -> None:
    """Write a case; the old file stays until the new one is complete on the disk.

    Parameters
    ----------
    case : Case
        Of a bench, a board, a room or a document.
    path : path
        JSON document, such as ``case.json``; :meth:`Case.load` reads it again.

    Raises
    ------
    WriteError
        If the folder cannot be written; nothing half-written stays behind.
    """
    place = Path(path)
    try:
        text = json.dumps(document_from_case(case), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        content = text.encode("utf-8")
    except ValueError as error:
        raise WriteError(
            "the case holds a value that JSON cannot hold", got=str(error)[:100], expected="finite numbers and valid text",
        ) from error  # fmt: skip
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".tmp")
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(place.stat().st_mode & 0o777 if place.exists() else 0o644)
        Path(temporary).replace(place)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise WriteError(
            f"{place.name} cannot be written", got=str(error.strerror or error), expected="a writable folder with free space",
            way_out="choose another folder",
        ) from error  # fmt: skip


def schema_json() -> str:
    """JSON schema of the case document, as text."""
    schema = adapter(Case).json_schema()
    schema["title"] = SCHEMA
    schema["properties"] = {"schema": {"const": SCHEMA}, **schema["properties"]}
    schema["required"] = ["schema"]
    return json.dumps(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=1, ensure_ascii=False
    )
