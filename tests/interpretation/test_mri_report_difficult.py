"""Texts made to be misread: denials across lists, findings that have gone, questions, conditions, conflicts, addenda."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
import mri_scoring

from emgwidgets.interpretation.correlation.mri import read_report

HEAD = "MRI lumbar spine.\nFindings: L5-S1: annular fissure.\n"


@pytest.fixture(scope="module")
def scored():
    counts, misses, n = mri_scoring.score("difficult")
    return counts, misses, n


def present(text, head=HEAD):
    return {(one.finding.kind, one.finding.level) for one in read_report(head + text).findings if one.is_present}


def test_difficult_texts_are_read_better_than_at_first(scored):
    counts, misses, n = scored
    first = json.loads((mri_scoring.CORPUS / "difficult.json").read_text(encoding="utf-8"))["first_score"]
    right = n - len({one.split(":")[0] for one in misses})
    assert n == first["texts"] == 40
    assert n - len({one.split(":")[0] for one in first["misses"]}) == 22
    assert right >= 36
    assert mri_scoring.f1(counts) >= 0.97 > first["finding_f1"]


def test_denials_conflicts_and_urgent_findings_of_difficult_texts(scored):
    counts, _, _ = scored
    assert counts["polarity_n"] - counts["polarity_right"] <= 1
    assert counts["conflict_missed"] == counts["conflict_extra"] == 0
    assert counts["urgent_missed"] == counts["side_errors"] == 0
    assert counts["urgent_extra"] <= 1


@pytest.mark.parametrize(
    "text",
    [
        "The L4-5 protrusion of 2020 is no longer demonstrated.",
        "The L4-5 extrusion no longer touches the L5 root and has been completely resorbed.",
        "Interval resolution of the L4-5 extrusion.",
        "The slip is not associated with stenosis of the canal.",
        "The bulge does not cause canal stenosis at L4-5.",
        "Images fail to demonstrate recurrent herniation at L4-5.",
        "The fissure does not reach the root, nor does it narrow the canal.",
        "If symptoms of cauda equina compression or infection develop, repeat imaging is advised.",
        "Contrast is advised if infection is suspected.",
        "Should fever or signs of infection appear, further imaging is needed.",
    ],
)
def test_what_is_denied_gone_or_only_a_condition_is_not_there(text):
    kinds = {kind for kind, _ in present(text)}
    assert not kinds & {
        "disc_protrusion", "disc_extrusion", "disc_herniation", "central_stenosis", "infection", "cauda_equina_compression",
    }  # fmt: skip
    assert read_report(HEAD + text).urgent == ()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("L3-4: no canal stenosis mild bilateral foraminal narrowing", ("foraminal_stenosis", "L3-4")),
        ("L3-4: no foraminal stenosis L4-5 moderate disc bulge", ("disc_bulge", "L4-5")),
        ("No resolution of the L4-5 extrusion.", ("disc_extrusion", "L4-5")),
        ("Partial resolution of the L4-5 extrusion.", ("disc_extrusion", "L4-5")),
        ("The L4-5 bulge is minimal, if any change since 2020, and there is an L3-4 protrusion.", ("disc_protrusion", "L3-4")),
        ("L4-5: Early discitis?", ("infection", "L4-5")),
    ],
)  # fmt: skip
def test_what_is_there_is_not_lost_with_a_denial_beside_it(text, wanted):
    assert wanted in present(text)


def test_a_question_before_the_description_is_no_finding_and_one_behind_it_is_possible():
    asked = "MRI cervical spine, trauma\nLigament injury? Cord compression?\nNo fracture. C4-5: normal disc."
    assert read_report(asked).urgent == ()
    told = "MRI lumbar spine\nL2-3: erosion of the endplates. Discitis?\n"
    found = [one for one in read_report(told).findings if one.finding.kind == "infection"]
    assert [one.finding.certainty for one in found] == ["possible"]


def test_a_healed_fracture_is_a_finding_but_not_urgent_unless_it_is_in_doubt():
    assert read_report(HEAD + "The L1 fracture has healed.").urgent == ()
    assert read_report(HEAD + "The L1 fracture has not healed.").urgent != ()
    assert read_report(HEAD + "The L1 fracture may be healed.").urgent != ()


@pytest.mark.parametrize(
    ("findings", "impression", "kind"),
    [
        ("L4-5: left protrusion.", "Addendum: The protrusion at L4-5 is on the right, not on the left.", "side"),
        ("L4-5: right extrusion. L5-S1: normal.", "Impression: Right extrusion at L5-S1.", "level"),
        ("L4-5: right extrusion.", "Impression: Right extrusion at L5-S1.", "level"),
        ("L4-5: normal.", "Impression: L4-5 disc bulge.", "presence"),
        ("L2: compression fracture.", "Addendum: There is no fracture.", "presence"),
    ],
)
def test_parts_of_a_report_that_do_not_fit_are_told(findings, impression, kind):
    report = read_report(f"MRI lumbar spine.\nFindings: {findings}\n{impression}\n")
    assert [one.kind for one in report.conflicts] == [kind]
    assert report.conflicts[0].sentence.endswith(".")


@pytest.mark.parametrize(
    ("findings", "impression"),
    [
        ("L4-5: right extrusion. L5-S1: mild bulge.", "Impression: Right L4-5 extrusion."),
        ("L4-5: right extrusion. L3-4: right extrusion.", "Impression: Right extrusion at L3-4."),
        ("The L1 fracture is old.", "Impression: No acute fracture."),
        ("L4-5: disc bulge. L5-S1: normal.", "Impression: L4-5 bulge. L5-S1 is normal."),
    ],
)
def test_a_short_impression_is_no_conflict(findings, impression):
    assert read_report(f"MRI lumbar spine.\nFindings: {findings}\n{impression}\n").conflicts == ()
