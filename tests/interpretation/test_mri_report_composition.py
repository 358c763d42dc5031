"""Findings composed of a structure and its change, hedges, and the second pass for urgent words."""

from __future__ import annotations

from pathlib import Path

import pytest

from emgwidgets.interpretation.correlation.mri import read_report
from emgwidgets.interpretation.correlation.report.compose import compose
from emgwidgets.interpretation.correlation.report.lexer import sentences_of
from emgwidgets.interpretation.correlation.report.lexicon import lexicon, read_rows

FOLDER = Path(__file__).parent / "mri_reports"
SHORT = {"definite": "", "probable": "~p", "possible": "~q", "negated": "~n"}
#: Urgent statements in words that are still not read, of all; a bound for the second pass and no target.
MISSED_MAX = 2


def lines_of(name):
    return [
        line for line in (FOLDER / name).read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ]


def read(text):
    cervical = any(f"C{n}" in text for n in range(2, 8))
    return read_report(f"MRI {'cervical' if cervical else 'lumbar'} spine. {text}")


def keys(report):
    found = set()
    for one in report.findings:
        finding = one.finding
        level = f"@{finding.level}" if finding.level else ""
        side = f"/{finding.side}" if finding.side not in {None, "midline"} else ""
        found.add(f"{finding.kind}{level}{side}{SHORT[finding.certainty]}")
    return found


@pytest.mark.parametrize("line", lines_of("statements.txt"))
def test_statement(line):
    text, _, wanted = line.partition(" =>")
    parts = [part.strip().split("|") for part in wanted.split(";") if part.strip()]
    found = keys(read(text))
    assert all(any(one in found for one in part) for part in parts)
    allowed = {one for part in parts for one in part}
    assert [one for one in found - allowed if not one.endswith("~n")] == []


def test_urgent_words_in_unusual_sentences():
    missed, alarms, n = [], [], 0
    for line in lines_of("urgent_statements.txt"):
        kind, _, text = line.partition(" | ")
        found = {one.kind for one in read_report(f"MRI whole spine. Vertebral alignment is normal. {text}").urgent}
        if kind == "-":
            alarms += [text] if found else []
        else:
            n += 1
            missed += [] if kind in found else [text]
    assert n > 90
    assert len(missed) <= MISSED_MAX, missed
    assert alarms == []


def test_a_sentence_not_understood_gives_a_possible_urgent_finding_with_its_place():
    text = "MRI lumbar spine. Alignment is normal. Something septic can be made out near the kidney, L2 side."
    report = read_report(text)
    assert {one.kind for one in report.urgent} == {"infection"}
    assert "septic" in report.words(report.urgent[0].span)


@pytest.mark.parametrize(
    ("words", "certainty"),
    [
        ("Suspicious for discitis at L3-4.", "probable"),
        ("Concerning for discitis at L3-4.", "probable"),
        ("Discitis at L3-4 cannot be excluded.", "possible"),
        ("Cannot exclude discitis at L3-4.", "possible"),
        ("Raises the question of discitis at L3-4.", "possible"),
        ("May represent discitis at L3-4.", "possible"),
        ("This could be due to discitis at L3-4.", "possible"),
        ("?discitis at L3-4.", "possible"),
        ("Discitis at L3-4 is considered possible.", "possible"),
        ("Discitis at L3-4 is present.", "definite"),
        ("No features of discitis at L3-4.", "negated"),
    ],
)
def test_hedges(words, certainty):
    found = [one.finding for one in read(words).findings if one.finding.kind == "infection"]
    assert [one.certainty for one in found] == [certainty]


def test_what_to_correlate_with_is_no_finding():
    report = read("L4-5 bulge. Please correlate clinically for cauda equina compression.")
    assert keys(report) == {"disc_bulge@L4-5"}
    assert report.urgent == ()


def test_a_question_before_a_colon_leaves_the_answer():
    assert "disc_herniation@L5-S1" in keys(read("MRI for ?CES: large L5/S1 herniation."))
    assert keys(read_report("MRI lumbar spine, query cauda equina compression: L4-5 normal.")) == set()


def test_a_denied_effect_on_the_cord_is_not_that_on_the_sac():
    assert read("Mild indentation of the thecal sac without cord contact at C5-6.").urgent == ()


@pytest.mark.parametrize(
    ("text", "level"), [("at l4 5 a bulge", "L4-5"), ("the lumbosacral disc bulges", "L5-S1"), ("C5 6 bulge", "C5-6")]
)
def test_levels_in_dictation(text, level):
    assert [one.finding.level for one in read(text).findings] == [level]


def test_named_discs_need_one_region():
    one = read_report("MRI lumbar spine. The lower two discs bulge.")
    both = read_report("MRI cervical and lumbar spine. The lower two discs bulge.")
    assert {item.finding.level for item in one.findings} == {"L4-5", "L5-S1"}
    assert {item.finding.level for item in both.findings} == {""}


def test_stems_are_long_and_lead_to_known_kinds():
    for row in read_rows("stems.csv"):
        assert len(row["stem"]) >= 4
        assert lexicon().family(row["stem"] + "xyz") is not None
    assert lexicon().family("walking") is None


def test_composition_leaves_other_sentences_alone():
    text = "The patient lay still and the images are of good quality."
    items = sentences_of(text, 0, len(text))[0].items
    before = [(one.category, one.value) for one in items]
    compose(items)
    assert [(one.category, one.value) for one in items] == before
