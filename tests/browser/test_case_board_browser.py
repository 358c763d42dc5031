"""The case board and the MRI bench in a real JupyterLab: a foot drop from the empty page to the signature, by mouse and keys."""

from __future__ import annotations

import json

import pytest

from emgwidgets import vocabulary
from emgwidgets.lessons.study_room import StudyRoom

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

BOARD_CELL = "import emgwidgets as emg\nboard = emg.CaseBoard(path='foot_drop.json')\nboard"
APP = "document.querySelector('.emg-cb').emgBoard"
#: What is examined of the simulated foot drop U1: a screen of the leg with the paraspinal muscles, and what parts root from nerve.
MUSCLES = (
    "tibialis_anterior", "tibialis_posterior", "fibularis_longus", "tensor_fasciae_latae", "vastus_medialis",
    "gastrocnemius_medial_head", "biceps_femoris_short_head", "lumbar_paraspinals_multifidus_lower",
)  # fmt: skip
ROOM_CELL = """import emgwidgets as emg
room = emg.CaseRoom('U1')
for kind, study in (('sensory', 'superficial_fibular'), ('motor', 'fibular_edb'), ('needle', 'tibialis_anterior')):
    _ = room.do(kind, study, 'left')
board = room.board()
board"""
MRI_CELL = """import numpy as np
import emgwidgets as emg
from emgwidgets.model.volume import SpineVolume
voxels = np.random.default_rng(1).integers(0, 60, (9, 60, 120)).astype('int16')
labels = {name: (4.0, 30.0, 12.0 + 22 * n) for n, name in enumerate(('L5', 'L4', 'L3', 'L2', 'L1'))}
volume = SpineVolume(voxels=voxels, spacing_mm=(4.0, 1.0, 1.0), knows_sides=True, labels=labels, labels_by='file')
text = 'FINDINGS: L4-5: left paracentral disc protrusion, 5 mm, contacting the left L5 root. IMPRESSION: L4-5 right paracentral disc protrusion.'
bench = emg.MriBench(report=text, volume=volume)
bench"""


def wait_state(page, expression):
    page.wait_for_function(f"() => {{ const app = {APP}; const s = app.state; return {expression}; }}", timeout=30_000)


def state(page, expression):
    return page.evaluate(f"() => {{ const app = {APP}; const s = app.state; return {expression}; }}")


@pytest.fixture
def board(lab):
    page = lab.open_notebook([BOARD_CELL], width=1440, height=2600)
    page.wait_for_selector(".emg-cb[data-updates]", timeout=90_000)
    yield page
    assert lab.errors == []
    assert lab.requests_off_loopback == []


def tab(page, words):
    page.locator(".cb-tab", has_text=words).first.click()


def fill_in(page, **values):
    """Fill the fields of the open form by their captions."""
    for caption, value in values.items():
        field = page.locator(
            ".cb-form .cb-field", has=page.locator(".caption", has_text=caption.replace("_", " "))
        ).first
        if field.locator("select").count():
            field.locator("select").select_option(value)
        else:
            field.locator("input").fill(value)


def submit(page, kind, count):
    page.locator(".cb-form button[type=submit]").click()
    wait_state(page, f"s.entries.{kind}.length === {count}")


@pytest.fixture(scope="module")
def told():
    """The simulated foot drop, examined: what a physician would have on paper."""
    room = StudyRoom("U1")
    room.do("motor", "fibular_edb", "left")
    for study in ("superficial_fibular", "sural"):
        room.do("sensory", study, "left")
    for muscle in MUSCLES:
        room.do("needle", muscle, "left")
    return room


def enter_history(page, told):
    page.locator(".cb-start button", has_text="Question and subject").click()
    who, day = told.case.subject, told.case.days_since_onset
    fill_in(
        page,
        question=told.case.question,
        days_since_onset=f"{day:g}",
        age=f"{who.age_years:g}",
        height=f"{who.height_cm:g}",
        sex=who.sex,
    )
    page.locator(".cb-form button[type=submit]").click()
    wait_state(page, f"s.day === {day:g} && s.who.startsWith('man {who.age_years:g}')")
    # a place of the body opens the form of a symptom with the place in it
    page.locator(".cb-body >> nth=1").locator('.bm select[aria-label="part of the body"]').select_option("legs")
    page.locator(".cb-body >> nth=1").locator('[data-key="zone/lateral_leg/left"]').first.click()
    fill_in(page, symptom="pain", since=f"{day:g}")
    assert page.locator(".cb-form .cb-field", has_text="side").locator("select").input_value() == "left"
    submit(page, "symptom", 1)
    # the same by keyboard: the chosen area opens its entry, an arrow goes to a neighbour
    chart = page.locator(".cb-body").nth(1)
    chart.locator('[data-key="zone/lateral_leg/left"]').first.focus()
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.dataset.key") != "zone/lateral_leg/left"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector(".cb-form-title")
    wait_state(page, "s.body.complaint['zone/lateral_leg/left'].mark === 'S'")


def enter_examination(page, told):
    tab(page, "Strength")
    seen = {one.muscle: one.mrc for one in told.case.examination.strength if one.side == "left"}
    for n, muscle in enumerate(("tibialis_anterior", "tibialis_posterior", "gastrocnemius_medial_head"), start=1):
        fill_in(page, muscle=vocabulary.muscle(muscle).name, MRC=seen[muscle])
        submit(page, "strength", n)
    tab(page, "Reflexes")
    found = {one.name: one.finding for one in told.case.examination.reflexes if one.side == "left"}
    for n, name in enumerate(("patellar", "achilles"), start=1):
        fill_in(page, reflex=name, finding=found[name])
        submit(page, "reflex", n)


def typed(result):
    """A number as it stands on a paper report."""
    return f"{result.value:.3g}"


def enter_conduction(page, told):
    tab(page, "Motor NCS")
    study = told.case.ncs.motor[0]
    fill_in(page, study="fibular_edb", skin=f"{study.conditions.skin_temperature_degc:g}", supramaximal="yes")
    for row, response in enumerate(study.responses):
        last = response.distance_mm if row == 0 else study.segments[row - 1].measures["velocity_m_per_s"].value
        values = (typed(response.measures["amplitude_mv"]), typed(response.measures["onset_latency_ms"]), f"{last:.0f}")
        cells = page.locator(".cb-sites tbody tr").nth(row).locator("input[type=text]")
        for n, value in enumerate(values):
            cells.nth(n).fill(value)
    submit(page, "motor", 1)
    tab(page, "Sensory NCS")
    for n, study in enumerate(told.case.ncs.sensory, start=1):
        response = study.responses[0]
        fill_in(
            page, study=study.nerve, amplitude=typed(response.measures["amplitude_uv"]), onset=typed(response.measures["onset_latency_ms"]),
            peak=typed(response.measures["peak_latency_ms"]), distance=f"{response.distance_mm:.0f}",
            skin=f"{study.conditions.skin_temperature_degc:g}",
        )  # fmt: skip
        submit(page, "sensory", n)


def enter_needle(page, told):
    tab(page, "Needle EMG")
    for n, one in enumerate(told.case.needle, start=1):
        grade = str(max((kind.grade or 0 for kind in one.spontaneous), default=0))
        fill_in(
            page,
            muscle=vocabulary.muscle(one.muscle).name,
            fibrillation=grade,
            recruitment=one.recruitment.pattern,
            full_effort="yes",
        )
        submit(page, "needle", n)


def test_the_simulated_foot_drop_from_the_empty_page_to_the_signature(board, lab, told):
    page = board
    assert state(page, "s.is_empty")
    assert (
        "Not asked" in page.locator(".cb-flags").inner_text() or "asked yet" in page.locator(".cb-flags").inner_text()
    )
    enter_history(page, told)
    # an entry that cannot be is one sentence in the form, and nothing is lost
    tab(page, "Strength")
    fill_in(page, muscle="Tibialis anteroir", MRC="3")
    page.locator(".cb-form button[type=submit]").click()
    page.wait_for_selector(".cb-answer .message.error")
    assert "tibialis_anterior" in page.locator(".cb-answer").inner_text()
    enter_examination(page, told)
    enter_conduction(page, told)
    enter_needle(page, told)
    tab(page, "MRI")
    page.locator(".cb-pasted textarea").fill(told.told.mri.text)
    page.locator(".cb-pasted button").click()
    wait_state(page, "s.entries.mri.length >= 2")
    # the board: L5 root leads, its cells open their evidence, by keyboard
    wait_state(page, "s.explanations.list[0].code.includes('root_l5')")
    assert state(page, "s.explanations.list[0].high > s.explanations.list[0].probability")
    page.locator('[data-key="root_l5|left|emg"]').click()
    page.wait_for_function(f"() => {APP}.cell.row === 'root_l5' && {APP}.cell.column === 'emg'")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => {APP}.cell.column === 'mri'")
    assert "L4-5" in page.locator(".cb-evidence").inner_text()
    page.keyboard.press("b")
    assert page.evaluate("document.activeElement.classList.contains('cb-cell')")
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.dataset.key.includes('|right|')")
    assert state(page, "s.spine.lit['L5/left'].includes('m')")
    assert state(page, "s.body.needle['muscles/tibialis_anterior/left'].mark") == "A"
    # the page follows an entry within the time of a blink
    took = int(page.locator(".emg-cb").get_attribute("data-took"))
    assert took < 5000, "beside other work; alone it is under 300 ms"
    two_sites_side_by_side(page)
    nothing_recorded_is_said(page)
    red_flag_comes_first(page)
    struck = strike_by_keyboard(page)
    sign(page)
    kept = json.loads((lab.folder / "foot_drop.json").read_text(encoding="utf-8"))
    assert kept["reading"]["reader"] == "AB"
    assert kept["annotations"][-1]["label"] == "signed"
    assert kept["reading"]["rejected"] == [
        f'Struck by AB: "{struck}" Reason: seen in half of all people. Instead: A protrusion alone proves nothing.'
    ]


def two_sites_side_by_side(page):
    """What supports root and nerve, what was not tested and what would settle it stand in one pane; a line opens its evidence."""
    pane = page.locator(".cb-versus")
    assert "L5 root or Common fibular nerve" in pane.inner_text()
    assert pane.locator(".cb-versus-site").count() == 2
    assert "not tested:" in pane.inner_text()
    pane.locator(".cb-versus-line", has_text="Tibialis posterior, left: fibrillation").first.click()
    page.wait_for_function(f"() => {APP}.cell.row === 'root_l5' && {APP}.cell.column === 'emg'")
    page.wait_for_function("() => document.activeElement.classList.contains('cb-evidence')")


def nothing_recorded_is_said(page):
    """Numbers that were typed in have no waveform, and the page says so."""
    assert "no trace kept" in page.locator(".cb-evidence").inner_text()
    page.keyboard.press("t")
    page.wait_for_selector(".cb-trace:not([hidden])")
    assert "No recording is kept with this finding" in page.locator(".cb-trace").inner_text()
    page.keyboard.press("Escape")
    assert page.locator(".cb-trace").is_hidden()


def strike_by_keyboard(page):
    """A sentence of the software is struck, undone, made again; it stays to be seen and leaves the words."""
    page.keyboard.press("b")
    page.keyboard.press("w")
    n = state(
        page,
        "s.software.sentences.findIndex((one) => one.part === 'structure' && one.text.includes('without symptoms'))",
    )
    assert n > 0
    for _ in range(state(page, "s.software.sentences.length")):
        if page.evaluate("document.activeElement.dataset.n") == str(n):
            break
        page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.n") == str(n)
    words = page.evaluate("document.activeElement.innerText")
    page.keyboard.press("s")
    form = page.locator(".cb-strike")
    form.locator('input[aria-label="your words instead"]').fill("A protrusion alone proves nothing.")
    form.locator('input[aria-label="why it is struck"]').press("Enter")
    page.wait_for_selector(".cb-software .message.error")
    form.locator('input[aria-label="why it is struck"]').fill("seen in half of all people")
    page.keyboard.press("Enter")
    page.wait_for_selector(".cb-sentence.is-struck")
    assert "struck by AB: seen in half of all people" in page.locator(".cb-software").inner_text()
    assert "1 struck, left out of the impression" in page.locator(".cb-software").inner_text()
    page.keyboard.press("b")
    page.keyboard.press("z")
    wait_state(page, "!s.software.sentences.some((one) => one.struck)")
    page.keyboard.press("Shift+Z")
    wait_state(page, f"s.software.sentences[{n}].struck !== null")
    return words


def red_flag_comes_first(page):
    """A flag that was raised stops the page; even a corrected answer leaves the banner to a named reader with a reason."""
    page.keyboard.press("f")
    row = page.locator(".cb-question", has_text="saddle numbness")
    row.locator("button", has_text="present").first.click()
    page.wait_for_selector(".cb-urgent")
    assert "Urgent medical evaluation" in page.locator(".cb-urgent").inner_text()
    assert "Ranking held back" in page.locator(".cb-ranking").inner_text()
    assert page.locator(".cb-board").is_visible()
    page.locator(".cb-urgent summary").click()
    page.locator(".cb-urgent .cb-ask button").click()
    page.wait_for_selector(".cb-notice .message.error")
    assert page.locator(".cb-urgent").is_visible()
    row.locator("button", has_text="not present").click()
    wait_state(page, "s.flags.urgent.includes('taken out')")
    page.locator(".cb-urgent summary").click()
    page.locator('.cb-urgent input[aria-label="reader"]').fill("AB")
    page.locator('.cb-urgent input[aria-label="reason"]').fill("pressed by mistake, asked again")
    page.locator(".cb-urgent .cb-ask button").click()
    wait_state(page, "s.flags.urgent === ''")
    page.keyboard.press("f")


def sign(page):
    reading = page.locator(".cb-reading")
    assert reading.locator("button", has_text="Sign").is_disabled()
    reading.locator("textarea").fill("Active left L5 radiculopathy with axon loss; the MRI fits.")
    reading.locator('input[aria-label="reader"]').fill("AB")
    page.keyboard.press("Tab")
    wait_state(page, "s.reading.reader === 'AB' && s.reading.draft.startsWith('Active')")
    while (left := state(page, "s.reading.n_open")) > 0:
        item = reading.locator(".cb-gaps .cb-item", has=page.locator("input")).first
        item.locator("input").fill("answered by the examination")
        item.locator("button").click()
        wait_state(page, f"s.reading.n_open < {left}")
    reading.locator("button", has_text="Sign").click()
    wait_state(page, "s.reading.is_signed")
    assert "signed, AB" in reading.inner_text()
    assert "Active left" not in page.locator(".cb-software").inner_text()


def test_a_number_of_the_simulated_foot_drop_opens_the_sweep_it_was_taken_from(lab):
    page = lab.open_notebook([ROOM_CELL], width=1440, height=2600)
    page.wait_for_selector(".emg-cb[data-updates]", timeout=90_000)
    page.locator('[data-key="common_fibular_head|left|ncs"]').click()
    page.wait_for_function(f"() => {APP}.cell.column === 'ncs' && {APP}.cell.row === 'common_fibular_head'")
    page.locator(".cb-item", has_text="Fibular motor").locator(".cb-link", has_text="3 traces").click()
    page.wait_for_selector(".cb-wave")
    waves = page.locator(".cb-trace figure")
    assert [text.split(":")[0] for text in waves.all_inner_texts()] == [
        "ankle",
        "below fibular head",
        "above fibular head",
    ]
    # the peak flag stands where the line is highest on the page: negative up
    found = page.evaluate("""() => {
      const svg = document.querySelector('.cb-wave'), line = svg.querySelectorAll('path')[2].getAttribute('d');
      const points = line.split(/[ML]/).filter(Boolean).map((part) => part.split(' ').map(Number));
      const top = points.reduce((best, one) => (one[1] < best[1] ? one : best));
      const flag = [...svg.querySelectorAll('text')].find((one) => one.textContent === 'P');
      return { line: top[0], flag: Number(flag.getAttribute('x')), n: points.length };
    }""")
    assert found["n"] > 100
    assert abs(found["line"] - found["flag"]) < 3
    page.keyboard.press("Escape")
    assert page.locator(".cb-trace").is_hidden()
    page.keyboard.press("t")
    page.wait_for_selector(".cb-wave")
    assert lab.errors == []
    assert lab.requests_off_loopback == []


def test_the_mri_bench_shows_a_side_conflict_first_and_settles_it_by_a_reader(lab):
    page = lab.open_notebook([MRI_CELL], width=1000, height=2200)
    page.wait_for_selector(".emg-mb[data-slices]", timeout=90_000)
    mri = "document.querySelector('.emg-mb').emgMri"
    assert page.locator(".emg-mb").evaluate("(e) => e.scrollWidth <= e.clientWidth + 1")
    first = page.locator(".mb-conflict")
    assert "Side conflict" in first.inner_text()
    assert "neither side" in first.inner_text()
    first.locator("button", has_text="It is left").click()
    page.wait_for_selector(".mb-notice .message.error")
    first.locator('input[aria-label="reader"]').fill("AB")
    first.locator('input[aria-label="reason"]').fill("asked the radiologist")
    first.locator("button", has_text="It is left").click()
    page.wait_for_selector(".mb-settled")
    # by keyboard: the cell of the left subarticular zone, effect 3
    page.locator('[data-cell="L4-5|4"]').click()
    page.keyboard.press("3")
    page.wait_for_function(f"() => {mri}.state.grid.find((row) => row.level === 'L4-5').cells[4].effect === 3")
    page.keyboard.press("ArrowUp")
    page.wait_for_function(f"() => {mri}.at.level === 'L3-4'")
    # the axial cut follows the level
    page.locator(".mb-planes button", has_text="axial").click()
    page.wait_for_function(
        f"() => {mri}.parts && document.querySelector('.mb-under').innerText.includes('axial slice 46')"
    )
    page.locator('[data-cell="L4-5|4"]').click()
    page.wait_for_function("() => document.querySelector('.mb-under').innerText.includes('axial slice 24')")
    page.keyboard.press("PageDown")
    page.wait_for_function("() => document.querySelector('.mb-under').innerText.includes('axial slice 25')")
    assert lab.errors == []
    assert lab.requests_off_loopback == []
