"""What a study carries in sentences: the abnormal first, a list cut where it becomes one, and no comfort where nothing was judged."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from emgwidgets.widgets.ncs_bench import carried

OPEN = {"mark": "i", "text": "Published criteria are not read off while this is open: cold"}


@pytest.fixture
def told(monkeypatch):
    monkeypatch.setattr(carried, "standing_sentence", lambda one: f"a{one.number} is {one.state}")

    def state(*states):
        sides = [None if state is None else SimpleNamespace(state=state, number=n) for n, state in enumerate(states)]
        rows = tuple(SimpleNamespace(sides={"right": side}) for side in sides)
        return carried.carried_state(None, rows, norm_set="aanem_2016", held_back="cold")

    return state


def test_the_abnormal_comes_first(told):
    assert told("borderline", "normal", "abnormal") == [
        {"mark": "A", "text": "A2 is abnormal"}, {"mark": "B", "text": "A0 is borderline"}, OPEN,
    ]  # fmt: skip


def test_a_long_list_is_cut_and_the_rest_counted(told):
    shown = told(*["abnormal"] * 9)
    assert [one["mark"] for one in shown] == ["A"] * carried.MOST + ["i", "i"]
    assert shown[carried.MOST]["text"] == "3 more beyond a limit, in the table."
    assert len(told(*["abnormal"] * carried.MOST)) == carried.MOST + 1


def test_nothing_is_called_normal_where_nothing_was_judged(told):
    assert told(None, "cannot be judged") == [OPEN]
    assert [one["mark"] for one in told("normal", "cannot be judged")] == ["N", "i"]
    assert [one["mark"] for one in told("normal", "borderline")] == ["B", "i"]
