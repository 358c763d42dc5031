"""WFDB, WAV, NumPy, MATLAB, CSV and BIDS-EMG: what must be stated, what is refused, and what a round trip keeps."""

from __future__ import annotations

import struct
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emgwidgets.errors import ReadError, WriteError
from emgwidgets.io._csv_writer import read_own_csv, write_csv
from emgwidgets.io._wfdb_header import is_header_text
from emgwidgets.io.bids_emg import read_bids, write_bids
from emgwidgets.io.matlab import read_matlab
from emgwidgets.io.npy import read_npy, read_npz, write_npz
from emgwidgets.io.registry import ReadOptions
from emgwidgets.io.wav import read_wav
from emgwidgets.io.wfdb import read_wfdb, write_wfdb
from emgwidgets.model.signal import (
    Annotation,
    ArraySamples,
    Channel,
    Device,
    QualityFlag,
    Recording,
    RecordingSettings,
    Segment,
    Stimulus,
    Sweep,
    Table,
)

NOTHING = ReadOptions()


def stated(unit=None, rate_hz=None, **options):
    return ReadOptions(unit=unit, sampling_rate_hz=rate_hz, options=options)


def make_full():
    """A recording with one of everything: unlike rates, a gap, missing values, sweeps, tables, marks."""
    rng = np.random.default_rng(7)
    values = rng.normal(3, 50, 600)
    values[17:20] = np.nan
    parts = (Segment(first_sample=0, n_samples=400, start_s=0.0), Segment(first_sample=400, n_samples=200, start_s=1.0))
    emg = Channel(
        name="EMG, left APB", unit="uV", sampling_rate_hz=1000.0, samples=ArraySamples(stored=values), segments=parts, kind="needle_emg",
        settings=RecordingSettings(high_pass_hz=10.0, electrode="concentric", active="E1", converter_range=(-5000.0, 5000.0)),
    )  # fmt: skip
    stored = rng.integers(-100, 100, 50).astype(np.int16)
    force = Channel(
        name="Force",
        unit="N",
        sampling_rate_hz=50.0,
        samples=ArraySamples(stored=stored, gain=0.25, offset=1.0),
        kind="force",
    )
    return Recording(
        channels=(emg, force), device=Device(maker="maker"), title="title", notes=("a note.",), identifiers={"patient": "Jane Doe"},
        annotations=(
            Annotation(start_s=0.1, label="fibrillation potential", duration_s=0.2, channel="Force", confidence="likely", reader="AB", note="n"),
            Annotation(start_s=0.3, label="µ"),
        ),
        quality_flags=(QualityFlag(kind="gap", channel=None, start_s=0.4, end_s=1.0, size=0.6, unit="s", reason="r"),),
        stimuli=(Stimulus(time_s=0.2, current_ma=10.0, site="wrist"),),
        sweeps=(Sweep(samples_uv=np.arange(4.0), sampling_rate_hz=1e4, start_ms=-1.0, stimulus=Stimulus(time_s=0.2), side="left"),),
        tables=(Table(name="scan", columns=("a", "b"), values=np.array([[1.0, np.nan]])),),
    )  # fmt: skip


def same_channels(old, new):
    for a, b in zip(old.channels, new.channels, strict=True):
        assert (a.name, a.unit, a.sampling_rate_hz, a.segments, a.kind, a.settings) == (
            b.name, b.unit, b.sampling_rate_hz, b.segments, b.kind, b.settings
        )  # fmt: skip
        assert np.array_equal(a.read(), b.read(), equal_nan=True)


def test_npz_gives_everything_back_but_identifiers(tmp_path):
    old = make_full()
    write_npz(old, tmp_path / "x.npz")
    new = read_npz(tmp_path / "x.npz", NOTHING)
    same_channels(old, new)
    assert new.channels[1].samples.dtype == np.int16
    for name in ("annotations", "quality_flags", "stimuli", "device", "title", "notes"):
        assert getattr(new, name) == getattr(old, name)
    assert np.array_equal(new.tables[0].values, old.tables[0].values, equal_nan=True)
    assert new.tables[0].columns == ("a", "b")
    assert np.array_equal(new.sweeps[0].samples_uv, old.sweeps[0].samples_uv)
    assert (new.sweeps[0].start_ms, new.sweeps[0].side, new.sweeps[0].stimulus) == (-1.0, "left", Stimulus(time_s=0.2))
    assert not new.identifiers
    with np.load(tmp_path / "x.npz") as archive:
        assert "Jane" not in str(archive["emgwidgets"])


def test_npz_of_another_version_is_refused(tmp_path):
    np.savez(tmp_path / "v.npz", emgwidgets=np.array('{"schema": "emgwidgets.recording/99"}'))
    with pytest.raises(ReadError, match="written by another version"):
        read_npz(tmp_path / "v.npz", NOTHING)


def test_csv_gives_channels_and_marks_back_exactly(tmp_path):
    old = make_full()
    with pytest.raises(WriteError, match="CSV cannot hold sweeps"):
        write_csv(old, tmp_path / "x.csv")
    write_csv(old, tmp_path / "x.csv", drop=("sweeps", "tables"))
    new = read_own_csv(tmp_path / "x.csv")
    same_channels(old, new)
    assert new.annotations == old.annotations
    assert new.stimuli == old.stimuli
    text = (tmp_path / "x.csv").read_text(encoding="utf-8")
    assert "Jane" not in text
    rows = text.splitlines()
    assert rows[1] == 'time_s,"EMG, left APB (uV)",time_s.2,Force (N)'
    assert rows[2 + 17].split(",")[1] == ""
    assert rows[2 + 400].startswith("1.0,")
    assert rows[2 + 60].endswith(",,")


def test_cut_csv_is_refused(tmp_path):
    write_csv(make_full(), tmp_path / "x.csv", drop=("sweeps", "tables"))
    content = (tmp_path / "x.csv").read_bytes()
    for cut in (content[:-3], content[: content[:-50].rfind(b"\n") + 1]):
        (tmp_path / "x.csv").write_bytes(cut)
        with pytest.raises(ReadError, match="is damaged"):
            read_own_csv(tmp_path / "x.csv")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.floats(allow_infinity=False, width=64), min_size=1, max_size=30), rate_hz=st.floats(0.5, 1e5))
def test_csv_and_npz_keep_every_float(tmp_path, values, rate_hz):
    old = Recording(
        channels=(
            Channel(name="x", unit="uV", sampling_rate_hz=rate_hz, samples=ArraySamples(stored=np.array(values))),
        )
    )
    write_csv(old, tmp_path / "f.csv")
    same_channels(old, read_own_csv(tmp_path / "f.csv"))
    write_npz(old, tmp_path / "f.npz")
    same_channels(old, read_npz(tmp_path / "f.npz", NOTHING))


def test_wfdb_round_trip_with_gap_missing_and_unlike_rates(tmp_path):
    full = make_full()
    with pytest.raises(WriteError, match="WFDB cannot hold sweeps"):
        write_wfdb(full, tmp_path / "r.hea")
    longer = np.concatenate([full.channels[1].samples.stored, np.zeros(10, dtype=np.int16)])
    force = Channel(
        name="Force", unit="N", sampling_rate_hz=50.0, samples=ArraySamples(stored=longer, gain=0.25, offset=1.0)
    )
    old = Recording(channels=(full.channels[0], force), annotations=full.annotations, stimuli=full.stimuli)
    write_wfdb(old, tmp_path / "r.hea")
    new = read_wfdb(tmp_path / "r.hea", NOTHING)
    emg = new.channels[0]
    assert (emg.unit, emg.sampling_rate_hz, emg.n_samples) == ("uV", 1000.0, 1200)
    wanted = np.full(1200, np.nan)
    wanted[:400], wanted[1000:] = full.channels[0].read(0, 400), full.channels[0].read(400, 600)
    assert np.array_equal(np.isnan(emg.read()), np.isnan(wanted))
    assert np.nanmax(np.abs(emg.read() - wanted)) <= 0.5001 * emg.samples.gain
    assert np.abs(new.channels[1].read() - force.read()).max() <= 0.5001 * new.channels[1].samples.gain
    marks = {(mark.start_s, mark.label, round(mark.duration_s, 9), mark.channel) for mark in new.annotations}
    assert marks == {
        (0.1, "fibrillation potential", 0.2, "Force"),
        (0.2, "stimulus 10 mA", 0.0, None),
        (0.3, "µ", 0.0, None),
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-3, 1e6), n=st.integers(1, 300), seed=st.integers(0, 50))
def test_wfdb_samples_move_by_at_most_half_a_step(tmp_path, *, low, span, n, seed):
    values = low + span * np.random.default_rng(seed).random(n)
    old = Recording(
        channels=(Channel(name="x", unit="uV", sampling_rate_hz=100.0, samples=ArraySamples(stored=values)),)
    )
    write_wfdb(old, tmp_path / "h.hea")
    channel = read_wfdb(tmp_path / "h.hea", NOTHING).channels[0]
    assert channel.n_samples == n
    assert np.abs(channel.read() - values).max() <= 0.5001 * channel.samples.gain
    assert channel.samples.gain <= 2e-9 * max(np.abs(values).max(), 1e-9)


def test_wfdb_library_reads_what_we_write(tmp_path):
    import wfdb

    stored = np.random.default_rng(2).integers(-3000, 3000, (2, 500)).astype(np.int16)
    channels = tuple(
        Channel(name=f"EMG {i}", unit="uV", sampling_rate_hz=1000.0, samples=ArraySamples(stored=row, gain=0.5)) for i, row in enumerate(stored)
    )  # fmt: skip
    write_wfdb(Recording(channels=channels), tmp_path / "p.hea")
    record = wfdb.rdrecord(str(tmp_path / "p"))
    assert (record.fs, record.units, record.sig_name) == (1000, ["uV", "uV"], ["EMG 0", "EMG 1"])
    assert np.allclose(record.p_signal, stored.T * 0.5)


@pytest.mark.parametrize(
    ("low", "high", "dtype"), [(-3000, 3000, np.int16), (-32767, 32768, np.int16), (-(2**22), 2**22, np.int32)]
)
def test_wfdb_library_agrees_with_our_first_values_and_checksums(tmp_path, low, high, dtype):
    """The header states first value and 16-bit sum of each signal; the library computes its own from the samples it read."""
    import wfdb

    stored = np.random.default_rng(5).integers(low, high, (3, 70_001)).astype(dtype)
    stored = [stored[0], stored[1], np.repeat(stored[2], 2)]  # the last at twice the rate: two samples in a frame
    channels = tuple(
        Channel(name=f"EMG {i}", unit="uV", sampling_rate_hz=4000.0 * (1 + i // 2), samples=ArraySamples(stored=row, gain=0.5))
        for i, row in enumerate(stored)
    )  # fmt: skip
    write_wfdb(Recording(channels=channels), tmp_path / "p.hea")
    header = wfdb.rdheader(str(tmp_path / "p"))
    record = wfdb.rdrecord(str(tmp_path / "p"), physical=False, smooth_frames=False)
    assert header.init_value == [int(row[0]) for row in record.e_d_signal]
    assert [value % 65536 for value in header.checksum] == [
        int(row.astype(np.int64).sum()) % 65536 for row in record.e_d_signal
    ]
    if dtype is np.int16:
        assert all(np.array_equal(ours, theirs) for ours, theirs in zip(stored, record.e_d_signal, strict=True))


@pytest.mark.parametrize(
    ("text", "is_header"),
    [
        ("r 1 1000 10\nr.dat 16 200/mV 16 0 0 0 0 EMG\n", True),
        ("# a comment\nr 1 1000\nr.dat 212\n", True),
        ("1 2 3\n4 5 6\n", False),
        ("0 1\n0.5 16\n", False),
        ("time emg\n0.1 2\n", False),
        ("", False),
    ],
)
def test_wfdb_headers_are_told_from_columns_of_numbers(text, is_header):
    assert is_header_text(text) is is_header


@pytest.mark.parametrize("cut", ["r.dat 16 20", "r.dat 16 200/m", "r.dat 16 200/mV 16 0 0"])
def test_wfdb_header_cut_within_its_last_line(tmp_path, cut):
    (tmp_path / "r.dat").write_bytes(np.arange(10, dtype="<i2").tobytes())
    (tmp_path / "r.hea").write_text(f"r 1 1000 10\n{cut}")
    with pytest.raises(ReadError, match=r"the WFDB header r\.hea ends within a line"):
        read_wfdb(tmp_path / "r.hea", NOTHING)
    (tmp_path / "r.hea").write_text("r 1 1000 10\nr.dat 16 200/mV 16 0 0 45 0 EMG")
    assert read_wfdb(tmp_path / "r.hea", NOTHING).channels[0].n_samples == 10


def test_wfdb_without_calibration_stops(tmp_path):
    (tmp_path / "r.dat").write_bytes(np.arange(10, dtype="<i2").tobytes())
    (tmp_path / "r.hea").write_text("r 1 1000 10\nr.dat 16 0 16 0 0 0 0 EMG\n")
    with pytest.raises(ReadError, match="has no calibration for signal 'EMG'"):
        read_wfdb(tmp_path / "r.hea", NOTHING)
    found = read_wfdb(tmp_path / "r.hea", stated("mV", adu_per_unit=100.0)).channels[0]
    assert found.read() == pytest.approx(np.arange(10) * 10.0)


def test_wfdb_cut_signal_file(tmp_path):
    (tmp_path / "r.dat").write_bytes(np.arange(10, dtype="<i2").tobytes())
    (tmp_path / "r.hea").write_text("r 1 1000 20\nr.dat 16 100/mV 16 0 0 0 0 EMG\n# <age>: 44\n")
    with pytest.raises(ReadError, match=r"0\.01 s are missing; got 10 samples; expected 20"):
        read_wfdb(tmp_path / "r.hea", NOTHING)
    found = read_wfdb(tmp_path / "r.hea", stated(allow_truncated=True))
    assert [flag.kind for flag in found.quality_flags] == ["missing"]
    assert found.channels[0].n_samples == 10


def test_wfdb_other_formats_go_through_the_library(tmp_path):
    import wfdb

    stored = np.random.default_rng(2).integers(-1000, 1000, (400, 1))
    wfdb.wrsamp(
        "q",
        fs=500,
        units=["mV"],
        sig_name=["EMG"],
        d_signal=stored,
        fmt=["212"],
        adc_gain=[200.0],
        baseline=[0],
        write_dir=str(tmp_path),
    )
    found = read_wfdb(tmp_path / "q.hea", NOTHING).channels[0]
    assert found.read() == pytest.approx(stored[:, 0] * 5.0)


def make_wav(path, samples, *, tag=1, n_bits=16, n_channels=1, rate_hz=2000, lie=0):
    block = n_channels * n_bits // 8
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, tag, n_channels, rate_hz, rate_hz * block, block, n_bits)
    body = b"LIST" + struct.pack("<I", 3) + b"abc\0" + b"data" + struct.pack("<I", len(samples) + lie) + samples
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(head) + len(body)) + head + body)
    return path


@pytest.mark.parametrize(
    ("tag", "n_bits", "samples", "wanted"),
    [
        (1, 8, bytes([0, 128, 255]), [-1.0, 0.0, 127 / 128]),
        (1, 16, struct.pack("<3h", -32768, 0, 16384), [-1.0, 0.0, 0.5]),
        (1, 24, b"\x00\x00\x80\x00\x00\x00\x00\x00\x40", [-1.0, 0.0, 0.5]),
        (1, 32, struct.pack("<3i", -(2**31), 0, 2**30), [-1.0, 0.0, 0.5]),
        (3, 32, struct.pack("<3f", -1, 0, 0.5), [-1.0, 0.0, 0.5]),
        (3, 64, struct.pack("<3d", -1, 0, 0.5), [-1.0, 0.0, 0.5]),
    ],
)
def test_wav_of_every_width(tmp_path, *, tag, n_bits, samples, wanted):
    path = make_wav(tmp_path / "w.wav", samples, tag=tag, n_bits=n_bits)
    found = read_wav(path, stated(full_scale_uv=5000.0)).channels[0]
    assert (found.unit, found.sampling_rate_hz) == ("uV", 2000.0)
    assert found.read() == pytest.approx(np.array(wanted) * 5000)


def test_wav_channels_are_told_apart(tmp_path):
    path = make_wav(tmp_path / "w.wav", struct.pack("<4h", 1, 2, 3, 4), n_channels=2)
    found = read_wav(path, stated(full_scale_uv=32768.0, names=["a", "b"]))
    assert [channel.read().tolist() for channel in found.channels] == [[1.0, 3.0], [2.0, 4.0]]


def test_wav_must_be_told_its_unit(tmp_path):
    path = make_wav(tmp_path / "w.wav", struct.pack("<2h", 1, 2))
    for options in (NOTHING, stated("mV")):
        with pytest.raises(ReadError, match="state full_scale_uv="):
            read_wav(path, options)
    assert read_wav(path, stated("mV", full_scale=32.768)).channels[0].read() == pytest.approx([1.0, 2.0])
    floats = make_wav(tmp_path / "f.wav", struct.pack("<2f", 1, 2), tag=3, n_bits=32)
    assert read_wav(floats, stated("mV")).channels[0].read() == pytest.approx([1000.0, 2000.0])


def test_cut_wav(tmp_path):
    path = make_wav(tmp_path / "w.wav", bytes(400), lie=400)
    with pytest.raises(ReadError, match=r"0\.1 s are missing"):
        read_wav(path, stated(full_scale_uv=1.0))
    found = read_wav(path, stated(full_scale_uv=1.0, allow_truncated=True))
    assert (found.channels[0].n_samples, found.quality_flags[0].kind) == (200, "missing")


def test_foreign_arrays_say_nothing_so_all_is_stated(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(20.0).reshape(10, 2))
    with pytest.raises(ReadError, match=r"; state sampling_rate_hz=\.\.\.$"):
        read_npy(tmp_path / "a.npy", stated("mV"))
    with pytest.raises(ReadError, match="state it with unit"):
        read_npy(tmp_path / "a.npy", stated(rate_hz=10))
    found = read_npy(tmp_path / "a.npy", stated("mV", 10, names=["a", "b"]))
    assert found.channel("b").read().tolist() == (np.arange(1, 20, 2) * 1000.0).tolist()
    rows = read_npy(tmp_path / "a.npy", stated("mV", 10, axis=1))
    assert len(rows.channels) == 10
    np.savez(tmp_path / "b.npz", x=np.arange(3), y=np.arange(4))
    with pytest.raises(ReadError, match=r"several arrays; got x, y"):
        read_npz(tmp_path / "b.npz", stated("uV", 1))
    assert read_npz(tmp_path / "b.npz", stated("uV", 1, array="y")).channels[0].n_samples == 4


def test_matlab_lists_its_variables(tmp_path):
    from scipy.io import savemat

    savemat(tmp_path / "m.mat", {"emg": np.arange(50.0), "fs": 1000.0})
    with pytest.raises(ReadError, match=r"got emg \(1, 50\), fs \(1, 1\)"):
        read_matlab(tmp_path / "m.mat", NOTHING)
    found = read_matlab(tmp_path / "m.mat", stated("mV", variable="emg", rate_variable="fs"))
    assert (found.channels[0].sampling_rate_hz, found.channels[0].n_samples) == (1000.0, 50)
    assert found.channels[0].read()[1] == 1000.0


def test_matlab_7_3(tmp_path):
    import h5py

    path = tmp_path / "h.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        file["emg"] = np.arange(30.0).reshape(1, 30)
    with path.open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")
    found = read_matlab(path, stated("uV", 500, variable="emg"))
    assert found.channels[0].read().tolist() == list(range(30))


def test_otbiolab_export_with_a_gap(tmp_path):
    from scipy.io import savemat

    def cell(*items):
        cells = np.empty((len(items), 1), dtype=object)
        cells[:, 0] = items
        return cells

    time_s = np.concatenate([np.arange(10), np.arange(20, 30)]) / 100.0
    data = np.column_stack([np.arange(20.0), np.ones(20)])
    savemat(tmp_path / "o.mat", {
        "Data": cell(data), "Time": cell(time_s[:, None]), "SamplingFrequency": 100.0,
        "Description": cell("EMG TA[mV]", "Torque[%(MVC)]"),
    })  # fmt: skip
    found = read_matlab(tmp_path / "o.mat", NOTHING)
    assert [(channel.name, channel.unit) for channel in found.channels] == [("EMG TA", "uV"), ("Torque", "%")]
    assert found.channels[0].read()[-1] == 19000.0
    assert [(part.n_samples, part.start_s) for part in found.channels[0].segments] == [(10, 0.0), (10, 0.2)]


def make_emg(n=2000):
    values = np.random.default_rng(0).integers(-1000, 1000, n).astype(np.int16)
    settings_ = RecordingSettings(
        high_pass_hz=10.0, low_pass_hz=500.0, active="E1", reference="E2", electrode="concentric needle"
    )
    channel = Channel(
        name="EMG1", unit="uV", sampling_rate_hz=1000.0, samples=ArraySamples(stored=values), settings=settings_
    )
    marks = (
        Annotation(start_s=0.5, label="rest", duration_s=0.25),
        Annotation(start_s=1.0, label="unit", channel="EMG1"),
    )
    return Recording(
        channels=(channel,), annotations=marks, device=Device(maker="M", model="X"), identifiers={"patient": "Jane"}
    )


@pytest.mark.parametrize("needle", [False, True, {"CannulaDiameter": "26G"}])
def test_bids_round_trip(tmp_path, needle):
    old = make_emg()
    write_bids(old, tmp_path / "set", subject="07", task="rest", power_line_hz=50.0, needle_fields=needle)
    new = read_bids(tmp_path / "set", NOTHING)
    assert np.array_equal(new.channels[0].read(), old.channels[0].read())
    assert new.annotations == old.annotations
    assert new.device == old.device
    assert new.title == "rest"
    kept = {**asdict(old.channels[0].settings), "converter_range": None}
    assert {**asdict(new.channels[0].settings), "converter_range": None} == kept
    assert new.channels[0].kind == ("needle_emg" if needle else "emg")
    text = "".join(item.read_text(encoding="latin-1") for item in (tmp_path / "set").rglob("*") if item.is_file())
    assert "Jane" not in text
    assert ("EMGType" in text) is bool(needle)
    assert ("26G" in text) is isinstance(needle, dict)


def test_bids_with_several_runs_lists_them(tmp_path):
    write_bids(make_emg(), tmp_path / "set", task="rest")
    write_bids(make_emg(1000), tmp_path / "other", task="effort")
    emg = tmp_path / "set" / "sub-01" / "emg"
    for item in (tmp_path / "other" / "sub-01" / "emg").iterdir():
        item.rename(emg / item.name)
    with pytest.raises(ReadError, match="got 2: sub-01_task-effort, sub-01_task-rest"):
        read_bids(tmp_path / "set", NOTHING)
    assert read_bids(tmp_path / "set", stated(run="sub-01_task-effort")).duration_s == 1.0
    with pytest.raises(ReadError, match="has no such recording"):
        read_bids(tmp_path / "set", stated(run="sub-02"))


def test_bids_sidecar_at_the_root_is_inherited_and_overruled(tmp_path):
    write_bids(make_emg(), tmp_path / "set", task="rest")
    (tmp_path / "set" / "task-rest_emg.json").write_text('{"EMGGround": "wrist", "Manufacturer": "farther"}')
    near = tmp_path / "set" / "sub-01" / "emg" / "sub-01_task-rest_emg.json"
    near.write_text('{"Manufacturer": "nearer"}')
    found = read_bids(tmp_path / "set", NOTHING)
    assert (found.channels[0].settings.ground, found.device.maker) == ("wrist", "nearer")


def test_bids_refuses_a_folder_in_use_and_unknown_needle_fields(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "x").write_text("x")
    with pytest.raises(WriteError, match="is already there"):
        write_bids(make_emg(), tmp_path / "set")
    with pytest.raises(WriteError, match="no such needle field"):
        write_bids(make_emg(), tmp_path / "new", needle_fields={"Needle": 1})
    with pytest.raises(WriteError, match="label for subject"):
        write_bids(make_emg(), tmp_path / "new", subject="Jane Doe")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["set"]
