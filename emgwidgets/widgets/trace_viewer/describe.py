"""Plain words and numbers about a recording for the browser: title, channels, marks, flags, first settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.model.signal import Annotation, Channel, QualityFlag, Recording
from emgwidgets.widgets.trace_viewer.mending import REPAIR_WORDS

if TYPE_CHECKING:
    from emgwidgets.widgets.trace_viewer.channel_view import ChannelView

__all__ = [
    "describe_channel",
    "describe_flags",
    "describe_marks",
    "describe_recording",
    "describe_terms",
    "rounded_125",
]

LOOKS = 16  # stretches looked at to choose the first sensitivity
LOOK_SAMPLES = 4096
MOST_STIMULI = 2000  # internal choice: flags drawn; a longer list is in recording.stimuli
FLAG_NAMES = {
    "saturation": "Saturation", "overflow": "Converter overflow", "flat": "Flat", "missing": "Missing samples", "gap": "Gap",
    "mains": "Mains", "drift": "Drift", "low_rate": "Rate too low", "implausible_unit": "Implausible unit",
    "damaged_lines": "Damaged lines", "clock_reset": "Clock reset",
}  # fmt: skip


def rounded_125(value: float) -> float:
    """Smallest of 1, 2, 5 times a power of ten that is not below the value."""
    if not (np.isfinite(value) and value > 0):
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    step = next((s for s in (1.0, 2.0, 5.0, 10.0) if s * power >= value * (1 - 1e-9)), 10.0)
    return float(f"{step * power:.6g}")


def describe_channel(view: ChannelView) -> dict[str, Any]:
    """Name, unit, rate, and a first sensitivity and centre taken from stretches over the whole channel."""
    channel: Channel = view.channel
    n = channel.n_samples
    starts: list[int] = np.unique(np.linspace(0, max(n - LOOK_SAMPLES, 0), LOOKS).astype(int)).tolist()
    values = np.concatenate([view.read(at, at + LOOK_SAMPLES) for at in starts]) if n else np.empty(0)
    values = values[np.isfinite(values)]
    low, middle, high = np.percentile(values, (0.1, 50, 99.9)) if len(values) else (0.0, 0.0, 0.0)
    size = max(high - middle, middle - low)
    if channel.is_voltage:
        centre = float(middle) if abs(middle) > 2 * max(size, 1e-12) else 0.0
        per_division = rounded_125(max(high - centre, centre - low) / 4)
    else:
        per_division = rounded_125((high - low) / 4)
        centre = round(float(low + high) / 2 / per_division) * per_division
    settings = channel.settings
    filters = [
        f"{name} {hz:g} Hz"
        for name, hz in (("high-pass", settings.high_pass_hz), ("low-pass", settings.low_pass_hz))
        if hz
    ]
    words = [settings.electrode or channel.kind.replace("_", " "), *filters]
    return {
        "name": channel.name, "unit": "\N{MICRO SIGN}V" if channel.is_voltage else channel.unit,
        "is_voltage": channel.is_voltage, "rate_hz": channel.sampling_rate_hz, "kind": channel.kind.replace("_", " "),
        "settings": ", ".join(words), "start_s": channel.start_s, "end_s": channel.end_s, "per_division": per_division,
        "centre": centre, "n_segments": len(channel.segments),
    }  # fmt: skip


def describe_recording(
    recording: Recording, views: tuple[ChannelView, ...], *, sweeps: dict[str, Any] | None = None, other: str = ""
) -> dict[str, Any]:
    """Title line, channels and clock of a recording; never an identifier.

    Parameters
    ----------
    recording : Recording
    views : tuple of ChannelView
    sweeps : dict, optional
        Groups and items of laid-out sweeps; their channels then share one sensitivity a group.
    other : str
        What else can be shown of the same source, in words; empty when nothing.
    """
    origin = recording.origin
    kept = len(recording.identifiers)
    title = recording.title or (origin.name if origin else "Recording")
    subtitle = " ".join(
        part for part in (origin.format if origin else "", origin.name if origin and recording.title else "") if part
    )
    empty = ""
    if not views:
        empty = "No continuous channel and no sweep in this recording." + (
            " What it holds is in recording.tables." if recording.tables else ""
        )
    channels = [describe_channel(view) for view in views]
    for group in sweeps["groups"] if sweeps else []:
        shared = max(channels[index]["per_division"] for index in group["members"])
        for index in group["members"]:
            channels[index].update(per_division=shared, centre=0.0)
    return {
        "title": title, "subtitle": subtitle, "start_s": recording.start_s, "end_s": recording.end_s,
        "identifiers": f"{kept} kept on request" if kept else "none kept",
        "channels": channels, "empty": empty, "notes": list(recording.notes), "sweeps": sweeps, "other": other,
        "stimuli_s": [0.0] if sweeps else [stimulus.time_s for stimulus in recording.stimuli[:MOST_STIMULI]],
    }  # fmt: skip


def describe_terms() -> list[dict[str, Any]]:
    """Return the annotation vocabulary for the label palette."""
    from emgwidgets.cases.terms import TERMS

    names = ("code", "letter", "label", "short", "definition", "source", "mark")
    return [{name: getattr(term, name, "") or "" for name in names} for term in TERMS]


def describe_marks(annotations: tuple[Annotation, ...], terms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return marks with the words of their terms."""
    known = {term["code"]: term for term in terms}
    marks = []
    for mark in annotations:
        term = known.get(mark.label, {})
        marks.append({
            "id": mark.id, "start_s": mark.start_s, "end_s": mark.end_s, "channel": mark.channel, "code": mark.label,
            "label": term.get("label", mark.label), "short": term.get("short") or mark.label,
            "letter": term.get("letter", ""), "definition": term.get("definition", ""), "confidence": mark.confidence or "",
            "reader": mark.reader or "", "status": mark.status, "note": mark.note,
        })  # fmt: skip
    return sorted(marks, key=lambda mark: (mark["start_s"], mark["end_s"]))


def describe_flags(flags: tuple[QualityFlag, ...]) -> list[dict[str, Any]]:
    """Return quality flags in order of time."""
    return [
        {
            "kind": flag.kind, "name": FLAG_NAMES.get(flag.kind, flag.kind.replace("_", " ").capitalize()),
            "channel": flag.channel, "start_s": flag.start_s, "end_s": flag.end_s, "size": flag.size, "unit": flag.unit,
            "reason": flag.reason, "repair": flag.repair if flag.repair in REPAIR_WORDS else "",
            "repair_words": REPAIR_WORDS.get(flag.repair, ""),
        }
        for flag in sorted(flags, key=lambda flag: (flag.start_s, flag.end_s))
    ]  # fmt: skip
