"""The study planner on paper: shares, tests with findings and costs, and the verdict only once it was given."""

import pytest

from emgwidgets.errors import InputError
from emgwidgets.figures.study_plan import PlanPicture, draw_plan
from emgwidgets.lessons.progress import Progress
from emgwidgets.widgets.study_planner import StudyPlanner


def texts_of(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts] + [text.get_text() for text in figure.texts]


@pytest.fixture
def planner(tmp_path):
    made = StudyPlanner(progress=Progress(tmp_path / "p"))
    made.add("needle", "first_dorsal_interosseous_hand")
    made.add("nerve", "ulnar_d5")
    return made


def test_the_figure_shows_the_shares_tests_and_costs_of_the_page(planner):
    texts = texts_of(planner.to_figure())
    shares = planner.plan.separation().shares
    for code, words in planner.plan.places.items():
        at = texts.index(words.removeprefix("the "))
        assert texts[at - 1] == f"{100 * shares[code]:.0f} %"
    for one in planner.plan.done:
        assert any(one.found in text for text in texts)
    assert f"cost {planner.plan.cost:g}, less than {planner._fixed['limit']:g} is asked for" in texts


def test_the_verdict_is_drawn_and_told_only_after_the_conclusion(planner):
    planner_truth = planner.plan.places[planner.plan.truth]
    before = " ".join(texts_of(planner.to_figure()))
    assert "These tests give" not in before
    told = planner.conclude(planner.plan.truth)
    assert told.split(".")[0] in " ".join(" ".join(texts_of(planner.to_figure())).split())
    assert planner.to_text().endswith(told)
    assert planner_truth in planner.to_text()


def test_an_untouched_plan_says_so_and_one_without_places_is_a_sentence(tmp_path):
    empty = StudyPlanner(progress=Progress(tmp_path / "p"))
    assert "no test yet" in texts_of(empty.to_figure())
    with pytest.raises(InputError, match="no place to draw"):
        draw_plan(PlanPicture(title="", shares=(), settled_share=0.9, tests=(), costs=(0.0, 46.0)))


def test_where_no_kernel_runs_a_picture_and_words_of_the_plan_stand(planner):
    data, _ = planner._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    picture = data["image/svg+xml"]
    assert picture.lstrip().startswith("<?xml") or "<svg" in picture
    assert len(picture.encode()) <= 50_000
    assert f"cost {planner.plan.cost:g}" in picture
    assert data["text/plain"].startswith("StudyPlanner(5 patients")
    assert planner.plan.done[0].found in data["text/plain"]
    assert planner.plan.places[planner.plan.truth] in data["text/plain"]  # every place is listed, none is named
    assert "These tests give" not in data["text/plain"]
