"""A rule of needle EMG applied to the units or pairs of one muscle: value, limit, method of both, and what follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from emgwidgets.model.checks import check_choice, tuples

__all__ = ["NeedleRule"]


@dataclass(frozen=True, kw_only=True)
class NeedleRule:
    """One rule with its outcome.

    Parameters
    ----------
    name : str
        ``"mean"``, ``"outliers"``, ``"mean_jitter"``, ``"single_pairs"`` or ``"blocking"``.
    measure : str
        Such as ``"duration_ms"``.
    text, limit_text : str
        What was found and what it is held against, in words with units.
    verdict : str
        ``"normal"``, ``"abnormal"``, ``"borderline"`` where the 90 % interval crosses the limit, or ``"not_judged"``.
    direction : str
        ``"high"``, ``"low"`` or empty.
    norm_set : str
        Code of the limits; empty without any.
    norm_method, own_method : str
        How the limit and the value were taken; a duration holds for its method only.
    source, mark : str
        Of the limit.
    limits : tuple of str
        Why it is not judged, or what it does not say.
    """

    name: Literal["mean", "outliers", "mean_jitter", "single_pairs", "blocking"]
    measure: str
    text: str
    limit_text: str = ""
    verdict: Literal["normal", "abnormal", "borderline", "not_judged"] = "not_judged"
    direction: Literal["", "high", "low"] = ""
    norm_set: str = ""
    norm_method: str = ""
    own_method: str = ""
    source: str = ""
    mark: str = ""
    limits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_choice(self.verdict, ("normal", "abnormal", "borderline", "not_judged"), what="the verdict of a rule")
        tuples(self, "limits")
