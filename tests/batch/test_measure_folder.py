"""The same call on a folder: one tidy table, a file that fails is a row, any number of jobs gives the same table."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import emgwidgets as emg
from emgwidgets import cli
from emgwidgets.batch import CALLS, COLUMNS
from emgwidgets.batch.rows import as_found, rows_of
from emgwidgets.errors import InputError, MissingExtraError, ReadError, WriteError
from emgwidgets.io.registry import write
from emgwidgets.model.measure import Absent, Measure
from emgwidgets.model.signal import ArraySamples, Channel, Recording, Stimulus, Sweep

RATE_HZ = 20_000.0


def recording(seed: int, *, kind: str = "emg") -> Recording:
    samples = np.random.default_rng(seed).normal(0.0, 2.0, 60_000)
    samples[5000::4000] += 100.0 * (seed + 1)
    return Recording(channels=(Channel(name="TA", unit="uV", sampling_rate_hz=RATE_HZ, samples=ArraySamples(stored=samples), kind=kind),))  # fmt: skip


def motor_recording(peak_uv: float) -> Recording:
    times_ms = np.arange(-2.0, 40.0, 0.05)
    wave = -peak_uv * np.exp(-0.5 * ((times_ms - 8.0) / 1.2) ** 2) * (times_ms > 0)
    noise = np.random.default_rng(3).normal(0.0, 2.0, times_ms.size)
    sweep = Sweep(samples_uv=wave + noise, sampling_rate_hz=RATE_HZ, start_ms=-2.0, channel="APB", site="wrist", stimulus=Stimulus(time_s=0.0))  # fmt: skip
    return Recording(sweeps=(sweep,))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "study"
    (place / "day2").mkdir(parents=True)
    write(recording(0), place / "a.edf")
    write(recording(1), place / "day2" / "b.npz")
    (place / "README.md").write_text("words\n", encoding="utf-8")
    (place / "broken.edf").write_bytes((place / "a.edf").read_bytes()[:700])
    (place / ".hidden.edf").write_bytes(b"x")
    return place


def peak(given: Recording, *, channel: str = "TA") -> dict[str, object]:
    trace = given.trace(channel)
    return {"item": "whole", "channel": channel, "peak_uv": float(trace.samples_uv.max()), "n_samples": len(trace.samples_uv)}  # fmt: skip


def test_one_row_for_each_measure_with_unit_and_provenance(folder):
    table = emg.measure_folder(folder, peak, channel="TA")
    assert list(table.files.items()) == [
        ("README.md", "refused"), ("a.edf", "measured"), ("broken.edf", "refused"), ("day2/b.npz", "measured"),
    ]  # fmt: skip
    frame = table.to_dataframe()
    assert tuple(frame.columns) == COLUMNS
    wide = frame[frame.state == "measured"].pivot_table(index="file", columns="measure", values="value")
    assert wide.loc["a.edf", "peak_uv"] == pytest.approx(recording(0).channels[0].read().max(), abs=0.02)
    assert list(wide.n_samples) == [60_000, 60_000]
    assert dict(zip(frame.measure, frame.unit, strict=True)) == {"": "", "peak_uv": "uV", "n_samples": "count"}
    rows = [row for row in table.rows if row["file"] == "a.edf"]
    digest = hashlib.sha256((folder / "a.edf").read_bytes()).hexdigest()
    assert {row["sha256"] for row in rows} == {digest}
    assert {(row["call"], row["parameters"], row["emgwidgets"]) for row in table.rows} == {
        ("peak", '{"channel": "TA"}', emg.__version__)
    }
    assert str(folder) not in json.dumps(table.rows)
    assert repr(table) == "FolderTable(4 files: 2 measured, 2 refused; 6 rows)"


def test_a_file_or_channel_that_fails_is_a_row_and_no_end(folder):
    write(recording(2, kind="surface_emg"), folder / "surface.npz")
    told: list[str] = []
    table = emg.measure_folder(folder, "rest", progress=told.append)
    assert table.files["a.edf"] == "measured"
    assert table.files["surface.npz"] == "failed"
    sentences = dict(table.failures)
    assert "a surface recording is no needle EMG" in sentences["surface.npz"]
    assert "broken.edf" in sentences["broken.edf"]
    assert len(told) == 5
    assert told[0].startswith("1 of 5  README.md: refused: ")
    assert all(row["channel"] == "TA" for row in table.rows if row["file"] == "surface.npz")


def test_a_mistake_in_the_call_is_told_for_each_file(folder):
    table = emg.measure_folder(folder, lambda given: given.channels[3], pattern="*.edf")
    assert dict(table.failures)["a.edf"] == "the call ended with IndexError: tuple index out of range"


def test_several_jobs_give_the_same_table_in_the_same_order(folder):
    alone = emg.measure_folder(folder, "quality")
    together = emg.measure_folder(folder, "quality", jobs=2)
    assert together.rows == alone.rows
    assert any(row["measure"] == "n_flags" for row in alone.rows)


def test_a_process_that_ends_costs_its_own_file_only(folder, monkeypatch):
    module = folder.parent / "ending_call.py"
    module.write_text(
        "import os\n"
        "def call(recording):\n"
        "    if recording.origin.name == 'a.edf':\n        os._exit(3)\n"
        "    return {'n_channels': len(recording.channels)}\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(folder.parent))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder.parent), *sys.path]))
    import ending_call

    table = emg.measure_folder(folder, ending_call.call, jobs=2)
    assert table.files["a.edf"] == "failed"
    assert table.files["day2/b.npz"] == "measured"
    assert "The process that measured this file ended" in dict(table.failures)["a.edf"]


def test_a_call_that_cannot_travel_is_one_sentence(folder):
    with pytest.raises(InputError, match=r"this call cannot go to another process; got <lambda>; .* or use one job"):
        emg.measure_folder(folder, lambda given: {}, jobs=2)


def test_bad_arguments_are_one_sentence(folder, tmp_path):
    with pytest.raises(InputError, match="no such call; got 'unit'; expected one of quality, rest, units"):
        emg.measure_folder(folder, "unit")
    with pytest.raises(InputError, match=r"there is no file to measure; got 4 files, none named \*\.bdf"):
        emg.measure_folder(folder, "rest", pattern="*.bdf")
    with pytest.raises(ReadError, match="the folder does not exist; got nowhere"):
        emg.measure_folder(tmp_path / "nowhere", "rest")
    with pytest.raises(InputError, match="the number of jobs cannot be used; got 0"):
        emg.measure_folder(folder, "rest", jobs=0)


def test_absent_not_measured_and_zero_are_three_things(tmp_path):
    write(motor_recording(6000.0), tmp_path / "there.npz")
    write(motor_recording(0.0), tmp_path / "none.npz")
    frame = emg.measure_folder(tmp_path, "motor").to_dataframe()
    amplitude = frame[frame.measure == "amplitude_mv"].set_index("file")
    assert amplitude.loc["there.npz", "value"] == pytest.approx(6.0, rel=0.02)
    assert (amplitude.loc["there.npz", "unit"], amplitude.loc["there.npz", "item"]) == ("mV", "wrist (1)")
    assert amplitude.loc["there.npz", "low"] < 6.0 < amplitude.loc["there.npz", "high"]
    assert (amplitude.loc["none.npz", "state"], amplitude.loc["none.npz", "unit"]) == ("absent", "mV")
    assert np.isnan(amplitude.loc["none.npz", "value"])
    assert amplitude.loc["none.npz", "reason"]
    cells = [
        next(rows_of(one))
        for value in (
            0.0,
            None,
            float("nan"),
            Absent(reason="no response"),
            Measure(value=2.0, unit="Hz"),
            True,
            "word",
        )
        for one in as_found({"rate_hz": value})
    ]
    assert [cell["state"] for cell in cells] == [
        "measured", "not measured", "not measured", "absent", "measured", "measured", "measured",
    ]  # fmt: skip
    assert (cells[0]["value"], cells[5]["text"], cells[6]["text"]) == (0.0, "true", "word")


@pytest.mark.parametrize("answer", [3.0, {"a": object()}, [1]])
def test_an_answer_that_is_no_row_is_refused(answer):
    with pytest.raises(InputError, match="fit"):
        [row for found in as_found(answer) for row in rows_of(found)]


def test_the_table_is_written_whole_and_read_in_one_line(folder, tmp_path):
    table = emg.measure_folder(folder, "quality")
    frame = table.to_dataframe()
    for name, load in (("t.csv", pd.read_csv), ("t.json", pd.read_json)):
        place = table.write(tmp_path / name)
        back = load(place)
        assert list(back.columns) == list(COLUMNS)
        assert list(back.measure.fillna("")) == list(frame.measure)
        np.testing.assert_allclose(back.value.astype(float), frame.value)
        with pytest.raises(WriteError, match=f"{name} exists already"):
            table.write(place)
        table.write(place, force=True)
    with pytest.raises(InputError, match=r"no table is written under this name; got t\.xls"):
        table.write(tmp_path / "t.xls")


def test_parquet_is_written_or_says_what_it_needs(folder, tmp_path):
    table = emg.measure_folder(folder, "quality", pattern="a.edf")
    try:
        import pyarrow  # noqa: F401, ICN001
    except ImportError:
        with pytest.raises(MissingExtraError, match=r"Parquet needs the library pyarrow; .* or write \.csv"):
            table.write(tmp_path / "t.parquet")
    else:
        pd.testing.assert_frame_equal(pd.read_parquet(table.write(tmp_path / "t.parquet")), table.to_dataframe())


def test_a_wfdb_record_is_measured_once(tmp_path):
    write(recording(0), tmp_path / "r.hea")
    assert list(emg.measure_folder(tmp_path, "quality").files) == ["r.dat"]
    assert list(emg.measure_folder(tmp_path, "quality", pattern="*.hea").files) == ["r.hea"]


def test_every_named_call_answers_or_refuses_with_a_sentence(tmp_path):
    write(recording(0), tmp_path / "needle.npz")
    write(motor_recording(5000.0), tmp_path / "motor.npz")
    for name in CALLS:
        table = emg.measure_folder(tmp_path, name)
        assert set(table.files) == {"motor.npz", "needle.npz"}
        assert not [reason for _, reason in table.failures if "the call ended with" in reason], name
    assert emg.measure_folder(tmp_path, "units").files["needle.npz"] == "measured"


def test_the_commands_take_a_folder(folder, tmp_path, capsys):
    out = tmp_path / "rest.csv"
    assert cli.main(["measure", "needle", str(folder), "--pattern", "*.edf", "--out", str(out)]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("2 files: 1 measured, 1 not; ")
    assert "1 of 2  a.edf: " in told.err
    frame = pd.read_csv(out)
    assert set(frame.state) >= {"measured", "refused"}
    assert cli.main(["measure", "needle", str(folder), "--out", str(out)]) == 1
    assert "rest.csv exists already" in capsys.readouterr().err
    assert cli.main(["measure", "needle", str(folder), "--pattern", "*.md", "--json"]) == 1
    told = capsys.readouterr()
    assert [row["state"] for row in json.loads(told.out)] == ["refused"]
    assert "No file could be measured" in told.err
    assert cli.main(["decompose", str(folder), "--pattern", "a.edf"]) == 0
    assert capsys.readouterr().out.startswith(",".join(COLUMNS))
    assert cli.main(["decompose", str(folder), "--edits", "e.json"]) == 1
    assert "--edits belongs to one file" in capsys.readouterr().err


def test_conduction_studies_of_a_folder_are_those_of_the_single_file(tmp_path, capsys):
    write(motor_recording(6000.0), tmp_path / "m.npz")
    assert cli.main(["measure", "ncs", str(tmp_path / "m.npz"), "--temperature", "31", "--json"]) == 0
    single = json.loads(capsys.readouterr().out)["rows"][0]["measures"]
    assert cli.main(["measure", "ncs", str(tmp_path), "--temperature", "31", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["measure"]: row["value"] for row in rows if row["item"] == "wrist"} == {
        name: measure["value"] for name, measure in single.items()
    }
    assert {row["parameters"] for row in rows} == {'{"temperature": 31.0}'}
    assert cli.main(["measure", "ncs", str(tmp_path), "--study", "inching"]) == 1
    assert "inching is measured file by file" in capsys.readouterr().err
