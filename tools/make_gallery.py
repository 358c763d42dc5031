"""Draw docs/gallery: strips of needle EMG and nerve conduction, every practice item, every condition, and the sounds.

Run from the project folder: ``python tools/make_gallery.py [--folder FOLDER] [--sounds FOLDER] [--only PART]``.
Sounds are written only where asked for: they are too large to be kept with the project.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from gallery import condition_rows, ncs_strips, needle_strips, page  # noqa: E402 - the folder of the tool comes first

PARTS = ("needle", "ncs", "practice", "conditions")


def write_sounds(folder: Path) -> None:
    """One WAV file for each class of the gym, 48 kHz, full scale at 1 mV."""
    from emgwidgets.simulation.practice.loudspeaker import loudspeaker_signal
    from emgwidgets.simulation.practice.waveform_classes import waveform_classes
    from emgwidgets.simulation.practice.waveform_items import waveform_item

    folder.mkdir(parents=True, exist_ok=True)
    for code in waveform_classes():
        sound = loudspeaker_signal(waveform_item(code, 1, 3).recording)
        (folder / f"{code}.wav").write_bytes(sound.to_wav())


def main() -> None:
    """Draw what was asked for."""
    import matplotlib as mpl

    mpl.use("Agg")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "docs" / "gallery")
    parser.add_argument("--sounds", type=Path)
    parser.add_argument("--only", choices=PARTS)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    if asked.only in (None, "needle"):
        needle_strips.four_conditions(asked.folder / "needle_strip.png")
    if asked.only in (None, "ncs"):
        ncs_strips.four_conditions(asked.folder / "ncs_strip.png")
    if asked.only in (None, "practice"):
        needle_strips.practice_items(asked.folder)
    if asked.only in (None, "conditions"):
        condition_rows.draw_all(asked.folder)
    page.write(asked.folder)
    if asked.sounds is not None:
        write_sounds(asked.sounds)


if __name__ == "__main__":
    main()
