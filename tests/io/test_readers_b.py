"""One test group per reader, on files built by synthetic_b.py with values known in advance."""

from __future__ import annotations

import importlib.util
import struct
from pathlib import Path

import numpy as np
import pytest

from emgwidgets.errors import ReadError
from emgwidgets.io.registry import read

_spec = importlib.util.spec_from_file_location("synthetic_b", Path(__file__).with_name("synthetic_b.py"))
synthetic = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(synthetic)


def kinds(recording):
    return [flag.kind for flag in recording.quality_flags]


class TestXdf:
    def test_streams_of_unlike_rates_share_one_clock(self, tmp_path):
        values = synthetic.xdf(tmp_path / "a.xdf")
        recording = read(tmp_path / "a.xdf")
        assert [(c.name, c.unit, c.sampling_rate_hz) for c in recording.channels] == [
            ("ch0", "uV", 100.0), ("ch1", "uV", 100.0), ("ch0", "g", 50.0),
        ]  # fmt: skip
        np.testing.assert_allclose(recording.channels[0].samples_uv, values[:, 0] * 1000.0)
        np.testing.assert_allclose(recording.channels[1].samples_uv, values[:, 1])
        assert [(round(m.start_s, 6), m.label) for m in recording.annotations] == [(1.0, "start"), (2.5, "stop")]
        assert "secret-host" not in repr(recording) + " ".join(recording.notes)

    def test_gap_becomes_segments_and_a_flag(self, tmp_path):
        synthetic.xdf(tmp_path / "a.xdf", gap_s=20.0, accelerometer=False)
        recording = read(tmp_path / "a.xdf")
        segments = recording.channels[0].segments
        assert [s.n_samples for s in segments] == [200, 200]
        assert segments[1].start_s == pytest.approx(22.0, abs=0.01)
        assert kinds(recording) == ["gap"]
        assert recording.quality_flags[0].size == pytest.approx(20.0, abs=0.05)

    def test_no_unit_stops_with_the_argument(self, tmp_path):
        synthetic.xdf(tmp_path / "a.xdf", units=())
        with pytest.raises(ReadError, match=r'does not say the unit of .*state it with unit=\{"arm 1": "V"'):
            read(tmp_path / "a.xdf")
        assert read(tmp_path / "a.xdf", unit="uV").channels[0].unit == "uV"


class TestSpike2:
    def test_values_unit_and_keyboard(self, tmp_path):
        values = synthetic.spike2(tmp_path / "a.smr")
        recording = read(tmp_path / "a.smr")
        channel = recording.channels[0]
        assert (channel.unit, channel.sampling_rate_hz, channel.samples.dtype) == ("uV", 5000.0, np.int16)
        np.testing.assert_allclose(channel.samples_uv, values * 0.001 / 6553.6 * 1e6, rtol=1e-6)
        assert [(round(m.start_s, 6), m.label) for m in recording.annotations] == [(0.001, "Keyboard s")]
        assert "secret" not in " ".join(recording.notes)

    def test_pause_becomes_segments(self, tmp_path):
        synthetic.spike2(tmp_path / "a.smr", gap_ticks=100_000)
        channel = read(tmp_path / "a.smr").channels[0]
        assert [s.n_samples for s in channel.segments] == [200, 200]
        assert channel.segments[1].start_s == pytest.approx(0.04 + 1.0)

    def test_emg_without_unit_stops(self, tmp_path):
        synthetic.spike2(tmp_path / "a.smr", unit=b"", title=b"prox_EMG")
        with pytest.raises(ReadError, match=r'does not say the unit of \'prox_EMG\'.*unit=\{"prox_EMG": "V"\}'):
            read(tmp_path / "a.smr")
        assert read(tmp_path / "a.smr", unit={"prox_EMG": "mV"}).channels[0].unit == "uV"

    def test_other_channel_without_unit_stays_a_number(self, tmp_path):
        synthetic.spike2(tmp_path / "a.smr", unit=b"", title=b"k_torque")
        recording = read(tmp_path / "a.smr")
        assert recording.channels[0].unit == ""
        assert any("No unit in the file for k_torque" in note for note in recording.notes)

    def test_cut_file_is_refused(self, tmp_path):
        synthetic.spike2(tmp_path / "a.smr")
        content = (tmp_path / "a.smr").read_bytes()
        (tmp_path / "a.smr").write_bytes(content[:2300])
        with pytest.raises(ReadError, match=r"a\.smr"):
            read(tmp_path / "a.smr")


class TestAbf:
    def test_sweeps_are_stretches_at_their_times(self, tmp_path):
        values = synthetic.abf(tmp_path / "a.abf")
        recording = read(tmp_path / "a.abf")
        channel = recording.channels[0]
        np.testing.assert_allclose(channel.samples_uv, values * 10.0 / 32768 * 1000, rtol=1e-6)
        assert [(s.n_samples, s.start_s) for s in channel.segments] == [(200, 0.0), (200, 0.5)]
        assert any("2 sweeps" in note for note in recording.notes)
        assert kinds(recording) == ["gap"]

    def test_current_keeps_its_unit(self, tmp_path):
        synthetic.abf(tmp_path / "a.abf", unit=b"pA")
        assert read(tmp_path / "a.abf").channels[0].unit == "pA"


class TestIntan:
    def test_amplifier_auxiliary_and_filters(self, tmp_path):
        counts = synthetic.intan(tmp_path / "a.rhd")
        recording = read(tmp_path / "a.rhd")
        first, second, aux = recording.channels
        np.testing.assert_allclose(first.samples_uv, (counts.astype(float) - 32768) * 0.195, atol=1e-9)
        assert (first.name, second.name, aux.sampling_rate_hz) == ("needle EMG", "surface EMG", 5000.0)
        assert (first.settings.high_pass_hz, first.settings.low_pass_hz) == (1.0, 7500.0)
        assert first.kind == "needle_emg"
        assert aux.read()[0] == pytest.approx(1000 * 0.0000374 * 1e6)
        assert "secret" not in repr(recording) + " ".join(recording.notes)

    def test_jump_of_the_sample_number_is_a_gap(self, tmp_path):
        synthetic.intan(tmp_path / "a.rhd", gap=1000)
        recording = read(tmp_path / "a.rhd")
        assert [s.n_samples for s in recording.channels[0].segments] == [256, 256]
        assert [s.n_samples for s in recording.channels[2].segments] == [64, 64]
        assert recording.channels[2].segments[1].start_s == pytest.approx(1256 / 20000)
        assert kinds(recording) == ["gap"]

    def test_stimulator_file(self, tmp_path):
        """Amplifier, DC amplifier with its inverting sign, stimulus in both directions, analogue input."""
        counts = synthetic.intan_stimulator(tmp_path / "a.rhs")
        recording = read(tmp_path / "a.rhs")
        nerve, dc, stimulus, trigger = (
            recording.channel(name) for name in ("nerve", "nerve_DC", "nerve_STIM", "trigger")
        )
        np.testing.assert_allclose(nerve.samples_uv, (counts.astype(float) - 32768) * 0.195, atol=1e-9)
        assert dc.samples_uv[0] == pytest.approx(-100 * 19_230.0)
        assert stimulus.unit == "A"
        assert stimulus.read()[[5, 15, 25]] == pytest.approx([0.0, -50e-5, 50e-5])
        assert trigger.samples_uv[0] == pytest.approx(0.5e6)
        assert (nerve.settings.high_pass_hz, nerve.settings.low_pass_hz, nerve.settings.notch_hz) == (1.0, 7500.0, 50.0)
        assert {channel.sampling_rate_hz for channel in recording.channels} == {30000.0}
        assert recording.device.model == "RHS2000"
        assert "secret" not in repr(recording) + " ".join(recording.notes)

    def test_partial_block_is_refused(self, tmp_path):
        synthetic.intan(tmp_path / "a.rhd")
        content = (tmp_path / "a.rhd").read_bytes()
        (tmp_path / "a.rhd").write_bytes(content[:-10])
        with pytest.raises(ReadError, match=r"a\.rhd cannot be read as Intan"):
            read(tmp_path / "a.rhd")


class TestOpenSignals:
    def test_biosignalsplux_emg(self, tmp_path):
        counts = synthetic.opensignals_h5(tmp_path / "a.h5")
        channel = read(tmp_path / "a.h5").channels[0]
        expected_uv = (counts / 2**16 - 0.5) * 3.0 / 1000 * 1e6
        np.testing.assert_allclose(channel.samples_uv, expected_uv, atol=1e-9)
        assert channel.samples.dtype == np.uint16
        assert channel.settings.converter_range == pytest.approx((-1500.0, 1500.0 - 3000 / 65536))

    def test_bitalino_text(self, tmp_path):
        counts = synthetic.opensignals_text(tmp_path / "a.txt")
        recording = read(tmp_path / "a.txt")
        np.testing.assert_allclose(
            recording.channels[0].samples_uv, (counts / 1024 - 0.5) * 3.3 / 1009 * 1e6, atol=1e-9
        )
        assert "secret" not in repr(recording) + " ".join(recording.notes)

    def test_lost_frames_are_a_gap(self, tmp_path):
        synthetic.opensignals_h5(tmp_path / "a.h5", lose=5)
        recording = read(tmp_path / "a.h5")
        assert kinds(recording) == ["gap"]
        assert recording.quality_flags[0].size == pytest.approx(0.005)

    @pytest.mark.parametrize(("device", "sensor"), [("biosignalsplux", "RAW"), ("something else", "EMG")])
    def test_counts_nobody_explains_stop(self, tmp_path, device, sensor):
        synthetic.opensignals_h5(tmp_path / "a.h5", device=device, sensor=sensor)
        with pytest.raises(ReadError, match=r'does not say which sensor.*transfer="biosignalsplux_emg".*unit="counts"'):
            read(tmp_path / "a.h5")
        assert read(tmp_path / "a.h5", unit="counts").channels[0].unit == "counts"
        assert read(tmp_path / "a.h5", transfer="biosignalsplux_emg").channels[0].unit == "uV"

    def test_unknown_transfer(self, tmp_path):
        synthetic.biosppy_text(tmp_path / "a.txt")
        with pytest.raises(ReadError, match=r"no such transfer function; got 'nonsense'"):
            read(tmp_path / "a.txt", transfer="nonsense")

    def test_other_hdf5_is_refused(self, tmp_path):
        import h5py

        with h5py.File(tmp_path / "a.h5", "w") as handle:
            handle["data"] = np.arange(5)
        with pytest.raises(ReadError, match=r"is HDF5 but not of OpenSignals"):
            read(tmp_path / "a.h5")


class TestOpenBci:
    @pytest.mark.parametrize("n_channels", [4, 8, 16])
    def test_all_versions_give_the_same(self, tmp_path, n_channels):
        synthetic.openbci_old(tmp_path / "old.txt", n_channels=n_channels)
        values = synthetic.openbci_v6(tmp_path / "new.txt", n_channels=n_channels)
        for name in ("old.txt", "new.txt"):
            recording = read(tmp_path / name)
            emg = [c for c in recording.channels if c.unit == "uV"]
            assert len(emg) == n_channels
            np.testing.assert_allclose(emg[-1].samples_uv, values[:, -1])
            assert not recording.quality_flags

    def test_jump_of_the_index_is_a_gap(self, tmp_path):
        synthetic.openbci_old(tmp_path / "a.txt", jump=10)
        recording = read(tmp_path / "a.txt")
        assert kinds(recording) == ["gap"]
        assert recording.quality_flags[0].size == pytest.approx(10 / 250)

    def test_marker_channel_and_no_dates(self, tmp_path):
        synthetic.openbci_v6(tmp_path / "a.txt")
        recording = read(tmp_path / "a.txt")
        assert [(m.start_s, m.label) for m in recording.annotations] == [(1.0, "marker 3")]
        assert not any("time" in c.name.lower() for c in recording.channels)


class TestDelsys:
    def test_rates_and_ragged_columns(self, tmp_path):
        fast, slow = synthetic.delsys(tmp_path / "a.csv")
        recording = read(tmp_path / "a.csv")
        assert [(c.sampling_rate_hz, c.n_samples, c.unit) for c in recording.channels] == [
            (2000.0, 400, "uV"),
            (200.0, 40, "g"),
        ]
        np.testing.assert_allclose(recording.channels[0].samples_uv, fast * 1e6)
        np.testing.assert_allclose(recording.channels[1].read(), slow)
        assert not recording.quality_flags

    def test_fewer_points_than_stated_are_flagged(self, tmp_path):
        synthetic.delsys(tmp_path / "a.csv", stated=1000)
        recording = read(tmp_path / "a.csv")
        assert kinds(recording) == ["missing"]
        assert recording.quality_flags[0].size == 600


class TestC3d:
    def test_values_and_unit(self, tmp_path):
        values = synthetic.c3d(tmp_path / "a.c3d")
        recording = read(tmp_path / "a.c3d")
        channel = recording.channel("Biceps.EMG")
        assert channel.sampling_rate_hz == 1000.0
        np.testing.assert_allclose(channel.samples_uv, values * 1000, rtol=1e-5, atol=1e-2)
        assert any("2 markers at 100 Hz" in note for note in recording.notes)

    def test_emg_without_unit_stops(self, tmp_path):
        synthetic.c3d(tmp_path / "a.c3d", unit="")
        with pytest.raises(ReadError, match=r'unit=\{"Biceps.EMG": "V"\}'):
            read(tmp_path / "a.c3d")


class TestDicom:
    def test_sensitivity_baseline_skew_and_offset(self, tmp_path):
        stored = synthetic.dicom(tmp_path / "a.dcm")
        recording = read(tmp_path / "a.dcm")
        first, second = recording.channels
        np.testing.assert_allclose(first.samples_uv, (stored[:, 0] * 0.001 + 0.5) * 1000)
        assert (first.kind, first.samples.dtype, first.settings.high_pass_hz) == ("emg", np.int16, 20.0)
        assert (first.start_s, second.start_s) == (0.5, pytest.approx(0.501))

    @pytest.mark.parametrize(
        ("storage", "kind"),
        [("ElectromyogramWaveformStorage", "emg"), ("General32bitECGWaveformStorage", "ecg"), ("TwelveLeadECGWaveformStorage", "ecg"),
         ("GeneralECGWaveformStorage", "ecg"), ("AmbulatoryECGWaveformStorage", "ecg")],
    )  # fmt: skip
    def test_classes_of_emg_and_ecg(self, tmp_path, storage, kind):
        synthetic.dicom(tmp_path / "a.dcm", storage=storage)
        assert {channel.kind for channel in read(tmp_path / "a.dcm").channels} == {kind}

    def test_identifiers_only_on_request(self, tmp_path):
        synthetic.dicom(tmp_path / "a.dcm")
        assert not read(tmp_path / "a.dcm").identifiers
        kept = read(tmp_path / "a.dcm", keep_identifiers=True)
        assert kept.identifiers["PatientID"] == "12345"
        assert "Secret" not in repr(kept) + " ".join(kept.notes)

    def test_no_unit_stops(self, tmp_path):
        synthetic.dicom(tmp_path / "a.dcm", unit="")
        with pytest.raises(ReadError, match=r"does not say the unit of 'electrode 0', 'electrode 1'"):
            read(tmp_path / "a.dcm")


class TestQtrac:
    def test_scan_facts_and_privacy(self, tmp_path):
        points = synthetic.qtrac(tmp_path / "a.MEM")
        recording = read(tmp_path / "a.MEM")
        scan = recording.tables[0]
        assert (scan.name, scan.columns) == ("cmap_scan", ("stimulus_ma", "amplitude_mv"))
        np.testing.assert_allclose(scan.values, np.round(points, 3))
        assert recording.title == "Median Wr-APB"
        assert "Age: 43 years." in recording.notes
        assert not recording.quality_flags
        shown = repr(recording) + " ".join(recording.notes)
        assert not any(word in shown for word in ("SECRET", "Secret", "QQ", "1/2/20"))
        assert read(tmp_path / "a.MEM", keep_identifiers=True).identifiers["Operator"] == "QQ"

    def test_cut_file_is_flagged(self, tmp_path):
        synthetic.qtrac(tmp_path / "a.MEM")
        content = (tmp_path / "a.MEM").read_bytes()
        (tmp_path / "a.MEM").write_bytes(content[:2000])
        assert kinds(read(tmp_path / "a.MEM")) == ["missing"]

    def test_group_list_is_refused(self, tmp_path):
        (tmp_path / "group.MEF").write_text("AB00128A\nAB00201A\n")
        with pytest.raises(ReadError, match=r"group\.MEF is a group list of QTRAC"):
            read(tmp_path / "group.MEF")


class TestMonStim:
    def test_sweeps_with_their_stimulus(self, tmp_path):
        values = synthetic.monstim(tmp_path / "a.csv")
        recording = read(tmp_path / "a.csv")
        assert len(recording.sweeps) == 5
        np.testing.assert_allclose(recording.sweeps[3].samples_uv, values[3] * 1000)
        assert recording.sweeps[3].stimulus.voltage_v == pytest.approx(0.5)
        assert (recording.sweeps[3].start_ms, recording.sweeps[3].sampling_rate_hz) == (-1.0, 10000.0)
        assert [s.n_samples for s in recording.channels[0].segments] == [80] * 5
        assert [round(s.time_s, 6) for s in recording.stimuli[:2]] == [0.001, 0.009]

    def test_missing_sample_inside_a_sweep_is_refused(self, tmp_path):
        synthetic.monstim(tmp_path / "a.csv")
        lines = (tmp_path / "a.csv").read_text().splitlines(keepends=True)
        del lines[30]
        (tmp_path / "a.csv").write_text("".join(lines))
        with pytest.raises(ReadError, match=r"a\.csv (misses samples inside a sweep|has sweeps of unlike rates)"):
            read(tmp_path / "a.csv")


def test_intan_builder_follows_the_published_magic(tmp_path):
    synthetic.intan(tmp_path / "a.rhd")
    assert struct.unpack("<I", (tmp_path / "a.rhd").read_bytes()[:4])[0] == 0xC6912702


@pytest.mark.parametrize(
    ("name", "word"),
    [("spike2", "secret name"), ("intan", "secret name"), ("opensignals_h5", "00:07:80"), ("opensignals_text", "secret name"),
     ("xdf", "secret-host"), ("abf", "2020"), ("qtrac", "SECRET"), ("dicom", "Secret")],
)  # fmt: skip
def test_identifiers_are_kept_only_on_request(tmp_path, name, word):
    path = synthetic.build(name, tmp_path)
    plain, full = read(path), read(path, keep_identifiers=True)
    assert not plain.identifiers
    assert any(word in text for text in full.identifiers.values())
    for recording in (plain, full):
        shown = repr(recording) + repr(recording.channels) + repr(recording.device) + " ".join(recording.notes)
        assert word not in shown
