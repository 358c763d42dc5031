"""Interference pattern: turns by the 100 uV rule, amplitude, peak ratio, activity, small segments, envelope.  No norms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.analysis.needle._input_checks import input_limits, mixed_electrodes
from emgwidgets.analysis.needle._usable import clipped_share
from emgwidgets.errors import InputError
from emgwidgets.model.needle_effort import InterferenceEpoch, InterferencePattern, Turns
from emgwidgets.model.signal import Trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TURN_UV", "cloud_share_outside", "find_turns", "measure_interference"]

TURN_UV = 100.0  # needle.md section 3, Willison 1964 [M]
EPOCH_S = 0.5  # within the 0.3-1 s of needle.md section 3 [M]
MIN_EPOCHS = 20  # needle.md section 3 [M]
SMALL_SEGMENT_UV = 2000.0  # needle.md section 3, Nandedkar 1986 [M]
SEGMENT_UV, SEGMENT_MS = 50.0, 3.0  # internal choice: the published limits of a small segment were not read [M]
ACTIVE_MS = 10.0  # internal choice: a gap shorter than a motor unit potential does not part two active stretches
ENVELOPE_SHARE = 0.01  # needle.md section 3 [M]
LOWEST_RATE_HZ = 4000.0  # internal choice: below it a spike has too few samples for its turns


def find_turns(samples_uv: NDArray[np.float64], *, threshold_uv: float = TURN_UV) -> Turns:
    """Find the turns of a trace.

    A turn is a reversal of direction that lies at least the threshold away from the turn before and from the turn
    after it.  The two ends of the trace are no turns.

    Parameters
    ----------
    samples_uv : ndarray, shape (n_samples,)
        Microvolts, without missing values.
    threshold_uv : float
        Above 0.

    Returns
    -------
    Turns

    Raises
    ------
    InputError
        If the threshold is not above 0 or a value is missing.
    """
    if not threshold_uv > 0:
        raise InputError("the threshold of a turn cannot be used", got=f"{threshold_uv} µV", expected="above 0 uV")
    samples = np.asarray(samples_uv, dtype=np.float64)
    if not np.isfinite(samples).all():
        raise InputError("turns need a trace without missing values", way_out="choose a stretch without a gap")
    places = _extremes(samples)
    kept = _reversals(samples[places].tolist(), threshold_uv)
    indices = places[kept]
    return Turns(indices=indices, values_uv=samples[indices], threshold_uv=threshold_uv)


def _extremes(samples: NDArray[np.float64]) -> NDArray[np.int64]:
    """First and last sample, and every local extreme; of a flat top its first sample."""
    moves = np.flatnonzero(np.diff(samples) != 0)
    if not len(moves):
        return np.zeros(min(len(samples), 1), dtype=np.int64)
    up = np.diff(samples)[moves] > 0
    change = np.flatnonzero(up[1:] != up[:-1])
    inner = moves[change] + 1
    return np.concatenate([[0], inner, [len(samples) - 1]]).astype(np.int64)


def _reversals(values: list[float], threshold: float) -> list[int]:
    """Places, among alternating extremes, of those that stand off by the threshold on both sides."""
    kept: list[int] = []
    if not values:
        return kept
    low = high = 0
    direction = 0  # 1 while rising from a confirmed low, -1 while falling from a confirmed high
    for place, value in enumerate(values):
        if direction >= 0 and value > values[high]:
            high = place
        if direction <= 0 and value < values[low]:
            low = place
        if direction >= 0 and values[high] - value >= threshold:
            if high > 0:
                kept.append(high)
            direction, low = -1, place
        elif direction <= 0 and value - values[low] >= threshold:
            if low > 0:
                kept.append(low)
            direction, high = 1, place
    return kept


def measure_interference(
    traces: Trace | Sequence[Trace], *, epoch_s: float = EPOCH_S, threshold_uv: float = TURN_UV
) -> InterferencePattern:
    """Measure the interference pattern in epochs of one or more sites.

    Parameters
    ----------
    traces : Trace or sequence of Trace
        Stretches of steady or rising effort, one for each site.
    epoch_s : float
        Length of an epoch; what is left at the end of a trace is dropped.
    threshold_uv : float
        Least voltage between two turns.

    Returns
    -------
    InterferencePattern
        ``limits`` says what the recording cannot support.

    Raises
    ------
    InputError
        If a stretch is shorter than an epoch or its rate is below 4 kHz.

    Notes
    -----
    Sources: needle.md section 3, Willison 1964 and Stalberg 1983 [M]; peak ratio LIG [V]; activity, small segments and
    envelope after Nandedkar 1986, whose exact limits were not read, so they are marked internal [M].
    """
    found: list[InterferenceEpoch] = []
    limits: list[str] = []
    given = [traces] if isinstance(traces, Trace) else list(traces)
    for trace in given:
        rate = trace.sampling_rate_hz
        if rate < LOWEST_RATE_HZ:
            raise InputError(
                "the sampling rate is too low for turns", got=f"{rate:g} Hz", expected=f"{LOWEST_RATE_HZ:g} Hz or more",
                way_out="record again at 20 kHz or more",
            )  # fmt: skip
        n = round(epoch_s * rate)
        if n < 2 or len(trace.samples_uv) < n:
            raise InputError(
                "the stretch is too short for an epoch", got=f"{trace.duration_s:g} s", expected=f"{epoch_s:g} s or more",
                way_out="choose a longer stretch or a shorter epoch",
            )  # fmt: skip
        for first in range(0, len(trace.samples_uv) - n + 1, n):
            piece = trace.samples_uv[first : first + n]
            found.append(_epoch(piece, rate, trace.start_s + first / rate, threshold_uv))
    if len(found) < MIN_EPOCHS:
        limits.append(
            f"{len(found)} epochs; a turns-amplitude cloud is read from {MIN_EPOCHS} or more of several sites (unverified)."
        )
    if any(trace.sampling_rate_hz < 2 * 10_000.0 for trace in given):
        limits.append("The rate is below 20 kHz, so fast turns are lost and the counts are too low (unverified).")
    limits += list(dict.fromkeys(sentence for trace in given for sentence in input_limits(trace)))
    mixed = mixed_electrodes(trace.settings.electrode for trace in given)
    limits += [mixed] if mixed else []
    if any(clipped_share(trace.samples_uv) > 0 for trace in given):
        limits.append("Peaks are cut off at the end of the range: turn amplitude and envelope are too small.")
    ratios = [epoch.turns_amplitude_ratio for epoch in found if epoch.turns_amplitude_ratio > 0]
    if not ratios:
        limits.append(f"No turn of {threshold_uv:g} µV in any epoch: rest, or an electrode far from the fibres.")
    return InterferencePattern(
        epochs=tuple(found), peak_ratio=max(ratios, default=None), threshold_uv=threshold_uv, limits=tuple(limits)
    )


def _epoch(samples: NDArray[np.float64], rate: float, start_s: float, threshold_uv: float) -> InterferenceEpoch:
    duration_s = len(samples) / rate
    turns = find_turns(samples, threshold_uv=threshold_uv)
    steps = np.abs(np.diff(turns.values_uv))
    mean_uv = float(steps.mean()) if len(steps) else 0.0
    per_s = turns.n_turns / duration_s
    fine = find_turns(samples, threshold_uv=SEGMENT_UV)
    sizes, lengths_ms = np.abs(np.diff(fine.values_uv)), np.diff(fine.indices) * 1000.0 / rate
    sharp = lengths_ms <= SEGMENT_MS
    gaps_ms = np.diff(fine.indices) * 1000.0 / rate
    active_ms = float(gaps_ms[gaps_ms <= ACTIVE_MS].sum())
    return InterferenceEpoch(
        start_s=start_s, duration_s=duration_s, turns_per_s_hz=per_s, mean_turn_amplitude_uv=mean_uv,
        turns_amplitude_ratio=per_s / mean_uv if mean_uv else 0.0, activity_percent=min(active_ms / duration_s / 10.0, 100.0),
        n_small_segments=int((sharp & (sizes < SMALL_SEGMENT_UV)).sum()),
        envelope_uv=float(np.quantile(sizes[sharp], 1 - ENVELOPE_SHARE)) if sharp.any() else 0.0,
    )  # fmt: skip


def cloud_share_outside(
    epochs: Iterable[InterferenceEpoch], cloud: NDArray[np.float64]
) -> tuple[float, dict[str, float]]:
    """Share of epochs outside a cloud, and where they lie.

    Parameters
    ----------
    epochs : iterable of InterferenceEpoch
    cloud : ndarray, shape (n, 3)
        Rows of turns per second (rising), lower and upper limit of the mean turn amplitude in uV.  The caller states
        where the cloud comes from.

    Returns
    -------
    tuple
        Share in percent, and the shares above and below (or beside) it.

    Raises
    ------
    InputError
        If the cloud has not three columns and rising rows, or there is no epoch.
    """
    corners = np.asarray(cloud, dtype=np.float64)
    if corners.ndim != 2 or corners.shape[1] != 3 or len(corners) < 2 or (np.diff(corners[:, 0]) <= 0).any():
        raise InputError(
            "the cloud cannot be used", expected="rows of rising turns per second, lower and upper amplitude"
        )
    points = np.array([(one.turns_per_s_hz, one.mean_turn_amplitude_uv) for one in epochs])
    if not len(points):
        raise InputError("a cloud needs epochs", got="none", expected="20 or more")
    low = np.interp(points[:, 0], corners[:, 0], corners[:, 1])
    high = np.interp(points[:, 0], corners[:, 0], corners[:, 2])
    above = 100.0 * float((points[:, 1] > high).mean())
    below = 100.0 * float((points[:, 1] < low).mean())
    return above + below, {"above_percent": above, "below_percent": below}
