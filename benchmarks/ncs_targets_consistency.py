"""Cross-test rows: the same axons seen by stimulus, late response, scan and needle; and speed against its budget."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
from ncs_target_rows import MEDIAN, ULNAR, Table

from emgwidgets.simulation.lesion import AxonLoss, ConductionBlock, JunctionDisease
from emgwidgets.simulation.muscle.junction import mean_consecutive_difference_us, transmit
from emgwidgets.simulation.muscle.muscle_fate import needle_muscle
from emgwidgets.simulation.nerve.late import backfire_probability
from emgwidgets.simulation.nerve.motor_axons import AxonFate, motor_axons
from emgwidgets.simulation.nerve.ncs import motor_response_uv
from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP
from emgwidgets.simulation.nerve.stimulation import Pulse
from emgwidgets.simulation.patient import VirtualPatient


def unit_count(table: Table, n: int) -> None:
    """Units counted with single-unit responses to weak stimuli at several points, against the true number."""
    ratios = []
    for one in table.people(n):
        sizes = [size for k in range(10) for size in _lowest_units_uv(one, shift_mm=-4.0 * k)]
        whole = one.motor_study(**MEDIAN, site="wrist").truth
        ratios.append(whole.amplitude_uv / np.mean(sizes) / one.nerve("median_apb", "right").axons.n_axons)
    table.add(
        "5.4 units by weak stimuli at ten points / true number", ratios, published="1 +- 15 %", within=(0.85, 1.15),
        source="science 5.4",
    )  # fmt: skip


def _lowest_units_uv(one: VirtualPatient, *, shift_mm: float) -> list[float]:
    """Noise-free steps of the first units met when the current rises at one point."""
    rng = np.random.default_rng([one.seed, int(-shift_mm)])
    state = one.nerve("median_apb", "right")
    # Where the cathode lies decides which axon is nearest: another order of thresholds at each point.
    near = np.exp(0.15 * rng.standard_normal(state.axons.n_axons))
    order = np.argsort(state.axons.excitability * near)[:2]
    sizes = []
    for unit in order:
        arrival = np.full(state.axons.n_axons, np.nan)
        arrival[unit] = 5.0
        sizes.append(-float(motor_response_uv(state, arrival, state.axons.size, MOTOR_SETUP).min()))
    return sizes


def loss_and_sprouting(table: Table, n: int) -> None:
    """CMAP follows the axons until sprouting, then parts from them."""
    early, late = [], []
    for one in table.people(n):
        sick = dataclasses.replace(one, lesions=(AxonLoss(element="ulnar_arm", share=0.5),))
        size = [
            p.motor_study(**ULNAR, site="wrist").truth.amplitude_uv
            for p in (one, sick.on_day(20.0), sick.on_day(900.0))
        ]
        early.append(size[1] / size[0])
        late.append(size[2] / size[0])
    table.add("5.4 CMAP kept at day 20, half of the axons lost", early, published="0.5 +- 15 %", within=(0.425, 0.575), source="science 5.4")  # fmt: skip
    table.add("5.4 CMAP kept at day 900, half of the axons lost", late, published="> 0.65", within=(0.65, 1.1), source="science 5.4")  # fmt: skip


def f_and_backfiring(table: Table, n: int) -> None:
    """Mean F area over M area is the mean probability of backfiring."""
    ratios = []
    for one in table.people(n):
        state = one.nerve("ulnar_adm", "right")
        waves = one.f_waves(**ULNAR, n_stimuli=100)
        f = np.mean([-w.late_uv[w.late_uv < 0].sum() for w in waves])
        m_wave = waves[0].simulated.truth.noise_free_uv - waves[0].late_uv
        probability = float(np.average(backfire_probability(state), weights=state.axons.size))
        ratios.append(f / -m_wave[m_wave < 0].sum() / probability)
    table.add(
        "5.4 mean F area / M area over mean backfiring", ratios, published="1 +- 20 %", within=(0.8, 1.2),
        source="science 5.4",
    )  # fmt: skip


def needle_and_stimulus(table: Table, n: int) -> None:
    """The axons that obey in the muscle are those that answer a stimulus above the lesion; those left alive, below it."""
    above, below, f_kept = [], [], []
    for one in table.people(n):
        block = ConductionBlock(element="ulnar_arm", share=0.6)
        sick = dataclasses.replace(one, lesions=(block, AxonLoss(element="root_c8", share=0.4)), day=30.0)
        who = motor_axons(
            subject=sick.subject, muscle="abductor_digiti_minimi_hand", side="right", lesions=sick.lesions, day=30.0
        )
        proximal, distal = (sick.motor_study(**ULNAR, site=s).truth.n_responding for s in ("erb", "wrist"))
        above.append(proximal / max(who.obeys.sum(), 1))
        below.append(distal / (who.n_axons * (1 - who.share(AxonFate.DEGENERATED))))
        units = [len(set().union(*(w.units for w in p.f_waves(**ULNAR, n_stimuli=40)))) for p in (sick, one)]
        f_kept.append(units[0] / units[1] / (who.obeys.mean()))
    table.add(
        "5.4 axons answering at Erb / axons obeying", above, published="1", within=(1.0, 1.0), source="science 5.4"
    )
    table.add("5.4 axons answering at the wrist / axons not degenerated", below, published="1", within=(0.99, 1.01), source="science 5.4")  # fmt: skip
    table.add("5.4 units seen in 40 F waves, sick / well, over share obeying", f_kept, published="1 +- 25 %", within=(0.75, 1.25), source="science 5.4, tolerance P")  # fmt: skip


#: Decrement in percent against the median safety factor (science 2.9, D).
_DECREMENT = ((0.1, 4.0), (10.8, 2.0), (19.0, 1.6), (27.0, 1.3))


def junction_two_ways(table: Table, n: int) -> None:
    """The safety factor that a decrement tells and the one that jitter tells, of the same myasthenic muscle."""
    spread = 0.45
    grid = np.geomspace(1.1, 4.5, 12)
    known = [_pair_jitter_us(np.random.default_rng(5), factor, spread) for factor in grid]
    ratios = []
    for factor in (2.0, 1.6, 1.3):
        disease = JunctionDisease(kind="postsynaptic", median_safety_factor=factor, spread=spread)
        for one in table.people(n, lesions=(disease,)):
            fall = one.repetitive_study(**ULNAR).true_decrement_percent
            by_decrement = np.interp(fall, *zip(*_DECREMENT, strict=True))
            muscle = needle_muscle(
                subject=one.subject, muscle=ULNAR["muscle"], side="right", lesions=one.lesions, day=0.0
            )
            jitter = _median_jitter_us(np.random.default_rng(6), muscle.safety_factor, muscle.quantal_content)
            ratios.append(np.interp(jitter, known[::-1], grid[::-1]) / by_decrement)
    table.add(
        "5.4 safety factor by jitter / by decrement", ratios, published="1 +- 15 %", within=(0.85, 1.15),
        source="science 5.4",
    )  # fmt: skip


def _pair_jitter_us(rng: np.random.Generator, factor: float, spread: float) -> float:
    """Median jitter of pairs in a population of junctions of known safety factor."""
    return _median_jitter_us(rng, factor * np.exp(spread * rng.standard_normal(4000)), np.full(4000, 40.0))


def _median_jitter_us(rng: np.random.Generator, factors: np.ndarray, quanta: np.ndarray) -> float:
    """Median over 400 pairs; a pair that blocks more often than not counts as one of endless jitter."""
    found = []
    for both in rng.choice(len(factors), (400, 2)):
        delay, blocked = transmit(factors[both], quanta[both], 60, rng)
        interval = np.where(blocked.any(axis=1), np.nan, delay[:, 1] - delay[:, 0])
        answers = np.isfinite(interval).sum() > 30
        found.append(mean_consecutive_difference_us(interval) if answers else np.inf)
    return float(np.median(found))


def speed(table: Table, n: int) -> None:  # noqa: ARG001 - every group takes n
    """Budgets of science 4 on one core (processor time) as a ratio to the limit: below 1 keeps it."""
    one = VirtualPatient(seed=table.first_seed)
    for label, call, limit_ms, repeats in (
        ("one motor sweep with neighbours", lambda k: one.motor_study(**MEDIAN, site="wrist", trial=k), 5.0, 100),
        ("one sensory sweep", lambda k: one.sensory_study(response="median_d2", side="right", trial=k), 5.0, 100),
        ("one motor sweep at a new current", lambda k: one.motor_study(**MEDIAN, site="wrist", pulse=Pulse(current_ma=10 + 0.1 * k)), 5.0, 100),
        ("one motor sweep at a new temperature", lambda k: _warm(one, k), 5.0, 40),
        ("one motor sweep at a new electrode place", lambda k: _moved(one, k), 5.0, 40),
        ("a whole study of both sides, arm and leg", lambda _: _whole_study(one), 30_000.0, 1),
    ):  # fmt: skip
        if repeats > 1:
            call(0)
        start = time.process_time()
        for k in range(repeats):
            call(k)
        taken = 1000 * (time.process_time() - start) / repeats
        table.add(
            f"speed: {label}: {taken:.3g} ms / limit {limit_ms:g} ms", [taken / limit_ms], published="< 1", within=(0, 1),
            source="science 4",
        )  # fmt: skip


def _warm(one: VirtualPatient, k: int) -> None:
    one.motor_study(**MEDIAN, site="wrist", setup=dataclasses.replace(MOTOR_SETUP, skin_temperature_degc=25 + 0.2 * k))


def _moved(one: VirtualPatient, k: int) -> None:
    one.motor_study(**MEDIAN, site="wrist", setup=dataclasses.replace(MOTOR_SETUP, electrode_offset_mm=0.4 * k))


def _whole_study(one: VirtualPatient) -> None:
    """Minimal sets of arm and leg on both sides: motor at every site, F, H, sensory; nothing cached of this person."""
    one = dataclasses.replace(one, seed=one.seed + 1)
    motor = (("median", "abductor_pollicis_brevis", ("wrist", "elbow")), ("ulnar", "abductor_digiti_minimi_hand", ("wrist", "below_elbow", "above_elbow")),
             ("fibular", "extensor_digitorum_brevis", ("ankle", "below_fibular_head", "above_fibular_head")), ("tibial", "abductor_hallucis", ("ankle", "popliteal_fossa")))  # fmt: skip
    for side in ("left", "right"):
        for nerve, muscle, sites in motor:
            for site in sites:
                one.motor_study(nerve=nerve, muscle=muscle, side=side, site=site)
            one.f_waves(nerve=nerve, muscle=muscle, side=side, n_stimuli=20)
        for response in ("median_d2", "ulnar_d5", "superficial_radial", "sural", "superficial_fibular"):
            one.sensory_study(response=response, side=side)
        one.h_reflex(side=side, currents_ma=tuple(np.linspace(2.0, 16.0, 30)))
