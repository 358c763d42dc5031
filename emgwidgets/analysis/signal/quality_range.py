"""What happens at the ends of a converter's range: saturation, clipped plateaus, overflow."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from emgwidgets.analysis.signal.overflow import BESIDE_SAMPLES, find_wraps
from emgwidgets.analysis.signal.quality_places import Place, merge_places, place_flag
from emgwidgets.analysis.signal.quality_scan import ChannelScan, converter_limits, runs
from emgwidgets.model.signal import QualityFlag
from emgwidgets.printed import printed_unit

__all__ = ["overflow_flags", "saturation_flags"]

# Internal choices.
FEW_SAMPLES, FEW_SHARE = 10, 0.001
"""Up to so many samples past the limits of a file whose limits are its own extremes are not taken for overflow."""
MAX_TYPICAL_STEP = 0.05
"""Where the median step is a larger share of the range, noise fills the range and overflow cannot be told from it."""
PLATEAU_SAMPLES = 3
PLATEAU_CORNER = 0.005
"""A clipped wave enters its plateau in a step, at least this share of the range; a smooth wave does not."""


def saturation_flags(scan: ChannelScan) -> Iterator[QualityFlag]:
    """Samples at the converter's limit, known or seen as a plateau with a corner."""
    ends = converter_limits(scan.channel)
    places, limit = _at_known_limits(scan, ends) if ends else ([], None)
    if not places and scan.channel.is_voltage:  # an accelerometer or a digital line may hold a value
        places, limit = _plateaus(scan)
    if limit is None:
        return
    shown = abs(limit * scan.channel.samples.gain + scan.channel.samples.offset)
    for place, count in merge_places(scan, places):
        yield place_flag(
            scan, "saturation", place, size=float(count), unit="samples",
            reason=f"{count} {'sample stands' if count == 1 else 'samples stand'} at the limit of {shown:.6g} {printed_unit(scan.channel.unit)}. Amplitude, area and shape are not judged "
            "there; record again at lower gain.",
        )  # fmt: skip


def _at_known_limits(scan: ChannelScan, ends: tuple[float, float]) -> tuple[list[Place], float | None]:
    low, high = ends
    slack = 1.0 if scan.channel.samples.dtype.kind in "iu" else 1e-6 * (high - low)
    places: list[Place] = []
    for start, stop, lowest, highest in scan.pieces():
        if lowest <= low + slack or highest >= high - slack or np.isnan(lowest):
            values = scan.values(start, stop)
            touches = (np.abs(values - low) <= slack) | (np.abs(values - high) <= slack)
            places += [(start + int(a), start + int(b)) for a, b in runs(touches)]
    n_touches = sum(stop - start for start, stop in places)
    # A file scaled to its own extremes touches each limit once; that is no saturation.
    if n_touches < 4 and not any(stop - start >= 2 for start, stop in places):
        return [], None
    return places, high


def _plateaus(scan: ChannelScan) -> tuple[list[Place], float | None]:
    lowest = np.concatenate([part.lowest for part in scan.segments])
    highest = np.concatenate([part.highest for part in scan.segments])
    if not np.isfinite(lowest).any() or not np.isfinite(highest).any():
        return [], None
    low, high = float(np.nanmin(lowest)), float(np.nanmax(highest))
    corner = PLATEAU_CORNER * (high - low)
    places: list[Place] = []
    if not (np.isfinite(corner) and corner > 0):
        return [], None
    for start, stop, piece_low, piece_high in scan.pieces():
        for limit, is_touched in ((low, piece_low == low), (high, piece_high == high)):
            if is_touched and piece_low != piece_high:
                places += _corners(scan, start, stop, limit, corner)
    if len(places) < 2:
        return [], None
    return places, max(abs(low), abs(high))


def _corners(scan: ChannelScan, start: int, stop: int, limit: float, corner: float) -> list[Place]:
    first = max(start - 1, 0)
    values = scan.values(first, min(stop + 1, scan.channel.n_samples))
    found: list[Place] = []
    for a, b in runs(values == limit):
        before = abs(values[a - 1] - limit) if a > 0 else 0.0
        after = abs(values[b] - limit) if b < len(values) else 0.0
        if b - a >= PLATEAU_SAMPLES and max(before, after) >= corner:
            found.append((first + int(a), first + int(b)))
    return found


def overflow_flags(scan: ChannelScan) -> Iterator[QualityFlag]:
    """Places where values ran past one end of the range and came back at the other."""
    ends = converter_limits(scan.channel)
    if ends is None:
        return
    range_ = ends[1] - ends[0] + (1.0 if scan.channel.samples.dtype.kind in "iu" else 0.0)
    places: list[Place] = []
    n_over = 0
    for start, stop, low, high in scan.pieces():
        if not high - low > 0.5 * range_:
            continue
        first = max(start - BESIDE_SAMPLES, 0)
        values = scan.values(first, min(stop + BESIDE_SAMPLES, scan.channel.n_samples))
        if not np.isfinite(values).all() or np.median(np.abs(np.diff(values))) > MAX_TYPICAL_STEP * range_:
            continue
        for wrap in find_wraps(values, range_, middle=(ends[0] + ends[1]) / 2.0):
            where = np.flatnonzero(wrap.turns) + wrap.start + first
            inside = where[(where >= start) & (where < stop)]
            n_over += len(inside)
            places += [(int(index), int(index) + 1) for index in inside]
    if n_over <= max(FEW_SAMPLES, FEW_SHARE * scan.channel.n_samples) and _is_scaled_to_itself(scan, ends):
        return
    limit_shown = max(abs(end * scan.channel.samples.gain + scan.channel.samples.offset) for end in ends)
    for place, count in merge_places(scan, places):
        yield place_flag(
            scan, "overflow", place, size=float(count), unit="samples",
            reason=f"{count} {'sample' if count == 1 else 'samples'} ran past {limit_shown:.6g} {printed_unit(scan.channel.unit)} and came back with the other sign. "
            "Amplitude and shape are not judged there; unwrap a copy.",
            repair="unwrap",
        )  # fmt: skip


def _is_scaled_to_itself(scan: ChannelScan, ends: tuple[float, float]) -> bool:
    """Whether the stated limits are just the extremes of the samples, as some writers state them.

    A writer may state one number for both ends, so one end is enough.
    """
    lowest = min(float(np.nanmin(part.lowest)) for part in scan.segments if len(part.lowest))
    highest = max(float(np.nanmax(part.highest)) for part in scan.segments if len(part.highest))
    slack = 1.5 if scan.channel.samples.dtype.kind in "iu" else 1e-4 * (ends[1] - ends[0])
    return abs(lowest - ends[0]) <= slack or abs(highest - ends[1]) <= slack
