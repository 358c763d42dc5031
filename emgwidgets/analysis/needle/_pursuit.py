"""Matching pursuit: which templates, at which sub-sample times, add up to the signal.  It knows nothing of motor units' habits
beyond the shortest interval it is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Bank", "Placement", "Spectrum", "make_bank", "phased", "pursue", "rendered", "scores"]

N_PHASES = 8  # internal choice: an eighth of a working sample is about 8 us
BLOCK = 32  # internal choice: starts whose best score is kept together
N_FFT = 2048  # internal choice: the fastest length for templates of 10 ms at the working rate
MOST_PASSES = 400  # internal choice: a bound; a stretch of 10 s needs about 30


@dataclass(frozen=True, kw_only=True, eq=False)
class Bank:
    """Templates at sub-sample shifts and how they overlap.

    Parameters
    ----------
    waves : ndarray, shape (n_units, n_phases, n_samples)
        Phase ``p`` is the template delayed by ``p / n_phases`` of a sample.
    energy : ndarray, shape (n_units,)
    overlap : ndarray, shape (n_units, n_phases, n_units, 2 * n_samples - 1)
        ``overlap[k, p, j, n_samples - 1 + d]`` is the sum of ``waves[k, p, t] * waves[j, 0, t - d]``.
    """

    waves: NDArray[np.float64] = field(repr=False)
    energy: NDArray[np.float64] = field(repr=False)
    overlap: NDArray[np.float64] = field(repr=False)

    @property
    def n_samples(self) -> int:
        """Length of a template."""
        return int(self.waves.shape[2])


@dataclass(frozen=True, kw_only=True, eq=False)
class Placement:
    """Placed templates, in order of time.

    Parameters
    ----------
    unit : ndarray of int, shape (n,)
    start : ndarray, shape (n,)
        First sample of the template, with its fraction.
    gain : ndarray, shape (n,)
        Reduction of the residual's energy.
    """

    unit: NDArray[np.int64] = field(repr=False)
    start: NDArray[np.float64] = field(repr=False)
    gain: NDArray[np.float64] = field(repr=False)


class Spectrum:
    """Spectra of overlapping pieces of a signal, so that many banks can be correlated with it."""

    def __init__(self, samples: NDArray[np.float64], n_template: int) -> None:
        from scipy import fft

        self.n_starts = max(len(samples) - n_template + 1, 0)
        self.step = N_FFT - n_template + 1
        n_pieces = max(-(-self.n_starts // self.step), 1)
        padded = np.zeros((n_pieces - 1) * self.step + N_FFT, dtype=np.float32)
        padded[: len(samples)] = samples
        pieces = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[:: self.step]
        self.pieces = fft.rfft(pieces, axis=1)

    def scores(self, bank: Bank) -> NDArray[np.float32]:
        """Energy each template would remove at each start, shape ``(n_units, n_starts)``."""
        from scipy import fft

        found = np.empty((len(bank.energy), self.n_starts), dtype=np.float32)
        for row, wave, energy in zip(found, bank.waves[:, 0].astype(np.float32), bank.energy, strict=True):
            product = self.pieces * np.conj(fft.rfft(2 * wave, N_FFT))
            row[:] = fft.irfft(product, N_FFT, axis=1)[:, : self.step].reshape(-1)[: self.n_starts] - energy
        return found


def make_bank(templates: NDArray[np.float64]) -> Bank:
    """Prepare templates of shape ``(n_units, n_samples)``."""
    n = templates.shape[1]
    waves = phased(templates)
    long = np.fft.rfft(waves, 2 * n)
    cross = np.fft.irfft(long[:, :, None] * np.conj(long[None, None, :, 0]), 2 * n)
    overlap = np.concatenate([cross[..., n + 1 :], cross[..., :n]], axis=-1)
    return Bank(waves=waves, energy=(templates**2).sum(axis=1), overlap=overlap)


def phased(templates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Templates delayed by fractions of a sample, shape ``(n_units, n_phases, n_samples)``."""
    n = templates.shape[1]
    frequency = np.fft.rfftfreq(2 * n)
    phase = np.arange(N_PHASES) / N_PHASES
    turned = np.fft.rfft(templates, 2 * n)[:, None] * np.exp(-2j * np.pi * frequency * phase[:, None])
    return np.asarray(np.fft.irfft(turned, 2 * n)[:, :, :n])


def scores(samples: NDArray[np.float64], bank: Bank) -> NDArray[np.float32]:
    """Energy each template would remove at each start, shape ``(n_units, n_starts)``."""
    return Spectrum(samples, bank.n_samples).scores(bank)


class _Table:
    """Gains of every unit at every start, start by start, with the best of each block of starts at hand."""

    def __init__(self, table: NDArray[np.float32], cost: NDArray[np.float64], reach: int, n: int) -> None:
        n_units, n_starts = table.shape
        self.edge = BLOCK * (reach // BLOCK + 1)  # a discharge at either end then needs no care
        self.n_units, self.n, self.reach = n_units, n, reach
        n_rows = BLOCK * (-(-(n_starts + 2 * self.edge) // BLOCK))
        self.gain = np.full((n_rows, n_units), -np.inf, dtype=np.float32)
        self.gain[self.edge : self.edge + n_starts] = table.T
        self.blocks = self.gain.reshape(-1, BLOCK * n_units)
        self.cost = cost.astype(np.float32)
        self.best = self._best(self.blocks)

    def _best(self, blocks: NDArray[np.float32]) -> NDArray[np.float32]:
        """Largest gain of each block above what its discharge costs; minus infinity where there is none."""
        width = BLOCK * self.n_units
        # halves of a row lie one after the other, which is faster than a maximum along an axis
        while width > self.n_units:
            width //= 2
            blocks = np.maximum(blocks[:, :width], blocks[:, width : 2 * width])
        return np.asarray(np.where(blocks > self.cost, blocks, np.float32(-np.inf)).max(axis=1), dtype=np.float32)

    def peaks(self) -> NDArray[np.int64]:
        """Blocks with the largest gain within reach: discharges further apart do not change one another."""
        from scipy.ndimage import maximum_filter1d

        near = maximum_filter1d(self.best, 2 * -(-self.reach // BLOCK) + 1, mode="constant", cval=-np.inf)
        return np.flatnonzero((self.best == near) & (self.best > -np.inf))

    def take(
        self, blocks: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Unit, row, phase and gain of the best discharge of each block."""
        gain = self.blocks[blocks]
        is_open = gain > np.tile(self.cost, BLOCK)
        row, k = np.divmod(np.where(is_open, gain, -np.inf).argmax(axis=1), self.n_units)
        row += blocks * BLOCK
        before, here, after = (self.gain[row + i, k] for i in (-1, 0, 1))
        with np.errstate(invalid="ignore", divide="ignore"):
            curve = before - 2 * here + after
            apex = np.where((curve < 0) & np.isfinite(curve), 0.5 * (before - after) / curve, 0.0)
        steps = np.rint(np.clip(apex, -0.5, 0.5) * N_PHASES).astype(np.int64)
        return k, row + np.floor_divide(steps, N_PHASES), steps % N_PHASES, here

    def refresh(self, rows: NDArray[np.int64]) -> None:
        """Look again for the best of the blocks within reach of the discharges at ``rows``."""
        # further off than a template gains only fall, and a block that has none above its cost keeps none
        is_stale = self._within(rows, self.n) | (self._within(rows, self.reach) & (self.best > -np.inf))
        self.best[is_stale] = self._best(self.blocks[is_stale])

    def _within(self, rows: NDArray[np.int64], reach: int) -> NDArray[np.bool_]:
        """Which blocks lie within reach of one of the rows."""
        count = np.zeros(len(self.best) + 1, dtype=np.int64)
        np.add.at(count, (rows - reach) // BLOCK, 1)
        np.add.at(count, np.minimum((rows + reach) // BLOCK + 1, len(self.best)), -1)
        return np.asarray(np.cumsum(count)[:-1] > 0)


def _nothing() -> Placement:
    return Placement(unit=np.zeros(0, dtype=np.int64), start=np.zeros(0), gain=np.zeros(0))


def pursue(
    table: NDArray[np.float32],
    bank: Bank,
    *,
    least: NDArray[np.float64],
    dead: int,
    soft: int = 0,
    soft_cost: NDArray[np.float64] | None = None,
    most: int = 20000,
) -> Placement:
    """Place templates, each time where the residual loses most within reach of a template.

    Parameters
    ----------
    table : ndarray, shape (n_units, n_starts)
        From :func:`scores`.
    least : ndarray, shape (n_units,)
        What a discharge costs: it must gain more, and the largest net gain goes first.
    dead, soft : int
        Samples about a discharge within which the same unit cannot discharge again, and within which it costs extra.
    """
    n_units, n_starts = table.shape
    if not n_units or not n_starts:
        return _nothing()
    n = bank.n_samples
    rows = _Table(table, least, max(n, soft, dead), n)
    twice = np.ascontiguousarray((2 * bank.overlap).astype(np.float32).transpose(0, 1, 3, 2))
    again = np.zeros(n_units) if soft_cost is None else soft_cost
    found: list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float32]]] = []
    for _ in range(MOST_PASSES):
        blocks = rows.peaks()
        if not len(blocks) or sum(len(one[0]) for one in found) >= most:
            break
        units, places, phases, gains = rows.take(blocks)
        found.append((units, places - rows.edge + phases / N_PHASES, gains))
        for k, at, phase in zip(units.tolist(), places.tolist(), phases.tolist(), strict=True):
            # residual loses wave k at `at`; the score of j at start s falls by 2 <wave_k(at), wave_j(s)>
            rows.gain[at - n + 1 : at + n] -= twice[k, phase]
            rows.gain[at - dead : at + dead + 1, k] = -np.inf
            if soft:
                rows.gain[at - soft : at + soft + 1, k] -= again[k]
        rows.refresh(places)
    if not found:
        return _nothing()
    unit, start, gained = (np.concatenate(one) for one in zip(*found, strict=True))
    order = np.argsort(start, kind="stable")
    return Placement(
        unit=unit[order].astype(np.int64), start=start[order].astype(np.float64), gain=gained[order].astype(np.float64)
    )


def rendered(
    unit: NDArray[np.int64], start: NDArray[np.float64], waves: NDArray[np.float64], n_samples: int
) -> NDArray[np.float64]:
    """Sum of placed templates, shape ``(n_samples,)``; ``waves`` as from :func:`phased`."""
    steps = np.rint(start * N_PHASES).astype(np.int64)
    n = waves.shape[2]
    whole, phase = np.clip(steps // N_PHASES, -n, n_samples) + n, steps % N_PHASES
    total = np.zeros(n_samples + 2 * n)
    for k, at, p in zip(unit.tolist(), whole.tolist(), phase.tolist(), strict=True):
        total[at : at + n] += waves[k, p]
    return total[n : n + n_samples]
