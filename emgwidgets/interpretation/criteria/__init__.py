"""Published criteria as data, and the engine that answers them clause by clause."""

from emgwidgets.interpretation.criteria.engine import evaluate, evaluate_all, verdict_flips
from emgwidgets.interpretation.criteria.rules import Criteria, criteria, criteria_codes, criteria_set, read_criteria

__all__ = [
    "Criteria",
    "criteria",
    "criteria_codes",
    "criteria_set",
    "evaluate",
    "evaluate_all",
    "read_criteria",
    "verdict_flips",
]
