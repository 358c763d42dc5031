"""The nerve conduction bench: stimulate, mark, compare and judge; measures come from analysis, limits from interpretation."""

from emgwidgets.widgets.ncs_bench.widget import NcsBench

__all__ = ["NcsBench"]
