"""Sweeps of a live channel around a trigger: delay line, rejection of artefacts, averaging.  It measures nothing."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.acquisition.buffer import LiveBuffer, PlacedBlock
from emgwidgets.acquisition.triggers import Trigger
from emgwidgets.errors import InputError
from emgwidgets.model.signal import Annotation, Stimulus, Sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SweepCollector", "SweepCounts", "SweepSettings"]


@dataclass(frozen=True, kw_only=True)
class SweepSettings:
    """How sweeps are cut and which count.

    Parameters
    ----------
    channel : str
        Channel of the sweeps.
    before_ms, after_ms : float
        Length before the trigger (the delay line) and after it.
    reject_above_uv : float, optional
        A sweep with a value beyond this, to either side, is rejected.
    blank_ms : float
        Time after the trigger that rejection does not look at: the stimulus artefact.
    n_kept : int
        Sweeps held one by one; the average takes all.
    """

    channel: str
    before_ms: float = 0.0
    after_ms: float = 50.0
    reject_above_uv: float | None = None
    blank_ms: float = 0.0
    n_kept: int = 100

    def __post_init__(self) -> None:
        if not (self.before_ms >= 0 and self.after_ms > 0 and self.blank_ms >= 0 and self.n_kept > 0):
            raise InputError(
                "the sweeps cannot be set so",
                got=f"{self.before_ms} ms before, {self.after_ms} ms after, {self.blank_ms} ms blank, {self.n_kept} kept",
                expected="0 ms or more before, more than 0 ms after, 0 ms or more blank, at least one kept",
            )  # fmt: skip
        if self.reject_above_uv is not None and not self.reject_above_uv > 0:
            raise InputError("the rejection cannot be set so", got=f"{self.reject_above_uv} uV", expected="above 0 uV")


@dataclass(frozen=True, kw_only=True)
class SweepCounts:
    """Sweeps that count, that were rejected for an artefact, and that a gap or the end of memory broke."""

    n_accepted: int = 0
    n_rejected: int = 0
    n_broken: int = 0


class SweepCollector:
    """Collects sweeps; attach it to an engine.

    Parameters
    ----------
    buffer : LiveBuffer
        ``engine.buffer``; it holds the delay line.
    settings : SweepSettings
    trigger : Trigger

    Raises
    ------
    InputError
        If a channel does not exist, the trigger watches another stream, or a sweep is longer than the memory.
    """

    def __init__(self, buffer: LiveBuffer, settings: SweepSettings, trigger: Trigger) -> None:
        self._buffer, self._trigger, self._settings = buffer, trigger, settings
        self._stream, self._row = _find(buffer, settings.channel)
        stream, self._watched = _find(buffer, trigger.channel or settings.channel)
        if stream != self._stream:
            raise InputError(
                "the trigger runs at another rate than the sweeps", got=repr(trigger.channel),
                expected=f"a channel of the stream of {settings.channel!r}", way_out="send its pulses as marks",
            )  # fmt: skip
        self._rate_hz = buffer.info.streams[stream].sampling_rate_hz
        self._n_before = round(settings.before_ms * 1e-3 * self._rate_hz)
        self._n_after = max(round(settings.after_ms * 1e-3 * self._rate_hz), 1)
        self._lock = threading.Lock()
        self._pending: list[tuple[int, Stimulus | None]] = []
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        with self._lock:
            self._sweeps: deque[Sweep] = deque(maxlen=self._settings.n_kept)
            self._sum: NDArray[np.float64] = np.zeros(self._n_before + self._n_after)
            self._counts = SweepCounts()

    @property
    def counts(self) -> SweepCounts:
        """How many sweeps there were."""
        with self._lock:
            return self._counts

    @property
    def sweeps(self) -> tuple[Sweep, ...]:
        """Accepted sweeps, the last ``n_kept``."""
        with self._lock:
            return tuple(self._sweeps)

    def average(self) -> Sweep | None:
        """Average of all accepted sweeps; None before the first."""
        with self._lock:
            n_averaged = self._counts.n_accepted
            if not n_averaged:
                return None
            return replace(self._sweeps[-1], samples_uv=self._sum / n_averaged, n_averaged=n_averaged)

    def take_block(self, block: PlacedBlock) -> None:
        """Look for triggers and cut the sweeps whose end has come."""
        if block.stream != self._stream:
            return
        found = self._trigger.in_block(block.samples[self._watched], block.position, self._rate_hz)
        self._pending += [(position, None) for position in found.tolist()]
        self._cut()

    def take_mark(self, mark: Stimulus | Annotation) -> None:
        """Begin a sweep at a mark that triggers."""
        if self._trigger.at_mark(mark):
            time_s = mark.time_s if isinstance(mark, Stimulus) else mark.start_s
            since_s = time_s - self._buffer.time_of(0, stream=self._stream)
            stimulus = mark if isinstance(mark, Stimulus) else None
            self._pending.append((round(since_s * self._rate_hz), stimulus))
            self._cut()

    def _cut(self) -> None:
        end = self._buffer.end(self._stream)
        ready = [one for one in self._pending if one[0] + self._n_after <= end]
        self._pending = [one for one in self._pending if one[0] + self._n_after > end]
        for position, stimulus in ready:
            window = self._buffer.window(position - self._n_before, position + self._n_after, stream=self._stream)
            self._judge(window[self._row].astype(np.float64), position, stimulus)

    def _judge(self, samples_uv: NDArray[np.float64], position: int, stimulus: Stimulus | None) -> None:
        settings = self._settings
        blank_until = self._n_before + round(settings.blank_ms * 1e-3 * self._rate_hz)
        looked_at = np.concatenate((samples_uv[: self._n_before], samples_uv[blank_until:]))
        with self._lock:
            counts = self._counts
            if not np.isfinite(samples_uv).all():
                self._counts = replace(counts, n_broken=counts.n_broken + 1)
            elif settings.reject_above_uv is not None and np.abs(looked_at).max(initial=0.0) > settings.reject_above_uv:
                self._counts = replace(counts, n_rejected=counts.n_rejected + 1)
            else:
                self._counts = replace(counts, n_accepted=counts.n_accepted + 1)
                self._sum += samples_uv
                time_s = self._buffer.time_of(position, stream=self._stream)
                self._sweeps.append(
                    Sweep(
                        samples_uv=samples_uv, sampling_rate_hz=self._rate_hz, channel=settings.channel,
                        start_ms=-1000.0 * self._n_before / self._rate_hz, stimulus=stimulus or Stimulus(time_s=time_s),
                    )
                )  # fmt: skip


def _find(buffer: LiveBuffer, name: str) -> tuple[int, int]:
    """Stream and row of a channel."""
    names = [[channel.name for channel in stream.channels] for stream in buffer.info.streams]
    for number, row_names in enumerate(names):
        if name in row_names:
            return number, row_names.index(name)
    raise InputError("no such channel", got=repr(name), expected=f"one of {[one for row in names for one in row]}")
