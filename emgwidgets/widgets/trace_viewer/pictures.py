"""The picture of what a viewer shows or has selected, for figures, files and pages without a kernel."""

from __future__ import annotations

from typing import Any

import numpy as np

from emgwidgets.figures.trace import TracePicture, TraceRow
from emgwidgets.figures.trace_sketch import MOST_ROWS, SKETCH_COLUMNS, sketch
from emgwidgets.widgets.trace_viewer.selection import PICTURE_COLUMNS, picture_of, row_of

__all__ = ["PICTURE_ROWS", "fallback", "make_picture"]

PICTURE_ROWS = 16  # internal choice: more rows than this are not legible on a page
SKETCH_SWEEPS = 24
MICRO = "\N{MICRO SIGN}"


def _groups(viewer: Any) -> list[tuple[str, list[int]]]:
    """Rows of a picture as (name, channels): the selected one first; sweeps of one place share a row."""
    shown = viewer.shown
    order = sorted(shown, key=lambda index: index != viewer.channel)
    sweeps = viewer._info.get("sweeps")
    if not sweeps:
        return [("", [index]) for index in order]
    rows: dict[int, list[int]] = {}
    for index in order:
        rows.setdefault(sweeps["items"][index]["group"], []).append(index)
    return [(sweeps["groups"][group]["name"], members) for group, members in rows.items()]


def make_picture(viewer: Any, *, is_quick: bool = False, stretch_s: tuple[float, float] | None = None) -> TracePicture:  # fmt: skip
    """Return the picture of a stretch, by default the selected one; at most sixteen rows, the others are counted.

    ``is_quick`` draws what is there at once and coarser.
    """
    views = viewer._opened().views
    info = viewer._info
    start_s, end_s = stretch_s or viewer.selection_s
    groups = _groups(viewer)
    most = MOST_ROWS if is_quick else PICTURE_ROWS
    rows: list[TraceRow] = []
    for name, members in groups[:most]:
        head, beneath = members[0], members[1:]
        n_columns = PICTURE_COLUMNS
        if is_quick:
            beneath = beneath[:: max(len(beneath) // SKETCH_SWEEPS, 1)]
            n_columns = SKETCH_COLUMNS // (1 + len(beneath) // 4)
        rows.append(
            row_of(
                views[head], start_s, end_s, per_division=viewer.sensitivities[head], centre=info["channels"][head]["centre"],
                n_columns=n_columns, is_quick=is_quick, beneath=[views[index] for index in beneath], name=name,
            )
        )  # fmt: skip
    n, what = len(viewer.shown), "sweep" if info["sweeps"] else "channel"
    words = f"{n} {what}{'s' * (n != 1)}"
    if len(groups) > most:
        words = f"first {most} of {words}"
    return picture_of(
        info["title"], start_s, end_s, per_division_s=viewer.time_base_s, rows=tuple(rows), words=words,
        is_sweeps=bool(info["sweeps"]), stimuli_s=info["stimuli_s"], cursors_s=viewer.cursors_s, marks=viewer._marks["items"],
        flags=[] if is_quick else viewer._flags,
    )  # fmt: skip


def _in_words(viewer: Any, picture: TracePicture) -> str:
    row = picture.rows[0]
    seen = row.values[np.isfinite(row.values)]
    unit = f"{MICRO}V" if row.is_voltage else row.unit
    factor = picture.factor
    size = f", between {seen.min():.4g} and {seen.max():.4g} {unit}" if len(seen) else ", no sample"
    return (
        f"{row.name}, {picture.start_s * factor:.4g} to {picture.end_s * factor:.4g} {picture.time_unit}{size}; "
        f"{picture.per_division_s * 1000:g} ms/div, {row.per_division:g} {unit}/div; {len(viewer._marks['items'])} marks in all."
    )


def fallback(viewer: Any) -> dict[str, str]:
    """Return what a page shows where no kernel runs, as data of a cell's output.

    It is one sentence, and a small picture of the visible window with that sentence as its text alternative.

    Flags are left out, since they are found while the page is shown and the same cell shall give the same picture.
    """
    if not viewer._info["channels"]:
        return {"text/plain": repr(viewer)}
    picture = make_picture(viewer, is_quick=True, stretch_s=(viewer.window_s[0], viewer.window_s[1]))
    words = _in_words(viewer, picture)
    return {"text/plain": f"{viewer!r}: {words}", "image/svg+xml": sketch(picture, words)}
