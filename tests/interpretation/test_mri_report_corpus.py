"""The reader against its corpus: floors below the figures reached, and the first scores kept as they were."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
import mri_scoring

from emgwidgets.model.mri import KINDS, ZONES

SPLITS = ("development", "held_out", "fresh", "last", "final", "urgent", "closing", "unseen", "newest", "blind")
FLOOR_F1 = {
    "development": 0.99,
    "held_out": 0.96,
    "fresh": 0.96,
    "last": 0.96,
    "final": 0.97,
    "urgent": 0.97,
    "closing": 0.95,
    "unseen": 0.95,
    "newest": 0.93,
    "blind": 0.95,
}


@pytest.fixture(scope="module")
def scores():
    return {split: mri_scoring.score(split) for split in SPLITS}


def test_there_are_enough_texts():
    n = {split: len(mri_scoring.load(split)) for split in SPLITS}
    assert n["development"] >= 40
    assert n["held_out"] >= 40
    assert n["fresh"] + n["last"] >= 40
    assert len({one["id"] for split in SPLITS for one in mri_scoring.load(split)}) == sum(n.values())


@pytest.mark.parametrize("split", SPLITS)
def test_annotations_use_the_words_of_the_model(split):
    for report in mri_scoring.load(split):
        for one in report["gold"]["findings"]:
            assert one["kind"] in KINDS
            assert one.get("zone") in {None, *ZONES}
            assert one["certainty"] in {"definite", "probable", "possible", "negated"}


@pytest.mark.parametrize("split", SPLITS)
def test_findings(scores, split):
    assert mri_scoring.f1(scores[split][0]) >= FLOOR_F1[split]


def test_sides_negation_urgent_and_refusals(scores):
    total = sum((one[0] for one in scores.values()), start=type(scores["fresh"][0])())
    assert total["side_errors"] == 0
    assert total["polarity_right"] / total["polarity_n"] >= 0.98
    assert total["urgent_missed"] == 0
    assert total["refused_wrong"] == 0
    assert total["refused_right"] == total["refusals"]


def test_first_scores_are_kept_for_every_unseen_split():
    first = json.loads((mri_scoring.CORPUS / "first_scores.json").read_text(encoding="utf-8"))
    assert set(first) == set(SPLITS) - {"development"}
    for one in first.values():
        assert 0 < one["finding_f1"] <= 1
        counts = one["counts"]
        assert one["finding_f1"] == pytest.approx(
            2 * counts["tp"] / (2 * counts["tp"] + counts["fp"] + counts["fn"]), abs=1e-4
        )


def test_the_scorer_can_fail():
    report = mri_scoring.load("development")[0]
    wrong = json.loads(json.dumps(report))
    sided = next(
        one for one in wrong["gold"]["findings"] if one.get("side") == "left" and one["kind"] == "disc_extrusion"
    )
    sided["side"] = "right"
    counts, misses = mri_scoring.Counter(), []
    mri_scoring.score_report(wrong, counts, misses)
    assert counts["side_errors"] == 1
    wrong["gold"]["findings"] = [{"kind": "disc_extrusion", "level": "L4-5", "certainty": "negated"}]
    counts = mri_scoring.Counter()
    mri_scoring.score_report(wrong, counts, misses)
    assert counts["polarity_right"] < counts["polarity_n"]
