"""Motor unit number: CMAP scan, single units, MUNIX; against known numbers and the fits stored in real scans."""

from __future__ import annotations

import numpy as np
import pytest

from emgwidgets import VirtualPatient
from emgwidgets.analysis import ncs
from emgwidgets.analysis.ncs.mune import RELATIVE_SPREAD, SIZE_SPREAD
from emgwidgets.errors import InputError


def scan(n_units, seed, n_stimuli=500, noise_uv=5.0):
    rng = np.random.default_rng(seed)
    sizes = np.exp(SIZE_SPREAD * rng.standard_normal(n_units))
    sizes *= 9000 / sizes.sum()
    thresholds = 10 * np.exp(0.09 * rng.standard_normal(n_units))
    currents = np.linspace(1.06 * thresholds.max(), 0.94 * thresholds.min(), n_stimuli)
    from scipy.special import ndtr

    chance = ndtr((currents[:, None] - thresholds) / (RELATIVE_SPREAD * thresholds))
    amplitudes = (rng.uniform(size=chance.shape) < chance) @ sizes + rng.normal(0, noise_uv, n_stimuli)
    return currents, amplitudes, sizes


def test_unit_number_of_made_scans():
    ratios, effective = [], []
    for n_units in (30, 80, 150):
        for seed in range(8):
            currents, amplitudes, sizes = scan(n_units, 1000 * n_units + seed)
            fit = ncs.fit_cmap_scan(currents, amplitudes)
            ratios.append(fit.n_units.value / n_units)
            effective.append(fit.effective_count / (sizes.sum() ** 2 / (sizes**2).sum()))
            assert fit.n_units.low < fit.n_units.value < fit.n_units.high
            assert fit.mean_unit_uv.value == pytest.approx(fit.peak_uv / fit.n_units.value)
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.12)
    assert np.mean(effective) == pytest.approx(1.0, abs=0.1)


def test_scan_of_the_virtual_patient():
    patient = VirtualPatient(seed=910)
    truth = patient.cmap_scan(nerve="median", muscle="abductor_pollicis_brevis", side="right")
    fit = ncs.fit_cmap_scan(truth.currents_ma, truth.amplitudes_uv)
    assert fit.n_units.low <= truth.n_units <= fit.n_units.high
    assert fit.s5_ma < fit.s50_ma < fit.s95_ma
    shuffled = np.random.default_rng(0).permutation(len(truth.currents_ma))
    again = ncs.fit_cmap_scan(truth.currents_ma[shuffled], truth.amplitudes_uv[shuffled])
    assert again.n_units.value == pytest.approx(fit.n_units.value)
    louder = ncs.fit_cmap_scan(truth.currents_ma, 3 * truth.amplitudes_uv)
    assert louder.n_units.value == pytest.approx(fit.n_units.value, rel=1e-6)
    assert louder.mean_unit_uv.value == pytest.approx(3 * fit.mean_unit_uv.value)


def test_scans_that_cannot_be_used():
    currents, amplitudes, _ = scan(50, 1)
    with pytest.raises(InputError, match="too few stimuli"):
        ncs.fit_cmap_scan(currents[:40], amplitudes[:40])
    with pytest.raises(InputError, match="one amplitude for each current"):
        ncs.fit_cmap_scan(currents, amplitudes[:-1])
    with pytest.raises(InputError, match="does not grow"):
        ncs.fit_cmap_scan(currents, np.random.default_rng(0).normal(0, 5, len(currents)))


@pytest.mark.recordings
def test_alternation_agrees_with_the_fits_stored_in_real_scans(recordings):
    from emgwidgets.io.registry import read

    ratios, ours, stored = [], [], []
    for path in sorted((recordings / "cmap-scan-mem").glob("*.MEM"))[::3]:
        tables = {table.name: table for table in read(path).tables}
        values, model = tables["cmap_scan"].values, tables["mscan_model"].values[:, 2]
        fit = ncs.fit_cmap_scan(values[:, 0], 1000 * values[:, 1])
        ratios.append(fit.effective_count / (model.sum() ** 2 / (model**2).sum()))
        ours.append(fit.n_units.value)
        stored.append(len(model))
    assert np.median(ratios) == pytest.approx(1.0, abs=0.15)
    assert np.corrcoef(ours, stored)[0, 1] > 0.6


def test_multiple_point_stimulation():
    times_ms = np.arange(0, 20, 0.05)
    wave = -np.exp(-0.5 * ((times_ms - 8) / 1.5) ** 2)
    units = np.stack([size * wave for size in (40.0, 50.0, 60.0, 55.0, 45.0)])
    number = ncs.multiple_point_stimulation(5000 * wave, units)
    assert number.value == pytest.approx(100.0, rel=1e-6)
    assert number.low < 100 < number.high
    with pytest.raises(InputError, match="3 or more"):
        ncs.multiple_point_stimulation(5000 * wave, units[:2])
    with pytest.raises(InputError, match="do not match"):
        ncs.multiple_point_stimulation(wave[:10], units)


def test_munix_equals_its_formula_and_carries_the_warning():
    rng = np.random.default_rng(2)
    rate = 5000.0
    cmap = -8000 * np.exp(-0.5 * ((np.arange(0, 20, 0.2) - 8) / 1.5) ** 2)
    epochs = [level * rng.standard_normal(2500) for level in np.geomspace(60, 900, 24)]
    result = ncs.munix(cmap, epochs, sampling_rate_hz=rate)
    step = 0.2
    area, power = np.abs(cmap).sum() * step, (cmap**2).sum() * step
    sip_area = np.array([np.abs(one).sum() * step for one in epochs])
    ideal = power * sip_area / (area * np.array([(one**2).sum() * step for one in epochs]))
    good = (sip_area >= 20_000) & (ideal <= 100) & (sip_area >= area)
    slope, start = np.polyfit(np.log(sip_area[good]), np.log(ideal[good]), 1)
    assert result.index == pytest.approx(np.exp(start + slope * np.log(20_000)), rel=1e-3)
    assert result.unit_size_index_uv == pytest.approx(8000 / result.index, rel=1e-2)
    assert "should not be interpreted" in result.warning
    with pytest.raises(InputError, match="index cannot be judged"):
        ncs.munix(cmap, epochs[:2], sampling_rate_hz=rate)
