"""Mean, outlier and pair rules against their norm sets; methods, electrodes and numbers that forbid a verdict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emgwidgets.analysis.needle import jitter_of_intervals, measure_muap
from emgwidgets.errors import InputError
from emgwidgets.interpretation.reference import judge_jitter, judge_units, units_beyond
from emgwidgets.model.case import Subject
from emgwidgets.model.measure import Measure
from emgwidgets.model.needle_analysis import DurationMark, Muap
from emgwidgets.model.signal import RecordingSettings

ADULT = Subject(age_years=40)
RATE = 25_000.0
TIME_MS = np.arange(750) / RATE * 1000 - 10.0


def unit(amplitude_uv: float, duration_ms: float, electrode: str = "concentric needle") -> Muap:
    """A potential whose measured values are set to those given."""
    wave = 300 * np.exp(-0.5 * ((TIME_MS + 1) / 0.5) ** 2) - 600 * np.exp(-0.5 * (TIME_MS / 0.4) ** 2)
    rng = np.random.default_rng(0)
    found = measure_muap(
        wave + rng.standard_normal((30, 750)), sampling_rate_hz=RATE, start_ms=-10.0,
        settings=RecordingSettings(electrode=electrode),
    )  # fmt: skip
    assert isinstance(found.amplitude_uv, Measure)
    size = replace(found.amplitude_uv, value=amplitude_uv, low=amplitude_uv, high=amplitude_uv)
    marks = (
        DurationMark(method="20 uV threshold", source="", onset_ms=0.0, end_ms=duration_ms - 3.0),
        DurationMark(method="10 uV and slope", source="", onset_ms=0.0, end_ms=duration_ms),
    )
    return replace(found, amplitude_uv=size, durations=marks)


def rules(muaps: list[Muap], **given: str) -> dict[tuple[str, str], object]:
    return {(one.name, one.measure): one for one in judge_units("biceps_brachii", muaps, subject=ADULT, **given)}


def test_twenty_units_of_the_norm_are_normal() -> None:
    found = rules([unit(436.0 + 10 * k, 9.9 + 0.1 * k) for k in range(-10, 10)])
    assert {one.verdict for one in found.values()} == {"normal"}
    assert len(found) == 4
    assert found["mean", "amplitude_uv"].source == "NOR"
    assert "multi-MUP" in found["mean", "duration_ms"].norm_method


def test_duration_is_taken_by_the_method_of_the_norm() -> None:
    found = rules([unit(436.0, 9.9)] * 20)
    assert found["mean", "duration_ms"].own_method == "10 uV and slope"
    assert found["mean", "duration_ms"].text.startswith("mean 9.9 ms of 20 units, +0.0 SD")


@pytest.mark.parametrize(("n_beyond", "verdict"), [(2, "normal"), (3, "abnormal")])
def test_more_than_two_of_twenty_beyond_one_limit(n_beyond: int, verdict: str) -> None:
    row = rules([unit(2000.0, 9.9)] * n_beyond + [unit(400.0, 9.9)] * (20 - n_beyond))["outliers", "amplitude_uv"]
    assert (row.verdict, row.direction) == (verdict, "high")


def test_two_high_and_two_low_are_no_outliers_of_one_limit() -> None:
    row = rules([unit(2000.0, 9.9)] * 2 + [unit(100.0, 9.9)] * 2 + [unit(400.0, 9.9)] * 16)["outliers", "amplitude_uv"]
    assert row.verdict == "normal"


def test_a_low_mean_is_abnormal_and_says_how_far() -> None:
    row = rules([unit(436.0, 6.0)] * 20)["mean", "duration_ms"]
    assert (row.verdict, row.direction) == ("abnormal", "low")
    assert "-2.8 SD" in row.text


def test_few_units_other_and_mixed_electrodes_are_said() -> None:
    few = rules([unit(400.0, 9.9)] * 5)["outliers", "amplitude_uv"]
    assert few.verdict == "not_judged"
    assert "5 units" in few.limits[0]
    other = rules([unit(400.0, 9.9, "monopolar")] * 20)["mean", "amplitude_uv"]
    assert any("limits are for a concentric needle" in one for one in other.limits)
    mixed = rules([unit(400.0, 9.9)] * 10 + [unit(400.0, 9.9, "monopolar")] * 10)
    assert {one.verdict for one in mixed.values()} == {"not_judged"}


def test_without_an_age_nothing_is_judged() -> None:
    assert "age is not known" in judge_units("biceps_brachii", [unit(400.0, 9.9)] * 20)[0].limits[-1]


def test_a_muscle_without_a_norm_is_not_judged() -> None:
    row = judge_units("supraspinatus", [unit(400.0, 9.9)] * 20)[0]
    assert row.verdict == "not_judged"
    assert "No limit" in row.limits[-1]
    with pytest.raises(InputError, match="no unit to judge"):
        judge_units("supraspinatus", [])


def pair(jitter_us: float, *, blocked: int = 0):
    interval = np.where(np.arange(60) % 2, 1000.0, 1000.0 + jitter_us)
    interval[:blocked] = np.nan
    return jitter_of_intervals(interval, np.cumsum(np.full(60, 0.1)))


def test_the_set_decides_about_the_same_pairs() -> None:
    pairs = [pair(50.0)] * 20
    near = judge_jitter("frontalis", pairs, norm_set="jitter_concentric_voluntary", subject=ADULT)
    far = judge_jitter("frontalis", pairs, norm_set="jitter_concentric_japan_voluntary", subject=ADULT)
    assert near[0].verdict == near[1].verdict == "abnormal"
    assert far[1].verdict == "normal"


def test_limits_of_single_fibre_needles_follow_age() -> None:
    pairs = [pair(36.0)] * 20
    young, old = (
        judge_jitter("frontalis", pairs, norm_set="jitter_single_fibre", subject=Subject(age_years=age))[0]
        for age in (25, 65)
    )
    assert (young.verdict, old.verdict) == ("abnormal", "normal")


@pytest.mark.parametrize(("n_beyond", "verdict"), [(2, "normal"), (3, "abnormal")])
def test_three_of_twenty_pairs(n_beyond: int, verdict: str) -> None:
    pairs = [pair(90.0)] * n_beyond + [pair(10.0)] * (20 - n_beyond)
    row = judge_jitter("frontalis", pairs, norm_set="jitter_concentric_voluntary", subject=ADULT)[1]
    assert row.verdict == verdict


def test_blocking_is_counted_and_few_pairs_are_said() -> None:
    found = judge_jitter(
        "frontalis",
        [pair(10.0, blocked=6), pair(12.0), pair(11.0)],
        norm_set="jitter_concentric_voluntary",
        subject=ADULT,
    )
    assert found[2].text == "1 of 3 pairs block"
    assert found[0].verdict == "not_judged"
    assert "3 pairs; a study has 20" in found[0].limits[0]
    with pytest.raises(InputError, match="no jitter to judge"):
        judge_jitter("frontalis", [], norm_set="jitter_concentric_voluntary", subject=ADULT)


def test_a_mark_a_reader_placed_counts_in_place_of_the_rule() -> None:
    moved = unit(436.0, 9.9)
    hand = DurationMark(method="by hand", source="reader", onset_ms=0.0, end_ms=20.0)
    moved = replace(moved, durations=(hand, *moved.durations))
    found = rules([moved] + [unit(436.0, 9.9)] * 19)
    assert found["mean", "duration_ms"].own_method == "10 uV and slope, or by hand"
    assert found["outliers", "duration_ms"].text.startswith("1 of 20 beyond one limit")
    assert units_beyond("biceps_brachii", moved, subject=ADULT) == {"amplitude_uv": False, "duration_ms": True}
    assert units_beyond("supraspinatus", moved, subject=ADULT) == {}
