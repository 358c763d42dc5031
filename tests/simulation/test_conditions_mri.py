"""The picture and its report: incidental findings at the published rate, every statement at its place, no side swapped."""

from __future__ import annotations

import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.model.mri import MriFinding, RootEffect
from emgwidgets.simulation.conditions import condition, conditions
from emgwidgets.simulation.nerve.axons import Subject
from emgwidgets.simulation.story.clinic import table
from emgwidgets.simulation.story.complaint import complaint_signs, provocation_rate
from emgwidgets.simulation.story.incidental import incidental_findings, incidental_rates, prevalence_percent
from emgwidgets.simulation.story.mri_findings import PlannedFinding, planned_mri
from emgwidgets.simulation.story.report_text import REGION_LEVELS, report_styles, write_report
from emgwidgets.simulation.story.told import simulated_case
from emgwidgets.simulation.story.typing_errors import mistyped
from emgwidgets.sources import sources

N_PEOPLE = 500
SIDE_WORDS = {"left": r"\b(left|L|Lt)\b", "right": r"\b(right|R|Rt)\b"}


def has(findings, rate) -> bool:
    return any(one.kind == rate.kind and rate.raw in one.raw for one in findings)


@pytest.mark.parametrize("region", ["lumbar", "cervical"])
def test_incidental_findings_come_at_the_published_rate(region: str) -> None:
    """500 people of each age; every cell within 4 standard errors, and the whole table spread as chance spreads it."""
    scores = []
    for age in (20, 35, 50, 60, 75):
        people = [incidental_findings(Subject(age_years=max(age, 18), seed=seed), region) for seed in range(N_PEOPLE)]
        for rate in incidental_rates(region):
            expected = prevalence_percent(rate, age) / 100.0
            seen = np.mean([has(findings, rate) for findings in people])
            error = math.sqrt(max(expected * (1 - expected), 1e-9) / N_PEOPLE)
            # Signal loss passes degeneration by a point in the oldest: both are drawn with one number.
            assert abs(seen - expected) <= 4 * error + 0.002, (rate.kind, rate.raw, age, seen, expected)
            if 0.02 < expected < 0.98:
                scores.append((seen - expected) / error)
    assert 0.2 < np.mean(np.square(scores)) < 2.5


def test_the_table_is_read_by_straight_lines_and_ends_where_it_ends() -> None:
    bulge = next(rate for rate in incidental_rates("lumbar") if rate.kind == "disc_bulge")
    assert prevalence_percent(bulge, 50.0) == 60.0
    assert prevalence_percent(bulge, 45.0) == 55.0
    assert prevalence_percent(bulge, 18.0) == 30.0
    assert prevalence_percent(bulge, 95.0) == 84.0
    over_forty = next(rate for rate in incidental_rates("cervical") if rate.kind == "osteophyte")
    assert prevalence_percent(over_forty, 39.0) == 0.0  # the series says nothing about them
    assert prevalence_percent(over_forty, 60.0) == 70.0


def test_published_means_come_back() -> None:
    """Cervical bulge 87.6 %, cord compression 5.3 %, cord signal 2.3 % over six equal decades from 20 to 79 (mri.S44)."""
    wanted = {"disc_bulge": 87.6, "central_stenosis": 5.3, "cord_signal": 2.3}
    ages = np.arange(20.5, 80.0)
    for rate in incidental_rates("cervical"):
        if rate.kind in wanted:
            assert np.mean([prevalence_percent(rate, age) for age in ages]) == pytest.approx(
                wanted[rate.kind], abs=0.15
            )


def test_cord_signal_is_never_without_compression_and_sits_with_it() -> None:
    seen = 0
    for seed in range(1500):
        found = incidental_findings(Subject(age_years=65, seed=seed), "cervical")
        tight = {one.level for one in found if one.kind == "central_stenosis"}
        for one in found:
            if one.kind == "cord_signal":
                seen += 1
                assert one.level in tight
    assert seen > 20


def test_every_row_of_the_tables_has_source_and_mark() -> None:
    for name in ("incidental_prevalence.csv", "incidental_levels.csv", "provoking_signs.csv", "reflex_arcs.csv"):
        for row in (*table(name), *vocabulary.lumbar_prevalence()):
            assert row["mark"] in "VMDP"
            assert row["source"]
            if row["mark"] == "V" or (row["source"].startswith("mri.S") and " " not in row["source"]):
                assert row["source"] in sources(), row
    for row in table("incidental_levels.csv"):
        assert row["level"] in REGION_LEVELS[row["region"]]


def exam(seed: int, style: str, age: float = 60.0, region: str = "lumbar"):
    level, root = ("L4-5", "L5") if region == "lumbar" else ("C6-7", "C7")
    zone = "subarticular" if region == "lumbar" else "foraminal"
    cause = MriFinding(
        kind="disc_protrusion", level=level, side="left", zone=zone,
        roots=(RootEffect(root=root, effect="compression", side="left"),),
    )  # fmt: skip
    findings, truth = planned_mri(
        Subject(age_years=age, seed=seed), region, (PlannedFinding(finding=cause, smallest_mm=4, largest_mm=7),)
    )
    return write_report(findings, region=region, seed=seed, style=style, truth=truth)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6), style=st.sampled_from(report_styles()), age=st.floats(20, 95),
    region=st.sampled_from(["lumbar", "cervical"]),
)  # fmt: skip
def test_each_finding_stands_once_at_its_span(seed: int, style: str, age: float, region: str) -> None:
    made = exam(seed, style, age, region)
    spans = sorted([one.span for one in (*made.findings, *made.negated)] + [span for _, span in made.summaries])
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(spans))
    heading = {"terse": "Findings:", "notes": "findings:", "structured": "FINDINGS:", "narrative": "FINDINGS"}[style]
    ending = {"terse": "Opinion:", "notes": "Conclusion:", "structured": "IMPRESSION:", "narrative": "IMPRESSION"}[
        style
    ]
    start, end = made.text.index(heading), made.text.index(ending)
    for one in made.findings:
        assert start < one.span[0] < one.span[1] <= end
        line = made.text[made.text.rindex("\n", 0, one.span[0]) + 1 : one.span[1]]
        assert one.level[0] in line
        assert re.search(rf"{one.level[1]}(\d|-|/)", line)
    for _, span in made.summaries:
        assert span[0] > end
    words = {"disc_protrusion": "protrusion", "disc_bulge": "bulge", "annular_fissure": "fissure", "spondylolisthesis": "listhesis",
             "facet_arthropathy": "facet", "osteophyte": "osteophyte", "cord_signal": "T2"}  # fmt: skip
    text = made.text[start:end]
    for kind, word in words.items():
        stated = sum(one.kind == kind for one in made.findings)
        denied = sum(
            one.kind in (kind, "disc_herniation") and word in made.text[slice(*one.span)] for one in made.negated
        )
        if kind != "disc_protrusion" or not denied:
            assert text.lower().count(word.lower()) == stated + denied


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), style=st.sampled_from(report_styles()), side=st.sampled_from(["left", "right"]))
def test_the_report_never_swaps_sides(seed: int, style: str, side: str) -> None:
    told = simulated_case("radiculopathy_s1", side=side, severity="moderate", seed=seed, style=style, age_years=20)
    cause = [told.mri.findings[index] for index in told.mri.truth.causes]
    other = {"left": "right", "right": "left"}[side]
    for one in cause:
        phrase = told.mri.text[slice(*one.span)]
        assert re.search(SIDE_WORDS[side], phrase)
        assert not re.search(SIDE_WORDS[other], phrase)
        assert one.side == side
        assert {effect.side for effect in one.roots} == {side}
    assert not re.search(SIDE_WORDS[other], told.mri.text)


def test_what_is_denied_is_not_there() -> None:
    for seed in range(150):
        for style in report_styles():
            made = exam(seed, style, 70.0, ("lumbar", "cervical")[seed % 2])
            present = {(one.kind, one.level) for one in made.findings}
            anywhere = {one.kind for one in made.findings}
            for one in made.negated:
                words = made.text[slice(*one.span)].lower()
                assert words.startswith(("no", "the central canal is not", "alignment"))
                assert (one.kind, one.level) not in present
                assert one.level or one.kind not in anywhere
                if one.kind == "disc_herniation":
                    assert ("disc_protrusion", one.level) not in present


def test_hedges_follow_their_rate_and_spare_what_is_urgent() -> None:
    certainties = [
        one.certainty for seed in range(250) for one in exam(seed, "structured", 65.0).findings if not one.roots
    ]
    share = {word: certainties.count(word) / len(certainties) for word in ("probable", "possible")}
    assert share["probable"] == pytest.approx(0.10, abs=0.03)
    assert share["possible"] == pytest.approx(0.06, abs=0.025)
    for seed in range(60):
        made = exam(seed, "terse", 75.0, "cervical")
        assert {one.certainty for one in made.findings if one.kind in ("cord_signal", "central_stenosis")} <= {
            "definite"
        }


def test_a_hedged_finding_says_so() -> None:
    seen = 0
    for seed in range(120):
        made = exam(seed, "notes", 70.0)
        for one in made.findings:
            phrase = made.text[slice(*one.span)].lower()
            hedged = bool(re.match(r"(probable|likely|possible|questionable) ", phrase))
            assert hedged == (one.certainty != "definite")
            seen += hedged
        for index, span in made.summaries:
            hedged = bool(re.search(r"(probable|likely|possible|questionable) ", made.text[slice(*span)]))
            assert hedged == (made.findings[index].certainty != "definite")
    assert seen > 10


def test_styles_differ_and_every_style_is_drawn() -> None:
    texts = {exam(4, style).text for style in report_styles()}
    assert len(texts) == len(report_styles())
    drawn = {write_report((), region="lumbar", seed=seed).style for seed in range(60)}
    assert drawn == set(report_styles())


def test_a_report_without_findings_says_so_and_truth_stays_out_of_it() -> None:
    made = write_report((), region="cervical", seed=1, style="structured")
    assert "No significant abnormality" in made.text
    assert made.findings == ()
    for code in conditions():
        told = simulated_case(code, seed=3)
        if told.mri is not None:
            assert not re.search(r"incidental|truth|cause\b|simulat|\b\d{2}[- ]year", told.mri.text, re.IGNORECASE)
            assert set(told.mri.truth.causes) | set(told.mri.truth.incidental) == set(range(len(told.mri.findings)))


def test_provoking_signs_come_at_their_rate_where_it_hurts() -> None:
    n = 400
    complaint = condition("radiculopathy_c6", side="left", severity="mild").complaint
    told = [complaint_signs(complaint, seed) for seed in range(n)]
    for sign in ("spurling", "neck_distraction", "upper_limb_tension"):
        found = [one for signs in told for one in signs if one.name == sign]
        assert {one.side for one in found} == {"left"}
        expected = provocation_rate(sign)
        error = math.sqrt(expected * (1 - expected) / n)
        assert np.mean([one.is_positive for one in found]) == pytest.approx(expected, abs=4 * error)
    assert provocation_rate("spurling", is_provoked=False) == pytest.approx(1 - 0.93)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), style=st.sampled_from(report_styles()), share=st.floats(0, 1))
def test_slips_move_no_span_and_touch_no_level(seed: int, style: str, share: float) -> None:
    clean = exam(seed, style)
    dirty = mistyped(clean, slip_share=share, seed=seed)
    assert len(dirty.text) == len(clean.text)
    assert dirty.findings == clean.findings
    assert re.findall(r"[CL]\d\S*|\d+ mm|\bleft\b|\bright\b", dirty.text) == re.findall(
        r"[CL]\d\S*|\d+ mm|\bleft\b|\bright\b", clean.text
    )
    assert dirty == mistyped(clean, slip_share=share, seed=seed)
    assert mistyped(clean, slip_share=0.0, seed=seed) == clean


def test_slips_come_at_their_share() -> None:
    words = changed = 0
    for seed in range(60):
        clean = exam(seed, "structured")
        dirty = mistyped(clean, slip_share=0.3, seed=seed)
        for found in re.finditer(r"\b[a-z]{7,}\b", clean.text):
            words += 1
            changed += dirty.text[slice(*found.span())] != found[0]
    assert 0.24 < changed / words <= 0.32  # a slip between equal letters is not seen
    with pytest.raises(InputError, match="0 to 1"):
        mistyped(clean, slip_share=2.0, seed=1)
