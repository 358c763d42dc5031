"""Live text follows the traits it is told to, and shows a sentence instead of a traceback."""

from __future__ import annotations

import ipywidgets
import pytest

from emgwidgets.errors import InputError
from emgwidgets.widgets.live_text import live_text


def test_follows_a_change_and_escapes_what_it_shows():
    slider = ipywidgets.IntSlider(value=3)
    view = live_text(slider, lambda: f"<{slider.value}>", names=("value", "no_such_trait"))
    assert "&lt;3&gt;" in view.value
    slider.value = 7
    assert "&lt;7&gt;" in view.value


def test_an_error_of_the_package_shows_as_its_sentence():
    slider = ipywidgets.IntSlider(value=0)

    def fails():
        raise InputError("the stretch is empty", got="<b>0 s", expected="some", way_out="choose a longer one")

    assert "the stretch is empty; got &lt;b&gt;0 s" in live_text(slider, fails, names=("value",)).value


def test_follows_several_widgets_at_once():
    sliders = [ipywidgets.IntSlider(value=1), ipywidgets.IntSlider(value=2)]
    view = live_text(sliders, lambda: sum(one.value for one in sliders), names=("value",))
    for one in sliders:
        one.value += 10
    assert "23" in view.value


def test_a_table_is_shown_as_a_table_and_escaped():
    pd = pytest.importorskip("pandas")
    slider = ipywidgets.IntSlider(value=1)
    view = live_text(slider, lambda: pd.DataFrame([["<b>", slider.value]]).T, names=("value",))
    assert view.value.count("<tr>") == 2
    assert "&lt;b&gt;" in view.value
    slider.value = 5
    assert "<td>5</td>" in view.value
