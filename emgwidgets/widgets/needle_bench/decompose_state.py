"""A decomposition as plain values for the browser: units, trains, doubts, edits, recruitment; templates and residual travel apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets import vocabulary
from emgwidgets.widgets.needle_bench.unit_norms import recruitment_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.model.needle_analysis import Edit, MotorUnit
    from emgwidgets.widgets.needle_bench.desk import NeedleDesk

__all__ = ["decompose_state", "residual_block", "template_of"]

#: What an edit did, in words.
SAID = {
    "merge": "unit {other} merged into {unit}", "split": "{n} of unit {unit} split off as {other}",
    "delete": "{what} deleted", "add": "{n} added to unit {unit}", "move": "{n} of unit {unit} given to {other}",
}  # fmt: skip
DISCHARGE = ("discharge", "discharges")


def _unit(one: MotorUnit, key: str) -> dict[str, Any]:
    sure = np.asarray(one.confidence)
    return {
        "label": one.label, "n": one.n_discharges, "times_s": [round(float(t), 6) for t in one.times_s],
        "confidence": [round(float(c), 2) for c in sure], "sure": round(float(np.median(sure)), 2) if len(sure) else None,
        "rate": None if one.rate_hz is None else round(one.rate_hz, 1), "cv": None if one.interval_cv is None else round(100 * one.interval_cv),
        "size": round(one.size_to_rms, 1), "doubts": list(one.doubts), "key": key, "start_ms": one.waveform_start_ms,
    }  # fmt: skip


def _said(edit: Edit) -> str:
    n = f"{len(edit.times_s)} {DISCHARGE[len(edit.times_s) != 1]}"
    what = f"{n} of unit {edit.unit}" if edit.times_s else f"unit {edit.unit}"
    return SAID[edit.kind].format(unit=edit.unit, other=edit.other, n=n, what=what)


def decompose_state(desk: NeedleDesk) -> dict[str, Any]:
    """Plain values of the decomposition under the sweep."""
    one = desk.decompose
    result = one.look(desk.stretch, desk.filters, desk.at_s)
    base: dict[str, Any] = {"sentence": one.sentence, "version": one.version}
    if result is None:
        return base | {"units": [], "rejected": [], "edits": [], "notes": [], "recruitment": None}
    found = one.recruitment(effort=desk.effort, region=vocabulary.muscle(desk.muscle).region)
    return base | {
        "units": [_unit(unit, f"d{one.version}:{unit.label}") for unit in result.units],
        "rejected": [{"n": unit.n_discharges, "doubts": list(unit.doubts)} for unit in result.rejected],
        "step_ms": 1000.0 / result.sampling_rate_hz, "explained": round(100 * result.explained_share), "rms_uv": round(result.rms_uv, 1),
        "edits": [_said(edit) for edit in result.edits], "notes": list(result.notes), "start_s": result.start_s,
        "end_s": result.start_s + result.duration_s,
        "recruitment": None if found is None else {
            "rows": recruitment_rows(desk.muscle, found[0]), "pattern": found[1].pattern.replace("_", " "),
            "degree": found[1].degree or "", "evidence": list(found[1].evidence), "rules": list(found[1].rules),
            "reason": found[1].reason,
        },
    }  # fmt: skip


def template_of(desk: NeedleDesk, key: str) -> NDArray[np.float64] | None:
    """Template of a unit by its key; None when the decomposition has changed since."""
    version, _, label = key[1:].partition(":")
    one = desk.decompose
    if version != str(one.version):
        return None
    return next((np.asarray(unit.waveform_uv) for unit in one.result.units if unit.label == label), None)


def residual_block(desk: NeedleDesk, number: int, n_block: int) -> NDArray[np.float64]:
    """One block of what no unit explains; zeros beyond the part that was decomposed."""
    left = desk.decompose.result.residual_uv
    out = np.zeros(n_block)
    part = left[number * n_block : (number + 1) * n_block]
    out[: len(part)] = part
    return out
