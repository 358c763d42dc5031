"""What a call found in a recording as rows of a table: one number or word each, with unit, interval and method."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from emgwidgets.errors import InputError
from emgwidgets.model.measure import PLAIN_UNITS, UNITS, Absent, Measure, unit_of

__all__ = ["Found", "as_found", "rows_of"]

RATIOS = ("_ratio", "_share", "_cv", "_index", "_correlation")


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found at one item of a file.

    Parameters
    ----------
    item : str
        What was measured, such as ``"unit 2"``, ``"wrist"`` or ``"stretch"``.
    channel : str
        Channel it was measured in.
    values : mapping of str to Measure, Absent, number, text, bool or None
        By the name of the measure, with its unit suffix; None and NaN are what could not be measured.
    failure : str
        Sentence that says why the item could not be measured at all.
    """

    item: str = ""
    channel: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    failure: str = ""


def as_found(answer: Any) -> Iterator[Found]:
    """Take what a call returned: Found, a mapping, something with ``measures``, Absent, None, or a sequence of these.

    Raises
    ------
    InputError
        If it is none of these.
    """
    if isinstance(answer, Found):
        yield answer
    elif isinstance(answer, Absent):
        yield Found(values={"response": answer})
    elif isinstance(answer, Mapping):
        values = {str(name): value for name, value in answer.items() if name not in ("item", "channel")}
        yield Found(item=str(answer.get("item", "")), channel=str(answer.get("channel", "")), values=values)
    elif isinstance(getattr(answer, "measures", None), Mapping):
        yield Found(values=answer.measures)
    elif isinstance(answer, Iterable) and not isinstance(answer, (str, bytes)):
        for one in answer:
            yield from as_found(one)
    elif answer is not None:
        raise InputError(
            "the call gave nothing that fits into a table", got=type(answer).__name__,
            expected="a mapping of names to numbers, or a list of such mappings",
        )  # fmt: skip


def rows_of(found: Found) -> Iterator[dict[str, Any]]:
    """Rows of one item: state, measure, value, unit, low, high, text, method and reason."""
    about = {"item": found.item, "channel": found.channel}
    if found.failure:
        yield {**about, "state": "failed", "reason": found.failure}
    for name, value in found.values.items():
        yield {**about, "measure": name, **_cell(name, value)}


def _unit(name: str) -> str:
    """Unit that the name says, or nothing: the name of a user's own measure may say none."""
    if name in PLAIN_UNITS or name.startswith("n_") or name.endswith(tuple(UNITS)):
        return unit_of(name)
    return "ratio" if name.endswith(RATIOS) else ""


def _cell(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, Measure):
        return {"state": "measured", "value": float(value.value), "unit": value.unit, "low": _finite(value.low),
                "high": _finite(value.high), "method": value.method}  # fmt: skip
    if isinstance(value, Absent):
        return {"state": "absent", "unit": _unit(name), "reason": value.reason}
    if isinstance(value, (str, bool)):
        return {"state": "measured", "text": str(value).lower() if isinstance(value, bool) else value}
    if value is None or (isinstance(value, Real) and not math.isfinite(value)):
        return {"state": "not measured", "unit": _unit(name)}
    if isinstance(value, Real):
        return {"state": "measured", "value": float(value), "unit": _unit(name)}
    raise InputError(
        f"{name} does not fit into a table", got=type(value).__name__, expected="a number, a word or a Measure"
    )


def _finite(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
