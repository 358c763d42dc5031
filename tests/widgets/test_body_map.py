"""The body map: every muscle is placed or listed, marks lie on the body, sides are where the examiner sees them."""

import pytest

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.figures.body import BodyResult, draw_body
from emgwidgets.figures.body_map import body_map, is_mirrored
from emgwidgets.vocabulary.skin import skin_zones
from emgwidgets.widgets.body_map import body_wire


def _is_inside(x, y, curve):
    corners = [piece[0] for piece in curve]
    found = False
    for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            found = not found
    return found


def test_every_muscle_of_the_vocabulary_is_placed_or_listed():
    drawn = body_map()
    placed = {one.code for one in drawn.muscles}
    assert placed | set(drawn.unplaced) == set(vocabulary.muscles())
    assert not placed & set(drawn.unplaced)
    assert len(placed) >= 115


def test_every_sensory_response_and_the_limb_roots_have_an_area():
    drawn = body_map()
    assert {zone.code for zone in drawn.zones if zone.scheme == "nerve"} == set(vocabulary.sensory_nerves())
    roots = {zone.code for zone in drawn.zones if zone.scheme == "dermatome"}
    assert roots <= set(vocabulary.roots())
    assert {"C5", "C6", "C7", "C8", "T1", "L2", "L3", "L4", "L5", "S1", "S2"} <= roots


def test_every_zone_of_the_chart_of_complaints_is_drawn():
    assert {zone.code for zone in body_map().zones if zone.scheme == "zone"} == set(skin_zones())


def test_marks_lie_on_the_skin_of_their_view_and_of_the_body():
    drawn = body_map()
    for one in (*drawn.muscles, *drawn.zones):
        assert _is_inside(*one.mark, drawn.views[one.view].outline), one.code
    for one in drawn.muscles:
        whole = drawn.views[drawn.views[one.view].faces]
        assert _is_inside(*one.body_mark, whole.outline), one.code


def test_marks_of_neighbouring_muscles_can_be_told_apart():
    drawn = body_map()
    marks = list(drawn.muscles)
    for i, one in enumerate(marks):
        for other in marks[i + 1 :]:
            if one.view == other.view:
                far = ((one.mark[0] - other.mark[0]) ** 2 + (one.mark[1] - other.mark[1]) ** 2) ** 0.5
                assert far > (1.2 if drawn.views[one.view].is_whole else 3.0), (one.code, other.code)


def test_right_is_left_of_the_examiner_from_the_front_only():
    assert is_mirrored("front", "right")
    assert not is_mirrored("front", "left")
    assert is_mirrored("back", "left")
    assert is_mirrored("hand_back", "left")
    assert is_mirrored("sole", "left")


def test_browser_gets_what_the_drawing_holds():
    wire = body_wire()
    keys = {(one["scheme"], one["code"]) for one in wire["items"]}
    assert ("muscles", "tibialis_anterior") in keys
    assert ("dermatome", "L5") in keys
    assert ("nerve", "sural") in keys
    for one in wire["items"]:
        assert one["view"] in wire["views"]
        assert one["d"].startswith("M")
    shown = {window[0] for region in wire["regions"] for window in region["windows"]}
    assert shown == set(wire["views"])


def test_paper_picture_draws_only_known_results():
    figure = draw_body({"muscles/tibialis_anterior/left": BodyResult(mark="A")}, region="legs")
    assert len(figure.axes) == 2
    assert [text.get_text() for text in figure.axes[0].texts if text.get_text() in "RL"] == ["R", "L"]
    with pytest.raises(InputError, match="no such region of the body"):
        draw_body({}, region="tail")
    with pytest.raises(InputError, match="no such result on the body map"):
        BodyResult(mark="X")
