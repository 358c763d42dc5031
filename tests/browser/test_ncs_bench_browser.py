"""The conduction bench in a real JupyterLab: from the first stimulus to a judged study, by mouse and by keyboard."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

CELL = (
    "import emgwidgets as emg\n"
    "patient = emg.VirtualPatient.with_condition('carpal_tunnel_syndrome', side='right', seed=7, age_years=52, height_cm=168, sex='female')\n"
    "bench = emg.NcsBench(patient, study='median_apb', side='right')\n"
    "bench"
)
APP = "document.querySelector('.emg-nb').emgBench"


def wait_state(page, expression):
    page.wait_for_function(f"() => {{ const app = {APP}; const s = app.state; return {expression}; }}", timeout=30_000)


def state(page, expression):
    return page.evaluate(f"() => {{ const app = {APP}; const s = app.state; return {expression}; }}")


@pytest.fixture
def page(lab):
    opened = lab.open_notebook([CELL], height=1700)
    opened.wait_for_selector(".emg-nb[data-paints]", timeout=90_000)
    yield opened
    assert lab.errors == []
    assert lab.requests_off_loopback == []


def ramp_by_keyboard(page, presses):
    page.locator("[aria-label='right responses'] canvas").focus()
    for _ in range(presses):
        for _ in range(4):
            page.keyboard.press("ArrowUp")
        before = state(page, "s.ramp.shots.length")
        page.keyboard.press("Space")
        wait_state(page, f"s.ramp.shots.length === {before + 1}")


def test_a_click_is_not_lost_and_the_focus_stays_when_the_bench_is_drawn_anew(page):
    before = page.locator(".nb-tab[aria-selected='true']").inner_text()
    other = page.locator(".nb-tab[aria-selected='false']").first
    words, place = other.inner_text(), other.bounding_box()
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.mouse.down()
    page.evaluate(f"() => {APP}.update()")  # as an answer of the kernel does
    page.mouse.up()
    page.wait_for_function(
        "(words) => document.querySelector('.nb-tab[aria-selected=true]').innerText === words", arg=words
    )
    assert words != before
    page.locator(".nb-tab", has_text=before).focus()
    page.evaluate(f"() => {APP}.update()")
    assert page.evaluate("() => document.activeElement.innerText") == before


def test_a_study_from_the_first_stimulus_to_its_limit(page):
    # an empty bench says what to do, and promises nothing
    assert "Nothing kept yet" in page.locator(".nb-empty").inner_text()
    assert page.locator(".nb-hand button", has_text="Keep").is_disabled()
    # the ramp, by keyboard
    ramp_by_keyboard(page, 4)
    currents = state(page, "s.ramp.shots.map((one) => one.current_ma)")
    assert currents == [9, 16, 24, 35]
    page.keyboard.press("k")
    wait_state(page, "s.right.traces.length === 1")
    wait_state(page, "s.ramp.is_supramaximal === true")
    assert "plateau shown" in page.locator(".nb-sentence").inner_text()
    # the elbow, by mouse; left out: the ramp, so that the technique column must speak
    page.locator(".nb-site", has_text="El").click()
    wait_state(page, "s.site === 'elbow'")
    page.locator(".nb-hand button", has_text="Stimulate").click()
    wait_state(page, "s.ramp.shots.length === 1")
    page.locator(".nb-hand button", has_text="Keep").click()
    wait_state(page, "s.right.traces.length === 2")
    assert "Right elbow: not shown to be supramaximal." in page.locator(".nb-technique").inner_text()
    # the table judges the latency against a limit with its source
    row = page.locator(".nb-table tbody tr", has_text="wrist latency")
    assert "≤" in row.inner_text()
    assert row.locator("[aria-label^='abnormal']").count() == 1
    assert row.locator("[aria-label^='not tested']").count() == 1
    # a marker is dragged; the number follows, and Z takes it back
    place = page.evaluate(
        f"() => {{ const a = {APP}; const t = a.state.right.traces.find((one) => one.site === 'wrist'); return t.markers[0].ms / (a.view().msPerDiv * 10); }}"
    )
    box = page.locator("[aria-label='right responses'] canvas").bounding_box()
    x = box["x"] + 34 + place * (box["width"] - 38)
    y = box["y"] + 60
    before = state(page, "s.right.traces[0].markers[0].ms")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 12, y, steps=4)
    page.mouse.up()
    wait_state(page, f"Math.abs(s.right.traces[0].markers[0].ms - {before}) > 0.1")
    moved = state(page, "s.right.traces[0].markers[0]")
    assert moved["by_hand"] is True
    row.get_by_text(f"{moved['ms']:.2f}").wait_for(timeout=5000)  # the number follows when Python has answered
    page.keyboard.press("ArrowRight")
    wait_state(page, f"Math.abs(s.right.traces[0].markers[0].ms - {moved['ms']} - 0.02) < 1e-6")
    page.keyboard.press("z")
    page.keyboard.press("z")
    wait_state(page, f"Math.abs(s.right.traces[0].markers[0].ms - {before}) < 1e-9")


def test_what_cannot_be_done_is_said_in_the_widget(page):
    page.locator("[aria-label='right responses'] canvas").focus()
    page.keyboard.press("k")
    page.wait_for_selector(".nb-notice .message.error")
    assert "There is nothing to keep." in page.locator(".nb-notice").inner_text()
    # every part can be reached by Tab, and every canvas speaks
    assert page.locator(".emg-nb canvas:not([aria-label])").count() == 0
    # five places on the median nerve, and one on the ulnar nerve to look for an anastomosis
    assert page.locator(".nb-site[tabindex='0']").count() == 6
    page.keyboard.press("?")
    assert page.locator(".nb-help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".nb-help").is_visible()
    # another study keeps the side, and the sensory bench offers averaging
    page.locator(".nb-tab", has_text="Sensory").click()
    wait_state(page, "app.study().kind === 'sensory'")
    assert page.locator(".knob", has_text="Averaged").count() == 1
    assert state(page, "s.side") == "right"
