"""The exercise holds exactly the faults its truth names, and the quality report finds them."""

from __future__ import annotations

import numpy as np
import pytest

from emgwidgets.analysis.signal.quality import check_quality
from emgwidgets.simulation.practice.planted_faults import GAP_AT_S, GAP_S, LIMIT_UV, planted_faults_recording


@pytest.fixture(scope="module")
def planted():
    return planted_faults_recording(3)


def test_the_samples_show_what_the_truth_says(planted):
    channel = planted.recording.channels[0]
    by_label = {one.label: one for one in planted.truth}
    assert list(by_label) == ["mains", "flat", "saturation", "movement", "gap"]

    def at(label):
        place = by_label[label]
        return channel.read(channel.index_at(place.start_s), channel.index_at(place.end_s))

    assert np.ptp(at("flat")) == 0
    assert np.sum(np.abs(at("saturation")) >= 0.999 * LIMIT_UV) > 100
    spectrum = np.abs(np.fft.rfft(at("mains")))
    assert 50 * (by_label["mains"].end_s - by_label["mains"].start_s) == np.argmax(spectrum[1:]) + 1
    assert channel.segments[1].start_s == pytest.approx(GAP_AT_S + GAP_S)
    assert len(at("gap")) == 0


@pytest.mark.parametrize(
    ("label", "kind"), [("flat", "flat"), ("saturation", "saturation"), ("gap", "gap"), ("mains", "mains")]
)
def test_the_quality_report_finds_them_in_their_place(planted, label, kind):
    truth = next(one for one in planted.truth if one.label == label)
    flags = [flag for flag in check_quality(planted.recording) if flag.kind == kind]
    assert any(flag.start_s < truth.end_s and flag.end_s > truth.start_s for flag in flags)


def test_same_seed_same_bytes(planted):
    again = planted_faults_recording(3)
    first, second = (one.recording.channels[0].samples.read_stored(0, 10**9) for one in (planted, again))
    assert first.tobytes() == second.tobytes()
