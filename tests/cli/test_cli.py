"""The command line as a script sees it: exit codes, one sentence on stderr, plain JSON on stdout, no identifiers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from emgwidgets import cli
from emgwidgets.cases.annotations import AnnotationStore, annotations_path
from emgwidgets.cli import _doctor_checks
from emgwidgets.io.registry import read, write
from emgwidgets.model.signal import Annotation, ArraySamples, Channel, Recording


@pytest.fixture
def edf(tmp_path: Path) -> Path:
    samples = np.random.default_rng(0).normal(0, 50, 50_000)
    samples[10_000:30_000] = 0.0
    channel = Channel(name="TA", unit="uV", sampling_rate_hz=25_000.0, samples=ArraySamples(stored=samples))
    mark = Annotation(start_s=0.5, label="fibrillation", duration_s=0.25)
    place = tmp_path / "trace.edf"
    write(Recording(channels=(channel,), annotations=(mark,)), place)
    return place


def run(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "emgwidgets.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def one_sentence(text: str) -> bool:
    return text.count("\n") == 1 and text.endswith(".\n") and "Traceback" not in text


def test_process_ends_with_the_right_code(edf, tmp_path):
    done = run("info", edf)
    assert done.returncode == 0
    assert "TA  emg, uV, 25000 Hz" in done.stdout
    unusable = run("info", tmp_path / "none.edf")
    assert (unusable.returncode, unusable.stdout) == (1, "")
    assert one_sentence(unusable.stderr)
    wrong = run("info")
    assert wrong.returncode == 2
    assert "usage: emgwidgets info" in wrong.stderr


@pytest.mark.parametrize(
    "words", [[], ["dance"], ["info", "a", "--colour"], ["convert", "a"], ["info", "a", "--rate", "x"]]
)
def test_wrong_usage_ends_with_2(words, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(words)
    assert "usage:" in capsys.readouterr().err


def test_info_as_json_holds_channels_and_flags(edf, capsys):
    assert cli.main(["info", str(edf), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["format"].startswith("EDF+")
    assert [(one["name"], one["unit"], one["sampling_rate_hz"]) for one in told["channels"]] == [("TA", "uV", 25_000.0)]
    flat = [flag for flag in told["flags"] if flag["kind"] == "flat"]
    assert flat[0]["start_s"] == pytest.approx(0.4, abs=0.001)
    assert told["n_annotations"] == 1
    assert str(edf.parent) not in json.dumps(told)


def test_info_of_a_folder_is_a_table(edf, capsys):
    (edf.parent / "other.bin").write_bytes(b"\x01\x02\x03")
    assert cli.main(["info", str(edf.parent), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["path"] for row in rows] == ["other.bin", "trace.edf"]
    assert rows[0]["refusal"]
    assert cli.main(["info", str(edf.parent)]) == 0
    out = capsys.readouterr()
    assert "2 files: 1 opened, 1 refused." in out.out
    assert "Opening every file" in out.err


def test_damaged_input_is_one_sentence_and_1(edf, capsys):
    edf.write_bytes(edf.read_bytes()[:900])
    for words in (["info"], ["info", "--json"], ["annotations"]):
        assert cli.main([*words, str(edf)]) == 1
        out = capsys.readouterr()
        assert out.out == ""
        assert one_sentence(out.err)


def test_unit_and_rate_are_asked_for_and_taken(tmp_path, capsys):
    place = tmp_path / "a.npy"
    np.save(place, np.linspace(-1, 1, 4000))
    assert cli.main(["info", str(place)]) == 1
    assert "=" in capsys.readouterr().err  # the sentence names the argument to give
    assert cli.main(["info", str(place), "--unit", "mV", "--rate", "4000", "--json"]) == 0
    channel = json.loads(capsys.readouterr().out)["channels"][0]
    assert (channel["unit"], channel["sampling_rate_hz"], channel["end_s"]) == ("uV", 4000.0, 1.0)
    assert cli.main(["info", str(place), "--unit", "mV", "--unit", "a=uV"]) == 1
    assert "--unit is given in two ways" in capsys.readouterr().err


def test_convert_keeps_samples_and_never_overwrites_unasked(edf, tmp_path, capsys):
    target = tmp_path / "trace.npz"
    assert cli.main(["convert", str(edf), str(target)]) == 0
    assert "written as trace.npz" in capsys.readouterr().out
    assert np.allclose(read(target).channels[0].read(), read(edf).channels[0].read())
    before = target.read_bytes()
    assert cli.main(["convert", str(edf), str(target)]) == 1
    assert "trace.npz exists already" in capsys.readouterr().err
    assert target.read_bytes() == before
    assert cli.main(["convert", str(edf), str(target), "--force", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["target"] == "trace.npz"
    assert cli.main(["convert", str(edf), str(edf), "--force"]) == 1
    assert "is the file that is read" in capsys.readouterr().err
    assert cli.main(["convert", str(edf), str(tmp_path / "x.docx")]) == 1
    assert "no writer for this name" in capsys.readouterr().err


def test_annotations_are_listed_imported_and_exported(edf, tmp_path, capsys):
    AnnotationStore.beside(edf).add(Annotation(start_s=0.1, label="mains", reader="R1"))
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("onset,description\n1.25,F wave\n", encoding="utf-8")
    out = tmp_path / "all.csv"
    before = edf.read_bytes()
    assert cli.main(["annotations", str(edf), "--import", str(theirs), "--export", str(out), "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(one["label"], one["kept"]) for one in listed] == [
        ("mains", "beside the file"), ("fibrillation", "in the file"), ("f_wave", "beside the file"),
    ]  # fmt: skip
    assert out.read_text(encoding="utf-8").count("\n") == 4
    assert edf.read_bytes() == before
    assert len(AnnotationStore.open(annotations_path(edf))) == 2
    assert cli.main(["annotations", str(edf)]) == 0
    assert "f_wave  (all channels, confirmed; beside the file)" in capsys.readouterr().out
    assert cli.main(["annotations", str(edf), "--export", str(out)]) == 1
    assert "all.csv exists already" in capsys.readouterr().err


def test_no_identifier_is_printed(edf, capsys):
    content = bytearray(edf.read_bytes())
    content[8:88] = b"MRN12345 F 02-MAY-1951 Jane_Roe".ljust(80)
    edf.write_bytes(bytes(content))
    for words in (["info"], ["info", "--json"], ["annotations"]):
        assert cli.main([*words, str(edf)]) == 0
        out = capsys.readouterr()
        for secret in ("MRN12345", "Jane", "Roe", "1951"):
            assert secret not in out.out + out.err


def test_doctor_names_every_line_and_the_way_out(monkeypatch, capsys):
    findings = _doctor_checks.doctor()
    assert {one.state for one in findings} <= {"ok", "--", "problem"}
    assert all(one.way_out for one in findings if one.state == "problem")
    assert cli.main(["doctor", "--json"]) == int(any(one.state == "problem" for one in findings))
    assert {"Python", "emgwidgets", "extra mri", "kernel python3", "server extension", "working folder"} <= {
        one["name"] for one in json.loads(capsys.readouterr().out)
    }
    monkeypatch.setattr(_doctor_checks, "_version", lambda name: None if name == "edfio" else "1.0")
    monkeypatch.setattr(_doctor_checks, "_enables", lambda folder: False)
    assert cli.main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert "problem edfio" in told
    assert "jupyter server extension enable" in told
    assert f" of {len(findings)} lines are a problem." in told


def test_server_extension_is_looked_for_in_the_settings(tmp_path):
    assert not _doctor_checks._enables(tmp_path)
    folder = tmp_path / "jupyter_server_config.d"
    folder.mkdir()
    (folder / "broken.json").write_text("{", encoding="utf-8")
    assert not _doctor_checks._enables(tmp_path)
    on = {"ServerApp": {"jpserver_extensions": {"emgwidgets.server_extension": True}}}
    (folder / "emgwidgets.json").write_text(json.dumps(on), encoding="utf-8")
    assert _doctor_checks._enables(tmp_path)


def test_lab_passes_options_on(monkeypatch, tmp_path, capsys):
    asked = []
    monkeypatch.setattr("emgwidgets.launch.main", lambda options: asked.extend(options) or 0)
    assert cli.main(["lab", "--no-browser", "--port=9999"]) == 0
    assert asked == ["--no-browser", "--port=9999"]
    with pytest.raises(SystemExit, match="2"):
        cli.main(["doctor", "--no-browser"])


@pytest.mark.recordings
def test_real_neuropathy_recording_tells_of_its_overflow(recordings, capsys):
    assert cli.main(["info", str(recordings / "physionet-emgdb" / "emg_neuropathy.hea"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"overflow", "low_rate"} <= {flag["kind"] for flag in told["flags"]}
    assert "radiculopathy" not in json.dumps(told)
