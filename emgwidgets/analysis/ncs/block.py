"""Conduction block and temporal dispersion between two sites, as two separate statements, each with an undetermined class.

It compares waveforms.  Published criteria on amplitude, area and duration are judged in ``interpretation``, not here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from emgwidgets.analysis.ncs._response import MOTOR, Located, locate
from emgwidgets.analysis.ncs.motor import MotorWave, measure_motor_response
from emgwidgets.analysis.ncs.segments import change_percent, drop_percent
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent, Measure
from emgwidgets.model.signal import Sweep

__all__ = ["SegmentChange", "compare_sites"]

Floats = NDArray[np.float64]
Answer = Literal["present", "not seen", "undetermined"]

# Internal choices, tried on development seeds of the virtual patient.  A true block of 30 % is what is to be told from dispersion
# (science 6); the limits lie on both sides of it, and between them the answer is undetermined.
BLOCK_PERCENT = (20.0, 32.0)
DISPERSION_MS = (0.6, 1.0)
"""Growth of the latency scatter: a healthy forearm makes about 0.5 ms (velocity SD 4.2 m/s over 260 mm, science 2.2)."""
MIN_FIT = 0.9
MODEL_PERCENT = 6.0
"""Half width of the 90 % interval that unlike units leave without any noise (development seeds)."""
MIN_DISTAL_MV = 1.0
"""Below 1 mV block is not judged (AAEM 1999, M)."""
STEP_MS, LONGEST_MS = 0.25, 16.0


@dataclass(frozen=True, kw_only=True)
class SegmentChange:
    """What happens to a motor response between a distal and a proximal site.

    Parameters
    ----------
    blocked_percent : Measure
        Share of the distal response that no longer arrives, after delays of any spread have been allowed for.
    scatter_ms : Measure
        Half width of the middle 68 % of the delays that the proximal response shows beyond the distal one.
    amplitude_drop_percent, area_drop_percent, duration_increase_percent : Measure
        The plain changes (ncs section 3).
    block, dispersion : str
        ``"present"``, ``"not seen"`` or ``"undetermined"``.
    fit_share : float
        Share of the proximal waveform that the delayed distal one explains.
    reasons : tuple of str
        Why a statement is undetermined.
    """

    blocked_percent: Measure
    scatter_ms: Measure
    amplitude_drop_percent: Measure
    area_drop_percent: Measure
    duration_increase_percent: Measure
    block: Answer
    dispersion: Answer
    fit_share: float
    reasons: tuple[str, ...]


def _cut(found: Located, length_ms: float) -> Floats:
    """Wave from shortly before its onset on the common grid."""
    start_ms = found.onset.time_ms - 1.0
    grid = start_ms + np.arange(0.0, length_ms, STEP_MS)
    return np.interp(grid, found.levelled.times_ms, found.smooth_uv, left=0.0, right=0.0)


def _delays(distal: Floats, proximal: Floats) -> tuple[Floats, Floats, float]:
    """Lags, share of the response in each, and how much of the proximal wave they explain."""
    from scipy.optimize import nnls

    n_back, n_lags = round(2.0 / STEP_MS), round(LONGEST_MS / STEP_MS)
    lags = np.arange(-n_back, n_lags)
    n = len(proximal)
    index = np.arange(n)[:, None] - lags[None, :]
    table = np.where((index >= 0) & (index < n), distal[np.clip(index, 0, n - 1)], 0.0)
    scale = float(np.abs(distal).max())
    # A little weight against wide kernels with no support in the data keeps noise from being delayed response.
    ridge = 0.01 * scale * math.sqrt(n) * np.eye(len(lags)) * 0.05
    shares, _ = nnls(np.vstack([table, ridge]), np.concatenate([proximal, np.zeros(len(lags))]))
    rest = proximal - table @ shares
    return (
        np.asarray(lags * STEP_MS, dtype=np.float64),
        shares,
        1.0 - float((rest**2).sum()) / max(float((proximal**2).sum()), 1e-12),
    )


def _scatter(lags_ms: Floats, shares: Floats) -> float:
    """Half the width of the middle 68 % of the delays; stray shares far off do not count."""
    total = np.cumsum(shares)
    if total[-1] <= 0:
        return 0.0
    edges_ms = np.concatenate([[lags_ms[0] - STEP_MS / 2], lags_ms + STEP_MS / 2])
    low, high = np.interp(np.array([0.16, 0.84]) * total[-1], np.concatenate([[0.0], total]), edges_ms)
    return 0.5 * float(high - low)


def _answer(value: float, half: float, limits: tuple[float, float]) -> Answer:
    if value - half > limits[1] or (value > limits[1] and half < limits[1] - limits[0]):
        return "present"
    if value + half < limits[0] or (value < limits[0] and half < limits[1] - limits[0]):
        return "not seen"
    return "undetermined"


def _located(sweep: Sweep, what: str) -> tuple[Located, MotorWave]:
    found, wave = locate(sweep, MOTOR, None), measure_motor_response(sweep)
    if isinstance(found, Absent) or isinstance(wave, Absent):
        reason = found.reason if isinstance(found, Absent) else ""
        raise InputError(f"the {what} response is absent, so its segment cannot be compared", got=reason,
                         way_out="an absent proximal response is a finding of its own")  # fmt: skip
    return found, wave


def compare_sites(distal: Sweep, proximal: Sweep) -> SegmentChange:
    """Compare the responses of one nerve and muscle on stimulation at two sites.

    The proximal response is written as the distal one, delayed by many non-negative shares.  Shares that are missing are block;
    shares that are spread out are dispersion.

    Raises
    ------
    InputError
        If a response is absent, or the proximal one comes first.
    """
    (one, distal_wave), (two, proximal_wave) = _located(distal, "distal"), _located(proximal, "proximal")
    if two.peak_ms <= one.peak_ms:
        raise InputError("the proximal response comes first", got=f"negative peaks at {one.peak_ms:.2f} and {two.peak_ms:.2f} ms",
                         expected="a longer latency from the proximal site", way_out="check whether the sites are swapped")  # fmt: skip
    end_ms = max(one.end_ms - one.onset.time_ms, two.end_ms - two.onset.time_ms)
    length_ms = min(max(end_ms + 4.0, 15.0), LONGEST_MS + 25.0)
    first, second = _cut(one, length_ms), _cut(two, length_ms)
    lags_ms, shares, fit = _delays(first, second)
    noise = math.hypot(one.smooth_sd_uv, two.smooth_sd_uv) / -one.peak_uv
    blocked = 100.0 * (1.0 - float(shares.sum()))
    blocked_half = math.hypot(100.0 * (3.0 * noise + (1.0 - max(fit, 0.0))), MODEL_PERCENT)
    scatter_ms = _scatter(lags_ms, shares)
    scatter_half = 0.15 + scatter_ms * (1.0 - max(fit, 0.0)) + 5.0 * noise
    reasons = []
    if fit < MIN_FIT:
        reasons.append(f"delayed distal response explains only {100 * fit:.0f} % of the proximal one")
    if distal_wave.amplitude_mv.value < MIN_DISTAL_MV:
        reasons.append(f"the distal response is below {MIN_DISTAL_MV:g} mV")
    block, dispersion = _answer(blocked, blocked_half, BLOCK_PERCENT), _answer(scatter_ms, scatter_half, DISPERSION_MS)
    if reasons:
        block, dispersion = "undetermined", "undetermined"
    conditions = proximal_wave.amplitude_mv.conditions
    return SegmentChange(
        blocked_percent=Measure(value=blocked, unit="%", method="missing share of non-negative delays", low=blocked - blocked_half,
                                high=blocked + blocked_half, conditions=conditions),
        scatter_ms=Measure(value=scatter_ms, unit="ms", method="middle 68 % of non-negative delays", low=max(scatter_ms - scatter_half, 0.0),
                           high=scatter_ms + scatter_half, conditions=conditions),
        amplitude_drop_percent=drop_percent(distal_wave.amplitude_mv, proximal_wave.amplitude_mv),
        area_drop_percent=drop_percent(distal_wave.area_mv_ms, proximal_wave.area_mv_ms),
        duration_increase_percent=change_percent(
            distal_wave.negative_peak_duration_ms, proximal_wave.negative_peak_duration_ms),
        block=block, dispersion=dispersion, fit_share=fit, reasons=tuple(reasons),
    )  # fmt: skip
