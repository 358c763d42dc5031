"""Bibliography: keys, marks, unknown keys."""

from __future__ import annotations

import re

import pytest

from emgwidgets import sources
from emgwidgets.errors import InputError
from emgwidgets.sources import Cited, Mark


def test_marks_say_their_word():
    assert [(mark.value, mark.word, mark.is_unverified) for mark in Mark] == [
        ("V", "", False),
        ("M", "unverified", True),
        ("D", "derived", True),
        ("P", "proposal", True),
    ]


def test_keys_of_the_facts_are_kept_apart():
    assert sources.source("ncs.S4").citation.startswith("Buschbacher, Peroneal-EDB")
    assert sources.source("mri.S4").citation.startswith("radiopaedia.org")
    assert sources.source("SEG").mark is Mark.V
    assert sources.source("MEM").mark is Mark.M


def test_an_address_is_made_from_doi_then_pubmed():
    assert sources.source("Chen2016").address == "https://doi.org/10.1002/mus.25203"
    assert sources.source("ncs.S10").address == "https://pubmed.ncbi.nlm.nih.gov/10573092/"
    assert sources.source("MEM").address == ""


def test_every_entry_can_be_looked_up_and_says_something():
    entries = sources.sources()
    assert len(entries) > 250
    for key, entry in entries.items():
        assert entry.citation.strip(), key
        assert not entry.doi or re.fullmatch(r"10\.\d{4,9}/\S+", entry.doi), key
        assert not entry.pmid or re.fullmatch(r"\d{5,9}", entry.pmid), key


def test_an_unknown_key_offers_the_nearest():
    with pytest.raises(InputError, match=r"no such source; got 'Fardon2041'; expected a key such as Fardon2014"):
        sources.source("Fardon2041")


def test_a_value_carries_its_source():
    cited = Cited(key="ncs.S4", locus="table 2", mark=Mark.M)
    assert cited.text == "ncs.S4, table 2 (unverified)"
    assert Cited(key="ncs.S4").text == "ncs.S4"
    with pytest.raises(InputError, match="no such source"):
        Cited(key="Nobody1900")
    with pytest.raises(ValueError, match="not a valid Mark"):
        Cited(key="ncs.S4", mark="Q")
