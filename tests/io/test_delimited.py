"""Delimited text: layouts, units, rates, gaps, damage, column maps, and the project's own CSV."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from emgwidgets.errors import ReadError
from emgwidgets.io._clock import clock_of
from emgwidgets.io._layout import name_and_unit
from emgwidgets.io.delimited import Column, ColumnMap
from emgwidgets.io.registry import read, write

_spec = importlib.util.spec_from_file_location("synthetic_b", Path(__file__).with_name("synthetic_b.py"))
synthetic = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(synthetic)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EMG (mV)", ("EMG", "mV")), ("Force [N]", ("Force", "N")), ("emg_uv", ("emg", "uv")), ("EMG", ("EMG", "")),
        ("Time (s)", ("Time", "s")), ("time_s", ("time", "s")), ("left_arm", ("left_arm", "")),
    ],
)  # fmt: skip
def test_name_and_unit(text, expected):
    assert name_and_unit(text) == expected


@pytest.mark.parametrize(("delimiter", "decimal"), [(",", "."), (";", ","), ("\t", "."), ("\t", ","), (";", ".")])
def test_delimiters_and_decimal_marks(tmp_path, delimiter, decimal):
    header = delimiter.join(["Time (s)", "EMG (mV)", "Force [N]"])
    emg, force = synthetic.delimited(tmp_path / "a.csv", header=header, delimiter=delimiter, decimal=decimal)
    recording = read(tmp_path / "a.csv")
    np.testing.assert_allclose(recording.channel("EMG").samples_uv, np.round(emg, 5) * 1000)
    np.testing.assert_allclose(recording.channel("Force").read(), np.round(force, 5))
    assert recording.channel("EMG").sampling_rate_hz == 2000.0
    assert recording.channel("Force").kind == "force"


def test_header_without_unit_stops(tmp_path):
    synthetic.delimited(tmp_path / "a.csv", header="Time (s),EMG,Force")
    with pytest.raises(
        ReadError, match=r'does not say the unit of \'EMG\', \'Force\'.*unit=\{"EMG": "mV", "Force": "mV"\}'
    ):
        read(tmp_path / "a.csv")
    recording = read(tmp_path / "a.csv", unit={"EMG": "mV", "Force": "N"})
    assert [c.unit for c in recording.channels] == ["uV", "N"]


def test_time_without_unit_stops(tmp_path):
    synthetic.delimited(tmp_path / "a.csv", header="Time,EMG (mV),Force [N]")
    with pytest.raises(ReadError, match=r"does not say the unit of its time column.*sampling_rate_hz="):
        read(tmp_path / "a.csv")
    assert read(tmp_path / "a.csv", sampling_rate_hz=2000).channels[0].sampling_rate_hz == 2000.0
    with pytest.raises(ReadError, match=r"has times that do not fit the rate"):
        read(tmp_path / "a.csv", sampling_rate_hz=1234)


def test_no_header_stops_and_a_saved_map_reads_it(tmp_path):
    emg, _ = synthetic.delimited(tmp_path / "a.csv", header="")
    with pytest.raises(ReadError, match=r"got no header.*columns=\{"):
        read(tmp_path / "a.csv")
    plan = ColumnMap(
        time_column=0, time_unit="s", columns=(Column(column=1, name="APB", unit="mV", kind="needle_emg"),)
    )
    plan.save(tmp_path / "map.json")
    assert ColumnMap.load(tmp_path / "map.json") == plan
    for columns in (plan, plan.model_dump(), tmp_path / "map.json"):
        channel = read(tmp_path / "a.csv", columns=columns).channel("APB")
        np.testing.assert_allclose(channel.samples_uv, np.round(emg, 5) * 1000)
        assert channel.kind == "needle_emg"


def test_wrong_map_is_one_sentence(tmp_path):
    synthetic.delimited(tmp_path / "a.csv")
    with pytest.raises(ReadError, match=r"columns is no column map; got colums"):
        read(tmp_path / "a.csv", columns={"colums": []})
    with pytest.raises(ReadError, match=r"has no column 'nothing'"):
        read(tmp_path / "a.csv", columns={"columns": [{"column": "nothing"}]})


def test_damaged_and_missing_values_keep_their_place(tmp_path):
    synthetic.delimited(tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines()
    lines[101] = lines[101].split(",")[0] + ",0.1x7," + lines[101].split(",")[2]
    for row in (201, 202, 203):
        lines[row] = lines[row].split(",")[0] + ",," + lines[row].split(",")[2]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    recording = read(tmp_path / "a.csv")
    channel = recording.channel("EMG")
    assert list(np.flatnonzero(np.isnan(channel.read()))) == [100, 200, 201, 202]
    flags = {flag.kind: flag for flag in recording.quality_flags}
    assert (flags["damaged_lines"].start_s, flags["damaged_lines"].size) == (pytest.approx(100 / 2000), 1)
    assert (flags["missing"].start_s, flags["missing"].size) == (pytest.approx(200 / 2000), 3)
    assert not np.isnan(recording.channel("Force").read()).any()


def test_two_lines_that_ran_together_are_damage(tmp_path):
    emg, _ = synthetic.delimited(tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines()
    lines[101] += "," + lines[102]
    (tmp_path / "a.csv").write_text("\n".join(lines[:102] + lines[103:]) + "\n")
    recording = read(tmp_path / "a.csv")
    assert "damaged_lines" in {flag.kind for flag in recording.quality_flags}
    assert np.isnan(recording.channel("Force").read()[100])
    assert recording.channel("EMG").read()[99] == pytest.approx(round(emg[99], 5) * 1000)


def test_gap_in_the_times(tmp_path):
    synthetic.delimited(tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines()
    (tmp_path / "a.csv").write_text("\n".join(lines[:101] + lines[151:]) + "\n")
    recording = read(tmp_path / "a.csv")
    assert [s.n_samples for s in recording.channels[0].segments] == [100, 150]
    assert [flag.kind for flag in recording.quality_flags] == ["gap"]
    assert recording.quality_flags[0].size == pytest.approx(50 / 2000)


@given(
    rate_hz=st.sampled_from([100.0, 250.0, 1259.259, 2000.0, 4000.0, 48000.0]), digits=st.integers(4, 7),
    start_s=st.floats(0, 5), n_samples=st.integers(50, 4000),
)  # fmt: skip
@example(rate_hz=1259.259, digits=4, start_s=0.0, n_samples=1214)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rounded_times_give_the_rate_and_no_false_gap(rate_hz, digits, start_s, n_samples):
    times_s = np.round(start_s + np.arange(n_samples) / rate_hz, digits)
    if times_s[-1] - times_s[0] < 20 * 10.0**-digits:
        return
    clock = clock_of(times_s, "a.csv")
    assert len(clock.segments) == 1
    assert clock.rate_hz == pytest.approx(rate_hz, rel=1.5 * 10.0**-digits / (times_s[-1] - times_s[0]) + 1e-9)


def test_names_and_prose_are_no_tables(tmp_path):
    (tmp_path / "channels.tsv").write_text("name\ttype\tunits\nEMG1\tEMG\tuV\nEMG2\tEMG\tuV\nEMG3\tEMG\tuV\n")
    (tmp_path / "notes.txt").write_text("Some words, and more.\nAnother line, with 3 words.\nThe end, of it.\n")
    for name in ("channels.tsv", "notes.txt"):
        with pytest.raises(ReadError, match=f"{name} is not in a known format"):
            read(tmp_path / name)


def test_own_csv_comes_back_whole(tmp_path):
    synthetic.delimited(tmp_path / "a.csv")
    recording = read(tmp_path / "a.csv")
    write(recording, tmp_path / "out.csv")
    again = read(tmp_path / "out.csv")
    for before, after in zip(recording.channels, again.channels, strict=True):
        assert (before.name, before.unit, before.sampling_rate_hz, before.segments) == (
            after.name, after.unit, after.sampling_rate_hz, after.segments,
        )  # fmt: skip
        np.testing.assert_array_equal(before.read(), after.read())
