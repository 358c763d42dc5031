"""One row of the target table: published value beside simulated value, pass or by how much it misses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

#: First seed of the virtual subjects.  Parameters were chosen on seeds below 100; the table uses others.
HELD_OUT_SEED = 500


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table; ``low`` and ``high`` are the published tolerance, never widened."""

    target: str
    published: str
    source: str
    mean: float
    spread: float
    n: int
    low: float
    high: float
    unit: str
    tried: str = ""

    @property
    def verdict(self) -> str:
        """Pass, or the miss in the row's unit."""
        if not np.isfinite(self.mean):
            return "no value"
        if self.mean < self.low:
            return f"MISS by {self.mean - self.low:.3g}"
        if self.mean > self.high:
            return f"MISS by +{self.mean - self.high:.3g}"
        return "pass"


def row(  # noqa: PLR0917 - a line of a table, in the order of its columns
    what: str, published: str, source: str, values: Any, span: tuple[float, float], unit: str = "", *, tried: str = ""
) -> Row:  # fmt: skip
    """Row from the values of all subjects; ``tried`` says what was tried where the target is not met."""
    data = np.atleast_1d(np.asarray(values, dtype=float))
    return Row(
        target=what, published=published, source=source, mean=float(data.mean()) if data.size else float("nan"),
        spread=float(data.std()) if data.size else float("nan"), n=int(data.size), low=span[0], high=span[1], unit=unit,
        tried=tried,
    )  # fmt: skip


def around(middle: float, spread: float) -> tuple[float, float]:
    """Mean minus and plus one published standard deviation."""
    return middle - spread, middle + spread


def line(found: Row) -> str:
    """Row as text."""
    value = f"{found.mean:9.3g} +/- {found.spread:<8.3g}"
    return f"{found.target:48s} {found.published:>16s}  {value} n={found.n:<4d}{found.unit:8s}{found.verdict:18s}{found.source}"
