"""A recording goes into a case folder whole, with its marks and gaps, and never over another."""

from __future__ import annotations

import pytest

import emgwidgets as emg
from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.faults import Faults
from emgwidgets.acquisition.recorder import Recorder
from emgwidgets.acquisition.replay import ReplayDevice
from emgwidgets.cases.folder import file_recording
from emgwidgets.cli import main
from emgwidgets.errors import InputError, WriteError


@pytest.fixture
def container(make_recording, tmp_path):
    source = make_recording(annotations=((2.5, "fibrillation"),))
    engine = Engine(ReplayDevice(file=source, speed_ratio=0, faults=Faults(gaps=((4.0, 1.0),)))).open()
    with Recorder(engine, tmp_path / "needle.emglive"):
        while engine.step():
            pass
    return tmp_path / "needle.emglive"


@pytest.mark.parametrize("suffix", [".edf", ".bdf"])
def test_samples_gaps_and_marks_are_in_the_folder(container, tmp_path, suffix):
    made = file_recording(container, tmp_path / "case 1", suffix=suffix)
    before, after = emg.read(container), emg.read(made)
    assert after.channels[0].n_samples >= before.channels[0].n_samples == 9000
    assert len(after.channels[0].segments) == 2
    assert [mark.label for mark in after.annotations if mark.label == "fibrillation"] == ["fibrillation"]
    assert emg.Case.load(tmp_path / "case 1" / "case.json").annotations == ()
    assert container.exists()


def test_a_case_document_that_is_there_stays_and_no_recording_is_replaced(container, tmp_path):
    folder = tmp_path / "case"
    folder.mkdir()
    emg.Case(question="why?").save(folder / "case.json")
    made = file_recording(container, folder)
    assert emg.Case.load(folder / "case.json").question == "why?"
    content = made.read_bytes()
    with pytest.raises(WriteError, match=r"needle\.edf is in the case folder already"):
        file_recording(container, folder)
    assert made.read_bytes() == content
    assert file_recording(container, folder, name="again").name == "again.edf"
    with pytest.raises(InputError, match=r"a case folder holds EDF\+ and BDF\+ recordings; got '\.wav'"):
        file_recording(container, folder, suffix=".wav")


def test_record_puts_the_file_into_the_case(tmp_path, capsys):
    out, case = tmp_path / "one.emglive", tmp_path / "case"
    words = ["record", str(out), "--device", "fake", "--seconds", "0.3", "--case", str(case)]
    assert main(words) == 0
    assert emg.read(case / "one.edf").channels[0].n_samples >= 3000
    assert (case / "case.json").exists()
    assert "0 samples lost" in capsys.readouterr().out
