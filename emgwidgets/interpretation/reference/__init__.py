"""Limits as data: norm sets, the limit for a person, standings, a laboratory's own limits, and what temperature would do."""

from emgwidgets.interpretation.reference.limits import ASSUMABLE, limit, limit_of_fact
from emgwidgets.interpretation.reference.norm_sets import NormRow, NormSet, norm_set, norm_sets, read_norm_set
from emgwidgets.interpretation.reference.standings import Flip, flips, standing, strip

__all__ = [
    "ASSUMABLE", "Flip", "NormRow", "NormSet", "flips", "limit", "limit_of_fact", "norm_set", "norm_sets", "read_norm_set",
    "standing", "strip",
]  # fmt: skip
