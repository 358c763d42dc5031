"""What an offered repair would put in place of a few samples, worked out on their neighbourhood; changes nothing itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.analysis.signal.overflow import BESIDE_SAMPLES
from emgwidgets.analysis.signal.repair import REPAIRS, repair
from emgwidgets.errors import InputError
from emgwidgets.model.signal import ArraySamples, Channel, QualityFlag, Recording, Segment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["REPAIR_WORDS", "Patch", "flag_of", "mains_frequency", "patch_of"]

#: What the button of each repair says; ``notch`` becomes a filter, the others replace samples in the view.
REPAIR_WORDS = {"notch": "Add a notch", "unwrap": "Unwrap", "interpolate": "Bridge"}
THIN_RATE_HZ = 1000.0  # as the quality report thins before it looks for mains
LONGEST_LOOK_S = 60.0  # internal choice: the line is the same within a flag, a minute of it tells the frequency
BESIDE = 2 * BESIDE_SAMPLES
LONGEST_SAMPLES = 5_000_000  # internal choice: values of a repair are held in memory, 40 MB at most


@dataclass(frozen=True, kw_only=True, eq=False)
class Patch:
    """Values in the channel's unit, shape ``(n,)``, from sample ``start`` on."""

    start: int
    values: NDArray[np.float64] = field(repr=False)

    @property
    def stop(self) -> int:
        """Sample just after the last."""
        return self.start + len(self.values)


def flag_of(step: Mapping[str, Any]) -> QualityFlag:
    """Return the flag that a step of the repair chain was made from."""
    return QualityFlag(
        kind=str(step.get("flag", "")), channel=step.get("channel"), start_s=float(step["start_s"]), end_s=float(step["end_s"]),
        size=0.0, unit="", reason="", repair=str(step["kind"]),
    )  # fmt: skip


def _neighbourhood(channel: Channel, first: int, last: int) -> Channel:
    segments, at = [], 0
    for segment in channel.segments:
        low, high = max(first - segment.first_sample, 0), min(last - segment.first_sample, segment.n_samples)
        if high > low:
            start_s = segment.start_s + low / channel.sampling_rate_hz
            segments.append(Segment(first_sample=at, n_samples=high - low, start_s=start_s))
            at += high - low
    source = channel.samples
    stored = np.array(source.read_stored(first, last))
    samples = ArraySamples(stored=stored, gain=source.gain, offset=source.offset)
    return replace(channel, samples=samples, segments=tuple(segments))


def patch_of(channel: Channel, flag: QualityFlag) -> Patch:
    """Return the values that a repair puts in place.

    Raises
    ------
    InputError
        If the flag offers no repair of samples, or its place holds nothing to repair.
    """
    if flag.repair not in REPAIRS:
        raise InputError("this flag offers no repair of samples", got=repr(flag.repair), expected=" or ".join(REPAIRS))
    start, stop = channel.index_at(flag.start_s), channel.index_at(flag.end_s)
    if stop - start > LONGEST_SAMPLES:
        raise InputError(
            "this place is too long to be repaired in the view", got=f"{stop - start} samples",
            expected=f"at most {LONGEST_SAMPLES}", way_out="repair a copy of the recording",
        )  # fmt: skip
    first, last = max(start - BESIDE, 0), min(stop + BESIDE, channel.n_samples)
    part = _neighbourhood(channel, first, last)
    mended = repair(Recording(channels=(part,)), flag).channels[0]
    return Patch(start=start, values=mended.read(start - first, stop - first))


def mains_frequency(channel: Channel, flag: QualityFlag) -> float:
    """Frequency in Hz of the mains line that a flag is about.

    Raises
    ------
    InputError
        If no line is found there.
    """
    from emgwidgets.analysis.signal.quality_mains import find_mains

    rate_hz = channel.sampling_rate_hz
    factor = max(1, int(rate_hz // THIN_RATE_HZ))
    start, stop = channel.index_at(flag.start_s), channel.index_at(min(flag.end_s, flag.start_s + LONGEST_LOOK_S))
    values = channel.read(start, stop)
    thin = values[: len(values) // factor * factor].reshape(-1, factor).mean(axis=1)
    lines = find_mains(np.nan_to_num(thin), rate_hz / factor, factor)
    if not lines:
        raise InputError(
            "no mains line is found at this flag", got=f"{flag.start_s:.2f} to {flag.end_s:.2f} s",
            expected="a stretch of at least 1 s with a line", way_out="add a notch with + and set its frequency",
        )  # fmt: skip
    return float(max(lines, key=lambda line: line.peak_to_peak).frequency_hz)
