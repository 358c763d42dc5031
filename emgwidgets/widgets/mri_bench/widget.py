"""The bench for a spine MRI: its public actions and its wire format; the reader corrects, the software never picks a side."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import traitlets

from emgwidgets import vocabulary
from emgwidgets.cases.document import Case, load_case
from emgwidgets.errors import EmgError, InputError
from emgwidgets.model import case as model
from emgwidgets.model.mri import KINDS, NUMBERING, SCALES
from emgwidgets.model.mri_report import MriReport
from emgwidgets.model.volume import Plane, SpineVolume
from emgwidgets.widgets._esm import join_css, join_modules
from emgwidgets.widgets.acting import ActingWidget
from emgwidgets.widgets.given_case import given_case
from emgwidgets.widgets.mri_bench.desk import MriDesk
from emgwidgets.widgets.mri_bench.state import bench_state, volume_state
from emgwidgets.widgets.spine import spine_wire
from emgwidgets.widgets.still import with_still

__all__ = ["MriBench"]

HERE = Path(__file__).parent
SHARED = HERE.parent / "_js"
#: Words of the messages a browser may send -> method and the fields it takes.
ACTIONS = {
    "effect": ("set_effect", ("level", "zone", "side", "effect")),
    "correct": ("correct", ("index", "changes")),
    "add": ("add", ("kind", "level", "side", "zone", "size_mm")),
    "remove": ("remove", ("index",)),
    "report": ("read_report", ("text",)),
    "settle": ("settle_side", ("sentence", "side", "reason", "reader")),
    "region": ("show_region", ("region",)),
    "day": ("set_day", ("day",)),
    "label": ("place_label", ("name", "plane", "index", "column", "row")),
    "unlabel": ("remove_label", ("name",)),
    "slice": ("_send_slice", ("plane", "index", "low", "high")),
    "undo": ("undo", ()),
    "redo": ("redo", ()),
}


class MriBench(ActingWidget):
    """Levels, zones and sides of a spine MRI with the root each reaches, its report, and its volume.

    Parameters
    ----------
    case : Case or path, optional
        Its MRI findings are shown and corrected; the rest is kept.
    report : str or MriReport, optional
        Text of an English spine MRI report; its findings take the place of those of the case.
    volume : path or SpineVolume, optional
        A NIfTI file or the folder of a DICOM series; a file that cannot be shown leaves the rest usable.
    labels : path or mapping, optional
        Level labels: a label volume, or vertebra or disc level -> voxel.
    label_names : mapping or str
        What the values of a label volume stand for; see :func:`emgwidgets.io.volume.read_labels`.
    trust_sides : bool
        False for a file whose stated orientation is not to be trusted: no letters, no side.
    day : float, optional
        Day of the MRI counted from onset.
    """

    _esm = join_modules(HERE / "view.js")
    _css = join_css(SHARED / "tokens.css", SHARED / "controls.css", SHARED / "spine.css", HERE / "view.css")
    _actions = ACTIONS
    _desk: MriDesk
    _fixed = traitlets.Dict().tag(sync=True)
    _state = traitlets.Dict().tag(sync=True)
    _volume = traitlets.Dict().tag(sync=True)

    def __init__(
        self, case: model.Case | str | os.PathLike[str] | None = None, *, report: str | MriReport | None = None,
        volume: SpineVolume | str | os.PathLike[str] | None = None, labels: str | os.PathLike[str] | Mapping[str, Any] | None = None,
        label_names: Mapping[int, str] | Literal["discs", "from_below"] = "discs", trust_sides: bool = True, reader: str = "",
        day: float | None = None,
    ) -> None:  # fmt: skip
        if isinstance(case, (str, os.PathLike)):
            case = load_case(case)
        self._desk = MriDesk(case=given_case(case, what="the bench"), report=_read(report), reader=reader)
        if day is not None:
            self._desk.day = float(day)
        self._image, self._problem = _image(volume, labels, label_names, trust_sides=trust_sides)
        self._region = ""
        self._greys: tuple[float, float] | None = None
        fixed = {
            "spine": spine_wire(), "scales": {name: list(grades) for name, grades in SCALES.items()}, "numbering": list(NUMBERING),
            "kinds": list(KINDS), "levels": list(vocabulary.levels()),
            "vertebrae": list(dict.fromkeys(name for one in vocabulary.levels().values() for name in (one.upper, one.lower))),
        }  # fmt: skip
        super().__init__(_fixed=fixed)
        self._publish()
        self.on_msg(self._receive)

    # results -----------------------------------------------------------------------------------------------------
    @property
    def case(self) -> Case:
        """The case with the findings as they stand; those in an unsettled conflict of sides carry no side."""
        return replace(self._desk.case, mri=self._desk.for_case())

    @property
    def volume(self) -> SpineVolume | None:
        """The volume with its labels; None without one."""
        return self._image

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Contradictions of sides that no reader has settled, a sentence each."""
        return tuple(one.sentence for one in self._desk.conflicts())

    # actions -----------------------------------------------------------------------------------------------------
    def set_effect(self, level: str, zone: str, side: str, effect: int) -> None:
        """Set the effect on the root that a cell reaches: 0 none, 1 contact, 2 displaced, 3 compressed."""
        self._desk.set_effect(level, zone, side, int(effect))
        self._publish()

    def correct(self, index: int, changes: Mapping[str, Any]) -> None:
        """Correct fields of a finding in place, such as ``correct(1, {"side": "left"})``."""
        self._desk.correct(index, changes)
        self._publish()

    def add(self, kind: str, level: str = "", side: str = "", zone: str = "", size_mm: Any = "") -> None:
        """Add a finding by hand."""
        given: dict[str, Any] = {name: value for name, value in (("side", side), ("zone", zone)) if value}
        if size_mm not in ("", None):
            given["size_mm"] = float(size_mm)
        self._desk.add(kind, level, **given)
        self._publish()

    def remove(self, index: int) -> None:
        """Take a finding out; undo brings it back."""
        self._desk.remove(index)
        self._publish()

    def read_report(self, text: str) -> MriReport:
        """Read a report; its findings take the place of those there are."""
        found = _read(text)
        if found is None:
            raise InputError("there is no report to read", expected="the text of a spine MRI report")
        self._desk.read(found)
        self._region = ""
        self._publish()
        return found

    def settle_side(self, sentence: str, side: str, reason: str, reader: str = "") -> None:
        """Settle a contradiction of sides; ``side`` is left, right, bilateral, or ``"ask"`` to leave it open."""
        self._desk.settle(sentence, side, reason, reader)
        self._publish()

    def show_region(self, region: str) -> None:
        """Show the cervical, thoracic or lumbar levels."""
        if region not in spine_wire()["regions"]:
            raise InputError(
                "no such region of the spine", got=repr(region), expected=", ".join(spine_wire()["regions"])
            )
        self._region = region
        self._publish()

    def set_day(self, day: Any) -> None:
        """Set the day of the MRI, counted from onset; negative before it."""
        try:
            self._desk.day = None if day in ("", None) else float(day)
        except ValueError as error:
            raise InputError(
                "the day of the MRI is no number", got=repr(day)[:20], expected="days from onset, such as 6"
            ) from error
        self._desk.version += 1
        self._publish()

    def place_label(self, name: str, plane: Plane, index: int, column: int, row: int) -> None:
        """Place a level label by hand under a pixel of a slice."""
        if self._image is None:
            raise InputError("there is no volume to label", expected="a volume")
        known = {*vocabulary.levels(), *(end for one in vocabulary.levels().values() for end in (one.upper, one.lower))}
        if name not in known:
            raise InputError("no such vertebra or disc level", got=repr(name), expected="such as L5 or L4-5")
        self._image = self._image.with_label(name, self._image.voxel_at(plane, int(index), int(column), int(row)))
        self._publish()

    def remove_label(self, name: str) -> None:
        """Take a level label away."""
        if self._image is not None:
            self._image = self._image.with_label(name, None)
            self._publish()

    def to_figure(self) -> Any:
        """Return the spine with its findings and the roots they reach as a matplotlib figure."""
        from emgwidgets.figures.spine import draw_spine

        return draw_spine(self.case.mri, region=str(self._state["region"]), title=self.case.question)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and beside it a picture and words for where no kernel runs."""
        words = "; ".join(
            f"{one['level']} {one['side']} {one['words']}".strip()
            for one in self._state["findings"]
            if one["certainty"] != "negated"
        )
        return with_still(super()._repr_mimebundle_(**kwargs), f"{self!r}: {words or 'no finding'}.", self.to_figure)

    def __repr__(self) -> str:
        return (
            f"MriBench({len(self._desk.findings)} findings, {len(self.conflicts)} conflicts of sides; {self._image!r})"
        )

    # inside ------------------------------------------------------------------------------------------------------
    def _publish(self) -> None:
        with self.hold_sync():
            self._state = bench_state(self._desk, region=self._region)
            self._volume = volume_state(self._image, self._problem)

    def _send_slice(self, plane: Plane, index: int, low: float = 0.0, high: float = 1.0) -> None:
        if self._image is None:
            return
        if self._greys is None:
            self._greys = self._image.window()
        black, white = self._greys
        window = (black + low * (white - black), black + max(high, low + 0.02) * (white - black))
        found = self._image.cut(plane, int(index), window=window)
        head = {
            "type": "slice", "plane": plane, "index": found.index, "rows": found.pixels.shape[0], "columns": found.pixels.shape[1],
            "row_mm": found.row_mm, "column_mm": found.column_mm, "edges": list(found.edges),
            "places": {name: self._image.place(plane, voxel) for name, voxel in self._image.labels.items()},
            "discs": self._discs(plane),
        }  # fmt: skip
        self.send(head, [found.pixels.tobytes()])

    def _discs(self, plane: Plane) -> dict[str, Any]:
        """Each labelled disc level: its slice of the axial plane and its place on this one."""
        image = self._image
        assert image is not None
        found = {}
        for one in vocabulary.levels().values():
            voxel = image.level_voxel(one.upper, one.lower, one.code)
            if voxel is not None:
                found[one.code] = {"place": image.place(plane, voxel), "voxel": list(voxel)}
        return found


def _read(report: str | MriReport | None) -> MriReport | None:
    from emgwidgets.interpretation.correlation.mri import read_report

    if report is None or isinstance(report, MriReport):
        return report
    return read_report(report) if report.strip() else None


def _image(
    volume: SpineVolume | str | os.PathLike[str] | None, labels: str | os.PathLike[str] | Mapping[str, Any] | None,
    names: Mapping[int, str] | Literal["discs", "from_below"], *, trust_sides: bool,
) -> tuple[SpineVolume | None, str]:  # fmt: skip
    """The volume with its labels, and a sentence where one of them cannot be shown."""
    from emgwidgets.io.volume import read_labels, read_volume

    if volume is None:
        return None, ""
    try:
        found = (
            volume
            if isinstance(volume, SpineVolume)
            else read_volume(volume, knows_sides=None if trust_sides else False)
        )
    except EmgError as error:
        return None, error.sentence
    try:
        if isinstance(labels, Mapping):
            for name, voxel in labels.items():
                found = found.with_label(name, tuple(float(one) for one in voxel), by="file")  # type: ignore[arg-type]
        elif labels is not None:
            found = read_labels(found, labels, names=names)
    except EmgError as error:
        return found, error.sentence
    return found, ""
