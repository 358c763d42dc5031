"""Whom an item is about: a virtual patient drawn from a row of the table of items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from emgwidgets.model.signal import Side
from emgwidgets.simulation.lesion import Anomaly
from emgwidgets.simulation.patient import VirtualPatient

__all__ = ["known_of", "person"]


def person(row: Mapping[str, Any], seed: int) -> VirtualPatient:
    """Return the patient of a row; age, height and sex are drawn where the row does not give them."""
    rng = np.random.default_rng([seed, 7])
    drawn = {
        "age_years": float(rng.integers(38, 68)), "height_cm": float(rng.integers(158, 184)),
        "sex": str(rng.choice(["female", "male"])),
    }  # fmt: skip
    given = {name: row[name] for name in drawn if name in row}
    anomalies = (Anomaly(kind=row["anomaly"], share=row.get("share", 1.0), side="right"),) if "anomaly" in row else ()
    condition = row.get("condition", "carpal_tunnel_syndrome")
    side: Side | None = None if condition == "normal" else "right"
    subject: dict[str, Any] = {**drawn, **given, "seed": seed, "anomalies": anomalies}
    try:
        return VirtualPatient.with_condition(condition, side=side, severity=row.get("severity"), **subject)
    except ValueError:  # a condition of both sides takes no side
        return VirtualPatient.with_condition(condition, severity=row.get("severity"), **subject)


def known_of(patient: VirtualPatient) -> tuple[str, str]:
    """Who it is, as shown above the picture."""
    return "patient", f"{patient.sex}, {patient.age_years:.0f} years, {patient.height_cm:.0f} cm"
