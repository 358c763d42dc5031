"""Decomposition: trains against truth, properties, edits, and input that cannot be used."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from needle_signals import RATE_HZ, make_trace, potential_uv, three_units, train_s

from emgwidgets.analysis.needle import (
    Edit,
    apply_edits,
    decompose,
    edits_from_json,
    edits_to_json,
    match_units,
    signal_of,
)
from emgwidgets.analysis.needle.decomposition import Train, build_result
from emgwidgets.errors import InputError
from emgwidgets.model.needle_analysis import DecompositionResult
from emgwidgets.model.signal import RecordingSettings, Trace


@pytest.fixture(scope="module")
def three() -> tuple[Trace, list[np.ndarray], DecompositionResult]:
    trace, trains, _ = three_units()
    return trace, trains, decompose(trace)


def found_in(result: DecompositionResult) -> list[np.ndarray]:
    return [one.times_s for one in result.units]


def test_three_units_are_found_with_all_their_discharges(three) -> None:
    _, trains, result = three
    assert len(result.units) == 3
    for match in match_units(found_in(result), trains, tolerance_ms=0.5):
        assert match.agreement is not None
        assert match.agreement.sensitivity >= 0.98
        assert match.agreement.positive_predictive_value >= 0.98


def test_the_largest_unit_comes_first_and_sizes_are_in_rms(three) -> None:
    trace, _, result = three
    sizes = [one.size_to_rms for one in result.units]
    assert sizes == sorted(sizes, reverse=True)
    rms = np.sqrt(((trace.samples_uv - np.median(trace.samples_uv)) ** 2).mean())
    assert sizes[0] == pytest.approx(np.abs(result.units[0].waveform_uv).max() / rms)


def test_rates_and_regularity_are_those_of_the_trains(three) -> None:
    _, trains, result = three
    for match in match_units(found_in(result), trains):
        unit, truth = result.units[match.found], trains[match.reference]
        assert unit.rate_hz == pytest.approx(1 / np.diff(truth).mean(), rel=0.03)
        assert unit.interval_cv == pytest.approx(np.diff(truth).std() / np.diff(truth).mean(), abs=0.04)
        assert unit.is_valid


def test_signal_is_residual_plus_units(three) -> None:
    trace, _, result = three
    whole = signal_of(result)
    assert np.abs(whole - (trace.samples_uv - np.median(trace.samples_uv))).max() < 1e-6
    assert result.explained_share > 0.9


def test_scale_changes_nothing_but_size(three) -> None:
    trace, _, result = three
    larger = decompose(replace(trace, samples_uv=3.7 * trace.samples_uv))
    assert [len(one.times_s) for one in larger.units] == [len(one.times_s) for one in result.units]
    for a, b in zip(larger.units, result.units, strict=True):
        assert np.abs(a.times_s - b.times_s).max() < 1e-4
        assert np.abs(a.waveform_uv).max() == pytest.approx(3.7 * np.abs(b.waveform_uv).max(), rel=1e-3)


def test_sign_changes_the_waveform_and_no_train(three) -> None:
    trace, _, result = three
    turned = decompose(replace(trace, samples_uv=-trace.samples_uv))
    for a, b in zip(turned.units, result.units, strict=True):
        assert len(a.times_s) == len(b.times_s)
        assert np.abs(a.waveform_uv + b.waveform_uv).max() < 0.05 * np.abs(b.waveform_uv).max()


def test_start_of_the_stretch_moves_every_time(three) -> None:
    trace, _, result = three
    later = decompose(replace(trace, start_s=100.0))
    for a, b in zip(later.units, result.units, strict=True):
        assert np.allclose(a.times_s, b.times_s + 100.0)


def test_repeats_exactly(three) -> None:
    trace, _, result = three
    again = decompose(trace)
    assert again.to_json_dict() == result.to_json_dict()


def test_superposed_discharges_are_both_found() -> None:
    rng = np.random.default_rng(5)
    waves = [potential_uv(0.35, amplitude_uv=900.0), potential_uv(0.6, amplitude_uv=600.0, skew=0.8)]
    first = train_s(10.0, 10.0, rng)
    second = np.sort(
        np.where(rng.random(len(first)) < 0.4, first + rng.uniform(-0.0012, 0.0012, len(first)), first + 0.045)
    )
    result = decompose(make_trace(waves, [first, second], seed=5))
    for match in match_units(found_in(result), [first, second]):
        assert match.agreement is not None
        assert match.agreement.accuracy >= 0.95


def test_false_discharges_are_less_sure_than_right_ones() -> None:
    rng = np.random.default_rng(9)
    waves = [potential_uv(0.35, amplitude_uv=500.0), potential_uv(0.35, amplitude_uv=290.0, skew=0.5)]
    listed, rare = train_s(10.0, 10.0, rng), np.array([1.034, 3.571, 6.222, 8.817])  # too few to be a unit of its own
    result = decompose(make_trace(waves, [listed, rare], noise_uv=10.0))
    unit = result.units[0]
    agreed = match_units([unit.times_s], [listed])[0].agreement
    assert agreed is not None
    is_right = np.zeros(unit.n_discharges, dtype=bool)
    is_right[agreed.pairs[:, 0]] = True
    assert unit.confidence[is_right].min() > 0.99
    assert (unit.confidence[~is_right] < 0.9).all()


def test_noise_alone_has_no_units() -> None:
    rng = np.random.default_rng(3)
    result = decompose(Trace(samples_uv=5 * rng.standard_normal(250000), sampling_rate_hz=RATE_HZ))
    assert result.units == ()
    assert any("No motor unit" in one for one in result.notes)


def test_irregular_discharges_are_not_counted_as_a_unit() -> None:
    rng = np.random.default_rng(4)
    times = np.sort(rng.uniform(0.2, 9.8, 60))
    result = decompose(make_trace([potential_uv(0.35, amplitude_uv=800.0)], [times]))
    assert result.units == ()
    assert result.rejected
    assert any("intervals" in one for one in result.rejected[0].doubts)


# --- edits


@pytest.mark.parametrize(("wander_ms", "is_repeat"), [(0.0, True), (0.1, True), (8.0, False)])
def test_a_train_that_repeats_a_larger_one_at_one_delay_is_doubted(three, wander_ms: float, is_repeat: bool) -> None:
    trace, trains, _ = three
    rng = np.random.default_rng(3)
    times_s = trains[0][2:] + 0.004 + rng.uniform(-wander_ms, wander_ms, len(trains[0]) - 2) / 1000
    given = [
        Train(str(number), (one - trace.start_s) * trace.sampling_rate_hz, np.ones(len(one)))
        for number, one in enumerate((*trains, times_s))
    ]
    # a reader's units all stay; each with its doubts
    named = build_result(np.asarray(trace.samples_uv), given, trace=trace, is_named=True)
    doubted = {one.label: "keep one delay" in " ".join(one.doubts) for one in named.units}
    assert doubted == {"0": False, "1": False, "2": False, "3": is_repeat}


def test_a_repeat_of_a_larger_unit_is_listed_only_where_its_delay_is_not_one(three) -> None:
    trace, trains, _ = three
    rng = np.random.default_rng(5)
    rate = trace.sampling_rate_hz
    wave = potential_uv(0.5, amplitude_uv=300.0, rate_hz=rate)
    listed = {}
    for wander_ms in (0.0, 8.0):
        times_s = trains[0][2:] + 0.02 + rng.uniform(-wander_ms, wander_ms, len(trains[0]) - 2) / 1000
        samples = np.array(trace.samples_uv)
        for at in np.round((times_s - trace.start_s) * rate).astype(int) - len(wave) // 2:
            samples[at : at + len(wave)] += wave
        given = [
            Train(str(k), (one - trace.start_s) * rate, np.ones(len(one))) for k, one in enumerate((*trains, times_s))
        ]
        listed[wander_ms] = len(build_result(samples, given, trace=trace, is_named=False).units)
    assert listed == {0.0: 3, 8.0: 4}


def test_edits_survive_json() -> None:
    edits = (
        Edit(kind="split", unit="1", other="9", times_s=(1.0, 2.0), reader="a", note="two shapes"),
        Edit(kind="delete", unit="2"),
    )
    assert edits_from_json(edits_to_json(edits)) == edits


def test_splitting_and_merging_gives_the_same_unit_back(three) -> None:
    _, _, result = three
    half = tuple(float(t) for t in result.units[0].times_s[::2])
    parts = apply_edits(result, [Edit(kind="split", unit="1", other="new", times_s=half)])
    assert len(parts.units) == 4
    assert parts.unit("new").n_discharges == len(half)
    whole = apply_edits(parts, [Edit(kind="merge", unit="1", other="new")])
    assert np.allclose(whole.unit("1").times_s, result.unit("1").times_s)
    assert np.abs(whole.residual_uv - result.residual_uv).max() < 1.0
    assert len(whole.edits) == 2


def test_deleting_a_unit_leaves_it_in_the_residual(three) -> None:
    _, _, result = three
    less = apply_edits(result, [Edit(kind="delete", unit="1")])
    assert [one.label for one in less.units] == ["2", "3"]
    assert less.explained_share < result.explained_share
    at = round(result.units[0].times_s[3] * RATE_HZ)
    assert np.abs(less.residual_uv[at - 50 : at + 50]).max() > 300


def test_adding_back_a_deleted_discharge(three) -> None:
    _, _, result = three
    gone = float(result.units[1].times_s[7])
    edits = [Edit(kind="delete", unit="2", times_s=(gone,)), Edit(kind="add", unit="2", times_s=(gone,))]
    again = apply_edits(result, edits)
    assert np.allclose(again.unit("2").times_s, result.unit("2").times_s)
    assert again.unit("2").confidence[7] == 1.0


def test_moving_a_discharge_to_another_unit(three) -> None:
    _, _, result = three
    moved = apply_edits(result, [Edit(kind="move", unit="1", other="2", times_s=(float(result.units[0].times_s[0]),))])
    assert moved.unit("1").n_discharges == result.unit("1").n_discharges - 1
    assert moved.unit("2").n_discharges == result.unit("2").n_discharges + 1


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (Edit(kind="delete", unit="77"), "unit that is not there"),
        (Edit(kind="delete", unit="1", times_s=(0.0001,)), "has no discharge there"),
        (Edit(kind="add", unit="1", times_s=(99.0,)), "outside the recording"),
        (Edit(kind="split", unit="1", other="2", times_s=(0.3,)), "exists already"),
    ],
)
def test_an_edit_that_does_not_fit_is_refused(three, edit: Edit, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        apply_edits(three[2], [edit])


def test_edits_need_what_they_name() -> None:
    with pytest.raises(InputError, match="needs a second unit"):
        Edit(kind="merge", unit="1")
    with pytest.raises(InputError, match="needs discharges"):
        Edit(kind="add", unit="1")
    with pytest.raises(InputError, match="edits cannot be read"):
        edits_from_json('{"kind": 3}')


# --- input that cannot be used


def test_a_rate_too_low_is_refused() -> None:
    with pytest.raises(InputError, match=r"too low to tell motor units apart; got 4000 Hz"):
        decompose(Trace(samples_uv=np.random.default_rng(0).standard_normal(40000), sampling_rate_hz=4000.0))


def test_a_short_stretch_is_refused(three) -> None:
    with pytest.raises(InputError, match="too short to find trains"):
        decompose(replace(three[0], samples_uv=three[0].samples_uv[:20000]))


def test_a_flat_stretch_is_refused() -> None:
    with pytest.raises(InputError, match="stretch is flat"):
        decompose(Trace(samples_uv=np.zeros(250000), sampling_rate_hz=RATE_HZ))


def test_a_clipped_signal_is_refused_or_said(three) -> None:
    trace = three[0]
    with pytest.raises(InputError, match="signal is clipped"):
        decompose(replace(trace, samples_uv=np.clip(trace.samples_uv, -6.0, 6.0)))
    some = decompose(replace(trace, samples_uv=np.clip(trace.samples_uv, -420.0, 1e9)))
    assert any("limit of the range" in one for one in some.notes)


def test_a_surface_recording_is_refused() -> None:
    rng = np.random.default_rng(2)
    slow = np.convolve(rng.standard_normal(250000), np.hanning(300), mode="same")
    with pytest.raises(InputError, match="surface recording"):
        decompose(Trace(samples_uv=slow, sampling_rate_hz=RATE_HZ))
    with pytest.raises(InputError, match="surface recording"):
        decompose(
            Trace(
                samples_uv=rng.standard_normal(250000),
                sampling_rate_hz=RATE_HZ,
                settings=RecordingSettings(electrode="surface disc"),
            )
        )


def test_missing_samples_are_said_or_refused(three) -> None:
    trace = three[0]
    few = trace.samples_uv.copy()
    few[1000:1200] = np.nan
    assert any("missing" in one for one in decompose(replace(trace, samples_uv=few)).notes)
    many = trace.samples_uv.copy()
    many[:50000] = np.nan
    with pytest.raises(InputError, match="too many samples are missing"):
        decompose(replace(trace, samples_uv=many))


def test_few_discharges_are_a_doubt() -> None:
    rng = np.random.default_rng(8)
    times = train_s(9.0, 1.9, rng)
    result = decompose(make_trace([potential_uv(0.35, amplitude_uv=800.0)], [times]))
    listed = (*result.units, *result.rejected)
    assert listed
    assert any("fewer than the 20" in doubt for one in listed for doubt in one.doubts)


@pytest.mark.recordings
def test_largest_unit_of_the_real_sort_is_found_again(recordings: Path) -> None:
    import emgwidgets as emg

    recording = emg.read(recordings / "spike2-smr" / "motor_units.smr")
    result = decompose(recording.trace("DIA SMU"))
    labels = sorted({one.label for one in recording.annotations})
    trains = [np.array([a.start_s for a in recording.annotations if a.label == label]) for label in labels]
    matches = match_units([u.times_s for u in result.units], trains)
    largest = matches[labels.index("unit MU2")].agreement
    assert largest is not None
    assert largest.accuracy >= 0.8
    assert largest.n_false <= 2


def test_command_prints_units_and_writes_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from emgwidgets.cli import main
    from emgwidgets.io.registry import write
    from emgwidgets.model.signal import ArraySamples, Channel, Recording

    trace, _, _ = three_units(seed=2)
    stored = ArraySamples(stored=np.round(10 * trace.samples_uv).astype(np.int16), gain=0.1, offset=0.0)
    channel = Channel(name="needle", unit="uV", sampling_rate_hz=RATE_HZ, samples=stored, kind="needle_emg")
    write(Recording(channels=(channel,)), tmp_path / "three.bdf")
    out = tmp_path / "units.json"
    assert main(["decompose", str(tmp_path / "three.bdf"), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "unit" in said
    assert "% of its energy explained" in said
    written = json.loads(out.read_text(encoding="utf-8"))
    assert len(written["units"]) == len(written["muaps"]) == 3
    assert main(["decompose", str(tmp_path / "three.bdf"), "--out", str(out)]) == 1  # not replaced unasked
