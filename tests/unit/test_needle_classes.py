import csv
from importlib import resources

import pytest

from emgwidgets.cases.terms import TERMS
from emgwidgets.errors import InputError
from emgwidgets.model.needle import SPONTANEOUS_KINDS, NeedleExamination
from emgwidgets.model.needle_rest import CANNOT_TELL, SILENT
from emgwidgets.vocabulary.needle_classes import class_of_case_kind, needle_class, needle_classes


def test_every_class_the_analysis_can_name_has_its_case_kind_and_term():
    table = resources.files("emgwidgets.analysis.needle").joinpath("rest_rules.csv").read_text(encoding="utf-8")
    named = {row["class"] for row in csv.DictReader(table.splitlines())}
    insertional = {"insertional_normal", "insertional_increased", "insertional_decreased"}
    assert set(needle_classes()) == named | insertional | {CANNOT_TELL, SILENT}
    assert {one.term for one in needle_classes().values()} <= {term.code for term in TERMS}


def test_every_kind_of_a_case_is_one_class():
    assert {one.case_kind for one in needle_classes().values() if one.case_kind} == set(SPONTANEOUS_KINDS)
    for kind in SPONTANEOUS_KINDS:
        assert class_of_case_kind(kind).case_kind == kind


def test_insertional_words_are_those_of_a_case():
    for one in needle_classes().values():
        if one.insertional:
            assert NeedleExamination(muscle="deltoid", side="left", insertional=one.insertional).insertional


def test_unknown_names_are_refused():
    with pytest.raises(InputError, match=r"no such class of activity at rest.*'fib'"):
        needle_class("fib")
    with pytest.raises(InputError, match="no such kind of spontaneous activity"):
        class_of_case_kind("")
