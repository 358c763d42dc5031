"""The trace viewer in a real JupyterLab: gestures, keys, marks, sound, themes and widths, compared by drawn numbers."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pytest

from emgwidgets.analysis.signal.filters import FilterChain, FilterStep
from emgwidgets.io.registry import read

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
NEEDLE = np.random.default_rng(1).normal(0, 8, 48000 * 30)
NEEDLE[4800::6000] -= 300
NEEDLE = NEEDLE.astype(np.int16).astype(float)
HIGH_PASSED = FilterChain([FilterStep(kind="high_pass", frequency_hz=20.0)], sampling_rate_hz=48000.0).apply(NEEDLE)
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


FAULTS_AND_MANY = """
import numpy as np
from emgwidgets.model.signal import ArraySamples, Channel, QualityFlag, Recording
from emgwidgets.widgets.trace_viewer import TraceViewer
rng = np.random.default_rng(2)
def channel(i):
    values = rng.normal(0, 10, 60000) + 60 * np.exp(-(((np.arange(60000) % 600) - 200 - i) / 9.0) ** 2)
    if i == 0:
        values[2000:2010] = np.nan
    return Channel(name=f"grid {i + 1}", unit="uV", sampling_rate_hz=2000.0, samples=ArraySamples(stored=values))
gap = QualityFlag(kind="missing", channel="grid 1", start_s=1.0, end_s=1.005, size=0.005, unit="s", reason="10 samples hold no value.", repair="interpolate")
viewer = TraceViewer(Recording(title="grid", quality_flags=(gap,), channels=tuple(channel(i) for i in range(40))), quality=None)
viewer
"""
SWEEPS = """
import numpy as np
from emgwidgets.model.signal import Recording, Stimulus, Sweep
from emgwidgets.widgets.trace_viewer import TraceViewer
t = np.arange(-20, 180) / 10.0
shape = np.where(t > 3, -2000 * np.exp(-(((t - 6) / 1.5) ** 2)), 0.0)
viewer = TraceViewer(Recording(title="median", sweeps=tuple(
    Sweep(samples_uv=shape * (k + 1) / 30, sampling_rate_hz=10000.0, start_ms=-2.0, channel="APB", stimulus=Stimulus(time_s=0.0, current_ma=1.0 + k))
    for k in range(30))), quality=None)
viewer
"""


@pytest.fixture
def other(lab):
    """A page of another recording, made by a call with the cell's text."""

    def make(cell, **options):
        page = lab.open_notebook([cell], **options)
        settled(page)
        until(page, "app.overview !== null")
        page.locator(".tv-plot").click(position={"x": 400, "y": 100})
        return page

    yield make
    assert lab.errors == []
    assert lab.requests_off_loopback == []


def kernel(page, code):
    """Run a statement in the page's kernel and return what it printed."""
    return page.evaluate(
        """async (code) => {
          const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
          const future = kernel.requestExecute({ code, store_history: false });
          let text = "";
          future.onIOPub = (message) => { if (message.content.text) text += message.content.text; if (message.content.evalue) text += message.content.evalue; };
          await future.done;
          return text.trim();
        }""",
        code,
    )


def kernel_holds(page, code, expected, *, patience_s=10.0):
    """Wait until a statement prints this: the page holds a change back while the answer to an earlier one is on its way."""
    end_s = time.monotonic() + patience_s
    while (printed := kernel(page, code)) != expected and time.monotonic() < end_s:
        page.wait_for_timeout(50)
    assert printed == expected


def exported(page, kind, *, name="part", is_filtered=False):
    """Export the selection by clicks and return the downloaded file."""
    page.locator(".tv-export input[type=text]").fill(name)
    page.locator(".tv-export select").select_option(kind)
    if kind in {"csv", "npz", "edf"}:
        page.locator(".tv-export input[type=checkbox]").set_checked(is_filtered)
    with page.expect_download(timeout=30_000) as waiting:
        page.locator(".tv-export button", has_text="Download").click()
    return waiting.value


def test_selection_export_sound_and_filters_on_one_page(page, lab, tmp_path):
    check_drag_and_export(page, lab, tmp_path)
    check_sound_of_the_selection(page)
    check_selection_by_keys_alone(page)
    check_filter_chain_by_clicks_and_undo(page)


def check_drag_and_export(page, lab, tmp_path):
    """A drag above the traces selects; the five kinds of file hold what was selected."""
    box = page.locator(".tv-plot").bounding_box()
    left, right = value(page, "app.place.left"), value(page, "app.place.right")
    page.mouse.move(box["x"] + left + 100, box["y"] + 10)  # above the traces
    page.mouse.down()
    page.mouse.move(box["x"] + left + 300, box["y"] + 150, steps=4)
    page.mouse.up()
    span = value(page, "app.end() - app.win.start")
    low_s, high_s = value(page, "app.cursors")
    assert (low_s, high_s) == pytest.approx((100 / (right - left) * span, 300 / (right - left) * span), abs=1e-6)
    assert value(page, "app.win.start") == 0.0  # nothing was panned

    page.keyboard.press("e")
    for kind, begin in (("svg", b"<?xml"), ("png", b"\x89PNG")):
        assert Path(exported(page, kind).path()).read_bytes().startswith(begin)
    rows = Path(exported(page, "csv").path()).read_text(encoding="utf-8").splitlines()
    assert rows[0] == "channel,time_s,value,unit"
    times = [float(row.split(",")[1]) for row in rows[1:] if row.startswith("needle")]
    assert len(times) == pytest.approx((high_s - low_s) * 48000, abs=1)
    assert low_s <= times[0] < times[-1] < high_s
    place = tmp_path / "part.npz"
    exported(page, "npz").save_as(place)
    (raw, _) = read(place).channels
    exported(page, "npz", name="other", is_filtered=True).save_as(tmp_path / "filtered.npz")
    (filtered, _) = read(tmp_path / "filtered.npz").channels
    assert raw.start_s == pytest.approx(low_s, abs=1 / 48000)
    assert len(raw.samples_uv) == len(times)
    first = round(raw.start_s * 48000)
    assert np.array_equal(raw.samples_uv, NEEDLE[first : first + len(times)])
    assert np.allclose(filtered.samples_uv, HIGH_PASSED[first : first + len(times)], atol=1e-3)
    exported(page, "edf").save_as(tmp_path / "part.edf")
    kept = read(tmp_path / "part.edf").channels[0].samples_uv
    first = int(low_s * 2000) * 24  # EDF+ needs a stretch that begins with a sample of both channels
    assert np.allclose(kept[: len(times)], NEEDLE[first : first + len(times)], atol=0.05)
    page.locator(".tv-export button", has_text="Beside").click()
    until(page, "app.root.querySelector('.tv-notice').innerText.includes('written beside the notebook')")
    assert (lab.folder / "part.edf").stat().st_size > 1000
    page.keyboard.press("Escape")


def check_sound_of_the_selection(page):
    """What is played are the filtered samples of A-B; volume and mute turn the gain and nothing else."""
    low_s, high_s = value(page, "app.cursors")
    page.locator(".tv-plot").focus()
    page.keyboard.press(" ")
    until(page, "app.audio.last() !== null")
    head, played = value(page, "[app.audio.last().head, Array.from(app.audio.last().samples)]")
    first = round(head["start_s"] * 48000)
    truth = HIGH_PASSED[first : first + len(played)]
    assert head["rate_hz"] == 48000
    assert len(played) == pytest.approx((high_s - low_s) * 48000, abs=1)
    assert np.allclose(played, truth - np.median(truth), atol=1e-3)
    gain = "app.audio.gain()"
    loud = value(page, gain)
    assert loud == pytest.approx(0.6 / (4 * value(page, "app.sens[0]")))
    page.locator(".tv-sound input[type=range]").fill("0.3")
    assert value(page, gain) == pytest.approx(loud / 2)
    page.locator(".tv-sound button", has_text="Mute").click()
    assert value(page, gain) == 0.0
    page.locator(".tv-sound button", has_text="Muted").click()
    assert value(page, gain) == pytest.approx(loud / 2)

    page.locator(".tv-plot").focus()
    page.keyboard.press("l")
    page.keyboard.press("p")
    until(page, "app.marks.items.length === 1")
    mark = value(page, "app.marks.items[0]")
    assert (mark["start_s"], mark["end_s"]) == (pytest.approx(low_s), pytest.approx(high_s))
    page.keyboard.press("f")
    settled(page)
    assert value(page, "[app.win.start, app.end()]") == pytest.approx([low_s, high_s])


def check_selection_by_keys_alone(page):
    """I selects, the point and the comma move an end, A takes the other one up."""
    page.locator(".tv-plot").focus()
    page.keyboard.press("Home")
    page.mouse.move(5, 5)
    page.keyboard.press("i")
    first = value(page, "app.cursors")
    division = value(page, "app.win.perDivision")
    assert first[1] - first[0] == pytest.approx(2 * division)
    for _ in range(3):
        page.keyboard.press(".")
    page.keyboard.press("a")  # takes the other one up, without moving it
    page.keyboard.press(",")
    assert value(page, "app.cursors") == pytest.approx([first[0] - division / 10, first[1] + 3 * division / 10])
    page.keyboard.press("x")
    assert value(page, "app.cursors") == [None, None]


def check_filter_chain_by_clicks_and_undo(page):
    """Add, change, switch, remove by mouse; undo takes gains and filters back in order."""
    page.locator("select.tv-add").select_option("low_pass")
    until(page, "app.filters.length === 2")
    frequency = page.locator(".tv-editor .knob input")
    frequency.fill("500 Hz")
    frequency.press("Enter")
    until(page, "app.filters[1].frequency_hz === 500")
    page.locator(".tv-editor button", has_text=re.compile("^On$")).click()
    until(page, "app.filters[1].is_on === false")
    page.locator(".tv-editor button", has_text=re.compile("^Off$")).click()
    page.locator(".tv-editor button", has_text="Done").click()
    assert "low-pass 500 Hz" in page.locator(".tv-chain").inner_text()
    page.locator(".tv-chain button", has_text="low-pass").click()  # the button is drawn anew: the focus must stay here
    page.wait_for_function(f"() => {APP}.root.contains(document.activeElement)")
    page.locator(".tv-editor button", has_text="Done").click()
    kernel_holds(page, "print([step.text for step in viewer.filters])", "['high-pass 20 Hz', 'low-pass 500 Hz']")
    page.wait_for_timeout(1100)  # changes of one kind within a second are one step of undo
    page.locator(".tv-chain button", has_text="high-pass").click()
    page.locator(".tv-editor button", has_text="Remove").click()
    until(page, "app.filters.length === 1")
    gain = value(page, "app.sens[0]")
    page.keyboard.press("Escape")
    page.locator(".tv-plot").focus()
    page.wait_for_timeout(1100)
    page.keyboard.press(">")
    assert value(page, "app.sens[0]") > gain
    page.keyboard.press("z")  # at once: what was turned last goes first
    until(page, f"app.sens[0] === {gain}")
    assert value(page, "app.filters.length") == 1
    page.locator(".tv-undo button", has_text="Undo filters").click()
    until(page, "app.filters.length !== 1")
    page.locator(".tv-undo button", has_text="Redo filters").click()
    until(page, "app.filters.length === 1 && app.filters[0].kind === 'low_pass'")


def test_many_channels_are_paged_hidden_found_and_repaired(other):
    page = other(FAULTS_AND_MANY)
    assert value(page, "app.drawn.channels") == 32
    assert value(page, "app.drawn.lanes.every((lane) => lane.columns > 100)")
    assert value(page, "app.counts.bytes") <= 8192
    page.keyboard.press("]")
    settled(page)
    assert value(page, "app.drawn.lanes.map((lane) => lane.channel)") == [*range(8, 40)]
    page.keyboard.press("[")
    settled(page)
    page.keyboard.press("v")
    panel = page.locator(".tv-choose")
    assert panel.locator("[role=option]").count() == 40
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    until(page, "app.hidden.length === 1 && app.hidden[0] === 1")
    panel.locator("input[type=text]").first.fill("grid 3")
    assert panel.locator("[role=option]").count() == 11
    page.keyboard.press("Escape")
    until(page, "!app.drawn.lanes.some((lane) => lane.channel === 1)")
    kernel_holds(page, "print(viewer.hidden)", "[1]")

    page.locator(".tv-plot").focus()
    page.keyboard.press("q")
    settled(page)
    assert value(page, "app.channel") == 0
    assert not value(page, "app.drawn.lanes[0].is_filtered")
    page.locator(".tv-repair", has_text="Bridge").first.click()
    until(page, "app.repairs.length === 1 && app.drawn.lanes[0].is_filtered")
    assert "bridge, grid 1" in page.locator(".tv-chain").inner_text()
    assert (
        kernel(
            page,
            "viewer.window_s = [0.9, 1.1]; print(np.isnan(viewer.selection(is_filtered=True).channels[0].read()).sum(), np.isnan(viewer.selection().channels[0].read()).sum())",
        )
        == "0 10"
    )
    page.locator(".tv-plot").focus()
    page.keyboard.press("z")
    until(page, "app.repairs.length === 0")
    page.keyboard.press("z")
    until(page, "app.hidden.length === 0")


def test_sweeps_are_superimposed_and_rastered_with_the_stimulus_at_zero(other):
    page = other(SWEEPS)
    drawn = value(page, "app.drawn.lanes")
    assert [lane["members"] for lane in drawn] == [30]
    requests = value(page, "app.counts.requests")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("+")
    settled(page)
    assert value(page, "app.channel") == 1
    assert value(page, "app.counts.requests") == requests  # every sample is here: nothing is asked for twice
    page.keyboard.press("<")
    assert value(page, "new Set(app.sens).size") == 1
    page.keyboard.press("s")
    settled(page)
    assert value(page, "app.drawn.channels") == 20
    assert "1\u201320 of 30" in page.locator(".tv-channels").inner_text()
    page.keyboard.press("]")
    settled(page)
    assert value(page, "app.drawn.lanes[19].channel") == 29
    page.keyboard.press("End")
    page.keyboard.press("i")
    until(page, "app.readout && app.readout[1]")
    assert page.locator(".tv-cursors th", has_text="time ms").count() == 1
    value(page, "app.selectChannel(29) || app.placeCursor(0, 0.006)")
    until(page, "app.channel === 29 && app.readout && app.readout[0] && Math.abs(app.readout[0].value + 2000) < 0.5")
    assert page.locator(".tv-title button[aria-pressed=true]").inner_text() == "Raster"
    kernel_holds(page, "print(len(viewer.selection().sweeps))", "30")

    page.evaluate(
        "async () => { await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.shutdown(); }"
    )
    page.wait_for_selector(".emg-tv.is-gone .emg-gone", timeout=20_000)
    assert "No kernel." in page.locator(".emg-gone").inner_text()
    assert value(page, "app.drawn.channels") == 20  # the picture stays
