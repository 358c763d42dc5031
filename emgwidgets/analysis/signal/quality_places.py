"""Places found in a scan, joined where they are near, and turned into flags."""

from __future__ import annotations

from emgwidgets.analysis.signal.quality_scan import ChannelScan
from emgwidgets.model.signal import QualityFlag

__all__ = ["MAX_PLACES", "Place", "merge_places", "place_flag"]

# Internal choices.
MAX_PLACES = 100
"""Places of one kind on one channel before they are told as one."""
JOIN_S = 0.1
"""Places closer than this are one."""

Place = tuple[int, int]


def merge_places(scan: ChannelScan, places: list[Place]) -> list[tuple[Place, int]]:
    """Join near places; each with the number of samples inside the original ones."""
    gap = round(JOIN_S * scan.channel.sampling_rate_hz)
    merged: list[tuple[Place, int]] = []
    for start, stop in sorted(places):
        if merged and start - merged[-1][0][1] <= gap:
            (first, last), count = merged[-1]
            merged[-1] = ((first, max(last, stop)), count + stop - start)
        else:
            merged.append(((start, stop), stop - start))
    if len(merged) > MAX_PLACES:
        return [((merged[0][0][0], merged[-1][0][1]), sum(count for _, count in merged))]
    return merged


def place_flag(
    scan: ChannelScan, kind: str, place: Place, *, size: float, unit: str, reason: str, repair: str = ""
) -> QualityFlag:
    """Return the flag of a place; ``size`` is in ``unit``."""
    end_s = scan.time_s(place[1] - 1) + 1.0 / scan.channel.sampling_rate_hz
    return QualityFlag(
        kind=kind, channel=scan.channel.name, start_s=scan.time_s(place[0]), end_s=end_s, size=size, unit=unit,
        reason=reason, repair=repair,
    )  # fmt: skip
