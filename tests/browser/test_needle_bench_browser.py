"""The needle bench in a real JupyterLab: needle in, heard and seen as one, frozen, shaded, named, scored and proved."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

CELL = (
    "import emgwidgets as emg\n"
    "patient = emg.VirtualPatient.with_condition('radiculopathy_l5', side='left', seed=19, age_years=54, sex='male')\n"
    "bench = emg.NeedleBench(patient, muscle='tibialis anterior', side='left')\n"
    "bench"
)
APP = "document.querySelector('.emg-ne').emgBench"
#: What the ear may be behind the eye; the issue's own figure.
IN_STEP_S = 0.020


def wait_state(page, expression):
    page.wait_for_function(f"() => {{ const app = {APP}; const s = app.state; return {expression}; }}", timeout=30_000)


def state(page, expression):
    return page.evaluate(f"() => {{ const app = {APP}; const s = app.state; return {expression}; }}")


@pytest.fixture
def page(lab):
    opened = lab.open_notebook([CELL], height=1700)
    opened.wait_for_selector(".emg-ne[data-states]", timeout=90_000)
    yield opened
    assert lab.errors == []
    assert lab.requests_off_loopback == []


def tapped(page):
    """What the loudspeaker was given last, and the samples of the stretch that the sweep had drawn up to that moment."""
    return page.evaluate(
        f"""() => {{
            const app = {APP};
            let heard = null;
            let took_ms = 1e9;
            for (let i = 0; i < 40 && took_ms > 5; i += 1) {{ // both within one moment, however busy the machine
                const before = performance.now();
                app.free.frame();
                heard = app.player.tapped();
                took_ms = performance.now() - before;
            }}
            const drawn_s = app.free.sweep.view.front_s;
            const at = app.player.place(drawn_s);
            const n = heard.samples.length;
            const last = Math.round(at.sample);
            return {{ heard: Array.from(heard.samples), rate: heard.rate, u: heard.u, drawn_s, latency_s: heard.latency_s, took_ms,
                stretch: at.stretch.number, last, seen: Array.from(app.tape.samples(at.stretch, last - n, last + 4800)) }};
        }}"""
    )


LIVE = (
    "import emgwidgets as emg\n"
    "patient = emg.VirtualPatient.with_condition('radiculopathy_l5', side='left', seed=19, age_years=54, sex='male')\n"
    "device = emg.open_device('virtual', patient=patient, muscle='tibialis_anterior', side='left', effort='slight')\n"
    "bench = emg.NeedleBench(emg.Engine(device), muscle='tibialis anterior', side='left')\n"
    "bench"
)


@pytest.mark.parametrize(("cell", "button"), [(CELL, "Insert"), (LIVE, "Slight")], ids=["virtual patient", "device"])
def test_what_is_heard_is_what_is_drawn(lab, cell, button):
    page = lab.open_notebook([cell], height=1700)
    page.wait_for_selector(".emg-ne[data-states]", timeout=90_000)
    page.locator(".ne-segments button", has_text=button).click()
    wait_state(page, "s.stretch && app.player.state().isSounding")
    page.wait_for_function(f"() => {APP}.player.heard() > 4.0", timeout=30_000)  # well into rest
    for _ in range(3):
        got = tapped(page)
        heard, seen = np.array(got["heard"], np.float32), np.nan_to_num(np.array(got["seen"], np.float32), nan=1e9)
        assert got["took_ms"] < 20.0
        assert np.ptp(heard) > 50.0  # discharges, not silence
        # a stretch out of the middle of what was heard is found, sample for sample, in what was drawn
        probe = heard[8000:24000]
        peak = int(np.abs(probe).argmax())
        piece = probe[max(peak - 200, 0) : peak + 200]
        windows = np.lib.stride_tricks.sliding_window_view(seen, len(piece))
        place = int(np.abs(windows - piece).max(axis=1).argmin())
        assert np.abs(windows[place] - piece).max() < 1e-3
        # and its time: the last drawn sample against the sample that leaves the loudspeaker now
        n = len(heard)
        heard_end = place + (
            n - 8000 - max(peak - 200, 0)
        )  # index in `seen` of the last sample given to the loudspeaker
        ahead_s = (heard_end - n) / got["rate"] - got["latency_s"]
        assert abs(ahead_s) < IN_STEP_S
        page.wait_for_timeout(700)
    # mute silences what is heard and leaves what is drawn
    page.locator(".ne-canvas").focus()
    page.keyboard.press("m")
    assert state(page, "app.player.state().isMuted") is True
    before = state(page, "app.player.heard()")
    page.wait_for_timeout(300)
    assert state(page, "app.player.heard()") > before
    # the last half minute again, then the signal goes on
    page.keyboard.press("b")
    wait_state(page, "app.player.state().kind === 'replay' && app.player.left() > 2.5")
    page.keyboard.press("b")
    wait_state(page, "app.player.state().kind === 'live' && app.player.state().isPlaying")
    assert lab.errors == []


def test_a_click_is_not_lost_when_the_bench_is_drawn_anew_between_press_and_release(page):
    place = page.locator(".ne-toolbar button", has_text="Insert").bounding_box()
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.mouse.down()
    page.evaluate(f"() => {APP}.update()")
    page.mouse.up()
    wait_state(page, "s.stretch !== null")
    assert state(page, "s.effort") == "insert"


def test_from_the_needle_to_a_proved_score_by_keyboard(page):
    page.locator(".ne-canvas").focus()
    page.keyboard.press("i")
    wait_state(page, "s.stretch !== null && s.insertion === 1")
    page.wait_for_function(f"() => {APP}.player.heard() > 3.2", timeout=30_000)
    page.keyboard.press("Space")
    page.wait_for_function(f"() => {APP}.free.frozen() !== null")
    assert state(page, "app.player.state().isPlaying") is False
    # shade by dragging, read by Python
    box = page.locator(".ne-canvas").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 40, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 60, y, steps=5)
    page.mouse.up()
    wait_state(page, "s.reading !== null")
    assert state(page, "s.reading.naming.code") == "fibrillation"
    panel = page.locator(".ne-naming").inner_text()
    assert "first deflection" in panel
    assert "positive" in panel
    assert "would need" in panel  # a look-alike says why not
    # name, grade, the rest normal
    page.keyboard.press("f")
    wait_state(page, "s.cell === 'fibrillation_potential'")
    page.keyboard.press("2")
    wait_state(page, "s.grid[0].cells.fibrillation_potential.text === '2+'")
    page.keyboard.press("n")
    wait_state(page, "s.grid[0].cells.insertional.text === 'N'")
    assert state(page, "s.grid[0].cells.fibrillation_potential.is_proved") is True
    # elsewhere, then back by a click on the proof
    page.keyboard.press("s")
    wait_state(page, "s.stretch.effort === 'slight'")
    page.locator(".ne-grid .ne-link", has_text="clip").click()
    wait_state(page, "s.stretch.effort === 'insert' && s.reading !== null")
    page.wait_for_function(f"() => {APP}.free.frozen() && {APP}.free.frozen().stretch.number === 1")
    # another muscle from the map; the first keeps its mark there
    page.locator(".bm-item[data-key='muscles/tibialis_anterior/right']").first.click(force=True)
    wait_state(page, "s.side === 'right' && s.stretch === null")
    assert state(page, "s.marks['tibialis_anterior/left']") == "A"
    # every canvas speaks; what cannot be done is said in the widget
    assert page.locator(".emg-ne canvas.ne-canvas:not([aria-label])").count() == 0
    page.locator(".ne-canvas").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".ne-notice .message.error")
    assert "Nothing is shaded." in page.locator(".ne-notice .message.error").inner_text()


UNITS = (
    "import emgwidgets as emg\n"
    "patient = emg.VirtualPatient.with_condition('radiculopathy_l5', side='left', seed=19, age_years=54, sex='male', day=400)\n"
    "bench = emg.NeedleBench(patient, muscle='tibialis anterior', side='left')\n"
    "stretch = bench.set_effort('slight')\n"
    "bench"
)


def test_units_from_the_trigger_to_the_gallery_and_an_edited_decomposition(lab):
    page = lab.open_notebook([UNITS], height=1700)
    page.wait_for_selector(".emg-ne[data-states]", timeout=90_000)
    page.locator(".ne-segments button", has_text="Triggered").click()
    wait_state(page, "s.units && s.units.raster !== null && s.units.shown !== null")
    assert state(page, "s.units.raster.n_averaged") > 20
    # the wave under the handles is there, and a handle dragged is measured anew
    page.wait_for_function(f"() => {APP}.waves.get({APP}.state.units.shown.key) !== null", timeout=30_000)
    before = state(page, "s.units.shown.handles.E")
    box = page.locator(".ne-average canvas").bounding_box()
    share = state(
        page, "(() => { const one = s.units.shown; return (one.handles.E - one.start_ms) / s.units.length_ms; })()"
    )
    x, y = box["x"] + share * box["width"], box["y"] + 60
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y, steps=4)
    page.mouse.up()
    wait_state(page, f"s.units.shown.handles.E > {before} + 1")
    assert state(page, "s.units.shown.by_hand") == ["E"]
    page.keyboard.press("ArrowLeft")
    wait_state(page, f"s.units.shown.handles.E > {before}")
    # accepted by key from the sweep
    page.locator(".ne-canvas").focus()
    page.keyboard.press("Enter")
    wait_state(page, "s.units.gallery.length === 1 && s.units.gallery[0].by_hand")
    assert page.locator(".ne-gallery .ne-tile").count() == 1
    # decomposition: split by click and key, undone
    page.locator(".ne-segments button", has_text="Decompose").click()
    page.wait_for_function(f"() => {APP}.state.decompose && {APP}.state.decompose.units.length > 1", timeout=60_000)
    units = state(page, "s.decompose.units.length")
    canvas = page.locator(".ne-decomp-pane > canvas")
    box = canvas.bounding_box()
    t = state(page, "s.decompose.units[0].times_s[3]")
    page.wait_for_function(f"() => {APP}.free.frozen() !== null")  # shown, and not played before it is asked for
    assert state(page, "app.player.state().isPlaying") is False
    t0 = page.evaluate(
        f"(t) => {{ const one = {APP}.modes.decompose; one.showAt(t - 0.3); return one.startsAt(); }}", t
    )
    x = box["x"] + 46 + (t - t0) / state(page, "app.knobs.s * 10") * (box["width"] - 46)
    page.mouse.click(x, box["y"] + 110 + 4 + 9)
    page.wait_for_selector(".ne-edit button:not([disabled]):has-text('Split off')")
    page.keyboard.press("h")
    wait_state(page, f"s.decompose.units.length === {units + 1} && s.decompose.edits.length === 1")
    assert "split off" in page.locator(".ne-edits").inner_text()
    page.keyboard.press("z")
    wait_state(page, f"s.decompose.units.length === {units} && s.decompose.edits.length === 0")
    # units picked by mouse keep the keys with the bench: merged by key, undone
    tiles = page.locator(".ne-templates .ne-tile")
    tiles.nth(0).click()
    tiles.nth(1).click(modifiers=["Shift"])
    assert page.evaluate("document.activeElement.className") == "ne-tile"
    page.keyboard.press("g")
    wait_state(page, f"s.decompose.units.length === {units - 1} && s.decompose.edits.length === 1")
    assert page.evaluate("document.querySelector('.emg-ne').contains(document.activeElement)")
    page.keyboard.press("z")
    wait_state(page, f"s.decompose.units.length === {units} && s.decompose.edits.length === 0")
    page.locator(".ne-canvas").focus()
    page.keyboard.press("Space")
    page.wait_for_function(f"() => {APP}.player.state().isPlaying && {APP}.player.heard() > 0.5", timeout=30_000)
    assert page.locator(".ne-free .caption").first.inner_text().startswith("the line is the loudspeaker")
    page.keyboard.press("m")
    wait_state(page, "app.player.state().isMuted")
    assert page.locator(".ne-free .caption").first.inner_text() == "muted: M brings the sound back"
    page.keyboard.press("m")
    assert page.locator(".emg-ne canvas:visible:not([aria-label]):not([aria-hidden])").count() == 0
    assert lab.errors == []
    assert lab.requests_off_loopback == []
