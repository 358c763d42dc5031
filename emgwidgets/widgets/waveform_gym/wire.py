"""The state of a round as plain values for the browser; the truth of an item travels only after its answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.lessons.gym.answers import CANNOT_TELL, GymAnswer, confusion, wilson_interval
from emgwidgets.lessons.gym.clip import close_up
from emgwidgets.lessons.gym.schedule import due_of, when_text
from emgwidgets.simulation.practice.loudspeaker import loudspeaker_signal
from emgwidgets.simulation.practice.waveform_classes import waveform_class, waveform_classes

if TYPE_CHECKING:
    from emgwidgets.lessons.gym.rounds import GymRound
    from emgwidgets.simulation.practice.waveform_items import WaveformItem

__all__ = ["clip_of", "round_state", "told_state"]

#: Published, for whole needle studies read from recordings and not for single waveforms: a yardstick, no comparison.
YARDSTICK = "Published, whole studies and not single waveforms: faculty 60.5 %, residents 28.5 % right; agreement between readers kappa 0.53, within one 0.61 (science 3.6). Not comparable; shown as a yardstick."
#: Most classes the matrix shows; those with the most misses are kept (internal choice: what is legible in a column).
MOST_ROWS = 9


def clip_of(item: WaveformItem) -> tuple[dict[str, Any], list[bytes]]:
    """Trace and sound of an item: a head of plain values, then float32 microvolts and int16 sound."""
    trace = item.recording.trace(0)
    sound = loudspeaker_signal(item.recording)
    samples = np.asarray(trace.samples_uv, dtype=np.float32)
    head = {
        "rate_hz": float(trace.sampling_rate_hz), "sound_rate_hz": sound.sampling_rate_hz, "full_scale_uv": sound.full_scale_uv,
        "per_division_uv": first_gain_uv(samples),
    }  # fmt: skip
    return head, [samples.tobytes(), np.round(sound.samples * 32767).astype("<i2").tobytes()]


def first_gain_uv(samples_uv: np.ndarray[Any, np.dtype[np.float32]]) -> float:
    """Sensitivity per division that shows the largest deflection within three divisions, in steps of 1-2-5."""
    size = float(np.quantile(np.abs(samples_uv - np.median(samples_uv)), 0.9995)) if len(samples_uv) else 0.0
    steps = [step * 10.0**power for power in range(1, 4) for step in (1, 2, 5)]
    return next((step for step in steps if 3.0 * step >= size), steps[-1])


def told_state(turn: GymRound) -> dict[str, Any] | None:
    """What is shown after the answer; None before it."""
    if turn.told is None:
        return None
    item, beside = turn.item, turn.beside()
    given = turn.given[-1]
    return {
        "answer": given.answer, "truth": item.kind.code, "truth_name": item.kind.name, "is_right": given.is_right,
        "lead": turn.told.lead, "why": turn.told.why, "sources": list(turn.told.sources),
        "also": [waveform_class(code).name for code in item.also_present], "grade": item.grade,
        "own": _close(item), "beside": {"name": beside.kind.name, **_close(beside)},
    }  # fmt: skip


def _close(item: WaveformItem) -> dict[str, Any]:
    found = close_up(item)
    return {
        "short": item.kind.short, "wave": found.wave_uv.tobytes(), "start_ms": found.start_ms, "step_ms": found.step_ms,
        "first": found.first_deflection, "intervals_ms": list(found.intervals_ms),
    }  # fmt: skip


def round_state(turn: GymRound) -> dict[str, Any]:
    """Everything but samples."""
    item, known = turn.item, waveform_classes()
    place = len(turn.given) if not turn.is_answered else len(turn.given) - 1
    return {
        "place": place, "n": turn.n, "level": item.level, "group": turn.words, "seed": item.seed, "is_over": turn.is_over and turn.is_answered,
        "options": [{"code": code, "name": known[code].name} for code in turn.options], "presentation": item.presentation,
        "asks_grade": item.grade is not None, "told": told_state(turn), "matrix": matrix_state(turn),
        "classes": class_rows(turn), "dots": [one.is_right for one in turn.given], "score": score_state(turn.answers),
        "is_kept": turn.progress.is_kept, "yardstick": YARDSTICK, "cannot_tell": CANNOT_TELL,
    }  # fmt: skip


def score_state(answers: Sequence[GymAnswer]) -> dict[str, Any]:
    """Right of all, with the 90 % interval in per cent."""
    n, n_right = len(answers), sum(one.is_right for one in answers)
    low, high = wilson_interval(n_right, n)
    return {"n": n, "right": n_right, "low_percent": 100 * low, "high_percent": 100 * high}


def matrix_state(turn: GymRound) -> dict[str, Any]:
    """Truth by first answer: the classes met most, in the order of the curriculum, with "cannot tell" as a column."""
    counts = confusion(turn.answers)
    weight: dict[str, float] = {}
    for (truth, answer), n in counts.items():
        for code in (truth, answer):
            weight[code] = weight.get(code, 0.0) + n * (3.0 if truth != answer else 1.0)
    if turn.is_answered:
        for code in (turn.given[-1].truth, turn.given[-1].answer):
            weight[code] = weight.get(code, 0.0) + 1e6
    weight.pop(CANNOT_TELL, None)
    kept = set(sorted(weight, key=lambda code: -weight[code])[:MOST_ROWS])
    codes = [code for code in waveform_classes() if code in kept]
    columns = [*codes, CANNOT_TELL]
    last = (turn.given[-1].truth, turn.given[-1].answer) if turn.is_answered else None
    return {
        "rows": [{"code": code, "short": waveform_class(code).short, "name": waveform_class(code).name} for code in codes],
        "columns": [*({"code": code, "short": waveform_class(code).short} for code in codes), {"code": CANNOT_TELL, "short": "Cannot tell"}],
        "counts": [[counts.get((row, column), 0) for column in columns] for row in codes], "n": len(turn.answers),
        "here": [codes.index(last[0]), columns.index(last[1])] if last else None, "n_left_out": len(weight) - len(kept),
    }  # fmt: skip


def class_rows(turn: GymRound) -> list[dict[str, Any]]:
    """Each class of the round that was met: share right with interval, when it comes back, whether it is mastered."""
    now, due = datetime.now(UTC), due_of(turn.answers)
    found = []
    for mastery in turn.mastery():
        own = [one for one in turn.answers if one.truth == mastery.code]
        if not own:
            continue
        n_right = sum(one.is_right for one in own)
        low, high = wilson_interval(n_right, len(own))
        found.append({
            "name": waveform_class(mastery.code).name, "n": len(own), "right": n_right, "share": n_right / len(own), "low": low, "high": high,
            "due": when_text(due.get(mastery.code), now), "is_mastered": mastery.is_mastered, "reason": mastery.reason,
            "never_miss": waveform_class(mastery.code).never_miss,
        })  # fmt: skip
    return sorted(found, key=lambda row: row["share"])
