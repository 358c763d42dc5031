"""Sweeps from any recording: its own sweeps, stretches around its stimuli, or its gap-free segments with a stated stimulus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Channel, Recording, Side, Stimulus, Sweep

__all__ = ["sweeps_at_sites", "sweeps_of"]

LONGEST_MS = 1000.0
"""A segment longer than this is no sweep (internal choice: no conduction study looks further than 1 s)."""


def _channel(recording: Recording, channel: str | None) -> Channel:
    if channel is not None:
        return recording.channel(channel)
    voltages = [one for one in recording.channels if one.is_voltage]
    if len(voltages) != 1:
        raise InputError("the channel to measure is not clear", got=f"{len(voltages)} voltage channels", expected="one",
                         way_out="state the channel; " + ", ".join(one.name for one in recording.channels[:12]))  # fmt: skip
    return voltages[0]


def _around(channel: Channel, stimulus: Stimulus, before_ms: float, after_ms: float) -> Sweep | None:
    first = channel.index_at(stimulus.time_s - before_ms / 1000.0)
    stop = channel.index_at(stimulus.time_s + after_ms / 1000.0)
    if stop - first < 2:
        return None
    times_s = channel.times_s(first, stop)
    if abs((times_s[-1] - times_s[0]) * channel.sampling_rate_hz - (stop - first - 1)) > 0.5:
        return None  # a gap lies in it
    return Sweep(
        samples_uv=channel.samples_uv[first:stop], sampling_rate_hz=channel.sampling_rate_hz,
        start_ms=1000.0 * (float(times_s[0]) - stimulus.time_s), stimulus=stimulus, channel=channel.name, site=stimulus.site,
        settings=channel.settings,
    )  # fmt: skip


def sweeps_of(
    recording: Recording, *, channel: str | None = None, stimulus_at_ms: float | None = None, before_ms: float = 5.0,
    after_ms: float = 100.0,
) -> tuple[Sweep, ...]:  # fmt: skip
    """Return the sweeps of a recording.

    Parameters
    ----------
    channel : str, optional
        Needed when there are several voltage channels.
    stimulus_at_ms : float, optional
        Where the stimulus lies in each gap-free segment, after its first sample; needed when the recording knows no stimulus.
    before_ms, after_ms : float
        What is cut around each stimulus of a continuous channel.

    Raises
    ------
    InputError
        If the channel is not clear, or there is neither sweep nor stimulus.
    """
    if recording.sweeps:
        chosen = [sweep for sweep in recording.sweeps if channel is None or sweep.channel == channel]
        names = sorted({sweep.channel for sweep in recording.sweeps})
        if not chosen or (channel is None and len(names) > 1):
            raise InputError(
                "the channel to measure is not clear", got=repr(channel), expected=f"one of {', '.join(names)}"
            )
        shift = stimulus_at_ms
        return tuple(chosen if shift is None else [replace(sweep, start_ms=-shift) for sweep in chosen])
    one = _channel(recording, channel)
    if recording.stimuli and stimulus_at_ms is None:
        cut = [_around(one, stimulus, before_ms, after_ms) for stimulus in recording.stimuli]
        found = tuple(sweep for sweep in cut if sweep is not None)
        if found:
            return found
        raise InputError(
            "no stimulus lies within the channel", got=f"{len(recording.stimuli)} stimuli", way_out="check the clock"
        )
    longest_ms = max(1000.0 * segment.n_samples / one.sampling_rate_hz for segment in one.segments)
    if stimulus_at_ms is None or longest_ms > LONGEST_MS:
        raise InputError(
            "the recording does not say where its stimuli are", got=f"segments of up to {longest_ms:.0f} ms",
            expected="sweeps, stimuli, or segments of at most 1 s with a stated stimulus",
            way_out="state where the stimulus lies in each segment",
        )  # fmt: skip
    samples_uv = one.samples_uv
    return tuple(
        Sweep(samples_uv=samples_uv[segment.first_sample : segment.first_sample + segment.n_samples],
              sampling_rate_hz=one.sampling_rate_hz, start_ms=-stimulus_at_ms, channel=one.name, settings=one.settings)
        for segment in one.segments
    )  # fmt: skip


def _per_channel(recording: Recording, names: Sequence[str], stimulus_at_ms: float | None) -> list[Sweep]:
    """Each named channel as a place of its own, the sweeps of one after those of the other."""
    found: list[Sweep] = []
    for name in names:
        found += sweeps_of(recording, channel=name, stimulus_at_ms=stimulus_at_ms)
    return found


def sweeps_at_sites(
    recording: Recording, *, nerve: str, side: Side, sites: Sequence[str], muscle: str = "", distances_mm: Sequence[float] = (),
    channel: str | None = None, stimulus_at_ms: float | None = None, skin_temperature_degc: float | None = None,
    filter_hz: tuple[float, float] | None = None,
) -> tuple[Sweep, ...]:  # fmt: skip
    """Return the sweeps of an imported study, each with its nerve, side and site.

    Parameters
    ----------
    recording : Recording
        From any file: one sweep, stimulus or gap-free segment for each site, or one channel for each site, as a table of a
        laboratory has it.
    nerve, muscle : str
        Codes of the vocabulary; a sensory study has no muscle, and its nerve is that of the response (``"median_d2"``).
    sites : sequence of str
        Of each sweep in order; a site may come again, as in a ramp.
    distances_mm : sequence of float
        From the cathode to the active electrode, one for each sweep.
    channel : str, optional
        Needed when there are several voltage channels and fewer or more sites than channels.
    stimulus_at_ms : float, optional
        Where the stimulus lies in each segment, after its first sample; needed when the recording knows no stimulus.
    filter_hz : (float, float), optional
        High-pass and low-pass, where the file does not say.

    Raises
    ------
    InputError
        If sites or distances and sweeps do not match in number.
    """
    voltages = [one.name for one in recording.channels if one.is_voltage]
    per_channel = channel is None and not recording.sweeps and len(voltages) > 1
    found = (
        _per_channel(recording, voltages, stimulus_at_ms)
        if per_channel
        else list(sweeps_of(recording, channel=channel, stimulus_at_ms=stimulus_at_ms))
    )
    for what, given in (("sites", sites), ("distances", distances_mm)):
        if len(given) != len(found) and (given or what == "sites"):
            raise InputError(
                f"{what} and sweeps do not match", got=f"{len(given)} {what}, {len(found)} sweeps",
                expected=f"one of the {what} for each sweep, in the order of the file",
            )  # fmt: skip
    made = []
    for number, sweep in enumerate(found):
        settings = sweep.settings
        if filter_hz is not None and settings.high_pass_hz is None and settings.low_pass_hz is None:
            settings = replace(settings, high_pass_hz=filter_hz[0], low_pass_hz=filter_hz[1])
        degc = sweep.skin_temperature_degc if skin_temperature_degc is None else skin_temperature_degc
        made.append(replace(
            sweep, nerve=nerve, muscle=muscle or None, side=side, site=sites[number], settings=settings,
            distance_mm=distances_mm[number] if distances_mm else sweep.distance_mm, skin_temperature_degc=degc,
        ))  # fmt: skip
    return tuple(made)
