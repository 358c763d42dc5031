"""What the columns of a delimited text mean, where the file does not say: stated once, saved as JSON, used again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from emgwidgets.errors import ReadError

__all__ = ["Column", "ColumnMap", "as_column_map"]

TimeUnit = Literal["s", "ms", "us", "min"]


class Column(BaseModel):
    """One signal column: which one, its name, unit and kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: int | str
    name: str | None = None
    unit: str | None = None
    kind: str | None = None


class ColumnMap(BaseModel):
    """Layout of a delimited text; what is left out is found in the file.

    Parameters
    ----------
    delimiter : str, optional
        One character, or ``"whitespace"``.
    decimal : str
        Decimal mark.
    encoding : str, optional
        Name of the encoding.
    header_rows : int, optional
        Lines before the first row of numbers, comments included.
    time_column : int or str, optional
        Number from 0 or name of the time column.
    time_unit : str, optional
        Unit of the time column.
    sampling_rate_hz : float, optional
        Rate where there is no time column.
    columns : tuple of Column
        Signal columns; left empty, every numeric column but the time.
    missing : tuple of str, optional
        Spellings of a missing value.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    delimiter: str | None = None
    decimal: Literal[".", ","] | None = None
    encoding: str | None = None
    header_rows: int | None = Field(default=None, ge=0, le=10_000)
    time_column: int | str | None = None
    time_unit: TimeUnit | None = None
    sampling_rate_hz: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    columns: tuple[Column, ...] = ()
    missing: tuple[str, ...] | None = None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write as JSON."""
        Path(path).write_text(self.model_dump_json(indent=2, exclude_defaults=True) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> ColumnMap:
        """Read from JSON.

        Raises
        ------
        ReadError
            If the file is no column map.
        """
        place = Path(path)
        try:
            return cls.model_validate_json(place.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise _refusal(place.name, error) from error


def _refusal(name: str, error: Exception) -> ReadError:
    got = str(error)
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        got = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return ReadError(
        f"{name} is no column map", got=got[:160], expected=f"the fields {', '.join(ColumnMap.model_fields)}",
        way_out="see emgwidgets.io.delimited.ColumnMap",
    )  # fmt: skip


def as_column_map(given: Any) -> ColumnMap:
    """Column map from a ColumnMap, a mapping, the path of a saved one, or None.

    Raises
    ------
    ReadError
        If it cannot be used.
    """
    if given is None:
        return ColumnMap()
    if isinstance(given, ColumnMap):
        return given
    if isinstance(given, Mapping):
        try:
            return ColumnMap.model_validate(dict(given))
        except ValidationError as error:
            raise _refusal("columns", error) from error
    return ColumnMap.load(given)
