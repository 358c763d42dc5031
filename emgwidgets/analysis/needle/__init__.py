"""Needle electromyography measured: one stretch of a trace in, named measures and trains out.  It judges no patient.

To add names: import them here from their module, one line each, and add them to ``__all__`` in alphabetical order.
"""

from __future__ import annotations

from emgwidgets.analysis.needle.decomposition import decompose
from emgwidgets.analysis.needle.edits import apply_edits, signal_of
from emgwidgets.analysis.needle.fibre_spikes import (
    fibre_density,
    find_fibre_spikes,
    find_unit_discharges,
    measure_jitter,
)
from emgwidgets.analysis.needle.interference import cloud_share_outside, find_turns, measure_interference
from emgwidgets.analysis.needle.jitter import jitter_of_intervals
from emgwidgets.analysis.needle.macro import measure_macro_potential
from emgwidgets.analysis.needle.matching import match_trains, match_units, pair_times
from emgwidgets.analysis.needle.muap import measure_muap, measure_muaps
from emgwidgets.analysis.needle.muap_by_hand import handles_of, remark_muap, summarise_muaps
from emgwidgets.analysis.needle.recruitment import measure_recruitment, read_recruitment
from emgwidgets.analysis.needle.rest import read_rest
from emgwidgets.analysis.needle.rest_grade import grade_denervation
from emgwidgets.analysis.needle.triggered import suggest_level, trigger_unit
from emgwidgets.model.needle_analysis import Edit, edits_from_json, edits_to_json

__all__ = [
    "Edit", "apply_edits", "cloud_share_outside", "decompose", "edits_from_json", "edits_to_json", "fibre_density",
    "find_fibre_spikes", "find_turns", "find_unit_discharges", "grade_denervation", "handles_of",
    "jitter_of_intervals", "match_trains", "match_units", "measure_interference", "measure_jitter",
    "measure_macro_potential", "measure_muap", "measure_muaps", "measure_recruitment", "pair_times",
    "read_recruitment", "read_rest", "remark_muap", "signal_of", "suggest_level", "summarise_muaps", "trigger_unit",
]  # fmt: skip
