"""The needle bench: place the needle, listen, name, score and prove; measures come from analysis, drawing is in JavaScript."""

from emgwidgets.widgets.needle_bench.given import show_decomposition
from emgwidgets.widgets.needle_bench.widget import NeedleBench

__all__ = ["NeedleBench", "show_decomposition"]
