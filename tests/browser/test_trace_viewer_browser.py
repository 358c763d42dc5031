"""The trace viewer in a real JupyterLab: gestures, keys, marks, sound, themes and widths, compared by drawn numbers."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

CELL = """
import numpy as np
from emgwidgets.analysis.signal.filters import FilterStep
from emgwidgets.model.signal import ArraySamples, Channel, QualityFlag, Recording
from emgwidgets.widgets.trace_viewer import TraceViewer
rng = np.random.default_rng(1)
needle = rng.normal(0, 8, 48000 * 30)
needle[4800::6000] -= 300
flag = QualityFlag(kind="mains", channel="needle", start_s=20.0, end_s=20.2, size=52, unit="uV", reason="Amplitudes do not hold.")
recording = Recording(title="needle", quality_flags=(flag,), channels=(
    Channel(name="needle", unit="uV", sampling_rate_hz=48000.0, samples=ArraySamples(stored=needle.astype(np.int16))),
    Channel(name="surface", unit="uV", sampling_rate_hz=2000.0, samples=ArraySamples(stored=rng.normal(0, 4, 60000))),
))
viewer = TraceViewer(recording, quality=None, filters=[FilterStep(kind="high_pass", frequency_hz=20.0)])
viewer
"""
APP = "document.querySelector('.emg-tv').emgViewer"


def settled(page):
    page.wait_for_selector(".emg-tv[data-settled='true']", timeout=60000)


def value(page, expression):
    return page.evaluate(f"() => {{ const app = {APP}; return {expression}; }}")


def until(page, expression):
    page.wait_for_function(f"() => {{ const app = {APP}; return {expression}; }}", timeout=15000)


@pytest.fixture
def page(lab):
    page = lab.open_notebook([CELL])
    settled(page)
    until(page, "app.overview !== null")
    page.locator(".tv-plot").click(position={"x": 400, "y": 200})
    yield page
    assert lab.errors == []
    assert lab.requests_off_loopback == []


def test_gestures_and_keys(page):
    box = page.locator(".tv-plot").bounding_box()
    start = value(page, "app.drawn.start_s")
    page.keyboard.press("End")
    settled(page)
    assert value(page, "app.drawn.end_s") == pytest.approx(30.0)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    settled(page)
    assert value(page, "app.drawn.start_s") == pytest.approx(start + value(page, "app.win.perDivision"))
    before = value(page, "app.drawn.start_s")
    page.mouse.move(box["x"] + 500, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 150, steps=5)
    page.mouse.up()
    settled(page)
    width = value(page, "app.place.right - app.place.left")
    assert value(page, "app.drawn.start_s") == pytest.approx(before + 200 / width * 1.0, abs=1e-6)
    page.mouse.wheel(0, -100)
    settled(page)
    assert value(page, "app.win.perDivision") == pytest.approx(0.05)
    gain = value(page, "app.sens[0]")
    page.keyboard.down("Shift")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Shift")
    assert value(page, "app.sens[0]") < gain
    assert value(page, "app.drawn.lanes[0].is_filtered")
    assert value(page, "app.counts.bytes") <= 8192
    page.keyboard.press("ArrowDown")
    settled(page)
    assert value(page, "app.channel") == 1
    page.keyboard.press("q")
    settled(page)
    assert value(page, "app.channel") == 0
    assert value(page, "app.win.start <= 20 && app.end() >= 20.2")
    assert page.locator(".jp-Cell").count() >= 1  # a, b, x, m would have changed the notebook's cells
    assert page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets[0].model.type") == "code"


def test_cursors_marks_and_undo(page):
    box = page.locator(".tv-plot").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 150)
    page.keyboard.press("a")
    until(page, "app.readout && app.readout[0] && Math.abs(app.readout[0].time_s - app.cursors[0]) < 1e-9")
    for key in ("l", "f"):
        page.keyboard.press(key)
    until(page, "app.marks.items.length === 1")
    mark = value(page, "app.marks.items[0]")
    assert mark["code"] == "fibrillation"
    assert mark["start_s"] == pytest.approx(value(page, "app.cursors[0]"))
    page.mouse.move(box["x"] + 500, box["y"] + 150)
    page.keyboard.press("b")
    page.keyboard.press("l")
    page.keyboard.press("p")
    until(page, "app.marks.items.length === 2")
    assert value(
        page,
        "app.marks.items[1].end_s - app.marks.items[1].start_s > 0.1 || app.marks.items[0].end_s - app.marks.items[0].start_s > 0.1",
    )
    until(page, "app.chosenMark !== null")
    page.keyboard.press("c")
    until(page, "app.marks.items.some((mark) => mark.confidence === 'sure')")
    for _ in range(2):
        page.keyboard.press("z")
    until(page, "app.marks.items.length === 1")
    page.keyboard.press("Shift+Z")
    until(page, "app.marks.items.length === 2")
    assert "mark" in page.locator(".tv-plot").get_attribute("aria-label")
    page.keyboard.press("?")
    assert page.locator(".tv-help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".tv-help").is_visible()


def test_sound_is_rendered_bit_for_bit_at_its_true_rate(page):
    page.keyboard.press(" ")
    until(page, "app.audio.last() !== null")
    same = page.evaluate(
        """async () => {
          const { head, samples } = document.querySelector('.emg-tv').emgViewer.audio.last();
          const offline = new OfflineAudioContext(1, samples.length, head.rate_hz);
          const buffer = offline.createBuffer(1, samples.length, head.rate_hz);
          buffer.copyToChannel(samples, 0);
          const source = offline.createBufferSource();
          source.buffer = buffer; source.connect(offline.destination); source.start();
          const played = (await offline.startRendering()).getChannelData(0);
          return { n: samples.length, rate: head.rate_hz, same: samples.every((v, i) => v === played[i]), loud: samples.some((v) => v !== 0) };
        }"""
    )
    assert same == {"n": 48000, "rate": 48000, "same": True, "loud": True}
    until(page, "app.audio.now() !== null && app.audio.now() > app.win.start")
    page.keyboard.press(" ")
    until(page, "app.audio.isPlaying() === false")
    page.keyboard.press("m")
    assert value(page, "app.audio.isMuted()")


def test_dark_theme_is_followed_and_restored(page):
    import sys

    set_theme = sys.modules["emgwidgets_browser_lab"].set_theme
    ground = "getComputedStyle(app.root).backgroundColor"
    assert value(page, ground) == "rgb(255, 255, 255)"
    set_theme(page, dark=True)
    until(page, "app.colours.bg === '#111417'")
    assert value(page, ground) == "rgb(17, 20, 23)"
    set_theme(page, dark=False)
    until(page, "app.colours.bg === '#ffffff'")


def test_at_900_px_the_column_moves_below_and_nothing_scrolls_sideways(lab):
    page = lab.open_notebook([CELL], width=1000)
    settled(page)
    assert value(page, "app.root.clientWidth") <= 900
    plot, side = page.locator(".tv-plot").bounding_box(), page.locator(".tv-side").bounding_box()
    assert side["y"] >= plot["y"] + plot["height"] - 1
    assert value(page, "app.root.scrollWidth <= app.root.clientWidth + 1")
    assert lab.errors == []
    assert lab.requests_off_loopback == []


def test_an_error_is_shown_in_the_widget(lab):
    page = lab.open_notebook(["from emgwidgets.widgets.trace_viewer import TraceViewer\nTraceViewer('nowhere.edf')"])
    page.wait_for_selector(".emg-tv .message.error")
    assert "does not exist" in page.locator(".emg-tv .message.error").inner_text()
