"""A chain of filters that never changes the stored samples: what an amplifier's knobs would have shown.

Filters run forward in time like an amplifier's (with its delay); zero phase is an option of the chain.  High-pass and
low-pass are Butterworth, second order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["KINDS", "FilterChain", "FilterStep", "finite_runs"]

Kind = Literal["high_pass", "low_pass", "notch", "rectify", "envelope"]
KINDS: tuple[Kind, ...] = ("high_pass", "low_pass", "notch", "rectify", "envelope")
ORDER = 2  # internal choice: 12 dB an octave, between the one and two poles of clinical amplifiers
NOTCH_QUALITY = 30.0  # internal choice: 3 dB width of 1/30 of the frequency (1.7 Hz at 50 Hz)
SETTLED = 1e-4  # internal choice: part of a step that may be left of the filter's past
LONGEST_SETTLING_S = 20.0  # internal choice: bound of the margin for very low corners
NAMES = {
    "high_pass": "high-pass",
    "low_pass": "low-pass",
    "notch": "notch",
    "rectify": "rectify",
    "envelope": "envelope",
}


@dataclass(frozen=True, kw_only=True)
class FilterStep:
    """One filter.

    Parameters
    ----------
    kind : str
        ``"high_pass"``, ``"low_pass"``, ``"notch"``, ``"rectify"`` (absolute value) or ``"envelope"`` (absolute value,
        then low-pass).
    frequency_hz : float, optional
        Corner (3 dB) or centre; not for ``"rectify"``.
    is_on : bool
        A step that is off stays in the chain and does nothing.

    Raises
    ------
    InputError
        If the kind is unknown or the frequency is missing or not above 0.
    """

    kind: Kind
    frequency_hz: float | None = None
    is_on: bool = True

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError("no such filter", got=repr(self.kind), expected=f"one of {', '.join(KINDS)}")
        needs = self.kind != "rectify"
        frequency_hz = self.frequency_hz
        if needs and not (frequency_hz is not None and np.isfinite(frequency_hz) and frequency_hz > 0):
            raise InputError(
                f"the {NAMES[self.kind]} filter has no usable frequency",
                got=f"{frequency_hz} Hz",
                expected="a frequency above 0 Hz",
                way_out="state it with frequency_hz=...",
            )

    @property
    def text(self) -> str:
        """Words for a reader, such as ``high-pass 20 Hz``."""
        if self.frequency_hz is None:
            return NAMES[self.kind]
        hz = self.frequency_hz
        size = f"{hz / 1000:g} kHz" if hz >= 1000 else f"{hz:g} Hz"
        return f"{NAMES[self.kind]} {size}"

    def fits(self, sampling_rate_hz: float) -> bool:
        """Whether the frequency lies below half the sampling rate."""
        return self.frequency_hz is None or self.frequency_hz < sampling_rate_hz / 2

    def sections(self, sampling_rate_hz: float) -> NDArray[np.float64] | None:
        """Second-order sections of the linear part, shape ``(n_sections, 6)``; None for ``"rectify"``."""
        import scipy.signal as sps

        if self.kind == "rectify" or self.frequency_hz is None:
            return None
        if self.kind == "notch":
            b, a = sps.iirnotch(self.frequency_hz, NOTCH_QUALITY, fs=sampling_rate_hz)
            return np.asarray(sps.tf2sos(b, a), dtype=np.float64)
        kind: Literal["highpass", "lowpass"] = "highpass" if self.kind == "high_pass" else "lowpass"
        return np.asarray(
            sps.butter(ORDER, self.frequency_hz, kind, fs=sampling_rate_hz, output="sos"), dtype=np.float64
        )


def finite_runs(samples: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Stretches without NaN as ``(start, stop)``."""
    is_number = np.isfinite(samples)
    if is_number.all():
        return [(0, len(samples))] if len(samples) else []
    steps = np.flatnonzero(np.diff(np.concatenate(([0], is_number.view(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(steps[::2], steps[1::2], strict=True)]


class FilterChain:
    """Filters one after the other at one sampling rate.

    Parameters
    ----------
    steps : sequence of FilterStep
        In order; those that are off do nothing.
    sampling_rate_hz : float
    is_zero_phase : bool
        Run each filter forward and backward: no delay, twice the order, and no longer what an amplifier does.

    Raises
    ------
    InputError
        If a step that is on lies at or above half the sampling rate.
    """

    def __init__(self, steps: Sequence[FilterStep], *, sampling_rate_hz: float, is_zero_phase: bool = False) -> None:
        self.steps = tuple(step for step in steps if step.is_on)
        self.sampling_rate_hz = sampling_rate_hz
        self.is_zero_phase = is_zero_phase
        for step in self.steps:
            if not step.fits(sampling_rate_hz):
                raise InputError(
                    f"the {step.text} filter cannot be used here",
                    got=f"{sampling_rate_hz:g} samples a second",
                    expected=f"more than {2 * (step.frequency_hz or 0):g}",
                    way_out="choose a lower frequency, or leave this channel unfiltered",
                )
        self._parts: list[tuple[bool, NDArray[np.float64] | None]] = [
            (step.kind in {"rectify", "envelope"}, step.sections(sampling_rate_hz)) for step in self.steps
        ]

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def settling_s(self) -> float:
        """Time after which less than 1e-4 of a step is left, summed over the steps; at most 20 s."""
        import scipy.signal as sps

        total = 0.0
        for _, sections in self._parts:
            if sections is None:
                continue
            poles = np.abs(sps.sos2zpk(sections)[1])
            slowest = min(float(poles.max(initial=0.0)), 1 - 1e-12)
            if slowest > 0:
                total += float(np.log(SETTLED) / np.log(slowest)) / self.sampling_rate_hz
        return min(total, LONGEST_SETTLING_S)

    @property
    def margin(self) -> int:
        """Settling time in samples."""
        return int(np.ceil(self.settling_s * self.sampling_rate_hz))

    def apply(self, samples: NDArray[Any]) -> NDArray[np.float64]:
        """Filter a stretch; NaN stay NaN and each stretch between them is filtered by itself.

        Parameters
        ----------
        samples : ndarray, shape (n_samples,)
            Any unit.  The first sample of a stretch is taken to have lasted for ever.
        """
        values = np.array(samples, dtype=np.float64)
        for start, stop in finite_runs(values):
            values[start:stop] = self._run(values[start:stop])
        return values

    def _run(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        import scipy.signal as sps

        for is_rectified, sections in self._parts:
            if is_rectified:
                values = np.abs(values)
            if sections is None:
                continue
            state = sps.sosfilt_zi(sections)
            values, _ = sps.sosfilt(sections, values, zi=state * values[0])
            if self.is_zero_phase:
                backward, _ = sps.sosfilt(sections, values[::-1], zi=state * values[-1])
                values = backward[::-1]
        return values

    def window(self, read: Any, start: int, stop: int, *, first: int, last: int) -> NDArray[np.float64]:
        """Filter samples ``start`` to ``stop`` as if the whole stretch had been filtered.

        Parameters
        ----------
        read : callable
            ``read(start, stop) -> ndarray`` of samples.
        first, last : int
            The gap-free stretch that holds the window; the settling margin ends there.
        """
        ahead = max(first, start - self.margin)
        behind = min(last, stop + self.margin) if self.is_zero_phase else stop
        return self.apply(read(ahead, behind))[start - ahead : stop - ahead]

    def blocks(
        self, read: Any, n_samples: int, *, n_block: int, cuts: Sequence[int] = ()
    ) -> Iterator[NDArray[np.float64]]:
        """Filtered blocks of a whole channel, in order, without ever holding it.

        Parameters
        ----------
        read : callable
            ``read(start, stop) -> ndarray`` of samples.
        n_samples, n_block : int
            Length of the channel and of a block.
        cuts : sequence of int
            First samples of gap-free stretches; filtering starts anew there.
        """
        bounds = sorted({0, *(cut for cut in cuts if 0 < cut < n_samples), n_samples})
        for at in range(0, n_samples, n_block):
            until = min(at + n_block, n_samples)
            parts = []
            for first, last in pairwise(bounds):
                low, high = max(first, at), min(last, until)
                if low < high:
                    parts.append(self.window(read, low, high, first=first, last=last))
            yield np.concatenate(parts)
