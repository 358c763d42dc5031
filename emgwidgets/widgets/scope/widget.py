"""The live scope: its public actions and its wire format; live/feed.py sends the samples, drawing is in view.js."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import anywidget
import traitlets

from emgwidgets.acquisition.engine import Engine, EngineStatus
from emgwidgets.analysis.signal.filters import FilterStep
from emgwidgets.errors import EmgError, InputError
from emgwidgets.model.signal import Recording
from emgwidgets.widgets._esm import join_css, join_modules
from emgwidgets.widgets.live import History, describe_channels, engine_of
from emgwidgets.widgets.scope.desk import ScopeDesk
from emgwidgets.widgets.scope.picture import fallback, make_picture
from emgwidgets.widgets.scope.recorded import Recorded
from emgwidgets.widgets.scope.swept import Swept
from emgwidgets.widgets.scope.viewed import Viewed
from emgwidgets.widgets.trace_viewer.describe import describe_terms
from emgwidgets.widgets.trace_viewer.desk import error_message
from emgwidgets.widgets.trace_viewer.worker import Worker

__all__ = ["Scope"]

HERE = Path(__file__).parent
SHARED = HERE.parent / "_js"
FIRST_TIME_BASE_S = 0.1  # 100 ms a division, the sweep for rhythm at rest (facts: needle, settings) [M]


class Scope(Recorded, Swept, Viewed, anywidget.AnyWidget):
    """Look at, listen to, mark and record a device while it runs.

    Parameters
    ----------
    source : Engine, Device, str, path, Recording or VirtualPatient
        An engine, an open driver, the name of a driver (``"lsl"``, with its options), a file that is replayed, or a virtual
        patient (with ``muscle=...``, or ``nerve=...``).
    sites : sequence of str
        Muscles or sites to go through with J.
    filters : sequence of FilterStep
        Display and sound filters; what is recorded is never filtered.
    time_base_s : float
        Seconds a division.
    is_started : bool
        Begin to read at once.
    **options
        For the driver.

    Notes
    -----
    A device that cannot be opened is shown in the widget, not raised.  While a cell runs, reading, recording and the
    picture go on; clicks and keys wait until the cell has ended.
    """

    _esm = join_modules(HERE / "view.js")
    _css = join_css(
        SHARED / "tokens.css", SHARED / "controls.css", HERE.parent / "trace_viewer" / "view.css", HERE / "view.css"
    )

    _info = traitlets.Dict().tag(sync=True)
    _state = traitlets.Dict().tag(sync=True)
    _terms: Any = traitlets.List().tag(sync=True)
    _filters: Any = traitlets.List().tag(sync=True)
    _filter_notes: Any = traitlets.List().tag(sync=True)
    _trigger = traitlets.Dict().tag(sync=True)
    _error = traitlets.Dict().tag(sync=True)
    time_base_s = traitlets.Float(FIRST_TIME_BASE_S).tag(sync=True)
    channel = traitlets.Int(0).tag(sync=True)
    sensitivities = traitlets.List(traitlets.Float()).tag(sync=True)
    hidden = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(
        self, source: Any, *, sites: Sequence[str] = (), filters: Sequence[FilterStep] = (),
        time_base_s: float = FIRST_TIME_BASE_S, is_started: bool = True, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(time_base_s=time_base_s)
        self._desk: ScopeDesk | None = None
        self._worker = Worker(self._report)
        self._sites = tuple(sites)
        self._terms = describe_terms()
        try:
            engine = engine_of(source, **options)
            if engine.status.state == "new":
                engine.start() if is_started else engine.open()
            self._mount(ScopeDesk(engine, send=self._tell, publish=self._publish, terms=self._terms, sites=self._sites))
        except EmgError as error:
            self._error = error_message(error)
            return
        self.filters = filters
        self.on_msg(self._receive)

    # running -----------------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Read the device; after a stop the time between is a gap."""
        self._opened().start()

    def stop(self) -> None:
        """Close the device and hold the picture; a recording under way is ended."""
        self._opened().stop()

    def freeze(self) -> None:
        """Hold the picture, with the last minute to scroll back in; reading and recording go on."""
        self._opened().freeze()

    def thaw(self) -> None:
        """Show the live signal again."""
        self._opened().thaw()

    def wait(self, duration_s: float, *, timeout_s: float | None = None) -> bool:
        """Wait until so much more of the first stream is there; False when it did not come in time."""
        engine = self._opened().engine
        n_samples = engine.buffer.end() + round(duration_s * engine.info.streams[0].sampling_rate_hz)
        return engine.wait_for(n_samples, timeout_s=timeout_s if timeout_s is not None else duration_s + 10.0)

    def close(self) -> None:
        """End everything; a recording under way is closed and its file is whole."""
        if self._desk is not None:
            self._desk.close()
            self._hide_below()
        self._worker.close()
        super().close()

    # display -----------------------------------------------------------------------------------------------------
    @property
    def filters(self) -> tuple[FilterStep, ...]:
        """Display filters; assign to change them."""
        return tuple(FilterStep(**step) for step in self._filters)

    @filters.setter
    def filters(self, steps: Sequence[FilterStep]) -> None:
        self._filter_notes = self._opened().set_filters(steps)
        self._filters = [{"kind": s.kind, "frequency_hz": s.frequency_hz, "is_on": s.is_on} for s in steps]

    def history(self, duration_s: float | None = None) -> Recording:
        """The last seconds, or the frozen ones, as a recording: raw samples, gaps and marks, times from the first sample."""
        desk = self._opened()
        history = desk.history or History(desk.engine)
        start_s = None if duration_s is None else history.end_s - duration_s
        return history.recording(start_s, stimuli=desk.journal.stimuli, annotations=desk.journal.marks)

    def to_figure(self, *, backend: Literal["matplotlib", "plotly"] = "matplotlib") -> Any:
        """Draw the last sweep of the channels shown, or the frozen end, for paper or to hover."""
        from emgwidgets.figures.trace import draw_traces

        return draw_traces(make_picture(self), backend=backend)

    @property
    def engine(self) -> Engine:
        """The engine that reads the device."""
        return self._opened().engine

    @property
    def status(self) -> EngineStatus:
        """How the engine stands: state, sentence, samples received and lost, gaps."""
        return self._opened().engine.status

    def __repr__(self) -> str:
        if self._desk is None:
            return f"Scope(error: {self._error.get('what', '')})"
        n = len(self._info["channels"])
        return f"Scope({self._info['title']}, {n} channel{'s' * (n != 1)})"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Widget view, with one sentence and a small picture for pages where no kernel runs."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None or self._desk is None:
            return bundle
        data, metadata = bundle
        return {**data, **fallback(self)}, metadata

    # inside ------------------------------------------------------------------------------------------------------
    def _opened(self) -> ScopeDesk:
        if self._desk is None:
            raise InputError(
                "no device is open in this scope", got=str(self._error.get("what", "nothing")), way_out="open it again"
            )
        return self._desk

    def _mount(self, desk: ScopeDesk) -> None:
        info = desk.engine.info
        channels = describe_channels(info)
        maker = " ".join(word for word in (info.maker, info.model) if word)
        self._info = {
            "title": maker or info.name, "driver": info.name, "channels": channels, "n_streams": len(info.streams),
            "sites": list(desk.sites),
        }  # fmt: skip
        self.sensitivities = [channel["per_division"] for channel in channels]
        self._desk = desk
        desk.publish()

    def _publish(self, state: dict[str, Any]) -> None:
        self._state = state

    def _tell(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        self.send(content, buffers)

    def _report(self, error: Exception) -> None:
        self._tell(error_message(error), [])

    def _receive(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        desk = self._desk
        if desk is None:
            return
        try:
            if not desk.feed.handle(content):
                self._act(desk, content)
        except Exception as error:
            self._report(error)

    def _act(self, desk: ScopeDesk, content: dict[str, Any]) -> None:
        kind = content.get("type")
        plain = {
            "hello": desk.hello, "start": self.start, "stop": self.stop, "freeze": self.freeze, "thaw": self.thaw,
            "end": self.end_recording, "clear": self.clear_sweeps, "undo": self.undo_mark, "redo": self.redo_mark,
            "no viewer": self._hide_below,
        }  # fmt: skip
        if kind in plain:
            plain[kind]()
        elif kind in {"view", "readout", "play"}:
            getattr(desk, kind)(content)
        elif kind == "mark":
            desk.mark(
                str(content["label"]), at_s=content.get("at_s"), duration_s=float(content.get("duration_s") or 0.0),
                channel=content.get("channel"),
            )  # fmt: skip
        elif kind == "site":
            desk.go_to(int(content["site"]))
        elif kind == "filters":
            self.filters = [FilterStep(**step) for step in content["steps"]]
        elif kind == "record":
            desk.record(Path(str(content["name"])) if content.get("name") else None)
        elif kind == "save":
            self._worker.submit("save", lambda: self._save(desk, str(content["suffix"])))
        elif kind == "viewer":
            self._show_below(content)
        elif kind == "trigger":
            self._set_trigger(content)

    def _save(self, desk: ScopeDesk, kind: str) -> None:
        if kind == "case":
            desk.save_into_case((desk.recorded or Path()).parent / "case")
        else:
            desk.save_as(kind)
