"""Whether a stretch can be decomposed or measured at all, and what it can no longer support.  One sentence for each limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.model.signal import Trace

__all__ = ["clipped_share", "usable_samples"]

# Internal choices: below 10 kHz the sharp parts that tell units apart are gone; needle.md 8 proposes 20 kHz (M).
LOWEST_RATE_HZ, GOOD_RATE_HZ = 10000.0, 20000.0
SHORTEST_S, GOOD_S = 2.0, 10.0  # needle.md 8 proposes 10 s (M)
MOST_MISSING = 0.05
MOST_CLIPPED = 0.02
# Internal choice: distant units alone keep about 1 % of their energy above 500 Hz; surface signals less than 0.1 %.
SHARP_HZ, LEAST_SHARP = 500.0, 0.001
SHORTEST_PLATEAU = 3


def clipped_share(samples_uv: NDArray[np.float64]) -> float:
    """Share of the samples that stand in plateaus at the largest or smallest value."""
    from emgwidgets.analysis.signal.quality_scan import runs

    count = 0
    for limit in (samples_uv.max(), samples_uv.min()):
        found = runs(samples_uv == limit)
        lengths = found[:, 1] - found[:, 0]
        count += int(lengths[lengths >= SHORTEST_PLATEAU].sum())
    return count / len(samples_uv)


def _sharp_share(samples_uv: NDArray[np.float64], rate_hz: float) -> float:
    power = np.abs(np.fft.rfft(samples_uv - samples_uv.mean())) ** 2
    frequency = np.fft.rfftfreq(len(samples_uv), 1 / rate_hz)
    whole = power[(frequency > 5.0)].sum()
    return float(power[frequency >= SHARP_HZ].sum() / whole) if whole > 0 else 0.0


def usable_samples(trace: Trace) -> tuple[NDArray[np.float64], list[str]]:
    """Samples without gaps, and what limits them.

    Raises
    ------
    InputError
        If the stretch cannot be used.
    """
    rate, samples = trace.sampling_rate_hz, np.asarray(trace.samples_uv, dtype=np.float64)
    if rate < LOWEST_RATE_HZ:
        raise InputError(
            "the sampling rate is too low to tell motor units apart", got=f"{rate:g} Hz",
            expected=f"at least {LOWEST_RATE_HZ:g} Hz, better {GOOD_RATE_HZ:g}", way_out="record at a higher rate",
        )  # fmt: skip
    if len(samples) < SHORTEST_S * rate:
        raise InputError(
            "the stretch is too short to find trains", got=f"{len(samples) / rate:.2f} s",
            expected=f"at least {SHORTEST_S:g} s, better {GOOD_S:g}", way_out="choose a longer stretch",
        )  # fmt: skip
    missing = ~np.isfinite(samples)
    if missing.mean() > MOST_MISSING:
        raise InputError(
            "too many samples are missing", got=f"{100 * missing.mean():.0f} %", expected=f"at most {100 * MOST_MISSING:g} %",
            way_out="choose a stretch without the gap",
        )  # fmt: skip
    notes = []
    if missing.any():
        samples = np.where(missing, np.nanmedian(samples), samples)
        notes.append(f"{missing.sum()} missing samples were taken as silence.")
    if float(np.ptp(samples)) == 0.0:
        raise InputError(
            "the stretch is flat", got="one value throughout", expected="a signal", way_out="choose another"
        )
    share = clipped_share(samples)
    if share > MOST_CLIPPED:
        raise InputError(
            "the signal is clipped", got=f"{100 * share:.1f} % of the samples at the limit of the range",
            expected=f"at most {100 * MOST_CLIPPED:g} %", way_out="record again at lower gain; shapes at the limit are lost",
        )  # fmt: skip
    if share > 0:
        notes.append(
            f"{100 * share:.2g} % of the samples stand at the limit of the range: large potentials are larger than shown."
        )
    if "surface" in (trace.settings.electrode or "").lower() or _sharp_share(samples, rate) < LEAST_SHARP:
        raise InputError(
            "this looks like a surface recording", got="hardly any energy above 500 Hz", expected="a needle or wire close to the fibres",
            way_out="single units cannot be told apart in one surface channel",
        )  # fmt: skip
    if rate < GOOD_RATE_HZ:
        notes.append(f"Recorded at {rate:g} Hz, below {GOOD_RATE_HZ:g}: rise time and turns are not reliable.")
    if len(samples) < GOOD_S * rate:
        notes.append(
            f"{len(samples) / rate:.1f} s is short; units that fire slowly may lack the {20} discharges an average needs."
        )
    return samples, notes
