"""Matching pursuit: which templates, at which sub-sample times, add up to the signal.  It knows nothing of motor units' habits
beyond the shortest interval it is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Bank", "Placement", "make_bank", "phased", "pursue", "rendered", "scores"]

N_PHASES = 8  # internal choice: an eighth of a working sample is about 8 us
BLOCK = 32


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


def scores(samples: NDArray[np.float64], bank: Bank) -> NDArray[np.float64]:
    """Energy each template would remove at each start, shape ``(n_units, n_starts)``."""
    from scipy import signal

    if not len(bank.waves):
        return np.zeros((0, max(len(samples) - bank.n_samples + 1, 0)))
    rows = [signal.oaconvolve(samples, wave[0][::-1], mode="valid") for wave in bank.waves]
    found: NDArray[np.float64] = 2 * np.array(rows) - bank.energy[:, None]
    return found


def pursue(
    table: NDArray[np.float64],
    bank: Bank,
    *,
    least: NDArray[np.float64],
    dead: int,
    soft: int = 0,
    soft_cost: NDArray[np.float64] | None = None,
    most: int = 20000,
) -> Placement:
    """Place templates one after the other, each time where the residual loses most.

    Parameters
    ----------
    table : ndarray, shape (n_units, n_starts)
        From :func:`scores`; it is used up.
    least : ndarray, shape (n_units,)
        Smallest gain with which a template is placed.
    dead, soft : int
        Samples about a discharge within which the same unit cannot discharge again, and within which it costs extra.
    """
    n_units, n_starts = table.shape
    if not n_units:
        nothing = np.zeros(0)
        return Placement(unit=nothing.astype(np.int64), start=nothing, gain=nothing)
    n = bank.n_samples
    limit = least[:, None]
    padded = -(-n_starts // BLOCK) * BLOCK
    tops = np.full(padded, -np.inf)
    tops[:n_starts] = np.where(table > limit, table, -np.inf).max(axis=0)
    block_top = tops.reshape(-1, BLOCK).max(axis=1)
    unit, start, gain = [], [], []
    for _ in range(most):
        block = int(block_top.argmax())
        if block_top[block] == -np.inf:
            break
        first = block * BLOCK
        part = table[:, first : first + BLOCK]
        part = np.where(part > limit, part, -np.inf)
        k, m = divmod(int(part.argmax()), part.shape[1])
        m += first
        here = table[k, m]
        before = table[k, m - 1] if m else -np.inf
        after = table[k, m + 1] if m + 1 < n_starts else -np.inf
        curve = before - 2 * here + after
        shift = 0.5 * (before - after) / curve if np.isfinite(curve) and curve < 0 else 0.0
        shift = min(max(shift, -0.5), 0.5)
        steps = round(shift * N_PHASES)
        at, phase = (m, steps) if steps >= 0 else (m - 1, steps + N_PHASES)
        unit.append(k)
        start.append(at + phase / N_PHASES)
        gain.append(here)
        low, high = max(at - n + 1, 0), min(at + n, n_starts)
        offset = n - 1 - at
        # residual loses wave k at `at`; the score of j at start s falls by 2 <wave_k(at), wave_j(s)>
        change = bank.overlap[k, phase][:, low + offset : high + offset]
        table[:, low:high] -= 2 * change
        near_low, near_high = max(m - dead, 0), min(m + dead + 1, n_starts)
        table[k, near_low:near_high] = -np.inf
        if soft and soft_cost is not None:
            a, b = max(m - soft, 0), min(m + soft + 1, n_starts)
            table[k, a:b] -= soft_cost[k]
            low, high = min(low, a), max(high, b)
        low, high = min(low, near_low), max(high, near_high)
        b0, b1 = low // BLOCK, (high - 1) // BLOCK + 1
        stop = min(b1 * BLOCK, n_starts)
        fresh = np.full((b1 - b0) * BLOCK, -np.inf)
        near = table[:, b0 * BLOCK : stop]
        fresh[: stop - b0 * BLOCK] = np.where(near > limit, near, -np.inf).max(axis=0)
        block_top[b0:b1] = fresh.reshape(-1, BLOCK).max(axis=1)
    order = np.argsort(start, kind="stable")
    return Placement(
        unit=np.array(unit, dtype=np.int64)[order], start=np.array(start, dtype=np.float64)[order],
        gain=np.array(gain, dtype=np.float64)[order],
    )  # fmt: skip


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
