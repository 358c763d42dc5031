"""Targets of health: single fibres, unit shapes by muscle and age, fibre density."""

from __future__ import annotations

import numpy as np

from emgwidgets.simulation.muscle._templates import amplifier
from emgwidgets.simulation.muscle.electrode import LeadPoints, NeedleElectrode
from emgwidgets.simulation.muscle.fibre import FibreSet, potentials_uv
from emgwidgets.simulation.muscle.muscle import muscle_state
from needle_targets.measures import (
    AMPLITUDE,
    AREA,
    DURATION,
    PHASES,
    POLYPHASIC,
    TA,
    TURNS,
    fibre_density,
    per_subject,
)
from needle_targets.table import HELD_OUT_SEED, Row, around, row

FINE_HZ = 2e5
NORWAY, JNNP = "Norwegian guideline (V)", "JNNP control table (V)"


def _at_gap(gap_mm: float) -> np.ndarray:
    """Potential of a 55 um fibre at a point, with the filter of single-fibre EMG (500 Hz to 10 kHz)."""
    sizes = {
        "x_mm": gap_mm, "y_mm": 0, "z_mm": 0, "right_mm": 75, "left_mm": 75, "diameter_um": 55, "velocity_m_per_s": 3.7,
    }  # fmt: skip
    fibre = FibreSet(**{k: np.array([float(v)]) for k, v in sizes.items()}, delay_ms=np.zeros(1))
    point = np.array([[0.0, 0.0, 25.0, 1.0]])
    leads = LeadPoints(
        active=point, active_centre=point, reference=point[:0], active_radius_mm=0.0, reference_radius_mm=0.0
    )
    wave = potentials_uv(fibre, leads, sampling_rate_hz=FINE_HZ, duration_ms=15.0)[0]
    return amplifier(wave, NeedleElectrode(kind="single_fibre", high_pass_hz=500.0), FINE_HZ)


def single_fibre() -> list[Row]:
    """Target 1."""
    near, far = _at_gap(0.05), _at_gap(0.3)
    rise = (far.argmin() - far[: far.argmin()].argmax()) * 1000.0 / FINE_HZ
    size = float(np.ptp(far))
    guide = "SFEMG guideline (M)"
    return [
        row("1 SFAP at 300 um, 500 Hz filter", "200 +/- 30 %", guide, size, (140, 260), "uV"),
        row(
            "1 SFAP rise at 300 um, 500 Hz filter", "<= 0.30", guide, rise, (0, 0.30), "ms",
            tried="lambda 1.3, 1.5, 1.75, 2 per mm (published 1 to 2): 0.43, 0.40, 0.37, 0.35 ms; a homogeneous conductor does "
            "not reach 0.30, and lambda above 1.5 makes normal muscle polyphasic",
        ),
        row("1 SFAP ratio 50 to 300 um, 500 Hz filter", "0.14 +/- 0.03", "Gath & Stalberg 1977 (V)", size / np.ptp(near), (0.11, 0.17)),
    ]  # fmt: skip


def normal_units() -> list[Row]:
    """Targets 3 to 5: means per subject."""
    ta, fine = per_subject(8, 20, muscle=TA), per_subject(8, 20, 10.0, muscle=TA)
    rows = [
        row("3 TA amplitude", "661.5 +/- 92", JNNP, ta[:, AMPLITUDE], around(661.5, 92), "uV"),
        row("3 TA area", "851.5 +/- 158.7", JNNP, ta[:, AREA], around(851.5, 158.7), "uV ms"),
        row("3 TA duration, threshold 20 uV", "9.35 +/- 0.93", JNNP, ta[:, DURATION], around(9.35, 0.93), "ms"),
        row("4 TA duration, threshold 10 uV", "11.4 +/- 1.2", "Bischoff 1994 (M)", fine[:, DURATION], around(11.4, 1.2), "ms"),
        row("3 TA phases", "3.47 +/- 0.36", JNNP, ta[:, PHASES], around(3.47, 0.36)),
        row("3 TA turns", "3.35 +/- 0.52", JNNP, ta[:, TURNS], around(3.35, 0.52)),
        row("3 TA polyphasic", "5-40", JNNP, ta[:, POLYPHASIC], (5, 40), "%"),
    ]  # fmt: skip
    short = (
        "fibre length 28, 30 and 36 mm: 6.8, 7.0 and 7.9 ms; after-potential 10 to 15 mV: +0.1 ms; the largest published scatter "
        "of branches (5.5 and 2.0 mm) in every unit: 9.0 ms, which would pass but contradicts its growth with size"
    )
    for muscle, size, spread, long, long_sd, tried in (
        ("biceps brachii", 436, 115, 9.9, 1.4, ""), ("deltoid", 550, 110, 10.4, 1.3, ""),
        ("first dorsal interosseous", 752, 247, 9.4, 1.3, short),
    ):  # fmt: skip
        found = per_subject(5, 20, 10.0, muscle=muscle)
        rows.append(row(f"4 {muscle} amplitude", f"{size} +/- {spread}", NORWAY, found[:, AMPLITUDE], around(size, spread), "uV"))  # fmt: skip
        rows.append(row(f"4 {muscle} duration, 10 uV", f"{long} +/- {long_sd}", NORWAY, found[:, DURATION], around(long, long_sd), "ms", tried=tried))  # fmt: skip
    old = per_subject(8, 20, 10.0, muscle=TA, age_years=71.0)
    rise = (old[:, DURATION].mean() - fine[:, DURATION].mean()) / 31.0
    rows.append(row("5 duration per year, 40 to 71 y", "0.03-0.05", "Buchthal tables (M)", rise, (0.03, 0.05), "ms/y"))
    return rows


def density() -> list[Row]:
    """Target 6."""
    rows = []
    for muscle, published, source, span in (
        (TA, "1.3-1.8", "Ad Hoc Committee 1992 (M)", (1.3, 1.8)),
        ("extensor digitorum", "1.60 +/- 0.18", "Nazliel & Kuruoglu 2000 (V)", around(1.60, 0.18)),
    ):
        seeds = range(HELD_OUT_SEED, HELD_OUT_SEED + 6)
        found = [fibre_density(muscle_state(muscle=muscle, seed=s), s) for s in seeds]
        tried = "density_correction 1.35, 1.5 and 1.6 on the tuning seeds: 1.41, 1.41 and 1.36; the mosaic keeps a unit's fibres apart"
        rows.append(row(f"6 fibre density {muscle}", published, source, found, span, tried=tried))
    return rows
