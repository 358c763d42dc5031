"""The lessons in a real JupyterLab, with the mouse and the keyboard: run all, measure, mark, and read the feedback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
ERRORS = ".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']"
FIRST_VIEWER = "document.querySelector('.emg-tv').emgViewer"


def open_lesson(lab, name):
    page = lab.open_file(f"notebooks/{name}", height=5200)
    page.wait_for_selector(".emg-tv[data-settled='true']", timeout=90_000)
    page.wait_for_selector(".emg-live-text", timeout=60_000)
    assert page.locator(ERRORS).count() == 0
    return page


def press_at(page, key, time_s):
    """Put the mouse where a time is drawn in the first viewer and press a key."""
    box = page.locator(".tv-plot").first.bounding_box()
    x = page.evaluate(
        "(t) => { const a = "
        + FIRST_VIEWER
        + "; const p = a.place; return p.left + (t - a.drawn.start_s) / (a.drawn.end_s - a.drawn.start_s) * (p.right - p.left); }",
        time_s,
    )
    page.mouse.move(box["x"] + x, box["y"] + 120)
    page.keyboard.press(key)


def test_lesson_00_measures_a_rate_with_two_cursors_and_says_how_it_fits(project):
    page = open_lesson(project, "00_start_here.ipynb")
    assert page.locator(".emg-start .door").count() == 3
    assert "40 Whole cases" in page.locator(".emg-start .door").nth(2).inner_text()
    text = page.locator(".emg-live-text").first
    assert "Two cursors are needed" in text.inner_text()
    truth = json.loads((ROOT / "data" / "rest_tibialis_anterior.truth.json").read_text(encoding="utf-8"))
    fibre = max((one for one in truth["sources"] if one["phase"] == 2), key=lambda one: one["amplitude_uv"])
    first_s, second_s = [t + fibre["peak_ms"] / 1000 for t in fibre["times_s"] if 22.05 < t < 22.9][:2]
    page.locator(".tv-plot").first.click(position={"x": 300, "y": 200})
    press_at(page, "a", first_s)
    press_at(page, "b", second_s)
    page.wait_for_function(
        "() => document.querySelector('.emg-live-text').innerText.includes('as it is')", timeout=15_000
    )
    assert f"fired at {1 / (second_s - first_s):.1f}/s" in text.inner_text()


def test_the_doors_open_the_lesson_they_name_by_keyboard(project):
    page = open_lesson(project, "00_start_here.ipynb")
    page.locator(".emg-start").focus()
    page.keyboard.press("2")
    assert page.evaluate("() => document.activeElement.innerText") == "Open a recording: 50"
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.context?.path === 'notebooks/50_explore_a_recording.ipynb'",
        timeout=30_000,
    )


def test_lesson_50_takes_a_mark_in_three_keystrokes_and_judges_it(project):
    page = open_lesson(project, "50_explore_a_recording.ipynb")
    text = page.locator(".emg-live-text")
    assert "No mark yet" in text.inner_text()
    page.locator(".tv-plot").first.click(position={"x": 300, "y": 200})
    press_at(page, "a", 0.2)
    press_at(page, "b", 0.9)
    page.keyboard.press("l")
    page.keyboard.press("f")
    page.wait_for_function(
        "() => document.querySelector('.emg-live-text').innerText.includes('of 5 found')", timeout=15_000
    )
    assert "0 of 5 found" in text.inner_text()
    assert "marked fibrillation" in text.inner_text()
