"""The bench for a spine MRI: report, levels and roots, volume."""

from emgwidgets.widgets.mri_bench.widget import MriBench

__all__ = ["MriBench"]
