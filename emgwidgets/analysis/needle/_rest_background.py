"""The stretch as a whole: hum, slow movement, cut-off peaks, density and grouping of all discharges.  It names nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.analysis.needle._rest_events import Conditioned, Group, remove_mains
from emgwidgets.analysis.needle._rest_features import rhythm_features
from emgwidgets.analysis.signal.quality_mains import find_mains

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Hum", "find_hum", "slow_features", "slow_uv", "stretch_features"]

# Internal choices (P), each with its reason.
THIN_HZ = 2000.0  # keeps the harmonics of the mains that matter
SLOW_HZ = 20.0  # the low filter of activity at rest (needle.md 2.4): what lies below is no discharge
CLIPPED_SAMPLES = 3  # equal samples at the extreme: a cut peak
LARGE_SHARE = 0.25  # of the 95th percentile of sizes
GROUP_HZ = np.arange(3.0, 12.0, 0.05)  # tremor 4-10 per second (science 1.9)


@dataclass(frozen=True, kw_only=True)
class Hum:
    """Mains in the stretch: frequency, and peak-to-peak size; 0 where there is none."""

    frequency_hz: float
    size_uv: float


def find_hum(samples_uv: NDArray[np.float64], rate_hz: float) -> Hum:
    """Hum that is clearly no discharge."""
    factor = max(int(rate_hz / THIN_HZ), 1)
    thin = samples_uv[: len(samples_uv) // factor * factor].reshape(-1, factor).mean(axis=1)
    lines = [line for line in find_mains(thin, rate_hz / factor, factor) if line.is_clear]
    if not lines:
        return Hum(frequency_hz=50.0, size_uv=0.0)
    main = max(lines, key=lambda line: line.peak_to_peak)
    return Hum(frequency_hz=main.frequency_hz, size_uv=main.peak_to_peak)


def slow_uv(samples_uv: NDArray[np.float64], rate_hz: float) -> NDArray[np.float64]:
    """What lies below the low filter of activity at rest, same length."""
    from scipy import signal

    sos = signal.butter(2, min(SLOW_HZ, 0.4 * rate_hz), "lowpass", fs=rate_hz, output="sos")
    found: NDArray[np.float64] = np.asarray(signal.sosfiltfilt(sos, samples_uv), dtype=np.float64)
    return found


def slow_features(
    samples_uv: NDArray[np.float64], rate_hz: float, hum: Hum, fast_uv: NDArray[np.float64]
) -> dict[str, float]:
    """Hum, slow shifts and cut peaks, against the fast band."""
    clean = remove_mains(samples_uv, rate_hz, hum.frequency_hz) if hum.size_uv else samples_uv
    slow = slow_uv(clean, rate_hz)
    slow = slow - np.median(slow)
    fast_p = float(np.quantile(np.abs(fast_uv), 0.999))
    top, bottom = float(samples_uv.max()), float(samples_uv.min())
    at_end = (samples_uv == top) | (samples_uv == bottom)
    edges = np.diff(np.concatenate([[0], at_end.astype(np.int8), [0]]))
    lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    clipped = int(lengths[lengths >= CLIPPED_SAMPLES].sum()) if top > bottom else 0
    slow_p = float(np.quantile(np.abs(slow), 0.995))
    return {
        "hum_uv": hum.size_uv, "slow_uv": slow_p, "slow_ratio": slow_p / max(fast_p, 1e-9),
        "hum_ratio": hum.size_uv / max(2 * fast_p, 1e-9), "clipped_percent": 100.0 * clipped / len(samples_uv),
        "fast_uv": fast_p,
    }  # fmt: skip


def stretch_features(found: Conditioned, groups: list[Group], duration_s: float) -> dict[str, float]:
    """Density, sizes, signs and grouping of all discharges of the stretch."""
    features = {
        "all_rate_hz": 0.0, "n_trains": 0.0, "n_steady_trains": 0.0, "all_size_uv": 0.0, "all_size_cv_percent": 0.0,
        "negative_percent": 50.0, "grouping": 0.0, "grouping_rate_hz": 0.0, "all_local_cv_percent": float("nan"),
        "main_train_percent": 0.0, "build_up": 1.0, "steady_rate_hz": float("nan"),
        "steady_percent": 0.0,
    }  # fmt: skip
    if not groups:
        return features
    at = np.concatenate([group.samples for group in groups])
    sizes = np.concatenate([group.sizes_uv for group in groups])
    at, order = np.unique(at, return_index=True)
    sizes = sizes[order]
    large = sizes >= LARGE_SHARE * float(np.quantile(sizes, 0.95))
    times, sizes_large = at[large] / found.rate_hz, sizes[large]
    steady = [rhythm_features(group.samples / found.rate_hz, duration_s) for group in groups
              if len(group.samples) >= 8 and np.median(group.sizes_uv) >= 0.3 * LARGE_SHARE * np.quantile(sizes, 0.95)]  # fmt: skip
    units = [one for one in steady if 7.0 < one["local_cv_percent"] < 40.0 and 3.0 < one["rate_hz"] < 40.0]
    all_rhythm = rhythm_features(times, duration_s)
    beats = np.abs(np.exp(-2j * np.pi * GROUP_HZ[:, None] * times[None, :]).sum(axis=1)) / len(times)
    n = max(int(0.5 * found.rate_hz), 1)
    rms = (
        np.sqrt((found.fast_uv[: len(found.fast_uv) // n * n].reshape(-1, n) ** 2).mean(axis=1))
        if len(found.fast_uv) >= n
        else np.ones(1)
    )
    features.update(
        all_rate_hz=len(times) / duration_s, n_trains=float(sum(len(g.samples) >= 8 and np.median(g.sizes_uv) >= LARGE_SHARE * np.quantile(sizes, 0.95) for g in groups)),
        n_steady_trains=float(len(units)), all_size_uv=float(np.median(sizes_large)), all_size_cv_percent=100 * float(sizes_large.std() / sizes_large.mean()),
        negative_percent=100 * float((found.fast_uv[at[large]] < 0).mean()), grouping=float(beats.max()) * np.sqrt(len(times)) / np.sqrt(len(times) + 30.0),
        grouping_rate_hz=float(GROUP_HZ[beats.argmax()]), all_local_cv_percent=all_rhythm["local_cv_percent"],
        main_train_percent=100.0 * max(len(group.samples) for group in groups) / max(len(times), 1),
        build_up=float(np.quantile(rms, 0.95) / max(float(np.quantile(rms, 0.05)), 1e-9)),
        steady_percent=100.0 * sum(one["n_discharges"] for one in units) / max(len(times), 1),
        steady_rate_hz=float(np.median([one["rate_hz"] for one in units])) if units else float("nan"),
    )  # fmt: skip
    return features
