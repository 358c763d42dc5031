"""Cards of the measures: each names a function that is there, a unit that its name says, and a source."""

from __future__ import annotations

import re

import pytest

from emgwidgets.analysis.catalogue import card, cards
from emgwidgets.errors import InputError
from emgwidgets.model.measure import unit_of
from emgwidgets.sources import sources


def test_every_card_is_true():
    assert len(cards()) >= len(cards("ncs")) > 30
    for one in cards():
        assert callable(one.call)
        assert one.unit == unit_of(one.name), one.name
        assert one.mark in {"V", "M", "D", "P"}
        assert one.needs
        for key in re.findall(r"ncs\.S\d+|needle\.S\d+", one.source):
            assert key in sources(), one.name


def test_card_by_name():
    assert card("ncs", "velocity_m_per_s").unit == "m/s"
    with pytest.raises(InputError, match="no such measure"):
        card("ncs", "wishes")
    with pytest.raises(InputError, match="no such field"):
        cards("astrology")
