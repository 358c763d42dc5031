"""Small parts every reader needs: units into microvolts, kinds, gap-free stretches, sentences.  Not a reader itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.io._stated import kind_of
from emgwidgets.io.registry import ReadOptions
from emgwidgets.model.signal import ArraySamples, Channel, QualityFlag, RecordingSettings, Segment
from emgwidgets.units import is_voltage, microvolts_per

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Scale",
    "channel_of",
    "emg_scales",
    "gap_flag",
    "gap_flags",
    "in_order",
    "is_emg_name",
    "kept",
    "no_unit_error",
    "scale_of",
    "segments_of_starts",
    "split_by_index",
    "unique_names",
]

#: Words a file uses for "no unit".
NO_UNIT = frozenset(
    {"", "dimensionless", "n/a", "na", "none", "unknown", "?", "-", "a.u.", "au", "unit", "units", "raw"}
)
_EMG_WORDS = ("emg", "myogram")


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Unit of a channel in the model and the factor that leads to it from the file's unit."""

    unit: str
    factor: float = 1.0
    stated: bool = False


def is_emg_name(name: str) -> bool:
    """Whether a channel's name says that it is an EMG."""
    return any(word in name.lower() for word in _EMG_WORDS)


def scale_of(file_unit: str | None, name: str, options: ReadOptions) -> Scale | None:
    """Scale of a channel; None where neither the file nor the user gives a unit.

    A unit stated for this very channel goes before the file's; a unit stated for the whole file only fills a hole.
    """
    text = (file_unit or "").strip().strip("[]()").strip()
    given = options.unit_of(name)
    stated = given is not None and (not isinstance(options.unit, str) or text.lower() in NO_UNIT)
    if given is not None and stated:
        text = given.strip()
    elif text.lower() in NO_UNIT:
        return None
    if is_voltage(text):
        return Scale(unit="uV", factor=microvolts_per(text), stated=stated)
    if text == "MV":
        raise ReadError(
            f"the unit of channel {name!r} is doubtful",
            got="'MV', which is a megavolt",
            expected="one of V, mV, uV, nV",
            way_out="correct the unit in the file or export it again",
        )
    return Scale(unit=text, stated=stated)


def emg_scales(
    units: Sequence[str], names: Sequence[str], options: ReadOptions, *, file_name: str
) -> list[Scale | None]:
    """Scale of each channel; None for a plain number without a unit.

    Raises
    ------
    ReadError
        If a channel that is called an EMG has no unit.
    """
    scales = [scale_of(unit, name, options) for unit, name in zip(units, names, strict=True)]
    missing = [name for name, scale in zip(names, scales, strict=True) if scale is None and is_emg_name(name)]
    if missing:
        raise no_unit_error(file_name, missing)
    return scales


def kept(options: ReadOptions, found: Mapping[str, Any]) -> dict[str, str]:
    """Identifying texts of a file that are not empty, where the user asked to keep them; otherwise none."""
    if not options.keep_identifiers:
        return {}
    texts = {name: str(value).strip() for name, value in found.items() if value is not None}
    return {name: text for name, text in texts.items() if text}


def no_unit_error(file_name: str, names: Sequence[str], *, extra: str = "") -> ReadError:
    """Sentence for channels whose unit the file does not give."""
    shown = ", ".join(f'"{name}": "V"' for name in names[:4])
    more = ", ..." if len(names) > 4 else ""
    plain = ", ".join(repr(name) for name in names[:4]) + (" ..." if len(names) > 4 else "")
    return ReadError(
        f"{file_name} does not say the unit of {plain}",
        got="numbers without a unit",
        expected="V, mV, uV or another unit in the file",
        way_out=f"state it with unit={{{shown}{more}}}{extra}",
    )


def channel_of(
    name: str, stored: NDArray[Any], scale: Scale, rate_hz: float, *, gain: float = 1.0, offset: float = 0.0,
    segments: tuple[Segment, ...] = (), kind: str | None = None, settings: RecordingSettings | None = None,
) -> Channel:  # fmt: skip
    """Channel from stored values; ``stored * gain + offset`` is in the file's unit; the rate keeps 12 digits."""
    samples = ArraySamples(stored=stored, gain=float(gain) * scale.factor, offset=float(offset) * scale.factor)
    return Channel(
        name=name, unit=scale.unit, sampling_rate_hz=float(f"{rate_hz:.12g}"), samples=samples, segments=segments,
        kind=kind or kind_of(name, scale.unit), settings=settings or RecordingSettings(),
    )  # fmt: skip


def unique_names(names: Iterable[str], fallback: str = "channel") -> list[str]:
    """Names made unique by a number; an empty name gets the fallback."""
    seen: dict[str, int] = {}
    unique: list[str] = []
    for raw in names:
        name = raw.strip() or fallback
        seen[name] = seen.get(name, 0) + 1
        candidate = name if seen[name] == 1 else f"{name} ({seen[name]})"
        while candidate in unique:
            seen[name] += 1
            candidate = f"{name} ({seen[name]})"
        unique.append(candidate)
    return unique


def segments_of_starts(lengths: Sequence[int], starts_s: Sequence[float]) -> tuple[Segment, ...]:
    """Segments laid one after the other in the array, at the given times."""
    first = 0
    segments: list[Segment] = []
    for n_samples, start_s in zip(lengths, starts_s, strict=True):
        if n_samples > 0:
            segments.append(Segment(first_sample=first, n_samples=int(n_samples), start_s=float(start_s)))
        first += int(n_samples)
    return tuple(segments)


def in_order(
    segments: tuple[Segment, ...], rate_hz: float, channel: str | None
) -> tuple[tuple[Segment, ...], list[QualityFlag]]:
    """Segments in order of time; one that begins before the end of the last is moved behind it and flagged."""
    placed: list[Segment] = []
    flags: list[QualityFlag] = []
    tolerance_s = 0.5 / rate_hz
    for segment in segments:
        start_s = segment.start_s
        if placed:
            end_s = placed[-1].start_s + placed[-1].n_samples / rate_hz
            if start_s < end_s - tolerance_s:
                flags.append(_clock_flag(channel, end_s, end_s - start_s))
            start_s = max(start_s, end_s)
        placed.append(Segment(first_sample=segment.first_sample, n_samples=segment.n_samples, start_s=start_s))
    return tuple(placed), flags


def _clock_flag(channel: str | None, place_s: float, back_s: float) -> QualityFlag:
    return QualityFlag(
        kind="clock_reset", channel=channel, start_s=place_s, end_s=place_s, size=back_s, unit="s",
        reason=(
            f"The clock goes back by {back_s:.3f} s at {place_s:.3f} s; the stretch after it is placed behind the one before, "
            "so times across this point are not exact; measure on one side only."
        ),
    )  # fmt: skip


def gap_flag(channel: str | None, start_s: float, end_s: float) -> QualityFlag:
    """Flag of a stretch that was not recorded."""
    return QualityFlag(
        kind="gap", channel=channel, start_s=start_s, end_s=end_s, size=end_s - start_s, unit="s",
        reason=(
            f"Nothing was recorded from {start_s:.3f} to {end_s:.3f} s; a measure must not cross it; "
            "choose a stretch on one side."
        ),
    )  # fmt: skip


def gap_flags(segments: tuple[Segment, ...], rate_hz: float, channel: str | None = None) -> list[QualityFlag]:
    """Flags of the stretches between segments that were not recorded."""
    flags = []
    for before, after in pairwise(segments):
        end_s = before.start_s + before.n_samples / rate_hz
        if after.start_s - end_s > 0.5 / rate_hz:
            flags.append(gap_flag(channel, end_s, after.start_s))
    return flags


def split_by_index(
    first_index: NDArray[np.int64], n_samples: int, rate_hz: float
) -> tuple[tuple[Segment, ...], list[tuple[float, float]]]:
    """Segments from a running sample number that may jump ahead.

    Parameters
    ----------
    first_index : ndarray of int, shape (n_samples,)
        Sample number of each stored sample, rising.
    """
    breaks = np.flatnonzero(np.diff(first_index) != 1) + 1
    edges = np.concatenate(([0], breaks, [n_samples]))
    zero = int(first_index[0]) if n_samples else 0
    segments: list[Segment] = []
    gaps: list[tuple[float, float]] = []
    for start, stop in pairwise(edges):
        start_s = (int(first_index[start]) - zero) / rate_hz
        if segments:
            gaps.append((segments[-1].start_s + segments[-1].n_samples / rate_hz, start_s))
        segments.append(Segment(first_sample=int(start), n_samples=int(stop - start), start_s=start_s))
    return tuple(segments), gaps
