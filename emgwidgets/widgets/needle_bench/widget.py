"""The needle bench: its public actions and its wire format; measures come from analysis, drawing is in view.js."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import anywidget
import traitlets

from emgwidgets.acquisition.engine import Engine
from emgwidgets.errors import EmgError, InputError
from emgwidgets.figures.trace import draw_traces
from emgwidgets.figures.trace_sketch import SKETCH_COLUMNS, sketch
from emgwidgets.io.registry import read
from emgwidgets.model.case import Subject
from emgwidgets.model.signal import Recording, Side
from emgwidgets.widgets._esm import join_css, join_modules
from emgwidgets.widgets.live.sources import engine_of
from emgwidgets.widgets.needle_bench.accepting import (
    accept_interference,
    accept_measures,
    accept_recruitment,
    keep_all,
)
from emgwidgets.widgets.needle_bench.desk import NeedleDesk
from emgwidgets.widgets.needle_bench.live import LiveNeedleSource, LiveSender
from emgwidgets.widgets.needle_bench.needle_case import case_of, save_bench
from emgwidgets.widgets.needle_bench.picture import picture_of, said, table_frame
from emgwidgets.widgets.needle_bench.recorded import RecordedNeedleSource
from emgwidgets.widgets.needle_bench.source import NeedleSource
from emgwidgets.widgets.needle_bench.state import block_message, fixed_state, state_of
from emgwidgets.widgets.needle_bench.units_state import wave_message
from emgwidgets.widgets.needle_bench.virtual import VirtualNeedleSource

if TYPE_CHECKING:
    import pandas as pd

    from emgwidgets.cases.document import Case
    from emgwidgets.model.needle_rest import SpontaneousGrade
    from emgwidgets.simulation.patient import VirtualPatient
    from emgwidgets.widgets.needle_bench.rest_desk import NamedClip, RestReading
    from emgwidgets.widgets.needle_bench.scores import Clip, MuscleScore
    from emgwidgets.widgets.needle_bench.source import Stretch

__all__ = ["NeedleBench"]

HERE = Path(__file__).parent
SHARED = HERE.parent / "_js"
#: Messages a browser may send: what they act on, and the fields they take.
ON_DESK = {
    "choose": ("muscle", "side"), "move_needle": ("depth_mm", "angle_deg", "along_mm"), "set_effort": ("effort",),
    "set_filters": ("high_pass_hz", "low_pass_hz"), "set_mode": ("mode",), "select": ("stretch", "start_s", "end_s"),
    "unselect": (), "look_at": ("time_s",), "name": ("code",), "link": ("key",), "show_clip": ("muscle", "side", "key", "index"), "grade_rest": (),
}  # fmt: skip
#: What a reader accepts of the measures.
ACCEPTED = {
    "accept_measures": accept_measures, "accept_recruitment": accept_recruitment,
    "accept_interference": accept_interference, "keep_all": keep_all,
}  # fmt: skip
#: On the reader's book, at the muscle under the needle.
ON_BOOK = {"score": ("value", "key"), "step": ("direction",), "score_normal": (), "unlink": ("key", "index")}
#: On the motor units; those marked True need the muscle under the needle.
ON_UNITS = {
    "set_trigger": (False, ("level_uv", "delay_ms", "length_ms")), "mean_this": (False, ("time_s",)), "toggle": (False, ("time_s",)),
    "choose_unit": (True, ("number",)), "move_handle": (True, ("letter", "time_ms")), "reset_handles": (True, ()),
    "refresh": (False, ()), "keep": (True, ()), "drop": (True, ("number",)),
}  # fmt: skip
#: Fields of an edit of a decomposition.
EDIT: tuple[str, ...] = ("kind", "unit", "other", "times_s")
#: After these the browser listens to another place.
HEARD = ("move_needle", "set_effort", "show_clip")


def _source(given: object, subject: Subject | None, channel: str | None) -> NeedleSource:
    from emgwidgets.simulation.patient import VirtualPatient

    if isinstance(given, VirtualPatient):
        return VirtualNeedleSource(patient=given)
    if isinstance(given, Recording):
        return RecordedNeedleSource(recording=given, channel=channel, subject=subject or Subject())
    if hasattr(given, "record") and hasattr(given, "muscles"):
        return given  # type: ignore[return-value]
    if isinstance(given, Engine) or (hasattr(given, "identify") and hasattr(given, "read")):
        return LiveNeedleSource(engine_of(given), channel=channel, subject=subject)
    if isinstance(given, str | os.PathLike):
        return RecordedNeedleSource(recording=read(given), channel=channel, subject=subject or Subject())
    raise InputError(
        "the bench has nothing to examine", got=type(given).__name__,
        expected="a VirtualPatient, a Recording or its file, an Engine or device, or a source with muscles() and record()",
    )  # fmt: skip


class NeedleBench(anywidget.AnyWidget):
    """Examine a muscle with a needle: place it, listen, shade, name, score, and link what proves the score.

    Parameters
    ----------
    source : VirtualPatient, Recording, file, Engine, device, or a source
        A virtual patient can be needled anywhere; a recording, or what a device sends, is heard and measured as it is.
    muscle : str, optional
        Code or name of the muscle at first.
    side : {"left", "right"}
    channel : str, optional
        Needle channel of a recording or device, where it has several.
    subject : Subject, optional
        Age and sex of whom a recording comes from.

    Notes
    -----
    Every action of the mouse and keyboard is a method here, so that a notebook can do the same.  An action that cannot
    be done raises InputError from Python and is shown in the widget when it came from the browser.
    """

    _esm = join_modules(HERE / "view.js")
    _css = join_css(SHARED / "tokens.css", SHARED / "controls.css", SHARED / "body_map.css", HERE / "view.css")

    _fixed = traitlets.Dict().tag(sync=True)
    _state = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        source: VirtualPatient | Recording | Engine | NeedleSource | str | os.PathLike[str],
        *,
        muscle: str = "",
        side: Side = "left",
        channel: str | None = None,
        subject: Subject | None = None,
    ) -> None:
        super().__init__()
        self._desk = NeedleDesk(_source(source, subject, channel), muscle=muscle, side=side)
        self._heard = 0
        if not self._desk.source.can_move:
            self._desk.set_effort(getattr(self._desk.source, "stated_effort", "rest"))
            self._heard = 1
        self._sender: LiveSender | None = None
        if self._desk.source.is_live:
            self._sender = LiveSender(self.send, lambda: (self._desk.stretch, self._desk.filters))
            self._sender.start()
        self._fixed = fixed_state(self._desk)
        self._publish()
        self.on_msg(self._receive)

    # needle ------------------------------------------------------------------------------------------------------
    def choose(self, *, muscle: str | None = None, side: Side | None = None) -> None:
        """Go to another muscle or side."""
        self._desk.choose(muscle=muscle, side=side)
        self._publish()

    def move_needle(
        self, *, depth_mm: float | None = None, angle_deg: float | None = None, along_mm: float | None = None
    ) -> Stretch:
        """Put the needle in, or move it: a new insertion, listened to at once."""
        return self._listened(self._desk.move_needle(depth_mm=depth_mm, angle_deg=angle_deg, along_mm=along_mm))

    def set_effort(self, effort: Literal["insert", "rest", "slight", "moderate", "full"]) -> Stretch:
        """Insert, rest, or ask for effort."""
        return self._listened(self._desk.set_effort(effort))

    def set_filters(self, **changes: float) -> None:
        """Turn the filter knobs: ``high_pass_hz``, ``low_pass_hz``."""
        self._desk.set_filters(**changes)
        self._publish()

    def set_mode(self, mode: Literal["free", "triggered", "decompose", "interference"]) -> None:
        """Free run, triggered raster, decomposition, or interference pattern."""
        self._desk.set_mode(mode)
        self._publish()

    # reading and scores ------------------------------------------------------------------------------------------
    def select(self, start_s: float, end_s: float, *, stretch: int | None = None) -> RestReading:
        """Shade a stretch of what is under the sweep: it is measured and a name is proposed."""
        number = stretch if stretch is not None else self._desk.stretch.number if self._desk.stretch else 0
        found = self._desk.select(number, start_s, end_s)
        self._publish()
        return found

    def name(self, code: str) -> NamedClip:
        """Name the shaded stretch, such as ``"fibrillation"``; it becomes proof of that column."""
        found = self._desk.name(code)
        self._publish()
        return found

    def score(self, value: str | int | None = None, *, key: str | None = None) -> MuscleScore:
        """Score a column: a grade, a word of the column, or None for not tested."""
        found = self._desk.book.score(self._desk.where, value, key=key)
        self._publish()
        return found

    def score_normal(self) -> MuscleScore:
        """Score everything at rest as normal that was not scored yet."""
        found = self._desk.book.score_normal(self._desk.where)
        self._publish()
        return found

    def link(self, key: str | None = None) -> Clip:
        """Link the shaded stretch as proof to a column."""
        found = self._desk.link(key)
        self._publish()
        return found

    def grade_rest(self) -> SpontaneousGrade:
        """What the scheme would give over the insertions into this muscle so far."""
        found = self._desk.grade_rest()
        self._publish()
        return found

    # results -----------------------------------------------------------------------------------------------------
    @property
    def desk(self) -> NeedleDesk:
        """The bench without its picture."""
        return self._desk

    @property
    def case(self) -> Case:
        """What was scored, as a case ready for interpretation; clips are its annotations."""
        return case_of(self._desk)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the case and the recordings its clips point to; returns the case's file."""
        return save_bench(self._desk, folder)

    def table(self) -> pd.DataFrame:
        """Return the grid: a row for each muscle and side, a column for each score, the number of clips."""
        return table_frame(self._desk)

    def to_figure(self, *, backend: Literal["matplotlib", "plotly"] = "matplotlib") -> Any:
        """Return a figure of the shaded stretch with its discharges, or of the stretch under the sweep."""
        return draw_traces(picture_of(self._desk), backend=backend)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and beside it a picture and words for where no kernel runs."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        words = said(self._desk)
        extra: dict[str, Any] = {"text/plain": f"{self!r}: {words}"}
        if self._desk.stretch is not None:
            extra["image/svg+xml"] = sketch(picture_of(self._desk, n_columns=SKETCH_COLUMNS), words)
        return data | extra, metadata

    def close(self) -> None:
        """Close every view and listen to a device no more."""
        if hasattr(self, "_desk"):  # nothing was opened where the source was refused
            if self._sender is not None:
                self._sender.stop()
            if isinstance(self._desk.source, LiveNeedleSource):
                self._desk.source.close()
        super().close()

    def __repr__(self) -> str:
        n = sum(not score.is_empty for score in self._desk.book.scores.values())
        return f"NeedleBench({self._desk.source.title}; {n} muscle{'s' * (n != 1)} scored)"

    # inside ------------------------------------------------------------------------------------------------------
    def _listened(self, stretch: Stretch) -> Stretch:
        self._heard += 1
        self._publish()
        return stretch

    def _publish(self) -> None:
        self._state = state_of(self._desk) | {"heard": self._heard}

    def _receive(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        kind = str(content.get("type"))
        try:
            if kind == "blocks":
                wanted = [int(one) for one in content.get("blocks", ())]
                self.send(*block_message(self._desk, int(content.get("stretch", 0)), wanted))
                return
            if kind == "waves":
                self.send(*wave_message(self._desk, [str(one) for one in content.get("keys", ())]))
                return
            if not self._act(kind, content):
                return
        except EmgError as error:
            self.send({"type": "error", "what": error.what, "got": error.got, "expected": error.expected,
                       "way_out": error.way_out})  # fmt: skip
        self._heard += kind in HEARD
        self._decompose_apart()
        self._publish()

    def _decompose_apart(self) -> None:
        """A browser does not wait for a decomposition; it is told when it is there."""
        desk = self._desk
        if (
            desk.mode == "decompose"
            and desk.stretch is not None
            and not desk.decompose.is_ready(desk.stretch, desk.filters, desk.at_s)
        ):
            desk.decompose.begin(desk.stretch, desk.filters, desk.at_s, self._publish)

    def _act(self, kind: str, content: dict[str, Any]) -> bool:
        """Do what a message asks for; False when it asks for nothing that is known."""
        book = self._desk.book
        if kind in ON_DESK:
            getattr(self._desk, kind)(**{name: content[name] for name in ON_DESK[kind] if name in content})
        elif kind in ACCEPTED:
            ACCEPTED[kind](self._desk)
        elif kind in ON_BOOK:
            getattr(book, kind)(self._desk.where, **{name: content[name] for name in ON_BOOK[kind] if name in content})
        elif kind == "edit":
            self._desk.decompose.edit(**{name: content[name] for name in EDIT if name in content})
        elif kind in ("undo_edit", "redo_edit"):
            getattr(self._desk.decompose, kind)()
        elif kind in ON_UNITS:
            is_here, fields = ON_UNITS[kind]
            given = {name: content[name] for name in fields if name in content}
            getattr(self._desk.units, kind)(*([self._desk.where] if is_here else []), **given)
        elif kind == "focus_cell":
            book.focus(str(content.get("key")))
        elif kind in ("undo", "redo"):
            getattr(book, kind)()
        else:
            return False
        return True
