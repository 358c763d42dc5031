"""Writing without half-written files: everything goes to a temporary neighbour that takes the name when it is complete."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from emgwidgets.errors import EmgError, WriteError

__all__ = ["as_write_error", "atomic_file", "atomic_folder", "check_folder", "sync_folder"]


@contextmanager
def as_write_error(path: Path) -> Iterator[None]:
    """Let only a WriteError leave while ``path`` is written."""
    try:
        yield
    except WriteError:
        raise
    except EmgError as error:
        raise WriteError(error.what, got=error.got, expected=error.expected, way_out=error.way_out) from error
    except OSError as error:
        raise WriteError(
            f"{path.name} cannot be written", got=str(error.strerror or error), expected="a writable folder with free space",
            way_out="choose another folder",
        ) from error  # fmt: skip


def _check_parent(path: Path) -> None:
    if not path.parent.is_dir():
        raise WriteError(
            f"{path.name} cannot be written", got="a folder that does not exist", expected="an existing folder",
            way_out="create the folder first",
        )  # fmt: skip


def check_folder(path: Path) -> None:
    """Raise a WriteError unless the folder that is to hold ``path`` exists and ``path`` is free to be a file."""
    _check_parent(path)
    if path.is_dir():
        raise WriteError(
            f"{path.name} cannot be written", got="a folder of that name", expected="a free name", way_out="choose another name"
        )  # fmt: skip


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; on success it replaces ``path``, on failure it is removed."""
    check_folder(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem[:20]}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(path)
    finally:
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside ``path`` that takes its name on success; ``path`` must be free or an empty folder."""
    _check_parent(path)
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise WriteError(
            f"{path.name} is already there", got="a name in use", expected="a new or empty folder", way_out="choose another name"
        )  # fmt: skip
    temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=path.parent))
    try:
        yield temporary
        temporary.chmod(0o755)
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def sync_folder(folder: Path) -> None:
    """Make the new file's name durable; where the system has no such call the name is durable by itself."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
