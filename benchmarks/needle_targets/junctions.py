"""Targets of junctions, recruitment and discharge rates."""

from __future__ import annotations

import numpy as np

from emgwidgets.simulation.muscle.drive import discharge_times_s, drive_for, firing_rates_hz
from emgwidgets.simulation.muscle.electrode import NeedleElectrode, lead_points, needle_in
from emgwidgets.simulation.muscle.fibre import summed_potential_uv
from emgwidgets.simulation.muscle.junction import mean_consecutive_difference_us, transmit
from emgwidgets.simulation.muscle.muscle import MuscleState, muscle_state
from needle_targets.measures import TA
from needle_targets.table import HELD_OUT_SEED, Row, around, row

PETAJAN = "Petajan & Philip 1969 (V)"


def pair_jitter_us(state: MuscleState, seed: int, n_pairs: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Jitter of fibre pairs, and the share of blocked impulses."""
    rng = np.random.default_rng(seed)
    owned = np.flatnonzero(state.unit >= 0)
    found, blocks = [], []
    for both in np.column_stack([rng.choice(owned, n_pairs), rng.choice(owned, n_pairs)]):
        delay, blocked = transmit(state.safety_factor[both], state.quantal_content[both], 60, rng)
        interval = np.where(blocked.any(axis=1), np.nan, delay[:, 1] - delay[:, 0])
        if np.isfinite(interval).sum() > 20:
            found.append(mean_consecutive_difference_us(interval))
        blocks.append(blocked.any(axis=1).mean())
    return np.array(found), np.array(blocks)


def jitter() -> list[Row]:
    """Targets 3 and 7: 95 % of pairs and of means of 20 pairs lie below the limits."""
    rows = []
    for muscle, pair, mean, source in (
        (TA, 58.0, 48.2, "JNNP control table (V)"), ("extensor digitorum", 43.0, 30.0, "Stalberg 2016 (V)"),
        ("frontalis", 38.0, 28.0, "Stalberg 2016 (V)"), ("orbicularis oculi", 45.0, 31.0, "Stalberg 2016 (V)"),
    ):  # fmt: skip
        found, _ = pair_jitter_us(muscle_state(muscle=muscle, seed=HELD_OUT_SEED), HELD_OUT_SEED, 800)
        means = found[: len(found) // 20 * 20].reshape(-1, 20).mean(axis=1)
        if muscle == TA:
            rows.append(row("3 CN jitter TA, mean of 20 pairs", "37.0 +/- 5.6", source, means, around(37.0, 5.6), "us"))
        rows.append(
            row(f"7 {muscle}: pairs beyond {pair:g} us", "<= 5", source, 100 * np.mean(found > pair), (0, 5), "%")
        )
        rows.append(
            row(f"7 {muscle}: means of 20 beyond {mean:g} us", "<= 5", source, 100 * np.mean(means > mean), (0, 5), "%")
        )
    return rows  # fmt: skip


def _first_two(state: MuscleState, needle: NeedleElectrode) -> tuple[int, int] | None:
    """The first two units whose potential at the needle exceeds 100 uV."""
    leads, seen = lead_points(needle), []
    for unit in np.flatnonzero(state.voluntary)[:80]:
        fibres = state.fibre_set(state.fibres_of(int(unit)))
        if not len(fibres):
            continue
        if np.ptp(summed_potential_uv(fibres, leads, sampling_rate_hz=16000.0, duration_ms=30.0)) > 100:
            seen.append(int(unit))
            if len(seen) == 2:
                return seen[0], seen[1]
    return None


def recruitment() -> list[Row]:
    """Target 8: the first unit's interval when it begins, and when the second joins."""
    rows = []
    for muscle, onset_span, second_span in (
        (TA, (132.0, 32.0), (90.0, 19.0)), ("orbicularis oris", (86.0, 29.0), (40.0, 16.0)),
    ):  # fmt: skip
        onset, second = [], []
        for seed in range(HELD_OUT_SEED, HELD_OUT_SEED + 6):
            state = muscle_state(muscle=muscle, seed=seed)
            for place in np.linspace(-0.3, 0.3, 5):
                pair = _first_two(state, needle_in(state, depth_mm=state.radius_mm * (1 + place)))
                if pair is not None:
                    onset.append(1000 / firing_rates_hz(state, state.threshold[pair[0]] * 1.0001)[pair[0]])
                    second.append(1000 / firing_rates_hz(state, state.threshold[pair[1]] * 1.0001)[pair[0]])
        for name, values, span in (("onset", onset, onset_span), ("recruitment", second, second_span)):
            published = f"{span[0]:g} +/- {span[1]:g}"
            rows.append(row(f"8 {name} interval, {muscle}", published, PETAJAN, values, around(*span), "ms"))
    return rows


def rates() -> list[Row]:
    """Interval statistics as generated, and the fastest unit at slight effort."""
    state = muscle_state(muscle=TA, seed=HELD_OUT_SEED)
    trains = discharge_times_s(drive_for(state, "slight"), 60.0, np.random.default_rng(HELD_OUT_SEED))
    spread = [np.std(g[g > 0.02]) / np.mean(g[g > 0.02]) for g in (np.diff(t) for t in trains.values())]
    fastest = [
        drive_for(muscle_state(muscle=TA, seed=s), "slight").rates_hz.max()
        for s in range(HELD_OUT_SEED, HELD_OUT_SEED + 6)
    ]
    return [
        row("interval CV of voluntary units", "0.10-0.25", "science 5.3 (V)", spread, (0.10, 0.25)),
        row("fastest unit at slight effort", "<= 15", "Clin Neurophysiol 2024 (V)", fastest, (0, 15), "Hz"),
    ]
