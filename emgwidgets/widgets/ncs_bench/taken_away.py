"""What a doubt about the technique takes away: the numbers it spoils are not judged, and no criteria are read off them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from emgwidgets.widgets.ncs_bench.study_table import Row

__all__ = ["holds_back_criteria", "take_away"]

#: Measure of a line -> the verdict of a technique finding that takes it away.
VERDICT = {
    "onset_latency_ms": "latency", "peak_latency_ms": "latency", "velocity_m_per_s": "velocity", "amplitude_mv": "amplitude",
    "amplitude_uv": "amplitude", "amplitude_drop_percent": "block", "decrement_percent": "decrement",
}  # fmt: skip
#: A finding that takes one of these away leaves no criteria to read off the study.
HOLDS_BACK = {"block", "grading"}
JUDGED = ("normal", "abnormal", "borderline")


def _concerns(row: Row, places: Sequence[str]) -> bool:
    """Whether a finding at these sites concerns a line: a fall between two sites is a finding of both."""
    if not places:
        return True
    here = [site for site in row.sites if site in places]
    return len(here) == len(row.sites) if len(places) > 1 else bool(here)


def take_away(rows: Sequence[Row], technique: Sequence[Mapping[str, Any]]) -> None:
    """Make what a finding spoils unjudgeable, with its sentence as the reason; the numbers stay as they are.

    Parameters
    ----------
    rows : sequence of Row
        Changed in place.
    technique : sequence of mapping
        Findings with ``study``, ``side``, ``spoils`` and ``places``.
    """
    for row in rows:
        for side, one in row.sides.items():
            if one is None or one.state not in JUDGED or one.fact.is_absent:
                continue
            for finding in technique:
                if (finding["study"], finding["side"]) != (row.study, side) or VERDICT.get(
                    one.fact.measure
                ) not in finding["spoils"]:
                    continue
                if any(_concerns(row, places) for places in finding["places"]):
                    row.sides[side] = replace(one, state="cannot_be_judged", direction="", reason=str(finding["what"]))
                    break


def holds_back_criteria(technique: Sequence[Mapping[str, Any]]) -> str:
    """The first finding under which no criteria can be read off; empty where there is none."""
    return next((str(one["what"]) for one in technique if HOLDS_BACK & set(one["spoils"])), "")
