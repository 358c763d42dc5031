"""A correlation as plain lines for the terminal and for readers of the screen.  It words nothing new."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emgwidgets.model.correlation import Cell, Correlation

__all__ = ["correlation_lines"]


def _percent(low: float, middle: float, high: float) -> str:
    return f"{min(99.0, 100 * middle):.0f} % ({100 * low:.0f} to {100 * high:.0f})"


def _cell(one: Cell) -> str:
    parts = [f"+{one.n_supports}" * bool(one.n_supports), f"-{one.n_against}" * bool(one.n_against)]
    shown = " ".join(part for part in parts if part)
    return shown or {"silent": "o", "not tested": "."}.get(one.state, "o")


def _flags(found: Correlation) -> list[str]:
    present = [one for one in found.red_flags if one.state == "present"]
    if found.urgent:
        return [found.urgent, *(f"  {text}" for one in present for text in one.found)]
    unasked = [one.words for one in found.red_flags if one.state == "not asked"]
    end = f"; not asked: {', '.join(unasked)}" if unasked else ""
    return [f"Red flags: none of {len(found.red_flags)} present{end}."]


def _board(found: Correlation) -> list[str]:
    lines = [f"{'':34}LEFT: symptoms, exam, NCS, EMG, MRI    RIGHT: the same"]
    for row in found.board:
        left = "".join(f"{_cell(one):>8}" for one in row.left)
        right = "".join(f"{_cell(one):>8}" for one in row.right)
        lines.append(f"{row.words[:33]:34}{left}   {right}")
    lines.append("+ supports, - against, o silent, . not tested")
    return lines


def correlation_lines(found: Correlation) -> list[str]:
    """Lines in the order of reading: red flags, time, adequacy, sides, row, board, words, what would settle it."""
    row = found.row
    lines = _flags(found)
    lines += [f"Time: {one.sentence}" for one in found.timing.caveats]
    lines += [f"Cannot be judged: {text}" for text in (*found.adequacy.invalid, *found.adequacy.missing)]
    lines += [f"Note: {text}" for text in found.adequacy.notes]
    lines += [f"Side: {text}" for text in found.sides.conflicts]
    lines.append("")
    lines.append(f"Row {row.number}: {row.name}, {_percent(row.low, row.probability, row.high)}")
    lines.append(f"  MRI {row.mri_class}: {row.mri_words}")
    lines.append(f"  EDX {row.edx_class}: {row.edx_words}")
    lines.append(f"  complaint {row.complaint_class}: {row.complaint_words}")
    lines += [f"  {one.text}" for one in row.reasons]
    lines += [
        f"  else row {one.number}, {one.name}: {_percent(one.low, one.probability, one.high)} {one.because}".rstrip()
        for one in row.alternatives
    ]
    lines += ["", *_board(found), ""]
    lines += [
        f"{one.words}: {one.percent:.0f} % ({one.low_percent:.0f} to {one.high_percent:.0f}), {one.basis}"
        for one in found.agreement
    ]
    lines += [f"Competing, {one.relation}: {one.words}, {_percent(one.low, one.probability, one.high)}" for one in found.competing]  # fmt: skip
    lines += ["", found.impression.to_text(), *(one.text for one in found.impression.struck)]
    lines += [f"Possible: {text}." for text in row.explanations]
    return lines
