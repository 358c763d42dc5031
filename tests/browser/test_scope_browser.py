"""The scope in a real browser: what is seen is heard, a running cell stops nothing, and a killed recording comes back."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

APP = "document.querySelector('.emg-scope').emgScope"

CLICKS = """
import emgwidgets as emg
import numpy as np
from emgwidgets.acquisition.replay import ReplayDevice
from emgwidgets.model.signal import ArraySamples, Channel, Recording
values = np.random.default_rng(1).normal(0, 0.5, 160_000)
values[::4000] = 400.0
noise = np.random.default_rng(2).normal(0, 20, 160_000)
channels = tuple(Channel(name=n, unit="uV", sampling_rate_hz=16000.0, samples=ArraySamples(stored=v)) for n, v in (("clicks", values), ("noise", noise)))
scope = emg.Scope(ReplayDevice(file=Recording(channels=channels), is_loop=True), sites=["right TA", "left TA"], is_started=False)
scope
"""
#: In each frame: the time of the line, and the time of what leaves the loudspeaker, from a click found in the sound itself.
HEARD = """async () => {
  const app = %s;
  const { context, volume } = app.sound.graph();
  const tap = context.createAnalyser();
  tap.fftSize = 2048;
  volume.connect(tap);
  const data = new Float32Array(2048);
  const found = [];
  const until = performance.now() + 3000;
  while (performance.now() < until) {
    await new Promise((done) => requestAnimationFrame(done));
    tap.getFloatTimeDomainData(data);
    const now = context.currentTime;
    let at = -1;
    for (let i = 2047; i >= 0 && at < 0; i -= 1) if (Math.abs(data[i]) > 0.1) at = i;
    if (at < 0 || !app.sweep.view) continue;
    const since = (2047 - at) / context.sampleRate + (context.outputLatency || context.baseLatency || 0);
    const line = app.sweep.view.front_s;
    const click = Math.round((line - since) / 0.25) * 0.25;
    found.push(1000 * (line - (click + since)));
  }
  return found;
}""" % APP  # fmt: skip


def focus(page):
    page.locator(".emg-scope .live-top").click(position={"x": 300, "y": 120})


def paints(page):
    return page.evaluate(f"() => {APP}.sweep.counts.paints")


def wait_state(page, words, timeout=15000):
    page.wait_for_function(f"() => {{ const s = {APP}.state; return {words}; }}", timeout=timeout)


def open_scope(lab, *cells, width=1300):
    page = lab.open_notebook(cells, width=width)
    page.wait_for_function(f"() => document.querySelector('.emg-scope') && {APP} && {APP}.width > 0", timeout=60000)
    return page


def test_started_heard_frozen_marked_and_triggered_by_keys(lab):
    page = open_scope(lab, CLICKS)
    assert page.locator(".sc-empty").is_visible()
    focus(page)
    page.keyboard.press("Space")
    page.wait_for_function(f"() => {APP}.sweep.counts.paints > 20 && {APP}.sound.isOn() && {APP}.sound.counts.chunks > 100")
    apart_ms = page.evaluate(HEARD)
    assert len(apart_ms) > 20
    assert max(map(abs, apart_ms)) <= 20
    page.keyboard.press("k")
    page.keyboard.press("j")
    wait_state(page, "s.n_marks === 2 && s.site === 1")
    page.keyboard.press("t")
    page.wait_for_function(f"() => {APP}.isTriggered()")
    page.locator(".sc-sweeps select").first.select_option("threshold")
    page.get_by_role("button", name="falling").click()
    page.wait_for_function("() => Number(document.querySelector('.emg-scope').dataset.averaged) >= 3", timeout=20000)
    focus(page)
    page.keyboard.press("f")
    wait_state(page, "s.frozen")
    page.wait_for_function("() => Number(document.querySelector('.emg-scope').dataset.answers) > 0")
    assert not page.evaluate(f"() => {APP}.sound.isOn()")
    front = page.evaluate(f"() => {APP}.frozen.start")
    page.keyboard.press("PageUp")
    page.wait_for_function(f"() => {APP}.frozen.start < {front} - 0.5 && {APP}.answer.start_s < {front} - 0.5")
    page.mouse.move(*[page.locator(".live-top").bounding_box()[name] + 200 for name in ("x", "y")])
    page.keyboard.press("a")
    page.wait_for_function("() => /\\d/.test(document.querySelector('.tv-cursors td.num').textContent)")
    page.keyboard.press("l")
    page.keyboard.press("f")
    wait_state(page, "s.marks.some((mark) => mark.code === 'fibrillation')")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    wait_state(page, "!s.frozen && s.state === 'running'")
    page.wait_for_function(f"() => {APP}.sound.isOn()")
    page.keyboard.press("Space")
    wait_state(page, "s.state === 'stopped' && s.n_lost === 0")
    assert lab.errors == []
    assert lab.requests_off_loopback == []


BLOCK = "import time\nuntil = time.monotonic() + 4\nwhile time.monotonic() < until: sum(range(2000))\nprint('cell done')"


def test_a_running_cell_stops_neither_picture_nor_recording(lab):
    start = CLICKS.replace("is_started=False", "is_started=True")
    page = open_scope(lab, start, "_ = scope.record('blocked.emglive')", BLOCK, "print('SAFE', scope.end_recording().name, emg.read('blocked.emglive').duration_s > 3.5, scope.status.n_lost)")  # fmt: skip
    page.wait_for_function("() => document.body.innerText.includes('cell done')", timeout=30000)
    page.wait_for_function("() => document.body.innerText.includes('SAFE blocked.emglive True 0')", timeout=20000)
    page.evaluate(
        """() => { const c = window.jupyterapp.shell.currentWidget.content; c.deselectAll(); c.activeCellIndex = 2;
        void window.jupyterapp.commands.execute('notebook:run-cell'); }"""
    )
    page.wait_for_timeout(800)
    before, n_marks = paints(page), page.evaluate(f"() => {APP}.state.n_marks")
    focus(page)
    page.keyboard.press("k")
    page.wait_for_timeout(1500)
    assert page.evaluate(f"() => {APP}.state.n_marks") == n_marks  # the key waits for the cell
    assert paints(page) - before > 15  # the picture does not
    wait_state(page, f"s.n_marks === {n_marks + 1}")
    assert lab.errors == []


KILLED = """
import emgwidgets as emg
scope = emg.Scope("fake", n_channels=2, frequency_hz=3.0)
_ = scope.record("killed.emglive")
scope
"""


def test_a_recording_made_live_killed_and_recovered_opens_in_the_viewer(lab):
    page = open_scope(lab, KILLED)
    wait_state(page, "s.recording && s.recording.safe_s > 1.5")
    focus(page)
    page.keyboard.press("k")
    wait_state(page, "s.n_marks === 1")
    safe_s = page.evaluate(f"() => {APP}.state.recording.safe_s")
    page.evaluate(
        """async () => { const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
        kernel.requestExecute({ code: 'import os, signal; os.kill(os.getpid(), signal.SIGKILL)' }); }"""
    )
    page.wait_for_timeout(1000)
    lab.errors.clear()  # the lab tells of the kernel that died
    code = f"import emgwidgets as emg\nviewer = emg.TraceViewer('killed.emglive')\nprint('BACK', viewer.recording.duration_s >= {safe_s}, [m.label for m in viewer.annotations], viewer.recording.notes)\nviewer"
    viewer = lab.open_notebook([code])
    viewer.wait_for_selector(".emg-tv[data-settled='true']", timeout=60000)
    viewer.wait_for_function("() => document.body.innerText.includes(\"BACK True ['mark']\")")
    assert "was not closed, as after a crash" in viewer.inner_text("body")
    drawn = viewer.evaluate("() => document.querySelector('.emg-tv').emgViewer.drawn.lanes.map((lane) => lane.columns)")
    assert len(drawn) == 2
    assert min(drawn) > 100
