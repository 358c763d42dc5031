"""Public names of the MRI side: ``emg.mri.read_report`` and what goes with it; it holds nothing of its own."""

from __future__ import annotations

from emgwidgets.interpretation.correlation.mri_findings import entry, findings_from_labels, severity_index
from emgwidgets.interpretation.correlation.prevalence import findings_with_prevalence, prevalence
from emgwidgets.interpretation.correlation.report.reader import MriReport, read_report
from emgwidgets.interpretation.correlation.root_map import disc_level, fits, roots_for, roots_of

__all__ = [
    "MriReport", "disc_level", "entry", "findings_from_labels", "findings_with_prevalence", "fits", "prevalence",
    "read_report", "roots_for", "roots_of", "severity_index",
]  # fmt: skip
