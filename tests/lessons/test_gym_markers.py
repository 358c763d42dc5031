"""Place-the-marker items: landmarks are where the noise-free signal has them, and tolerance, words and agreement follow."""

from __future__ import annotations

import numpy as np
import pytest

from emgwidgets.errors import InputError
from emgwidgets.lessons.gym.marker_items import marker_item, marker_kinds, own_agreement
from emgwidgets.lessons.gym.marker_round import MARKER, MarkerRound
from emgwidgets.lessons.progress import Progress

KINDS = tuple(marker_kinds())


@pytest.mark.parametrize("code", KINDS)
def test_the_landmark_lies_in_the_picture_and_the_same_seed_gives_the_same_item(code):
    first, again = marker_item(code, 11), marker_item(code, 11)
    assert first.start_ms < first.true_ms < first.end_ms
    assert first.tolerance_ms >= first.kind.tolerance_ms
    np.testing.assert_array_equal(first.sweep.samples_uv, again.sweep.samples_uv)
    assert first.true_ms == again.true_ms
    assert marker_item(code, 12).true_ms != first.true_ms


@pytest.mark.parametrize("code", ["cmap_onset", "muap_start"])
def test_the_trace_is_flat_before_the_landmark_and_not_after_it(code):
    for seed in range(4):
        item = marker_item(code, seed)
        times_ms = item.sweep.times_ms
        base = np.median(item.sweep.samples_uv[(times_ms > item.true_ms - 2.0) & (times_ms < item.true_ms - 0.5)])
        after = item.sweep.samples_uv[(times_ms > item.true_ms) & (times_ms < item.true_ms + 8.0)] - base
        before = item.sweep.samples_uv[(times_ms > item.true_ms - 1.0) & (times_ms < item.true_ms)] - base
        assert np.abs(before).max() < 0.1 * np.abs(after).max()


def test_the_peak_of_a_sensory_response_is_its_lowest_value():
    item = marker_item("snap_peak", 5)
    times_ms, samples = item.sweep.times_ms, item.sweep.samples_uv
    near = np.abs(times_ms - item.true_ms) < 1.0
    assert abs(times_ms[near][np.argmin(samples[near])] - item.true_ms) < 0.3


def test_a_marker_is_judged_by_tolerance_gross_error_and_side():
    item = marker_item("cmap_onset", 2)
    assert item.judge(item.true_ms + 0.1).verdict == "within"
    late, early = item.judge(item.true_ms + 0.2), item.judge(item.true_ms - 0.5)
    assert (late.verdict, early.verdict) == ("outside", "gross")
    assert "on the slope" in late.words
    assert "noise or the artefact" in early.words
    assert early.error_ms == pytest.approx(-0.5)
    with pytest.raises(InputError, match="outside the sweep"):
        item.judge(1e4)


def test_an_unknown_kind_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such kind of marker"):
        marker_item("h_onset")
    with pytest.raises(InputError, match="no such kind of marker"):
        MarkerRound(("h_onset",), progress=Progress(tmp_path / "p"))


def test_no_reader_spread_in_milliseconds_is_printed():
    assert not any("ms" in kind.reader_spread for kind in marker_kinds().values())


def test_own_agreement_is_the_intraclass_correlation_of_pairs():
    rng = np.random.default_rng(0)
    truth = rng.normal(3.0, 0.5, 400)
    pairs = [(t + a, t + b) for t, a, b in zip(truth, rng.normal(0, 0.25, 400), rng.normal(0, 0.25, 400), strict=True)]
    # 0.25 / (0.25 + 0.0625) of the variance lies between items
    assert own_agreement(pairs) == pytest.approx(0.8, abs=0.04)
    assert own_agreement(pairs[:19]) is None


def test_some_items_come_back_and_their_agreement_is_kept(tmp_path):
    progress = Progress(tmp_path / "p.jsonl")
    turn = MarkerRound(("snap_peak", "cmap_onset"), n=12, seed=3, progress=progress)
    while True:
        turn.place(turn.item.true_ms + 0.02)
        if turn.next() is None:
            break
    seeds = [(one["code"], one["seed"]) for one in progress if one["kind"] == MARKER]
    assert len(seeds) == 12
    assert len(set(seeds)) == 9
    rows = {row.code: row for row in turn.summary()}
    assert sum(row.n_repeats for row in rows.values()) == 3
    assert all(row.n_within == row.n and row.median_error_ms == pytest.approx(0.02) for row in rows.values())


def test_a_late_onset_is_told_where_it_stands_on_the_trace():
    item = marker_item("cmap_onset", seed=2)
    slope = item.judge(item.true_ms + 0.6).words
    assert "It sits on the slope, at " in slope
    behind = item.judge(item.true_ms + 9.0).words
    assert "It stands behind the peak, at " in behind
