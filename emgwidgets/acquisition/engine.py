"""The live engine: one thread that reads a device, one clock, the last seconds in memory, and sinks that are told of all.

It decides nothing about the signal; recorders, displays and triggers are sinks.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np

from emgwidgets.acquisition.buffer import LiveBuffer, PlacedBlock
from emgwidgets.acquisition.clock import Clock, SystemClock
from emgwidgets.acquisition.protocols import (
    Block,
    Device,
    DeviceError,
    DeviceInfo,
    Impedance,
    ReportsImpedance,
    ReportsMarks,
)
from emgwidgets.acquisition.sinks import Sink, Sinks
from emgwidgets.errors import EmgError
from emgwidgets.model.signal import Annotation, Stimulus

__all__ = ["Engine", "EngineStatus", "Sink"]

#: Without a block for this long a source counts as stalled (internal choice: the eye notices half a second).
STALL_S = 1.0
READ_TIMEOUT_S = 0.1
RETRY_S = 0.25

State = Literal["new", "running", "stalled", "lost", "ended", "stopped", "failed"]


@dataclass(frozen=True, kw_only=True)
class EngineStatus:
    """How the engine stands.

    Parameters
    ----------
    state : str
        ``"new"``, ``"running"``, ``"stalled"`` (open but silent), ``"lost"`` (being reconnected), ``"ended"`` (the source
        is over), ``"stopped"`` or ``"failed"``.
    sentence : str
        For the user, where something is to be told.
    n_received, n_lost : int
        Samples of all streams (per channel).
    n_gaps, n_missing : int
        Gaps, and values that are no numbers.
    cpu_s : float
        Processor time of the engine's thread.
    """

    state: State = "new"
    sentence: str = ""
    n_received: int = 0
    n_lost: int = 0
    n_gaps: int = 0
    n_missing: int = 0
    cpu_s: float = 0.0


class Engine:
    """Reads a device.

    Parameters
    ----------
    device : Device
        A driver's device, not yet entered.
    ring_s : float
        Seconds held in memory.
    gains : mapping of channel name to float
        Factors that turn what the device sends into the unit it states, as from a calibration.
    clock : Clock, optional
        The clock the device stamps its blocks with; the device's own ``clock``, or the computer's, when left out.
    reconnect_s : float
        How long to try again when the device goes away; 0 does not try.
    """

    def __init__(
        self, device: Device, *, ring_s: float = 30.0, gains: Mapping[str, float] | None = None,
        clock: Clock | None = None, reconnect_s: float = 0.0,
    ) -> None:  # fmt: skip
        self.device = device
        self.clock: Clock = clock or getattr(device, "clock", None) or SystemClock()
        self.status = EngineStatus()
        self._ring_s, self._reconnect_s = ring_s, reconnect_s
        self._gains = dict(gains or {})
        self._sinks = Sinks(lambda sentence: self._set(sentence=sentence))
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._heard_s = 0.0
        self._buffer: LiveBuffer | None = None
        self._is_closed = False
        self._excused: set[int] = set()

    @property
    def buffer(self) -> LiveBuffer:
        """Samples of the last seconds.

        Raises
        ------
        DeviceError
            If the engine was not opened.
        """
        if self._buffer is None:
            raise DeviceError("the device is not open", way_out="start the engine first")
        return self._buffer

    @property
    def info(self) -> DeviceInfo:
        """What the device said of itself when it was opened."""
        return self.buffer.info

    def open(self) -> Self:
        """Open the device; nothing is read yet.

        Raises
        ------
        DeviceError
            If it cannot be opened.
        InputError
            If a gain names no channel.
        """
        self.device.__enter__()
        try:
            self._buffer = LiveBuffer(self.device.identify(), ring_s=self._ring_s, gains=self._gains)
        except BaseException:
            self.device.__exit__(None, None, None)
            raise
        self._heard_s = self.clock.now_s()
        return self

    def start(self) -> Self:
        """Open the device where that was not done, and read it in a thread of its own.

        After :meth:`stop` it goes on with the same count of samples: the time between is a gap, not a loss.

        Raises
        ------
        DeviceError
            If the device cannot be opened, or came back with other channels.
        """
        if self._thread is not None and self._thread.is_alive():
            return self
        if self._buffer is None:
            self.open()
        elif self._is_closed or self.is_over:  # stopped, ended or failed
            with suppress(EmgError):
                self.device.__exit__(None, None, None)
            self.device.__enter__()
            self._excused = set(range(len(self.info.streams)))
            if not self._resume():
                raise DeviceError("the device has changed", got=self.status.sentence)
        self._is_closed = False
        self._stop.clear()
        self._set(state="running", sentence="")
        self._thread = threading.Thread(target=self._run, name="emgwidgets-engine", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the thread and close the device; what is in memory stays readable."""
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=10.0)
        with suppress(EmgError):
            self.device.__exit__(None, None, None)
        self._is_closed = True
        if self.status.state in ("new", "running", "stalled", "lost"):
            self._set(state="stopped")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come, unless it is started again."""
        return self.status.state in ("ended", "stopped", "failed")

    def attach(self, sink: Sink) -> None:
        """Tell a sink of everything from now on."""
        self._sinks.attach(sink)

    def detach(self, sink: Sink) -> None:
        """Tell a sink no more."""
        self._sinks.detach(sink)

    def wait_for(self, position: int, *, stream: int = 0, timeout_s: float = 10.0) -> bool:
        """Wait for a sample; False when it did not come in time or nothing more will come."""
        return self.buffer.wait_for(position, stream=stream, timeout_s=timeout_s, is_over=lambda: self.is_over)

    def impedances(self) -> tuple[Impedance, ...]:
        """Impedance of each electrode now; empty where the device does not measure it."""
        return self.device.impedances() if isinstance(self.device, ReportsImpedance) else ()

    def mark(
        self,
        label: str,
        *,
        note: str = "",
        channel: str | None = None,
        at_s: float | None = None,
        duration_s: float = 0.0,
    ) -> Annotation:
        """Put the reader's mark at this moment, or at a time since the first sample, and tell all sinks."""
        start_s = self.clock.now_s() - self.buffer.lead_s if at_s is None else self.buffer.time_of(0) + at_s
        mark = Annotation(start_s=start_s, duration_s=duration_s, label=label, note=note, channel=channel)
        self._sinks.take_mark(mark)
        return mark

    def retract(self, mark: Annotation) -> None:
        """Take back a mark that :meth:`mark` gave: those who keep marks forget it, a recorder notes that it is no more."""
        self._sinks.take_back(mark)

    def restore(self, mark: Annotation) -> None:
        """Tell a mark again that was taken back."""
        self._sinks.take_mark(mark)

    def _run(self) -> None:
        began_s = time.thread_time()
        while not self._stop.is_set() and self.step():
            self.status = replace(self.status, cpu_s=time.thread_time() - began_s)
        self.buffer.wake()

    def step(self, timeout_s: float = READ_TIMEOUT_S) -> bool:
        """Read once; False when nothing more will come.  The thread does only this, so a test may do it instead."""
        try:
            block = self.device.read(timeout_s)
        except EOFError:
            self._take_marks()
            return self._finish("ended", f"{self.info.name} has ended.")
        except DeviceError as error:
            return self._reconnect(error)
        except Exception as error:  # a fault of a driver must not end the kernel's thread without a word
            reason = error.sentence if isinstance(error, EmgError) else f"{type(error).__name__}: {error}"
            return self._finish("failed", " ".join(f"{self.info.name} failed; got {reason}".split()))
        try:
            if block is not None:
                self._take(block)
            self._take_marks()
        except EmgError as error:
            return self._finish("failed", error.sentence)
        if block is None and self.status.state == "running" and self.clock.now_s() - self._heard_s > STALL_S:
            self._set(
                state="stalled",
                sentence=f"{self.info.name} is silent; got no sample for {STALL_S:g} s; check its cable and power.",
            )
        return True

    def _take(self, block: Block) -> None:
        if self.status.state == "stalled":
            self.buffer.forget_rate()
        placed = self.buffer.put(block)
        if placed is None:
            return
        self._heard_s = self.clock.now_s()
        self._count(placed)
        self._sinks.take_block(placed)

    def _count(self, placed: PlacedBlock) -> None:
        old = self.status
        n_lost = 0 if placed.stream in self._excused else placed.n_lost
        self._excused.discard(placed.stream)
        self.status = replace(
            old, state="running", sentence="" if old.state in ("stalled", "lost") else old.sentence,
            n_received=old.n_received + placed.samples.shape[1], n_lost=old.n_lost + n_lost,
            n_gaps=old.n_gaps + (n_lost > 0),
            n_missing=old.n_missing + placed.samples.size - int(np.isfinite(placed.samples).sum()),
        )  # fmt: skip

    def _take_marks(self) -> None:
        if not isinstance(self.device, ReportsMarks):
            return
        for mark in self.device.read_marks():
            if isinstance(mark, Stimulus):
                self._sinks.take_mark(replace(mark, time_s=mark.time_s - self.buffer.lead_s))
            else:
                self._sinks.take_mark(replace(mark, start_s=mark.start_s - self.buffer.lead_s))

    def _reconnect(self, error: DeviceError) -> bool:
        """Try to open the device again for as long as was asked; the time without it becomes a gap."""
        with suppress(EmgError):
            self.device.__exit__(None, None, None)
        give_up_s = self.clock.now_s() + self._reconnect_s
        self._set(state="lost", sentence=error.sentence)
        while self._reconnect_s and self.clock.now_s() < give_up_s and not self._stop.is_set():
            self.clock.wait(RETRY_S)
            with suppress(DeviceError):
                self.device.__enter__()
                return self._resume()
        return self._finish("failed", error.sentence)

    def _resume(self) -> bool:
        if self.device.identify().streams != self.info.streams:
            return self._finish(
                "failed",
                f"{self.info.name} came back with other channels or another rate; what came before is kept; open it anew.",
            )
        self.buffer.forget_rate()
        self._heard_s = self.clock.now_s()
        return True

    def _finish(self, state: State, sentence: str) -> bool:
        self._set(state=state, sentence=sentence)
        self.buffer.wake()
        return False

    def _set(self, **changes: Any) -> None:
        self.status = replace(self.status, **changes)
