"""The plateau is judged from the strongest stimulus at least 20 % weaker, and never from nothing."""

from __future__ import annotations

import pytest

from emgwidgets.analysis.ncs.plateau import is_plateau, plateau_rise_percent

RAMP = [(5.0, None), (10.0, 4.0), (20.0, 8.0), (24.0, 8.2)]


def test_the_strongest_weaker_stimulus_decides():
    assert plateau_rise_percent(24.0, 8.2, RAMP) == pytest.approx(2.5)
    assert plateau_rise_percent(20.0, 8.0, RAMP) == pytest.approx(100.0)
    assert is_plateau(plateau_rise_percent(24.0, 8.2, RAMP)) is True
    assert is_plateau(plateau_rise_percent(20.0, 8.0, RAMP)) is False


def test_nothing_to_compare_with_is_not_a_plateau():
    assert plateau_rise_percent(24.0, 8.2, [(24.0, 8.2), (21.0, 8.1)]) is None
    assert plateau_rise_percent(10.0, 4.0, [(5.0, None)]) is None
    assert plateau_rise_percent(24.0, None, RAMP) is None
    assert is_plateau(None) is None
