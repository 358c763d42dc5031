"""Needle electromyography measured: one stretch of a trace in, named measures and trains out.  It judges no patient.

To add names: import them here from their module, one line each, and add them to ``__all__`` in alphabetical order.
"""

from __future__ import annotations

from emgwidgets.analysis.needle.decomposition import decompose
from emgwidgets.analysis.needle.matching import match_trains, match_units, pair_times

__all__ = ["decompose", "match_trains", "match_units", "pair_times"]
