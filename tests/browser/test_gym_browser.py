"""The gym in a real browser: heard and seen at one time, answered by key, told why, replayed; a marker placed by key."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

GYM = "document.querySelector('.emg-gym').emgGym"
#: What is heard and seen may differ by this much (the mission's figure).
STEP_S = 0.02


def opened(lab, level, group="'rest'", seed=1):
    page = lab.open_notebook([
        "import tempfile, emgwidgets as emg",
        f"gym = emg.WaveformGym({group}, n=3, seed={seed}, level={level}, progress=emg.Progress(tempfile.mkdtemp() + '/p'))\ngym",
    ])  # fmt: skip
    page.wait_for_selector(".emg-gym", timeout=90_000)
    page.wait_for_function(f"{GYM} && {GYM}.clips.item !== null", timeout=60_000)
    page.locator(".emg-gym").focus()
    return page


def test_a_round_by_key_with_sound_in_step(lab):
    page = opened(lab, 1)
    page.wait_for_selector(".emg-gym[data-painted='0:item']")
    page.keyboard.press("Space")
    page.wait_for_function(f"{GYM}.player.now() !== null && {GYM}.player.now() > 0.3", timeout=10_000)
    # the samples that are played are those of the trace, at the same times: the loudest spike of both
    found = page.evaluate(f"""() => {{
      const clip = {GYM}.clips.item, played = {GYM}.player.playing();
      const loudest = (list) => list.reduce((best, v, k) => Math.abs(v) > Math.abs(list[best]) ? k : best, 0);
      return {{ seen_s: loudest(clip.samples) / clip.rate_hz, heard_s: loudest(played.samples) / played.rate_hz }};
    }}""")
    assert abs(found["seen_s"] - found["heard_s"]) < STEP_S
    # the line follows the clock of the loudspeaker
    drift = page.evaluate(f"""async () => {{
      const a = {GYM}.player.now(), t = performance.now();
      await new Promise((done) => setTimeout(done, 500));
      return {GYM}.player.now() - a - (performance.now() - t) / 1000;
    }}""")
    assert abs(drift) < STEP_S
    page.keyboard.press("Space")
    page.wait_for_function(f"{GYM}.player.now() === null")
    page.keyboard.press("1")
    page.wait_for_selector(".gym-told:not([hidden])", timeout=20_000)
    assert page.locator(".gym-matrix td.is-here button").count() == 1
    assert page.locator(".gym-dots svg").count() == 3
    page.keyboard.press("b")
    page.wait_for_selector(".emg-gym[data-painted='0:beside']", timeout=20_000)
    assert page.evaluate(f"{GYM}.player.isPlaying()")
    page.keyboard.press("Enter")
    page.wait_for_selector(".emg-gym[data-painted='1:item']", timeout=30_000)
    assert page.locator(".gym-told:not([hidden])").count() == 0
    page.locator(".gym-matrix tbody button").first.click()
    page.wait_for_selector(".emg-gym[data-painted='1:replay']", timeout=20_000)
    page.evaluate(f"{GYM}.player.stop()")
    assert lab.errors == []
    assert lab.requests_off_loopback == []


def test_sound_alone_hides_the_picture_until_the_answer(lab):
    page = opened(lab, 3, seed=2)
    state = page.evaluate("document.querySelector('.gym-plot').style.visibility === 'hidden'")
    is_disabled = page.locator(".gym-play").is_disabled()
    assert state != is_disabled  # one of the two is taken away, never both
    page.keyboard.press("0")
    page.wait_for_selector(".gym-told:not([hidden])", timeout=20_000)
    assert page.evaluate("document.querySelector('.gym-plot').style.visibility !== 'hidden'")
    assert page.locator(".gym-play").is_enabled()
    assert lab.errors == []


def test_a_marker_is_placed_by_key_and_the_truth_is_drawn(lab):
    page = lab.open_notebook([
        "import tempfile, emgwidgets as emg",
        "marks = emg.MarkerGym(('cmap_onset',), n=2, seed=1, progress=emg.Progress(tempfile.mkdtemp() + '/p'))\nmarks",
        "print(f'TRUE {marks.item.true_ms:.3f}')",
    ])  # fmt: skip
    page.wait_for_selector(".emg-mg[data-painted='0']", timeout=90_000)
    page.wait_for_function("document.body.innerText.includes('TRUE ')", timeout=30_000)
    true_ms = page.evaluate("Number(/TRUE ([0-9.]+)\\n/.exec(document.body.innerText + '\\n')[1])")
    box = page.locator(".emg-mg canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + 100)
    page.wait_for_function("Number(document.querySelector('.emg-mg').dataset.at) > 0")
    at = float(page.locator(".emg-mg").get_attribute("data-at"))
    key = "ArrowRight" if true_ms > at else "ArrowLeft"
    for _ in range(int(abs(true_ms - at) / 0.2)):
        page.keyboard.press(f"Shift+{key}")
    for _ in range(8):
        if abs(float(page.locator(".emg-mg").get_attribute("data-at")) - true_ms) < 0.03:
            break
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_selector(".mg-told.is-within", timeout=20_000)
    assert "tolerance" in page.locator(".mg-told").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_selector(".emg-mg[data-painted='1']", timeout=20_000)
    assert lab.errors == []
