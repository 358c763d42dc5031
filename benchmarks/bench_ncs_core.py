"""Accuracy of the nerve conduction core against exact truth, with the bound beside it, and its speed.

Two sources of signals: the generator of ``ncs_generator`` (independent of the virtual patient) and the virtual patient.  Seeds below
1000 were used while developing; those run here start at 73000 and 12600 and were looked at once; the last
change of the onset was made after a look at an earlier set from 71000.  Real scans are a table of their own.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # figures are for one core
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import ncs_bounds as bounds
import ncs_generator as generator

from emgwidgets import VirtualPatient
from emgwidgets.analysis import ncs
from emgwidgets.analysis.ncs.mune import SIZE_SPREAD
from emgwidgets.model.measure import Absent, Measure

FIRST_SEED, FIRST_PATIENT = 73_000, 12_600
N = 120
SCIENCE = "science 6"
Row = dict[str, object]


def row(
    name: str, target: float, figure: float, n: int, *, at_least: bool = False, bound: str = "", source: str = SCIENCE
) -> Row:
    """Print one line and return it."""
    passed = figure >= target if at_least else figure <= target
    state = "met" if passed else f"missed by {abs(figure - target):.3g}"
    sign = ">=" if at_least else "<="
    print(
        f"{name:<58} {sign} {target:<5g} [{source}] {figure:8.3g}  n={n:<5d} {state}{f'; {bound}' if bound else ''}",
        flush=True,
    )
    return {
        "name": name,
        "target": target,
        "source": source,
        "figure": figure,
        "n": n,
        "passed": passed,
        "bound": bound,
    }


def inside(measure: Measure, truth: float) -> bool:
    """Whether the 90 % interval holds the truth."""
    return measure.low is not None and measure.high is not None and measure.low <= truth <= measure.high


def coverage(name: str, held: Sequence[bool], limit: str = "") -> Row:
    """Row for how often the 90 % interval holds the truth; the target is 85 to 95 %."""
    share, n = 100 * float(np.mean(held)), len(held)
    way = "too wide" if share > 95 else "too narrow" if share < 85 else ""
    chance = 100 * np.sqrt(0.09 / max(n, 1))
    return row(
        f"{name}: 90 % interval holds it in {share:.0f} %, off 85-95", 0.0, max(85 - share, share - 95, 0.0), n,
        bound=f"{way}, SD of the share by chance {chance:.1f}; {limit}".rstrip("; ") if way else "",
    )  # fmt: skip


def motor_case(name: str, options: dict[str, float | str]) -> list[Row]:
    """Onset, amplitude, area and coverage of one kind of signal."""
    pairs = [generator.make_sweep(FIRST_SEED + i, **{"snr_db": 20.0, **options}) for i in range(N)]
    found = [(ncs.measure_motor_response(sweep), sweep, truth) for sweep, truth in pairs]
    good = [one for one in found if not isinstance(one[0], Absent)]
    signed = np.array([w.onset_latency_ms.value - t.onset_ms for w, _, t in good])
    errors = np.abs(signed)
    amplitude = [abs(1000 * w.amplitude_mv.value / t.baseline_to_peak_uv - 1) for w, _, t in good]
    area = [abs(1000 * w.area_mv_ms.value / t.negative_area_uv_ms - 1) for w, _, t in good]
    label, n = f"CMAP {name}, {options.get('snr_db', 20):g} dB", len(good)
    known = np.mean([bounds.known_shape_ms(t, s.sampling_rate_hz, 8000.0) for _, s, t in good])
    height = np.mean([bounds.known_shape_height_percent(t, s.sampling_rate_hz, 8000.0) for _, s, t in good])
    text, gross = f"bias {signed.mean():+.3f}, known shape {known:.3f}", ""
    if options.get("shape", "plain") != "initially_positive":
        oracle = np.array([abs(bounds.oracle_ms(s, t, "motor")) for _, s, t in good])
        text += f", best that knows this generator {oracle.mean():.3f} ms"
        gross = f"best that knows this generator {100 * np.mean(oracle > 0.3):.2g} %"
    return [
        row(f"{label}: onset MAE ms", 0.05, float(errors.mean()), n, bound=text),
        row(f"{label}: onset gross > 0.3 ms %", 0.5, 100 * float(np.mean(errors > 0.3)), n, bound=gross),
        row(
            f"{label}: amplitude error %",
            1.0,
            100 * float(np.mean(amplitude)),
            n,
            bound=f"known shape and time {height:.2f} %",
        ),
        row(f"{label}: area error %", 3.0, 100 * float(np.mean(area)), n),
        coverage(
            f"{label}: onset",
            [inside(w.onset_latency_ms, t.onset_ms) for w, _, t in good],
            "the interval carries the doubt on the shape, one width for every generator",
        ),
        coverage(f"{label}: amplitude", [inside(w.amplitude_mv, t.baseline_to_peak_uv / 1000) for w, _, t in good]),
    ]


def motor_rows() -> list[Row]:
    """Every shape at 20 and 30 dB, and mains and drift at 30 dB."""
    cases: list[tuple[str, dict[str, float | str]]] = []
    for snr_db in (20.0, 30.0):
        cases += [(shape, {"shape": shape, "snr_db": snr_db}) for shape in generator.SHAPES]
    cases += [
        ("50 Hz 5 %", {"mains_share": 0.05, "snr_db": 30.0}),
        ("drift 10 %", {"drift_share": 0.1, "snr_db": 30.0}),
    ]
    return [line for name, options in cases for line in motor_case(name, options)]


def patient_motor_rows() -> list[Row]:
    """Onsets of the virtual patient with noise added; same definition of the onset, another maker of shapes."""
    rows = []
    clean = []
    for i in range(N // 4):
        patient = VirtualPatient(seed=FIRST_PATIENT + i, age_years=25 + 2 * i, height_cm=155 + i)
        for nerve, muscle, site in (("median", "abductor_pollicis_brevis", "wrist"), ("median", "abductor_pollicis_brevis", "elbow"),
                                    ("tibial", "abductor_hallucis", "ankle")):  # fmt: skip
            clean.append(patient.motor_study(nerve=nerve, muscle=muscle, side="right", site=site))
    for snr_db in (20.0, 40.0):
        errors, held, known, signed = [], [], [], []
        for i, made in enumerate(clean):
            wave_uv, times_ms = made.truth.noise_free_uv, made.sweep.times_ms
            peak = int(np.argmin(wave_uv))
            before = int(np.flatnonzero(-wave_uv[:peak] < 0.01 * made.truth.amplitude_uv)[-1])
            onset_ms = float(times_ms[before])
            noise_uv = 0.7 * made.truth.amplitude_uv / 10 ** (snr_db / 20)
            noise = generator.noise(
                len(wave_uv), made.sweep.sampling_rate_hz, rng=np.random.default_rng(i), low_pass_hz=8000.0
            )
            wave = ncs.measure_motor_response(replace(made.sweep, samples_uv=wave_uv + noise_uv * noise))
            truth = generator.Truth(is_present=True, clean_uv=wave_uv, noise_uv=noise_uv)
            known.append(bounds.known_shape_ms(truth, made.sweep.sampling_rate_hz, 8000.0))
            if not isinstance(wave, Absent):
                signed.append(wave.onset_latency_ms.value - onset_ms)
                errors.append(abs(signed[-1]))
                held.append(inside(wave.onset_latency_ms, onset_ms))
        label = f"CMAP virtual patient, {snr_db:g} dB"
        best = f"bias {np.mean(signed):+.3f}, known shape {np.mean(known):.3f} ms; the foot rises through 1 % of the peak below the noise"
        rows += [row(f"{label}: onset MAE ms", 0.05, float(np.mean(errors)), len(errors), bound=best),
                 row(f"{label}: onset gross > 0.3 ms %", 0.5, 100 * float(np.mean(np.array(errors) > 0.3)), len(errors), bound=best),
                 coverage(f"{label}: onset", held)]  # fmt: skip
    return rows


def sensory_rows() -> list[Row]:
    """SNAP onset and peak in one trace at 10 dB and after an average of 20 such sweeps."""
    rows = []
    for n_averaged in (1, 20):
        onset, peak, known, oracle, held = [], [], [], [], []
        for i in range(N):
            base, truth = generator.make_sweep(FIRST_SEED + i, kind="sensory", snr_db=10.0)
            rng = np.random.default_rng(FIRST_SEED + i)
            sweeps = [replace(base, samples_uv=truth.clean_uv + truth.noise_uv * generator.noise(
                len(truth.clean_uv), base.sampling_rate_hz, rng=rng, low_pass_hz=2500.0)) for _ in range(n_averaged)]  # fmt: skip
            wave = ncs.measure_sensory_response(sweeps)
            left = replace(truth, noise_uv=truth.noise_uv / np.sqrt(n_averaged))
            known.append(bounds.known_shape_ms(left, base.sampling_rate_hz, 2500.0))
            oracle.append(abs(bounds.oracle_ms(base, left, "sensory")))
            if not isinstance(wave, Absent):
                onset.append(abs(wave.onset_latency_ms.value - truth.onset_ms))
                peak.append(abs(wave.peak_latency_ms.value - truth.peak_ms))
                held.append(inside(wave.onset_latency_ms, truth.onset_ms))
        label = f"SNAP 10 dB a sweep, {n_averaged} averaged"
        rows += [
            row(f"{label}: onset MAE ms", 0.06, float(np.mean(onset)), len(onset),
                bound=f"known shape {np.mean(known):.3f}, best that knows this generator {np.mean(oracle):.3f} ms"),
            row(f"{label}: peak MAE ms", 0.02, float(np.mean(peak)), len(peak), bound=f"known shape {np.mean(known):.3f} ms"),
            coverage(f"{label}: onset", held, "the interval carries the doubt on the shape"),
        ]  # fmt: skip
    return rows


def absent_rows() -> list[Row]:
    """Absent response: sensitivity at 3 SD (height over noise RMS) and specificity."""
    rows = []
    snr_db = 20 * np.log10(3.0)
    seeds = range(FIRST_SEED, FIRST_SEED + 2 * N)
    measures: tuple[tuple[str, Callable[..., object]], ...] = (
        ("motor", ncs.measure_motor_response), ("sensory", ncs.measure_sensory_response))  # fmt: skip
    for kind, measure in measures:
        options = {"kind": kind, "snr_db": snr_db, "snr_of": "peak"}
        seen = [not isinstance(measure(generator.make_sweep(seed, **options)[0]), Absent) for seed in seeds]
        false = [
            not isinstance(measure(generator.make_sweep(seed, is_present=False, **options)[0]), Absent)
            for seed in seeds
        ]
        ideal = bounds.ideal_detection(seeds, kind=kind, snr_db=snr_db)
        rows += [
            row(f"{kind}: response of 3 SD found %", 98.0, 100 * float(np.mean(seen)), len(seeds), at_least=True,
                bound=f"matched filter of the exact shape at 1 % false alarms {ideal:.0f} %"),
            row(f"{kind}: noise called absent %", 99.0, 100 - 100 * float(np.mean(false)), len(seeds), at_least=True,
                bound=f"SD by chance {100 * np.sqrt(0.01 * 0.99 / len(seeds)):.1f}"),
        ]  # fmt: skip
    return rows


def artefact_rows() -> list[Row]:
    """Artefact tail at the onset."""
    flagged, false = [], []
    for i in range(2 * N):
        sweep, truth = generator.make_sweep(FIRST_SEED + i, tail_share=0.5, tail_tau_ms=3.0, snr_db=30.0)
        wave = ncs.measure_motor_response(sweep)
        if truth.has_tail_at_onset:
            flagged.append(not isinstance(wave, Absent) and "artefact_at_onset" in wave.flags)
        free = ncs.measure_motor_response(generator.make_sweep(FIRST_SEED + i, snr_db=30.0)[0])
        false.append(not isinstance(free, Absent) and "artefact_at_onset" in free.flags)
    healthy = [VirtualPatient(seed=FIRST_PATIENT + i) for i in range(N // 6)]
    names = ("median_d2", "ulnar_d5", "sural")
    waves = [
        ncs.measure_sensory_response(one.sensory_study(response=name, side="right").sweep)
        for one in healthy
        for name in names
    ]
    seen = [not isinstance(wave, Absent) and "artefact_at_onset" in wave.flags for wave in waves]
    return [
        row(
            "healthy sensory sweeps of the virtual patient flagged %",
            2.0,
            100 * float(np.mean(seen)),
            len(seen),
            source="internal choice",
        ),
        row("artefact tail at the onset flagged %", 99.0, 100 * float(np.mean(flagged)), len(flagged), at_least=True),
        row(
            "clean onset flagged as artefact %", 1.0, 100 * float(np.mean(false)), len(false), source="internal choice"
        ),
    ]


def train_rows() -> list[Row]:
    """Decrement."""
    errors, held = [], []
    factors = (1.0, 0.88, 0.82, 0.8, 0.79, 0.8)
    for i in range(N // 2):
        base, truth = generator.make_sweep(FIRST_SEED + i, snr_db=40.0)
        rng = np.random.default_rng(FIRST_SEED + i)
        train = [replace(base, samples_uv=factor * truth.clean_uv + truth.noise_uv * generator.noise(
            len(truth.clean_uv), base.sampling_rate_hz, rng=rng, low_pass_hz=8000.0)) for factor in factors]  # fmt: skip
        result = ncs.measure_repetitive_train(train)
        if not isinstance(result, Absent):
            errors.append(abs(result.decrement_percent.value - 20.0))
            held.append(inside(result.decrement_percent, 20.0))
    return [row("decrement error, 40 dB, percentage points", 0.5, float(np.mean(errors)), len(errors)),
            coverage("decrement", held)]  # fmt: skip


def f_rows() -> list[Row]:
    """F waves of the virtual patient: found and timed."""
    hits = false = missed = small = n_sets = with_a_wave = 0
    errors, held, times_ms = [], [], []
    for i in range(12):
        patient = VirtualPatient(seed=FIRST_PATIENT + i, age_years=28 + 4 * i, height_cm=156 + 3 * i)
        for nerve, muscle in (
            ("median", "abductor_pollicis_brevis"),
            ("ulnar", "abductor_digiti_minimi"),
            ("tibial", "abductor_hallucis"),
        ):
            truth = patient.f_waves(nerve=nerve, muscle=muscle, side="right", n_stimuli=20)
            sweeps = [one.simulated.sweep for one in truth]
            began = time.thread_time()
            result = ncs.measure_f_waves(sweeps)
            times_ms.append(1000 * (time.thread_time() - began))
            n_sets, with_a_wave = n_sets + 1, with_a_wave + bool(not isinstance(result, Absent) and result.a_waves)
            if isinstance(result, Absent):
                missed += sum(bool(one.units) for one in truth)
                continue
            for wave, one in zip(result.waves, truth, strict=True):
                if isinstance(wave, Absent):
                    missed += bool(one.units) and one.amplitude_uv >= 20
                    small += bool(one.units) and one.amplitude_uv < 20
                elif one.units:
                    hits += 1
                    errors.append(abs(wave.latency_ms.value - one.onset_ms))
                    held.append(inside(wave.latency_ms, one.onset_ms))
                else:
                    false += 1
    f1 = 2 * hits / max(2 * hits + false + missed, 1)
    strict = 2 * hits / max(2 * hits + false + missed + small, 1)
    return [
        row(
            "F wave F1 (20 uV and above)",
            0.98,
            f1,
            hits + missed,
            at_least=True,
            bound=f"with waves under 20 uV {strict:.3f}",
        ),
        row("F wave onset MAE ms", 0.3, float(np.mean(errors)), len(errors)),
        coverage("F wave onset", held),
        row("healthy sets with an A wave found %", 5.0, 100 * with_a_wave / n_sets, n_sets, source="internal choice"),
        row("F set of 20, ms of processor time", 50.0, float(np.median(times_ms)), len(times_ms), source="science 4"),
    ]


def f_disease_rows() -> list[Row]:
    """F waves of demyelinated nerves, in which impulses that turn back make A waves."""
    false = empty = far = found = with_a_wave = n_sets = 0
    for i in range(12):
        patient = VirtualPatient.with_condition(
            "demyelinating_polyneuropathy", severity=("mild", "moderate", "severe")[i % 3], seed=FIRST_PATIENT + 200 + i
        )
        for nerve, muscle in (("median", "abductor_pollicis_brevis"), ("ulnar", "abductor_digiti_minimi"), ("tibial", "abductor_hallucis")):  # fmt: skip
            truth = patient.f_waves(nerve=nerve, muscle=muscle, side="right", n_stimuli=20)
            result = ncs.measure_f_waves([one.simulated.sweep for one in truth])
            if isinstance(result, Absent):
                continue
            n_sets, with_a_wave = n_sets + 1, with_a_wave + bool(result.a_waves)
            for wave, one in zip(result.waves, truth, strict=True):
                empty += not one.units
                if not isinstance(wave, Absent):
                    found += bool(one.units)
                    false += not one.units
                    far += bool(one.units) and abs(wave.latency_ms.value - one.onset_ms) > 2.0
    text = f"{n_sets} sets, A waves seen in {with_a_wave}"
    return [
        row("demyelinated: sweeps without an F wave in which one is found %", 5.0, 100 * false / max(empty, 1), empty,
            source="internal choice", bound=text),
        row("demyelinated: F wave more than 2 ms off %", 5.0, 100 * far / max(found, 1), found, source="internal choice", bound=text),
    ]  # fmt: skip


def area_under_curve(values: np.ndarray, is_case: np.ndarray, is_control: np.ndarray) -> float:
    """Chance that a case lies above a control."""
    cases, controls = values[is_case][:, None], values[is_control][None, :]
    return float(np.mean(cases > controls) + 0.5 * np.mean(cases == controls))


def block_rows(name: str, pairs: list[tuple[object, object, float, float]]) -> list[Row]:
    """Block against dispersion on one set of pairs: sweeps, true blocked share, true scatter in ms."""
    changes = [(ncs.compare_sites(distal, proximal), share, scatter) for distal, proximal, share, scatter in pairs]  # type: ignore[arg-type]
    share = np.array([one[1] for one in changes])
    found = np.array([one[0].blocked_percent.value for one in changes]) / 100
    drop = np.array([one[0].area_drop_percent.value for one in changes]) / 100
    case, control = share >= 0.3, share < 0.02
    open_cases = [one[0].block == "undetermined" for one in changes]
    wrong = [
        one[0].block == ("not seen" if one[1] >= 0.3 else "present")
        for one in changes
        if one[1] >= 0.3 or one[1] < 0.02
    ]
    scatter, seen = np.array([one[2] for one in changes]), np.array([one[0].scatter_ms.value for one in changes])
    return [
        row(f"{name}: block AUC", 0.95, area_under_curve(found, case, control), len(pairs), at_least=True,
            bound=f"area drop alone {area_under_curve(drop, case, control):.3f}"),
        row(f"{name}: statement on block wrong %", 5.0, 100 * float(np.mean(wrong)), len(wrong), source="internal choice",
            bound=f"undetermined {100 * np.mean(open_cases):.0f} %"),
        row(f"{name}: dispersion AUC", 0.95, area_under_curve(seen, scatter > 1.0, scatter < 0.6), len(pairs), at_least=True),
        coverage(f"{name}: blocked share", [inside(one[0].blocked_percent, 100 * one[1]) for one in changes]),
    ]  # fmt: skip


def generated_pairs() -> list[tuple[object, object, float, float]]:
    """Pairs of the generator."""
    made = []
    for i in range(N):
        rng = np.random.default_rng(FIRST_SEED + i)
        share, scatter = float(rng.choice([0, 0, 0.15, 0.4, 0.6])), float(rng.choice([0.2, 0.4, 1.2, 2.0]))
        distal, proximal, truth = generator.make_pair(FIRST_SEED + i, blocked_share=share, scatter_ms=scatter)
        made.append((distal, proximal, truth.blocked_share, truth.scatter_ms))
    return made


def patient_pairs() -> list[tuple[object, object, float, float]]:
    """Median nerve of the virtual patient, wrist and elbow, with block and focal slowing in the forearm."""
    from emgwidgets.simulation.lesion import ConductionBlock, FocalDemyelination

    made = []
    for i in range(N // 2):
        rng = np.random.default_rng(FIRST_PATIENT + i)
        where = {"element": "median_proximal_forearm", "side": "right", "fibres": "motor"}
        share = float(rng.choice([0, 0, 0.15, 0.4, 0.6]))
        lesions = [ConductionBlock(share=share, **where)] if share else []
        if rng.uniform() < 0.75:
            lesions.append(FocalDemyelination(speed_factor=float(rng.uniform(0.35, 0.9)), share=float(rng.uniform(0.4, 1.0)),
                                              spread=float(rng.uniform(0.05, 0.35)), **where))  # fmt: skip
        patient = VirtualPatient(seed=FIRST_PATIENT + i, lesions=tuple(lesions), day=20)
        low, high = (patient.motor_study(nerve="median", muscle="abductor_pollicis_brevis", side="right", site=site)
                     for site in ("wrist", "elbow"))  # fmt: skip
        size = patient.nerve("median_apb", "right").axons.size
        at_low, at_high = (np.isfinite(one.truth.arrival_ms) for one in (low, high))
        delays = (high.truth.arrival_ms - low.truth.arrival_ms)[at_low & at_high]
        width = 0.5 * float(np.diff(np.quantile(delays, [0.16, 0.84]))[0])
        made.append((low.sweep, high.sweep, float(1 - size[at_high].sum() / size[at_low].sum()), width))
    return made


def unit_rows() -> list[Row]:
    """Motor unit number on scans of the virtual patient, whole and reduced."""
    from emgwidgets.simulation.lesion import AnteriorHornLoss

    rows = []
    for name, share, n in (("healthy", 0.0, 30), ("half lost", 0.5, 30), ("80 % lost", 0.8, 30)):
        ratios, held, numbers = [], [], []
        for i in range(n):
            lesions = (AnteriorHornLoss(share=share, day=0.0, side="right"),) if share else ()
            patient = VirtualPatient(seed=FIRST_PATIENT + 100 + i, lesions=lesions, day=400)
            scan = patient.cmap_scan(nerve="median", muscle="abductor_pollicis_brevis", side="right")
            fit = ncs.fit_cmap_scan(scan.currents_ma, scan.amplitudes_uv)
            ratios.append(fit.n_units.value / scan.n_units)
            numbers.append(scan.n_units)
            held.append(inside(fit.n_units, scan.n_units))
        label, bias = f"unit number, {name}", float(np.mean(ratios)) - 1
        chance = bounds.size_chance_percent(float(np.mean(numbers)), SIZE_SPREAD)
        rows += [row(f"{label}: bias %", 8.0, 100 * abs(bias), n,
                     bound=f"{100 * bias:+.1f}, standard error {100 * np.std(ratios) / np.sqrt(n):.1f}"),
                 row(f"{label}: spread CoV %", 12.0, 100 * float(np.std(ratios) / np.mean(ratios)), n,
                     bound=f"between people; by chance of the unit sizes alone {chance:.0f}, published test-retest 12.3 (V)"),
                 coverage(label, held)]  # fmt: skip
    return rows


def real_scans() -> None:
    """Print the test-retest spread on real scans, beside the fits stored in the files and the published spread."""
    from emgwidgets.io.registry import read

    folder = Path(__file__).resolve().parents[2] / "shared" / "recordings" / "cmap-scan-mem"
    if not folder.is_dir():
        print("real CMAP scans: not beside the project")
        return
    groups: dict[tuple[object, str], list[tuple[float, float]]] = {}
    alike = []
    for path in sorted(folder.glob("*.MEM")):
        recording = read(path)
        tables = {table.name: table for table in recording.tables}
        values, model = tables["cmap_scan"].values, tables["mscan_model"].values[:, 2]
        fit = ncs.fit_cmap_scan(values[:, 0], 1000 * values[:, 1])
        who = tuple(note for note in recording.notes if note.startswith(("Age", "Sex")))
        groups.setdefault((who, recording.title), []).append((fit.n_units.value, float(len(model))))
        alike.append(fit.effective_count / (model.sum() ** 2 / (model**2).sum()))
    pairs = np.array([pair for pair in groups.values() if len(pair) == 2])
    spread = np.abs(pairs[:, 0] - pairs[:, 1]) / np.sqrt(2) / pairs.mean(axis=1)
    cov = 100 * np.sqrt((spread**2).mean(axis=0))
    everything = np.array([one for pair in groups.values() for one in pair])
    print(f"real CMAP scans, test and retest, {len(pairs)} pairs: CoV ours {cov[0]:.1f} %, fits stored in the files {cov[1]:.1f} %, "
          "published 12.3 (1.6) % (JoVE 2018, V), 5.6 to 13.4 % (round robin, V)")  # fmt: skip
    print(f"  the same {len(alike)} scans: effective number ours over stored {np.median(alike):.2f}, correlation of the numbers "
          f"{np.corrcoef(everything.T)[0, 1]:.2f}, ours over stored {np.median(everything[:, 0] / everything[:, 1]):.2f}; "
          "the stored fits have no units under 15 to 27 uV")  # fmt: skip


def speed_rows() -> list[Row]:
    """Time of one sweep; processor time, because other programs may share the machine."""
    sweep, _ = generator.make_sweep(FIRST_SEED)
    ncs.measure_motor_response(sweep)
    times_ms = []
    for _ in range(40):
        began = time.thread_time()
        ncs.measure_motor_response(sweep)
        times_ms.append(1000 * (time.thread_time() - began))
    return [row("one sweep, ms of processor time (median)", 5.0, float(np.median(times_ms)), len(times_ms), source="science 4",
                bound=f"fastest {min(times_ms):.2f} ms")]  # fmt: skip


def main() -> None:
    """Print every row and, with a path as argument, write them as JSON."""
    print(
        f"Held-out seeds from {FIRST_SEED} (generator) and {FIRST_PATIENT} (virtual patient); dB: RMS of the negative phase over noise."
    )
    rows = [*speed_rows(), *motor_rows(), *patient_motor_rows(), *sensory_rows(), *absent_rows(), *artefact_rows(), *train_rows(),
            *f_rows(), *f_disease_rows(), *block_rows("generator pairs", generated_pairs()),
            *block_rows("virtual patient pairs", patient_pairs()), *unit_rows()]  # fmt: skip
    real_scans()
    print(f"{sum(bool(one['passed']) for one in rows)} of {len(rows)} rows met")
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
