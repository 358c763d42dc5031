"""Diseases as functions from one muscle state to another: axons, fibres, junctions, membranes. No signals here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.muscle._layout import velocity_m_per_s
from emgwidgets.simulation.muscle.muscle_types import UnitFates
from emgwidgets.simulation.muscle.parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.muscle.muscle_types import MuscleState

__all__ = [
    "axon_lesion", "check_units", "fates_of_cut", "junction_disease", "random_units", "with_membrane",
    "with_temperature",
]  # fmt: skip

#: Relative diameter of a fibre without nerve: tuned so that fibrillations fall as in Kraft 1990 (V) in this conductor, where
#: amplitude grows as d^1.1 and not, as science 1.8 takes it, as d^1.8.
ATROPHY_DAYS, ATROPHY_SIZE = (0.0, 30.0, 105.0, 165.0, 365.0, 1500.0), (1.0, 1.0, 0.85, 0.55, 0.2, 0.18)


def random_units(state: MuscleState, share: float) -> tuple[int, ...]:
    """Choose a share of the units at random; a larger share holds all units of a smaller one."""
    order = np.random.default_rng([state.seed, 2]).permutation(state.n_units)
    return tuple(int(u) for u in np.sort(order[: round(share * state.n_units)]))


def check_units(state: MuscleState, units: tuple[int, ...]) -> None:
    """Refuse units that do not exist."""
    wrong = [u for u in units if not 0 <= u < state.n_units]
    if wrong:
        raise InputError("no such motor unit", got=str(wrong[0]), expected=f"0 to {state.n_units - 1}")


def _wallerian_days(state: MuscleState, distance_mm: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Day on which each cut axon's terminals fall silent: survival 1 / (1 + (t / t50)^6) (science 2.5)."""
    u = rng.random(state.n_units)
    late = 0.5 * distance_mm / 100.0 * 0.1  # internal choice: a tenth of the stump's delay reaches the terminals
    return np.asarray(value("wallerian_motor") * (u / (1 - u)) ** (1 / 6) + late)


def fates_of_cut(
    state: MuscleState, *, lost: tuple[int, ...], blocked: tuple[int, ...], day: float, distance_mm: float,
    regrowth: bool,
) -> UnitFates:  # fmt: skip
    """Fates when some axons are cut and some blocked on day 0, seen some days later."""
    check_units(state, (*lost, *blocked))
    rng = np.random.default_rng([state.seed, 3])
    cut = np.zeros(state.n_units, dtype=bool)
    cut[list(lost)] = True
    obeys = ~cut
    obeys[list(blocked)] = False
    silent = _wallerian_days(state, distance_mm, rng)
    bare = cut & (day >= silent)
    back = np.full(state.n_units, np.nan)
    if regrowth:
        arrival = distance_mm / value("regrowth") + rng.gamma(
            4.0, 10.0, state.n_units
        )  # internal choice: 40 +/- 20 days
        back = np.where(cut & (arrival <= day), day - arrival, np.nan)
    return UnitFates(
        obeys=obeys | ~np.isnan(back), cut_days=np.where(cut, day, np.nan),
        bare_days=np.where(bare, day - silent, np.nan), back_days=back, distance_mm=np.full(state.n_units, distance_mm),
    )  # fmt: skip


def axon_lesion(state: MuscleState, fates: UnitFates, *, sprouting: bool) -> MuscleState:
    """Show the muscle with some of its axons gone, blocked or grown back (science 1.8)."""
    if len(fates.obeys) != state.n_units:
        raise InputError(
            "the fates of the axons do not fit the muscle", got=f"{len(fates.obeys)} axons", expected=f"{state.n_units}"
        )
    state = replace(state, voluntary=fates.obeys.copy())
    former = state.unit
    place = np.maximum(former, 0)
    bare_days = np.where(former >= 0, fates.bare_days[place], np.nan)
    bare = ~np.isnan(bare_days)
    if not bare.any():
        return state
    rng = np.random.default_rng([state.seed, 6])
    owner = np.where(bare, -1, former)
    age = np.full(state.n_fibres, np.nan)  # days since a sprout arrived
    if sprouting:
        owner, age = _adopt(state, owner, bare_days, rng)
    since_back = fates.back_days[place] - rng.exponential(value("sprouting_tau"), state.n_fibres)
    back = (owner < 0) & bare & (since_back > 0)
    owner, age = np.where(back, former, owner), np.where(back, since_back, age)
    still = (owner < 0) & bare
    days = np.where(still, bare_days, state.denervated_days)
    changed = _denervated_state(state, days, still, fates, rng)
    owned = np.bincount(owner[owner >= 0], minlength=state.n_units) > 0
    voluntary = fates.obeys & (np.isnan(fates.bare_days) | owned)
    state = replace(state, unit=owner, denervated_days=days, voluntary=voluntary, **changed)
    return _mature(state, age, bare_days, former, rng)


def _denervated_state(
    state: MuscleState, days: NDArray[np.float64], still: NDArray[np.bool_], fates: UnitFates, rng: np.random.Generator
) -> dict[str, Any]:
    """Size and irritability of fibres that have been without nerve for some days."""
    place = np.maximum(state.unit, 0)
    far = value("onset_delay_by_distance") * fates.distance_mm[place] / 1000.0
    scatter = rng.normal(0.0, value("onset_sd"), state.n_fibres)
    floor = value("onset_floor")
    wave_day = np.maximum(value("positive_wave_onset_near") + far + scatter, floor)
    spike_day = np.maximum(value("fibrillation_onset_near") + far + scatter, floor)
    since = fates.cut_days[place]
    level = (since >= wave_day).astype(np.int64) + (since >= spike_day)
    size = np.where(still, np.interp(np.nan_to_num(days), ATROPHY_DAYS, ATROPHY_SIZE), 1.0)
    diameter = state.diameter_um * size
    return {
        "spontaneous": np.where(still, level, state.spontaneous), "diameter_um": diameter,
        "velocity_m_per_s": velocity_m_per_s(diameter),
    }  # fmt: skip


def _adopt(
    state: MuscleState, owner: NDArray[np.int64], bare_days: NDArray[np.float64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Collateral sprouting: neighbours adopt fibres one round after another, up to a limit of growth."""
    from scipy.spatial import cKDTree

    wait = value("sprouting_start") + rng.exponential(value("sprouting_tau"), state.n_fibres)
    age = np.full(state.n_fibres, np.nan)
    since = bare_days - wait
    ready = np.flatnonzero(since > 0)  # NaN, an innervated fibre, compares as false
    if len(ready) == 0:
        return owner, age
    ready = ready[np.argsort(-since[ready], kind="stable")]
    owner = owner.copy()
    places = np.column_stack([state.x_mm, state.y_mm])
    near = cKDTree(places).query_ball_point(places[ready], value("sprouting_reach"), return_sorted=True)
    count = np.bincount(owner[owner >= 0], minlength=state.n_units).astype(float)
    limit = value("sprouting_cap") * np.maximum(state.fibres_per_unit, 1)
    pick = rng.random((3, len(ready)))
    for attempt in range(3):  # fibres that found no living neighbour try again after the others were adopted
        for i, fibre in enumerate(ready):
            if owner[fibre] >= 0:
                continue
            helpers = owner[near[i]]
            helpers = helpers[helpers >= 0]
            helpers = helpers[count[helpers] < limit[helpers]]
            if len(helpers):
                chosen = helpers[int(pick[attempt, i] * len(helpers))]
                owner[fibre] = chosen
                count[chosen] += 1
                age[fibre] = since[fibre]
    return owner, age


def _mature(
    state: MuscleState,
    age_days: NDArray[np.float64],
    bare_days: NDArray[np.float64],
    former: NDArray[np.int64],
    rng: np.random.Generator,
) -> MuscleState:
    """Sprouts: slow, unsafe and atrophic fibres at first, sound with time."""
    new = ~np.isnan(age_days)
    if not new.any():
        return state
    grown = 1 - np.exp(-np.nan_to_num(age_days) / value("maturation_tau"))
    maturity = np.where(new, grown, state.maturity)
    low, high = value("sprout_velocity_low"), value("sprout_velocity_high")
    fresh = rng.uniform(low, high, state.n_fibres)
    path_mm = 0.2 + np.abs(state.z_mm)  # from the unit's own terminals to the old end-plate
    late = 0.1 + (1 - maturity) * path_mm / fresh  # a sound branch costs 0.1 ms (0.2 mm at 2 m/s)
    delay = np.where(new, state.delay_ms + late, state.delay_ms)
    fresh_safety = rng.uniform(value("immature_safety_low"), value("immature_safety_high"), state.n_fibres)
    safety = np.where(new, fresh_safety + maturity * (state.safety_factor - fresh_safety), state.safety_factor)
    shrunk = np.interp(np.nan_to_num(bare_days - age_days), ATROPHY_DAYS, ATROPHY_SIZE)
    diameter = np.where(new, state.diameter_um * (shrunk + maturity * (1 - shrunk)), state.diameter_um)
    before = np.bincount(former[former >= 0], minlength=state.n_units)
    gain = state.fibres_per_unit / np.maximum(before, 1)
    return replace(
        state, maturity=maturity, delay_ms=delay, safety_factor=np.maximum(safety, 1.05), diameter_um=diameter,
        velocity_m_per_s=velocity_m_per_s(diameter), force=state.force * gain,
    )  # fmt: skip


def junction_disease(state: MuscleState, *, kind: str, median: float | None) -> MuscleState:
    """Change only the junctions: smaller quanta (myasthenia) or fewer (Lambert-Eaton); small units suffer most."""
    if kind == "normal" and median is None:
        return state
    rng = np.random.default_rng([state.seed, 5])
    if kind == "lambert_eaton":
        share = value("lems_release") if median is None else median / value("safety_factor_median")
        return replace(
            state,
            safety_factor=state.safety_factor * share,
            quantal_content=np.maximum(state.quantal_content * share, 4.0),
        )
    middle = value("myasthenic_safety_median") if median is None else median
    if not middle > 0:
        raise InputError("the safety factor cannot be used", got=f"{median}", expected="a median above 0, such as 1.7")
    spread = value("myasthenic_safety_sigma")
    # the spread is shared between units and, within a unit, between its junctions (internal choice: half the variance each)
    by_unit = rng.normal(0.0, spread * np.sqrt(0.5), state.n_units)
    by_unit += 0.15 * (np.linspace(-1, 1, state.n_units))  # small units worse (JNNP 1978;41:205); size is ours
    own = by_unit[np.maximum(state.unit, 0)] + rng.normal(0.0, spread * np.sqrt(0.5), state.n_fibres)
    return replace(state, safety_factor=middle * np.exp(own))


def with_membrane(state: MuscleState, *, myotonic: bool) -> MuscleState:
    """Say whether the fibres' membrane is myotonic."""
    return state if state.myotonic == myotonic else replace(state, myotonic=myotonic)


def with_temperature(state: MuscleState, temperature_degc: float) -> MuscleState:
    """Warm or cool the muscle: speed by its Q10, junctions a little safer in the cold; spikes follow ``spike_stretch``."""
    if not 20.0 <= temperature_degc <= 40.0:
        raise InputError(
            "the temperature of the muscle cannot be used", got=f"{temperature_degc} C", expected="20 to 40 C"
        )
    if temperature_degc == state.temperature_degc:
        return state
    above = temperature_degc - state.temperature_degc
    faster = value("velocity_q10") ** (above / 10.0)
    return replace(
        state, temperature_degc=temperature_degc, velocity_m_per_s=state.velocity_m_per_s * faster,
        delay_ms=state.delay_ms / faster, safety_factor=state.safety_factor * (1 - value("safety_per_degc") * above),
    )  # fmt: skip
