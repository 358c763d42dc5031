"""Command simulate: files in open formats with their truth, the same bytes for the same seed, one sentence for bad input."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest

from emgwidgets.cli import main
from emgwidgets.errors import InputError
from emgwidgets.io.registry import read
from emgwidgets.simulation.examination import STUDY_KINDS, as_channel, simulate_study, study_names
from emgwidgets.simulation.patient import VirtualPatient


def run(folder: Path, *words: str) -> int:
    return main(["simulate", *words, "--out", str(folder)])


def test_motor_study_and_its_truth(tmp_path: Path) -> None:
    words = ("carpal_tunnel_syndrome", "--study", "motor:median_apb", "--side", "left", "--severity", "moderate")
    assert run(tmp_path, *words) == 0
    recording = read(tmp_path / "motor_median_apb_left.npz")
    truth = json.loads((tmp_path / "motor_median_apb_left.truth.json").read_text(encoding="utf-8"))
    assert [sweep.site for sweep in recording.sweeps] == [row["site"] for row in truth["sweeps"]]
    assert {sweep.side for sweep in recording.sweeps} == {"left"}
    wrist = truth["sweeps"][1]
    assert wrist["site"] == "wrist"
    where = {"nerve": "median", "muscle": "abductor_pollicis_brevis", "side": "left", "site": "wrist"}
    assert wrist["onset_ms"] > VirtualPatient().motor_study(**where).truth.onset_ms + 0.6
    assert 0 < wrist["n_responding"] <= wrist["n_axons"]
    lesions = truth["patient"]["lesions"]
    assert {row["element"] for row in lesions} == {"median_carpal_tunnel"}
    assert {row["side"] for row in lesions} == {"left"}


def test_the_other_side_can_be_examined(tmp_path: Path) -> None:
    words = ("carpal_tunnel_syndrome", "--study", "motor:median_apb", "--side", "left", "--examine", "both")
    assert run(tmp_path, *words) == 0
    onset = {}
    for side in ("left", "right"):
        truth = json.loads((tmp_path / f"motor_median_apb_{side}.truth.json").read_text(encoding="utf-8"))
        onset[side] = truth["sweeps"][1]["onset_ms"]
    assert onset["left"] > onset["right"] + 0.5


@pytest.mark.parametrize(("name", "suffix"), [("edf", "edf"), ("bdf", "bdf"), ("wfdb", "hea"), ("csv", "csv")])
def test_other_formats_hold_the_sweeps_end_to_end(tmp_path: Path, name: str, suffix: str) -> None:
    assert run(tmp_path, "normal", "--study", "motor:ulnar_adm", "--format", name) == 0
    found = read(tmp_path / f"motor_ulnar_adm_right.{suffix}")
    made = simulate_study(VirtualPatient(condition="normal"), "motor", "ulnar_adm", "right").recording
    whole = np.concatenate([sweep.samples_uv for sweep in made.sweeps])
    step = 1.5 if name in ("edf", "wfdb") else 0.01  # 16-bit formats: 1 uV steps over 30 mV
    assert np.allclose(found.channels[0].samples_uv[: len(whole)], whole, atol=step)
    marks = [mark for mark in found.annotations if mark.label.startswith("sweep")]
    assert len(marks) == len(made.sweeps)
    assert marks[1].start_s == pytest.approx(1000 / 20_000, abs=1e-4)


def test_needle_with_sound(tmp_path: Path) -> None:
    words = ("normal", "--study", "needle-slight:FDI", "--wav", "--seed", "3")
    assert run(tmp_path, *words) == 0
    name = "needle_slight_first_dorsal_interosseous_hand_right"
    channel = read(tmp_path / f"{name}.npz").channels[0]
    truth = json.loads((tmp_path / f"{name}.truth.json").read_text(encoding="utf-8"))
    assert truth["units"]
    with wave.open(str(tmp_path / f"{name}.wav")) as sound:
        assert sound.getframerate() == channel.sampling_rate_hz
        heard = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").astype(float)
    n = min(len(heard), channel.n_samples)
    assert np.corrcoef(heard[:n], -channel.samples_uv[:n])[0, 1] > 0.8  # negative up; slow and very large parts are cut


def test_same_seed_same_bytes_and_another_seed_not(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder, seed in zip(folders, ("5", "5", "6"), strict=True):
        folder.mkdir()
        assert (
            run(folder, "normal", "--study", "sensory:sural", "--study", "blink", "--seed", seed, "--format", "csv")
            == 0
        )
    names = sorted(path.name for path in folders[0].iterdir())
    assert len(names) == 4
    for name in names:
        first, second, third = ((folder / name).read_bytes() for folder in folders)
        assert first == second
        assert first != third


def test_every_kind_makes_a_recording_and_a_plain_truth() -> None:
    patient = VirtualPatient(seed=2)
    for kind, target in {kind: pair for pair in study_names(["all"]) for kind in pair[:1]}.items():
        if kind.startswith("needle"):
            continue  # above
        made = simulate_study(patient, *target, "right")
        assert made.recording.sweeps or made.recording.tables, kind
        json.dumps(made.truth, allow_nan=False)
        laid = as_channel(made.recording)
        assert not laid.sweeps
    assert {kind for kind, _ in study_names(["all"])} == set(STUDY_KINDS)


def test_anomaly_and_error_of_technique(tmp_path: Path) -> None:
    words = ("normal", "--study", "motor:ulnar_fdi", "--anomaly", "martin_gruber_fdi:0.5", "--error", "cold_limb")
    assert run(tmp_path, *words) == 0
    truth = json.loads((tmp_path / "motor_ulnar_fdi_right.truth.json").read_text(encoding="utf-8"))
    number = {row["site"]: row["n_responding"] for row in truth["sweeps"]}
    assert number["below_elbow"] == pytest.approx(0.5 * number["wrist"], abs=1)
    assert truth["error"] == "cold_limb"
    assert truth["patient"]["anomalies"][0]["kind"] == "martin_gruber_fdi"
    assert read(tmp_path / "motor_ulnar_fdi_right.npz").sweeps[0].skin_temperature_degc == 26.0


def test_files_are_not_replaced_without_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("normal", "--study", "h")
    assert run(tmp_path, *words) == 0
    assert run(tmp_path, *words) == 1
    assert "exists already" in capsys.readouterr().err
    assert run(tmp_path, *words, "--force") == 0


def test_list_names_conditions_and_studies(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    codes = {row["code"]: row["severities"] for row in listed["conditions"]}
    assert "severe" in codes["carpal_tunnel_syndrome"]
    assert {"blink", "cmap-scan", "needle", "all"} <= set(listed["studies"])
    assert "reversed_electrodes" in listed["errors"]
    assert "prefixed_plexus" in listed["anomalies"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("normal",), "no folder"),
        (("gout", "--study", "motor", "--out", "OUT"), "no such condition"),
        (("normal", "--study", "teeth", "--out", "OUT"), "no such study"),
        (("normal", "--study", "all:median_apb", "--out", "OUT"), "no such study"),
        (("normal", "--study", "rns:sural", "--out", "OUT"), "rns cannot be done there"),
        (("normal", "--study", "sensory:supraorbital", "--out", "OUT"), "sensory cannot be done there"),
        (("normal", "--study", "needle:elbow", "--out", "OUT"), "no such muscle"),
        (("normal", "--study", "motor", "--age", "-3", "--out", "OUT"), "18 to 100 years"),
        (("normal", "--study", "motor", "--severity", "bad", "--out", "OUT"), "no such severity"),
        (("normal", "--study", "motor", "--day", "-1", "--out", "OUT"), "0 to 40000 days"),
        (("normal", "--study", "motor", "--anomaly", "third_arm", "--out", "OUT"), "no such anomaly"),
        (("normal", "--study", "motor", "--anomaly", "riche_cannieu:much", "--out", "OUT"), "is no number"),
        (("normal", "--study", "motor", "--error", "bad_luck", "--out", "OUT"), "one of submaximal"),
        (("normal", "--study", "h", "--error", "mains", "--out", "OUT"), "a motor or sensory study"),
    ],
)
def test_bad_input_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    folder = tmp_path / "out"
    assert main(["simulate", *(str(folder) if word == "OUT" else word for word in words)]) == 1
    said = [line for line in capsys.readouterr().err.splitlines() if not line.endswith("...")]  # less the progress
    assert len(said) == 1
    assert sentence in said[0]
    assert not folder.exists() or not list(folder.iterdir())


def test_a_kind_that_does_not_exist() -> None:
    with pytest.raises(InputError, match="no such study"):
        simulate_study(VirtualPatient(), "teeth", "median_apb", "left")
