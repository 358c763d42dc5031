"""Where a recording came from and what else its source holds: device, file, tables.  No signal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Device", "FileOrigin", "Table"]


@dataclass(frozen=True, kw_only=True)
class Device:
    """What recorded the signals, as far as the file says; never a serial number or an address."""

    maker: str | None = None
    model: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """A table a file holds beside or instead of signals, such as the points of a CMAP scan.

    ``values`` has shape ``(n_rows, len(columns))``; missing cells are NaN.
    """

    name: str
    columns: tuple[str, ...]
    values: NDArray[np.float64] = field(repr=False)

    def to_pandas(self) -> pd.DataFrame:
        """Return the table as a data frame."""
        import pandas as pd

        return pd.DataFrame(self.values, columns=list(self.columns))


@dataclass(frozen=True, kw_only=True)
class FileOrigin:
    """Where a recording came from: format and file name, without the folder."""

    format: str
    name: str
    n_bytes: int | None = None
