"""Technique of a study and block against dispersion: made mistakes are found, and a good study is left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emgwidgets import VirtualPatient
from emgwidgets.analysis import ncs
from emgwidgets.analysis.ncs import technique
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Measure
from emgwidgets.model.signal import RecordingSettings, Stimulus, Sweep
from emgwidgets.model.technique import TechniqueFinding
from emgwidgets.simulation.lesion import Anomaly, ConductionBlock, FocalDemyelination
from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP
from emgwidgets.simulation.nerve.stimulation import Pulse

MEDIAN = {"nerve": "median", "muscle": "abductor_pollicis_brevis", "side": "right"}
ULNAR = {"nerve": "ulnar", "muscle": "abductor_digiti_minimi", "side": "right"}
PATIENT = VirtualPatient(seed=920)


def sweep(site="wrist", patient=PATIENT, study=MEDIAN, **more):
    return patient.motor_study(site=site, **study, **more).sweep


def codes(findings):
    return [finding.code for finding in findings]


def test_a_good_study_has_no_finding():
    assert codes(ncs.check_motor_study([sweep(), sweep("elbow")], distances_mm=[230.0])) == []
    assert codes(ncs.check_motor_study([sweep(study=ULNAR), sweep("below_elbow", study=ULNAR)])) == []


@pytest.mark.parametrize(
    ("change", "code", "lost"),
    [
        ({"skin_temperature_degc": 27.0}, "cold_limb", "latency"),
        ({"mains_uv": 600.0}, "mains", "duration"),
        ({"electrode_offset_mm": 22.0}, "off_motor_point", "latency"),
        ({"high_pass_hz": 100.0}, "filter_unsuitable", "duration"),
    ],
)
def test_a_made_mistake_is_found_with_evidence(change, code, lost):
    findings = ncs.check_motor_study([sweep(setup=replace(MOTOR_SETUP, **change))])
    found = next(finding for finding in findings if finding.code == code)
    assert lost in found.unjudgeable
    assert found.evidence
    assert found.source
    assert found.mark in "VMDP"
    assert found.way_out


def test_unknown_settings_are_findings_of_their_own():
    plain = replace(sweep(), settings=RecordingSettings(), skin_temperature_degc=None)
    assert {"filter_unknown", "temperature_unknown"} <= set(codes(ncs.check_motor_study([plain])))


def test_reversed_electrodes_at_one_site():
    turned = sweep("elbow", pulse=Pulse(current_ma=40.0, pulse_width_ms=0.2, is_reversed=True))
    found = [one for one in ncs.check_motor_study([sweep(), turned]) if one.code == "reversed_electrodes"]
    assert len(found) == 1
    assert "comparison" in found[0].unjudgeable


def test_ramp_that_still_rises_and_one_that_does_not():
    rising = [replace(sweep(), samples_uv=sweep().samples_uv * share, stimulus=Stimulus(time_s=0.0, current_ma=10 * share))
              for share in (0.4, 0.6, 0.8, 1.0)]  # fmt: skip
    assert codes(ncs.check_stimulus_ramp(rising)) == ["submaximal"]
    assert codes(ncs.check_stimulus_ramp(rising[::-1])) == ["submaximal"]  # in order of the current, not of the list
    level = [replace(one, samples_uv=sweep().samples_uv) for one in rising]
    assert ncs.check_stimulus_ramp(level) == ()
    with pytest.raises(InputError, match="ramp needs two currents"):
        ncs.check_stimulus_ramp(level[:1])


def test_another_nerve_joins_a_ramp():
    own, other = sweep().samples_uv, np.roll(sweep("elbow").samples_uv, -40)
    made = [replace(sweep(), samples_uv=own * a + 1.5 * other * b, stimulus=Stimulus(time_s=0.0, current_ma=c))
            for a, b, c in ((0.9, 0, 10), (1.0, 0, 12), (1.0, 1.0, 20), (1.0, 1.0, 24))]  # fmt: skip
    assert "costimulation" in codes(ncs.check_stimulus_ramp(made))


def test_anomalous_innervation_between_sites():
    crossed = VirtualPatient(seed=921, anomalies=(Anomaly(kind="martin_gruber_adm", share=0.35, side="right"),))
    ulnar = [sweep(site, crossed, ULNAR) for site in ("wrist", "below_elbow")]
    found = ncs.check_anastomosis(*ulnar)
    assert codes(found) == ["martin_gruber"]
    assert "block" in found[0].unjudgeable
    distal, proximal = sweep(), sweep("elbow")
    larger = replace(proximal, samples_uv=1.5 * proximal.samples_uv)
    assert codes(ncs.check_anastomosis(distal, larger, distance_mm=230.0)) == ["martin_gruber"]
    # a nerve crosses in the forearm: what grows above the elbow is the neighbour under the same cathode
    above = replace(larger, site="axilla")
    found = ncs.check_anastomosis(replace(distal, site="elbow"), above, distance_mm=150.0)
    assert codes(found) == ["both_nerves"]
    assert found[0].sites == ("axilla",)
    assert codes(technique.check_sizes(5.0, 8.0, nerve="Median", sites=("elbow", "Erb's point"))) == ["both_nerves"]
    assert codes(technique.check_sizes(5.0, 8.0, nerve="Median", sites=("wrist", "elbow"))) == ["martin_gruber"]
    fibular = [replace(one, nerve="fibular") for one in (distal, larger)]
    assert codes(ncs.check_anastomosis(*fibular)) == ["accessory_fibular"]


def test_thenar_reached_by_the_ulnar_nerve():
    normal = sweep()
    small = replace(normal, samples_uv=0.02 * normal.samples_uv)
    assert codes(ncs.check_thenar(small, normal)) == ["riche_cannieu"]
    assert ncs.check_thenar(normal, small) == ()


def test_distance_and_velocity_beyond_nerve():
    assert codes(ncs.check_distance(None)) == ["distance_missing"]
    assert codes(ncs.check_distance(23.0)) == ["distance_implausible"]
    assert ncs.check_distance(230.0) == ()
    fast = Measure(value=92.0, unit="m/s", method="typed", low=85.0, high=99.0)
    assert codes(ncs.check_velocity(fast)) == ["velocity_implausible"]
    assert ncs.check_velocity(replace(fast, low=70.0)) == ()  # the interval reaches what a nerve can do
    with pytest.raises(InputError, match="no sweep to check"):
        ncs.check_motor_study([])


def test_recording_electrodes_exchanged():
    turned = replace(sweep(), samples_uv=-sweep().samples_uv)
    assert "recording_reversed" in codes(ncs.check_motor_study([turned]))


def test_samples_in_another_unit():
    millivolts = replace(sweep(), samples_uv=sweep().samples_uv / 1000.0)
    assert "unit_implausible" in codes(ncs.check_motor_study([millivolts]))
    nanovolts = replace(sweep(), samples_uv=sweep().samples_uv * 1000.0)
    assert "unit_implausible" in codes(ncs.check_motor_study([nanovolts]))


def test_a_finding_needs_its_evidence():
    with pytest.raises(InputError, match="needs its evidence"):
        TechniqueFinding(
            code="mains", sentence="x", evidence=(), rule="", limit="", source="", mark="P", unjudgeable=(), way_out=""
        )
    with pytest.raises(InputError, match="the verdict is not known"):
        TechniqueFinding(code="mains", sentence="x", evidence=("y",), rule="", limit="", source="", mark="P",
                         unjudgeable=("fate",), way_out="")  # fmt: skip


@pytest.mark.parametrize("share", [0.0, 0.5])
@pytest.mark.parametrize("slowed", [False, True])
def test_block_and_dispersion_are_two_statements(share, slowed):
    lesions = []
    if share:
        lesions.append(ConductionBlock(element="median_proximal_forearm", side="right", share=share, fibres="motor"))
    if slowed:
        lesions.append(FocalDemyelination(element="median_proximal_forearm", side="right", speed_factor=0.45, share=0.7,
                                          spread=0.3, fibres="motor"))  # fmt: skip
    patient = VirtualPatient(seed=930, lesions=tuple(lesions), day=20)
    change = ncs.compare_sites(sweep(patient=patient), sweep("elbow", patient))
    assert change.block == ("present" if share else "not seen")
    assert change.blocked_percent.value == pytest.approx(100 * share, abs=12)
    assert (change.dispersion == "present") == slowed
    assert change.fit_share > 0.9


def test_segments_that_cannot_be_compared():
    distal, proximal = sweep(), sweep("elbow")
    with pytest.raises(InputError, match="sites are swapped"):
        ncs.compare_sites(proximal, distal)
    rng = np.random.default_rng(0)
    silent = replace(proximal, samples_uv=rng.normal(0, 2, len(proximal.samples_uv)))
    with pytest.raises(InputError, match="proximal response is absent"):
        ncs.compare_sites(distal, silent)
    tiny = [replace(one, samples_uv=0.03 * one.samples_uv) for one in (distal, proximal)]
    change = ncs.compare_sites(*tiny)
    assert change.block == "undetermined"
    assert any("below 1 mV" in reason for reason in change.reasons)


def test_sweeps_of_a_recording(tmp_path):
    from emgwidgets.model.signal import ArraySamples, Channel, Recording

    rate = 10_000.0
    samples = np.zeros(10_000)
    channel = Channel(name="APB", unit="uV", sampling_rate_hz=rate, samples=ArraySamples(stored=samples))
    stimuli = (Stimulus(time_s=0.2, current_ma=20.0, site="wrist"), Stimulus(time_s=0.6))
    cut = ncs.sweeps_of(Recording(channels=(channel,), stimuli=stimuli), after_ms=50.0)
    assert [one.site for one in cut] == ["wrist", None]
    assert cut[0].start_ms == pytest.approx(-5.0, abs=0.11)
    assert len(cut[0].samples_uv) == pytest.approx(550, abs=1)
    with pytest.raises(InputError, match="does not say where its stimuli are"):
        ncs.sweeps_of(Recording(channels=(channel,)))
    whole = ncs.sweeps_of(Recording(channels=(channel,)), stimulus_at_ms=2.0)
    assert whole[0].start_ms == -2.0
    with pytest.raises(InputError, match="channel to measure is not clear"):
        ncs.sweeps_of(Recording(channels=(channel, replace(channel, name="ADM"))))
    assert isinstance(whole[0], Sweep)
