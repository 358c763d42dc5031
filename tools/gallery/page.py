"""The page of the gallery: pictures with what they show and how they were made."""

from __future__ import annotations

from pathlib import Path

TEXT = """# Gallery of the virtual patient

Everything here is simulated; no patient. Negative is up. Redraw with `python tools/make_gallery.py`; the same version
gives the same pictures. `python tools/make_gallery.py --sounds FOLDER` writes one WAV file for each kind of waveform
(48 kHz, full scale at 1 mV, true rate).

## Needle EMG

From above: normal, chronic neurogenic, myopathic, myasthenic; tibialis anterior, concentric needle, one gain in each
column. Left, the three largest units with up to twelve discharges superimposed.

![Needle EMG of four muscles](needle_strip.png)

## Nerve conduction

From left: normal, demyelinating, axonal, blocked at the fibular head. Fibular nerve to extensor digitorum brevis from
three sites, and the superficial fibular sensory response.

![Nerve conduction of four patients](ncs_strip.png)

## Waveforms a reader must tell apart

Two seconds of each of the 29 classes of the practice, and 60 ms around one event.

![Insertion, end-plate, fibre and axon](practice_1.png)
![Axon and unit](practice_2.png)
![Drive and artefacts](practice_3.png)

## Conditions

Each row is one condition of the library: the motor response of two sites in the study where it shows most, the sensory
response where it shows most, and the needle in the muscle where it shows most (insertion and rest, slight effort, full
effort). Motor 6 mV, sensory 30 uV, rest 150 uV, slight effort 750 uV, full effort 1.5 mV per division.

"""


def write(folder: Path) -> None:
    """Write README.md beside the pictures that are there."""
    names = sorted((p.name for p in folder.glob("conditions_*.png")), key=lambda n: int(n[11:-4]))
    rows = "".join(f"![Conditions, part {i}]({name})\n" for i, name in enumerate(names, start=1))
    (folder / "README.md").write_text(TEXT + rows, encoding="utf-8")
