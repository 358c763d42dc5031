"""Saving a bench: the case document, and beside it one file with the sweeps that its numbers come from."""

from __future__ import annotations

import os
from pathlib import Path

from emgwidgets.cases.document import save_case
from emgwidgets.cases.folder import CASE_FILE
from emgwidgets.errors import WriteError
from emgwidgets.model.case import Case
from emgwidgets.model.signal import Recording, Sweep
from emgwidgets.widgets.ncs_bench.desk import NcsDesk
from emgwidgets.widgets.ncs_bench.study_case import case_of
from emgwidgets.widgets.ncs_bench.sweep_book import SweepBook

__all__ = ["SWEEPS_SUFFIX", "recorded_case", "save_bench"]

#: Added to the name of the case document, in place of its ending.
SWEEPS_SUFFIX = "_sweeps.npz"


def recorded_case(desk: NcsDesk, name: str) -> tuple[Case, tuple[Sweep, ...]]:
    """The bench as a case whose numbers lead to their sweeps, and those sweeps.

    Parameters
    ----------
    name : str
        File the sweeps will have beside the case.
    """
    book = SweepBook(name=name)
    case = case_of(desk, book=book)
    for run in desk.runs:  # inching and series without a result are kept as well
        for sweep in run.sweeps:
            book.keep(sweep, run.study)
    return case, tuple(book.sweeps)


def save_bench(desk: NcsDesk, path: str | os.PathLike[str]) -> Path:
    """Write the case, and beside it the sweeps its numbers come from.

    Parameters
    ----------
    path : path
        The document, such as ``"case.json"``, or a folder, which then holds ``case.json``; a folder is made.

    Returns
    -------
    Path
        The document.

    Raises
    ------
    WriteError
        If a file cannot be written.
    """
    from emgwidgets.io.registry import write

    if not os.fspath(path):
        raise WriteError("the case has no place to be saved", expected="a folder, or a path ending in .json")
    place = Path(path)
    if place.is_dir() or not place.suffix:
        place /= CASE_FILE
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(
            "the folder of the case cannot be made", got=place.parent.name, way_out="choose another place"
        ) from error
    name = f"{place.stem}{SWEEPS_SUFFIX}"
    case, sweeps = recorded_case(desk, name)
    if sweeps:  # first, so that no number of the case leads nowhere
        write(Recording(sweeps=sweeps), place.parent / name)
    save_case(case, place)
    return place
