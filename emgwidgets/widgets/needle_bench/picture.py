"""The needle bench on paper and where no kernel runs: the stretch as a picture, the grid as a frame, the bench in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.figures.trace import TracePicture, TraceRow
from emgwidgets.widgets.needle_bench.desk import NeedleDesk
from emgwidgets.widgets.needle_bench.rest_desk import words_of
from emgwidgets.widgets.needle_bench.scores import MuscleScore, columns

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["picture_of", "said", "table_frame"]

SHOWN_S = 1.0  # as much as one sweep at the usual 100 ms a division
PER_DIVISION_UV = 50.0


def picture_of(desk: NeedleDesk, *, n_columns: int | None = None) -> TracePicture:
    """The shaded stretch with a little around it, or the beginning of the stretch under the sweep.

    Parameters
    ----------
    n_columns : int, optional
        Draw so many columns from smallest to largest sample instead of every sample.

    Raises
    ------
    InputError
        If the needle was nowhere yet.
    """
    stretch, reading = desk.stretch, desk.reading
    if reading is not None:
        stretch = desk.stretch_of(reading.stretch)
    if stretch is None:
        raise InputError("there is nothing to draw", expected="a stretch", way_out="put the needle in first")
    start = stretch.loop_s or stretch.start_s if reading is None else reading.start_s - 0.1
    end = start + SHOWN_S if reading is None else reading.end_s + 0.1
    trace = stretch.trace(desk.filters, max(start, stretch.start_s), min(end, stretch.end_s))
    times = trace.start_s + np.arange(len(trace.samples_uv)) / trace.sampling_rate_hz
    peak = float(np.abs(trace.samples_uv).max(initial=0.0))
    division = PER_DIVISION_UV * max(1.0, 2.0 ** np.ceil(np.log2(max(peak / (4 * PER_DIVISION_UV), 1.0))))
    values = trace.samples_uv
    if n_columns is not None and len(values) > 2 * n_columns:
        times, values = _columns(times, values, n_columns)
    row = TraceRow(
        name="needle", caption=f"{desk.filters.high_pass_hz:g} Hz - {desk.filters.low_pass_hz / 1000:g} kHz", unit="uV",
        per_division=division, centre=0.0, is_voltage=True, times_s=times, values=values,
    )  # fmt: skip
    marks = (
        () if reading is None else ((reading.start_s, reading.end_s, words_of(reading.proposed) or "not read", False),)
    )
    named = tuple(
        (one.start_s, one.end_s, words_of(one.code), True) for one in desk.book.named if one.stretch == stretch.number
    )
    name = vocabulary.muscle(stretch.muscle).name
    return TracePicture(
        title=f"{stretch.side.capitalize()} {name[:1].lower()}{name[1:]}, {stretch.effort}, insertion {stretch.insertion}",
        caption=f"{desk.source.title}; {desk.source.electrode}", start_s=float(times[0]), end_s=float(times[-1]),
        per_division_s=float(times[-1] - times[0]) / 10.0, rows=(row,), marks=named or marks,
    )  # fmt: skip


def _columns(
    times_s: NDArray[np.float64], values: NDArray[np.float64], n: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Smallest and largest value of each of n columns, as a zigzag."""
    size = len(values) // n
    folded = values[: n * size].reshape(n, size)
    both = np.column_stack([folded.min(axis=1), folded.max(axis=1)]).ravel()
    return np.repeat(times_s[: n * size : size], 2), both


def said(desk: NeedleDesk) -> str:
    """The bench in a sentence: muscle, insertion, what was read, what was scored."""
    parts = [f"{desk.side} {vocabulary.muscle(desk.muscle).name}, insertion {desk.n_insertions}, {desk.effort}"]
    if desk.reading is not None:
        parts.append(desk.reading.sentence or f"shaded stretch read as {words_of(desk.reading.proposed)}")
    for (muscle, side), score in desk.book.scores.items():
        cells = ", ".join(
            f"{one.key.replace('_', ' ')} {score.text(one.key)}" for one in columns() if score.text(one.key) != "·"
        )
        parts.append(f"{side} {vocabulary.muscle(muscle).name}: {cells}, {score.n_clips} clips")
    return "; ".join(parts) + "."


def table_frame(desk: NeedleDesk) -> pd.DataFrame:
    """The grid as a frame; a dot is not tested."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for (muscle, side), score in desk.book.scores.items():
        rows.append({"muscle": vocabulary.muscle(muscle).name, "side": side, **_cells(score), "clips": score.n_clips})
    names = ["muscle", "side", *(one.key for one in columns()), "clips"]
    return pd.DataFrame(rows, columns=names)


def _cells(score: MuscleScore) -> dict[str, str]:
    return {one.key: score.text(one.key) for one in columns()}
