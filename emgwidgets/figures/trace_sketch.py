"""A small picture of traces as SVG text, made in milliseconds without a drawing library: for pages where no kernel runs."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.figures.trace import CAPTION, CURSOR, GRID, INK, RAW, TRACES, WARN, ZERO, TracePicture, TraceRow

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MOST_BYTES", "MOST_ROWS", "SKETCH_COLUMNS", "sketch"]

MOST_BYTES = 45_000
"""Bytes of a sketch at most; a committed notebook holds no image above 50 kB."""
MOST_ROWS = 6
SKETCH_COLUMNS = 560
WIDTH, LEFT, RIGHT, TOP = 760, 104, 12, 44
HEIGHTS = (170, 62)  # of the first row and of each other
GAP, FOOT = 6, 44
GROUND, WELL = "#ffffff", "#fbfcfc"
FONT = "system-ui,sans-serif"


def _text(x: float, y: float, words: str, *, size: int = 11, colour: str = CAPTION, anchor: str = "start", bold: bool = False) -> str:  # fmt: skip
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{weight}>{escape(words)}</text>'


def _path(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    """Relative path through whole pixels; a value that is no number breaks the line."""
    is_number = np.isfinite(x) & np.isfinite(y)
    columns, heights = np.rint(np.where(is_number, x, 0)).astype(int), np.rint(np.where(is_number, y, 0)).astype(int)
    steps: list[str] = []
    at: tuple[int, int] | None = None
    is_down = False
    for seen, here in zip(is_number.tolist(), zip(columns.tolist(), heights.tolist(), strict=True), strict=True):
        if not seen:
            is_down = False
            continue
        if not is_down or at is None:
            steps.append(f"M{here[0]} {here[1]}")
        elif here != at:
            dx, dy = here[0] - at[0], here[1] - at[1]
            steps.append(f"v{dy}" if dx == 0 else f"h{dx}" if dy == 0 else f"l{dx} {dy}")
        at, is_down = here, True
    return "".join(steps)


def _line(picture: TracePicture, row: TraceRow, top: int, height: int, *, is_raw: bool) -> str:
    times_s, values = (row.raw_times_s, row.raw_values) if is_raw else (row.times_s, row.values)
    if times_s is None or values is None:
        return ""
    span_s = picture.end_s - picture.start_s or 1.0
    x = LEFT + (times_s - picture.start_s) / span_s * (WIDTH - LEFT - RIGHT)
    up = 1.0 if row.is_voltage else -1.0  # negative up
    pixels = min(height / 10 if height > HEIGHTS[1] else height / 4, 17.0) / row.per_division
    y = np.clip(top + height / 2 + up * (values - row.centre) * pixels, top, top + height)
    return _path(np.clip(x, LEFT, WIDTH - RIGHT), y)


def _row(picture: TracePicture, row: TraceRow, top: int, height: int, colour: str, *, has_raw: bool) -> list[str]:
    right = WIDTH - RIGHT
    parts = [f'<rect x="{LEFT}" y="{top}" width="{right - LEFT}" height="{height}" fill="{WELL}" stroke="{GRID}"/>']
    lines = "".join(f"M{LEFT + round(i / 10 * (right - LEFT))} {top}v{height}" for i in range(1, 10))
    parts.append(f'<path d="{lines}" stroke="{GRID}"/><path d="M{LEFT} {top + height // 2}H{right}" stroke="{ZERO}"/>')
    raw = _line(picture, row, top, height, is_raw=True) if has_raw else ""
    if raw:
        parts.append(f'<path d="{raw}" fill="none" stroke="{RAW}"/>')
    parts.append(f'<path d="{_line(picture, row, top, height, is_raw=False)}" fill="none" stroke="{colour}"/>')
    name = row.name if len(row.name) <= 15 else f"{row.name[:14]}\N{HORIZONTAL ELLIPSIS}"
    parts.append(_text(LEFT - 8, top + 13, name, colour=colour, anchor="end", bold=True))
    parts.append(_text(right - 4, top + 12, row.caption, anchor="end", size=10))
    return parts


def _over(picture: TracePicture, bottom: int) -> list[str]:
    span_s = picture.end_s - picture.start_s or 1.0
    parts = []
    for letter, time_s, colour in [
        *(("S", time_s, INK) for time_s in picture.stimuli_s[:50]),
        *((letter, time_s, CURSOR) for letter, time_s in picture.cursors_s),
    ]:
        x = LEFT + (time_s - picture.start_s) / span_s * (WIDTH - LEFT - RIGHT)
        parts.append(f'<path d="M{x:.0f} {TOP - 4}V{bottom}" stroke="{colour}"/>')
        parts.append(_text(x, TOP - 7, letter, colour=colour, anchor="middle", bold=True))
    for start_s, end_s, words in picture.flags[:20]:
        x0, x1 = (
            LEFT + (min(max(t, picture.start_s), picture.end_s) - picture.start_s) / span_s * (WIDTH - LEFT - RIGHT)
            for t in (start_s, end_s)
        )
        parts.append(
            f'<rect x="{x0:.0f}" y="{bottom + 1}" width="{max(x1 - x0, 2):.0f}" height="4" fill="{WARN}"><title>{escape(words)}</title></rect>'
        )
    decimals = max(0, -math.floor(math.log10(span_s / 10 * picture.factor) + 1e-9))
    for i in range(11):
        shown = round((picture.start_s + i / 10 * span_s) * picture.factor, decimals) + 0.0  # no minus before a nought
        words = f"{shown:.{decimals}f}" + (f" {picture.time_unit}" if i == 10 else "")
        anchor = "end" if i == 10 else "middle"
        parts.append(_text(LEFT + i / 10 * (WIDTH - LEFT - RIGHT), bottom + 17, words, size=10, anchor=anchor))
    return parts


def _drawn(picture: TracePicture, words: str, *, has_raw: bool) -> str:
    rows = picture.rows[:MOST_ROWS]
    tops = [TOP + (HEIGHTS[0] + GAP + (index - 1) * (HEIGHTS[1] + GAP) if index else 0) for index in range(len(rows))]
    bottom = tops[-1] + HEIGHTS[bool(len(rows) - 1)]
    height = bottom + FOOT
    head = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" font-family="{FONT}" role="img"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {head}><title>{escape(words)}</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="{GROUND}"/>',
        _text(12, 20, picture.title, size=14, colour=INK, bold=True),
    ]
    for index, (row, top) in enumerate(zip(rows, tops, strict=True)):
        parts += _row(picture, row, top, HEIGHTS[bool(index)], TRACES[index % len(TRACES)], has_raw=has_raw)
    parts += _over(picture, bottom)
    parts.append(_text(12, height - 9, f"A picture: numbers cannot change. Run the cell to move, hear and measure. {picture.caption}, voltages negative up", size=10))  # fmt: skip
    return "".join(parts) + "</svg>"


def sketch(picture: TracePicture, words: str) -> str:
    """Draw a picture as SVG text.

    Parameters
    ----------
    picture : TracePicture
        At most six rows are drawn; its caption says how many there are.
    words : str
        Text alternative: what the picture shows, with its numbers.

    Returns
    -------
    str
        At most 45 kB; raw traces are left out when they would not fit.  The same picture gives the same text.
    """
    text = _drawn(picture, words, has_raw=True)
    return text if len(text.encode()) <= MOST_BYTES else _drawn(picture, words, has_raw=False)
