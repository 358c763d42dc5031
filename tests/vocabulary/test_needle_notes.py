"""Cautions and timing of the needle: every muscle and source named in the tables exists, and what is unknown is said as such."""

from __future__ import annotations

import pytest

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.sources import Mark, source
from emgwidgets.vocabulary.lookup import read_table, words
from emgwidgets.vocabulary.needle_notes import fibrillation_timing, needle_cautions


def test_every_caution_names_muscles_of_the_vocabulary_and_a_source():
    for row in read_table("needle_cautions.csv"):
        for code in words(row["muscles"]):
            assert vocabulary.muscle(code).code == code
        assert source(row["source"]).key == row["source"]
        assert row["mark"] in set(Mark)
        assert row["caution"]


def test_a_muscle_may_carry_several_cautions_or_none():
    texts = [one.text for one in needle_cautions("flexor pollicis longus")]
    assert len(texts) == 2
    assert any("median nerve" in text for text in texts)
    assert needle_cautions("tibialis anterior") == ()
    assert all(one.mark is Mark.M for one in needle_cautions("tibialis posterior"))


def test_fibrillations_come_later_the_farther_from_the_spine():
    near, middle, far = (
        fibrillation_timing(code) for code in ("cervical_paraspinals_c7_c8", "deltoid_middle", "tibialis_anterior")
    )
    assert near.first_days < middle.first_days < far.first_days
    assert all(one.first_days < one.usual_days for one in (near, middle, far))
    assert fibrillation_timing("frontalis") is None  # no source read says when
    regions = {one.region for one in vocabulary.muscles().values()}
    for row in read_table("needle_timing.csv"):
        assert set(words(row["regions"])) <= regions
        assert source(row["source"]).key == row["source"]


def test_an_unknown_muscle_is_refused():
    with pytest.raises(InputError, match="no such muscle"):
        needle_cautions("no such thing")
    with pytest.raises(InputError, match="no such muscle"):
        fibrillation_timing("no such thing")
