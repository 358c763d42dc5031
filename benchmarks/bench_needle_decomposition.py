"""Decomposition and potentials of the needle core against simulated truth, and against the sort of one real recording.

Development used seeds 0 to 23, 101 to 239, 301 to 319, 401 to 419, 501 to 519, 601 to 606, 5001 to 5057, 60001 to 60114 and, of
runs on seeds from 1001, two that failed; earlier versions were run on seeds from 701, 2001, 3001, 9001 and 30001.  The simulated
rows use seeds from 40001, which nothing was chosen on.  They were run once after the last change, by which a train that repeats
a larger unit at one delay is no longer counted: of 651 units listed in 114 development stretches it took away one, which was
false.  The version before it had three false units in 19 stretches from 30001.  A simulated unit counts as active
when its recorded peak exceeds the RMS of the signal; the number of active units decides the row.  The reasons given for a
miss are suppositions.  Simulated and real figures are never put in one number.  Trains are matched by the rules of
``analysis/needle/matching``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np

import emgwidgets as emg
from emgwidgets.analysis.needle import decompose, match_trains, match_units, measure_muaps
from emgwidgets.analysis.needle._pursuit import make_bank, pursue, scores
from emgwidgets.analysis.needle._seeds import median_wave, snippets
from emgwidgets.analysis.needle._whitening import whiten
from emgwidgets.model.measure import Measure
from emgwidgets.model.signal import Trace

FIRST_SEED = 40_000
#: Muscle, age, condition (None is healthy), efforts as a share of the greatest force.
SCENES = (
    ("tibialis_anterior", 45, None, ("slight", 0.006, 0.012, 0.03)),
    ("biceps_brachii", 25, None, ("slight", 0.006, 0.012)),
    ("first_dorsal_interosseous", 65, None, ("slight", 0.006, 0.02)),
    ("vastus_medialis", 80, None, ("slight", 0.01)),
    ("biceps_brachii", 50, "myositis", ("slight", 0.01)),
    ("tibialis_anterior", 55, "amyotrophic_lateral_sclerosis", ("slight", 0.01, 0.03)),
    ("tibialis_anterior", 50, "radiculopathy_l5", ("slight", 0.01)),
)
RUNS_EACH = int(os.environ.get("BENCH_RUNS", "1"))  # stretches for each effort; seeds go on counting
MUSCLE_S = 10.0
LEAST_DISCHARGES = 20
SORTED_WITHIN_S = 1.0  # beyond it the sort of the real recording has left a whole breath of that unit out


@dataclass(frozen=True, kw_only=True)
class UnitRow:
    """One true unit: what was found of it."""

    scene: str
    n_active: int
    ratio: float
    sensitivity: float
    positive_predictive_value: float
    accuracy: float
    jiggle: float
    amplitude_error_percent: float | None
    duration_error_ms: float | None


def patient(condition: str | None, age: int, seed: int) -> emg.VirtualPatient:
    """Return a virtual patient."""
    if condition is None:
        return emg.VirtualPatient(age_years=age, seed=seed)
    return emg.VirtualPatient.with_condition(condition, age_years=age, seed=seed)


def run(muscle: str, age: int, condition: str | None, effort: str | float, seed: int) -> tuple[list[UnitRow], dict]:
    """Simulate, decompose, match and measure one stretch."""
    made = patient(condition, age, seed).needle(
        muscle=muscle, side="right", effort=effort, duration_s=MUSCLE_S, seed=seed
    )
    trace: Trace = made.recording.trace(0)
    began = time.process_time()
    result = decompose(trace)
    spent = time.process_time() - began
    muaps = measure_muaps(result)
    rms = float(trace.samples_uv.std())
    true = [one for one in made.truth.units if len(one.times_s) >= LEAST_DISCHARGES]
    ratios = [float(np.abs(one.recorded_uv).max()) / rms for one in true]
    n_active = sum(one >= 1 for one in ratios)
    rows, n_false = [], 0
    spontaneous = [one.times_s for one in made.truth.sources if len(one.times_s) >= LEAST_DISCHARGES]
    for match in match_units([one.times_s for one in result.units], [one.times_s for one in true]):
        if match.reference is None:
            # a fibrillation is a train too: it is no false unit, but no motor unit either
            found = result.units[match.found].times_s
            n_false += not any(match_units([found], [one])[0].found == 0 for one in spontaneous)
            continue
        truth, agreed = true[match.reference], match.agreement
        errors = (None, None) if agreed is None else shape_errors(truth, muaps[match.found])
        rows.append(
            UnitRow(
                scene=f"{muscle}, {age}, {condition or 'healthy'}", n_active=n_active, ratio=ratios[match.reference],
                sensitivity=agreed.sensitivity if agreed else 0.0, accuracy=agreed.accuracy if agreed else 0.0,
                positive_predictive_value=agreed.positive_predictive_value if agreed else float("nan"),
                jiggle=truth.jiggle, amplitude_error_percent=errors[0], duration_error_ms=errors[1],
            )
        )  # fmt: skip
    return rows, {"spent_s": spent, "n_false": n_false, "duration_s": MUSCLE_S, "n_active": n_active}


def shape_errors(truth, muap) -> tuple[float | None, float | None]:  # noqa: ANN001
    """Errors of amplitude and duration where the truth has a shape by the same definition."""
    shape = truth.shape
    if shape is None or not isinstance(muap.duration_ms, Measure):
        return None, None
    return 100 * (muap.amplitude_uv.value / shape.amplitude_uv - 1), muap.duration_ms.value - shape.duration_ms


def line(name: str, target: float, figure: float, n: int, *, at_least: bool, source: str, limit: str = "") -> dict:
    """Print one row and return it."""
    is_met = figure >= target if at_least else figure <= target
    state = "met" if is_met else f"missed by {abs(figure - target):.3g}; {limit}"
    print(f"{name:<66} {'>=' if at_least else '<='} {target:<6g} {figure:<8.4g} n={n:<4d} {state}  [{source}]")
    return {
        "name": name,
        "target": target,
        "figure": round(figure, 5),
        "n": n,
        "met": bool(is_met),
        "source": source,
        "limit": limit if not is_met else "",
    }


DULL = "distant units have one blunt shape and differ by 3 SD of the noise or less, so single discharges are given to the wrong one"
DOUBLE = "distant units of one blunt shape taken for one regular unit; 1 of 114 development stretches had one"
SUPERPOSED = "superpositions of three and more, and change of shape of large units that hides small ones"


def mean_percent(field: str, chosen: list[UnitRow]) -> float:
    """Mean of a share over units, in percent."""
    return float(100 * np.nanmean([getattr(one, field) for one in chosen])) if chosen else float("nan")


def accuracy_rows(rows: list[UnitRow]) -> list[dict]:
    """Sensitivity, PPV and accuracy by number of active units and by size."""
    few = [one for one in rows if one.n_active <= 3 and one.ratio >= 2.5]
    wanted = [
        ("<= 3 active, peak/RMS >= 2.5: sensitivity %", 99, "sensitivity", few, DULL),
        ("<= 3 active, peak/RMS >= 2.5: PPV %", 99, "positive_predictive_value", few, DULL),
    ]
    for low, high, target in ((4, 7, 92), (8, 10, 85)):
        group = [one for one in rows if low <= one.n_active <= high]
        large = [one for one in group if one.ratio >= 2.5]
        every = [one for one in group if one.ratio >= 1]
        wanted += [
            (f"{low}-{high} active, peak/RMS >= 2.5: accuracy %", target, "accuracy", large, SUPERPOSED),
            (f"{low}-{high} active, every active unit, missed ones 0: accuracy %", target, "accuracy", every, DULL),
        ]
    small = [one for one in rows if 1 <= one.ratio < 2.5]
    listed = [one for one in small if one.accuracy > 0]
    wanted += [
        ("peak/RMS 1-2.5: accuracy %, missed units count 0", 75, "accuracy", small, DULL),
        ("peak/RMS 1-2.5: accuracy % of the units that were listed", 75, "accuracy", listed, DULL),
    ]
    return [
        line(name, target, mean_percent(field, chosen), len(chosen), at_least=True, source="science 6", limit=limit)
        for name, target, field, chosen, limit in wanted
    ]


def simulated(rows: list[UnitRow], runs: list[dict]) -> list[dict]:
    """The rows of the acceptance table."""
    out = accuracy_rows(rows)
    false = 10 * sum(one["n_false"] for one in runs) / sum(one["duration_s"] for one in runs)
    factor = float(np.median([one["spent_s"] / one["duration_s"] for one in runs]))
    n = len(runs)
    out.append(
        line(
            "false units per 10 s",
            0.05,
            false,
            n,
            at_least=False,
            source="science 6",
            limit=DOUBLE,
        )
    )
    out.append(
        line(
            "real-time factor, median (CPU time)", 0.1, factor, n, at_least=False, source="science 6",
            limit="number of templates tried; CPU time grows when other programs share the cores",
        )
    )  # fmt: skip
    return out + shapes(rows)


def shapes(rows: list[UnitRow]) -> list[dict]:
    """Amplitude and duration of the units found with peak/RMS at or above 2.5."""
    good = [one for one in rows if one.duration_error_ms is not None and one.ratio >= 2.5 and one.accuracy > 0.5]
    amplitude = np.array([one.amplitude_error_percent for one in good])
    duration = np.array([one.duration_error_ms for one in good])
    jiggled = "the truth lets every fibre answer on time, the average is smoothed by jitter"
    tails = "tails near the threshold cross or miss it with noise and distant units"
    return [
        line(
            "MUAP amplitude bias %, median",
            1.0,
            float(abs(np.median(amplitude))),
            len(good),
            at_least=False,
            source="science 6",
            limit=jiggled,
        ),
        line(
            "MUAP amplitude bias %, mean",
            1.0,
            float(abs(amplitude.mean())),
            len(good),
            at_least=False,
            source="science 6",
            limit=jiggled,
        ),
        line(
            "MUAP duration MAE ms, 20 uV definition",
            0.8,
            float(np.abs(duration).mean()),
            len(good),
            at_least=False,
            source="science 6",
            limit=tails,
        ),
        line(
            "MUAP duration gross errors > 5 ms, %",
            2.0,
            float(100 * (np.abs(duration) > 5).mean()),
            len(good),
            at_least=False,
            source="science 6",
            limit=tails,
        ),
    ]


def real(folder: Path) -> list[dict]:
    """Rate of agreement with the sort of the real recording, per unit."""
    recording = emg.read(folder / "spike2-smr" / "motor_units.smr")
    result = decompose(recording.trace("DIA SMU"))
    trains = defaultdict(list)
    for mark in recording.annotations:
        trains[mark.label].append(mark.start_s)
    names = sorted(trains)
    print(
        f"\nreal: diaphragm wire, {result.duration_s:.1f} s, {len(result.units)} units found, {len(result.rejected)} trains not counted; the file's own sort has {len(names)}"
    )
    out = []
    listed = (*result.units, *result.rejected)
    found = [one.times_s for one in listed]
    bounds = with_the_sorts_own_shapes(recording.trace("DIA SMU"), [np.array(trains[one]) for one in names])
    for match in match_units(found, [np.array(trains[one]) for one in names]):
        if match.reference is None:
            continue
        name, agreed = names[match.reference], match.agreement
        theirs = np.array(trains[name])
        if agreed is None:
            print(f"  {name}: no train of ours corresponds, n={len(theirs)}")
            continue
        ours = found[match.found]
        strict = match_trains(ours, theirs, tolerance_ms=0.5)
        sorted_there = np.abs(ours[:, None] - theirs).min(axis=1) < SORTED_WITHIN_S
        within = match_trains(ours[sorted_there], theirs)
        label = listed[match.found].label
        print(
            f"  {name}: ours {label}, rate of agreement {100 * agreed.accuracy:.1f} % (0.5 ms: {100 * strict.accuracy:.1f} %), both {agreed.n_hits}, "
            f"only theirs {agreed.n_missed}, only ours {agreed.n_false}"
        )
        print(
            f"    {int((~sorted_there).sum())} of ours lie more than {SORTED_WITHIN_S:g} s from any discharge of that unit in the sort; without them {100 * within.accuracy:.1f} %"
        )
        print(
            f"    for comparison, plain matching given the averages of the sort, other units unknown: {100 * bounds[match.reference]:.1f} %"
        )
        out.append(
            {
                "unit": name,
                "ours": label,
                "agreement": agreed.accuracy,
                "agreement_where_sorted": within.accuracy,
                "agreement_of_the_sorts_own_shapes": bounds[match.reference],
                "n_theirs": len(theirs),
                "both": agreed.n_hits,
            }
        )
    return out


def with_the_sorts_own_shapes(trace: Trace, trains: list[np.ndarray]) -> list[float]:
    """Agreement of plain matching pursuit that is given the averages of a sort: what shape alone tells in this channel."""
    flat = whiten(np.asarray(trace.samples_uv, dtype=np.float64), trace.sampling_rate_hz)
    half = int(0.005 * flat.rate_hz)
    shapes = []
    for train in trains:
        wide = median_wave(snippets(flat.samples, (train - trace.start_s) * flat.rate_hz, 2 * half))
        top = int(np.abs(wide).argmax())  # the marks of a sort stand where its window begins
        about = (train - trace.start_s) * flat.rate_hz + top - 2 * half
        shapes.append(median_wave(snippets(flat.samples, about, half)))
    bank = make_bank(np.array(shapes))
    dead = int(0.0022 * flat.rate_hz)
    placed = pursue(scores(flat.samples, bank), bank, least=0.35 * bank.energy, dead=dead)
    return [
        match_trains(np.sort(placed.start[placed.unit == k]) / flat.rate_hz + trace.start_s, train).accuracy
        for k, train in enumerate(trains)
    ]


def main() -> None:
    """Print every row and, with a path as argument, write them as JSON."""
    rows: list[UnitRow] = []
    runs = []
    seed = FIRST_SEED
    for muscle, age, condition, efforts in SCENES:
        for effort in efforts:
            for _ in range(RUNS_EACH):
                seed += 1
                found, one = run(muscle, age, condition, effort, seed)
                rows += found
                runs.append(one)
                print(f"seed {seed} {muscle} {age} {condition or 'healthy'} effort {effort}: {one['n_active']} active, "
                      + " ".join(f"{r.ratio:.1f}:{100 * r.sensitivity:.0f}/{100 * r.positive_predictive_value:.0f}" for r in sorted(found, key=lambda r: -r.ratio) if r.ratio >= 1)
                      + f" false {one['n_false']}", file=sys.stderr)  # fmt: skip
    print(
        f"simulated, held-out seeds {FIRST_SEED + 1} to {seed}, {MUSCLE_S:g} s each; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    table = simulated(rows, runs)
    folder = Path(
        os.environ.get("EMGWIDGETS_RECORDINGS", Path(__file__).resolve().parents[2] / "shared" / "recordings")
    )
    agreement = real(folder) if folder.is_dir() else []
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(json.dumps({"simulated": table, "real": agreement}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
