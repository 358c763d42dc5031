"""Repairs a reader asks for by name: each gives a new recording that says what was changed; the source is not touched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from emgwidgets.analysis.signal.overflow import BESIDE_SAMPLES, find_wraps
from emgwidgets.analysis.signal.quality_scan import converter_limits, runs
from emgwidgets.errors import InputError
from emgwidgets.model.signal import Annotation, ArraySamples, Channel, QualityFlag, Recording

__all__ = ["REPAIRS", "repair"]

#: Code of each repair with what it does.
REPAIRS = {
    "unwrap": "add or take away the converter's range where values ran over, so that the path is shortest",
    "interpolate": "draw a straight line across a short missing stretch",
}


def repair(recording: Recording, flag: QualityFlag) -> Recording:
    """Return a copy of the recording in which one flagged place is repaired.

    Parameters
    ----------
    recording : Recording
        The recording the flag belongs to; it stays as it is.
    flag : QualityFlag
        A flag whose ``repair`` is a code of :data:`REPAIRS`.

    Returns
    -------
    Recording
        The channel's samples are now in memory; an annotation marks the place, a note says what was done, and the
        flag is left out.  The repaired values are a guess and stay marked as such.

    Raises
    ------
    InputError
        If the flag offers no repair here, or the place holds nothing to repair.
    """
    if flag.repair not in REPAIRS:
        is_filter = flag.repair == "notch"
        raise InputError(
            "this flag offers no repair of the samples", got=f"{flag.kind} with repair {flag.repair!r}",
            expected=" or ".join(REPAIRS),
            way_out="add a notch to the filters of the view" if is_filter else "measure beside the place",
        )  # fmt: skip
    channel = recording.channel(flag.channel if flag.channel is not None else 0)
    start, stop = channel.index_at(flag.start_s), channel.index_at(flag.end_s)
    values = channel.samples.read_stored(0, channel.n_samples).astype(np.float64)
    changed = _unwrap(channel, values, start, stop) if flag.repair == "unwrap" else _interpolate(values, start, stop)
    if not changed:
        raise InputError(
            "nothing to repair at this place", got=f"{flag.start_s:.3f} to {flag.end_s:.3f} s of {channel.name!r}",
            expected="a flag of this recording", way_out="run check_quality on it again",
        )  # fmt: skip
    mended = _with_values(channel, values)
    mark = Annotation(
        start_s=flag.start_s, duration_s=flag.end_s - flag.start_s, label="repaired", channel=channel.name, status="proposed",
        note=f"{changed} samples: {REPAIRS[flag.repair]}",
    )  # fmt: skip
    note = f"{channel.name}: {changed} samples at {flag.start_s:.3f} s were repaired on request ({flag.repair}); not measured."
    return replace(
        recording,
        channels=tuple(mended if one is channel else one for one in recording.channels),
        annotations=tuple(sorted((*recording.annotations, mark), key=lambda one: one.start_s)),
        quality_flags=tuple(one for one in recording.quality_flags if one != flag),
        notes=(*recording.notes, note),
    )


def _with_values(channel: Channel, values: NDArray[np.float64]) -> Channel:
    """Return the channel with new stored values that still knows the limits of its converter."""
    gain, offset = channel.samples.gain, channel.samples.offset
    limits, settings = converter_limits(channel), channel.settings
    if limits is not None:
        settings = replace(settings, converter_range=(limits[0] * gain + offset, limits[1] * gain + offset))
    stored = values.astype(np.int32) if channel.samples.dtype.kind in "iu" else values
    return replace(channel, samples=ArraySamples(stored=stored, gain=gain, offset=offset), settings=settings)


def _unwrap(channel: Channel, values: NDArray[np.float64], start: int, stop: int) -> int:
    ends = converter_limits(channel)
    if ends is None:
        return 0
    range_ = ends[1] - ends[0] + (1.0 if channel.samples.dtype.kind in "iu" else 0.0)
    first, last = max(start - BESIDE_SAMPLES, 0), min(stop + BESIDE_SAMPLES, len(values))
    changed = 0
    for wrap in find_wraps(values[first:last].copy(), range_, middle=(ends[0] + ends[1]) / 2.0):
        where = np.arange(wrap.start, wrap.stop) + first
        inside = (where >= start) & (where < stop) & (wrap.turns != 0)
        values[where[inside]] += wrap.turns[inside] * range_
        changed += int(inside.sum())
    return changed


def _interpolate(values: NDArray[np.float64], start: int, stop: int) -> int:
    changed = 0
    is_missing = ~np.isfinite(values)
    for a, b in runs(is_missing[start:stop]):
        left, right = start + int(a) - 1, start + int(b)
        if left < 0 or right >= len(values) or is_missing[left] or is_missing[right]:
            continue
        values[left + 1 : right] = np.interp(np.arange(left + 1, right), [left, right], [values[left], values[right]])
        changed += right - left - 1
    return changed
