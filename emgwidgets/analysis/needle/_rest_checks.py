"""What a recording must be to be read for activity at rest, and what a poor one can no longer support: one sentence each."""

from __future__ import annotations

import numpy as np

from emgwidgets.analysis.needle._input_checks import input_limits
from emgwidgets.errors import InputError
from emgwidgets.model.signal import Channel, Trace

__all__ = ["check_rest", "usable_trace"]

SHAPE_HZ, LEAST_HZ = 10_000.0, 2_000.0  # internal choices: ten samples in a spike of 1 ms; two in one
MIN_S, RHYTHM_S = 0.2, 2.0  # internal choices: one burst; a rate of 1 per second needs two seconds
SILENCE_UV = 0.05  # internal choice: below the noise of any amplifier
LOUD_NOISE_UV = 15.0  # internal choice: a fibrillation of 100 uV no longer stands out
CLIPPED_SAMPLES = 4


def usable_trace(given: Trace | Channel, *, is_surface: bool | None = None) -> Trace:
    """Return the trace of a needle channel.

    Raises
    ------
    InputError
        If it is no needle recording or cannot be read for activity at rest.
    """
    if isinstance(given, Channel):
        surface = given.kind == "surface_emg" if is_surface is None else is_surface
        if len(given.segments) > 1:
            raise InputError(f"channel {given.name!r} has gaps", got=f"{len(given.segments)} stretches",
                             expected="one stretch without a gap", way_out="read one stretch at a time")  # fmt: skip
        trace = Trace(samples_uv=given.samples_uv, sampling_rate_hz=given.sampling_rate_hz, start_s=given.start_s,
                      channel=given.name, settings=given.settings)  # fmt: skip
    else:
        trace, surface = given, bool(is_surface)
    electrode = (trace.settings.electrode or "").lower()
    if surface or "surface" in electrode:
        raise InputError("a surface recording shows no activity of single fibres at rest", got="a surface electrode",
                         expected="a needle channel", way_out="state is_surface=False if the label is wrong")  # fmt: skip
    if trace.sampling_rate_hz < LEAST_HZ:
        raise InputError("the sampling rate is too low for activity at rest", got=f"{trace.sampling_rate_hz:g} Hz",
                         expected=f"{LEAST_HZ:g} Hz or more, 20 kHz for shapes", way_out="record again")  # fmt: skip
    if trace.duration_s < MIN_S:
        raise InputError("the stretch is too short for activity at rest", got=f"{trace.duration_s:g} s",
                         expected=f"{MIN_S:g} s or more", way_out="choose a longer stretch")  # fmt: skip
    if not np.isfinite(trace.samples_uv).all():
        raise InputError("the stretch has missing values", way_out="choose a stretch without a gap, or repair it")
    return trace


def check_rest(trace: Trace, noise_uv: float) -> list[str]:
    """Sentences on what the recording limits."""
    rate, samples = trace.sampling_rate_hz, trace.samples_uv
    found = []
    if rate < SHAPE_HZ:
        found.append(f"At {rate:g} Hz the rise and duration of a fibre spike are not measured truly; rhythm still is.")
    elif rate < 20_000.0:
        found.append(
            f"At {rate:g} Hz the band above {rate / 2:g} Hz is missing; 20 kHz is the rate for activity at rest."
        )
    if float(samples.std()) < SILENCE_UV:
        found.append("The trace is flat: no amplifier noise, so this is no recording of silence but no input.")
    elif noise_uv > LOUD_NOISE_UV:
        found.append(
            f"The quietest parts carry {noise_uv:.0f} µV in the band of fibre spikes: small discharges are hidden."
        )
    if trace.duration_s < RHYTHM_S:
        found.append(f"{trace.duration_s:.1f} s is too short for the rhythm of slow discharges; watch longer.")
    top = np.abs(samples).max()
    at_end = np.abs(samples) >= top * (1 - 1e-9)
    runs = np.diff(np.flatnonzero(np.diff(np.concatenate([[0], at_end.astype(np.int8), [0]]))))[::2]
    if top > SILENCE_UV and len(runs) and runs.max() >= CLIPPED_SAMPLES:
        found.append(f"Peaks are cut off at {top:.0f} µV: amplitudes and shapes there are not true.")
    found += [one for one in input_limits(trace) if "surface" not in one]  # is_surface was asked before
    low = trace.settings.high_pass_hz
    if low is not None and low > 50.0:
        found.append(
            f"The low filter of {low:g} Hz shortens positive waves and motor unit potentials; 20 Hz is usual (unverified)."
        )
    return found
