"""The first choice counts, is kept, and is set beside what was found."""

from __future__ import annotations

import pytest

from emgwidgets.errors import InputError
from emgwidgets.lessons.progress import Progress
from emgwidgets.widgets.prediction import Prediction


@pytest.fixture
def asked(tmp_path):
    progress = Progress(tmp_path / "p.jsonl")
    return Prediction("Earlier or later?", ["earlier", "later"], lesson="00", progress=progress), progress


def test_the_first_choice_counts_and_is_kept(asked):
    prediction, progress = asked
    assert prediction.chosen is None
    prediction.choice = 1
    prediction.choice = 0
    assert prediction.chosen == "later"
    assert [record["choice"] for record in progress] == ["later"]


def test_recall_sets_the_finding_beside_the_choice(asked):
    prediction, _ = asked
    assert prediction.recall(1, "0.2 ms for each degree.").startswith("No prediction was made. Found: later.")
    prediction.choice = 0
    assert prediction.recall(1, "0.2 ms for each degree.") == (
        "You predicted: earlier; found: later. 0.2 ms for each degree."
    )
    assert prediction.recall(0, "").startswith("You predicted: earlier; as found.")


def test_what_cannot_be_asked_is_one_sentence(asked):
    with pytest.raises(InputError, match="needs options; got 1"):
        Prediction("?", ["only"])
    with pytest.raises(InputError, match="no such option"):
        asked[0].choice = 5
    with pytest.raises(InputError, match="no such option"):
        asked[0].recall(7, "")
