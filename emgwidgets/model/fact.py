"""Facts of a case, limits, and how a fact stands against its limit, as frozen data.  It decides nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from emgwidgets.model.measure import Conditions, Marker, TraceLink, number_text
from emgwidgets.printed import printed_unit
from emgwidgets.sources import Cited

__all__ = ["Fact", "Limit", "NotApplicable", "Standing", "Value"]

#: Value of a fact: a number in its unit, a word, yes or no, or None for a response that was tested and is absent.
Value: TypeAlias = float | str | bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One thing known about a case; a fact that is not in the collection was not tested.

    Parameters
    ----------
    name : str
        ``kind.study.side.site.measure`` with the parts that apply; the grammar is in ``interpretation.facts``.
    value : float, str, bool or None
        None for a response that was tested and is absent; then ``absent`` says why.
    unit : str
        As in :data:`emgwidgets.model.measure.UNITS`; empty for words.
    study : str
        Code of the study (``"median_apb"``, ``"sural"``) or of the muscle of a needle examination.
    site : str
        ``"wrist"``, or ``"wrist-elbow"`` for a segment; empty where there is none.
    low, high : float, optional
        90 % interval of the value.
    convention : str
        How an amplitude was taken.
    absent, doubt : str
        Why the response counts as absent; why the number must not be used.  Empty where neither applies.
    place : str
        Where it stands in the case, such as ``"ncs.motor[0].responses[1]"``; a derived fact names its sources in
        ``parts`` instead.
    """

    name: str
    value: Value
    unit: str = ""
    kind: str = ""
    study: str = ""
    side: str = ""
    site: str = ""
    measure: str = ""
    low: float | None = None
    high: float | None = None
    convention: str = ""
    absent: str = ""
    doubt: str = ""
    conditions: Conditions = field(default=Conditions())
    place: str = ""
    parts: tuple[str, ...] = ()
    trace: TraceLink | None = None
    markers: tuple[Marker, ...] = ()
    is_typed: bool = False

    def __repr__(self) -> str:
        doubt = f", doubtful: {self.doubt}" if self.doubt else ""
        return f"Fact({self.name}: {self.text}{doubt})"

    @property
    def is_absent(self) -> bool:
        """Whether the response was tested and is absent."""
        return bool(self.absent)

    @property
    def number(self) -> float | None:
        """The value where it is a number; None for words, yes or no, and absent responses."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            return None
        return float(self.value)

    @property
    def text(self) -> str:
        """Value with its unit, such as ``"4.9 ms"``, ``"no response"`` or ``"reduced"``."""
        if self.is_absent:
            return "no response"
        if isinstance(self.value, bool):
            words = ("present", "no response") if self.measure == "is_present" else ("yes", "no")
            return words[0] if self.value else words[1]
        number = self.number
        if number is None:
            return str(self.value)
        return f"{number_text(number, self.low, self.high)} {printed_unit(self.unit)}".rstrip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """Limits of one measure under one norm set, for one person and the conditions it holds for.

    Parameters
    ----------
    low, high : float, optional
        Lower and upper limit, in ``unit``; None where the set gives none.
    statistic : str
        What the limits are: ``"3rd percentile"``, ``"97th percentile"``, ``"mean and 2 SD"`` ...
    mean, sd : float, optional
        Of the reference population, where the set gives them; they allow a z-score.
    strata : str
        Group of people it holds for, such as ``"40-59 years"``; empty for all.
    absent_from_years : float, optional
        Age from which an absent response may be normal.
    """

    study: str
    measure: str
    unit: str
    norm_set: str
    cited: Cited
    low: float | None = None
    high: float | None = None
    statistic: str = ""
    mean: float | None = None
    sd: float | None = None
    n: int | None = None
    convention: str = ""
    strata: str = ""
    distance_mm: float | None = None
    skin_temperature_min_degc: float | None = None
    absent_from_years: float | None = None
    population: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """The limits in words, such as ``"4.5 ms or less (aanem_2016)"``."""
        unit = printed_unit(self.unit)
        if self.low is not None and self.high is not None:
            words = f"{self.low:g} to {self.high:g} {unit}"
        elif self.low is not None:
            words = f"{self.low:g} {unit} or more"
        elif self.high is not None:
            words = f"{self.high:g} {unit} or less"
        else:
            words = f"mean {self.mean:g} {unit}" if self.mean is not None else "no limit"
        return f"{words} ({self.norm_set})"


@dataclass(frozen=True, kw_only=True, slots=True)
class NotApplicable:
    """Why no limit can be used."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One fact against its limit.

    Parameters
    ----------
    state : str
        ``"normal"``, ``"abnormal"``, ``"borderline"`` when the uncertainty of the number reaches over the limit, or
        ``"cannot_be_judged"``.
    direction : str
        ``"high"`` or ``"low"`` for what is abnormal, ``"absent"`` for an absent response; empty otherwise.
    z : float, optional
        Standard deviations from the mean, where the set gives both.
    abnormal_probability : float, optional
        Probability that the true value passes the limit, given the uncertainty of the number.
    limit_percent : float, optional
        The value in percent of the limit it is nearest to.
    """

    fact: Fact
    limit: Limit | NotApplicable
    state: Literal["normal", "abnormal", "borderline", "cannot_be_judged"]
    direction: str = ""
    z: float | None = None
    abnormal_probability: float | None = None
    limit_percent: float | None = None
    reason: str = ""
    assumed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        why = f": {self.reason}" if self.reason else ""
        return f"Standing({self.fact.name}: {self.fact.text}, {self.state.replace('_', ' ')}{why})"

    def as_row(self) -> dict[str, Value]:
        """Plain values for a table: one row for each number, with its limit and where that comes from."""
        limit = self.limit if isinstance(self.limit, Limit) else None
        return {
            "fact": self.fact.name, "study": self.fact.study, "side": self.fact.side, "site": self.fact.site,
            "measure": self.fact.measure, "value": self.fact.value, "unit": self.fact.unit, "low": self.fact.low,
            "high": self.fact.high, "lower_limit": limit.low if limit else None,
            "upper_limit": limit.high if limit else None, "norm_set": limit.norm_set if limit else "",
            "group": limit.strata if limit else "", "state": self.state, "direction": self.direction, "z": self.z,
            "abnormal_probability": self.abnormal_probability, "reason": self.reason,
            "source": limit.cited.text if limit else "",
        }  # fmt: skip

    @property
    def percentile_percent(self) -> float | None:
        """Share of healthy people with a lower number, if these are normally distributed; None without a z-score."""
        return None if self.z is None else 50.0 * math.erfc(-self.z / math.sqrt(2.0))
