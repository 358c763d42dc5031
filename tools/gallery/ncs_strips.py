"""Strip of nerve conduction: normal, demyelinating, axonal, blocked, on the same nerve at the same gain."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from emgwidgets.simulation.patient import VirtualPatient
from gallery.ink import WORDS, save, tidy, trace

ROWS = {
    "normal": ("normal", {}),
    "demyelinating": ("demyelinating_polyneuropathy", {}),
    "axonal": ("axonal_polyneuropathy", {"severity": "severe"}),
    "blocked": ("fibular_neuropathy_at_head", {"side": "right"}),
}
MOTOR = {"nerve": "fibular", "muscle": "extensor_digitorum_brevis", "side": "right"}
SEED = 5


def four_conditions(path: Path) -> None:
    """One column for each: three stimulation sites to extensor digitorum brevis, then the sensory response."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(4, 4, figsize=(10.4, 5.4), gridspec_kw={"height_ratios": [1, 1, 1, 0.9]})
    for column, (name, (code, extra)) in zip(axes.T, ROWS.items(), strict=True):
        patient = VirtualPatient.with_condition(code, seed=SEED, **extra)
        sites = list(patient.nerve("fibular_edb", "right").axons.study.data["sites"])[:3]
        for axis, site in zip(column, sites, strict=False):
            sweep = patient.motor_study(site=site, **MOTOR).sweep
            time_ms = sweep.start_ms + np.arange(len(sweep.samples_uv)) * 1000 / sweep.sampling_rate_hz
            trace(axis, time_ms, sweep.samples_uv, lw=0.9)
            tidy(axis, width=40.0, height=6000.0, division=(5.0, 2000.0))
            if name == "normal":
                axis.set_ylabel(site.replace("_", "\n"), fontsize=7, color=WORDS)
        sensory = patient.sensory_study(response="superficial_fibular", side="right").sweep
        time_ms = sensory.start_ms + np.arange(len(sensory.samples_uv)) * 1000 / sensory.sampling_rate_hz
        trace(column[3], time_ms, sensory.samples_uv, lw=0.9)
        tidy(column[3], width=10.0, height=30.0, division=(1.0, 10.0))
        column[0].set_title(name, fontsize=9, color=WORDS)
    axes[3][0].set_ylabel("superficial\nfibular", fontsize=7, color=WORDS)
    figure.supxlabel("motor: 5 ms, 2 mV per division; sensory: 1 ms, 10 uV per division", fontsize=8, color=WORDS)
    figure.tight_layout(pad=0.5)
    save(figure, path, dpi=72)
