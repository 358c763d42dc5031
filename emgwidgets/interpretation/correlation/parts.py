"""What a correlation is made of, kept together on its way through the modules of this folder.  It computes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from emgwidgets.interpretation.correlation.complaint import Complaint
from emgwidgets.interpretation.correlation.scenario import Function
from emgwidgets.interpretation.correlation.structure import Structure
from emgwidgets.interpretation.facts import Facts
from emgwidgets.model.case import Case

__all__ = ["Parts"]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Case, facts, and the three things that are held against each other."""

    case: Case
    facts: Facts
    function: Function
    structure: Structure
    complaint: Complaint
