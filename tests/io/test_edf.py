"""EDF and BDF: what is read, what is refused, and what a round trip keeps."""

from __future__ import annotations

import os
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from emgwidgets.errors import ReadError, WriteError
from emgwidgets.io._edf_layout import decimal_8
from emgwidgets.io._prefilter import format_prefilter, parse_prefilter
from emgwidgets.io.edf import read_edf, write_bdf, write_edf
from emgwidgets.io.registry import ReadOptions
from emgwidgets.model.signal import (
    Annotation,
    ArraySamples,
    Channel,
    Recording,
    RecordingSettings,
    Segment,
    Stimulus,
    Sweep,
)

NOTHING = ReadOptions()
WRITERS = [(write_edf, 16, ".edf"), (write_bdf, 24, ".bdf")]


def make_channel(values, *, name="EMG", rate_hz=1000.0, unit="uV", segments=(), gain=1.0, offset=0.0, **more):
    samples = ArraySamples(stored=np.asarray(values), gain=gain, offset=offset)
    return Channel(name=name, unit=unit, sampling_rate_hz=rate_hz, samples=samples, segments=segments, **more)


def make_file(
    folder: Path, *, n_records=5, label="EMG", unit="uV", record_s="1", n_per_record=100, data=None, **fields
) -> Path:
    """An EDF file byte by byte, so that a test can lie in any field."""
    texts = {
        "version": "0", "patient": "X X X X", "recording": "Startdate X X X X", "date": "01.01.85", "time": "00.00.00",
        "header_bytes": "512", "reserved": "", "n_records": str(n_records), "record_s": record_s, "n_signals": "1",
        "label": label, "transducer": "", "unit": unit, "physical_min": "-1000", "physical_max": "1000",
        "digital_min": "-32768", "digital_max": "32767", "prefilter": "", "n_per_record": str(n_per_record), "end": "",
        **fields,
    }  # fmt: skip
    widths = (8, 80, 80, 8, 8, 8, 44, 8, 8, 4, 16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
    head = b"".join(text.encode("latin-1").ljust(width) for text, width in zip(texts.values(), widths, strict=True))
    if data is None:
        data = np.arange(5 * n_per_record, dtype="<i2").tobytes()
    path = folder / "made.edf"
    path.write_bytes(head + data)
    return path


def test_values_follow_the_ranges_of_the_header(tmp_path):
    channel = read_edf(make_file(tmp_path), NOTHING).channels[0]
    gain = 2000 / 65535
    assert channel.unit == "uV"
    assert channel.sampling_rate_hz == 100.0
    assert np.allclose(channel.read(), -1000 + (np.arange(500) + 32768) * gain)
    assert channel.settings.converter_range == (-1000.0, 1000.0)


@pytest.mark.parametrize(("unit", "factor"), [("mV", 1e3), ("V", 1e6), ("nV", 1e-3), ("\xb5V", 1.0)])
def test_every_voltage_becomes_microvolts(tmp_path, unit, factor):
    microvolts = read_edf(make_file(tmp_path), NOTHING).channels[0].read()
    assert np.allclose(read_edf(make_file(tmp_path, unit=unit), NOTHING).channels[0].read(), microvolts * factor)


def test_samples_stay_in_the_file_until_read(tmp_path):
    source = read_edf(make_file(tmp_path), NOTHING).channels[0].samples
    assert isinstance(source.frames.base, (np.memmap, type(None))) or isinstance(source.frames, np.memmap)
    part = source.read_stored(150, 260)
    assert part.dtype == np.int16
    assert part.tolist() == list(range(150, 260))
    assert len(source.read_stored(490, 9999)) == 10


def test_a_file_larger_than_memory_opens_at_once(tmp_path):
    n_records = 400_000
    path = make_file(tmp_path, n_records=n_records, n_per_record=48000, data=b"")
    try:
        os.truncate(path, 512 + n_records * 96000)  # 38 GB of zeros that take no place on the disk
    except OSError:
        pytest.skip("the file system has no sparse files of this size")
    tracemalloc.start()
    started = time.perf_counter()
    channel = read_edf(path, NOTHING).channels[0]
    window = channel.read(10**10, 10**10 + 480000)
    taken_s, peak = time.perf_counter() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    path.unlink()
    assert len(window) == 480000
    assert channel.n_samples == n_records * 48000
    assert taken_s < 2.0
    assert peak < 32 << 20


@pytest.mark.parametrize("unit", ["", "xyz", "MV"])
def test_emg_without_a_known_unit_stops(tmp_path, unit):
    with pytest.raises(ReadError, match='unit=\\{"EMG": "mV"\\}'):
        read_edf(make_file(tmp_path, unit=unit), NOTHING)


def test_stated_unit_fills_the_hole_but_does_not_overrule(tmp_path):
    base = read_edf(make_file(tmp_path), NOTHING).channels[0].read()
    filled = read_edf(make_file(tmp_path, unit=""), ReadOptions(unit="mV")).channels[0]
    assert np.allclose(filled.read(), base * 1000)
    kept = read_edf(make_file(tmp_path, unit="uV"), ReadOptions(unit="mV")).channels[0]
    assert np.allclose(kept.read(), base)
    by_name = read_edf(make_file(tmp_path, unit="uV"), ReadOptions(unit={"EMG": "mV"})).channels[0]
    assert np.allclose(by_name.read(), base * 1000)


def test_other_quantities_keep_their_unit(tmp_path):
    channel = read_edf(make_file(tmp_path, label="Temp", unit="degC"), NOTHING).channels[0]
    assert (channel.unit, channel.kind) == ("degC", "other")
    stated = read_edf(make_file(tmp_path, label="marker", unit=""), ReadOptions(unit={"marker": ""})).channels[0]
    assert stated.unit == ""
    with pytest.raises(ReadError, match="does not say in which unit"):
        read_edf(make_file(tmp_path, label="marker", unit=""), NOTHING)


@pytest.mark.parametrize("n_records", [-1, 4, 6, 1_000_000_000, 99_999_999])
def test_wrong_number_of_records_is_never_whole(tmp_path, n_records):
    path = make_file(tmp_path, n_records=str(n_records)[:8])
    with pytest.raises(ReadError, match="allow_truncated=True"):
        read_edf(path, NOTHING)
    opened = read_edf(path, ReadOptions(options={"allow_truncated": True}))
    assert opened.channels[0].n_samples == 500
    assert [flag.kind for flag in opened.quality_flags] == ["missing"]


def test_cut_file_says_how_much_is_missing(tmp_path):
    path = make_file(tmp_path)
    path.write_bytes(path.read_bytes()[:-250])
    with pytest.raises(ReadError, match="2 s are missing; got 3 whole data records and 150 loose bytes"):
        read_edf(path, NOTHING)
    flag = read_edf(path, ReadOptions(options={"allow_truncated": True})).quality_flags[0]
    assert (flag.start_s, flag.end_s, flag.size, flag.unit) == (3.0, 5.0, 2.0, "s")


def test_identifiers_are_dropped_and_said_to_be(tmp_path):
    path = make_file(tmp_path, patient="12345 F 01-JAN-1960 Jane_Doe", date="03.04.11")
    recording = read_edf(path, NOTHING)
    assert not recording.identifiers
    assert "Jane_Doe" not in repr(recording)
    assert "Jane_Doe" not in " ".join(recording.notes)
    assert "dropped" in recording.notes[0]
    kept = read_edf(path, ReadOptions(keep_identifiers=True))
    assert "Jane_Doe" in kept.identifiers["patient"]
    assert "Jane_Doe" not in repr(kept)
    write_edf(kept, tmp_path / "out.edf")
    content = (tmp_path / "out.edf").read_bytes()
    assert b"Jane_Doe" not in content
    assert b"03.04.11" not in content


def test_filters_and_electrode_become_settings(tmp_path):
    path = make_file(tmp_path, prefilter="HP:20Hz LP:10kHz N:50Hz", transducer="concentric needle")
    found = read_edf(path, NOTHING).channels[0].settings
    assert (found.high_pass_hz, found.low_pass_hz, found.notch_hz, found.electrode) == (
        20.0,
        10000.0,
        50.0,
        "concentric needle",
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("HP:0.5Hz LP:100Hz [enhanced cassette BW]", {"high_pass_hz": 0.5, "low_pass_hz": 100.0}),
        ("LP:   NaN Hz; HP:   NaN Hz; Notch: NaN", {}),
        ("HP: 2 LP: 1 kHz Notch: 60", {"high_pass_hz": 2.0, "low_pass_hz": 1000.0, "notch_hz": 60.0}),
        ("HP:DC", {}),
        ("HP:16Hz Rectification LP:0.7Hz", {"high_pass_hz": 16.0, "low_pass_hz": 0.7}),
        ("Hold during 2 seconds", {}),
    ],
)
def test_prefilter_text(text, found):
    assert parse_prefilter(text) == found


@given(st.floats(0.01, 20000), st.floats(0.01, 20000))
def test_prefilter_round_trip(high, low):
    wanted = RecordingSettings(high_pass_hz=float(f"{high:.10g}"), low_pass_hz=float(f"{low:.10g}"))
    assert parse_prefilter(format_prefilter(wanted)) == {
        "high_pass_hz": wanted.high_pass_hz,
        "low_pass_hz": wanted.low_pass_hz,
    }


def test_records_without_duration_need_a_rate(tmp_path):
    path = make_file(tmp_path, record_s="0")
    with pytest.raises(ReadError, match="state sampling_rate_hz"):
        read_edf(path, NOTHING)
    assert read_edf(path, ReadOptions(sampling_rate_hz=250)).channels[0].sampling_rate_hz == 250.0


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"physical_max": "-1000"}, "has no calibration"),
        ({"digital_max": "-32768"}, "has no calibration"),
        ({"digital_max": "many"}, "digital maximum of signal 1"),
        ({"physical_min": "nan"}, "a finite number"),
        ({"header_bytes": "256"}, "number of header bytes"),
        ({"record_s": "-1"}, "duration of a data record"),
        ({"n_records": "x"}, "number of data records"),
    ],
)
def test_damaged_fields_are_named(tmp_path, fields, sentence):
    with pytest.raises(ReadError, match=sentence):
        read_edf(make_file(tmp_path, **fields), NOTHING)


def test_unknown_option_is_refused(tmp_path):
    with pytest.raises(ReadError, match="with this option; got alow_truncated"):
        read_edf(make_file(tmp_path), ReadOptions(options={"alow_truncated": True}))


@pytest.mark.parametrize(("write", "n_bits", "suffix"), WRITERS)
def test_round_trip_keeps_everything_the_format_has(tmp_path, write, n_bits, suffix):
    rng = np.random.default_rng(3)

    def parts(rate):
        first = Segment(first_sample=0, n_samples=2 * rate, start_s=0.0)
        return first, Segment(first_sample=2 * rate, n_samples=rate, start_s=7.25)

    recording = Recording(
        channels=(
            make_channel(rng.normal(0, 300, 3000), segments=parts(1000), settings=RecordingSettings(high_pass_hz=10, electrode="needle")),
            make_channel(rng.normal(5, 2, 300), name="Force", unit="N", rate_hz=100.0, segments=parts(100), kind="force"),
            make_channel(rng.integers(-2000, 2000, 1500).astype(np.int16), name="16 bit", rate_hz=500.0, segments=parts(500), gain=0.1, offset=3.0),
        ),
        annotations=(
            Annotation(start_s=1.5, label="fibrillation", duration_s=0.25, channel="EMG"),
            Annotation(start_s=7.5, label="µ voluntary"),
        ),
        stimuli=(Stimulus(time_s=0.5, current_ma=12.5),),
    )  # fmt: skip
    path = tmp_path / f"out{suffix}"
    write(recording, path)
    back = read_edf(path, NOTHING)
    assert back.origin.format.endswith("+D")
    for old, new in zip(recording.channels, back.channels, strict=True):
        assert (old.name, old.unit, old.sampling_rate_hz, old.segments) == (
            new.name,
            new.unit,
            new.sampling_rate_hz,
            new.segments,
        )
        assert np.abs(old.read() - new.read()).max() <= 0.5001 * abs(new.samples.gain)
    assert np.array_equal(back.channels[2].samples.read_stored(0, 1500), recording.channels[2].samples.stored)
    assert (back.channels[0].settings.high_pass_hz, back.channels[0].settings.electrode) == (10, "needle")
    marks = {(mark.start_s, mark.label, mark.duration_s, mark.channel) for mark in back.annotations}
    assert marks == {
        (1.5, "fibrillation", 0.25, "EMG"), (7.5, "µ voluntary", 0.0, None), (0.5, "stimulus 12.5 mA", 0.0, None)
    }  # fmt: skip
    assert [flag.kind for flag in back.quality_flags] == ["gap"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    n=st.integers(1, 700), rate_hz=st.sampled_from([1.0, 100.0, 999.0, 1259.259259, 2048.0, 48000.0]),
    low=st.floats(-1e6, 1e6), span=st.floats(1e-3, 1e6), which=st.sampled_from([0, 1]), seed=st.integers(0, 99),
)  # fmt: skip
@example(n=310, rate_hz=1.0, low=2048.03125, span=0.00390625, which=1, seed=0)
def test_samples_move_by_at_most_half_a_step(tmp_path, *, n, rate_hz, low, span, which, seed):
    write, n_bits, suffix = WRITERS[which]
    values = low + span * np.random.default_rng(seed).random(n)
    path = tmp_path / f"p{suffix}"
    write(Recording(channels=(make_channel(values, rate_hz=rate_hz),)), path)
    channel = read_edf(path, NOTHING).channels[0]
    assert channel.n_samples == n
    # a step of 24 bits may be so fine that values far from zero are themselves rounded by a part of it
    rounded = 4 * np.spacing(np.abs(values).max())
    assert np.abs(channel.read() - values).max() <= 0.5001 * abs(channel.samples.gain) + rounded
    # the step is no coarser than the range needs, save for the 8 characters of the header
    assert abs(channel.samples.gain) <= max((values.max() - values.min()) * 1.05, 3.0, abs(low) * 1e-4) / (
        2**n_bits - 1
    )
    assert abs(channel.n_samples / channel.sampling_rate_hz - n / rate_hz) <= 0.5 / rate_hz + 1e-12


RATES_HZ = [1000, 1024, 2000, 2048, 4000, 4096, 5000, 8000, 9600, 10_000, 12_000, 12_500, 16_000, 20_000, 24_000, 25_000, 30_000, 32_000, 44_100, 48_000, 50_000, 64_000, 96_000, 100_000, 192_000, 200_000]  # fmt: skip


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("more", [{}, {"pad": True}])
@pytest.mark.parametrize(("write", "suffix"), [(write_edf, ".edf"), (write_bdf, ".bdf")])
def test_usual_rates_are_read_back_to_the_last_digit(tmp_path, write, suffix, more, rate_hz):
    # one second, a prime number, blocks of 10 ms of which there is a prime number, and an odd rest
    for n in (rate_hz, 48_017, 1009 * max(rate_hz // 100, 1), 3 * rate_hz + rate_hz // 3):
        path = tmp_path / f"{n}{suffix}"
        write(Recording(channels=(make_channel(np.arange(n) % 97, rate_hz=float(rate_hz)),)), path, **more)
        channel = read_edf(path, NOTHING).channels[0]
        assert channel.sampling_rate_hz == rate_hz
        assert np.array_equal(np.rint(channel.read(0, n)), np.arange(n) % 97)
        if n == 1009 * (rate_hz / 100) and not more:  # what other readers make of it
            assert stated_rate_hz(path) == pytest.approx(rate_hz, rel=1e-12)


def stated_rate_hz(path):
    """Samples of a record by its duration, as the header has them."""
    head = path.read_bytes()[: 256 + 2 * 256]
    n_signals = int(head[252:256])
    return int(head[256 + 216 * n_signals :][:8]) / float(head[244:252])


def test_a_rate_that_is_no_whole_number_stays_as_it_is_written(tmp_path):
    path = make_file(tmp_path, record_s="1.000010", n_per_record=48_000, data=bytes(2 * 48_000 * 5))
    assert read_edf(path, NOTHING).channels[0].sampling_rate_hz == pytest.approx(47_999.52, rel=1e-8)


@given(st.floats(-9e6, 9e7), st.sampled_from([None, True, False]))
def test_eight_characters(value, up):
    text = decimal_8(value, up=up)
    assert text is not None
    assert len(text) <= 8
    assert "e" not in text.lower()
    error = float(text) - value
    assert abs(error) <= max(1.0, abs(value) * 1e-5)
    if up is not None:
        assert error >= -1e-6 * max(abs(value), 1) if up else error <= 1e-6 * max(abs(value), 1)


def test_missing_values_are_refused_or_marked(tmp_path):
    values = np.sin(np.arange(1000) / 20) * 100
    values[100:150] = np.nan
    recording = Recording(channels=(make_channel(values),))
    with pytest.raises(WriteError, match="cannot hold missing values; got 50 in channel 'EMG'"):
        write_edf(recording, tmp_path / "m.edf")
    assert not list(tmp_path.iterdir())
    write_edf(recording, tmp_path / "m.edf", fill_missing=0.0)
    back = read_edf(tmp_path / "m.edf", NOTHING)
    assert [(mark.label, mark.channel) for mark in back.annotations] == [("missing", "EMG")]
    assert (back.annotations[0].start_s, back.annotations[0].duration_s) == (0.1, 0.05)
    assert np.abs(back.channels[0].read()[100:150]).max() < 0.01


def test_lengths_without_a_common_record_need_padding(tmp_path):
    parts = (
        Segment(first_sample=0, n_samples=1009, start_s=0.0),
        Segment(first_sample=1009, n_samples=1013, start_s=5.0),
    )
    recording = Recording(channels=(make_channel(np.arange(2022.0), segments=parts),))
    with pytest.raises(WriteError, match="pad=True"):
        write_edf(recording, tmp_path / "p.edf")
    write_edf(recording, tmp_path / "p.edf", pad=True)
    back = read_edf(tmp_path / "p.edf", NOTHING)
    padding = [mark for mark in back.annotations if mark.label == "padding"]
    assert len(padding) == 2
    assert padding[0].start_s == pytest.approx(1.009)
    channel = back.channels[0]
    second = channel.index_at(5.0)
    assert np.allclose(channel.read(0, 1009), np.arange(1009), atol=0.05)
    assert np.allclose(channel.read(second, second + 1013), np.arange(1009, 2022), atol=0.05)


@pytest.mark.parametrize(
    ("recording", "sentence"),
    [
        (Recording(), "nothing to write"),
        (Recording(channels=(make_channel([1.0, np.inf]),)), "infinite"),
        (Recording(channels=(make_channel(np.zeros(10)), make_channel(np.zeros(11), name="b"))), "same stretches of time"),
        (Recording(channels=(make_channel([1.0]),), sweeps=(Sweep(samples_uv=np.zeros(3), sampling_rate_hz=1.0),)), "cannot hold sweeps"),
        (Recording(channels=(make_channel([1e9, 2e9], unit="N"),)), "does not fit the 8 characters"),
        (Recording(channels=(make_channel([1.0, 2.0], unit="newton metre"),)), "does not fit EDF"),
    ],
)  # fmt: skip
def test_what_cannot_be_held_is_said(tmp_path, recording, sentence):
    with pytest.raises(WriteError, match=sentence):
        write_edf(recording, tmp_path / "x.edf")
    assert not list(tmp_path.iterdir())


def test_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "kept.edf"
    write_edf(Recording(channels=(make_channel(np.arange(100.0)),)), path)
    before = path.read_bytes()
    with pytest.raises(WriteError, match="missing values"):
        write_edf(Recording(channels=(make_channel([1.0, np.nan]),)), path)
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["kept.edf"]


def test_a_file_may_be_written_over_itself(tmp_path):
    path = tmp_path / "same.edf"
    values = np.arange(1000).astype(np.int16)
    write_edf(Recording(channels=(make_channel(values),)), path)
    write_edf(read_edf(path, NOTHING), path)
    assert np.array_equal(read_edf(path, NOTHING).channels[0].samples.read_stored(0, 1000), values)


def test_long_and_equal_names_are_shortened_with_a_warning(tmp_path):
    recording = Recording(channels=(make_channel([0.0, 1.0], name="Mini sensor 10: EMG 10"), make_channel([0.0, 1.0], name="Mini sensor 10: EMG 11")))  # fmt: skip
    with pytest.warns(UserWarning, match="16 ASCII characters"):
        write_edf(recording, tmp_path / "n.edf")
    names = [channel.name for channel in read_edf(tmp_path / "n.edf", NOTHING).channels]
    assert len(set(names)) == 2
    assert all(len(name) <= 16 for name in names)


def test_24_bits_are_exact(tmp_path):
    values = np.array([-8_000_000, -1, 0, 1, 7_999_999], dtype=np.int32)
    write_bdf(Recording(channels=(make_channel(values, gain=0.03125),)), tmp_path / "x.bdf")
    channel = read_edf(tmp_path / "x.bdf", NOTHING).channels[0]
    assert channel.samples.dtype == np.int32
    assert np.array_equal(channel.samples.read_stored(0, 5), values)
    assert np.allclose(channel.read(), values * 0.03125)


@pytest.mark.parametrize(("write", "n_bits", "suffix"), WRITERS)
def test_independent_readers_agree(tmp_path, write, n_bits, suffix):
    edfio = pytest.importorskip("edfio")
    pyedflib = pytest.importorskip("pyedflib")
    values = np.random.default_rng(0).normal(0, 100, 2000)
    slow = np.random.default_rng(1).normal(0, 1, 200)
    path = tmp_path / f"peer{suffix}"
    marks = (Annotation(start_s=0.5, label="unit", duration_s=0.5),)
    write(
        Recording(
            channels=(make_channel(values), make_channel(slow, name="F", unit="N", rate_hz=100.0)), annotations=marks
        ),
        path,
    )
    ours = read_edf(path, NOTHING)
    theirs = (edfio.read_edf if suffix == ".edf" else edfio.read_bdf)(path)
    for a, b in zip(ours.channels, theirs.signals, strict=True):
        assert np.allclose(a.read(), b.data)
    assert [(mark.onset, mark.duration, mark.text) for mark in theirs.annotations] == [(0.5, 0.5, "unit")]
    with pyedflib.EdfReader(str(path)) as reader:
        assert np.allclose(reader.readSignal(0), ours.channels[0].read())
        assert np.allclose(reader.readSignal(1), ours.channels[1].read())
        assert list(reader.readAnnotations()[2]) == ["unit"]
