"""Full effort on the bench: the interference pattern of every stretch under effort in a muscle, beside a cloud that says what it is.

Measures come from :func:`emgwidgets.needle.measure_interference`.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from emgwidgets.analysis.needle.interference import cloud_share_outside, measure_interference
from emgwidgets.errors import EmgError
from emgwidgets.model.measure import Measure, Measures
from emgwidgets.model.needle_effort import InterferenceEpoch
from emgwidgets.widgets.needle_bench.source import Filters, Stretch

__all__ = ["CLOUD_WORDS", "effort_state", "interference_measures"]

#: What the cloud is; needle.md section 3: clouds are muscle and sex specific, and published coordinates were not read.
CLOUD_WORDS = "simulated healthy limb muscles (proposal of this project, no published norm)"
ENOUGH = 20  # needle.md section 3: a cloud is read from 20 epochs or more of several sites [M]
OUTSIDE_PERCENT = 10.0  # needle.md section 3: abnormal when more than 10 % lie outside [M]
Z90 = 1.645


@cache
def cloud() -> tuple[tuple[float, float, float], ...]:
    """Rows of turns per second, lower and upper mean amplitude in microvolts."""
    text = (
        resources.files("emgwidgets.widgets.needle_bench").joinpath("simulated_cloud.csv").read_text(encoding="utf-8")
    )
    rows = csv.DictReader(text.splitlines())
    return tuple((float(row["turns_per_s_hz"]), float(row["low_uv"]), float(row["high_uv"])) for row in rows)


def effort_state(stretches: Sequence[Stretch], filters: Filters, at_s: float = 0.0) -> dict[str, Any]:
    """Epochs of every stretch, their means by effort, the cloud, and what cannot be judged."""
    epochs: list[dict[str, Any]] = []
    found: list[InterferenceEpoch] = []
    sentences: list[str] = []
    rows: list[dict[str, Any]] = []
    for one in stretches:
        try:
            pattern = measure_interference(one.trace(filters, *one.piece(at_s)))
        except EmgError as error:
            sentences.append(f"{error.what[:1].upper()}{error.what[1:]}.")
            continue
        found += pattern.epochs
        epochs += [
            {
                "stretch": one.number, "effort": one.effort, "start_s": epoch.start_s, "end_s": epoch.start_s + epoch.duration_s,
                "turns": round(epoch.turns_per_s_hz, 1), "uv": round(epoch.mean_turn_amplitude_uv, 1),
            }
            for epoch in pattern.epochs
        ]  # fmt: skip
        before = sum(row["effort"] == one.effort and row["insertion"] == one.insertion for row in rows)
        rows.append(_means(one, pattern.epochs, pattern.peak_ratio) | {"take": before + 1})
    share, words = _judged(found)
    return {
        "epochs": epochs, "rows": rows, "cloud": [list(row) for row in cloud()], "cloud_words": CLOUD_WORDS, "share": share,
        "words": words, "sentences": sentences, "n": len(found),
    }  # fmt: skip


def _means(one: Stretch, epochs: Sequence[InterferenceEpoch], peak_ratio: float | None) -> dict[str, Any]:
    def mean(name: str) -> float:
        return float(np.mean([getattr(epoch, name) for epoch in epochs]))

    return {
        "stretch": one.number, "effort": one.effort, "insertion": one.insertion, "n": len(epochs),
        "turns": f"{mean('turns_per_s_hz'):.0f} /s", "uv": f"{mean('mean_turn_amplitude_uv'):.0f} µV",
        "ratio": "–" if peak_ratio is None else f"{peak_ratio:.2f} /(s µV)", "activity": f"{mean('activity_percent'):.0f} %",
        "segments": f"{mean('n_small_segments'):.0f}", "envelope": f"{mean('envelope_uv'):.0f} µV",
    }  # fmt: skip


def _judged(epochs: Sequence[InterferenceEpoch]) -> tuple[dict[str, int] | None, str]:
    if not epochs:
        return None, "Nothing was recorded under effort: ask for slight, moderate and full effort at several places."
    corners = np.array(cloud())
    inside = [one for one in epochs if corners[0, 0] <= one.turns_per_s_hz <= corners[-1, 0]]
    if len(inside) < ENOUGH:
        return None, f"{len(inside)} epochs in the range of the cloud; at least {ENOUGH} of several places are needed."
    total, parts = cloud_share_outside(inside, corners)
    share = {"outside": round(total), "above": round(parts["above_percent"]), "below": round(parts["below_percent"])}
    verdict = "more than" if total > OUTSIDE_PERCENT else "no more than"
    return share, (
        f"{total:.0f} % of {len(inside)} epochs lie outside the cloud, {verdict} the {OUTSIDE_PERCENT:g} % of the rule "
        f"(unverified): {parts['above_percent']:.0f} % above, {parts['below_percent']:.0f} % below. The cloud is of {CLOUD_WORDS}."
    )


def interference_measures(stretches: Sequence[Stretch], filters: Filters) -> Measures:
    """Means of turns and amplitude over stretches, with their 90 % intervals over the epochs."""
    pattern = measure_interference([one.trace(filters, *one.piece(one.start_s)) for one in stretches])
    made = {}
    for name, unit in (("turns_per_s_hz", "Hz"), ("mean_turn_amplitude_uv", "uV")):
        values = [getattr(epoch, name) for epoch in pattern.epochs]
        half = Z90 * float(np.std(values, ddof=1)) / np.sqrt(len(values)) if len(values) > 1 else 0.0
        mean = float(np.mean(values))
        method = "peak_to_peak" if unit == "uV" else f"turns of {pattern.threshold_uv:g} uV or more"
        made[name] = Measure(value=mean, unit=unit, method=method, low=max(mean - half, 0.0), high=mean + half)
    return Measures(made)
