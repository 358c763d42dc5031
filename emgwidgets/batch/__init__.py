"""The same call on every file of a folder, into one tidy table; it measures nothing itself."""

from __future__ import annotations

from emgwidgets.batch.calls import CALLS
from emgwidgets.batch.run import measure_folder
from emgwidgets.batch.table import COLUMNS, FolderTable

__all__ = ["CALLS", "COLUMNS", "FolderTable", "measure_folder"]
