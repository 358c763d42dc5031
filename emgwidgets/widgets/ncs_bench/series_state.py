"""Series of stimuli as plain values for the browser: F waves, trains, inching, each with its numbers and its sentence."""

from __future__ import annotations

from typing import Any

from emgwidgets.interpretation.inching import judge_inching
from emgwidgets.model.measure import Absent, Measure, Result
from emgwidgets.widgets.ncs_bench.desk import NcsDesk
from emgwidgets.widgets.ncs_bench.number_words import half_of, number_text
from emgwidgets.widgets.ncs_bench.series import FWaveRun, InchingRun, TrainRun, runs_of

__all__ = ["series_state"]


def _text(result: Result | None) -> str:
    return number_text(result, absent="none", missing="not taken")


def _value(result: Result) -> float | None:
    return result.value if isinstance(result, Measure) else None


def _ids(run: FWaveRun | TrainRun | InchingRun) -> list[int]:
    return list(range(run.first_number, run.first_number + len(run.sweeps)))


def _f_waves(run: FWaveRun) -> dict[str, Any]:
    head = {"side": run.side, "site": run.site, "ids": _ids(run), "n": len(run.sweeps)}
    found = run.found
    if isinstance(found, Absent):
        return head | {
            "latencies_ms": [None] * len(run.sweeps),
            "rows": [],
            "notes": [found.reason],
            "m_end_ms": 0.0,
            "by_hand": [],
        }
    rows = [
        ("Minimum, ms", _text(found.min_latency_ms)), ("Mean, ms", _text(found.mean_latency_ms)),
        ("Maximum, ms", _text(found.max_latency_ms)), (f"Persistence of {len(run.sweeps)}, %", _text(found.persistence_percent)),
        ("Chronodispersion, ms", _text(found.chronodispersion_ms)), ("Mean amplitude, µV", _text(found.amplitude_uv)),
    ]  # fmt: skip
    notes = list(found.notes)
    if found.a_waves:
        notes.append(
            f"A wave at {found.a_waves[0].latency_ms.value:.1f} ms: the same in shape and latency; not an F wave."
        )
    return head | {
        "latencies_ms": [None if isinstance(wave, Absent) else wave.latency_ms.value for wave in found.waves],
        "by_hand": sorted(number + 1 for number in run.placed),
        "rows": [list(row) for row in rows], "notes": notes, "min_ms": _value(found.min_latency_ms),
        "a_waves_ms": [wave.latency_ms.value for wave in found.a_waves],
        "m_end_ms": found.m_wave.onset_latency_ms.value + found.m_wave.total_duration_ms.value,
    }  # fmt: skip


def _train(run: TrainRun) -> dict[str, Any]:
    head = {
        "side": run.side, "ids": _ids(run), "words": run.words, "exercise_s": run.exercise_s, "after_s": run.after_s,
    }  # fmt: skip
    found = run.found
    if isinstance(found, Absent):
        return head | {
            "percents": [],
            "decrement": "no response",
            "increment": "",
            "area": "",
            "validity": [found.reason],
        }
    first = found.amplitudes_mv[0]
    return head | {
        "percents": [100.0 * one / first for one in found.amplitudes_mv], "first_mv": first,
        "decrement": _text(found.decrement_percent), "area": _text(found.area_decrement_percent),
        "increment": _text(found.increment_percent), "validity": list(found.validity),
    }  # fmt: skip


def _inching(run: InchingRun) -> dict[str, Any]:
    found, numbers = run.found, iter(_ids(run))
    points = [
        {
            "mm": one.place_mm, "ms": one.latency_ms.value if isinstance(one.latency_ms, Measure) else None,
            "half_ms": half_of(one.latency_ms) if isinstance(one.latency_ms, Measure) else None,
            "mv": one.amplitude_mv.value if isinstance(one.amplitude_mv, Measure) else None,
            "id": None if one.sweep is None else next(numbers),
        }
        for one in found.points
    ]  # fmt: skip
    steps = [
        {
            "from": one.start_mm,
            "to": one.end_mm,
            "ms": one.latency_step_ms.value,
            "text": _text(one.latency_step_ms),
            "drop": _text(one.amplitude_drop_percent) if one.amplitude_drop_percent else "",
        }
        for one in run.steps
    ]
    longest = max(run.steps, key=lambda one: one.latency_step_ms.value, default=None)
    words = "" if longest is None else (
        f"Longest step {_text(longest.latency_step_ms)} ms from {longest.start_mm:.0f} to {longest.end_mm:.0f} mm"
    )  # fmt: skip
    verdict = judge_inching([(one.start_mm, one.end_mm, one.latency_step_ms) for one in run.steps], nerve=found.nerve)
    return {
        "side": run.side, "distal": found.distal, "proximal": found.proximal, "points": points, "steps": steps, "words": words,
        "verdict": verdict.words,
    }  # fmt: skip


def series_state(desk: NcsDesk) -> dict[str, Any]:
    """Series of the chosen study."""
    chosen = runs_of(desk.runs, desk.study)
    return {
        "f_waves": [_f_waves(run) for run in chosen if isinstance(run, FWaveRun)],
        "trains": [_train(run) for run in chosen if isinstance(run, TrainRun)],
        "inching": [_inching(run) for run in chosen if isinstance(run, InchingRun)],
    }
