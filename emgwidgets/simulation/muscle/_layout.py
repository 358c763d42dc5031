"""Where the fibres of a healthy muscle lie and whose they are: sizes, territories, mosaic, end-plates. No disease."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.muscle.muscle_types import MuscleState
from emgwidgets.simulation.muscle.parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.muscle.muscle_pools import MusclePool

__all__ = ["layout", "velocity_m_per_s"]

AGE_START_YEARS, AGE_END_YEARS = 40.0, 71.0  # review PMC4889636 (V): 40 % fewer, 50 % larger by about 71 years


def velocity_m_per_s(diameter_um: NDArray[np.float64]) -> NDArray[np.float64]:
    """Conduction velocity of a muscle fibre from its diameter (Blijham et al. 2006)."""
    return value("velocity_intercept") + value("velocity_slope") * diameter_um


def _hexagonal(radius_mm: float, rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fibre places in a round section whose highest point is at depth 0."""
    pitch = np.sqrt(2.0 / (np.sqrt(3.0) * value("fibre_density")))
    n = int(np.ceil(radius_mm / (pitch * np.sqrt(3) / 2))) + 1
    row, column = np.mgrid[-n : n + 1, -n : n + 1]
    x = (column + 0.5 * (row % 2)) * pitch
    y = row * pitch * np.sqrt(3) / 2
    inside = x**2 + y**2 < radius_mm**2
    x_mm, y_mm = x[inside], y[inside]
    shift = rng.normal(0.0, 0.12 * pitch, (2, len(x_mm)))  # internal choice: a lattice that is not perfectly regular
    return x_mm + shift[0], y_mm + radius_mm + shift[1]


def _centres(
    n: int, x_mm: NDArray[np.float64], y_mm: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.intp]:
    """Farthest-point sampling among the fibre places (method of Akhmadeev et al. 2020), in random order of size."""
    first = int(rng.integers(len(x_mm)))
    chosen = [first]
    gap2 = (x_mm - x_mm[first]) ** 2 + (y_mm - y_mm[first]) ** 2
    for _ in range(n - 1):
        nxt = int(np.argmax(gap2))
        chosen.append(nxt)
        gap2 = np.minimum(gap2, (x_mm - x_mm[nxt]) ** 2 + (y_mm - y_mm[nxt]) ** 2)
    return rng.permutation(np.array(chosen))


def _pull(
    gap_mm: NDArray[np.float64], area: NDArray[np.float64], wanted: NDArray[np.float64]
) -> NDArray[np.float32]:  # fmt: skip
    """Probability that a fibre belongs to a unit: a soft disc, fitted so that each unit gets its number."""
    radius = np.sqrt(area / np.pi)
    gap = gap_mm.astype(np.float32)
    gap -= radius.astype(np.float32)
    gap *= np.float32(1.0 / value("territory_edge"))
    np.clip(gap, -30.0, 30.0, out=gap)
    pull: NDArray[np.float32] = np.float32(1.0) / (np.float32(1.0) + np.exp(gap))
    for _ in range(6):  # proportional fitting
        pull /= pull.sum(axis=1, keepdims=True)
        pull *= (wanted / np.maximum(pull.sum(axis=0), 1e-6)).astype(np.float32)[None, :]
    pull /= pull.sum(axis=1, keepdims=True)
    return pull


def _assign(pull: NDArray[np.float32], neighbours: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw an owner for each fibre; a fibre beside one of its own unit is drawn again (the mosaic)."""
    reach = np.cumsum(pull, axis=1)
    last = pull.shape[1] - 1
    owner: NDArray[np.int64] = np.minimum((reach < rng.random(len(pull))[:, None]).sum(axis=1), last).astype(np.int64)
    for _ in range(12):
        clash = (owner[neighbours] == owner[:, None]).any(axis=1)
        again = np.flatnonzero(clash & (rng.random(len(owner)) < 0.7))
        if len(again) == 0:
            break
        owner[again] = np.minimum((reach[again] < rng.random(len(again))[:, None]).sum(axis=1), last)
    return owner


def _sizes(kind: MusclePool, n_units: int | None, aged: float, given: tuple[float, ...] | None) -> NDArray[np.float64]:
    """Size of each unit relative to the smallest, smallest first."""
    if given is not None:
        found = np.asarray(given, dtype=float)
        if len(found) == 0 or not (found > 0).all() or (np.diff(found) < 0).any():
            raise InputError(
                "the sizes of the units cannot be used", got=f"{len(found)} sizes",
                expected="one or more, above 0, smallest first",
            )  # fmt: skip
        return np.asarray(found / found[0])
    n = max(1, round((kind.n_units if n_units is None else n_units) * (1 - 0.4 * aged)))
    return np.asarray(np.exp(np.log(value("size_range")) * np.arange(n) / max(n - 1, 1)))


@lru_cache(maxsize=8)
def layout(
    kind: MusclePool, n_units: int | None, seed: int, age_years: float, unit_sizes: tuple[float, ...] | None
) -> MuscleState:
    """Build a healthy muscle."""
    from scipy.spatial import cKDTree

    rng = np.random.default_rng([seed, 1])
    aged = float(np.clip((age_years - AGE_START_YEARS) / (AGE_END_YEARS - AGE_START_YEARS), 0.0, 1.3))
    size = _sizes(kind, n_units, aged, unit_sizes)
    n = len(size)
    grown = 1 + 0.5 * aged
    order = np.arange(n) / max(n - 1, 1)
    wanted = size * (kind.fibres_per_unit * grown * n / size.sum())
    total = wanted.sum()
    radius = float(np.sqrt(total / value("fibre_density") / np.pi))
    x_mm, y_mm = _hexagonal(radius, rng)
    wanted *= len(x_mm) / total
    density = (kind.fibre_density - 1) / value("sf_uptake_area") * grown * value("density_correction")
    area = np.minimum(wanted / density, value("territory_largest_share") * np.pi * radius**2)
    centre = _centres(n, x_mm, y_mm, rng)
    gap_mm = np.hypot(x_mm[:, None] - x_mm[centre][None, :], y_mm[:, None] - y_mm[centre][None, :])
    pull = _pull(gap_mm, area, wanted)
    tree = cKDTree(np.column_stack([x_mm, y_mm]))
    k = min(int(value("mosaic_neighbours")) + 1, len(x_mm))
    neighbours = np.atleast_2d(tree.query(np.column_stack([x_mm, y_mm]), k=k)[1])[:, 1:]
    owner = _assign(pull, neighbours, rng)
    arrays = _along(owner, size, kind, rng)
    peak = value("recruitment_range")
    force = np.exp(np.log(value("force_range")) * order)
    state = MuscleState(
        muscle=kind.code.replace("_", " "), seed=seed, rate_class=kind.rate_class, radius_mm=radius, threshold=np.exp(np.log(peak) * np.arange(n) / n), force=force,
        voluntary=np.ones(n, dtype=bool), centre_x_mm=x_mm[centre], centre_y_mm=y_mm[centre], territory_mm2=area,
        x_mm=x_mm, y_mm=y_mm, unit=owner, fibre_length_mm=kind.fibre_length_mm, healthy_force=float(force.sum()), **arrays,
    )  # fmt: skip
    for array in vars(state).values():
        if isinstance(array, np.ndarray):
            array.setflags(write=False)
    return state


def _along(
    owner: NDArray[np.int64], size: NDArray[np.float64], kind: MusclePool, rng: np.random.Generator
) -> dict[str, Any]:
    """Everything along the fibre: end-plate, tendons, diameter, delay, junction."""
    n, n_fibres = len(size), len(owner)
    n_branches = 1 + np.round(np.log(size)).astype(int)
    rise = np.log(size) / max(float(np.log(size[-1])), 1e-9)  # 0 for the smallest unit to 1 for the largest
    branch_sd, junction_sd = (
        value(f"{name}_sd_small") + rise * (value(f"{name}_sd_large") - value(f"{name}_sd_small"))
        for name in ("branch", "junction")
    )
    branch_z = rng.normal(0.0, 1.0, (n, n_branches.max())) * branch_sd[:, None]
    branch = (rng.random(n_fibres) * n_branches[owner]).astype(int)
    at_branch = branch_z[owner, branch]
    beside = rng.normal(0.0, 1.0, n_fibres) * junction_sd[owner]
    z_mm = at_branch + beside
    delay = np.abs(at_branch) / value("branch_velocity") + np.abs(beside) / value("terminal_velocity")
    half = kind.fibre_length_mm / 2 + rng.normal(0.0, 0.03 * kind.fibre_length_mm, (2, n_fibres))  # internal choice
    share = np.cumsum(size) / size.sum()
    spread = value("diameter_sd_between")
    mean = value("diameter_mean") - spread + 2 * spread * share
    diameter = np.clip(mean[owner] + rng.normal(0.0, value("diameter_sd_within"), n_fibres), 20.0, 95.0)
    safety = kind.safety_factor * np.exp(value("safety_factor_sigma") * rng.normal(size=n_fibres))
    quanta = np.clip(rng.normal(value("quantal_content"), value("quantal_content_sd"), n_fibres), 10.0, None)
    return {
        "z_mm": z_mm, "right_mm": half[0] - z_mm, "left_mm": half[1] + z_mm, "diameter_um": diameter,
        "velocity_m_per_s": velocity_m_per_s(diameter), "delay_ms": delay, "denervated_days": np.full(n_fibres, np.nan),
        "spontaneous": np.zeros(n_fibres, dtype=np.int64), "maturity": np.ones(n_fibres), "safety_factor": safety,
        "quantal_content": quanta, "twin": np.full(n_fibres, -1, dtype=np.int64),
    }  # fmt: skip
