"""A background thread for long work of one viewer; of several requests of one kind only the newest is done."""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["Worker"]


class Worker:
    """Runs named jobs one after the other.

    Parameters
    ----------
    report : callable
        Receives the exception of a job that failed.
    """

    def __init__(self, report: Callable[[Exception], None]) -> None:
        self._report = report
        self._jobs: dict[str, Callable[[], None]] = {}
        self._changed = threading.Condition()
        self._is_busy = False
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def submit(self, name: str, job: Callable[[], None]) -> None:
        """Do the job later; a waiting job of the same name is dropped."""
        with self._changed:
            if self._is_closed:
                return
            self._jobs.pop(name, None)
            self._jobs[name] = job
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="emgwidgets viewer", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait(self, timeout_s: float = 60.0) -> bool:
        """Wait until nothing is left to do; whether that was reached in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._jobs and not self._is_busy, timeout=timeout_s)

    def close(self) -> None:
        """Drop what waits and let the thread end."""
        with self._changed:
            self._is_closed = True
            self._jobs.clear()
            self._changed.notify_all()

    @property
    def is_closed(self) -> bool:
        """Whether the viewer is gone."""
        return self._is_closed

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._jobs or self._is_closed)
                if self._is_closed:
                    return
                name = next(iter(self._jobs))
                job = self._jobs.pop(name)
                self._is_busy = True
            try:
                job()
            except Exception as error:
                self._report(error)
            finally:
                with self._changed:
                    self._is_busy = False
                    self._changed.notify_all()
