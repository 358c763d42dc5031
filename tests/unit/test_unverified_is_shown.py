"""Every value from memory says so at the place where a person reads it: limits, verdicts, cards, windows, pages, lessons."""

from __future__ import annotations

import csv
import json
from importlib import resources
from pathlib import Path

import pytest

from emgwidgets import vocabulary
from emgwidgets.interpretation.correlation.correlate import correlate
from emgwidgets.interpretation.correlation.prevalence import prevalence
from emgwidgets.interpretation.correlation.timing import timing_of
from emgwidgets.interpretation.criteria import criteria, evaluate
from emgwidgets.interpretation.explain import explain, standing_sentence
from emgwidgets.interpretation.reference import norm_set, norm_sets
from emgwidgets.interpretation.reference.limits import _made
from emgwidgets.model.case import Case, Subject
from emgwidgets.model.fact import Fact, Limit, Standing
from emgwidgets.model.mri import MriFinding
from emgwidgets.model.verdict import ClauseVerdict, Judgement, Verdict
from emgwidgets.sources import Cited, Mark
from emgwidgets.widgets.ncs_bench.study_table import Row, table_state
from emgwidgets.widgets.needle_bench.card import card_state

ROOT = Path(__file__).resolve().parents[2]
LIMITS = [
    (code, n, _made(row, norm_set(code), Subject(age_years=50, height_cm=170)))
    for code in norm_sets()
    for n, row in enumerate(norm_set(code).rows)
]
FROM_MEMORY = [(code, n, limit) for code, n, limit in LIMITS if limit.cited.mark is Mark.M]
SETS = criteria()


def table(path):
    text = resources.files("emgwidgets").joinpath(path).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def standing_of(limit):
    value = limit.high if limit.high is not None else limit.low
    fact = Fact(name=f"x.{limit.measure}", place="x", study=limit.study, measure=limit.measure, side="right", value=value, unit=limit.unit)  # fmt: skip
    return Standing(fact=fact, limit=limit, state="normal")


def row_of(standing):
    fact = standing.fact
    sides = {"left": None, "right": standing}
    return Row(nerve="x", measure=fact.measure, unit=fact.unit, study="x", site="", letter="O", sides=sides)


def test_there_are_values_from_memory_in_many_sets():
    assert len(FROM_MEMORY) > 250
    assert len({code for code, _, _ in FROM_MEMORY}) >= 7


@pytest.mark.parametrize("given", FROM_MEMORY, ids=lambda one: f"{one[0]}-{one[1]}")
def test_a_limit_from_memory_says_so_in_sentence_table_and_bench(given):
    limit: Limit = given[2]
    if limit.low is None and limit.high is None:
        pytest.fail("a row from memory without a limit")
    standing = standing_of(limit)
    assert "unverified" in standing_sentence(standing)
    assert "unverified" in str(standing.as_row()["source"])
    row = row_of(standing)
    state = table_state((row,))
    assert state["rows"][0]["limit_mark"] == "unverified"
    assert state["note"].endswith("u: unverified, from memory.")
    leaf = ClauseVerdict(code="x", words="Latency long", answer="met", cited=Cited(key="ncs.S66"), limit=limit, fact=standing.fact)  # fmt: skip
    verdict = Verdict(criteria="x", title="X", norm_set=given[0], cited=(Cited(key="ncs.S66"),), judgements=(Judgement(scope="right", answer="met", clauses=(leaf,)),))  # fmt: skip
    assert "(limit unverified)" in verdict.to_text()
    assert "unverified" in " ".join(explain(verdict))


def test_a_limit_that_was_read_carries_no_mark():
    limit = next(limit for _, _, limit in LIMITS if limit.cited.mark is Mark.V and limit.high is not None)
    row = Row(
        nerve="x",
        measure=limit.measure,
        unit=limit.unit,
        study="x",
        site="",
        letter="O",
        sides={"left": None, "right": standing_of(limit)},
    )
    assert table_state((row,))["rows"][0]["limit_mark"] == ""
    assert "unverified" not in standing_sentence(standing_of(limit))


@pytest.mark.parametrize("one", SETS, ids=lambda one: one.code)
def test_a_criteria_set_or_clause_from_memory_says_so_in_its_verdict(one):
    verdict = evaluate(one.code, Case(subject=Subject(age_years=50)))
    text = verdict.to_text()
    is_from_memory = one.cited.mark is Mark.M
    assert ("(unverified)  [limits:" in text.splitlines()[0]) == is_from_memory
    leaves = [leaf for judgement in verdict.judgements for leaf in judgement.leaves]
    for leaf in leaves:
        if leaf.cited is not None and leaf.cited.mark is Mark.M and not is_from_memory:
            lines = [line for line in text.splitlines() if f": {leaf.words}" in line]
            assert all("unverified)" in line for line in lines)
    told = " ".join(explain(verdict))
    assert not is_from_memory or "unverified" in told or "unverified" in text.splitlines()[-1]


def test_every_card_of_a_muscle_from_memory_says_so():
    marked = {row["code"] for row in table("vocabulary/muscles.csv") if row["mark"] == "M"}
    assert len(marked) > 30
    for code in vocabulary.muscles():
        card = card_state(code, days_since_onset=5)
        assert card["source"].endswith("unverified") == (code in marked)
    for row in table("vocabulary/needle_cautions.csv"):
        for code in row["muscles"].split(";"):
            cautions = card_state(code, days_since_onset=None)["cautions"]
            shown = next(one for one in cautions if one["text"] == row["caution"])
            assert shown["source"].endswith("unverified") == (row["mark"] == "M")
    paraspinal = card_state("cervical_paraspinals_c7_c8", days_since_onset=5)["timing"]
    assert "unverified" in paraspinal


def test_windows_and_caveats_of_time_from_memory_say_so():
    for window in timing_of(Case(days_since_onset=5)).windows:
        assert ("unverified" in window.cited.text) == (window.cited.mark is Mark.M)
    cases = [Case(days_since_onset=day) for day in (3, 12, 250)]
    cases += [Case(days_since_onset=300, mri=(MriFinding(kind="disc_bulge", level="L4-5", days_since_onset=10),))]
    found = [caveat for case in cases for caveat in timing_of(case).caveats]
    assert {one.cited.mark for one in found} >= {Mark.M, Mark.V}
    for one in found:
        assert one.sentence.endswith("(unverified).") == (one.cited.mark is Mark.M)


def test_prevalence_from_memory_says_so():
    for row in table("interpretation/correlation/prevalence.csv"):
        if row["age_years"]:
            found = prevalence(row["finding"], region=row["region"], age_years=float(row["age_years"]))[0]
            assert ("unverified" in found.text) == (row["mark"] == "M")
        elif row["mark"] == "M":
            texts = [one.text for one in prevalence(row["finding"], region=row["region"])]
            assert any("unverified" in text and f"{float(row['percent']):g} %" in text for text in texts)


def test_prevalence_in_the_impression_from_memory_says_so():
    for age, is_from_memory in ((60, True), (50, False)):
        scan = (MriFinding(kind="disc_bulge", level="L4-5", days_since_onset=10),)
        found = correlate(Case(subject=Subject(age_years=age), days_since_onset=30, mri=scan))
        text = next(one.text for one in found.impression.sentences if "without symptoms" in one.text)
        assert ("unverified" in text) == is_from_memory


def test_pages_of_limits_and_criteria_mark_what_is_from_memory():
    limits = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    assert limits.count("(unverified)") >= len(FROM_MEMORY)
    pages = (ROOT / "docs" / "criteria.md").read_text(encoding="utf-8")
    for one in SETS:
        for clause in one.clauses.values():
            if clause.cited is not None and clause.cited.mark is Mark.M:
                lines = [line for line in pages.splitlines() if line.startswith(f"| {clause.code} | {clause.words} ")]
                assert lines, clause.code
                assert any("unverified" in line for line in lines), (one.code, clause.code)


def test_the_browser_draws_the_marks():
    widgets = ROOT / "emgwidgets" / "widgets"
    for path, name in (
        ("ncs_bench/table.js", "row.limit_mark"), ("needle_bench/card.js", "card.source"),
        ("needle_bench/card.js", "one.source"), ("case_board/timing.js", "timing.caveats"), ("case_board/timing.js", 'row.source.includes("unverified")'),
    ):  # fmt: skip
        assert name in (widgets / path).read_text(encoding="utf-8")


def test_lessons_print_no_verdict_from_memory_without_the_word():
    titles = {one.title for one in SETS if one.cited.mark is Mark.M}
    n = 0
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", ()):
                lines = "".join(output.get("text", ())).splitlines()
                for line in lines:
                    if any(f"{title}" in line and "[limits:" in line for title in titles):
                        n += 1
                        assert "unverified" in line, f"{path.name}: {line}"
    assert n >= 1
