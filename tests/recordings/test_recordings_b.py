"""Real files of half of the formats against the figures an independent reader found (README of the recordings)."""

from __future__ import annotations

import re

import numpy as np
import pytest

from emgwidgets.errors import ReadError
from emgwidgets.io.registry import read
from emgwidgets.io.survey import survey

pytestmark = pytest.mark.recordings


def extent(channel):
    values = channel.read()
    return float(np.nanmin(values)), float(np.nanmax(values))


@pytest.mark.parametrize(
    ("name", "channel", "rate_hz", "n_samples", "unit", "low", "high"),
    [
        ("motor_units.smr", "DIA SMU", 25000, 327858, "uV", -679.2, 1498),
        ("motor_units.smr", "flow", 1000, 13114, "L/s", -0.9323, 0.3915),
        ("motor_units.smr", "volume", 1000, 13114, "L", -1, -0.3069),
        ("motor_units.smr", "CO2", 1000, 13114, "%", 0.2853, 5.823),
        ("tremor_mvc_ext.smr", "Flex", 5000, 332417, "uV", -396.1, 321.8),
        ("tremor_mvc_ext.smr", "Ext", 5000, 332417, "uV", -0.3449, 0.3914),
        ("biomech0deg.smr", "prox_EMG", 5000, 562321, "uV", -690.5, 805.6),
        ("biomech0deg.smr", "dist_EMG", 5000, 562321, "uV", -1369, 1634),
        ("biomech0deg.smr", "k_angle", 200, 22493, "deg", 3.46, 98.28),
        ("biomech0deg.smr", "k_torque", 200, 22493, "", -3.079, 0.3818),
    ],
)
def test_spike2(recordings, name, channel, rate_hz, n_samples, unit, low, high):  # noqa: PLR0917
    found = read(recordings / "spike2-smr" / name).channel(channel)
    assert (found.sampling_rate_hz, found.n_samples, found.unit) == (rate_hz, n_samples, unit)
    assert extent(found) == pytest.approx((low, high), rel=1e-3)


def test_spike2_sorted_units_and_events(recordings):
    marks = read(recordings / "spike2-smr" / "motor_units.smr").annotations
    labels = [mark.label for mark in marks]
    assert (labels.count("unit MU1"), labels.count("unit MU2"), len(labels)) == (62, 50, 112)
    assert {mark.status for mark in marks} == {"proposed"}
    assert [mark.label for mark in read(recordings / "spike2-smr" / "biomech0deg.smr").annotations] == ["Trig"] * 5


def measured_scans(recordings):
    """Figures of the README for the CMAP scans."""
    line = re.compile(
        r"^\| (\S+\.MEM) \| \d+ \| .*?, (\d+) y ([MF]), ([^,]+), ([0-9.]+) C, .*\| (\d+) points, stimulus ([-0-9.]+) to "
        r"([-0-9.]+) mA, CMAP ([-0-9.]+) to ([-0-9.]+) mV \|$"
    )
    text = (recordings / "README.md").read_text(encoding="utf-8")
    return [match.groups() for match in map(line.match, text.splitlines()) if match]


def test_cmap_scans(recordings):
    rows = measured_scans(recordings)
    assert len(rows) >= 30
    for name, age, sex, sites, temperature, n_points, *limits in rows:
        recording = read(recordings / "cmap-scan-mem" / name)
        scan = next(table for table in recording.tables if table.name == "cmap_scan")
        assert scan.values.shape == (int(n_points), 2)
        found = [*(f(scan.values[:, c]) for c in (0, 1) for f in (np.min, np.max))]
        assert found == pytest.approx([float(limit) for limit in limits], abs=1e-9), name
        assert recording.title == sites
        assert f"Age: {age} years." in recording.notes
        assert f"Sex: {sex}." in recording.notes
        assert any(
            note.startswith("Temperature:") and float(note.split()[1]) == float(temperature) for note in recording.notes
        )
        assert not recording.quality_flags


def test_no_name_of_a_subject_in_what_is_shown(recordings):
    for path in sorted((recordings / "cmap-scan-mem").glob("*.MEM"))[:5]:
        kept = read(path, keep_identifiers=True).identifiers
        recording = read(path)
        shown = repr(recording) + " ".join(recording.notes) + recording.title
        assert not recording.identifiers
        assert kept["Name"] not in shown
        assert kept["Date"] not in shown


def test_group_lists_are_refused(recordings):
    for path in (recordings / "cmap-scan-mem").glob("*.MEF"):
        with pytest.raises(ReadError, match="is a group list of QTRAC"):
            read(path)


def test_excitability(recordings):
    folder = recordings / "nerve-excitability-mem"
    tables = {table.name: table for table in read(folder / "FESB70821A.MEM").tables}
    assert tables["stimulus_response"].values.shape == (49, 2)
    assert tables["recovery_cycle"].values[0].tolist() == [3.2, 4.99]
    assert tables["threshold_iv"].values[-1].tolist() == [-100, -301.32]
    assert tables["threshold_electrotonus TE1"].values.shape == (28, 3)
    derived = tables["derived_variables"]
    assert derived.values[0][derived.columns.index("Rheobase (mA)")] == 4.026
    short = {table.name: table for table in read(folder / "short_test.MEM").tables}
    assert short["max_cmap"].values.tolist() == pytest.approx(np.array([[0.2, 0.06136306], [1.0, 1.161296]]))


def test_monstim(recordings):
    recording = read(recordings / "evoked-mwave-csv" / "Example_Data_2.csv")
    assert len(recording.sweeps) == 80
    assert sum(len(sweep.samples_uv) for sweep in recording.sweeps) == 6400
    assert extent(recording.channels[0]) == pytest.approx((-7859, 4961), rel=1e-3)
    volts = [sweep.stimulus.voltage_v for sweep in recording.sweeps]
    assert (min(volts), max(volts)) == (0.32, 0.82)
    sweep = recording.sweeps[0]
    assert (sweep.start_ms, sweep.times_ms[-1], sweep.sampling_rate_hz) == (-1.0, pytest.approx(6.9), 10000.0)


def test_opensignals_h5(recordings):
    for name, n_samples, half_uv in (("emg_bursts.h5", 28519, 1500), ("emg_fatigue.h5", 126900, 1500)):
        channel = read(recordings / "opensignals-h5" / name).channels[0]
        assert (channel.n_samples, channel.sampling_rate_hz, channel.kind) == (n_samples, 1000.0, "emg")
        low, high = extent(channel)
        assert -half_uv <= low < 0 < high <= half_uv
        assert abs(np.median(channel.read())) < 50  # the middle of the converter is zero input


def test_biosppy(recordings):
    path = recordings / "biosppy-txt" / "emg.txt"
    with pytest.raises(ReadError, match='transfer="biosignalsplux_emg"'):
        read(path)
    channel = read(path, unit="counts").channels[0]
    assert (channel.n_samples, *extent(channel)) == (100000, 2037, 2071)


@pytest.mark.parametrize(
    "name", ["OpenBCI_GUI-v6-blinks-jawClench-alpha.txt", "OpenBCI-sampleData-1-blinks-jawClench-alpha.txt"]
)
def test_openbci(recordings, name):
    recording = read(recordings / "openbci-txt" / name)
    emg = [channel for channel in recording.channels if channel.unit == "uV"]
    assert (len(emg), emg[0].n_samples, emg[0].sampling_rate_hz) == (8, 22490, 250.0)
    low = min(extent(channel)[0] for channel in emg)
    high = max(extent(channel)[1] for channel in emg)
    assert (low, high) == pytest.approx((-27979.8, 65682.84))
    assert not recording.quality_flags


def test_delsys(recordings):
    recording = read(recordings / "delsys-csv" / "truncated_trigno_sample.csv")
    emg = [channel for channel in recording.channels if channel.kind == "emg"]
    assert [channel.name for channel in emg] == ["Mini sensor 10: EMG 10", "Mini sensor 11: EMG 11"]
    assert {channel.sampling_rate_hz for channel in recording.channels} == {1259.259, 148.1481}
    assert (min(extent(c)[0] for c in emg), max(extent(c)[1] for c in emg)) == pytest.approx((-462, 475), rel=2e-3)
    assert len([flag for flag in recording.quality_flags if flag.kind == "missing"]) == 14


def test_xdf_minimal(recordings):
    path = recordings / "xdf" / "minimal.xdf"
    with pytest.raises(ReadError, match=r"does not say the unit of 'SendDataC 1'"):
        read(path)
    recording = read(path, unit="uV")
    assert [(c.n_samples, round(c.sampling_rate_hz, 6)) for c in recording.channels] == [(9, 10.0)] * 3
    assert recording.channels[0].read()[0] == 192
    assert len(recording.annotations) == 9


def test_xdf_clock_resets(recordings):
    recording = read(recordings / "xdf" / "clock_resets.xdf", unit="uV")
    assert [channel.n_samples for channel in recording.channels] == [27815] * 8
    assert len(recording.channels[0].segments) == 2
    assert [flag.kind for flag in recording.quality_flags] == ["clock_reset"]
    assert len(recording.annotations) == 175
    times_s = recording.channels[0].times_s()
    assert (np.diff(times_s) > 0).all()


def test_c3d(recordings):
    recording = read(recordings / "c3d" / "markers_analogs.c3d")
    assert (len(recording.channels), recording.channels[0].n_samples) == (38, 11600)
    assert {channel.sampling_rate_hz for channel in recording.channels} == {2000.0}
    assert {channel.unit for channel in recording.channels} == {"uV"}
    assert [c.kind for c in recording.channels if c.name in {"Voltage.1", "Biceps.EMG4"}] == ["other", "emg"]


def test_dicom(recordings):
    recording = read(recordings / "dicom" / "waveform_ecg.dcm")
    assert [c.n_samples for c in recording.channels[:12]] == [10000] * 12
    assert {c.sampling_rate_hz for c in recording.channels} == {1000.0}
    assert {c.kind for c in recording.channels} == {"ecg"}
    settings = recording.channels[0].settings
    assert (settings.high_pass_hz, settings.low_pass_hz) == (0.05, 300.0)
    assert len(recording.annotations) == 66
    with pytest.raises(ReadError, match="is an image, not a recording; got MR Image Storage"):
        read(recordings / "dicom" / "MR_small.dcm")


def test_abf(recordings):
    channel = read(recordings / "abf" / "17o05027_ic_ramp.abf").channels[0]
    assert (channel.sampling_rate_hz, len(channel.segments), channel.n_samples) == (20000.0, 2, 40000)
    first = channel.read(0, 20000)  # the README's figures are those of the first sweep
    assert (first.min(), first.max()) == pytest.approx((-49470, 30980), rel=1e-3)


def test_damaged_text_of_a_needle_recording(recordings):
    path = recordings / "physionet-emgdb" / "emg_healthy.txt"
    with pytest.raises(ReadError, match=r"does not say the unit of 'column 0', 'column 1'; got no header"):
        read(path)
    plan = {
        "time_column": 0,
        "time_unit": "s",
        "columns": [{"column": 1, "name": "EMG", "unit": "mV", "kind": "needle_emg"}],
    }
    recording = read(path, columns=plan)
    channel = recording.channels[0]
    assert (channel.n_samples, channel.sampling_rate_hz, len(channel.segments)) == (50860, 4000.0, 1)
    assert np.isnan(channel.read()).sum() == 2
    assert extent(channel) == pytest.approx((-515, 1113.3), rel=1e-3)
    places = sorted(round(flag.start_s, 5) for flag in recording.quality_flags if flag.kind == "damaged_lines")
    assert places == [0.15975, pytest.approx(10.366, abs=5e-4)]


@pytest.mark.parametrize(("name", "n_missing", "low", "high"), [("01", 200, -192, 182.5), ("02", 8, -148.9, 163.9)])
def test_emgflow(recordings, name, n_missing, low, high):
    path = recordings / "emgflow-csv" / f"sample_data_{name}.csv"
    with pytest.raises(ReadError, match=r'unit=\{"EMG_zyg": "mV", "EMG_cor": "mV"\}'):
        read(path)
    recording = read(path, unit="mV", sampling_rate_hz=2000)
    assert [c.n_samples for c in recording.channels] == [20000, 20000]
    assert sum(int(np.isnan(c.read()).sum()) for c in recording.channels) == n_missing
    assert sum(flag.size for flag in recording.quality_flags if flag.kind == "missing") == n_missing
    assert min(extent(c)[0] for c in recording.channels) == pytest.approx(low, rel=2e-3)
    assert max(extent(c)[1] for c in recording.channels) == pytest.approx(high, rel=2e-3)


def test_every_file_ends_in_a_row(recordings):
    rows = survey(recordings)
    files = [path for path in recordings.rglob("*") if path.is_file() and not path.name.startswith(".")]
    assert len(rows) == len(files)
    for row in rows:
        assert row.is_open or row.refusal.endswith(".")
        assert "\n" not in row.refusal
        assert "cannot be read as" not in row.refusal  # that sentence hides an unexpected error
        if row.path.endswith(".nii.gz"):
            assert "is an MRI volume, not a recording" in row.refusal
    assert sum(row.is_open for row in rows) >= 60
