"""One round of place-the-marker items: new responses, some shown again for one's own agreement.  It draws nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.lessons.gym.marker_items import MarkerItem, PlacedMarker, marker_item, marker_kinds, own_agreement
from emgwidgets.lessons.gym.turns import Turns
from emgwidgets.lessons.progress import Progress

__all__ = ["MARKER", "KindSummary", "MarkerRound"]

#: Kind of the records among those of the learner.
MARKER = "marker"
#: Every fourth item is one seen before, for the agreement with oneself (internal choice).
AGAIN_EVERY = 4
MOST_SEED = 1_000_000


@dataclass(frozen=True, kw_only=True)
class KindSummary:
    """What was placed of one kind of landmark.

    Parameters
    ----------
    code, name : str
    n, n_within, n_gross : int
        Markers placed, within tolerance, and gross errors.
    median_error_ms : float or None
        Signed; positive is late.
    n_repeats : int
        Items placed twice.
    agreement : float or None
        Intraclass correlation with oneself; None before 20 repeats.
    published : str
        What is published on readers, with its source.
    """

    code: str
    name: str
    n: int
    n_within: int
    n_gross: int
    median_error_ms: float | None
    n_repeats: int
    agreement: float | None
    published: str


class MarkerRound(Turns[MarkerItem]):
    """Landmarks to be placed, one after the other.

    Parameters
    ----------
    kinds : sequence of str, optional
        Codes of :func:`marker_kinds`; all when left out.
    n : int
        Items of the round.
    seed : int, optional
        Drawn when left out.
    progress : Progress, optional
        Where placements are kept; the user's own file by default.

    Raises
    ------
    InputError
        If a kind does not exist or the number cannot be used.
    """

    too_early: ClassVar[tuple[str, str]] = ("this item has no marker yet", "place it first")

    def __init__(
        self, kinds: Sequence[str] = (), *, n: int = 20, seed: int | None = None, progress: Progress | None = None
    ) -> None:
        super().__init__(n, progress)
        known = marker_kinds()
        kinds = (kinds,) if isinstance(kinds, str) else kinds
        wrong = [code for code in kinds if code not in known]
        if wrong:
            raise InputError("no such kind of marker", got=repr(wrong[0]), expected=f"one of {', '.join(known)}")
        self.codes = tuple(dict.fromkeys(kinds)) or tuple(known)
        self._rng = np.random.default_rng(seed)
        self.placed: list[tuple[MarkerItem, PlacedMarker]] = []
        self.result: PlacedMarker | None = None
        self.item = self._make()

    def _make(self) -> MarkerItem:
        place = len(self.placed)
        if place % AGAIN_EVERY == AGAIN_EVERY - 1:
            seen = _seen_once(self.progress, self.codes)
            if seen:
                code, seed = seen[int(self._rng.integers(len(seen)))]
                return marker_item(code, seed)
        counts = [sum(item.kind.code == code for item, _ in self.placed) for code in self.codes]
        fewest = [code for code, n in zip(self.codes, counts, strict=True) if n == min(counts)]
        return marker_item(str(self._rng.choice(fewest)), int(self._rng.integers(MOST_SEED)))

    @property
    def n_done(self) -> int:
        """Markers placed in this round."""
        return len(self.placed)

    @property
    def is_answered(self) -> bool:
        """Whether the item that is shown has its marker."""
        return self.result is not None

    def place(self, placed_ms: float) -> PlacedMarker:
        """Place the marker of the item that is shown; the first placement counts.

        Raises
        ------
        InputError
            If it lies outside the sweep.
        """
        if self.result is not None:
            return self.result
        self.result = self.item.judge(placed_ms)
        self.progress.add(
            MARKER, code=self.item.kind.code, seed=self.item.seed, placed_ms=round(placed_ms, 4),
            error_ms=round(self.result.error_ms, 4), verdict=self.result.verdict,
        )  # fmt: skip
        self.placed.append((self.item, self.result))
        return self.result

    def _show_another(self) -> None:
        self.item, self.result = self._make(), None

    def summary(self) -> tuple[KindSummary, ...]:
        """What was placed of each kind, over all kept rounds."""
        return tuple(_summary(code, self.progress) for code in self.codes)


def _records(progress: Iterable[Mapping[str, Any]], code: str) -> list[Mapping[str, Any]]:
    wanted = ("seed", "placed_ms", "error_ms", "verdict")
    return [
        one for one in progress
        if one.get("kind") == MARKER and one.get("code") == code and all(name in one for name in wanted)
    ]  # fmt: skip


def _seen_once(progress: Progress, codes: Sequence[str]) -> list[tuple[str, int]]:
    """Items placed exactly once, but for the newest, which is still in mind."""
    found: list[tuple[str, int]] = []
    for code in codes:
        seeds = [int(one["seed"]) for one in _records(progress, code)]
        found += [(code, seed) for seed in dict.fromkeys(seeds[:-1]) if seeds.count(seed) == 1]
    return found


def _summary(code: str, progress: Progress) -> KindSummary:
    kind, records = marker_kinds()[code], _records(progress, code)
    by_seed: dict[int, list[float]] = {}
    for one in records:
        by_seed.setdefault(int(one["seed"]), []).append(float(one["placed_ms"]))
    pairs = [(placed[0], placed[1]) for placed in by_seed.values() if len(placed) > 1]
    errors = [float(one["error_ms"]) for one in records]
    return KindSummary(
        code=code, name=kind.name, n=len(records), n_within=sum(one["verdict"] == "within" for one in records),
        n_gross=sum(one["verdict"] == "gross" for one in records), median_error_ms=float(np.median(errors)) if errors else None,
        n_repeats=len(pairs), agreement=own_agreement(pairs), published=f"{kind.reader_spread} ({kind.source})",
    )  # fmt: skip
