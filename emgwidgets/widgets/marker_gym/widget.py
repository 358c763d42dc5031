"""Place-the-marker items as a widget: shows a response, takes the marker, shows truth, rules and own agreement."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.lessons.gym.marker_items import MarkerItem
from emgwidgets.lessons.gym.marker_round import MarkerRound
from emgwidgets.lessons.progress import Progress
from emgwidgets.widgets._esm import join_css, join_modules
from emgwidgets.widgets.gym_widget import GymWidget

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MarkerGym"]

HERE = Path(__file__).parent
SHARED = HERE.parent / "_js"
RULES = {
    "three_sd": "3 SD of the noise", "tangent": "tangent", "change_point": "change point", "two_lines": "two lines",
    "edge_fit": "fit of the edge", "positive_peak": "positive peak",
}  # fmt: skip


class MarkerGym(GymWidget[MarkerItem]):
    """Place landmarks of responses.

    Parameters
    ----------
    kinds : sequence of str, optional
        Such as ``("cmap_onset", "snap_peak")``; all when left out.
    n : int
        Items of a round.
    seed : int, optional
        Of the round; drawn when left out.
    progress : Progress, optional
        Where placements are kept; the user's own file by default.

    Raises
    ------
    InputError
        If a kind does not exist or the number cannot be used.
    """

    _esm = join_modules(HERE / "view.js")
    _css = join_css(SHARED / "tokens.css", SHARED / "controls.css", HERE / "view.css")

    round: MarkerRound

    def __init__(
        self, kinds: Sequence[str] = (), *, n: int = 20, seed: int | None = None, progress: Progress | None = None
    ) -> None:
        super().__init__(MarkerRound(kinds, n=n, seed=seed, progress=progress))

    def place(self, placed_ms: float) -> str:
        """Place the marker; the first placement counts.

        Returns
        -------
        str
            Signed error, tolerance, and what may have been taken for the landmark.

        Raises
        ------
        InputError
            If it lies outside the sweep.
        """
        words = self.round.place(placed_ms).words
        self._publish()
        return words

    def summary(self) -> pd.DataFrame:
        """Return what was placed of each kind over all kept rounds, as a table."""
        import pandas as pd

        return pd.DataFrame([
            {"landmark": one.name, "n": one.n, "within": one.n_within, "gross": one.n_gross,
             "median error ms": one.median_error_ms, "repeats": one.n_repeats, "own agreement": one.agreement, "published": one.published}
            for one in self.round.summary()
        ])  # fmt: skip

    def to_text(self) -> str:
        """Return what is asked and, once placed, what was said."""
        turn, item = self.round, self.item
        within = sum(one.verdict == "within" for _, one in turn.placed)
        known = "; ".join(f"{name} {value}" for name, value in item.known)
        lines = [f"Place the marker: {turn.n} items, {len(turn.placed)} placed, {within} within tolerance."]
        lines.append(f"{item.kind.name.capitalize()} ({item.kind.letter}): {known}.")
        return "\n".join([*lines, turn.result.words] if turn.result else lines)

    def __repr__(self) -> str:
        return f"MarkerGym({self.round.n} items, {len(self.round.placed)} placed)"

    def _publish(self) -> None:
        turn, item, result = self.round, self.item, self.round.result
        told = None
        if result is not None:
            told = {
                "placed_ms": result.placed_ms, "true_ms": result.true_ms, "tolerance_ms": result.tolerance_ms, "verdict": result.verdict,
                "words": result.words, "rules": [[RULES.get(name, name), time_ms] for name, time_ms in item.rules_ms],
                "published": f"{item.kind.reader_spread} ({item.kind.source}, {'read' if item.kind.mark == 'V' else 'unverified'})",
            }  # fmt: skip
        self._state = {
            "place": len(turn.placed) - (result is not None), "n": turn.n, "kind": item.kind.name, "letter": item.kind.letter,
            "known": [list(pair) for pair in item.known], "start_ms": item.start_ms, "end_ms": item.end_ms, "size_uv": item.size_uv,
            "first_ms": item.sweep.start_ms, "step_ms": 1000.0 / item.sweep.sampling_rate_hz,
            "samples": np.asarray(item.sweep.samples_uv, dtype=np.float32).tobytes(), "told": told, "is_over": turn.is_over,
            "summary": [
                {"name": one.name, "n": one.n, "within": one.n_within, "gross": one.n_gross, "median_ms": one.median_error_ms,
                 "repeats": one.n_repeats, "agreement": one.agreement} for one in turn.summary() if one.n
            ],
            "is_kept": turn.progress.is_kept,
        }  # fmt: skip

    def _act(self, content: dict[str, Any]) -> None:
        if content.get("place") != self._state["place"]:
            return
        if content.get("type") == "place":
            self.place(float(content["time_ms"]))
        elif content.get("type") == "next" and self.round.is_over:
            self.round = MarkerRound(self.round.codes, n=self.round.n, progress=self.round.progress)
            self._publish()
        elif content.get("type") == "next" and self.round.is_answered:
            self.next()
