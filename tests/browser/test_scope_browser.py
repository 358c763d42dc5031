"""The scope in a real browser: what is seen is heard, a running cell stops nothing, and a killed recording comes back."""

from __future__ import annotations

from pathlib import Path

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
#: At each paint: the time of the line, less the time of what leaves the loudspeaker, from a click found in the sound itself.
HEARD = f"""async () => {{
  const app = {APP};
  const {{ context, volume }} = app.sound.graph();
  const tap = context.createAnalyser();
  tap.fftSize = 2048;
  volume.connect(tap);
  const data = new Float32Array(2048);
  const found = [];
  const paint = app.sweep.paint;
  app.sweep.paint = () => {{
    const isPainted = paint();
    tap.getFloatTimeDomainData(data);
    const now = context.currentTime;
    let at = -1;
    for (let i = 2047; i >= 0 && at < 0; i -= 1) if (Math.abs(data[i]) > 0.1) at = i;
    if (at < 0 || app.sound.heard() === null) return isPainted;
    const since = (2047 - at) / context.sampleRate - (context.outputLatency || context.baseLatency || 0);
    const line = app.sweep.view.front_s;
    const click = Math.round((line - since) / 0.25) * 0.25;
    found.push(1000 * (line - (click + since)));
    return isPainted;
  }};
  await new Promise((done) => setTimeout(done, 3000));
  app.sweep.paint = paint;
  return found;
}}"""


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
    page.wait_for_function(
        f"() => {APP}.sweep.counts.paints > 20 && {APP}.sound.isOn() && {APP}.sound.counts.chunks > 100"
    )
    apart_ms = page.evaluate(HEARD)
    assert len(apart_ms) > 20
    apart_ms = sorted(map(abs, apart_ms))
    print(
        "line against loudspeaker, ms, median and p95:",
        apart_ms[len(apart_ms) // 2],
        apart_ms[int(0.95 * len(apart_ms))],
    )
    # a browser that is starved paints late now and then: bench_scope.py prints the 95th percentile
    assert apart_ms[len(apart_ms) // 2] <= 20
    page.keyboard.press("k")
    page.keyboard.press("j")
    wait_state(page, "s.n_marks === 2 && s.site === 1")
    page.keyboard.press("t")
    page.wait_for_function(f"() => {APP}.isTriggered()")
    page.locator(".sc-sweeps select").first.select_option("threshold")
    page.get_by_role("button", name="falling").click()
    level = page.locator(".sc-trigger .knob:not([hidden]) input").first
    level.fill("100")
    level.press("Enter")
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


BLOCK = (
    "import time\nuntil = time.monotonic() + 4\nwhile time.monotonic() < until: sum(range(2000))\nprint('cell done')"
)


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


GONE = """async () => { const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    kernel.requestExecute({ code: 'import os, signal; os.kill(os.getpid(), signal.SIGKILL)' }); }"""


def test_a_mark_is_taken_back_the_minute_opens_in_a_viewer_and_a_kernel_that_ends_is_told(lab):
    page = open_scope(
        lab,
        'import emgwidgets as emg\nscope = emg.Scope("fake", n_channels=2)\nscope',
        "emg.NeedleBench(emg.VirtualPatient())",
    )
    wait_state(page, "s.time_s > 1")
    focus(page)
    page.keyboard.press("k")
    wait_state(page, "s.n_marks === 1")
    page.keyboard.press("z")
    wait_state(page, "s.n_marks === 0")
    page.wait_for_function(f"() => {APP}.store.marks.length === 0")  # the sweep shows it no more either
    page.keyboard.press("Shift+Z")
    wait_state(page, "s.n_marks === 1")
    page.keyboard.press("v")
    page.wait_for_selector(".emg-below .emg-tv[data-settled='true']", timeout=30000)
    wait_state(page, "s.frozen")
    seen = page.evaluate(
        "() => document.querySelector('.emg-below .emg-tv').emgViewer.drawn.lanes.map((lane) => lane.columns)"
    )
    assert len(seen) == 2
    assert min(seen) > 100
    focus(page)
    page.keyboard.press("v")
    page.wait_for_function("() => document.querySelector('.emg-below').hidden")
    page.wait_for_selector(".emg-ne", state="attached", timeout=60000)
    page.keyboard.press("Space")
    wait_state(page, "s.state === 'stopped'")
    page.wait_for_timeout(4000)
    assert not page.locator(".emg-scope .tv-away").is_visible()  # a device that stands still is no kernel that is gone
    assert lab.errors == []
    page.evaluate(GONE)
    for kind in ("scope", "ne"):
        page.wait_for_selector(f".emg-{kind}.is-gone .emg-gone", state="attached")
    assert "No kernel." in page.inner_text(".emg-gone")
    lab.errors.clear()  # the lab tells of the kernel that died


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
    page.evaluate(GONE)
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


FAKE_SENDERS = """
import json, socket, struct, threading, time, zlib
import numpy as np
import emgwidgets as emg

def every_10_ms(push):
    start_s = time.monotonic()
    for k in range(100_000):
        time.sleep(max(start_s + (k + 1) / 100 - time.monotonic(), 0))
        push(k)

def wave(k, n):
    return 100 * np.sin(np.arange(k * n, (k + 1) * n) / 50)[:, None].repeat(2, axis=1)
"""
LSL = """
import pylsl
outlet = pylsl.StreamOutlet(pylsl.StreamInfo("browser", "EMG", 2, 5000.0, "float32", "b1"), chunk_size=50)
zero_s = pylsl.local_clock()
push = lambda k: outlet.push_chunk(wave(k, 50).astype(np.float32), zero_s + (k + 1) / 100)
threading.Thread(target=every_10_ms, args=(push,), daemon=True).start()
lsl = emg.Scope("lsl", stream="browser", unit="uV")
lsl
"""
FRAMED = """
server = socket.create_server(("127.0.0.1", 0))
header = {"format": "emgwidgets.framed/1", "name": "amp", "sampling_rate_hz": 5000, "channels": [{"name": "A", "unit": "uV"}, {"name": "B", "unit": "uV"}]}
def frame(k):
    head = b"\\xa5\\x5a" + struct.pack("<BBHQ", 2, 0, 50, k * 50)
    body = wave(k, 50).astype("<f4").tobytes()
    return head + struct.pack("<I", zlib.crc32(head + body)) + body
def serve():
    line = server.accept()[0]
    line.sendall(json.dumps(header).encode() + b"\\n")
    every_10_ms(lambda k: line.sendall(frame(k)))
threading.Thread(target=serve, daemon=True).start()
framed = emg.Scope("framed", tcp_port=server.getsockname()[1])
framed
"""
REPLAYED = "replay = emg.Scope(fake.history(), is_loop=True) if fake.wait(1) else None\nreplay"
BOARD = 'import emgwidgets as emg\nboard = emg.Scope("brainflow", board="SYNTHETIC_BOARD")\nboard'
#: The board of the acquisition tests, which answers on a pseudo-terminal as the Cyton does on its serial line.
CYTON = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1] / "acquisition")!r})
from cyton import Cyton
emulated = Cyton()
emulated.start()
cyton = emg.Scope("brainflow", board="CYTON_BOARD", serial_port=emulated.port)
cyton
"""
STANDS = """() => [...document.querySelectorAll('.emg-scope')].map((root) => { const app = root.emgScope;
  return app ? { title: app.info.title, state: app.state.state, lost: app.state.n_lost, paints: app.sweep.counts.paints, seen_s: app.store.newest(), peak: ((app.state.levels || [])[0] || {}).peak } : { title: root.innerText }; })"""


def scopes_seen(lab, cells, titles):
    """What the scopes of some cells tell, once each named one was seen to run."""
    page = lab.open_notebook(cells)
    page.wait_for_function("(n) => document.querySelectorAll('.emg-scope').length >= n", arg=len(titles), timeout=90000)
    for k in range(len(titles)):  # what is out of sight is not painted
        page.locator(".emg-scope").nth(k).scroll_into_view_if_needed()
        page.wait_for_function(f"(k) => {{ const one = ({STANDS})()[k]; return one.paints > 10 && one.seen_s > 1 && one.peak > 0; }}", arg=k, timeout=40000)  # fmt: skip
    found = page.evaluate(STANDS)
    assert [one["title"] for one in found[: len(titles)]] == titles
    assert {one["state"] for one in found[: len(titles)]} == {"running"}
    assert lab.errors == []
    assert lab.requests_off_loopback == []
    return page, found


def test_drivers_that_need_no_library_are_seen_and_the_sound_card_says_what_is_missing(lab):
    own = ['fake = emg.Scope("fake", n_channels=2)\nfake', REPLAYED, 'emg.Scope("virtual", response="median_d2")', 'emg.Scope("soundcard", full_scale_uv=1000.0)']  # fmt: skip
    titles = ["amp", "sine wave", "sine wave", "emgwidgets virtual patient"]
    page, found = scopes_seen(lab, [FAKE_SENDERS, FRAMED, *own], titles)
    assert [one["lost"] for one in found[:4]] == [0] * 4
    page.wait_for_function("() => document.querySelectorAll('.emg-scope').length === 5")
    assert (
        "sound" in page.evaluate(STANDS)[4]["title"].lower()
    )  # PortAudio or an input is missing, and says so; or it runs


def test_a_stream_of_the_lab_streaming_layer_is_seen(lab, lsl_works):
    scopes_seen(lab, [FAKE_SENDERS, LSL], ["LSL browser"])


def test_boards_are_seen_the_synthetic_one_and_a_cyton_on_a_serial_line(lab, brainflow_works, terminals_work):
    scopes_seen(lab, [BOARD, CYTON], ["SYNTHETIC_BOARD", "CYTON_BOARD"])
