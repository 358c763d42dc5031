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
    """Net gains of every unit at every start, with the best of each block of starts at hand."""

    def __init__(self, table: NDArray[np.float32], cost: NDArray[np.float64], n: int) -> None:
        n_units, self.n_starts = table.shape
        n_blocks = -(-self.n_starts // BLOCK)
        self.net = np.full((n_units, n_blocks * BLOCK), -np.inf, dtype=np.float32)
        self.net[:, : self.n_starts] = table
        self.cost, self.n = cost.astype(np.float32), n
        top = self.net.reshape(n_units, n_blocks, BLOCK).max(axis=2)
        self.top = np.where(top > self.cost[:, None], top, -np.inf)
        self.best = self.top.max(axis=0)
        self.is_stale = np.zeros(self.top.shape, dtype=bool)

    def peaks(self, reach: int) -> NDArray[np.int64]:
        """Blocks that hold the largest positive net gain within ``reach`` starts on both sides."""
        from scipy.ndimage import maximum_filter1d

        near = maximum_filter1d(self.best, 2 * (-(-reach // BLOCK)) + 1, mode="constant", cval=-np.inf)
        return np.flatnonzero((self.best == near) & (self.best > -np.inf))

    def take(self, block: int) -> tuple[int, int, int, float]:
        """Unit, start, phase and gain of the best discharge of a block."""
        k = int(self.top[:, block].argmax())
        first = block * BLOCK
        m = first + int(self.net[k, first : first + BLOCK].argmax())
        here = float(self.net[k, m])
        steps = 0
        if 0 < m < self.n_starts - 1:
            before, after = float(self.net[k, m - 1]), float(self.net[k, m + 1])
            curve = before - 2 * here + after
            if curve < 0 and curve > -np.inf:
                steps = round(min(max(0.5 * (before - after) / curve, -0.5), 0.5) * N_PHASES)
        at, phase = (m, steps) if steps >= 0 else (m - 1, steps + N_PHASES)
        return k, at, phase, here

    def mark(self, units: slice | int, low: int, high: int) -> None:
        """Remember that the net gains from start ``low`` to ``high`` changed."""
        self.is_stale[units, low // BLOCK : -(-high // BLOCK)] = True

    def refresh(self) -> None:
        """Look again for the best of the blocks that changed."""
        units, blocks = np.nonzero(self.is_stale)
        top = self.net.reshape(len(self.net), -1, BLOCK)[units, blocks].max(axis=1)
        self.top[units, blocks] = np.where(top > self.cost[units], top, -np.inf)
        columns = np.flatnonzero(self.is_stale.any(axis=0))
        self.best[columns] = self.top[:, columns].max(axis=0)
        self.is_stale[:] = False


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
        nothing = np.zeros(0)
        return Placement(unit=nothing.astype(np.int64), start=nothing, gain=nothing)
    n = bank.n_samples
    rows = _Table(table, least, n)
    twice = (2 * bank.overlap).astype(np.float32)
    found: list[tuple[int, float, float]] = []
    reach = max(n, soft, dead)  # discharges further apart than this do not change one another
    for _ in range(MOST_PASSES):
        blocks = rows.peaks(reach)
        if not len(blocks) or len(found) >= most:
            break
        for block in blocks.tolist():
            k, at, phase, gain = rows.take(block)
            found.append((k, at + phase / N_PHASES, gain))
            low, high = max(at - n + 1, 0), min(at + n, n_starts)
            offset = n - 1 - at
            # residual loses wave k at `at`; the score of j at start s falls by 2 <wave_k(at), wave_j(s)>
            rows.net[:, low:high] -= twice[k, phase][:, low + offset : high + offset]
            rows.net[k, max(at - dead, 0) : at + dead + 1] = -np.inf
            rows.mark(slice(None), low, high)
            if soft and soft_cost is not None:
                a, b = max(at - soft, 0), min(at + soft + 1, n_starts)
                rows.net[k, a:b] -= soft_cost[k]
                rows.mark(k, a, b)
        rows.refresh()
    unit, start, gained = (np.array(one) for one in zip(*found, strict=True)) if found else (np.zeros(0),) * 3
    order = np.argsort(start, kind="stable")
    return Placement(
        unit=unit[order].astype(np.int64), start=start[order].astype(np.float64), gain=gained[order].astype(np.float64)
    )


def rendered(
    unit: NDArray[np.int64], start: NDArray[np.float64], waves: NDArray[np.float64], n_samples: int
) -> NDArray[np.float64]:
    """Sum of placed templates, shape ``(n_samples,)``; ``waves`` as from :func:`phased`."""
    steps = np.rint(start * N_PHASES).astype(np.int64)
    whole, phase = steps // N_PHASES, steps % N_PHASES
    index = whole[:, None] + np.arange(waves.shape[2])
    inside = (index >= 0) & (index < n_samples)
    values = waves[unit, phase]
    total = np.bincount(index[inside], weights=values[inside], minlength=n_samples)[:n_samples]
    return np.asarray(total, dtype=np.float64)
