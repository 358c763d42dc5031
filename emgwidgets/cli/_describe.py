"""A recording in words and as plain values, without identifiers and without the folder it lies in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from emgwidgets.model.signal import Annotation, QualityFlag, Recording

__all__ = ["annotation_lines", "as_dict", "describe"]


def as_dict(recording: Recording, flags: Iterable[QualityFlag]) -> dict[str, Any]:
    """Plain values for JSON."""
    origin = recording.origin
    return {
        "name": origin.name if origin else "",
        "format": origin.format if origin else "",
        "start_s": recording.start_s,
        "end_s": recording.end_s,
        "channels": [
            {
                "name": channel.name, "kind": channel.kind, "unit": channel.unit,
                "sampling_rate_hz": channel.sampling_rate_hz, "n_samples": channel.n_samples, "start_s": channel.start_s,
                "end_s": channel.end_s, "n_segments": len(channel.segments),
            }
            for channel in recording.channels
        ],
        "n_sweeps": len(recording.sweeps),
        "n_stimuli": len(recording.stimuli),
        "tables": [table.name for table in recording.tables],
        "n_annotations": len(recording.annotations),
        "flags": [asdict(flag) for flag in flags],
        "notes": list(recording.notes),
    }  # fmt: skip


def describe(recording: Recording, flags: Iterable[QualityFlag]) -> str:
    """Several lines of text."""
    facts = as_dict(recording, ())
    lines = [f"{facts['name']}: {facts['format']}, {recording.duration_s:.3f} s"]
    width = max((len(channel.name) for channel in recording.channels), default=0)
    for channel in recording.channels:
        gaps = f", {len(channel.segments)} stretches" if len(channel.segments) > 1 else ""
        lines.append(
            f"  {channel.name:<{width}}  {channel.kind}, {channel.unit or 'no unit'}, {channel.sampling_rate_hz:g} Hz, "
            f"{channel.start_s:.3f} to {channel.end_s:.3f} s{gaps}"
        )
    counts = ((len(recording.sweeps), "sweeps"), (len(recording.stimuli), "stimuli"), (len(recording.tables), "tables"),
              (len(recording.annotations), "annotations"))  # fmt: skip
    lines += [f"  {count} {word}" for count, word in counts if count]
    for flag in flags:
        where = f"{flag.channel or 'all'}, {flag.start_s:.3f} to {flag.end_s:.3f} s"
        lines.append(f"  flag {flag.kind} ({where}): {flag.reason}")
    lines += [f"  note: {note}" for note in recording.notes]
    return "\n".join(lines)


def annotation_lines(marks: Iterable[tuple[str, Annotation]]) -> str:
    """One line for each annotation; the word before it says where it is kept."""
    lines = []
    for place, mark in marks:
        more = [mark.channel or "all channels", mark.confidence, mark.reader, mark.status, mark.note or None]
        tail = ", ".join(part for part in more if part)
        lines.append(f"{mark.start_s:12.4f} s  {mark.duration_s:9.4f} s  {mark.label}  ({tail}; {place})")
    return "\n".join(lines) if lines else "No annotations."
