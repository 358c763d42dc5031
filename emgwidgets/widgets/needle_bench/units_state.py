"""Motor units of the bench as plain values for the browser; waves travel apart, by key, as 32-bit microvolts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.interpretation.reference import units_beyond
from emgwidgets.model.measure import Absent, Measure
from emgwidgets.widgets.needle_bench.decompose_state import template_of
from emgwidgets.widgets.needle_bench.unit_norms import NORM_SET, jitter_row, norm_rows
from emgwidgets.widgets.needle_bench.units_desk import LETTERS, KeptUnit, handle_times

if TYPE_CHECKING:
    from emgwidgets.model.needle_analysis import Muap
    from emgwidgets.widgets.needle_bench.desk import NeedleDesk

__all__ = ["units_state", "wave_message"]

#: Largest high-pass that leaves durations as they are (needle.md 2.4, Stalberg 2019 [M]).
DURATION_HZ = 5.0
#: Shown under the average: measure, caption, unit, factor to the unit, decimals.
SHOWN = (
    ("amplitude_uv", "amplitude", "µV", 0), ("duration_ms", "duration", "ms", 1), ("n_phases", "phases", "", 0),
    ("n_turns", "turns", "", 0), ("n_satellites", "satellites", "", 0), ("jiggle", "jiggle, CAD", "%", 0),
    ("size_index", "size index", "", 1), ("rise_time_ms", "rise time", "ms", 2), ("area_uv_ms", "area", "µV ms", 0),
    ("thickness_ms", "thickness", "ms", 2), ("firing_rate_hz", "rate", "/s", 1),
)  # fmt: skip


def _text(muap: Muap, name: str, unit: str, decimals: int) -> str:
    found = getattr(muap, name)
    if isinstance(found, Absent):
        return "–"
    value = found.value * (100.0 if unit == "%" else 1.0)
    text = f"{value:.{decimals}f}"
    if name == "duration_ms" and found.low is not None and found.high is not None:
        text += f" ({found.low:.1f}-{found.high:.1f})"
    return f"{text} {unit}".rstrip().replace("-", "−" if value < 0 else "–")


def muap_state(one: KeptUnit) -> dict[str, Any]:
    """Numbers, handles and the marks of each rule of one unit."""
    muap = one.muap
    return {
        "number": one.number, "key": wave_key(one), "n": muap.n_discharges, "origin": one.origin, "stretch": one.stretch,
        "start_ms": muap.start_ms, "step_ms": 1000.0 / muap.sampling_rate_hz, "handles": handle_times(muap),
        "by_hand": sorted(letter for letter, kind in LETTERS.items() if kind in one.handles),
        "numbers": [
            {"name": name, "caption": caption, "text": _text(muap, name, unit, decimals), "why": _why(muap, name)}
            for name, caption, unit, decimals in SHOWN
        ],
        "rules": [{"method": mark.method.replace("uV", "µV"), "onset_ms": mark.onset_ms, "end_ms": mark.end_ms} for mark in muap.durations],
        "satellites_ms": [list(pair) for pair in muap.satellites_ms], "notes": list(muap.notes),
    }  # fmt: skip


def _why(muap: Muap, name: str) -> str:
    found = getattr(muap, name)
    return found.reason if isinstance(found, Absent) else found.method


def wave_key(one: KeptUnit) -> str:
    """Key of a wave: it changes when the wave does, not when a handle moves."""
    return f"{one.stretch}:{one.wave}"


def _tile(desk: NeedleDesk, one: KeptUnit) -> dict[str, Any]:
    muap = one.muap
    bad = units_beyond(desk.muscle, muap, subject=desk.source.subject, norm_set=NORM_SET)
    phases = muap.n_phases.value if isinstance(muap.n_phases, Measure) else None
    return {
        "number": one.number, "key": wave_key(one), "n": muap.n_discharges, "insertion": one.insertion, "origin": one.origin,
        "start_ms": muap.start_ms, "step_ms": 1000.0 / muap.sampling_rate_hz, "handles": handle_times(muap),
        "amplitude": _text(muap, "amplitude_uv", "µV", 0), "rate": _text(muap, "firing_rate_hz", "/s", 1),
        "duration": f"{muap.duration_ms.value:.1f} ms" if isinstance(muap.duration_ms, Measure) else "–",
        "phases": "–" if phases is None else f"{phases:.0f} phases", "is_polyphasic": bool(muap.is_polyphasic),
        "is_large": bad.get("amplitude_uv", False), "is_long": bad.get("duration_ms", False),
        "has_satellite": bool(muap.satellites_ms), "by_hand": bool(one.handles),
    }  # fmt: skip


def _table(desk: NeedleDesk) -> list[dict[str, str]]:
    """Rows of the muscle; jitter is of the triggered unit."""
    units, subject = desk.units, desk.source.subject
    kept, summary = units.kept.get(desk.where, []), units.summary(desk.where)
    rows = norm_rows(desk.muscle, [one.muap for one in kept], summary, subject) if summary else []
    return [*rows, jitter_row(desk.muscle, units.jitter, subject)] if units.raster is not None else rows


def _filter_note(high_pass_hz: float) -> str:
    """What the high-pass does to durations; empty where it does nothing."""
    if high_pass_hz <= DURATION_HZ:
        return ""
    return f"High-pass {high_pass_hz:g} Hz changes the slow ends of a potential; durations are taken at 2-{DURATION_HZ:g} Hz (needle.md 2.4, unverified)."


def units_state(desk: NeedleDesk) -> dict[str, Any]:
    """Trigger, raster, average, gallery and the table of the muscle."""
    units, where = desk.units, desk.where
    shown = units.shown(where)
    summary = units.summary(where)
    kept = units.kept.get(where, [])
    raster = units.raster
    return {
        "level_uv": units.level_uv, "delay_ms": units.delay_ms, "length_ms": units.length_ms, "sentence": units.sentence,
        "raster": None if raster is None else {
            "times_s": [round(float(t), 6) for t in raster.times_s], "states": list(raster.states),
            "n_averaged": len(raster.averaged), "n_own": len(raster.train_s),
        },
        "shown": muap_state(shown) if shown is not None else None, "chosen": units.chosen,
        "gallery": [_tile(desk, one) for one in kept],
        "table": _table(desk),
        "limits": list(summary.limits) if summary else [], "filter_note": _filter_note(desk.filters.high_pass_hz), "n_sites": summary.n_sites if summary else 0,
    }  # fmt: skip


def wave_message(desk: NeedleDesk, keys: list[str]) -> tuple[dict[str, Any], list[bytes]]:
    """Waves by key; a key that is not held any more is left out."""
    units = desk.units
    held = {wave_key(one): one for found in units.kept.values() for one in found}
    if units.current is not None:
        held[wave_key(units.current)] = units.current
    waves = {key: held[key].measured.waveform_uv for key in keys if key in held}
    for key in keys:
        template = template_of(desk, key) if key.startswith("d") else None
        if template is not None:
            waves[key] = template
    return {"type": "waves", "keys": list(waves)}, [np.asarray(one, dtype="<f4").tobytes() for one in waves.values()]
