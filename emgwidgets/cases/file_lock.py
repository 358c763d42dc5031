"""A lock on an open file that other processes of this package respect; bounded waiting, released with the file."""

from __future__ import annotations

import contextlib
import errno
import sys
import time
from collections.abc import Iterator

from emgwidgets.errors import WriteError

__all__ = ["locked"]

WAIT_S = 5.0  # internal choice: an append takes milliseconds, so a longer wait means a stuck process
_BUSY = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}


def _try_lock(descriptor: int) -> bool:
    """Take the lock; False when another process holds it.  A file system without locks counts as taken."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _BUSY
    return True


def _unlock(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextlib.contextmanager
def locked(descriptor: int, name: str, *, wait_s: float = WAIT_S) -> Iterator[None]:
    """Hold an exclusive lock on an open file.

    Parameters
    ----------
    descriptor : int
        Open file.
    name : str
        File name for the sentence.
    wait_s : float
        How long to wait for another process.

    Raises
    ------
    WriteError
        If another process holds the lock for longer than that.
    """
    give_up = time.monotonic() + wait_s
    while not _try_lock(descriptor):
        if time.monotonic() > give_up:
            raise WriteError(
                f"{name} is being written by another process", got=f"no turn within {wait_s:g} s",
                expected="one writer at a time", way_out="close the other kernel or try again",
            )  # fmt: skip
        time.sleep(0.01)
    try:
        yield
    finally:
        _unlock(descriptor)
