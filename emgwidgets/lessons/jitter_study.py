"""A jitter study of a virtual muscle: pairs measured from their true junctions, and a verdict under a named norm set."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.analysis.needle.jitter import jitter_of_intervals
from emgwidgets.interpretation.reference import limit
from emgwidgets.lessons.unit_sheets import muscle_of
from emgwidgets.model.case import Subject
from emgwidgets.model.signal import Side
from emgwidgets.model.verdict import Limit
from emgwidgets.simulation.muscle.junction import transmit
from emgwidgets.simulation.patient import VirtualPatient

if TYPE_CHECKING:
    from emgwidgets.model.needle_effort import JitterPair
    from emgwidgets.simulation.muscle.muscle_types import MuscleState

__all__ = ["ENOUGH_PAIRS", "NORMS", "JitterStudy", "jitter_pairs", "jitter_study"]

NORMS = "jitter_concentric_voluntary"
#: Pairs a study needs, share of pairs beyond the limit that makes it abnormal (E5, read); discharges of a pair (E5, M).
ENOUGH_PAIRS, ABNORMAL_SHARE, N_DISCHARGES = 20, 0.10, 60
#: Mean interval between discharges of slight effort and its spread, and place of the second spike; internal choices.
INTERVAL_S, INTERVAL_SD_S, SHORTEST_S, PLACES_US = 0.09, 0.012, 0.04, (200.0, 1500.0)


def jitter_pairs(state: MuscleState, n: int, seed: int) -> tuple[JitterPair, ...]:
    """Jitter of ``n`` random pairs of fibres of one muscle, each over 60 voluntary discharges."""
    rng = np.random.default_rng([seed, 25])
    owned = np.flatnonzero(state.unit >= 0)
    found = []
    for _ in range(n):
        both = rng.choice(owned, 2, replace=False)
        delay_ms, blocked = transmit(state.safety_factor[both], state.quantal_content[both], N_DISCHARGES, rng)
        interval_us = 1000.0 * (delay_ms[:, 1] - delay_ms[:, 0]) + float(rng.uniform(*PLACES_US))
        interval_us = np.where(blocked.any(axis=1), np.nan, interval_us)
        times_s = np.cumsum(np.clip(rng.normal(INTERVAL_S, INTERVAL_SD_S, N_DISCHARGES), SHORTEST_S, None))
        found.append(jitter_of_intervals(interval_us, times_s))
    return tuple(found)


@dataclass(frozen=True, kw_only=True, eq=False)
class JitterStudy:
    """Pairs of one muscle.

    Parameters
    ----------
    muscle : str
    age_years : float
        Limits may depend on it.
    pairs : tuple of JitterPair
    median_safety_ratio : float
        Truth: median safety factor of the fibres that have a nerve.
    """

    muscle: str
    age_years: float
    pairs: tuple[JitterPair, ...] = field(repr=False)
    median_safety_ratio: float

    @property
    def n(self) -> int:
        """Number of pairs."""
        return len(self.pairs)

    @cached_property
    def mean_us(self) -> float:
        """Mean jitter of the pairs that have one."""
        sizes = [one.jitter_us for one in self.pairs if one.jitter_us is not None]
        return float(np.mean(sizes)) if sizes else float("nan")

    @property
    def n_blocked(self) -> int:
        """Pairs with any blocking."""
        return sum(one.blocking_percent > 0 for one in self.pairs)

    @property
    def blocking_percent(self) -> float:
        """Share of discharges without the second spike, over all pairs."""
        return float(np.mean([one.blocking_percent for one in self.pairs]))

    def n_over(self, limit_us: float) -> int:
        """Pairs over a limit; a pair that blocks too often to be measured counts."""
        return sum(one.jitter_us is None or one.jitter_us > limit_us for one in self.pairs)

    def limits_us(self, norm_set: str = NORMS) -> tuple[float | None, float | None]:
        """Limit of the mean and of a single pair; None where the set has none for this muscle."""
        subject = Subject(age_years=self.age_years)
        names = ("mcd_us", "single_pair_mcd_us")
        found = [limit(self.muscle, name, subject=subject, norm_set=norm_set) for name in names]
        mean, pair = (one.high if isinstance(one, Limit) else None for one in found)
        return mean, pair

    def is_abnormal(self, norm_set: str = NORMS) -> bool | None:
        """Whether the mean or more than 10 % of the pairs lie over the limit; None when it cannot be judged."""
        mean_us, pair_us = self.limits_us(norm_set)
        if self.n < ENOUGH_PAIRS or (mean_us is None and pair_us is None):
            return None
        is_mean_over = mean_us is not None and self.mean_us > mean_us
        return is_mean_over or (pair_us is not None and self.n_over(pair_us) > ABNORMAL_SHARE * self.n)

    def verdict(self, norm_set: str = NORMS) -> str:
        """The verdict with its numbers."""
        found = self.is_abnormal(norm_set)
        if found is None:
            why = f"{self.n} pairs, {ENOUGH_PAIRS} needed" if self.n < ENOUGH_PAIRS else "the set has no limit here"
            return f"cannot be judged: {why}"
        mean_us, pair_us = self.limits_us(norm_set)
        parts = [f"mean {self.mean_us:.0f} µs, limit {mean_us:.1f}"] if mean_us is not None else []
        parts += [f"{self.n_over(pair_us)} of {self.n} pairs over {pair_us:.1f} µs"] if pair_us is not None else []
        return f"{'abnormal' if found else 'within limits'}: {'; '.join(parts)}"


def jitter_study(
    patient: VirtualPatient, muscle: str, side: Side, *, n: int = ENOUGH_PAIRS, seed: int = 0
) -> JitterStudy:
    """Take ``n`` pairs of fibres of a muscle at slight effort.

    Parameters
    ----------
    patient : VirtualPatient
    muscle : str
        Code of the vocabulary.
    side : {"left", "right"}
    n, seed : int

    Returns
    -------
    JitterStudy

    Raises
    ------
    InputError
        If there is no such muscle.
    """
    state = muscle_of(patient, muscle, side)
    safety = float(np.median(np.asarray(state.safety_factor)[state.unit >= 0]))
    return JitterStudy(
        muscle=muscle, age_years=patient.age_years, pairs=jitter_pairs(state, n, seed), median_safety_ratio=safety
    )
