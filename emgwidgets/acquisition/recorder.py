"""Puts what an engine reads on disk while it runs, in a thread of its own, and closes it into a file for others.

Acknowledged means: written to the system, so that the end of this program cannot lose it; once a second the disk itself
is asked to hold it, so that a power failure loses at most the last second.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from emgwidgets.acquisition.buffer import PlacedBlock
from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.protocols import DeviceInfo
from emgwidgets.errors import EmgError, WriteError
from emgwidgets.io.convert import convert_checked
from emgwidgets.io.live_writer import LiveWriter
from emgwidgets.model.signal import Annotation, Stimulus

__all__ = ["Recorder", "RecorderStatus", "close_into"]

SYNC_S = 1.0
#: Seconds of samples that may wait for a slow disk; more is given up and marked as a gap (internal choice: 10 s of
#: 8 channels at 50 kHz are 16 MB).
BACKLOG_S = 10.0


@dataclass(frozen=True)
class _Retraction:
    mark: Annotation


_Item = PlacedBlock | Stimulus | Annotation | _Retraction


@dataclass(frozen=True, kw_only=True)
class RecorderStatus:
    """How a recorder stands.

    Parameters
    ----------
    n_acknowledged : int
        Samples of all streams (per channel) that the end of the program cannot lose.
    n_refused : int
        Samples that the disk did not take; they show as gaps in the file.
    sentence : str
        What is wrong, for the user; empty while all is well.
    """

    n_acknowledged: int = 0
    n_refused: int = 0
    sentence: str = ""


class Recorder:
    """Records an engine that is open.

    Parameters
    ----------
    engine : Engine
        Open or running.
    path : Path
        A new file of the live container (``.emglive``).

    Raises
    ------
    WriteError
        If the file exists, for instance because another recorder writes it, or cannot be written.
    """

    def __init__(self, engine: Engine, path: Path) -> None:
        self.status = RecorderStatus()
        self.path = Path(path)
        self._engine = engine
        self._writer = LiveWriter(self.path, header_of(engine.info))
        self._waiting: deque[_Item] = deque()
        self._backlog_s = 0.0
        self._rates_hz = [stream.sampling_rate_hz for stream in engine.info.streams]
        self._wake = threading.Condition()
        self._is_closing = False
        self._can_wait = bool(getattr(engine.device, "can_wait", False))
        self._thread = threading.Thread(target=self._run, name="emgwidgets-recorder", daemon=True)
        self._thread.start()
        engine.attach(self)

    def take_block(self, block: PlacedBlock) -> None:
        """Take one block; when the disk is far behind, a file that is replayed waits and a live block becomes a gap."""
        duration_s = block.samples.shape[1] / self._rates_hz[block.stream]
        with self._wake:
            while self._can_wait and self._backlog_s + duration_s > BACKLOG_S and self._thread.is_alive():
                self._wake.wait(0.1)
            if self._backlog_s + duration_s > BACKLOG_S:
                self._refuse(
                    block, f"{self.path.name} cannot keep up; got a disk {BACKLOG_S:g} s behind; use a faster disk."
                )
                return
            self._backlog_s += duration_s
            self._waiting.append(block)
            self._wake.notify()

    def take_mark(self, mark: Stimulus | Annotation) -> None:
        """Take one mark."""
        with self._wake:
            self._waiting.append(mark)
            self._wake.notify()

    def take_back(self, mark: Annotation) -> None:
        """Note that a mark is taken back; what was written stays, and readers leave the mark out."""
        with self._wake:
            self._waiting.append(_Retraction(mark))
            self._wake.notify()

    def close(self) -> None:
        """Write what waits, end the file and report; safe to call twice."""
        self._engine.detach(self)
        with self._wake:
            self._is_closing = True
            self._wake.notify()
        self._thread.join()
        try:
            self._writer.close(self._engine.status.state)
        except (EmgError, OSError) as error:
            self._say(str(error))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        clock_s = self._engine.clock.now_s
        synced_s, has_news = clock_s(), False
        while True:
            with self._wake:
                if not self._waiting and not self._is_closing:
                    self._wake.wait(SYNC_S)
                items, self._backlog_s = list(self._waiting), 0.0
                self._waiting.clear()
                self._wake.notify_all()
                if not items and self._is_closing:
                    return
            for item in items:
                self._write(item)
            has_news = has_news or bool(items)
            if has_news and clock_s() - synced_s > SYNC_S:
                self._sync()
                synced_s, has_news = clock_s(), False

    def _write(self, item: _Item) -> None:
        try:
            if isinstance(item, PlacedBlock):
                self._writer.append_samples(
                    item.samples, stream=item.stream, position=item.position, clock_s=item.clock_s
                )
                with self._wake:
                    n_acknowledged = self.status.n_acknowledged + item.samples.shape[1]
                    self.status = replace(self.status, n_acknowledged=n_acknowledged)
            elif isinstance(item, Stimulus):
                self._writer.append_stimulus(_plain(item))
            elif isinstance(item, _Retraction):
                self._writer.append_retraction(_plain(item.mark))
            else:
                self._writer.append_annotation(_plain(item))
        except WriteError as error:
            if isinstance(item, PlacedBlock):
                self._refuse(item, error.sentence)
            else:
                self._say(error.sentence)
        except ValueError as error:  # a time that is no number
            self._say(f"A mark cannot be recorded; got {error}.")

    def _sync(self) -> None:
        try:
            self._writer.sync()
        except WriteError as error:
            self._say(error.sentence)

    def _refuse(self, block: PlacedBlock, sentence: str) -> None:
        with self._wake:
            n_refused = self.status.n_refused + block.samples.shape[1]
            self.status = replace(self.status, n_refused=n_refused, sentence=sentence)

    def _say(self, sentence: str) -> None:
        with self._wake:
            self.status = replace(self.status, sentence=sentence)


def header_of(info: DeviceInfo) -> dict[str, Any]:
    """Header of a live container for a device, as plain values."""
    streams = [
        {
            "name": stream.name,
            "sampling_rate_hz": stream.sampling_rate_hz,
            "channels": [{"name": one.name, "unit": one.unit, "kind": one.kind} for one in stream.channels],
        }
        for stream in info.streams
    ]
    return {"device": {"maker": info.maker, "model": info.model or info.name}, "streams": streams}


def _plain(mark: Stimulus | Annotation) -> dict[str, Any]:
    """Fields of a mark that say something."""
    return {name: value for name, value in asdict(mark).items() if value not in (None, "")}


def close_into(container: Path, target: Path) -> None:
    """Write a live container as another format, such as EDF+ or BDF+, and look whether every sample arrived.

    Parameters
    ----------
    container : Path
        File of a recorder, closed or left by a crash.
    target : Path
        File to write; its suffix tells the format.  The container stays.

    Raises
    ------
    WriteError
        If the format cannot hold it, or what is read back is not what was recorded.
    """
    convert_checked(container, target)
