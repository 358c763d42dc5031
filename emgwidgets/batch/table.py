"""The table of a folder: one row for each measure of each item of each file, with unit, state and provenance."""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgwidgets.errors import InputError, MissingExtraError, WriteError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "FORMATS", "FolderTable", "check_table_name"]

#: Columns of every table, in order.
COLUMNS = (
    "file", "channel", "item", "state", "measure", "value", "unit", "low", "high", "text", "method", "reason", "call",
    "parameters", "format", "sha256", "emgwidgets",
)  # fmt: skip
NUMBERS = ("value", "low", "high")
FORMATS = (".csv", ".json", ".parquet")


@dataclass(frozen=True, kw_only=True)
class FolderTable:
    """What one call found in every file of a folder.

    Parameters
    ----------
    rows : tuple of dict
        Each with all of :data:`COLUMNS`; ``value``, ``low`` and ``high`` (the 90 % interval) are numbers in ``unit`` or
        None, everything else is text.

    Notes
    -----
    ``state`` is ``measured``; ``absent`` for a tested response that is not there; ``not measured`` for a number that could
    not be taken; ``failed`` for a file or channel that the call cannot use, with the sentence in ``reason``; ``refused``
    for a file that is no recording or is damaged.  A file in which the call found nothing has one row ``nothing found``.
    ``call``, ``parameters`` (JSON), ``sha256`` of the file and the version ``emgwidgets`` say how a number is had again.
    """

    rows: tuple[dict[str, Any], ...] = field(repr=False)

    @property
    def files(self) -> dict[str, str]:
        """State of each file: ``measured``, ``failed`` or ``refused``; a file with any measure counts as measured."""
        states: dict[str, str] = {}
        for row in self.rows:
            state = row["state"] if row["state"] in ("failed", "refused") else "measured"
            if states.get(row["file"]) != "measured":
                states[row["file"]] = state
        return states

    @property
    def failures(self) -> tuple[tuple[str, str], ...]:
        """File and sentence of everything that could not be measured."""
        return tuple((row["file"], row["reason"]) for row in self.rows if row["state"] in ("failed", "refused"))

    def to_dataframe(self) -> pd.DataFrame:
        """Return the rows as a pandas table; ``value``, ``low`` and ``high`` are floats, NaN where there is no number.

        For one line per item: ``table.to_dataframe().pivot_table(index=["file", "channel", "item"], columns="measure", values="value")``.
        """
        import pandas as pd

        frame = pd.DataFrame(list(self.rows), columns=list(COLUMNS))
        return frame.astype(dict.fromkeys(NUMBERS, float))

    def to_csv(self) -> str:
        """Return the table as CSV text."""
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue()

    def write(self, path: str | os.PathLike[str], *, force: bool = False) -> Path:
        """Write the table whole or not at all, by suffix: .csv, .json or .parquet; pandas reads each in one line.

        Parameters
        ----------
        path : path
            File to write.
        force : bool
            Replace a file that exists.

        Raises
        ------
        WriteError
            If it exists already or cannot be written.
        InputError
            If the suffix is none of the three.
        MissingExtraError
            For .parquet without pyarrow.
        """
        from emgwidgets.io._atomic import as_write_error, atomic_file

        place = Path(path)
        check_table_name(place)
        if place.exists() and not force:
            raise WriteError(
                f"{place.name} exists already", expected="a new name", way_out="choose another, or force=True"
            )
        with as_write_error(place), atomic_file(place) as temporary:
            _write(self, temporary)
        return place

    def __repr__(self) -> str:
        counts = Counter(self.files.values())
        parts = ", ".join(f"{counts[state]} {state}" for state in ("measured", "failed", "refused") if counts[state])
        n_files = sum(counts.values())
        return f"FolderTable({n_files} file{'s' * (n_files != 1)}: {parts or 'none'}; {len(self.rows)} rows)"

    def _repr_html_(self) -> str:
        shown = self.to_dataframe()[list(COLUMNS[:12])]
        return f"<p>{self!r}</p>{shown.to_html(max_rows=20, index=False, na_rep='')}"


def check_table_name(place: Path) -> None:
    """Raise before anything is measured when the table could not be written under that name."""
    suffix = place.suffix.lower()
    if suffix not in FORMATS:
        raise InputError(
            "no table is written under this name", got=place.name, expected=f"a name ending in {', '.join(FORMATS)}"
        )
    if suffix == ".parquet" and find_spec("pyarrow") is None:
        raise MissingExtraError(
            "Parquet needs the library pyarrow", got="not installed", way_out="pip install pyarrow, or write .csv"
        )


def _write(table: FolderTable, place: Path) -> None:
    suffix = place.suffix.lower()
    if suffix == ".parquet":
        table.to_dataframe().to_parquet(place, index=False)
    elif suffix == ".json":
        place.write_text(json.dumps(table.rows, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    else:
        place.write_text(table.to_csv(), encoding="utf-8", newline="")
