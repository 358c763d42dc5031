"""How a Recording fits into data records of equal length: the record's duration, and each channel's range of numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from emgwidgets.errors import WriteError
from emgwidgets.io._holdable import value_range
from emgwidgets.model.signal import Channel
from emgwidgets.units import microvolts_per

__all__ = ["Layout", "Scale", "decimal_8", "plan_records", "plan_scale"]

#: The standard recommends data records of at most this size.
RECOMMENDED_RECORD_BYTES = 61440
_UNITS = ("uV", "mV", "nV", "V")
#: What a duration costs beside its distance from one second (internal choice): a record larger than is recommended is
#: worse than one whose duration does not fit 8 characters, so that the rate is read back a little off; both are worse
#: than a record of a millisecond.
LARGE_COST, ROUNDED_COST = 10.0, 8.0


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Records: duration, samples of each channel in one, and for each gap-free stretch its start and number of records."""

    record_s: float
    record_text: str
    n_per_record: tuple[int, ...]
    stretches: tuple[tuple[float, int], ...]

    @property
    def n_records(self) -> int:
        """Number of data records."""
        return sum(n for _, n in self.stretches)


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Header numbers of one channel, and the step from the channel's unit to the file's integers."""

    unit: str
    physical_min: str
    physical_max: str
    digital_min: int
    digital_max: int
    gain: float
    offset: float
    is_exact: bool


def decimal_8(value: float, *, up: bool | None = None) -> str | None:
    """Write a number in at most 8 characters without exponent; rounded up or down if asked. None if it does not fit."""
    for digits in range(7, -1, -1):
        factor = 10.0**digits
        scaled = value * factor
        if not math.isfinite(scaled):
            continue
        nearest = round(scaled) if abs(scaled - round(scaled)) < 1e-13 * abs(scaled) else None
        toward = up if nearest is None else None
        number = math.ceil(scaled) if toward is True else math.floor(scaled) if toward is False else round(scaled)
        text = f"{number / factor:.{digits}f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        if text.startswith("0."):
            text = text[1:] if len(text) > 8 else text
        if text.startswith("-0."):
            text = "-" + text[2:] if len(text) > 8 else text
        if text in {"-0", "", "-"}:
            text = "0"
        if len(text) <= 8:
            return text
    return None


def _rate_mismatch(channels: Sequence[Channel], format_name: str) -> WriteError:
    rates = ", ".join(
        f"{channel.name!r} {channel.n_samples} at {channel.sampling_rate_hz:g} Hz" for channel in channels[:4]
    )
    return WriteError(
        f"the channels do not share the same stretches of time, as {format_name} needs", got=rates,
        expected="equal start and length of every stretch", way_out="write .npz, which holds any channels, or fewer channels",
    )  # fmt: skip


def _divisors(number: int) -> list[int]:
    small = [i for i in range(1, math.isqrt(number) + 1) if number % i == 0]
    return sorted({*small, *(number // i for i in small)})


def plan_records(channels: Sequence[Channel], format_name: str, *, sample_bytes: int, pad: bool) -> Layout:
    """Choose the duration of a data record so that every stretch is a whole number of records.

    Raises
    ------
    WriteError
        If stretches or rates do not fit together.
    """
    n_stretches = {len(channel.segments) for channel in channels}
    if len(n_stretches) != 1:
        raise _rate_mismatch(channels, format_name)
    primitives, commons, starts = [], [], []
    for parts in zip(*(channel.segments for channel in channels), strict=True):
        counts = [part.n_samples for part in parts]
        step_s = 1.0 / max(channel.sampling_rate_hz for channel in channels)
        if 0 in counts or max(part.start_s for part in parts) - min(part.start_s for part in parts) > 0.5 * step_s:
            raise _rate_mismatch(channels, format_name)
        spans_s = [count / channel.sampling_rate_hz for count, channel in zip(counts, channels, strict=True)]
        if max(spans_s) - min(spans_s) > 0.5 * step_s:
            raise _rate_mismatch(channels, format_name)
        common = math.gcd(*counts)
        primitives.append(tuple(count // common for count in counts))
        commons.append(common)
        starts.append(parts[0].start_s)
    if pad:
        return _padded(channels, starts, format_name)
    if len(set(primitives)) != 1:
        raise _no_record(channels, format_name)
    return _fitted(channels, primitives[0], commons, starts, sample_bytes=sample_bytes, format_name=format_name)


def _no_record(channels: Sequence[Channel], format_name: str) -> WriteError:
    return WriteError(
        f"no data record of {format_name} fits the lengths of the gap-free stretches",
        got=", ".join(str(part.n_samples) for part in channels[0].segments[:6]) + " samples", expected="a common divisor",
        way_out="pad the end of each stretch with its last value, marked as padding, with pad=True, or write .npz",
    )  # fmt: skip


def _fitted(
    channels: Sequence[Channel], primitive: tuple[int, ...], commons: Sequence[int], starts: Sequence[float], *,
    sample_bytes: int, format_name: str,
) -> Layout:  # fmt: skip
    best: tuple[float, Layout] | None = None
    for multiple in _divisors(math.gcd(*commons)):
        counts = tuple(base * multiple for base in primitive)
        found = _duration(channels, counts)
        n_bytes = sample_bytes * sum(counts)
        if found is None or (max(counts) < 8 and sum(commons) // multiple > 1000):
            continue
        layout = Layout(
            record_s=found[0], record_text=found[1], n_per_record=counts,
            stretches=tuple((start, common // multiple) for start, common in zip(starts, commons, strict=True)),
        )  # fmt: skip
        cost = abs(math.log(found[0])) + (LARGE_COST if n_bytes > RECOMMENDED_RECORD_BYTES else 0.0)
        cost += 0.0 if _is_exact(channels, counts, found[0]) else ROUNDED_COST
        if layout.n_records < 10**8 and max(counts) < 10**8 and (best is None or cost < best[0]):
            best = cost, layout
    if best is None:
        raise _no_record(channels, format_name)
    return best[1]


def _duration(channels: Sequence[Channel], counts: tuple[int, ...]) -> tuple[float, str] | None:
    """Duration that gives every channel its rate to within half a sample over the whole recording."""
    text = decimal_8(counts[0] / channels[0].sampling_rate_hz)
    if text is None or float(text) <= 0:
        return None
    if not _is_exact(channels, counts, float(text)) and "." in text:
        text = text.ljust(8, "0")  # all its digits, so that a reader sees that it was cut
    for channel, count in zip(channels, counts, strict=True):
        rate_hz = count / float(text)
        if abs(rate_hz - channel.sampling_rate_hz) / channel.sampling_rate_hz * channel.n_samples > 0.5:
            return None
    return float(text), text


def _is_exact(channels: Sequence[Channel], counts: tuple[int, ...], record_s: float) -> bool:
    return all(
        abs(count / record_s / channel.sampling_rate_hz - 1) < 1e-12
        for channel, count in zip(channels, counts, strict=True)
    )


def _padded(channels: Sequence[Channel], starts: Sequence[float], format_name: str) -> Layout:
    durations_s = (1.0, 0.5, 2.0, 0.2, 0.1, 4.0, 5.0, 8.0, 10.0, 0.05, 0.02, 0.01, 20.0, 60.0)
    chosen = [(record_s, tuple(round(channel.sampling_rate_hz * record_s) for channel in channels)) for record_s in durations_s]  # fmt: skip
    chosen = [(record_s, counts) for record_s, counts in chosen if 0 not in counts]
    for _, counts in sorted(chosen, key=lambda one: not _is_exact(channels, one[1], one[0])):
        found = _duration(channels, counts)
        if found is None:
            continue
        stretches = []
        for i, start_s in enumerate(starts):
            needed = max(
                -(-channel.segments[i].n_samples // count) for channel, count in zip(channels, counts, strict=True)
            )
            following_s = starts[i + 1] if i + 1 < len(starts) else math.inf
            if start_s + needed * found[0] > following_s:
                break
            stretches.append((start_s, needed))
        if len(stretches) == len(starts):
            return Layout(record_s=found[0], record_text=found[1], n_per_record=counts, stretches=tuple(stretches))
    raise WriteError(
        f"no data record of {format_name} fits the rates of these channels", got=f"{channels[0].sampling_rate_hz:g} Hz",
        expected="rates with a common period of at most 60 s", way_out="write .npz, or fewer channels",
    )  # fmt: skip


def plan_scale(channel: Channel, format_name: str, *, n_bits: int) -> tuple[Scale, int]:
    """Choose the range of one channel; integers of the same width are kept as they are.

    Returns
    -------
    scale : Scale
        Exact for stored integers of at most ``n_bits``; otherwise the range of the values in ``2 ** n_bits`` steps.
    n_missing : int
        Number of missing values.

    Raises
    ------
    WriteError
        If the range does not fit the header.
    """
    digital_min, digital_max = -(2 ** (n_bits - 1)), 2 ** (n_bits - 1) - 1
    exact = _exact_scale(channel, digital_min, digital_max)
    if exact is not None:
        return exact, 0
    low, high, n_missing = value_range(channel)
    if low == high:
        low, high = low - 1.0, high + 1.0
    scale = _scale(channel, low, high, digital_min, digital_max, exact=False)
    if scale is None:
        raise WriteError(
            f"the range of channel {channel.name!r} does not fit the 8 characters {format_name} has for it",
            got=f"{low:g} to {high:g} {channel.unit}", expected="limits such as -9999999 to 99999999",
            way_out="write .npz, or another unit",
        )  # fmt: skip
    return scale, n_missing


def _exact_scale(channel: Channel, digital_min: int, digital_max: int) -> Scale | None:
    """Scale that keeps stored integers as they are; None if they are no integers, too wide, or their limits need rounding."""
    kind = channel.samples.dtype.kind
    gain, offset = channel.samples.gain, channel.samples.offset
    if kind not in "iu" or gain == 0:
        return None
    least, most = _stored_range(channel)
    round_numbers = [(-n * 10**k, n * 10**k) for k in range(8) for n in (1, 2, 4, 5, 8)]
    for low, high in [(digital_min, digital_max), (-32768, 32767), (-2048, 2047), *round_numbers]:
        if digital_min <= low <= least and most <= high <= digital_max:
            scale = _scale(channel, low * gain + offset, high * gain + offset, low, high, exact=True)
            if scale is not None:
                return scale
    return None


def _stored_range(channel: Channel) -> tuple[int, int]:
    least, most = 0, 0
    for start in range(0, channel.n_samples, 1 << 20):
        stored = channel.samples.read_stored(start, min(start + (1 << 20), channel.n_samples))
        if len(stored):
            least, most = min(least, int(stored.min())), max(most, int(stored.max()))
    return least, most


def _scale(
    channel: Channel, low: float, high: float, digital_min: int, digital_max: int, *, exact: bool
) -> Scale | None:
    """Header texts whose rounding moves no value by more than a quarter of a step, in the unit that fits best."""
    units = [(unit, microvolts_per(unit)) for unit in _UNITS] if channel.is_voltage else [(channel.unit, 1.0)]
    n_steps = digital_max - digital_min
    best: tuple[float, Scale] | None = None
    for unit, factor in units:
        rising = high > low
        texts = (
            decimal_8(low / factor, up=None if exact else not rising),
            decimal_8(high / factor, up=None if exact else rising),
        )
        if texts[0] is None or texts[1] is None or float(texts[0]) == float(texts[1]):
            continue
        near, far = float(texts[0]) * factor, float(texts[1]) * factor
        error = max(abs(near - low), abs(far - high)) / abs((high - low) / n_steps)
        gain = (far - near) / n_steps
        scale = Scale(
            unit=unit, physical_min=texts[0], physical_max=texts[1], digital_min=digital_min, digital_max=digital_max,
            gain=gain, offset=near - digital_min * gain, is_exact=exact,
        )  # fmt: skip
        if (not exact or error <= 0.25) and (best is None or error < best[0]):
            best = error, scale
    return None if best is None else best[1]
