"""The virtual muscle: physics of single fibres, layout, disease transforms, junctions and drive."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets.errors import InputError
from emgwidgets.simulation.muscle import _transform
from emgwidgets.simulation.muscle._templates import unit_template
from emgwidgets.simulation.muscle.drive import discharge_times_s, drive_for, firing_rates_hz
from emgwidgets.simulation.muscle.electrode import ELECTRODES, LeadPoints, NeedleElectrode, lead_points, needle_in
from emgwidgets.simulation.muscle.fibre import FibreSet, potentials_uv, spike_rate, summed_potential_uv
from emgwidgets.simulation.muscle.junction import mean_consecutive_difference_us, transmit
from emgwidgets.simulation.muscle.muscle import muscle_state
from emgwidgets.simulation.muscle.muscle_pools import muscle_pool, muscle_pools
from emgwidgets.simulation.muscle.parameters import parameters, value

SMALL = {"muscle": "first dorsal interosseous", "n_units": 40}


def one_fibre(gap_mm=0.2, *, right=75.0, left=75.0, z=0.0, diameter=55.0, velocity=3.7):
    sizes = {"x_mm": gap_mm, "y_mm": 0.0, "z_mm": z, "right_mm": right, "left_mm": left, "diameter_um": diameter}
    return FibreSet(
        **{k: np.array([float(v)]) for k, v in sizes.items()},
        velocity_m_per_s=np.array([velocity]),
        delay_ms=np.zeros(1),
    )


def point(z=25.0):
    rows = np.array([[0.0, 0.0, z, 1.0]])
    return LeadPoints(
        active=rows, active_centre=rows, reference=rows[:0], active_radius_mm=0.0, reference_radius_mm=0.0
    )


def wave_of(fibre, z=25.0, rate=48000.0):
    return potentials_uv(fibre, point(z), sampling_rate_hz=rate, duration_ms=30.0)[0]


def test_every_parameter_has_source_mark_and_unit():
    for row in parameters().values():
        assert row.source
        assert row.unit
        assert row.mark in {"V", "M", "D", "P"}


def test_unknown_parameter():
    with pytest.raises(InputError, match="no such parameter"):
        value("nothing")


@given(st.floats(0.05, 4.0), st.floats(1.2, 2.0))
@settings(max_examples=25, deadline=None)
def test_amplitude_falls_with_distance(gap, factor):
    assert np.ptp(wave_of(one_fibre(gap))) > np.ptp(wave_of(one_fibre(gap * factor)))


def test_spike_ends_where_it_began():
    for kind in ("normal", "injured"):
        rate = spike_rate(48000.0, kind)
        assert abs(rate.sum()) < 1e-9 * np.abs(rate).sum()


def test_marching_band_shapes():
    # middle of the fibre: positive, negative, positive; end-plate: negative first; tendon: positive then slow
    middle, plate, tendon = (wave_of(one_fibre(), z) for z in (25.0, 0.0, 74.9))
    first = np.flatnonzero(np.abs(middle) > 0.05 * np.abs(middle).max())[0]
    assert middle[first] > 0
    assert middle[middle.argmin() :].max() > 0.03 * -middle.min()
    first = np.flatnonzero(np.abs(plate) > 0.05 * np.abs(plate).max())[0]
    assert plate[first] < 0
    assert np.ptp(plate) > np.ptp(middle)
    assert tendon.max() > -tendon.min()


def test_shape_is_constant_between_end_plate_and_tendon():
    sizes = [np.ptp(wave_of(one_fibre(), z)) for z in (10.0, 20.0, 30.0, 40.0)]
    assert np.ptp(sizes) < 0.02 * np.mean(sizes)


def test_travelling_time_gives_the_velocity():
    near, far = wave_of(one_fibre(), 15.0), wave_of(one_fibre(), 35.0)
    assert 20.0 / ((far.argmin() - near.argmin()) / 48.0) == pytest.approx(3.7, rel=0.01)


def test_sum_equals_singles_although_it_is_computed_coarsely():
    state = muscle_state(seed=2, **SMALL)
    leads = lead_points(needle_in(state))
    fibres = state.fibre_set(state.fibres_of(20))
    summed = summed_potential_uv(fibres, leads, sampling_rate_hz=48000.0, duration_ms=25.0)
    singles = potentials_uv(fibres, leads, sampling_rate_hz=48000.0, duration_ms=25.0).sum(axis=0)
    assert np.abs(summed - singles).max() < 0.03 * np.abs(singles).max()


def test_two_sampling_rates_agree():
    slow, fast = wave_of(one_fibre(0.3), rate=48000.0), wave_of(one_fibre(0.3), rate=192000.0)
    assert np.ptp(slow) == pytest.approx(np.ptp(fast), rel=0.03)


@pytest.mark.parametrize("kind", ELECTRODES)
def test_every_electrode_records_a_unit(kind):
    state = muscle_state(seed=2, **SMALL)
    wave = summed_potential_uv(
        state.fibre_set(state.fibres_of(39)),
        lead_points(needle_in(state, kind=kind)),
        sampling_rate_hz=24000.0,
        duration_ms=25.0,
    )
    assert np.isfinite(wave).all()
    assert np.ptp(wave) > 0.5


def test_monopolar_is_larger_and_longer_than_concentric():
    state = muscle_state(seed=2, **SMALL)
    sizes = {}
    for kind in ("concentric", "monopolar"):
        leads = lead_points(needle_in(state, kind=kind))
        waves = [
            summed_potential_uv(state.fibre_set(state.fibres_of(u)), leads, sampling_rate_hz=24000.0, duration_ms=25.0)
            for u in range(20, 40)
        ]
        sizes[kind] = np.mean([np.abs(w).sum() for w in waves])
    assert sizes["monopolar"] > sizes["concentric"]


def test_same_seed_same_bytes_other_seed_other_bytes():
    first, other = muscle_state(seed=5, **SMALL), muscle_state(seed=6, **SMALL)
    from emgwidgets.simulation.muscle import _layout

    _layout.layout.cache_clear()
    again = muscle_state(seed=5, **SMALL)
    assert first is not again
    for name, array in vars(first).items():
        if isinstance(array, np.ndarray):
            assert array.tobytes() == getattr(again, name).tobytes(), name
    assert first.x_mm.tobytes() != other.x_mm.tobytes()


def test_layout_keeps_numbers_and_mosaic():
    from scipy.spatial import cKDTree

    state = muscle_state(seed=1, muscle="first dorsal interosseous")
    assert state.fibres_per_unit.mean() == pytest.approx(333.0, rel=0.03)
    assert state.fibres_per_unit[-1] > 5 * state.fibres_per_unit[0]
    _, near = cKDTree(np.column_stack([state.x_mm, state.y_mm])).query(np.column_stack([state.x_mm, state.y_mm]), k=5)
    beside = (state.unit[near[:, 1:]] == state.unit[:, None]).any(axis=1).mean()
    assert beside < 0.06


@pytest.mark.parametrize("day", [0.0, 3.0, 6.9])
def test_no_spontaneous_activity_before_the_published_day(day):
    state = muscle_state(seed=1, axon_loss_share=1.0, day=day, lesion_distance_mm=0.0, **SMALL)
    assert not state.spontaneous.any()


def test_positive_waves_come_before_fibrillations():
    day12 = muscle_state(seed=1, axon_loss_share=1.0, day=13.0, **SMALL)
    assert (day12.spontaneous == 1).sum() > (day12.spontaneous == 2).sum()


def test_cut_axon_is_silent_at_once_but_keeps_its_fibres_for_days():
    state = muscle_state(seed=1, axon_loss_share=0.5, day=1.0, **SMALL)
    assert state.voluntary.sum() == 20
    assert (state.unit < 0).mean() < 0.01
    assert (muscle_state(seed=1, axon_loss_share=0.5, day=20.0, **SMALL).unit < 0).mean() > 0.2


def test_block_keeps_the_fibres():
    state = muscle_state(seed=1, blocked_units=(3, 4), day=30.0, **SMALL)
    assert not state.voluntary[[3, 4]].any()
    assert (state.unit >= 0).all()


def test_sprouting_grows_the_survivors_within_the_limit():
    healthy = muscle_state(seed=1, **SMALL)
    late = muscle_state(seed=1, axon_loss_share=0.6, day=1500.0, **SMALL)
    grown = late.fibres_per_unit[late.voluntary] / healthy.fibres_per_unit[late.voluntary]
    assert grown.mean() > 1.5
    assert grown.max() <= value("sprouting_cap") + 0.05
    without = muscle_state(seed=1, axon_loss_share=0.6, day=1500.0, reinnervation=False, **SMALL)
    assert (without.unit < 0).sum() > 3 * (late.unit < 0).sum()


def test_more_loss_includes_less_loss():
    less = muscle_state(seed=1, axon_loss_share=0.2, day=1.0, **SMALL)
    more = muscle_state(seed=1, axon_loss_share=0.6, day=1.0, **SMALL)
    assert not (more.voluntary & ~less.voluntary).any()


def test_regrowth_makes_small_unstable_units():
    state = muscle_state(seed=1, axon_loss_share=1.0, day=330.0, lesion_distance_mm=250.0, regrowth=True, **SMALL)
    back = state.unit >= 0
    assert state.voluntary.any()
    assert 0 < back.mean() < 1
    assert state.maturity[back].mean() < 0.6
    early = muscle_state(seed=1, axon_loss_share=1.0, day=200.0, lesion_distance_mm=250.0, regrowth=True, **SMALL)
    assert not early.voluntary.any()


def test_old_age_has_fewer_and_larger_units():
    young, old = muscle_state(seed=1, age_years=30.0, **SMALL), muscle_state(seed=1, age_years=71.0, **SMALL)
    assert old.n_units == pytest.approx(0.6 * young.n_units, abs=1)
    assert old.fibres_per_unit.mean() == pytest.approx(1.5 * young.fibres_per_unit.mean(), rel=0.05)


def test_split_fibres_share_a_junction():
    state = muscle_state(seed=1, fibre_splitting_share=0.1, **SMALL)
    halves = np.flatnonzero(state.twin >= 0)
    assert len(halves) > 100
    assert (state.unit[halves] == state.unit[state.twin[halves]]).all()


def test_necrosis_leaves_pieces_without_nerve():
    state = muscle_state(seed=1, fibre_necrosis_share=0.1, **SMALL)
    assert (state.spontaneous[state.unit < 0] == 2).mean() > 0.9


def test_normal_junctions_hardly_block_and_jitter_rises_as_safety_falls():
    rng = np.random.default_rng(0)
    found = []
    for safety in (5.0, 3.0, 2.0, 1.5):
        delay, blocked = transmit(np.full(60, safety), np.full(60, 40.0), 100, rng)
        assert blocked.mean() < 0.05
        found.append(
            np.mean(
                [
                    mean_consecutive_difference_us(np.where(b, np.nan, d))
                    for d, b in zip(delay.T, blocked.T, strict=True)
                ]
            )
        )
    assert found == sorted(found)
    assert found[0] == pytest.approx(14, abs=4)  # science 1.6 [D]
    assert found[2] == pytest.approx(63, abs=15)


def test_drive_follows_the_size_principle_and_onion_skin():
    state = muscle_state(seed=1, **SMALL)
    rates = firing_rates_hz(state, 3.0)
    recruited = rates > 0
    assert (np.diff(recruited.astype(int)) <= 0).all()
    assert rates[0] > rates[recruited.sum() - 1]


def test_weak_muscle_is_driven_harder_for_the_same_force():
    whole, weak = muscle_state(seed=1, **SMALL), muscle_state(seed=1, axon_loss_share=0.7, day=5.0, **SMALL)
    thin = muscle_state(seed=1, fibre_loss_share=0.5, fibre_atrophy=0.9, **SMALL)
    for state in (weak, thin):
        assert drive_for(state, 0.05).excitation > drive_for(whole, 0.05).excitation
    assert (drive_for(thin, 0.05).rates_hz > 0).sum() > (drive_for(whole, 0.05).rates_hz > 0).sum()


def test_central_weakness_is_few_and_slow():
    state = muscle_state(seed=1, **SMALL)
    central, whole = drive_for(state, "full", manner="central"), drive_for(state, "full")
    assert (central.rates_hz > 0).sum() < 0.3 * (whole.rates_hz > 0).sum()
    assert central.rates_hz.max() < 12.5


def test_intervals_have_a_floor_and_spread():
    state = muscle_state(seed=1, **SMALL)
    trains = discharge_times_s(drive_for(state, 0.1), 30.0, np.random.default_rng(0))
    gaps = np.concatenate([np.diff(t) for t in trains.values()])
    assert ((gaps >= 0.020 - 1e-9) | (gaps <= 0.0101)).all()
    assert gaps.min() > 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"n_units": 0}, "a muscle needs motor units"),
        ({"axon_loss_share": 1.2}, "axon_loss_share cannot be used; got 1.2"),
        ({"day": -1.0}, "day cannot be used"),
        ({"age_years": -3.0}, "age_years cannot be used"),
        ({"lost_units": (999,)}, "no such motor unit; got 999"),
        ({"junction_safety_median": -1.0}, "the safety factor cannot be used"),
    ],
)
def test_impossible_muscles(arguments, words):
    with pytest.raises(InputError, match=words):
        muscle_state(**{**SMALL, **arguments})


def test_impossible_electrodes_and_efforts():
    with pytest.raises(InputError, match="no such needle electrode"):
        NeedleElectrode(kind="spoon")
    with pytest.raises(InputError, match="the filter cannot be used"):
        NeedleElectrode(high_pass_hz=20000.0)
    state = muscle_state(**SMALL)
    with pytest.raises(InputError, match="no such effort"):
        drive_for(state, "heroic")
    with pytest.raises(InputError, match="the effort cannot be used"):
        drive_for(state, 1.5)
    with pytest.raises(InputError, match="no such manner"):
        drive_for(state, 0.1, manner="odd")


def test_every_muscle_of_the_vocabulary_has_a_pool_with_source_and_marks():
    from emgwidgets import vocabulary

    assert set(muscle_pools()) == {vocabulary.muscle(code).code for code in vocabulary.muscles()}
    for pool in muscle_pools().values():
        assert pool.source, pool.code
        assert all(mark in "VMDP" and len(mark) == 1 for _, mark in pool.marks), pool.code
        assert pool.n_units >= 50
        assert 1.3 <= pool.fibre_density <= 1.8


def test_a_pool_is_found_by_code_and_by_common_name():
    assert muscle_pool("FDI") is muscle_pool("first_dorsal_interosseous_hand")
    with pytest.raises(InputError, match="no such muscle"):
        muscle_pool("left eyebrow lifter")


def test_a_cold_muscle_is_slow_long_and_recovers_when_warmed():
    warm, cold = muscle_state(seed=2, **SMALL), muscle_state(seed=2, temperature_degc=26.0, **SMALL)
    ratio = cold.velocity_m_per_s / warm.velocity_m_per_s
    assert ratio == pytest.approx(np.full(len(ratio), 1.4**-0.8))  # Q10 of 1.4 (science 2.5)
    assert cold.spike_stretch == pytest.approx(1.5**0.8)
    widths = []
    for state in (warm, cold):
        leads = lead_points(needle_in(state))
        wave = unit_template(state, needle_in(state), 39, 24000.0).whole_uv
        loud = np.flatnonzero(np.abs(wave) > 0.1 * np.abs(wave).max())
        widths.append(loud[-1] - loud[0])
        assert len(leads.active)
    assert widths[1] > 1.1 * widths[0]
    assert _transform.with_temperature(cold, 34.0).velocity_m_per_s == pytest.approx(warm.velocity_m_per_s)
    with pytest.raises(InputError, match="the temperature of the muscle cannot be used; got 5"):
        muscle_state(temperature_degc=5.0, **SMALL)


def test_cold_junctions_jitter_more_although_they_are_safer():
    rng = np.random.default_rng(0)
    spread = [
        transmit(np.full(400, safety), np.full(400, 40.0), 60, rng, stretch=stretch)[0].std()
        for safety, stretch in ((4.0, 1.0), (4.0 * 1.24, 1.5**0.8))
    ]
    assert spread[1] > spread[0]


def test_unit_sizes_are_those_given():
    sizes = tuple(np.linspace(1.0, 8.0, 30))
    state = muscle_state(muscle="FDI", unit_sizes=sizes, seed=4)
    assert state.n_units == 30
    assert np.corrcoef(state.fibres_per_unit, sizes)[0, 1] > 0.9  # the largest lack room in so small a pool
    with pytest.raises(InputError, match="the sizes of the units cannot be used"):
        muscle_state(muscle="FDI", unit_sizes=(3.0, 1.0))


@given(st.integers(0, 1000), st.floats(0.0, 1.0), st.floats(0.0, 2000.0))
@settings(max_examples=12, deadline=None)
def test_no_fibre_is_ever_lost_or_owned_by_a_dead_axon(seed, share, day):
    state = muscle_state(seed=seed, axon_loss_share=share, day=day, muscle="FDI", n_units=15)
    healthy = muscle_state(seed=seed, muscle="FDI", n_units=15)
    assert state.n_fibres == healthy.n_fibres
    changed = state.unit != healthy.unit
    assert state.voluntary[state.unit[changed & (state.unit >= 0)]].all()
    assert (np.isnan(state.denervated_days) == (state.unit >= 0)).all()
    assert (state.spontaneous[state.unit >= 0] == 0).all()
