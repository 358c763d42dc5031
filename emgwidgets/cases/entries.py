"""One entry of a case document: checked, its names turned into codes, and what is wrong said in one sentence."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.model.case import Sensation, Strength, Symptom
from emgwidgets.model.mri import MriFinding
from emgwidgets.model.ncs import LateStudy, MotorStudy, RepetitiveStudy, SensoryStudy
from emgwidgets.model.needle import NeedleExamination
from emgwidgets.model.signal import Annotation

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

__all__ = ["UNKNOWN_FIELD", "Problem", "adapter", "part_from", "with_codes"]

T = TypeVar("T")
UNKNOWN_FIELD = "this field is not known; emgwidgets schema lists every field."


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One entry of a document that could not be used, with its place, such as ``"ncs.motor[2]"``."""

    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


@cache
def adapter(part: Any) -> TypeAdapter[Any]:
    """Return the pydantic checker of one part of the model, made once."""
    from pydantic import TypeAdapter

    adapter: TypeAdapter[Any] = TypeAdapter(part)
    return adapter


def sentence_of(error: ValidationError) -> str:
    """First thing wrong with an entry, in words: pydantic's addresses and class names are not for readers."""
    first = error.errors(include_url=False)[0]
    cause = first.get("ctx", {}).get("error")
    place = ".".join(str(step) for step in first["loc"] if not str(step).endswith(("Measure", "Absent")))
    text = str(cause) if isinstance(cause, InputError) else f"{first['msg']}."
    if first["type"] == "literal_error":
        text = f"no such value; got {first['input']!r}; expected {first['ctx']['expected']}."
    if first["type"] in {"missing", "missing_argument"}:
        text = "this field is needed."
    if first["type"] in {"unexpected_keyword_argument", "extra_forbidden"}:
        text = UNKNOWN_FIELD
    return f"{place}: {text}" if place and not isinstance(cause, InputError) else text


def with_codes(entry: Any) -> Any:
    """Replace names of muscles, nerves and levels by their codes; raises InputError with the nearest names."""
    changes: dict[str, str] = {}
    if isinstance(entry, (MotorStudy, LateStudy, RepetitiveStudy, NeedleExamination, Strength)):
        changes["muscle"] = vocabulary.muscle(entry.muscle).code
    if isinstance(entry, (MotorStudy, LateStudy, RepetitiveStudy)):
        changes["nerve"] = vocabulary.nerve(entry.nerve).code
    if isinstance(entry, SensoryStudy):
        changes["nerve"] = _sensory_or_mixed(entry.nerve)
    if isinstance(entry, Sensation) and entry.nerve:
        changes["nerve"] = _sensory_or_mixed(entry.nerve)
    if isinstance(entry, Sensation) and entry.root:
        changes["root"] = vocabulary.root(entry.root).code
    if isinstance(entry, MriFinding) and entry.level:
        changes["level"] = vocabulary.level(entry.level).code
    if isinstance(entry, Symptom):
        for root in entry.roots:
            vocabulary.root(root)
    changed = {name: value for name, value in changes.items() if getattr(entry, name) != value}
    return dataclasses.replace(entry, **changed) if changed else entry


def _sensory_or_mixed(name: str) -> str:
    """Code of a sensory response, or of a nerve studied as a mixed nerve (palm, sole)."""
    try:
        return vocabulary.sensory_nerve(name).code
    except InputError as unknown:
        try:
            return vocabulary.nerve(name).code
        except InputError:
            raise unknown from None


def part_from(part: type[T], value: Any, place: str, problems: list[Problem]) -> T | None:
    """Return the checked part of an entry, or None after noting the problem.

    Parameters
    ----------
    part : type
        Class of the model.
    value : object
        The entry as JSON gives it.
    place : str
        Where it stands, such as ``"ncs.motor[2]"``.
    problems : list of Problem
        Grows by what cannot be used.
    """
    from pydantic import ValidationError

    if part is Annotation and isinstance(
        value, Mapping
    ):  # a signal annotation is used elsewhere and not strict by itself
        unknown = [str(key) for key in value if key not in {field.name for field in dataclasses.fields(Annotation)}]
        problems.extend(Problem(place=f"{place}.{key}", sentence=UNKNOWN_FIELD) for key in unknown)
    try:
        found: T = with_codes(adapter(cast("Any", part)).validate_python(value))
    except ValidationError as error:
        problems.append(Problem(place=place, sentence=sentence_of(error)))
        return None
    except InputError as error:
        problems.append(Problem(place=place, sentence=error.sentence))
        return None
    return found
