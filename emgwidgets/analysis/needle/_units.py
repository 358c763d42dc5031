"""Motor units of a whitened signal: templates found, placed, improved, split and joined until nothing more recurs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from emgwidgets.analysis.needle import _pursuit, _seeds
from emgwidgets.analysis.needle._finish import is_good, prune, rescue, tighten, unite
from emgwidgets.analysis.needle._resolve import resolve
from emgwidgets.analysis.needle._trains import between_share, linked_share, regular_share, short_share
from emgwidgets.analysis.needle._whitening import MAD_SD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.analysis.needle._pursuit import Bank, Placement
    from emgwidgets.analysis.needle._whitening import Whitened

__all__ = ["Search", "Sorted", "sort_units"]

BEFORE_MS, AFTER_MS = 4.0, 6.0  # internal choice: sharp parts of long polyphasic potentials lie within
N_DULL_ROUNDS = 2  # internal choice: blunt potentials are few and slow to tell apart
N_ROUNDS = 6  # internal choice: later rounds found hardly anything on the development seeds
LEFTOVER = 0.3  # internal choice: what is left of a large potential may reach this share of it (jiggle)
LINKED_SHARE = 0.35  # internal choice: by chance 1-2 % keep one latency; satellites nearly all
LEAST_REGULAR = 0.5  # internal choice: between chance (0.35) and a train with a third of its discharges missing
LEAST_GAIN = 0.35  # internal choice: share of a template's energy that must be removed to count as a discharge
LEAST_ENERGY = 25.0  # internal choice: five standard deviations of the noise
# Internal choice: relative distance of one shape, and of shapes that the intervals must decide about.
SAME_SHAPE, ALIKE = 0.25, 0.8
CUT_SHARE = 0.75  # internal choice: a cut must leave fewer short intervals than a random one
CLEAN_SHARE = 0.93  # internal choice: the rest is mostly superpositions
UNIMODAL, APART = 2.2, 5.0  # one normal distribution cut in two gives 2.7, a uniform one 3.5 (D)
REPEAT_COST = 0.5  # internal choice: a second discharge within 20 ms must be a full one, not a late part of the first
# Internal choice: potentials of distant units lack sharp parts; smoothing by a third of their width lets them stand out.
DULL_MS, DULL_GAP_MS, DULL_HALF_MS = 0.35, 3.0, 3.0
DEAD_MS = 2.2  # shortest interval of a doublet is 2 ms (science 1.7)
TOO_SHORT_SHARE = 0.06  # internal choice: a train with more short intervals is looked at for a second unit
EXCLUSIVE_SHARE = 0.15  # internal choice: two halves of one unit hardly ever fire together; chance gives 0.5-0.7


@dataclass(kw_only=True, eq=False)
class Sorted:
    """Placed templates of a whitened signal.

    ``before`` is the sample of a template at which its discharge is said to be; ``left`` are places of shapes that recur in
    the residual.
    """

    templates: NDArray[np.float64]
    placement: Placement
    bank: Bank
    residual: NDArray[np.float64] = field(repr=False)
    rate_hz: float
    before: int
    noise: float
    left: tuple[NDArray[np.float64], ...] = ()

    def starts(self, unit: int) -> NDArray[np.float64]:
        """Starts of the placed templates of one unit."""
        return np.asarray(self.placement.start[self.placement.unit == unit])

    def shifted(self, n: float) -> Sorted:
        """The same with every start ``n`` samples later."""
        return replace(self, placement=replace(self.placement, start=self.placement.start + n))


class Search:
    """State of the search: templates, where they are placed, and what they leave."""

    def __init__(self, flat: Whitened) -> None:
        samples, rate_hz = flat.samples, flat.rate_hz
        self.rate = rate_hz
        self.before = int(BEFORE_MS / 1000 * rate_hz)
        self.n = self.before + int(AFTER_MS / 1000 * rate_hz)
        self.pad = self.n
        self.samples = np.pad(samples, self.pad)
        self.least = max(8, round(len(samples) / rate_hz))
        self.templates = np.zeros((0, self.n))
        self.residual = self.samples
        self.active = np.flatnonzero(flat.is_active) + self.pad
        self.noise = float(np.clip(self._spread(self.samples), 0.3, 2.0))
        self.placement: Placement
        self.bank: Bank
        self.spectrum = _pursuit.Spectrum(self.samples, self.n)

    def place(self, *, is_fine: bool = True) -> None:
        """Explain the signal with the present templates; superpositions are solved when ``is_fine``."""
        self.bank = _pursuit.make_bank(self.templates)
        least = np.maximum(LEAST_GAIN * self.bank.energy, LEAST_ENERGY * self.noise**2)
        table = self.spectrum.scores(self.bank)
        soft = int(0.02 * self.rate)
        self.placement = _pursuit.pursue(
            table,
            self.bank,
            least=least,
            dead=int(DEAD_MS / 1000 * self.rate),
            soft=soft,
            soft_cost=REPEAT_COST * self.bank.energy,
        )
        explained = self._explained()
        self.residual = self.samples - explained
        if is_fine:
            self.placement = resolve(
                self.residual, explained, self.placement, self.bank, rate_hz=self.rate, before=self.before, noise=self.noise,
                dead=int(DEAD_MS / 1000 * self.rate),
            )  # fmt: skip
        self.noise = float(np.clip(self._spread(self.residual), 0.3, 3.0))

    def _spread(self, left: NDArray[np.float64]) -> float:
        """Standard deviation outside pauses, by the median magnitude."""
        return float(np.median(np.abs(left[self.active]))) / MAD_SD

    def _explained(self) -> NDArray[np.float64]:
        return _pursuit.rendered(self.placement.unit, self.placement.start, self.bank.waves, len(self.samples))

    def starts(self, unit: int) -> NDArray[np.float64]:
        """Starts of the placed templates of one unit."""
        return np.asarray(self.placement.start[self.placement.unit == unit])

    def waves(self, unit: int) -> NDArray[np.float64]:
        """Each discharge of a unit with everything else taken away, shape ``(n_discharges, n_samples)``."""
        half = self.n // 2
        left = _seeds.snippets(self.residual, self.starts(unit) + half, half)[:, : self.n]
        return np.asarray(left + self.templates[unit])

    def settle(self, *, is_fine: bool = True) -> None:
        """Place, improve the templates and place again."""
        self.place(is_fine=False)
        self.improve()
        self.place(is_fine=is_fine)

    def improve(self) -> None:
        """Templates as medians of their discharges; those with too few or too little are dropped."""
        kept: list[NDArray[np.float64]] = []
        for unit in range(len(self.templates)):
            if (self.placement.unit == unit).sum() < self.least:
                continue
            mine = self.placement.unit == unit
            good = self.placement.gain[mine] > 0.5 * self.bank.energy[unit]
            waves = self.waves(unit)
            wave = self.centred(_seeds.median_wave(waves[good] if good.sum() >= self.least else waves))
            if (wave**2).sum() > 4 * LEAST_ENERGY * self.noise**2:
                kept.append(wave)
        self.templates = np.array(kept).reshape(-1, self.n)

    def weed(self) -> bool:
        """Drop the units whose discharges come by chance or keep a fixed time to those of a larger unit."""
        shares = [regular_share(self.starts(k) / self.rate) for k in range(len(self.templates))]
        keep = np.array([one >= LEAST_REGULAR for one in shares], dtype=bool)
        keep &= ~self.linked()
        if not len(keep) or keep.all():
            return False
        self.templates = self.templates[keep]
        return True

    def linked(self) -> NDArray[np.bool_]:
        """Which units keep a fixed latency to a larger one: satellites and what is left of it."""
        n = len(self.templates)
        found = np.zeros(n, dtype=bool)
        for few in range(n):
            for many in range(n):
                if many == few or found[many] or self.bank.energy[many] < self.bank.energy[few]:
                    continue
                if linked_share(self.starts(few) / self.rate, self.starts(many) / self.rate) > LINKED_SHARE:
                    found[few] = True
        return found

    def centred(self, wave: NDArray[np.float64]) -> NDArray[np.float64]:
        """Shift a template so that its largest deflection is at ``before``."""
        shift = self.before - int(np.abs(wave).argmax())
        moved = np.zeros_like(wave)
        if shift >= 0:
            moved[shift:] = wave[: len(wave) - shift]
        else:
            moved[:shift] = wave[-shift:]
        return moved

    def recurring(self, *, is_dull: bool = False) -> list[NDArray[np.float64]]:
        """Places of what recurs in the residual, group by group; of blunt potentials of distant units when ``is_dull``."""
        gap_ms, half_ms = (DULL_GAP_MS, DULL_HALF_MS) if is_dull else (_seeds.PEAK_GAP_MS, _seeds.HALF_MS)
        residual, noise = self.residual, self.noise
        if is_dull:
            residual = gaussian_filter1d(residual, DULL_MS / 1000 * self.rate)
            noise = self._spread(residual)
        peaks = _seeds.find_peaks(residual, 5 * noise, int(gap_ms / 1000 * self.rate))
        # what is left of a large unit is its own change of shape, not another unit
        explained = np.abs(self.samples - self.residual)
        envelope = maximum_filter1d(explained, 2 * int(0.4e-3 * self.rate) + 1)
        peaks = peaks[np.abs(residual[peaks]) > 5 * noise + LEFTOVER * envelope[peaks]]
        places = _seeds.peak_places(residual, peaks)
        groups = _seeds.recurring(
            residual, places, rate_hz=self.rate, least=self.least, noise=self.noise, half_ms=half_ms
        )
        found = [np.sort(places[group]) for group in groups]
        return [one for one in found if not self._is_locked(one)]

    def _is_locked(self, places: NDArray[np.float64]) -> bool:
        """Whether a shape keeps a fixed time to a placed unit: a part of it that changes from discharge to discharge."""
        return any(
            linked_share(places / self.rate, self.starts(k) / self.rate) > LINKED_SHARE
            for k in range(len(self.templates))
        )

    def is_among(self, seen: list[NDArray[np.float64]]) -> bool:
        """Whether the present templates are those of an earlier round."""
        for other in seen:
            if len(other) != len(self.templates):
                continue
            gap = ((self.templates[:, None] - other[None]) ** 2).sum(axis=2)
            near = gap < SAME_SHAPE**2 * (other**2).sum(axis=1)
            if near.any(axis=0).all() and near.any(axis=1).all():
                return True
        return False

    def add_new(self, *, is_dull: bool = False) -> int:
        """Add templates of what recurs in the residual."""
        half = self.n // 2
        groups = self.recurring(is_dull=is_dull)
        fresh = [_seeds.median_wave(_seeds.snippets(self.residual, one, half)[:, : self.n]) for one in groups]
        if fresh:
            self.templates = np.vstack([self.templates, [self.centred(one) for one in fresh]])
        return len(fresh)

    def relative(self) -> NDArray[np.float64]:
        """Distance of the shapes of two templates over the smaller one, at the shift where they are most alike."""
        bank = _pursuit.make_bank(self.templates)
        near = bank.overlap.max(axis=(1, 3))  # n_units, n_units: best overlap at any shift
        gap = bank.energy[:, None] + bank.energy[None] - 2 * near
        return np.asarray(np.sqrt(np.maximum(gap, 0) / np.minimum(bank.energy[:, None], bank.energy[None])))

    def _is_good(self) -> NDArray[np.bool_]:
        """Which units have a train that can be listed."""
        return np.array([is_good(self.starts(k), self.rate) for k in range(len(self.templates))], dtype=bool)

    def state(self) -> tuple[Any, ...]:
        """What :meth:`restore` takes back."""
        return self.templates, self.placement, self.bank, self.residual, self.noise

    def restore(self, state: tuple[Any, ...]) -> None:
        """Go back to a state."""
        self.templates, self.placement, self.bank, self.residual, self.noise = state

    def refresh(self) -> None:
        """Residual and noise of the present placement."""
        self.residual = self.samples - self._explained()
        self.noise = float(np.clip(self._spread(self.residual), 0.3, 3.0))

    def merge_poor(self) -> None:
        """Drop templates without a train of their own that are alike one that has, where its train gains by it."""
        good = self._is_good()
        if good.all() or not good.any():
            return
        is_alike = (self.relative()[:, good] < ALIKE).any(axis=1)
        if not (is_alike & ~good).any():
            return
        before = self.state()
        n_listed = int(np.isin(self.placement.unit, np.flatnonzero(good)).sum())
        self.templates = self.templates[good | ~is_alike]
        self.settle()
        if int(np.isin(self.placement.unit, np.flatnonzero(self._is_good())).sum()) <= n_listed:
            self.restore(before)

    def join(self) -> bool:
        """Join templates of one unit: the same shape, or alike shapes whose trains exclude each other."""
        n = len(self.templates)
        energy = (self.templates**2).sum(axis=1)
        trains = [np.sort(self.starts(k)) / self.rate for k in range(n)] if len(self.bank.energy) == n else None
        alive = np.ones(n, dtype=bool)
        relative = self.relative()
        pairs = [(a, b) for a in range(n) for b in range(a)]
        for i, j in sorted(pairs, key=lambda pair: float(relative[pair])):
            if not (alive[i] and alive[j]) or relative[i, j] > ALIKE:
                continue
            same = relative[i, j] < SAME_SHAPE
            if trains is not None:
                few, many = (i, j) if len(trains[i]) <= len(trains[j]) else (j, i)
                same = between_share(trains[few], trains[many]) < EXCLUSIVE_SHARE or (
                    same and len(trains[few]) < self.least
                )
                if same:
                    trains[many] = np.sort(np.concatenate([trains[few], trains[many]]))
            else:
                few = i if energy[i] < energy[j] else j
            if same:
                alive[few] = False
        self.templates = self.templates[alive]
        return bool((~alive).any())

    def split(self) -> bool:
        """Split trains with impossible intervals along the direction in which their discharges differ most."""
        fresh: list[NDArray[np.float64]] = []
        for unit in range(len(self.templates)):
            starts = self.starts(unit)
            pair = self._halves(unit, starts) if len(starts) >= 2 * self.least else None
            fresh += [self.templates[unit]] if pair is None else pair
        changed = len(fresh) != len(self.templates)
        self.templates = np.array(fresh).reshape(-1, self.n)
        return changed

    def _halves(self, unit: int, starts: NDArray[np.float64]) -> list[NDArray[np.float64]] | None:
        waves = self.waves(unit)
        middle = self.templates[unit]
        core = np.convolve(middle**2, np.ones(9), mode="same") > 0.02 * (middle**2).max()
        parts = waves[:, core]
        gap = ((parts - parts.mean(axis=0)) ** 2).sum(axis=1)
        clean = gap <= np.quantile(gap, CLEAN_SHARE)
        axes = _seeds.main_axes(parts[clean] - parts[clean].mean(axis=0), 4)
        size = middle[core] / np.sqrt((middle[core] ** 2).sum())  # two units of one shape differ along it
        axes = np.vstack([axes, size])
        whole = short_share(starts / self.rate)
        best, chosen = 0.0, None
        for axis in axes:
            along = (parts - parts[clean].mean(axis=0)) @ axis
            label = along > _two_means(along[clean])
            n_up, n = int(label.sum()), len(label)
            low, high = along[clean & ~label], along[clean & label]
            if min(n_up, n - n_up) < self.least or min(len(low), len(high)) < 4:
                continue
            apart = float((high.mean() - low.mean()) / np.sqrt(0.5 * (low.var() + high.var()) + 1e-9))
            share = n_up / n
            left = short_share(starts[label] / self.rate) * share + short_share(starts[~label] / self.rate) * (
                1 - share
            )
            by_chance = whole * (share**2 + (1 - share) ** 2)  # short intervals a random cut would leave
            is_cut = whole > TOO_SHORT_SHARE and left < CUT_SHARE * by_chance and apart > UNIMODAL
            merit = apart * (2 - left / by_chance) if is_cut else apart
            if (is_cut or apart > APART) and merit > best:
                best, chosen = merit, label
        if chosen is None:
            return None
        return [_seeds.median_wave(waves[chosen]), _seeds.median_wave(waves[~chosen])]


def _two_means(values: NDArray[np.float64]) -> float:
    """Threshold between two groups of numbers: the cut of least spread within."""
    ranked = np.sort(values)
    n = len(ranked)
    total, squares = np.cumsum(ranked), np.cumsum(ranked**2)
    k = np.arange(1, n)
    within = squares[-1] - total[:-1] ** 2 / k - (total[-1] - total[:-1]) ** 2 / (n - k)
    cut = int(within.argmin())
    return float(0.5 * (ranked[cut] + ranked[cut + 1]))


def _rounds(search: Search, *, is_dull: bool) -> None:
    """Find, split and join until nothing changes or an earlier state comes back; superpositions are left for the end."""
    seen: list[NDArray[np.float64]] = []
    for _ in range(N_DULL_ROUNDS if is_dull else N_ROUNDS):
        is_changed = search.add_new(is_dull=is_dull) > 0
        if is_dull and not is_changed:
            return
        search.settle(is_fine=False)
        if search.split():
            is_changed = True
            search.settle(is_fine=False)
        if search.join():
            is_changed = True
            search.place(is_fine=False)
        if search.weed():
            search.place(is_fine=False)
        if not is_changed or search.is_among(seen):
            return
        seen.append(search.templates)


def sort_units(flat: Whitened) -> Sorted:
    """Sort the discharges of a whitened signal."""
    search = Search(flat)
    _rounds(search, is_dull=False)
    _rounds(search, is_dull=True)
    search.settle()
    is_joined = search.join()
    if is_joined:
        search.place()
    if search.weed() or is_joined:
        search.settle()
    search.merge_poor()
    unite(search)
    tighten(search)
    rescue(search)
    prune(search)
    left = tuple(one - search.pad for one in search.recurring())
    return Sorted(
        templates=search.templates, placement=search.placement, bank=search.bank,
        residual=search.residual[search.pad : search.pad + len(flat.samples)], rate_hz=flat.rate_hz, before=search.before,
        noise=search.noise, left=left,
    ).shifted(-search.pad)  # fmt: skip
