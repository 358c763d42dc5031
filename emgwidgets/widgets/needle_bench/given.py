"""A decomposition made elsewhere, shown on the needle bench to be checked and edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from emgwidgets.model.needle_analysis import DecompositionResult
    from emgwidgets.widgets.needle_bench.widget import NeedleBench

__all__ = ["show_decomposition"]


def show_decomposition(bench: NeedleBench, result: DecompositionResult) -> None:
    """Put a decomposition of the stretch under the sweep in the place of the automatic one; a reader's edits begin with it.

    Raises
    ------
    InputError
        If nothing finished is under the sweep, or the times of the result are not within it.
    """
    stretch = bench.desk.stretch
    if stretch is None or stretch.is_growing:
        raise InputError("there is no finished stretch to show it with", way_out="record with set_effort first")
    end_s = result.start_s + result.duration_s
    if not stretch.start_s - 1e-6 <= result.start_s <= end_s <= stretch.end_s + 1e-3:
        raise InputError(
            "the decomposition is of another stretch", got=f"{result.start_s:.3f} to {end_s:.3f} s",
            expected=f"a part of {stretch.start_s:.3f} to {stretch.end_s:.3f} s",
        )  # fmt: skip
    bench.desk.decompose.begin_with(stretch, bench.desk.filters, result)
    bench.set_mode("decompose")
