"""Any text gives a report or one sentence, in bounded time; patterns cannot run away; words and data hold together."""

from __future__ import annotations

import re
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import emgwidgets as emg
from emgwidgets.errors import InputError
from emgwidgets.interpretation.correlation.report import gate, items, joining, levels, lexer, sections
from emgwidgets.interpretation.correlation.report.lexicon import kinds, lexicon, read_rows, read_text
from emgwidgets.model.mri import KINDS, NUMBERING, SCALES
from emgwidgets.model.mri_report import SECTIONS

FOLDER = Path(gate.__file__).parent
WORDS = [
    "no",
    "not",
    "without",
    "mild",
    "moderate",
    "severe",
    "left",
    "right",
    "bilateral",
    "L4-5",
    "L5/S1",
    "C5-6",
    "T1",
    "T2",
    "disc",
    "bulge",
    "protrusion",
    "stenosis",
    "foraminal",
    "canal",
    "foramina",
    "L5",
    "root",
    "compressing",
    "abutting",
    ",",
    ".",
    ";",
    ":",
    "//",
    "with",
    "and",
    "or",
    "5",
    "mm",
    "x",
    "normal",
    "patent",
    "cord",
    "signal",
    "fracture",
    "remaining",
    "levels",
    "Impression:",
    "Findings:",
    "cannot",
    "be",
    "excluded",
    "lateral",
    "recess",
    "none",
    "-",
    "|",
    "\n",
    "worst",
    "which",
    "is",
    "C8-T1",
    "unchanged",
    "grade",
    "II",
]
SLACK = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])


def check(text):
    try:
        report = emg.mri.read_report(text)
    except InputError:
        return None
    for one in report.findings:
        assert one.finding.kind in KINDS
        for place in one.evidence:
            assert 0 <= place.start < place.end <= len(text)
    for place in (*report.unread, *report.sections):
        assert 0 <= place.start <= place.end <= len(text)
    return report


@SLACK
@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_any_order_of_words_is_read(words):
    assert check("MRI lumbar spine, normal disc. " + " ".join(words)) is not None


@SLACK
@given(st.text(max_size=300))
def test_any_text_gives_a_report_or_a_sentence(text):
    check(text)
    check("MRI lumbar spine normal disc L4-5 " + text)


@pytest.mark.parametrize(
    "stretch",
    [
        "- ",
        "no ",
        "a",
        "| ",
        "\n",
        "4 x ",
        "mild ",
        "L4-5, ",
        "L4-5 left bulge, ",
        "L4-5 bulge. ",
        "Findings: ",
        "(((",
        "5 mm ",
        "L",
        "/",
        ". ",
        "\t",
    ],
)
def test_the_longest_text_takes_bounded_time(stretch):
    text = ("MRI lumbar spine normal disc. There is a level of the disc. " + stretch * gate.MAX_CHARACTERS)[
        : gate.MAX_CHARACTERS
    ]
    start = time.perf_counter()
    check(text)
    assert time.perf_counter() - start < 15


def test_a_report_of_usual_length_is_read_at_once():
    text = (
        "MRI lumbar spine. "
        + "L4-5: moderate left foraminal stenosis with disc bulge compressing the left L4 root. " * 25
    )
    check(text)
    start = time.perf_counter()
    check(text)
    assert time.perf_counter() - start < 2


def patterns():
    found = []
    for module in (gate, items, joining, levels, lexer, sections):
        found += [(f"{module.__name__.rpartition('.')[2]}.{name}", value) for name, value in vars(module).items() if isinstance(value, re.Pattern)]  # fmt: skip
    return found


@pytest.mark.parametrize(("name", "pattern"), patterns(), ids=[name for name, _ in patterns()])
def test_no_pattern_repeats_a_repetition(name, pattern):
    text = pattern.pattern
    assert not re.search(r"[+*]\)[+*{]|\}\)[+*]", text), name
    assert len(text) < 2500
    for stretch in (" ", "L4-", "5 x ", "a", "- ", "1"):
        assert min(processor_s(pattern, stretch * 4000) for _ in range(3)) < 1


def processor_s(pattern, text):
    start = time.process_time()
    for _ in pattern.finditer(text):
        pass
    return time.process_time() - start


def test_kinds_and_words_agree_with_the_model():
    assert set(kinds()) <= set(KINDS)
    terms = tomllib.loads(read_text("terms.toml"))
    assert set(terms["finding"]) <= set(kinds())
    assert set(terms["numbering"]) <= set(NUMBERING)
    assert set(terms["scale"]) - {"any"} <= set(SCALES)
    assert {row["section"] for row in read_rows("headings.csv")} <= set(SECTIONS)


def test_no_phrase_says_two_things_within_one_category():
    for category, values in tomllib.loads(read_text("terms.toml")).items():
        seen: dict[str, str] = {}
        for value, phrases in values.items():
            for phrase in phrases:
                assert seen.setdefault(phrase, value) == value, (category, phrase)


def test_no_side_is_a_plural_or_a_repair():
    known = lexicon()
    assert known.match(["left"], 0) == (1, "side", "left")
    assert known.match(["right"], 0) == (1, "side", "right")


def test_modules_are_small():
    for path in FOLDER.glob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, path.name
