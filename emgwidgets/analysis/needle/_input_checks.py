"""What is wrong with the input of any needle measure: overflow, silence, a surface electrode, electrodes that were mixed.  One sentence each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.model.signal import RecordingSettings, Trace

__all__ = ["input_limits", "is_surface", "mixed_electrodes", "overflow_count", "silent_s", "silent_words"]

# Internal choices (P), each with its reason.
# Distant units alone keep about 1 % of their energy above 500 Hz; surface signals less than 0.1 %.
SHARP_HZ, LEAST_SHARP = 500.0, 0.001
WHOLE_JUMP = 0.9  # of the range, where the converter's own is not known: no potential crosses it in one sample
SHORTEST_SILENCE_S = 0.5  # a pause of a voluntary train is shorter and holds noise
SILENCE_UV = 0.05  # below the noise of any amplifier
#: Words of an electrode's name that say its kind.
KINDS = ("concentric", "monopolar", "single", "macro", "wire", "surface")


def electrode_kind(name: str | None) -> str:
    """Kind of a named electrode; the name itself where it says none, empty where there is no name."""
    words = (name or "").lower().replace("_", " ").strip()
    return next((kind for kind in KINDS if kind in words), words)


def mixed_electrodes(names: Iterable[str | None]) -> str | None:
    """A sentence where recordings of different electrodes are put together; None where they are alike or not stated."""
    kinds = sorted({electrode_kind(name) for name in names} - {""})
    if len(kinds) < 2:
        return None
    return (
        f"Electrodes are mixed ({' and '.join(kinds)}): amplitude, duration, turns and jitter depend on the recording surface, "
        "so means over them and limits of one electrode do not hold."
    )


def sharp_share(samples_uv: NDArray[np.float64], rate_hz: float) -> float:
    """Share of the energy above 500 Hz."""
    power = np.abs(np.fft.rfft(samples_uv - samples_uv.mean())) ** 2
    frequency = np.fft.rfftfreq(len(samples_uv), 1 / rate_hz)
    whole = power[frequency > 5.0].sum()
    return float(power[frequency >= SHARP_HZ].sum() / whole) if whole > 0 else 0.0


def is_surface(samples_uv: NDArray[np.float64], rate_hz: float, electrode: str | None) -> bool:
    """Whether the electrode is named a surface one or the signal has hardly any energy above 500 Hz."""
    if electrode_kind(electrode) == "surface":
        return True
    return float(np.ptp(samples_uv)) > 0 and sharp_share(samples_uv, rate_hz) < LEAST_SHARP


def overflow_count(samples_uv: NDArray[np.float64], settings: RecordingSettings) -> int:
    """Samples that ran past one end of the converter's range and came back at the other."""
    from emgwidgets.analysis.signal.overflow import find_wraps

    low, high = settings.converter_range or (float(samples_uv.min()), float(samples_uv.max()))
    width = high - low
    if not width > 0:
        return 0
    wraps = find_wraps(samples_uv, width, middle=0.5 * (low + high))
    if settings.converter_range is None:
        wraps = [one for one in wraps if np.abs(np.diff(samples_uv[one.start : one.stop])).max() > WHOLE_JUMP * width]
    return int(sum((one.turns != 0).sum() for one in wraps))


def silent_s(samples_uv: NDArray[np.float64], rate_hz: float) -> float:
    """Seconds without any signal, not even noise, in stretches of at least half a second."""
    from emgwidgets.analysis.signal.quality_scan import runs

    n = max(int(0.05 * rate_hz), 2)
    frames = samples_uv[: len(samples_uv) // n * n].reshape(-1, n)
    found = runs(frames.std(axis=1) < SILENCE_UV)
    lengths_s = (found[:, 1] - found[:, 0]) * n / rate_hz
    return float(lengths_s[lengths_s >= SHORTEST_SILENCE_S].sum())


def silent_words(silence_s: float) -> str:
    """The sentence on missing signal."""
    return f"{silence_s:.1f} s hold no signal, not even noise: nothing was recorded there, so rates and counts per second are too low."


def input_limits(trace: Trace) -> list[str]:
    """Sentences on overflow, silence and a surface electrode; the samples must be finite."""
    samples, rate = trace.samples_uv, trace.sampling_rate_hz
    found = []
    over = overflow_count(samples, trace.settings)
    if over:
        found.append(
            f"{over} samples ran over the converter's range and came back at the other end: turns, sizes and shapes there are "
            "false; repair the flagged places or record again at lower gain."
        )
    silent = silent_s(samples, rate)
    if 0 < silent < trace.duration_s - SHORTEST_SILENCE_S:
        found.append(silent_words(silent))
    if is_surface(samples, rate, trace.settings.electrode):
        found.append(
            "This looks like a surface recording: its turns and sizes are not those of a needle, and limits for needles do not hold."
        )
    return found
