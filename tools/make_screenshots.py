"""Draws docs/screens: each bench at work in a real JupyterLab, in the light theme, for the README.

Usage: python tools/make_screenshots.py [NAME ...]   (all by default; needs the test environment and a Chromium)
"""

from __future__ import annotations

import importlib.util
import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "screens"
WIDTH_PX = 1440
#: Colours of the palette a picture is reduced to; the drawings are flat, so few are enough.
COLOURS = 96
#: Between two keys, so that each has its effect before the next.
KEY_MS = 1500


@dataclass(frozen=True)
class Screen:
    """One picture: what the cell holds, when it is ready, the keys and knobs pressed before it is taken, how far down it goes."""

    cell: str
    widget: str
    ready: str
    focus: str = ""
    click_px: tuple[int, int] = (20, 20)
    keys: tuple[str, ...] = ()
    knobs: tuple[tuple[str, str], ...] = ()
    height_px: int = 1500
    settle_ms: int = 1500
    crop_px: int | None = None


SCREENS = {
    "nerve_bench": Screen(
        cell=(
            "import emgwidgets as emg\n"
            "patient = emg.VirtualPatient.with_condition('carpal_tunnel_syndrome', side='right', seed=7, age_years=52, sex='female', height_cm=168)\n"
            "bench = emg.NcsBench(patient, study='median_apb', side='right')\n"
            "bench.ramp((5, 10, 15, 20, 25))\nbench.keep()\n"
            "bench.choose(site='elbow')\nbench.ramp((5, 10, 15, 20, 25))\nbench.keep()\n"
            "bench"
        ),
        widget=".emg-nb",
        ready=".emg-nb[data-paints]",
        knobs=(("Sensitivity", "\N{MINUS SIGN}"),),
    ),
    "needle_bench": Screen(
        cell=(
            "import emgwidgets as emg\n"
            "patient = emg.VirtualPatient.with_condition('radiculopathy_l5', side='left', seed=19, age_years=54, sex='male')\n"
            "bench = emg.NeedleBench(patient, muscle='tibialis anterior', side='left')\n"
            "bench"
        ),
        widget=".emg-ne",
        ready=".emg-ne[data-states]",
        focus=".ne-canvas",
        keys=("i", "s"),
        settle_ms=6000,
    ),
    "case_board": Screen(
        cell=(
            "import emgwidgets as emg\n"
            "room = emg.CaseRoom('U1')\n"
            "for kind, study in (('sensory', 'superficial_fibular'), ('motor', 'fibular_edb'), ('needle', 'tibialis_anterior'),\n"
            "                    ('needle', 'tibialis_posterior'), ('needle', 'tensor_fasciae_latae'), ('needle', 'gastrocnemius_medial_head'),\n"
            "                    ('needle', 'lumbar_paraspinals_multifidus_lower')):\n"
            "    _ = room.do(kind, study, 'left')\n"
            "room.board()"
        ),
        widget=".emg-cb",
        ready=".emg-cb[data-updates]",
        height_px=2600,
        crop_px=1565,
    ),
    "trace_viewer": Screen(
        cell=(
            "import emgwidgets as emg\n"
            f"recording = emg.read({str(ROOT / 'data' / 'needle_slight_neurogenic.edf')!r})\n"
            "emg.TraceViewer(recording)"
        ),
        widget=".emg-tv",
        ready=".emg-tv[data-settled='true']",
        focus=".tv-plot",
        click_px=(509, 100),
        keys=("a",),
        settle_ms=5000,
        height_px=1100,
    ),
}


def lab_tools() -> object:
    """The server and page tools of the browser tests."""
    spec = importlib.util.spec_from_file_location("emgwidgets_browser_lab", ROOT / "tests" / "browser" / "lab.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["emgwidgets_browser_lab"] = module
    spec.loader.exec_module(module)
    return module


def take(lab: object, name: str, screen: Screen) -> None:
    """Open, wait, act, take the picture of the widget alone and reduce its colours."""
    page = lab.open_notebook([screen.cell], width=WIDTH_PX, height=screen.height_px)
    page.wait_for_selector(screen.ready, timeout=120_000)
    if screen.keys:
        page.locator(screen.focus or screen.widget).first.click(position=dict(zip("xy", screen.click_px, strict=True)))
    for key in screen.keys:
        page.keyboard.press(key)
        page.wait_for_timeout(KEY_MS)
    for knob, button in screen.knobs:
        page.locator(".knob", has_text=knob).first.locator("button", has_text=button).click()
        page.wait_for_timeout(KEY_MS)
    page.wait_for_timeout(screen.settle_ms)
    picture = Image.open(io.BytesIO(page.locator(screen.widget).first.screenshot())).convert("RGB")
    if screen.crop_px:
        picture = picture.crop((0, 0, picture.width, min(screen.crop_px, picture.height)))
    reduced = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    path = OUT / f"{name}.png"
    reduced.save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {picture.width} x {picture.height}, {path.stat().st_size / 1000:.0f} kB")


def main() -> None:
    """Take the pictures asked for."""
    names = sys.argv[1:] or list(SCREENS)
    unknown = [name for name in names if name not in SCREENS]
    if unknown:
        sys.exit(f"screenshots: {', '.join(unknown)} not known; expected one of {', '.join(SCREENS)}.")
    tools = lab_tools()
    OUT.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as home,
        tools.lab_server(Path(folder), Path(home)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=tools.find_chromium(), args=list(tools.FLAGS))
        lab = tools.Lab(address, Path(folder), browser)
        for name in names:
            take(lab, name, SCREENS[name])
            lab.close_pages()
        browser.close()


if __name__ == "__main__":
    main()
