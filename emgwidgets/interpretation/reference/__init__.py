"""Limits as data: norm sets, the limit for a person, standings, a laboratory's own limits, and what temperature would do."""

from emgwidgets.interpretation.reference.limits import ASSUMABLE, limit, limit_of_fact
from emgwidgets.interpretation.reference.needle_rules import judge_jitter, judge_units, units_beyond
from emgwidgets.interpretation.reference.norm_sets import NormRow, NormSet, norm_set, norm_sets, read_norm_set
from emgwidgets.interpretation.reference.own_norms import DerivedLimit, derive_norms, minimum_n
from emgwidgets.interpretation.reference.standings import Flip, flips, standing, strip
from emgwidgets.interpretation.reference.temperature import WhatIf, temperature_what_if

__all__ = [
    "ASSUMABLE", "DerivedLimit", "Flip", "NormRow", "NormSet", "WhatIf", "derive_norms", "flips", "judge_jitter", "judge_units", "limit", "limit_of_fact",
    "minimum_n", "norm_set", "norm_sets", "read_norm_set", "standing", "strip", "temperature_what_if",
    "units_beyond",
]  # fmt: skip
