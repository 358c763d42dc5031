"""What limits the use of a recording: flags with place, size and reason.  Nothing is repaired here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from emgwidgets.analysis.signal.quality_mains import MIN_LENGTH_S, Mains, find_mains
from emgwidgets.analysis.signal.quality_places import MAX_PLACES, Place, merge_places, place_flag
from emgwidgets.analysis.signal.quality_purposes import PURPOSES, purposes_of_kind
from emgwidgets.analysis.signal.quality_range import overflow_flags, saturation_flags
from emgwidgets.analysis.signal.quality_scan import BLOCK_SAMPLES, ChannelScan, runs, scan_channel
from emgwidgets.errors import InputError
from emgwidgets.model.signal import Channel, QualityFlag, Recording

__all__ = ["all_flags", "check_channel", "check_quality"]

# Internal choices, each with its reason.
EMG_KINDS = ("emg", "needle_emg", "surface_emg")
MIN_MAINS_UV = 5.0
"""A tenth of a division at 50 uV/div, the gain for activity at rest."""
DRIFT_RATIO, MIN_DRIFT_UV = 3.0, 20.0
"""Drift counts when it is thrice the swing inside a second and could hide a fibrillation of 20 uV."""
MAX_PLAUSIBLE_UV, MIN_PLAUSIBLE_UV = 100_000.0, 1.0
"""Peak to peak in a quarter of a second: several times the largest CMAP; less than the noise of an amplifier."""
LONGEST_BRIDGE_S = 0.005
"""Longest missing stretch that is offered to be bridged, about the length of one spike."""


def check_quality(
    recording: Recording, *, purposes: Iterable[str] | None = None, block_samples: int = BLOCK_SAMPLES
) -> tuple[QualityFlag, ...]:
    """Look through all channels for what limits their use.

    Parameters
    ----------
    recording : Recording
        Samples are read once, block by block; memory stays bounded however long the recording is.
    purposes : iterable of str, optional
        What the recording is to be used for: ``"spontaneous_activity"``, ``"muap_shape"``, ``"jitter"``,
        ``"ncs_latency"``.  Left out, it follows from the kind of each channel; sweeps are asked for NCS latency.
    block_samples : int
        Samples read at a time.

    Returns
    -------
    tuple of QualityFlag
        In order of channel, then of time.  Flags the reader of the file has already set are not repeated.

    Raises
    ------
    InputError
        If a purpose is unknown.
    """
    asked = None if purposes is None else tuple(purposes)
    known = {purpose.code for purpose in PURPOSES}
    unknown = sorted(set(asked or ()) - known)
    if unknown:
        raise InputError(
            "no such purpose", got=", ".join(unknown), expected=", ".join(sorted(known)), way_out="check the name",
        )  # fmt: skip
    found: list[QualityFlag] = []
    for channel in recording.channels:
        found += check_channel(channel, purposes=asked, block_samples=block_samples)
    found += _too_short_for_mains(recording.channels)
    found += _sweep_rates(recording, asked)
    set_before = {(flag.kind, flag.channel, round(flag.start_s, 3)) for flag in recording.quality_flags}
    return tuple(flag for flag in found if (flag.kind, flag.channel, round(flag.start_s, 3)) not in set_before)


def all_flags(recording: Recording) -> tuple[QualityFlag, ...]:
    """Flags the reader of the file has set, then those of :func:`check_quality`; what a reader says of all channels and is found in one again is said once."""
    found = check_quality(recording)
    again = {(flag.kind, round(flag.start_s, 3)) for flag in found}
    kept = [
        flag
        for flag in recording.quality_flags
        if flag.channel is not None or (flag.kind, round(flag.start_s, 3)) not in again
    ]
    return (*kept, *found)


def check_channel(
    channel: Channel, *, purposes: tuple[str, ...] | None = None, block_samples: int = BLOCK_SAMPLES
) -> list[QualityFlag]:
    """Flags of one channel in order of time; see :func:`check_quality`."""
    flags = [*_gaps(channel)]
    if channel.n_samples:
        scan = scan_channel(channel, block_samples=block_samples)
        flags += [*_missing(scan), *saturation_flags(scan), *overflow_flags(scan)]
        if channel.is_voltage:
            flags += [*_flat(scan), *_mains(scan), *_drift(scan)]
        if channel.is_voltage and channel.kind in EMG_KINDS:
            flags += [*_unit(scan)]
    if channel.is_voltage:
        asked = purposes_of_kind(channel.kind) if purposes is None else purposes
        flags += _low_rate(channel.name, channel.sampling_rate_hz, asked, (channel.start_s, channel.end_s))
    return sorted(flags, key=lambda flag: flag.start_s)


def _gaps(channel: Channel) -> Iterator[QualityFlag]:
    for before, after in zip(channel.segments, channel.segments[1:], strict=False):
        end_s = before.start_s + before.n_samples / channel.sampling_rate_hz
        size_s = after.start_s - end_s
        if size_s > 0.5 / channel.sampling_rate_hz:
            yield QualityFlag(
                kind="gap", channel=channel.name, start_s=end_s, end_s=after.start_s, size=size_s, unit="s",
                reason=f"Nothing was recorded for {size_s:.3g} s. Rhythm across the gap is not judged; measure on one side of it.",
            )  # fmt: skip
        elif size_s < -0.5 / channel.sampling_rate_hz:
            yield QualityFlag(
                kind="clock_reset", channel=channel.name, start_s=after.start_s, end_s=end_s, size=-size_s, unit="s",
                reason=f"The clock goes back by {-size_s:.3g} s. Times after it are not comparable; measure on one side of it.",
            )  # fmt: skip


def _missing(scan: ChannelScan) -> Iterator[QualityFlag]:
    places: list[Place] = []
    for start, stop, low, high in scan.pieces():
        if np.isfinite(low) and np.isfinite(high):
            continue
        is_missing = ~np.isfinite(scan.values(start, stop))
        places += [(start + int(a), start + int(b)) for a, b in runs(is_missing)]
    for place, count in merge_places(scan, places):
        size_s = count / scan.channel.sampling_rate_hz
        can_bridge = count == place[1] - place[0] and size_s <= LONGEST_BRIDGE_S
        way_out = "bridge it in a copy, or measure beside it" if can_bridge else "measure beside it"
        yield place_flag(
            scan, "missing", place, size=size_s, unit="s",
            reason=f"{count} {'sample holds' if count == 1 else 'samples hold'} no value ({size_s:.3g} s). Measures across them are not judged; {way_out}.",
            repair="interpolate" if can_bridge else "",
        )  # fmt: skip


def _flat(scan: ChannelScan) -> Iterator[QualityFlag]:
    """Stretches without change; on a digital line or a force at rest that is natural, so only voltages are asked."""
    places = _flat_places(scan)
    if len(places) > MAX_PLACES:
        places = [(places[0][0], places[-1][1], sum(count for _, _, count in places))]
    for start, stop, count in places:
        size_s = count / scan.channel.sampling_rate_hz
        yield place_flag(
            scan, "flat", (start, stop), size=size_s, unit="s",
            reason=f"The value does not change for {size_s:.3g} s, not even by noise. Silence is not judged here; "
            "check electrode and cable.",
        )  # fmt: skip


def _flat_places(scan: ChannelScan) -> list[tuple[int, int, int]]:
    """First sample, last sample (exclusive) and number of samples of each flat stretch, exact to the sample."""
    rough: list[tuple[int, int, float]] = []
    for start, stop, low, high in scan.pieces():
        if low != high:
            continue
        if rough and rough[-1][1] == start and rough[-1][2] == low:
            rough[-1] = (rough[-1][0], stop, low)
        else:
            rough.append((start, stop, low))
    piece = scan.segments[0].piece
    shortest = min(2 * piece, scan.channel.n_samples)
    found: list[tuple[int, int, int]] = []
    for start, stop, value in rough:
        before = np.flatnonzero(scan.values(max(start - piece, 0), start) != value)
        after = np.flatnonzero(scan.values(stop, min(stop + piece, scan.channel.n_samples)) != value)
        first = max(start - piece, 0) + int(before[-1]) + 1 if len(before) else max(start - piece, 0)
        last = stop + int(after[0]) if len(after) else min(stop + piece, scan.channel.n_samples)
        if last - first >= shortest:
            found.append((first, last, last - first))
    return found


def _mains(scan: ChannelScan) -> Iterator[QualityFlag]:
    gain = abs(scan.channel.samples.gain)
    joined: list[tuple[float, float, Mains]] = []
    for part in scan.segments:
        for line in find_mains(part.thin, scan.thin_rate_hz, scan.factor):
            start_s, end_s = part.segment.start_s + line.start_s, part.segment.start_s + line.end_s
            same = [
                n
                for n, old in enumerate(joined)
                if (old[2].frequency_hz, old[2].is_clear) == (line.frequency_hz, line.is_clear)
                and old[1] >= start_s - 0.01
            ]
            if line.peak_to_peak * gain < MIN_MAINS_UV:
                continue
            if same:
                old = joined[same[-1]]
                larger = max(old[2], line, key=lambda one: one.peak_to_peak)
                joined[same[-1]] = (old[0], end_s, larger)
            else:
                joined.append((start_s, end_s, line))
    for start_s, end_s, line in joined:
        yield _mains_flag(scan.channel.name, start_s, end_s, line, line.peak_to_peak * gain)


def _mains_flag(name: str, start_s: float, end_s: float, line: Mains, size_uv: float) -> QualityFlag:
    harmonics = f" with {', '.join(f'{hz:g}' for hz in line.harmonics_hz)} Hz" if line.harmonics_hz else ""
    if line.is_clear:
        return QualityFlag(
            kind="mains", channel=name, start_s=start_s, end_s=end_s, size=size_uv, unit="uV", repair="notch",
            reason=f"{line.frequency_hz:g} Hz from the mains{harmonics}, {size_uv:.3g} µV peak to peak. Smaller potentials are not "
            "judged; check ground and impedance, or view with the notch.",
        )  # fmt: skip
    return QualityFlag(
        kind="mains_unclear", channel=name, start_s=start_s, end_s=end_s, size=size_uv, unit="uV",
        reason=f"A steady rhythm at {line.frequency_hz:g} Hz{harmonics}, {size_uv:.3g} µV peak to peak. Mains or a regular discharge "
        "is not judged; look at one period, and whether it starts and stops.",
    )  # fmt: skip


def _too_short_for_mains(channels: Iterable[Channel]) -> list[QualityFlag]:
    """One flag for all voltage channels in which no stretch is long enough to tell mains."""
    short = [
        channel
        for channel in channels
        if channel.is_voltage
        and channel.n_samples
        and max(part.n_samples for part in channel.segments) < MIN_LENGTH_S * channel.sampling_rate_hz
    ]
    if not short:
        return []
    longest_s = max(part.n_samples / channel.sampling_rate_hz for channel in short for part in channel.segments)
    return [
        QualityFlag(
            kind="mains_unclear", channel=short[0].name if len(short) == 1 else None,
            start_s=min(channel.start_s for channel in short), end_s=max(channel.end_s for channel in short),
            size=longest_s, unit="s",
            reason=f"No stretch is longer than {longest_s:.3g} s{_of_channels(len(short))}. Mains is not judged; it takes {MIN_LENGTH_S:g} s.",
        )
    ]  # fmt: skip


def _of_channels(count: int) -> str:
    return f" in {count} channels" if count > 1 else ""


def _drift(scan: ChannelScan) -> Iterator[QualityFlag]:
    gain = abs(scan.channel.samples.gain)
    n_window = round(scan.thin_rate_hz)
    for part in scan.segments:
        n_windows = len(part.thin) // n_window if n_window else 0
        if n_windows < 3:
            continue
        windows = part.thin[: n_windows * n_window].reshape(n_windows, n_window)
        windows = windows[np.isfinite(windows).all(axis=1)]
        if len(windows) < 3:
            continue
        level: NDArray[np.float64] = np.median(windows, axis=1)
        swing = float(np.median(np.std(windows - level[:, None], axis=1))) * gain
        size_uv = float(np.ptp(level)) * gain
        if size_uv > max(MIN_DRIFT_UV, DRIFT_RATIO * 2.0 * swing):
            start_s = part.segment.start_s
            yield QualityFlag(
                kind="drift", channel=scan.channel.name, start_s=start_s,
                end_s=start_s + part.segment.n_samples / scan.channel.sampling_rate_hz, size=size_uv, unit="uV",
                reason=f"The baseline wanders by {size_uv:.3g} µV. Amplitudes from a fixed baseline are not judged; "
                "measure from the local baseline or view with a high-pass.",
            )  # fmt: skip


def _unit(scan: ChannelScan) -> Iterator[QualityFlag]:
    swings = np.concatenate([part.highest - part.lowest for part in scan.segments]) * abs(scan.channel.samples.gain)
    swings = swings[np.isfinite(swings) & (swings > 0)]
    typical_uv = float(np.median(swings)) if len(swings) else MIN_PLAUSIBLE_UV
    if MIN_PLAUSIBLE_UV <= typical_uv <= MAX_PLAUSIBLE_UV:
        return
    why = "more than any muscle gives" if typical_uv > MAX_PLAUSIBLE_UV else "less than the noise of an amplifier"
    yield QualityFlag(
        kind="implausible_unit", channel=scan.channel.name, start_s=scan.channel.start_s, end_s=scan.channel.end_s,
        size=typical_uv, unit="uV",
        reason=f"Typical swing is {typical_uv:.3g} µV, {why}. No amplitude is judged; check the unit and read again with unit=...",
    )  # fmt: skip


def _low_rate(name: str, rate_hz: float, asked: tuple[str, ...], place_s: tuple[float, float]) -> list[QualityFlag]:
    short = [purpose for purpose in PURPOSES if purpose.code in asked and rate_hz < purpose.sampling_rate_hz]
    if not short:
        return []
    needs = ", ".join(f"{one.label} ({one.sampling_rate_hz / 1000:g} kHz, {one.mark})" for one in short)
    return [
        QualityFlag(
            kind="low_rate", channel=name, start_s=place_s[0], end_s=place_s[1], size=rate_hz, unit="Hz",
            reason=f"{rate_hz / 1000:g} kHz is below the rate, unverified, for {needs}. Not judged: fine shape and timing; record faster.",
        )
    ]  # fmt: skip


def _sweep_rates(recording: Recording, asked: tuple[str, ...] | None) -> list[QualityFlag]:
    flags: list[QualityFlag] = []
    rates = {(sweep.channel, sweep.sampling_rate_hz) for sweep in recording.sweeps}
    for name, rate_hz in sorted(rates):
        flags += _low_rate(name, rate_hz, ("ncs_latency",) if asked is None else asked, (0.0, 0.0))
    return flags
