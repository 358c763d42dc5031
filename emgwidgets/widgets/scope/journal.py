"""What happened while the scope ran: marks, stimuli and gaps by the count of samples.  A sink of the engine."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from emgwidgets.acquisition.buffer import PlacedBlock
from emgwidgets.acquisition.engine import Engine
from emgwidgets.model.signal import Annotation, Stimulus

__all__ = ["LiveJournal"]

#: Marks and gaps told to the browser at once; all of them are kept and recorded.
TOLD = 60


class LiveJournal:
    """Keeps marks, stimuli and gaps, their times since the first sample.

    Parameters
    ----------
    engine : Engine
        Open or running.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._marks: list[
            tuple[Annotation, Annotation]
        ] = []  # as the engine told it, and its time since the first sample
        self._stimuli: list[Stimulus] = []
        self._gaps: list[dict[str, Any]] = []
        self._done: list[Annotation] = []
        self._undone: list[Annotation] = []
        engine.attach(self)

    def take_block(self, block: PlacedBlock) -> None:
        """Note a gap."""
        if not block.n_lost:
            return
        rate_hz = self._engine.info.streams[block.stream].sampling_rate_hz
        end_s = block.time_s - self._engine.buffer.time_of(0)
        with self._lock:
            self._gaps.append(
                {"stream": block.stream, "start_s": end_s - block.n_lost / rate_hz, "end_s": end_s, "n": block.n_lost}
            )

    def take_mark(self, mark: Stimulus | Annotation) -> None:
        """Note a mark or a stimulus."""
        zero_s = self._engine.buffer.time_of(0)
        with self._lock:
            if isinstance(mark, Stimulus):
                self._stimuli.append(replace(mark, time_s=mark.time_s - zero_s))
            else:
                self._marks.append((mark, replace(mark, start_s=mark.start_s - zero_s)))

    def take_back(self, mark: Annotation) -> None:
        """Forget a mark."""
        with self._lock:
            at = max((place for place, (told, _) in enumerate(self._marks) if told == mark), default=None)
            if at is not None:
                del self._marks[at]

    # the reader's own -------------------------------------------------------------------------------------------
    def mark(self, label: str, *, note: str, channel: str | None, at_s: float | None, duration_s: float) -> Annotation:
        """Put a mark that can be undone."""
        mark = self._engine.mark(label, note=note, channel=channel, at_s=at_s, duration_s=duration_s)
        self._done.append(mark)
        self._undone.clear()
        return mark

    def undo(self) -> Annotation | None:
        """Take the reader's last mark back, in a recording too; None when there is none."""
        if not self._done:
            return None
        self._undone.append(self._done.pop())
        self._engine.retract(self._undone[-1])
        return self._undone[-1]

    def redo(self) -> Annotation | None:
        """Put the mark that was undone last again; None when there is none."""
        if not self._undone:
            return None
        self._done.append(self._undone.pop())
        self._engine.restore(self._done[-1])
        return self._done[-1]

    @property
    def marks(self) -> tuple[Annotation, ...]:
        """Marks in order of time."""
        with self._lock:
            return tuple(sorted((mark for _, mark in self._marks), key=lambda mark: mark.start_s))

    @property
    def stimuli(self) -> tuple[Stimulus, ...]:
        """Stimuli in the order in which they came."""
        with self._lock:
            return tuple(self._stimuli)

    @property
    def gaps(self) -> tuple[dict[str, Any], ...]:
        """Gaps in the order in which they came: stream, start_s, end_s, n."""
        with self._lock:
            return tuple(self._gaps)

    def told(self, terms: dict[str, Any]) -> dict[str, Any]:
        """The last marks and gaps for the browser, and how many there are in all."""
        marks, gaps = self.marks, self.gaps
        rows = [
            {
                "t_s": mark.start_s, "end_s": mark.start_s + mark.duration_s, "code": mark.label, "channel": mark.channel,
                "label": terms.get(mark.label, {}).get("label", mark.label), "note": mark.note,
                "short": _short(mark, terms),
            }
            for mark in marks[-TOLD:]
        ]  # fmt: skip
        steps = {
            name: _short(row[-1], terms) if row else "" for name, row in (("undo", self._done), ("redo", self._undone))
        }
        return {
            "marks": rows, "n_marks": len(marks), "gaps": list(gaps[-TOLD:]), "n_stimuli": len(self.stimuli), "steps": steps,
        }  # fmt: skip


def _short(mark: Annotation, terms: dict[str, Any]) -> str:
    return str(terms.get(mark.label, {}).get("short") or mark.label)
