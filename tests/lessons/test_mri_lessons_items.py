"""Items of the MRI lessons: roots come from the map, hedges and urgency are kept, adequacy follows dates, side and muscles."""

from __future__ import annotations

import pytest

from emgwidgets.interpretation.correlation.root_map import roots_for
from emgwidgets.lessons.items import items_of
from emgwidgets.lessons.paired_tests import OPTIONS, paired_case


@pytest.fixture(scope="module")
def sentences():
    return items_of("30", seed=2)


@pytest.fixture(scope="module")
def pairs():
    return items_of("31", seed=2)


def test_ten_sentences_ask_for_roots_certainty_and_urgency(sentences):
    assert len(sentences) == 10
    truths = [item.options[item.truth] for item in sentences]
    assert {"L4", "L5", "C6", "C8"} <= set(truths)
    assert "It may be there: not excluded" in truths
    assert sum(text.startswith("Urgent") for text in truths) == 2


def test_the_root_is_that_of_the_map(sentences):
    item = next(one for one in sentences if "subarticular disc protrusion" in dict(one.known)["report"])
    assert item.options[item.truth] == roots_for("L4-5", "subarticular", side="left")[0].root


def test_the_report_reader_agrees_on_what_is_urgent_and_what_is_negated(sentences):
    for item in sentences:
        found = dict(item.found)
        if item.options[item.truth].startswith("Urgent"):
            assert "urgent" in found.get("urgent", "")
        if item.options[item.truth] == "It is not there":
            assert any("negated" in value for _, value in item.found)


def test_each_answer_on_adequacy_occurs_with_its_reasons(pairs):
    truths = [item.truth for item in pairs]
    assert set(truths) == {0, 1, 2}
    for item in pairs:
        assert bool(item.found) == (item.truth != 0)


@pytest.mark.parametrize(
    ("row", "answer", "words"),
    [
        ({"day": 6}, 2, "early"), ({"day": 24}, 0, ""), ({"day": 24, "mri_days_before": 400}, 1, "apart"),
        ({"day": 24, "only": "other_side"}, 2, "complaint is on the left"), ({"day": 24, "surgery_between": True}, 1, "surgery"),
    ],
)  # fmt: skip
def test_a_pair_is_judged_by_what_was_taken_from_it(row, answer, words):
    from emgwidgets.lessons.paired_tests import adequacy_item

    item = adequacy_item(row, 4)
    assert item.options[item.truth] == OPTIONS[answer]
    assert words in item.feedback[0]


def test_the_pair_keeps_its_sides():
    case = paired_case({"day": 24, "only": "other_side"}, 4)
    assert {one.side for one in case.needle} == {"right"}
    assert {one.side for one in case.mri} == {"left"}


def test_cases_that_disagree_fall_into_the_row_they_were_made_for():
    from emgwidgets.lessons.mismatches import row_item, studied_room

    for code in ("U4", "U10", "U15"):
        item = row_item({"case": code}, 1)
        assert studied_room(code).correlation().row.number == studied_room(code).teaching.expected.row
        assert len(set(item.options)) == 5
        assert "Neither test overrules the other" in item.why
        assert item.found
