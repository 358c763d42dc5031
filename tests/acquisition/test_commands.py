"""The commands devices and record."""

from __future__ import annotations

import json

import numpy as np
import pytest

from emgwidgets.cli import main
from emgwidgets.io.registry import read, write


def test_devices_lists_every_driver(capsys):
    assert main(["devices", "--json"]) == 0
    listed = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert listed["replay"]["is_available"]
    assert main(["devices"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in listed)


def test_devices_says_of_the_sound_card_what_portaudio_by_itself_says(capsys):
    try:
        import sounddevice

        has_input = any(one["max_input_channels"] > 0 for one in sounddevice.query_devices())
        cause = "" if has_input else "there is no sound input; got no input device; connect one and allow its use."
    except ImportError:
        cause = "the sound card cannot be read; got no sounddevice; install emgwidgets[devices]."
    except OSError as error:  # the wheel for Linux brings no PortAudio
        cause = f"the sound card cannot be read; got {error}; expected the PortAudio library; install it (Debian and Ubuntu: libportaudio2)."
    assert main(["devices", "--json"]) == 0
    (told,) = [one for one in json.loads(capsys.readouterr().out) if one["name"] == "soundcard"]
    assert (told["is_available"], told["cause"]) == (cause == "", cause)
    assert main(["devices"]) == 0
    assert cause in capsys.readouterr().out


@pytest.mark.parametrize("name", ["out.emglive", "out.edf", "out.bdf"])
def test_record_makes_the_file_asked_for(tmp_path, capsys, name):
    out = tmp_path / name
    code = main(["record", str(out), "--device", "fake", "--set", "n_channels=2", "--seconds", "0.5", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert (told["file"], told["lost"], told["gaps"]) == (name, 0, 0)
    recording = read(out)
    assert len(recording.channels) == 2
    assert recording.channels[0].n_samples >= told["samples"] >= 5000
    assert np.abs(recording.channels[1].samples_uv).max() == pytest.approx(200.0, rel=0.01)
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_record_replays_a_file(tmp_path, capsys, make_recording):
    write(make_recording(), tmp_path / "in.edf")
    words = ["--device", "replay", "--set", f"file={tmp_path / 'in.edf'}", "--set", "speed_ratio=0"]
    assert main(["record", str(tmp_path / "out.edf"), *words]) == 0
    assert "out.edf: 10000 samples per channel, 0 gaps, 0 samples lost. replay has ended." in capsys.readouterr().out
    before, after = read(tmp_path / "in.edf"), read(tmp_path / "out.edf")
    np.testing.assert_allclose(before.channels[1].samples_uv, after.channels[1].samples_uv, atol=1.0)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--device", "none"], "no such device; got 'none'; expected one of "),
        (["--device", "fake", "--set", "x"], "--set cannot be understood; got 'x'; expected OPTION=VALUE."),
        (["--device", "fake", "--set", "x=1"], "the device 'fake' cannot be opened with these options"),
        (["--device", "fake", "--seconds", "-1"], "--seconds cannot be used; got -1.0"),
        (["--device", "replay", "--set", "file=none.edf"], "the file does not exist; got none.edf"),
    ],
)
def test_what_cannot_be_recorded_is_one_sentence(tmp_path, capsys, words, sentence):
    assert main(["record", str(tmp_path / "out.edf"), *words]) == 1
    assert capsys.readouterr().err.startswith(sentence)
    assert list(tmp_path.iterdir()) == []


def test_record_never_replaces_a_file(tmp_path, capsys):
    out = tmp_path / "out.edf"
    out.write_text("mine")
    assert main(["record", str(out), "--device", "fake", "--seconds", "1"]) == 1
    assert "out.edf exists already" in capsys.readouterr().err
    (tmp_path / "b.edf.emglive").write_text("mine")
    assert main(["record", str(tmp_path / "b.edf"), "--device", "fake", "--seconds", "1"]) == 1
    assert "b.edf.emglive exists already" in capsys.readouterr().err
    assert out.read_text() == (tmp_path / "b.edf.emglive").read_text() == "mine"
