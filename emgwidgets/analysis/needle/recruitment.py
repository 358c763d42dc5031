"""Recruitment from the trains of single units: rates, the moment the second unit joins, ratio, and a word for the pattern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.checks import check_choice
from emgwidgets.model.needle_effort import EFFORTS, RecruitmentMeasures, RecruitmentReading

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["measure_recruitment", "read_recruitment"]

DOUBLET_S = 0.012  # internal choice: above the 2-10 ms of a doublet (science 1.7, P)
PAUSE_FACTOR = 2.0  # needle.md 2.1: gaps beyond twice the median are left out [M]
AROUND_S = 0.6  # internal choice: about five intervals of the first unit when the second joins
LATE_S = 0.3  # internal choice: a unit that starts later than this after the first one joins it
MIN_INTERVALS = 3  # internal choice: fewer give no rate
TOGETHER_S = 2.5  # internal choice: units active within this time are active together


def _intervals(times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intervals of steady firing: no doublets, no pauses."""
    gaps = np.diff(times_s)
    gaps = gaps[gaps > DOUBLET_S]
    return gaps[gaps <= PAUSE_FACTOR * np.median(gaps)] if len(gaps) else gaps


def measure_recruitment(trains_s: Sequence[NDArray[np.float64]]) -> RecruitmentMeasures:
    """Measure rates and the order of recruitment.

    Parameters
    ----------
    trains_s : sequence of ndarray
        Discharge times of each unit at one place of the needle, on one clock, over a contraction whose force rises
        from nothing.

    Returns
    -------
    RecruitmentMeasures

    Raises
    ------
    InputError
        If no train has two discharges or a train is not in order.

    Notes
    -----
    Onset and recruitment interval: PET [V].  Doublets and pauses beyond twice the median are left out [M].
    """
    trains = [np.asarray(train, dtype=np.float64) for train in trains_s]
    if any((np.diff(train) < 0).any() or not np.isfinite(train).all() for train in trains):
        raise InputError("the times of a train must rise", way_out="sort each train")
    trains = sorted((train for train in trains if len(train) > 1), key=lambda train: float(train[0]))
    if not trains:
        raise InputError(
            "recruitment needs the train of a unit", got="none with two discharges", expected="one or more"
        )
    gaps = [_intervals(train) for train in trains]
    limits = []
    rates = [1.0 / float(np.median(g)) if len(g) >= MIN_INTERVALS else float("nan") for g in gaps]
    spread = [100.0 * float(g.std() / g.mean()) if len(g) >= MIN_INTERVALS else float("nan") for g in gaps]
    few = sum(len(g) < MIN_INTERVALS for g in gaps)
    if few:
        limits.append(f"{few} of {len(trains)} trains have too few intervals for a rate.")
    ends_s = max(float(train[-1]) for train in trains)
    late = [_intervals(train[train > ends_s - TOGETHER_S]) for train in trains]
    last = [1.0 / float(np.median(g)) for g in late if len(g) >= MIN_INTERVALS]
    n_units = max(len(last), 1)
    fastest = max(last or [rate for rate in rates if np.isfinite(rate)], default=None)
    first_gaps = gaps[0][:MIN_INTERVALS]
    joins = [train for train in trains[1:] if train[0] - trains[0][0] > LATE_S]
    recruited = _rate_around(trains[0], float(joins[0][0])) if joins else None
    if not joins:
        limits.append("No second unit joins the first, so there is no recruitment frequency.")
    return RecruitmentMeasures(
        n_units=n_units, onset_frequency_hz=1.0 / float(first_gaps.mean()) if len(first_gaps) else None,
        recruitment_frequency_hz=recruited, fastest_rate_hz=fastest,
        recruitment_ratio=fastest / n_units if fastest is not None else None, rates_hz=tuple(rates),
        interval_cv_percent=tuple(spread), limits=tuple(limits),
    )  # fmt: skip


def _rate_around(train_s: NDArray[np.float64], at_s: float) -> float | None:
    near = _intervals(train_s[np.abs(train_s - at_s) < AROUND_S])
    return 1.0 / float(np.median(near)) if len(near) >= 2 else None


#: Limits, each with its source: needle.md section 3.
FAST_HZ = 15.0  # RFR [V]: above 15 Hz at low to moderate effort beyond the 97th percentile
MILD_FAST_HZ = 12.0  # RFR [V]: above 12 Hz may be a mild reduction in some muscles
SLOW_HZ = 10.0  # needle.md section 3 [M]: poor activation is few units below 10 per second
RATIO_REDUCED, RATIO_EARLY = 8.0, 4.0  # needle.md section 3 [M]
FAST_MARKED_HZ = 25.0  # internal choice (P): one unit faster than any of low effort
JOIN_HZ = {"limb": 11.1 + 3.0, "face": 25.0 + 12.0}  # PET [V] interval 90 (19) and 40 (16) ms, one SD shorter
FEW, MANY = 3, 5  # internal choice (P): a few units can be counted on the screen; early recruitment shows more


def read_recruitment(
    found: RecruitmentMeasures, *, effort: str = "not_stated", region: Literal["limb", "face"] = "limb"
) -> RecruitmentReading:
    """Put a word to the pattern, or say why none can be given.

    Parameters
    ----------
    found : RecruitmentMeasures
    effort : {"slight", "moderate", "full", "not_stated"}
        What the patient was asked for and, as the examiner judges, tried.  Without it poor activation and early
        recruitment cannot be told from slight effort.
    region : {"limb", "face"}
        Facial units start and join faster.

    Returns
    -------
    RecruitmentReading
        ``"poor_activation"`` (few, slow units: central weakness, pain, poor effort) is kept apart from
        ``"reduced"`` (few, fast units: units are missing or cannot be reached).

    Raises
    ------
    InputError
        If effort or region are unknown.
    """
    check_choice(effort, EFFORTS, what="the effort")
    check_choice(region, tuple(JOIN_HZ), what="the region")
    rate, n, ratio = found.fastest_rate_hz, found.n_units, found.recruitment_ratio
    if rate is None or ratio is None:
        return RecruitmentReading(
            pattern="cannot_tell", degree=None, evidence=(), rules=(), reason="No unit has a rate."
        )
    joined = found.recruitment_frequency_hz
    fast_hz = FAST_HZ if region == "limb" else JOIN_HZ["face"]
    said = [f"{n} units, fastest {rate:.1f}/s, ratio {ratio:.1f}"]
    if joined is not None:
        said.append(f"second unit joined at {joined:.1f}/s")
    if n <= FEW and (rate > fast_hz or (joined is not None and joined > JOIN_HZ[region] and rate > MILD_FAST_HZ)):
        rules: tuple[str, ...] = (
            f"fastest unit above {fast_hz:g}/s (RFR)",
            f"ratio above {RATIO_REDUCED:g} (unverified)",
        )
        marked = n == 1 and rate > FAST_MARKED_HZ
        degree: Literal["mild", "moderate", "marked"] = (
            "marked" if marked else "moderate" if ratio > RATIO_REDUCED else "mild"
        )
        return RecruitmentReading(pattern="reduced", degree=degree, evidence=tuple(said), rules=rules)
    if rate < SLOW_HZ and (effort == "full" or (n <= FEW and effort == "moderate")):
        rules = (f"units below {SLOW_HZ:g}/s although more effort was asked for (unverified)",)
        return RecruitmentReading(pattern="poor_activation", degree=None, evidence=tuple(said), rules=rules)
    if n > MANY and ratio < RATIO_EARLY:
        if effort == "slight":
            rules = (f"ratio below {RATIO_EARLY:g} at slight effort (unverified)",)
            return RecruitmentReading(pattern="early", degree=None, evidence=tuple(said), rules=rules)
        reason = (
            "Many units at a low ratio: early if the force was slight, normal if it was not; the force is not known."
        )
        return (
            RecruitmentReading(pattern="cannot_tell", degree=None, evidence=tuple(said), rules=(), reason=reason)
            if effort == "not_stated"
            else RecruitmentReading(pattern="normal", degree=None, evidence=tuple(said), rules=())
        )
    if n <= FEW and rate < SLOW_HZ and effort == "not_stated":
        reason = "Few slow units: slight effort or poor activation; the effort is not stated."
        return RecruitmentReading(pattern="cannot_tell", degree=None, evidence=tuple(said), rules=(), reason=reason)
    rules = (f"fastest unit up to {fast_hz:g}/s with others beside it (RFR)",)
    return RecruitmentReading(pattern="normal", degree=None, evidence=tuple(said), rules=rules)
