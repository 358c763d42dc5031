"""Lessons on nerve conduction in a real JupyterLab: run all, predict, ramp, be told, and answer by key and by mouse."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ERRORS = ".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']"
BENCH = "document.querySelector('.emg-nb').emgBench"


def open_lesson(lab, name, *, width=1440):
    page = lab.open_file(f"notebooks/{name}", width=width, height=7600)
    page.wait_for_selector(".emg-ex[data-painted]", timeout=120_000)
    page.wait_for_selector(".emg-nb[data-paints]", timeout=60_000)
    assert page.locator(ERRORS).count() == 0
    return page


def wait_text(page, selector, words):
    page.wait_for_function(
        "([selector, words]) => [...document.querySelectorAll(selector)].some((one) => one.innerText.includes(words))",
        arg=[selector, words], timeout=30_000,
    )  # fmt: skip


def test_lesson_10_from_prediction_to_exercise(project):
    page = open_lesson(project, "10_the_motor_response.ipynb")
    # the prediction is kept, and stands at the end beside what came out
    question = page.locator(".emg-pr").first
    question.locator(".pr-option").nth(3).click()
    wait_text(page, ".emg-live-text", "You predicted: 3 ms, 9 mV, 30 m/s; found: 3 ms, 9 mV, 60 m/s.")
    assert "found" not in question.inner_text()
    # one stimulus, kept too early: the text under the bench says so
    pane = page.locator("[aria-label='right responses'] canvas").first
    pane.focus()
    assert page.evaluate("() => document.activeElement.tagName") == "CANVAS"
    page.keyboard.press("Space")
    page.wait_for_function(f"() => {BENCH}.state.ramp.shots.length === 1")
    page.keyboard.press("k")
    wait_text(page, ".emg-live-text", "so no plateau: raise the current")
    for _ in range(6):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    page.wait_for_function(f"() => {BENCH}.state.ramp.shots.length === 2")
    page.keyboard.press("k")
    wait_text(page, ".emg-live-text", "100 % of the axons fired")
    # the exercise: the first by mouse, the next by keys; the score follows
    exercise = page.locator(".emg-ex")
    exercise.locator(".ex-option").nth(0).click()
    page.wait_for_selector(".ex-told")
    assert exercise.locator(".ex-told .ex-lead").inner_text().endswith(".")
    assert exercise.locator(".ex-option[aria-checked='true']").count() == 1
    exercise.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.ex-question').innerText.startsWith('2.')")
    assert exercise.locator(".ex-told").count() == 0
    page.keyboard.press("4")
    page.wait_for_selector(".ex-told")
    assert "of 2 as it is" in exercise.locator(".ex-head").inner_text()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => document.querySelector('.ex-question').innerText.startsWith('1.')")
    page.keyboard.press("3")  # the first answer counts
    assert exercise.locator(".ex-option[aria-checked='true']").inner_text().startswith("1")


def test_lesson_12_warms_a_cold_hand_with_the_mouse(project):
    page = open_lesson(project, "12_technique_and_temperature.ipynb", width=1000)
    bench = page.locator(".emg-nb").first
    assert bench.locator(".nb-mistakes").is_visible()
    bench.locator(".nb-hand button", has_text="Stimulate").click()
    page.wait_for_function(f"() => {BENCH}.state.ramp.shots.length === 1")
    bench.locator(".nb-hand button", has_text="Keep").click()
    wait_text(page, ".nb-technique", "the limb was cold")
    knob = bench.locator(".nb-mistakes .knob", has_text="Skin")
    for _ in range(8):
        knob.locator("button").nth(1).click()
    page.wait_for_function(f"() => {BENCH}.state.knobs.skin_temperature_degc === 33")
    bench.locator(".nb-hand button", has_text="Stimulate").click()
    page.wait_for_function(f"() => {BENCH}.state.ramp.shots.length === 2")
    bench.locator(".nb-hand button", has_text="Keep").click()
    page.wait_for_function(f"() => {BENCH}.state.technique.every((one) => !one.what.includes('cold'))")
    # no part of the page is wider than the window
    assert page.evaluate(
        "() => [...document.querySelectorAll('.emg-nb, .emg-ex, .emg-pr')].every((one) => one.scrollWidth <= one.clientWidth + 1)"
    )


def test_lesson_18_runs_a_train_by_keyboard(project):
    page = open_lesson(project, "18_the_junction.ipynb")
    bench = page.locator(".emg-nb").first
    assert (
        bench.locator(".nb-tab[aria-selected='true'], .nb-tab.is-chosen, .nb-tab[aria-pressed='true']").inner_text()
        == "Repetitive"
    )
    bench.locator("button", has_text="Run train").click()
    wait_text(page, ".emg-live-text", "decrement of 10 % or more in at least one muscle")
