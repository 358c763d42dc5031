"""The vocabulary of annotations is whole, and a wrong name is answered with the nearest ones."""

from __future__ import annotations

import re

import pytest

from emgwidgets.cases.terms import TERMS, find_label, label_of, term, term_of_letter
from emgwidgets.errors import InputError


def test_every_term_is_complete():
    for known in TERMS:
        assert re.fullmatch(r"[a-z][a-z0-9_]+", known.code)
        assert re.fullmatch(r"[a-z0-9.,=-]", known.letter)
        assert known.kind in {"point", "interval"}
        assert known.domain in {"needle", "ncs", "quality"}
        assert known.mark in {"V", "M", "D", "P"}
        assert known.source
        assert known.definition.endswith(".")
        assert len(known.short) <= 16


@pytest.mark.parametrize("spelling", ["code", "letter", "label", "short"])
def test_names_are_unique(spelling):
    names = [getattr(known, spelling).casefold() for known in TERMS]
    assert len(names) == len(set(names))


def test_the_terms_a_reader_needs_are_there():
    needed = {"fibrillation", "positive_sharp_wave", "fasciculation", "complex_repetitive", "myotonic", "myokymic",
              "neuromyotonic", "cramp", "endplate_noise", "endplate_spike", "m_wave", "f_wave", "a_wave", "h_reflex",
              "onset", "negative_peak", "stimulus_artefact", "mains", "movement", "flat", "saturation", "gap"}  # fmt: skip
    assert needed <= {known.code for known in TERMS}


def test_one_key_after_l_for_every_term():
    """Cursor, L, key: three keystrokes for any label of the vocabulary, with no shift on the letters."""
    for known in TERMS:
        assert term_of_letter(known.letter) is known
    assert [term_of_letter(sign).code for sign in "-=."] == ["flat", "saturation", "gap"]


def test_only_read_definitions_count_as_verified():
    assert term("fibrillation").is_verified
    assert not term("cramp").is_verified
    assert all("glossary" not in known.source for known in TERMS if known.is_verified)  # the glossary was not read


def test_end_plate_spike_is_told_from_fibrillation_by_the_first_deflection():
    assert "negative first" in term("endplate_spike").definition
    assert "positive first" in term("fibrillation").definition


def test_unknown_term_offers_the_nearest():
    with pytest.raises(InputError, match=r"got 'fibrilation'; expected perhaps fibrillation"):
        term("fibrilation")
    with pytest.raises(InputError, match="no term has this key"):
        term_of_letter("%")


def test_names_are_found_in_any_spelling_and_free_text_survives():
    assert term("PSW").code == "positive_sharp_wave"
    assert find_label("F wave") == "f_wave"
    assert find_label("End-plate  Spike") == "endplate_spike"
    assert find_label("F") == "F"  # one letter of a foreign file may mean anything
    assert find_label("odd bit near 3 s") == "odd bit near 3 s"
    assert label_of("f_wave") == "F wave"
    assert label_of("odd bit") == "odd bit"
    assert term_of_letter("F").code == "fibrillation"
