"""The filters of a chain on samples that keep coming: the same result in blocks of any size.  Zero phase is not possible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.analysis.signal.filters import FilterStep

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FilterStream"]


class FilterStream:
    """Filters several channels of one rate as their samples come.

    Parameters
    ----------
    steps : sequence of FilterStep
        In order; those that are off, or whose frequency the rate cannot carry, do nothing.
    sampling_rate_hz : float
    """

    def __init__(self, steps: Sequence[FilterStep], *, sampling_rate_hz: float) -> None:
        self.steps = tuple(step for step in steps if step.is_on and step.fits(sampling_rate_hz))
        self.left_out = tuple(step for step in steps if step.is_on and not step.fits(sampling_rate_hz))
        self._parts = [(step.kind in {"rectify", "envelope"}, step.sections(sampling_rate_hz)) for step in self.steps]
        self._states: list[NDArray[np.float64]] | None = None
        self._last: NDArray[np.float64] | None = None

    def push(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Filter the next samples.

        Parameters
        ----------
        samples : ndarray, shape (n_channels, n_samples)
            Any unit.  Where no channel has a number the signal is broken: the filter begins anew behind it.  A single
            missing value is held at the one before for the filter and stays NaN.

        Returns
        -------
        ndarray, shape (n_channels, n_samples)
        """
        if not self._parts or samples.shape[1] == 0:
            return samples
        is_number = np.isfinite(samples)
        if is_number.all():
            return self._run(np.asarray(samples, dtype=np.float64))
        out = np.full(samples.shape, np.nan)
        is_broken = ~is_number.any(axis=0)
        edges = np.flatnonzero(np.diff(is_broken.astype(np.int8), prepend=0, append=0))
        bounds = np.unique(np.concatenate(([0], edges, [samples.shape[1]])))
        for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            if is_broken[start]:
                self._states = None
                continue
            held = self._held(samples[:, start:stop], is_number[:, start:stop])
            out[:, start:stop] = np.where(is_number[:, start:stop], self._run(held), np.nan)
        return out

    def _held(self, samples: NDArray[Any], is_number: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Missing values of single channels replaced by the last number before them, or 0."""
        before = np.zeros(len(samples)) if self._last is None or self._states is None else self._last
        values = np.concatenate((before[:, np.newaxis], np.where(is_number, samples, 0.0)), axis=1)
        places = np.where(np.pad(is_number, ((0, 0), (1, 0)), constant_values=True), np.arange(values.shape[1]), 0)
        return np.take_along_axis(values, np.maximum.accumulate(places, axis=1), axis=1)[:, 1:].astype(np.float64)

    def _run(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        import scipy.signal as sps

        self._last = values[:, -1].copy()
        is_new = self._states is None
        states: list[NDArray[np.float64]] = [] if self._states is None else self._states
        for number, (is_rectified, sections) in enumerate(self._parts):
            if is_rectified:
                values = np.abs(values)
            if sections is None:
                state = np.empty(0)
            else:
                if is_new:  # as if the first sample had lasted for ever
                    start = (
                        np.asarray(sps.sosfilt_zi(sections))[:, np.newaxis, :] * values[:, 0][np.newaxis, :, np.newaxis]
                    )
                else:
                    start = states[number]
                values, state = sps.sosfilt(sections, values, axis=1, zi=start)
            if is_new:
                states.append(state)
            else:
                states[number] = state
        self._states = states
        return values
