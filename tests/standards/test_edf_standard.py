"""Paragraphs of the EDF (1992) and EDF+ (2003) specifications; each test is named after its paragraph."""

from __future__ import annotations

import re

import numpy as np
import pytest

from emgwidgets.io._edf_tal import encode_mark, encode_time, parse_record
from emgwidgets.io.edf import read_edf, write_edf
from emgwidgets.io.registry import ReadOptions
from emgwidgets.model.signal import Annotation, ArraySamples, Channel, Recording, RecordingSettings, Segment

NOTHING = ReadOptions()


def make_recording(*, gap=False, n=2000, **more):
    first = Segment(first_sample=0, n_samples=n // 2, start_s=0.0)
    second = Segment(first_sample=n // 2, n_samples=n // 2, start_s=n / 2000.0 + (3.5 if gap else 0.0))
    channel = Channel(
        name="EMG APB", unit="uV", sampling_rate_hz=1000.0, segments=(first, second) if gap else (),
        samples=ArraySamples(stored=np.arange(n, dtype=np.int16)), settings=RecordingSettings(high_pass_hz=20.0, low_pass_hz=10000.0),
    )  # fmt: skip
    return Recording(channels=(channel,), **more)


@pytest.fixture
def header(tmp_path):
    path = tmp_path / "h.edf"
    write_edf(make_recording(), path)
    return path.read_bytes()


def test_edf_header_first_256_bytes_hold_version_to_number_of_signals(header):
    assert header[:8] == b"0       "
    assert header[184:192].strip() == b"768"
    assert int(header[236:244]) * float(header[244:252]) == 2.0
    assert int(header[252:256]) == 2


def test_edf_header_signal_fields_stand_field_by_field_not_signal_by_signal(header):
    assert header[256:272] == b"EMG APB         "
    assert header[272:288] == b"EDF Annotations "
    assert header[256 + 2 * 96 :][:8].strip() == b"uV"


def test_edf_data_records_are_little_endian_twos_complement(tmp_path):
    path = tmp_path / "e.edf"
    channel = Channel(
        name="x", unit="uV", sampling_rate_hz=2.0, samples=ArraySamples(stored=np.array([-2, 258], dtype=np.int16))
    )
    write_edf(Recording(channels=(channel,)), path)
    assert path.read_bytes()[768:772] == b"\xfe\xff\x02\x01"


def test_edf_number_of_records_is_minus_one_only_while_recording(tmp_path):
    path = tmp_path / "r.edf"
    write_edf(make_recording(), path)
    content = bytearray(path.read_bytes())
    content[236:244] = b"-1      "
    path.write_bytes(content)
    with pytest.raises(ValueError, match="promises an unknown number of data records"):
        read_edf(path, NOTHING)


def test_2_1_1_header_reserved_field_tells_continuous_from_discontinuous(tmp_path):
    for gap, mark in ((False, b"EDF+C"), (True, b"EDF+D")):
        path = tmp_path / "c.edf"
        write_edf(make_recording(gap=gap), path)
        assert path.read_bytes()[192:197] == mark


def test_2_1_2_data_records_recommended_at_most_61440_bytes(tmp_path):
    path = tmp_path / "big.edf"
    channel = Channel(
        name="x", unit="uV", sampling_rate_hz=48000.0, samples=ArraySamples(stored=np.zeros(480000, dtype=np.int16))
    )
    write_edf(Recording(channels=(channel,)), path)
    content = path.read_bytes()
    n_per_record = int(content[256 + 2 * 216 :][:8]) + int(content[256 + 2 * 216 + 8 :][:8])
    assert 2 * n_per_record <= 61440


def test_2_1_3_1_header_is_printable_us_ascii(header):
    assert all(32 <= byte <= 126 for byte in header[:768])


def test_2_1_3_2_start_date_and_time_have_dots(header):
    assert re.fullmatch(rb"\d\d\.\d\d\.\d\d", header[168:176])
    assert re.fullmatch(rb"\d\d\.\d\d\.\d\d", header[176:184])


def test_2_1_3_3_patient_field_has_four_unknown_subfields(header):
    assert header[8:88].split() == [b"X"] * 4


def test_2_1_3_4_recording_field_begins_with_startdate(header):
    assert header[88:168].split() == [b"Startdate", *[b"X"] * 4]


def test_2_1_3_5_digital_maximum_exceeds_minimum_and_physical_limits_differ(header):
    place = 256 + 2 * 104
    physical_min, physical_max, digital_min, digital_max = (float(header[place + 16 * i :][:8]) for i in range(4))
    assert digital_max > digital_min
    assert physical_max != physical_min


def test_2_1_3_5_negative_gain_is_allowed(tmp_path):
    path = tmp_path / "n.edf"
    channel = Channel(
        name="x",
        unit="uV",
        sampling_rate_hz=10.0,
        samples=ArraySamples(stored=np.arange(10, dtype=np.int16), gain=-0.5),
    )
    write_edf(Recording(channels=(channel,)), path)
    assert read_edf(path, NOTHING).channels[0].read().tolist() == (-0.5 * np.arange(10)).tolist()


def test_2_1_3_6_no_digit_grouping_and_a_dot_as_decimal(header):
    place = 256 + 2 * 104
    assert re.fullmatch(rb"[-0-9. ]+", header[place : place + 64])


def test_2_1_3_8_prefilter_text_is_hp_lp_n(header):
    assert header[256 + 2 * 136 :][:80].strip() == b"HP:20Hz LP:10000Hz"


def test_2_2_1_annotation_signal_is_labelled_and_has_the_full_digital_range(header):
    assert header[256 + 2 * 120 + 8 :][:8].strip() == b"-32768"
    assert header[256 + 2 * 128 + 8 :][:8].strip() == b"32767"


def test_2_2_1_a_file_may_hold_annotations_only(tmp_path):
    path = tmp_path / "a.edf"
    write_edf(Recording(annotations=(Annotation(start_s=3.0, label="x", duration_s=1.0),)), path)
    back = read_edf(path, NOTHING)
    assert not back.channels
    assert [(mark.start_s, mark.duration_s, mark.label) for mark in back.annotations] == [(3.0, 1.0, "x")]


def test_2_2_2_tal_is_onset_21_duration_20_text_20_0():
    assert encode_mark(Annotation(start_s=180.0, label="Lights off"), None) == b"+180\x14Lights off\x14\x00"
    mark = Annotation(start_s=1800.2, label="Apnea", duration_s=25.5)
    assert encode_mark(mark, None) == b"+1800.2\x1525.5\x14Apnea\x14\x00"


def test_2_2_2_onset_is_signed_and_may_precede_the_start():
    found = parse_record([b"+0\x14\x14\x00-0.065\x14Pre-stimulus beep\x14\x00"])
    assert [(mark.start_s, mark.label) for mark in found.marks] == [(-0.065, "Pre-stimulus beep")]


def test_2_2_2_one_tal_may_hold_several_annotations():
    found = parse_record([b"+0\x14\x14\x00+180\x14Lights off\x14Close door\x14\x00\x00\x00"])
    assert [mark.label for mark in found.marks] == ["Lights off", "Close door"]


def test_2_2_2_unused_bytes_are_zero(tmp_path):
    found = parse_record([b"+0\x14\x14\x00" + b"\x00" * 40])
    assert (found.marks, found.n_damaged, found.start_s) == ((), 0, 0.0)


def test_2_2_3_annotation_text_is_utf_8():
    content = encode_mark(Annotation(start_s=1.0, label="Müdigkeit µ 筋"), None)
    assert parse_record([b"+0\x14\x14\x00" + content]).marks[0].label == "Müdigkeit µ 筋"


def test_2_2_3_control_characters_never_break_a_list():
    content = encode_mark(Annotation(start_s=1.0, label="a\x14b\x00c\x15d"), None)
    assert parse_record([b"+0\x14\x14\x00" + content]).marks[0].label == "a b c d"


def test_2_2_4_first_tal_of_each_record_keeps_its_time(tmp_path):
    assert encode_time(567.5) == b"+567.5\x14\x14\x00"
    path = tmp_path / "d.edf"
    write_edf(make_recording(gap=True), path)
    starts = [segment.start_s for segment in read_edf(path, NOTHING).channels[0].segments]
    assert starts == [0.0, 4.5]


def test_2_2_4_first_record_may_start_within_a_second(tmp_path):
    path = tmp_path / "s.edf"
    write_edf(make_recording(annotations=(Annotation(start_s=0.5, label="x"),)), path)
    content = path.read_bytes()
    shifted = content.replace(b"+0\x14\x14\x00+0.5\x14x\x14\x00\0\0", b"+0.1\x14\x14\x00+0.6\x14x\x14\x00")
    shifted = shifted.replace(b"+1\x14\x14\x00\0\0", b"+1.1\x14\x14\x00")
    assert len(shifted) == len(content)
    assert shifted != content
    path.write_bytes(shifted)
    back = read_edf(path, NOTHING)
    assert [(segment.start_s, segment.n_samples) for segment in back.channels[0].segments] == [(0.0, 2000)]
    assert back.annotations[0].start_s == pytest.approx(0.5)


def test_2_2_4_time_going_back_is_refused_and_offered_as_continuous(tmp_path):
    path = tmp_path / "b.edf"
    write_edf(make_recording(gap=True), path)
    content = path.read_bytes().replace(b"+4.5\x14\x14", b"+0.1\x14\x14")
    path.write_bytes(content)
    with pytest.raises(ValueError, match="ignore_record_times=True"):
        read_edf(path, NOTHING)
    whole = read_edf(path, ReadOptions(options={"ignore_record_times": True})).channels[0]
    assert len(whole.segments) == 1
