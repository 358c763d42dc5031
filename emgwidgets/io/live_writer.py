"""Appends to a live container so that the file is whole after every call; it never changes what was written before."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgwidgets.errors import WriteError
from emgwidgets.io._atomic import check_folder, sync_folder
from emgwidgets.io._live_chunks import MAGIC, SCHEMA, encode_chunk, encode_json, encode_samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LiveWriter"]


class LiveWriter:
    """An open live container.

    Parameters
    ----------
    path : Path
        A new file; one that exists is never written to, so two recorders cannot share it.
    header : mapping
        ``{"streams": [{"name", "sampling_rate_hz", "channels": [{"name", "unit", "kind"}]}], ...}``, plain values.

    Raises
    ------
    WriteError
        If the file exists or the folder cannot be written to.
    """

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        self.path = path
        self._n_chunks = 0
        self._end = 0
        self._descriptor = -1
        check_folder(path)
        try:
            handle, name = tempfile.mkstemp(prefix=f".{path.stem[:20]}-", dir=path.parent)
        except OSError as error:
            raise self._error(error) from error
        self._descriptor = handle
        try:
            self._append(MAGIC + encode_chunk(b"H", encode_json({"schema": SCHEMA, **header}), sequence=0))
            self.sync()
            _take_name(Path(name), path)
        except BaseException:
            os.close(handle)
            self._descriptor = -1
            raise
        finally:
            Path(name).unlink(missing_ok=True)
        self._n_chunks = 1
        sync_folder(path.parent)

    def append_samples(self, samples: NDArray[Any], *, stream: int, position: int, clock_s: float) -> None:
        """Write one block; when this returns, the end of the program can no longer lose it.

        Parameters
        ----------
        samples : ndarray, shape (n_channels, n_samples)
            In the units of the header.
        position : int
            Number of the first sample in its stream, lost samples counted.
        clock_s : float
            Clock time of the first sample.

        Raises
        ------
        WriteError
            If the disk does not take it; the file then ends with the chunk before.
        """
        self._chunk(b"S", encode_samples(samples, position=position, clock_s=clock_s), stream=stream)

    def append_annotation(self, body: Mapping[str, Any]) -> None:
        """Write the fields of one annotation."""
        self._chunk(b"A", encode_json(body))

    def append_retraction(self, body: Mapping[str, Any]) -> None:
        """Take the last annotation of just these fields back; what was written before stays in the file."""
        self._chunk(b"R", encode_json(body))

    def append_stimulus(self, body: Mapping[str, Any]) -> None:
        """Write the fields of one stimulus."""
        self._chunk(b"T", encode_json(body))

    def sync(self) -> None:
        """Return when the disk itself holds what was written, so that a power failure cannot lose it."""
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise self._error(error) from error

    def close(self, reason: str = "stopped") -> None:
        """Write the end mark and close; a full disk only leaves the mark out."""
        if self._descriptor < 0:
            return
        with contextlib.suppress(WriteError):
            self._chunk(b"E", encode_json({"reason": reason}))
        try:
            self.sync()
        finally:
            os.close(self._descriptor)
            self._descriptor = -1

    def _chunk(self, kind: bytes, payload: bytes, *, stream: int = 0) -> None:
        self._append(encode_chunk(kind, payload, sequence=self._n_chunks, stream=stream))
        self._n_chunks += 1

    def _append(self, content: bytes) -> None:
        view = memoryview(content)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._end)
                os.lseek(self._descriptor, self._end, os.SEEK_SET)
            raise self._error(error) from error
        self._end += len(content)

    def _error(self, error: OSError) -> WriteError:
        return WriteError(
            f"{self.path.name} cannot be written on", got=str(error.strerror or error),
            expected="a writable folder with free space", way_out="make room; what was acknowledged is safe in the file",
        )  # fmt: skip


def _take_name(temporary: Path, path: Path) -> None:
    """Give a file that is whole its name, unless the name is in use; so no reader ever sees a file without a header."""
    try:
        temporary.chmod(0o644)
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without links; the moment between the two calls stays open there
            if path.exists():
                raise FileExistsError from None
            temporary.rename(path)
    except FileExistsError as error:
        raise WriteError(
            f"{path.name} exists already, perhaps another recorder is writing it", got="a name in use",
            expected="a new name", way_out="choose another name; a recording is never overwritten",
        ) from error  # fmt: skip
