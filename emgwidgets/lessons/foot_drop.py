"""Four places a foot drop can come from, and how far a study separates them: shares of the posterior, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping

from emgwidgets.lessons import study_plan
from emgwidgets.lessons.study_plan import Separation, cost_of, only, with_needle
from emgwidgets.model.case import Case
from emgwidgets.model.signal import Side

__all__ = ["SITES", "Separation", "cost_of", "only", "separation", "with_needle"]

#: Site as localisation names it, and in words.
SITES: Mapping[str, str] = {
    "common_fibular_head": "the fibular head", "root_l5": "the L5 root", "sciatic": "the sciatic nerve",
    "sacral_plexus": "the plexus",
}  # fmt: skip
#: Share among the four from which a site counts as named (curriculum, section 6; internal choice).
NAMED = 0.8


def separation(case: Case, *, side: Side) -> Separation:
    """How far a case separates fibular head, L5 root, sciatic nerve and plexus of one side."""
    return study_plan.separation(case, SITES, side=side)
