"""A lesson on needle EMG in a real JupyterLab: run all, predict, listen, score, and answer the exercise by key."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ERRORS = ".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']"
GYM = "document.querySelector('.emg-gym').emgGym"
BENCH = "document.querySelector('.emg-ne').emgBench"


def wait_text(page, selector, words):
    page.wait_for_function(
        "([selector, words]) => [...document.querySelectorAll(selector)].some((one) => one.innerText.includes(words))",
        arg=[selector, words], timeout=30_000,
    )  # fmt: skip


def test_lesson_20_from_prediction_to_exercise(project):
    page = project.open_file("notebooks/20_rest_and_its_sounds.ipynb", width=1280, height=7600)
    page.wait_for_function(f"document.querySelector('.emg-gym') && {GYM} && {GYM}.clips.item !== null", timeout=150_000)
    assert page.locator(ERRORS).count() == 0
    # the prediction is kept, and stands at the end beside what came out
    question = page.locator(".emg-pr").first
    question.locator(".pr-option").nth(1).click()
    wait_text(page, ".emg-live-text", "You predicted: by about a third; found: intervals differ by a few per cent.")
    assert "found" not in question.inner_text()
    # the needle goes in and rest is listened to by mouse, the score is given by key: the text under the bench follows
    bench = page.locator(".emg-ne").first
    for effort in ("Insert", "Rest"):
        bench.locator("button", has_text=effort).first.click()
        page.wait_for_function(f"() => {BENCH}.state.effort === '{effort.lower()}'", timeout=30_000)
    bench.locator("button", has_text="rest normal").focus()
    page.keyboard.press("n")
    page.wait_for_function(
        "() => ![...document.querySelectorAll('.emg-live-text')].some((one) => one.innerText.includes('Nothing scored yet.'))",
        timeout=30_000,
    )
    # the exercise by keys: an answer, what decides, the next clip
    page.locator(".emg-gym").focus()
    page.wait_for_selector(".emg-gym[data-painted='0:item']", timeout=30_000)
    page.keyboard.press("1")
    page.wait_for_selector(".gym-told:not([hidden])", timeout=20_000)
    assert page.locator(".gym-matrix td.is-here button").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_selector(".emg-gym[data-painted='1:item']", timeout=30_000)


def test_the_study_planner_by_mouse_and_by_name(lab):
    page = lab.open_notebook([
        "import tempfile, emgwidgets as emg",
        "planner = emg.StudyPlanner(seed=1, shows_next=True, progress=emg.Progress(tempfile.mkdtemp() + '/p'))\nplanner",
    ])  # fmt: skip
    page.wait_for_selector(".emg-sp .sp-share", timeout=90_000)
    planner = page.locator(".emg-sp")
    before = planner.locator(".sp-share b").all_inner_texts()
    assert set(before) == {"20 %"}
    planner.locator(".sp-nerves button", has_text="ulnar sensory").click()
    page.wait_for_function("() => document.querySelector('.emg-sp .sp-cost').innerText.startsWith('Cost 5 ')")
    # a muscle by its name: the cost, the table and the shares follow
    planner.locator(".bm-find").fill("Extensor indicis proprius, right")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.emg-sp .sp-cost').innerText.startsWith('Cost 11 ')")
    assert planner.locator("tbody tr").count() == 2
    assert planner.locator(".sp-share b").all_inner_texts() != before
    # the other side is not planned here, and the page says so
    planner.locator(".bm-find").fill("Extensor indicis proprius, left")
    page.keyboard.press("Enter")
    page.wait_for_selector(".emg-sp .message")
    # a muscle on the map, taken back again
    planner.locator(".bm-item[data-key$='/right']").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.emg-sp tbody tr').length === 3")
    planner.locator("button", has_text="Take the last one back").click()
    page.wait_for_function("() => document.querySelectorAll('.emg-sp tbody tr').length === 2")
    # the first naming counts; the next patient is open again
    planner.locator(".sp-share button").nth(1).click()
    page.wait_for_selector(".emg-sp .sp-told")
    assert planner.locator(".sp-told").inner_text().startswith("It is the ")
    assert planner.locator(".sp-share button:not([disabled])").count() == 0
    planner.locator(".sp-people button").nth(1).click()
    page.wait_for_function("() => document.querySelectorAll('.emg-sp .sp-told').length === 0")
    assert lab.errors == []
    assert lab.requests_off_loopback == []
