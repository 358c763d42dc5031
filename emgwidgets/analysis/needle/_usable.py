"""Whether a stretch can be decomposed or measured at all, and what it can no longer support.  One sentence for each limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.analysis.needle._input_checks import is_surface, overflow_count, silent_s, silent_words
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
MOST_OVERFLOWN = 0.0005  # internal choice: more than one false sample in each large potential
ENOUGH_DISCHARGES, ENOUGH_UNITS = 20, 20  # needle.md 2.1
SHORTEST_PLATEAU = 3


def clipped_share(samples_uv: NDArray[np.float64]) -> float:
    """Share of the samples that stand in plateaus at the largest or smallest value."""
    from emgwidgets.analysis.signal.quality_scan import runs

    if float(np.ptp(samples_uv)) == 0.0:
        return 0.0
    count = 0
    for limit in (samples_uv.max(), samples_uv.min()):
        found = runs(samples_uv == limit)
        lengths = found[:, 1] - found[:, 0]
        count += int(lengths[lengths >= SHORTEST_PLATEAU].sum())
    return count / len(samples_uv)


def _over(samples: NDArray[np.float64], trace: Trace) -> list[str]:
    """A note on overflown samples, or a refusal where there are many."""
    count = overflow_count(samples, trace.settings)
    if count > MOST_OVERFLOWN * len(samples):
        raise InputError(
            "the converter overflowed", got=f"{count} samples that came back at the other end of its range",
            expected="samples within the range", way_out="repair the flagged places, or record again at lower gain",
        )  # fmt: skip
    if not count:
        return []
    return [f"{count} samples ran over the converter's range and came back at the other end: shapes there are false."]


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
    notes += _over(samples, trace)
    silent = silent_s(samples, rate)
    if silent:
        notes.append(silent_words(silent))
    if is_surface(samples, rate, trace.settings.electrode):
        raise InputError(
            "this looks like a surface recording", got="hardly any energy above 500 Hz", expected="a needle or wire close to the fibres",
            way_out="single units cannot be told apart in one surface channel",
        )  # fmt: skip
    if rate < GOOD_RATE_HZ:
        notes.append(f"Recorded at {rate:g} Hz, below {GOOD_RATE_HZ:g}: rise time and turns are not reliable.")
    if len(samples) < GOOD_S * rate:
        notes.append(
            f"{len(samples) / rate:.1f} s is short: units below {ENOUGH_DISCHARGES * rate / len(samples):.0f} per second lack the "
            f"{ENOUGH_DISCHARGES} discharges an average needs, and the {ENOUGH_UNITS} units of a mean will not be in it."
        )
    return samples, notes
