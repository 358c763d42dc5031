"""Command measure ncs: numbers, technique and JSON from files, and one sentence where it cannot."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import emgwidgets as emg
from emgwidgets import cli
from emgwidgets.cases.document import load_case, save_case
from emgwidgets.io.registry import write
from emgwidgets.model.case import Case, Subject
from emgwidgets.model.signal import ArraySamples, Channel, Recording


@pytest.fixture
def edf(tmp_path):
    rate, rng = 20_000.0, np.random.default_rng(0)
    times_ms = np.arange(0, 60, 1000 / rate)
    since = np.clip(times_ms - 5.0 - 3.5, 0, None) / 1.0
    wave = -8000 * since**2 * np.exp(2 - since) / 4 * (3 - since) / 1.2 + rng.normal(0, 5, len(times_ms))
    place = tmp_path / "sweep.edf"
    write(
        Recording(channels=(Channel(name="APB", unit="uV", sampling_rate_hz=rate, samples=ArraySamples(stored=wave)),)),
        place,
    )
    return place


def test_measure_motor_prints_numbers_and_what_limits_them(edf, capsys):
    assert cli.main(["measure", "ncs", str(edf), "--stimulus-at", "5", "--channel", "APB"]) == 0
    text = capsys.readouterr().out
    assert "onset_latency_ms" in text
    assert "technique: the filter is not known" in text or "technique: the skin temperature is not known" in text
    assert "cannot be judged" in text
    words = ["measure", "ncs", str(edf), "--stimulus-at", "5", "--temperature", "33", "--filter", "2:10000", "--json"]
    assert cli.main(words) == 0
    plain = json.loads(capsys.readouterr().out)
    onset = plain["rows"][0]["measures"]["onset_latency_ms"]
    assert onset["value"] == pytest.approx(3.6, abs=0.25)
    assert onset["low"] < onset["value"] < onset["high"]
    assert "temperature_unknown" not in [one["code"] for one in plain["technique"]]


def test_measure_adds_the_study_to_a_case(edf, tmp_path, capsys):
    place = tmp_path / "case.json"
    save_case(Case(), place)
    words = ["measure", "ncs", str(edf), "--stimulus-at", "5", "--case", str(place)]
    assert cli.main(words) == 1
    assert "needs its nerve, side and muscle" in capsys.readouterr().err
    named = ["--nerve", "median", "--muscle", "abductor_pollicis_brevis", "--side", "right", "--site", "wrist"]
    assert cli.main([*words, *named]) == 0
    study = load_case(place).ncs.motor[0]
    assert study.response("wrist").measures.value("amplitude_mv") > 1
    assert study.response("wrist").measures["amplitude_mv"].trace.recording == "sweep.edf"


def test_measure_says_in_one_sentence_what_is_missing(edf, capsys):
    assert cli.main(["measure", "ncs", str(edf)]) == 1
    error = capsys.readouterr().err
    assert "does not say where its stimuli are" in error
    assert error.count("\n") == 1
    assert cli.main(["measure", "ncs", str(edf), "--study", "cmap_scan"]) == 1
    assert "holds no CMAP scan" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["measure", "ncs", str(edf), "--window", "wide"])


@pytest.mark.recordings
def test_measure_a_real_scan(recordings, capsys):
    assert cli.main(["measure", "ncs", "--json", str(recordings / "cmap-scan-mem" / "MSCC00128A_OM2.MEM")]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["rows"][0]["measures"]["n_units"]["unit"] == "count"


@pytest.fixture
def two_sites(tmp_path):
    from emgwidgets import VirtualPatient
    from emgwidgets.simulation.examination import simulate_study

    made = simulate_study(VirtualPatient(seed=3), "motor", "median_apb", "right").recording
    chosen = [next(one for one in made.sweeps if one.site == site) for site in ("wrist", "elbow")]
    place = tmp_path / "study.npz"
    write(replace(made, sweeps=tuple(chosen)), place)
    return place


def test_a_side_that_contradicts_the_file_is_refused(two_sites, capsys):
    assert cli.main(["measure", "ncs", str(two_sites), "--side", "left"]) == 1
    error = capsys.readouterr().err
    assert "the file and --side contradict each other" in error
    assert "right in the file, --side left" in error
    assert error.count("\n") == 1
    assert cli.main(["measure", "ncs", str(two_sites), "--side", "right"]) == 0


def test_a_distance_in_cm_is_told(two_sites, capsys):
    assert cli.main(["measure", "ncs", str(two_sites), "--distance", "8"]) == 1
    assert "multiply by 10 if it is in cm" in capsys.readouterr().err
    assert cli.main(["measure", "ncs", str(two_sites), "--distance", "22"]) == 0
    text = capsys.readouterr().out
    assert "the distance is implausible or short (22 mm)" in text
    assert "the velocity is implausible" in text
    assert "check mm against cm" in text


def test_samples_in_the_wrong_unit_are_told(edf, tmp_path, capsys):
    from emgwidgets.io.registry import read

    recording = read(edf)
    channel = recording.channels[0]
    small = replace(channel, samples=ArraySamples(stored=np.asarray(channel.samples_uv) / 1000.0))
    place = tmp_path / "small.npz"
    write(replace(recording, channels=(small,)), place)
    assert cli.main(["measure", "ncs", str(place), "--stimulus-at", "5"]) == 0
    text = capsys.readouterr().out
    assert "the unit of the samples is implausible" in text
    assert "state the unit when the file is read" in text


def test_a_table_with_a_channel_for_each_site_becomes_one_study_of_a_case(tmp_path, capsys):
    patient = emg.VirtualPatient.with_condition("carpal_tunnel_syndrome", side="right", seed=7)
    study = {"nerve": "median", "muscle": "abductor_pollicis_brevis", "side": "right"}
    sweeps = [patient.motor_study(**study, site=site).sweep for site in ("wrist", "elbow")]
    n = min(len(one.samples_uv) for one in sweeps)
    columns = np.column_stack([sweeps[0].times_ms[:n], *(one.samples_uv[:n] / 1000 for one in sweeps)])
    np.savetxt(
        tmp_path / "lab.csv", columns, delimiter=",", header="time_ms,wrist_mV,elbow_mV", comments="", fmt="%.6f"
    )
    who = Subject(age_years=45, sex="female", height_cm=170)
    emg.Case(subject=who).save(tmp_path / "case.json")
    words = [
        "measure", "ncs", str(tmp_path / "lab.csv"), "--stimulus-at", "0", "--site", "wrist", "--site", "elbow",
        "--distance", "227", "--distal-distance", "80", "--temperature", "33", "--filter", "2:10000", "--supramaximal",
        "--case", str(tmp_path / "case.json"), *(f"--{name}={value}" for name, value in study.items()),
    ]  # fmt: skip
    assert cli.main(words) == 0
    assert "Added to case.json" in capsys.readouterr().err
    # the same study again takes the place of the first
    assert cli.main(words) == 0
    assert "Replaced the same study in case.json" in capsys.readouterr().err
    made = emg.Case.load(tmp_path / "case.json").ncs.motor
    assert [one.site for one in made[0].responses] == ["wrist", "elbow"]
    assert (made[0].responses[0].distance_mm, made[0].responses[0].is_supramaximal) == (80.0, True)
    assert (len(made), made[0].conditions.skin_temperature_degc, made[0].conditions.high_pass_hz) == (1, 33.0, 2.0)
    judged = emg.workup(emg.Case.load(tmp_path / "case.json")).to_text()
    assert "onset latency: " in judged
    assert "abnormal" in judged
    assert cli.main([*words[:5], "--site", "wrist"]) == 1
    assert "sites and sweeps do not match; got 1 sites, 2 sweeps" in capsys.readouterr().err
