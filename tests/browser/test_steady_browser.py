"""What the hand holds while the page is drawn anew: a pressed button keeps its click, a focused control its focus."""

from __future__ import annotations

import importlib.resources

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

#: A list of buttons that every redraw makes anew, as the widgets do; ``heard`` are the clicks that reached them.
PAGE = """async (code) => {
  const { keepClicks, keepFocus } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  document.body.innerHTML = '<main id="root" tabindex="-1"><div id="above"></div><input id="field"><div id="row"></div></main><button id="outside">outside</button>';
  const [root, row] = [document.getElementById("root"), document.getElementById("row")];
  window.heard = [];
  window.draw = (words, n = 1) => row.replaceChildren(...words.flatMap((word) => Array.from({ length: n }, (_, i) => {
    const button = document.createElement("button");
    Object.assign(button, { textContent: word, id: `${word}${i}` });
    button.style.cssText = "display: block; height: 30px; width: 120px";
    button.onclick = () => window.heard.push(`${word}${i}`);
    return button;
  })));
  window.draw(["keep", "clear"], 2);
  keepClicks(root);
  keepFocus(root);
}"""


@pytest.fixture
def page(lab):
    code = (importlib.resources.files("emgwidgets") / "widgets" / "_js" / "steady.js").read_text(encoding="utf-8")
    opened = lab.browser.new_page()
    opened.evaluate(PAGE, code)
    yield opened
    opened.close()


def press(page, selector):
    box = page.locator(selector).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()


def heard(page):
    return page.evaluate("() => window.heard")


def test_an_undisturbed_click_is_heard_once(page):
    press(page, "#clear1")
    page.mouse.up()
    assert heard(page) == ["clear1"]


def test_a_click_with_redraws_between_press_and_release_is_heard_once(page):
    press(page, "#clear1")
    for _ in range(3):
        page.evaluate("() => draw(['keep', 'clear'], 2)")
    page.mouse.up()
    assert heard(page) == ["clear1"]


def test_a_message_that_moves_the_button_from_under_the_pointer_takes_no_click(page):
    press(page, "#keep0")
    page.evaluate("() => { document.getElementById('above').style.height = '30px'; draw(['keep', 'clear'], 2); }")
    page.mouse.up()
    assert heard(page) == ["keep0"]
    press(page, "#clear0")
    page.evaluate("() => { document.getElementById('above').style.height = '0'; }")  # moved, not made anew
    page.mouse.up()
    assert heard(page) == ["keep0", "clear0"]


@pytest.mark.parametrize(
    "redraw",
    [
        pytest.param("draw(['keep', 'undo'], 2)", id="the button says something else"),
        pytest.param("draw(['keep', 'clear'], 3)", id="one more of the same words: which one was meant cannot be told"),
        pytest.param("draw([])", id="nothing is left"),
    ],
)
def test_what_is_no_longer_the_same_button_is_not_clicked(page, redraw):
    press(page, "#clear1")
    page.evaluate(f"() => {redraw}")
    page.mouse.up()
    assert heard(page) == []


def test_a_hand_that_lets_go_elsewhere_clicks_nothing(page):
    press(page, "#clear1")
    page.evaluate("() => draw(['keep', 'clear'], 2)")
    page.mouse.move(600, 400)
    page.mouse.up()
    assert heard(page) == []


def test_a_button_that_was_disabled_meanwhile_is_not_clicked(page):
    press(page, "#clear1")
    page.evaluate("() => { draw(['keep', 'clear'], 2); document.getElementById('clear1').disabled = true; }")
    page.mouse.up()
    assert heard(page) == []


def focused(page):
    return page.evaluate("() => document.activeElement.id")


def test_the_focus_stays_on_the_control_that_was_drawn_anew(page):
    page.locator("#keep1").focus()
    page.evaluate("() => draw(['keep', 'clear'], 2)")
    assert focused(page) == "keep1"
    page.keyboard.press("Enter")
    assert heard(page) == ["keep1"]


def test_a_focus_that_was_moved_on_purpose_is_left_alone(page):
    page.locator("#keep1").focus()
    page.locator("#outside").focus()
    page.evaluate("() => draw(['keep', 'clear'], 2)")
    assert focused(page) == "outside"
    page.locator("#keep1").focus()
    page.evaluate("() => document.activeElement.blur()")
    page.evaluate("() => draw(['keep', 'clear'], 2)")
    assert focused(page) == ""  # the page itself
    page.locator("#keep1").focus()
    page.evaluate("() => { draw(['keep', 'clear'], 2); document.getElementById('field').focus(); }")
    assert focused(page) == "field"
