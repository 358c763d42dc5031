"""The axons of one nerve to one target in a healthy subject: a pure function of subject, study, side and seed."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Side
from emgwidgets.simulation.nerve.anomaly_ways import other_way
from emgwidgets.simulation.nerve.nerve_parameters import value
from emgwidgets.simulation.nerve.pathway import NervePath, Route, Study, path_to_study, study
from emgwidgets.simulation.nerve.stimulation import log_size_threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.lesion import Anomaly

__all__ = ["AxonPopulation", "Subject", "axon_population", "generator", "temperature_speed_factor"]

#: Standardised velocities of 200 motor axons (Nodera and Matsui 2021, normal table: mean 49.9, SD 4.2 m/s).
_SPEEDS = (63, 61, 59, 57, 55, 53, 51, 49, 47, 45, 43, 41, 39, 37)
_COUNTS = (1, 2, 2, 6, 18, 30, 42, 39, 27, 17, 9, 4, 2, 1)
#: Depth classes of motor units under the electrode.
N_DEPTHS = 6


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Who is examined.

    Parameters
    ----------
    age_years, height_cm : float
    sex : {"female", "male"}
    seed : int
        The same seed gives the same person.
    """

    age_years: float = 45.0
    height_cm: float = 170.0
    sex: Literal["female", "male"] = "female"
    seed: int = 0

    def __post_init__(self) -> None:
        if not 18 <= self.age_years <= 100:
            raise InputError("the age cannot be used", got=f"{self.age_years} years", expected="18 to 100 years")
        if not 130 <= self.height_cm <= 215:
            raise InputError("the height cannot be used", got=f"{self.height_cm} cm", expected="130 to 215 cm")
        if self.sex not in ("female", "male"):
            raise InputError("the sex cannot be used", got=repr(self.sex), expected="female or male")
        if self.seed < 0:
            raise InputError("the seed cannot be used", got=f"{self.seed}", expected="a whole number from 0")


def generator(seed: int, *words: object) -> np.random.Generator:
    """Random numbers that depend only on the seed and the words."""
    key = zlib.crc32("|".join(str(word) for word in words).encode())
    return np.random.default_rng(np.random.SeedSequence([seed, key]))


def temperature_speed_factor(temperature_degc: float) -> float:
    """Conduction velocity relative to 34 C: Q10 of 1.4."""
    return float(value("velocity_q10") ** ((temperature_degc - value("reference_temperature")) / 10.0))


@dataclass(frozen=True, kw_only=True, eq=False)
class AxonPopulation:
    """Axons of one target at 34 C; arrays have shape ``(n_axons,)``.

    Parameters
    ----------
    velocity_m_per_s : ndarray
        In the distal main stretch (forearm, leg).
    size : ndarray
        Motor: fibres of the unit relative to the mean.  Sensory: relative size of its potential.
    excitability : ndarray
        Threshold relative to the median axon.
    route : ndarray of int
        Row of ``routes``.
    depth_class : ndarray of int
    terminal_ms : ndarray
        From the end of the main stretch to the response: thin branches and junction.
    amplitude_uv, fast_velocity_m_per_s : float
        Healthy response at the standard site, baseline to negative peak, and velocity its onset shows.
    """

    study: Study
    side: Side
    path: NervePath
    routes: tuple[Route, ...]
    velocity_m_per_s: NDArray[np.float64] = field(repr=False)
    size: NDArray[np.float64] = field(repr=False)
    excitability: NDArray[np.float64] = field(repr=False)
    route: NDArray[np.intp] = field(repr=False)
    depth_class: NDArray[np.intp] = field(repr=False)
    terminal_ms: NDArray[np.float64] = field(repr=False)
    rank: NDArray[np.float64] = field(repr=False)
    amplitude_uv: float
    fast_velocity_m_per_s: float

    @property
    def proximal_velocity_m_per_s(self) -> NDArray[np.float64]:
        """Velocity above elbow or knee: a little faster, and less spread between axons."""
        main = self.fast_velocity_m_per_s
        # Sensory axons keep their spread: the potential shrinks all the way to the axilla (target 10).
        ratio = value("proximal_spread_ratio") if self.study.kind == "motor" else 1.0
        relative = 1 + ratio * (self.velocity_m_per_s / main - 1)
        faster: NDArray[np.float64] = main * (1 + value("proximal_velocity_gain")) * relative
        return faster

    @property
    def n_axons(self) -> int:
        """Number of axons."""
        return len(self.velocity_m_per_s)


def _standard_speeds(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw ``n`` velocities with mean 0 and SD 1 in the shape of the published histogram, in random order."""
    speeds = np.repeat(_SPEEDS, _COUNTS).astype(np.float64)[::-1]
    standard = (speeds - speeds.mean()) / speeds.std()
    grid = (np.arange(len(standard)) + 0.5) / len(standard)
    at = (np.arange(n) + rng.uniform(0.1, 0.9, n)) / n
    smooth = np.interp(at, grid, standard + np.linspace(-0.2, 0.2, len(standard)))
    return np.asarray(rng.permutation(smooth), dtype=np.float64)


def _drawn(mean: float, sd: float, rng: np.random.Generator) -> float:
    return float(mean + sd * np.clip(rng.standard_normal(), -2.6, 2.6))


def _drawn_amplitude(mean: float, sd: float, rng: np.random.Generator) -> float:
    spread = math.sqrt(math.log(1 + (sd / mean) ** 2))
    return float(mean * math.exp(spread * np.clip(rng.standard_normal(), -2.6, 2.6) - spread**2 / 2))


def _main_velocity(subject: Subject, one: Study, side: Side) -> float:
    row = one.data
    mean, sd = row["velocity"]
    # Half of the variance is shared by the nerves of one person and a twentieth is between sides (P; tuned on target 16).
    shared = generator(subject.seed, "velocity").standard_normal()
    own = generator(subject.seed, "velocity", row["nerve"]).standard_normal()
    sided = generator(subject.seed, "velocity", one.key, side).standard_normal()
    z = np.clip(math.sqrt(0.5) * shared + math.sqrt(0.45) * own + math.sqrt(0.05) * sided, -2.4, 2.4)
    age = (subject.age_years - 45.0) * row.get("velocity_per_year", -0.06)
    height = (subject.height_cm - 170.0) * row.get("velocity_per_cm", 0.0)
    return float(max(mean + 0.85 * sd * z + age + height, 25.0))


def _amplitude_uv(subject: Subject, one: Study, side: Side) -> float:
    row = one.data
    mean, sd = row["amplitude"]
    rng = generator(subject.seed, "amplitude", one.key)
    sided = generator(subject.seed, "amplitude", one.key, side)
    ageing = math.exp(row["amplitude_per_year"] * (subject.age_years - 45.0))
    unit = 1000.0 if one.kind == "motor" else 1.0
    return float(_drawn_amplitude(mean, 0.92 * sd, rng) * ageing * math.exp(0.12 * sided.standard_normal()) * unit)


def _n_units(subject: Subject, one: Study, rng: np.random.Generator) -> int:
    mean, sd = one.data["units"]
    lost = value("units_lost_by_71_years") * min(max(subject.age_years - 40.0, 0.0) / 31.0, 1.5)
    return max(round(_drawn(mean, sd, rng) * (1 - lost)), 20)


@lru_cache(maxsize=256)
def axon_population(subject: Subject, key: str, side: Side, anomalies: tuple[Anomaly, ...] = ()) -> AxonPopulation:
    """Axons of one study on one side.

    Raises
    ------
    InputError
        If there is no such study or side.
    """
    if side not in ("left", "right"):
        raise InputError("the side cannot be used", got=repr(side), expected="left or right")
    one = study(key)
    rng = generator(subject.seed, "axons", key, side)
    motor = one.kind == "motor"
    n = _n_units(subject, one, rng) if motor else int(one.data["axons"])
    main = _main_velocity(subject, one, side)
    spread = value("motor_velocity_spread" if motor else "sensory_velocity_spread")
    speeds = _standard_speeds(n, rng)
    velocity = main * (1 + spread * (speeds - value("fast_quantile_sd")))
    rho = value("size_velocity_correlation")
    rank = rho * speeds + math.sqrt(1 - rho**2) * rng.standard_normal(n)
    if motor:
        order = np.argsort(np.argsort(rank)) / max(n - 1, 1)
        size = np.exp(math.log(value("unit_size_range")) * order)
    else:
        size = (velocity / velocity.mean()) ** value("sensory_amplitude_power")
    routes, route = _routes(one, subject, side, anomalies, n=n, rng=rng)
    return AxonPopulation(
        study=one, side=side, path=path_to_study(one, subject.height_cm), routes=routes, route=route,
        velocity_m_per_s=velocity, size=size / size.mean(), excitability=log_size_threshold(n, rank, rng), rank=rank,
        depth_class=rng.integers(0, N_DEPTHS, n), terminal_ms=_terminal_ms(subject, one, main, n, rng),
        amplitude_uv=_amplitude_uv(subject, one, side), fast_velocity_m_per_s=main,
    )  # fmt: skip


def _terminal_ms(subject: Subject, one: Study, main: float, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    if one.kind == "sensory":
        return np.zeros(n)
    mean, sd = one.data["distal_latency"]
    latency = _drawn(mean, 0.9 * sd, generator(subject.seed, "terminal", one.key))
    rest = latency - value("activation_delay") - 10.0 * one.data["distal_cm"] / main
    # Branches of different length: 0.15 ms between units (P).  The visible onset follows the first arrival by about as
    # much as the rise of a unit's potential to 1 % of the response takes: 0.15 ms (D).
    return np.asarray(max(rest, 0.6) + 0.15 * np.clip(rng.standard_normal(n), -2, 2) - 0.15, dtype=np.float64)


def _routes(
    one: Study, subject: Subject, side: Side, anomalies: tuple[Anomaly, ...], *, n: int, rng: np.random.Generator
) -> tuple[tuple[Route, ...], NDArray[np.intp]]:
    path = path_to_study(one, subject.height_cm)
    routes = list(path.routes)
    weights = np.array([route.weight for route in routes])
    # Exact shares by root in random order: the editorial weights 3/2/1 are read as shares (P).
    quota = np.floor(np.cumsum(weights / weights.sum()) * n + 0.5).astype(int)
    row = rng.permutation(np.searchsorted(quota, np.arange(n), side="right"))
    for anomaly in anomalies:
        if anomaly.side not in (None, side):
            continue
        chosen = np.zeros(n, dtype=bool)
        chosen[rng.permutation(n)[: round(anomaly.share * n)]] = True
        for old in range(len(routes)):
            here = chosen & (row == old)
            other = other_way(one, routes[old], anomaly.kind, subject.height_cm) if here.any() else None
            if other is not None:
                routes.append(other)
                row[here] = len(routes) - 1
    return tuple(routes), row.astype(np.intp)
