"""One call on every file of a folder, one after the other or in several processes; a file that fails is a row, no end."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import pickle
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgwidgets import __version__
from emgwidgets.batch.calls import named_call
from emgwidgets.batch.rows import as_found, rows_of
from emgwidgets.batch.table import COLUMNS, NUMBERS, FolderTable
from emgwidgets.errors import EmgError, InputError, ReadError

if TYPE_CHECKING:
    from emgwidgets.model.signal import Recording

__all__ = ["Task", "files_below", "measure_files", "measure_folder"]


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is done with each file.

    Parameters
    ----------
    call : callable
        Takes a Recording and ``options``; see :func:`measure_folder` for what it may return.
    name : str
        How the table calls it.
    options, reading : mapping
        Keyword arguments of the call, and of :func:`emgwidgets.read`; both stand in the table as its parameters.
    """

    call: Callable[..., Any]
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    reading: Mapping[str, Any] = field(default_factory=dict)

    def parameters(self) -> str:
        """Everything that was stated, as JSON."""
        return json.dumps({**self.reading, **self.options}, sort_keys=True, default=str)


def measure_folder(
    folder: str | os.PathLike[str],
    call: str | Callable[..., Any],
    *,
    pattern: str = "*",
    jobs: int = 1,
    progress: Callable[[str], None] | None = None,
    unit: str | Mapping[str, str] | None = None,
    sampling_rate_hz: float | None = None,
    **options: Any,
) -> FolderTable:
    """Read every file below a folder, do the same call on each, and return one tidy table.

    Parameters
    ----------
    folder : path
        Folder, searched with its folders; hidden files are left out.  A single file gives its rows.
    call : str or callable
        A name of :data:`emgwidgets.batch.CALLS` (``"quality"``, ``"rest"``, ``"units"``, ``"interference"``,
        ``"jitter"``, ``"motor"``, ``"sensory"``, ``"f_wave"``, ``"h_reflex"``, ``"repetitive"``, ``"cmap_scan"``), or a
        function of a Recording that returns a mapping of names to numbers, words or Measures, or a list of such
        mappings; ``"item"`` and ``"channel"`` in a mapping name what was measured.
    pattern : str
        Which files, such as ``"*.edf"`` or ``"day1/*"``.
    jobs : int
        Processes at once.  More than one needs a call that another process can import, and in a script the guard
        ``if __name__ == "__main__":``.
    progress : callable, optional
        Takes one short text for each file, such as ``print``.
    unit, sampling_rate_hz
        Stated for files that have none, as in :func:`emgwidgets.read`.
    **options
        Keyword arguments of the call, such as ``channel="TA"``, ``start_s=2.0`` or ``window_ms=(1.0, 20.0)``.

    Returns
    -------
    FolderTable
        In order of path, the same for any number of jobs; what cannot be read or measured is a row with its sentence.

    Raises
    ------
    InputError
        If there is no such call, no such file, or the call cannot go to another process.
    ReadError
        If the folder does not exist.

    Examples
    --------
    >>> table = emg.measure_folder("recordings", "units", pattern="*.edf", jobs=4)  # doctest: +SKIP
    >>> table.write("units.csv")  # doctest: +SKIP
    """
    reading = {
        name: value for name, value in {"unit": unit, "sampling_rate_hz": sampling_rate_hz}.items() if value is not None
    }
    if isinstance(call, str):
        task = Task(call=named_call(call), name=call, options=options, reading=reading)
    else:
        task = Task(call=call, name=getattr(call, "__name__", type(call).__name__), options=options, reading=reading)
    return measure_files(files_below(Path(folder), pattern), task, jobs=jobs, progress=progress)


def files_below(place: Path, pattern: str = "*") -> dict[str, Path]:
    """Files by their path within a folder, in order; see :func:`measure_folder` for what is raised."""
    if place.is_file():
        return {place.name: place}
    if not place.is_dir():
        raise ReadError(
            "the folder does not exist", got=place.name, expected="an existing folder", way_out="check the path"
        )
    found: dict[str, Path] = {}
    for parent, folders, names in os.walk(place):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(parent) / name for name in names if not name.startswith(".")):
            found[path.relative_to(place).as_posix()] = path
    chosen = {name: found[name] for name in sorted(found) if fnmatch.fnmatch(name, pattern)}
    for name in [one for one in chosen if one.endswith(".hea") and f"{one[:-4]}.dat" in chosen]:
        del chosen[name]  # a WFDB record is measured once; the hash is then that of its samples
    if not chosen:
        raise InputError(
            "there is no file to measure", got=f"{len(found)} files, none named {pattern}", expected="at least one file",
            way_out="check the folder and the pattern",
        )  # fmt: skip
    return chosen


def measure_files(
    files: Mapping[str, Path], task: Task, *, jobs: int = 1, progress: Callable[[str], None] | None = None
) -> FolderTable:
    """Do a task on named files; see :func:`measure_folder`.

    Raises
    ------
    InputError
        If jobs is below 1, or the call cannot go to another process.
    """
    if jobs < 1:
        raise InputError("the number of jobs cannot be used", got=str(jobs), expected="1 or more")
    done: dict[str, list[dict[str, Any]]] = {}
    for name, rows in _one_by_one(files, task) if jobs == 1 or len(files) == 1 else _at_once(files, task, jobs):
        done[name] = rows
        if progress is not None:
            progress(f"{len(done)} of {len(files)}  {name}: {_said(rows)}")
    return FolderTable(rows=tuple(row for name in files for row in done[name]))


def _said(rows: list[dict[str, Any]]) -> str:
    n = sum(row["state"] not in ("failed", "refused") for row in rows)
    parts = [f"{n} row{'s' * (n != 1)}"] if n else []
    parts += [f"{row['state']}: {row['reason']}" for row in rows if row["state"] in ("failed", "refused")][:1]
    return "; ".join(parts)


def _one_by_one(files: Mapping[str, Path], task: Task) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for name, path in files.items():
        yield name, _measured(name, path, task)


def _at_once(files: Mapping[str, Path], task: Task, jobs: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    _check_portable(task)
    left = dict(files)
    with ProcessPoolExecutor(min(jobs, len(files)), mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(_measured, name, path, task): name for name, path in files.items()}
        try:
            for future in as_completed(waiting):
                name = waiting[future]
                try:
                    rows = future.result()
                except BrokenProcessPool:
                    continue  # one file ended its process, and with it the others that waited
                del left[name]
                yield name, rows
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for name, path in left.items():
        yield name, _measured_apart(name, path, task)


def _measured_apart(name: str, path: Path, task: Task) -> list[dict[str, Any]]:
    """Measure a file in a process of its own, which it may end without harm to the others."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(_measured, name, path, task).result()
        except BrokenProcessPool:
            return [_row(name, task, {"state": "failed", "reason": "The process that measured this file ended; try it alone with one job."})]  # fmt: skip


def _check_portable(task: Task) -> None:
    function = task.call.func if isinstance(task.call, partial) else task.call
    is_own = getattr(function, "__module__", "") == "__main__"
    try:
        pickle.dumps(task)
    except (pickle.PicklingError, AttributeError, TypeError):
        is_own = True
    if is_own:
        raise InputError(
            "this call cannot go to another process", got=task.name, expected="a function of a module, or the name of a call",
            way_out="put it into a .py file and import it, or use one job",
        )  # fmt: skip


def _measured(name: str, path: Path, task: Task) -> list[dict[str, Any]]:
    """Rows of one file; nothing but rows leaves."""
    from emgwidgets.io.registry import read

    about: dict[str, Any] = {}
    try:
        about["sha256"] = _sha256(path)
        recording: Recording = read(path, **task.reading)
        about["format"] = recording.origin.format if recording.origin else ""
        cells = [cell for found in as_found(task.call(recording, **task.options)) for cell in rows_of(found)]
    except ReadError as error:
        cells = [{"state": "refused", "reason": error.sentence}]
    except EmgError as error:
        cells = [{"state": "failed", "reason": error.sentence}]
    except OSError as error:
        cells = [{"state": "refused", "reason": f"{path.name} cannot be opened; got {error.strerror}."}]
    except Exception as error:  # a mistake in a user's own call must not end the folder
        cells = [{"state": "failed", "reason": f"the call ended with {type(error).__name__}: {error}"}]
    return [_row(name, task, {**about, **cell}) for cell in cells or [{"state": "nothing found"}]]


def _row(name: str, task: Task, cells: Mapping[str, Any]) -> dict[str, Any]:
    empty = {column: None if column in NUMBERS else "" for column in COLUMNS}
    about = {"file": name, "call": task.name, "parameters": task.parameters(), "emgwidgets": __version__}
    return {**empty, **about, **cells}


def _sha256(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
