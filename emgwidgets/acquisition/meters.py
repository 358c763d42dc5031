"""What a look at the last second tells while recording: size, limit of the converter, mains.  Not a quality report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Level", "level_of"]

MAINS_HZ = (50.0, 60.0)
#: Mains is told when it is this many times larger than the signal beside it (internal choice: noise alone passes three
#: times the mean of its neighbours about once in a thousand looks).
MAINS_FACTOR = 3.0
#: ... and at least this share of the signal's RMS (internal choice: units that fire at 12.5/s have a line at 50 Hz too, of
#: a fifth of their RMS).
MAINS_SHARE = 0.3
FOLDED_HZ = 2000.0
BESIDE_HZ = (-9.0, -7.0, -5.0, 5.0, 7.0, 9.0)


@dataclass(frozen=True, kw_only=True)
class Level:
    """Level of one channel over the samples looked at; NaN where there were none.

    Parameters
    ----------
    rms_uv, peak_uv, offset_uv : float
        Root mean square and largest size about the mean, and the mean.
    limit_share : float
        Share of samples that stay at the largest or smallest value for two samples or more: a converter at its limit.
    missing_share : float
        Share of samples that were lost.
    mains_hz : float or None
        50 or 60 when that frequency stands out.
    mains_uv : float
        Its size, zero to peak.
    """

    rms_uv: float
    peak_uv: float
    offset_uv: float
    limit_share: float
    missing_share: float
    mains_hz: float | None
    mains_uv: float


def level_of(samples_uv: NDArray[Any], sampling_rate_hz: float) -> Level:
    """Level of a stretch of one channel, shape ``(n_samples,)``; half a second or more tells of mains."""
    values = np.asarray(samples_uv, dtype=np.float64)
    present = np.isfinite(values)
    missing_share = 1.0 - float(present.mean()) if len(values) else 1.0
    if not present.any():
        nan = float("nan")
        return Level(
            rms_uv=nan,
            peak_uv=nan,
            offset_uv=nan,
            limit_share=nan,
            missing_share=missing_share,
            mains_hz=None,
            mains_uv=nan,
        )
    offset_uv = float(values[present].mean())
    centred = np.where(present, values - offset_uv, 0.0)
    mains_hz, mains_uv = _mains(centred, sampling_rate_hz, float(present.mean()))
    return Level(
        rms_uv=float(np.sqrt(np.mean(centred[present] ** 2))), peak_uv=float(np.abs(centred[present]).max()),
        offset_uv=offset_uv, limit_share=_limit_share(values[present]), missing_share=missing_share, mains_hz=mains_hz,
        mains_uv=mains_uv,
    )  # fmt: skip


def _limit_share(values: NDArray[np.float64]) -> float:
    if values.max() == values.min():
        return 0.0  # a flat line is no signal at its limit
    at_limit = (values == values.max()) | (values == values.min())
    stays = np.zeros(len(values), dtype=bool)
    both = at_limit[1:] & at_limit[:-1] & (values[1:] == values[:-1])
    stays[1:] |= both
    stays[:-1] |= both
    return float(stays.mean())


def _mains(centred_uv: NDArray[np.float64], rate_hz: float, present_share: float) -> tuple[float | None, float]:
    """Frequency and size of mains that stands out beside its neighbours."""
    if len(centred_uv) < 0.5 * rate_hz or rate_hz < 4 * max(MAINS_HZ):
        return None, float("nan")
    n_folded = max(int(rate_hz // FOLDED_HZ), 1)  # averages of neighbours: 50 and 60 Hz stay, the work becomes small
    n_whole = len(centred_uv) // n_folded * n_folded
    centred_uv, rate_hz = centred_uv[:n_whole].reshape(-1, n_folded).mean(axis=1), rate_hz / n_folded
    window = np.hanning(len(centred_uv))
    tapered = centred_uv * window
    times_s = np.arange(len(centred_uv)) / rate_hz

    def size_uv(frequency_hz: float) -> float:
        turned = tapered @ np.exp(-2j * np.pi * frequency_hz * times_s)
        return float(2 * np.abs(turned) / window.sum() / max(present_share, 1e-9))

    least_uv = MAINS_SHARE * float(np.sqrt(np.mean(centred_uv**2)))
    best: tuple[float | None, float] = (None, least_uv)
    for mains_hz in MAINS_HZ:
        found_uv = size_uv(mains_hz)
        # the other mains frequency is no neighbour to compare with
        beside_uv = np.median([size_uv(mains_hz + step_hz) for step_hz in BESIDE_HZ])
        if found_uv > MAINS_FACTOR * beside_uv and found_uv > best[1]:
            best = (mains_hz, found_uv)
    return best if best[0] is not None else (None, 0.0)
