"""The conduction bench by real clicks and keys: from the first electrode to the grade of a hand, and a report typed in."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

HAND = (
    "import emgwidgets as emg\n"
    "patient = emg.VirtualPatient.with_condition('carpal_tunnel_syndrome', side='right', severity='moderate', seed=7, age_years=52, height_cm=168, sex='female')\n"
    "bench = emg.NcsBench(patient, study='ulnar_adm', side='right')\n"
    "bench"
)
REPORT = (
    "import emgwidgets as emg\n"
    "from emgwidgets.model.case import Subject\n"
    "bench = emg.NcsBench(subject=Subject(age_years=52, sex='female', height_cm=168, weight_kg=66))\n"
    "bench"
)
APP = "document.querySelector('.emg-nb').emgBench"


def wait_state(page, expression):
    page.wait_for_function(f"() => {{ const app = {APP}; const s = app.state; return {expression}; }}", timeout=60_000)


def state(page, expression):
    return page.evaluate(f"() => {{ const app = {APP}; const s = app.state; return {expression}; }}")


def opened(lab, cell, height):
    page = lab.open_notebook([cell], height=height)
    page.wait_for_selector(".emg-nb[data-paints]", timeout=90_000)
    return page


def set_current(page, current_ma):
    """Type a current into its knob, as a hand does that does not want to click forty times."""
    box = page.locator(".knob", has_text="Current").first.locator("input")
    box.fill(str(current_ma))
    box.press("Enter")
    wait_state(page, f"s.knobs.current_ma === {current_ma}")


def ramp_and_keep(page, currents_ma, *, shows_plateau=True):
    for current_ma in currents_ma:
        set_current(page, current_ma)
        before = state(page, "s.ramp.shots.length")
        page.locator(".nb-hand button", has_text="Stimulate").click()
        wait_state(page, f"s.ramp.shots.length === {before + 1}")
    page.locator(".nb-hand button", has_text="Keep").click()
    # noise alone moves a small sensory response by more than a plateau allows
    wait_state(page, f"s.ramp.kept !== null && (s.ramp.is_supramaximal === true || {str(not shows_plateau).lower()})")


def test_a_hand_is_graded_from_the_first_electrode(lab):
    page = opened(lab, HAND, 1900)
    # electrodes: from the little finger to the thumb
    page.locator("[aria-label='record here: Median to abductor pollicis brevis']").click()
    wait_state(page, "s.study === 'median_apb'")
    page.locator(".nb-site", has_text="Wr").first.click()
    wait_state(page, "s.site === 'wrist'")
    # one stimulus is no plateau; the ramp is
    set_current(page, 9)
    page.locator(".nb-hand button", has_text="Stimulate").click()
    wait_state(page, "s.ramp.shots.length === 1")
    ramp_and_keep(page, [16, 24, 30])
    # mark: the onset is taken by key, moved, and accepted with the others
    page.locator("[aria-label='right responses'] canvas").focus()
    proposed = state(page, "s.right.traces[0].markers[0].ms")
    page.keyboard.press("o")
    page.keyboard.press("ArrowLeft")
    wait_state(page, f"Math.abs(s.right.traces[0].markers[0].ms - {proposed} + 0.02) < 1e-6")
    page.keyboard.press("Enter")
    wait_state(page, "s.right.traces[0].markers.every((one) => one.by_hand)")
    # compare: the other side on the same scale
    page.locator(".nb-pick button", has_text="Left").click()
    wait_state(page, "s.side === 'left'")
    ramp_and_keep(page, [24, 30])
    row = page.locator(".nb-table tbody tr", has_text="wrist latency")
    assert row.locator("[aria-label^='abnormal']").count() == 1
    assert row.locator("[aria-label^='normal']").count() == 1
    # the fingers of the right hand
    page.locator(".nb-pick button", has_text="Right").click()
    wait_state(page, "s.side === 'right'")
    page.locator(".nb-tab", has_text="Sensory").click()
    wait_state(page, "app.study().kind === 'sensory'")
    for study in ("median_d2", "median_d4", "ulnar_d4"):
        page.locator(".nb-pick select").select_option(study)
        wait_state(page, f"s.study === '{study}'")
        box = page.locator(".knob", has_text="Averaged").locator("input")
        box.fill("50")
        box.press("Enter")
        wait_state(page, "s.knobs.n_averaged === 50")
        ramp_and_keep(page, [20, 25], shows_plateau=False)
    # grade: said beside the table, with the side it holds for
    page.wait_for_function(
        "() => document.querySelector('.nb-technique').innerText.includes('Carpal tunnel grade (Bland), right: grade 3, moderate')",
        timeout=30_000,
    )
    # a number lands on its trace, from any other study
    page.locator(".nb-table tbody tr", has_text="wrist latency").locator("td").nth(4).click()
    wait_state(page, "s.study === 'median_apb' && s.side === 'right' && s.site === 'wrist'")
    assert state(page, "app.marker") == {"side": "right", "site": "wrist", "letter": "O"}
    assert lab.errors == []
    assert lab.requests_off_loopback == []


def test_a_report_is_typed_in_and_judged(lab):
    page = opened(lab, REPORT, 1500)
    page.locator(".nb-pick select").select_option("median_apb")
    wait_state(page, "s.study === 'median_apb'")
    field = lambda words: page.locator(f".nb-typed [aria-label='{words}']")  # noqa: E731
    # by keyboard alone: the right wrist, latency, amplitude, distance
    field("right wrist, latency in ms").focus()
    for text in ("5,2", "6.1", "80"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    wait_state(
        page, "s.typed.right.wrist && s.typed.right.wrist.distance_mm === 80 && s.typed.right.wrist.latency_ms === 5.2"
    )
    row = page.locator(".nb-table tbody tr", has_text="wrist latency")
    # not stated to be maximal: cannot be judged; stated, it is
    assert row.locator("[aria-label^='cannot be judged']").count() == 1
    assert "the skin temperature is not known" in page.locator(".nb-technique").inner_text()
    page.locator(".nb-typed [aria-label='Supramaximal']").select_option("yes")
    field("Skin in \u00b0C").fill("33")
    field("Skin in \u00b0C").press("Enter")
    wait_state(page, "s.typed.skin_temperature_degc === 33 && s.typed.is_supramaximal === true")
    page.wait_for_function("() => document.querySelector('.nb-table [aria-label^=abnormal]')")
    # what cannot be a number is said here, and what cannot be a distance by the same sentence as everywhere
    field("right elbow, latency in ms").fill("nine")
    field("right elbow, latency in ms").press("Enter")
    page.wait_for_selector(".nb-notice .message.error")
    assert "is not a number" in page.locator(".nb-notice").inner_text()
    field("right elbow, latency in ms").fill("9.4")
    field("right elbow, latency in ms").press("Enter")
    wait_state(page, "s.typed.right.elbow && s.typed.right.elbow.latency_ms === 9.4")
    field("right elbow, distance in mm").fill("22")
    field("right elbow, distance in mm").press("Enter")
    wait_state(page, "s.typed.right.elbow.distance_mm === 22")
    assert "the distance is implausible or short" in page.locator(".nb-technique").inner_text()
    # an absent response is a mark, not a nought
    field("left wrist, no response").check()
    wait_state(page, "s.typed.left.wrist && s.typed.left.wrist.is_absent === true")
    assert page.locator(".nb-table [aria-label^='no response']").count() >= 1
    assert lab.errors == []
    assert lab.requests_off_loopback == []


def test_an_inching_study_of_a_report_is_typed_in(lab):
    page = opened(lab, REPORT, 1300)
    page.locator(".nb-pick select").select_option("ulnar_adm")
    wait_state(page, "s.study === 'ulnar_adm'")
    page.get_by_role("tab", name="Inching").or_(page.get_by_role("button", name="Inching")).first.click()
    rows = page.get_by_label("one place in a line")
    rows.click()
    page.keyboard.type("0 6,5 6.3\n10 6.7 6.3\n20 - -\n30 7.7 3.9")
    page.get_by_role("button", name="Take these rows").click()
    wait_state(page, "s.series.inching.length === 1 && s.series.inching[0].steps.length === 2")
    assert state(page, "s.series.inching[0].steps[1].from") == 10
    assert "ms per cm from 10 to 30 mm" in page.locator(".nb-series:not([hidden])").inner_text()
    assert lab.errors == []
