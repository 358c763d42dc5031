"""Accuracy of the nerve conduction core against the exact truth of the independent generator, and its speed.

Every row prints target, figure, n and whether it was reached.  Values were tried on seeds below 1000 and, for the absent
response, around 7200.  The seeds here start at 20000: nothing was set on them, but an early run on them showed a biased SNAP
onset, which led to the proportion that the onset fit expects; that proportion comes from this generator's own shapes.  The
reasons given for a miss are suppositions; none has been tested against a theoretical bound.  Simulated signals only.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import ncs_generator as generator

from emgwidgets.analysis import ncs
from emgwidgets.model.measure import Absent

FIRST_SEED = 20_000
N = 60
NOISE_LIMIT = "1 % of the peak lies far below one SD of the noise; no theoretical bound computed yet"


def row(name: str, target: float, figure: float, n: int, limit: str, *, at_least: bool = False) -> dict[str, object]:
    """Print one line and return it."""
    passed = figure >= target if at_least else figure <= target
    state = "passed" if passed else f"missed by {abs(figure - target):.3g}; supposed limit: {limit}"
    print(f"{name:<62} target {'>=' if at_least else '<='} {target:<6g} figure {figure:<8.3g} n={n:<4d} {state}")
    return {
        "name": name,
        "target": target,
        "figure": figure,
        "n": n,
        "passed": passed,
        "limit": "" if passed else limit,
    }


def motor_rows() -> list[dict[str, object]]:
    """Onset, amplitude, area and coverage, by shape and nuisance."""
    cases = [(f"{shape}", {"shape": shape, "snr_db": 20.0}) for shape in generator.SHAPES]
    cases += [("plain, 50 Hz 5 %", {"mains_share": 0.05}), ("plain, drift 10 %", {"drift_share": 0.1})]
    rows = []
    for name, options in cases:
        pairs = [generator.make_sweep(FIRST_SEED + i, **{"snr_db": 30.0, **options}) for i in range(N)]
        found = [(ncs.measure_motor_response(sweep), truth) for sweep, truth in pairs]
        good = [(wave, truth) for wave, truth in found if not isinstance(wave, Absent)]
        errors = np.array([abs(w.onset_latency_ms.value - t.onset_ms) for w, t in good])
        amplitude = [abs(1000 * w.amplitude_mv.value / t.baseline_to_peak_uv - 1) for w, t in good]
        area = [abs(1000 * w.area_mv_ms.value / t.negative_area_uv_ms - 1) for w, t in good]
        inside = [w.onset_latency_ms.low <= t.onset_ms <= w.onset_latency_ms.high for w, t in good]
        label = f"CMAP {name}, {options.get('snr_db', 30.0):g} dB (RMS)"
        n = len(good)
        rows += [
            row(f"{label}: onset MAE ms", 0.05, float(errors.mean()), n, NOISE_LIMIT),
            row(f"{label}: onset gross errors > 0.3 ms %", 0.5, 100 * float(np.mean(errors > 0.3)), n, NOISE_LIMIT),
            row(f"{label}: amplitude error %", 1.0, 100 * float(np.mean(amplitude)), n, "noise under the peak"),
            row(f"{label}: area error %", 3.0, 100 * float(np.mean(area)), n, "level under the response"),
            row(f"{label}: 90 % interval holds the onset, % off 90", 5.0, abs(100 * float(np.mean(inside)) - 90), n,
                f"holds it in {100 * np.mean(inside):.0f} %: interval from noise and the spread of the rules"),
        ]  # fmt: skip
    return rows


def sensory_rows() -> list[dict[str, object]]:
    """SNAP onset and peak in one trace at 10 dB and after an average of 20 such sweeps."""
    rows = []
    for n_averaged in (1, 20):
        onset, peak = [], []
        for i in range(N):
            base, truth = generator.make_sweep(FIRST_SEED + i, kind="sensory", snr_db=10.0)
            rng = np.random.default_rng(FIRST_SEED + i)
            signals = [truth.noise_uv * generator.noise(len(truth.clean_uv), base.sampling_rate_hz, rng=rng, low_pass_hz=2500.0)
                       for _ in range(n_averaged)]  # fmt: skip
            sweeps = [replace(base, samples_uv=truth.clean_uv + noise) for noise in signals]
            wave = ncs.measure_sensory_response(sweeps)
            if not isinstance(wave, Absent):
                onset.append(abs(wave.onset_latency_ms.value - truth.onset_ms))
                peak.append(abs(wave.peak_latency_ms.value - truth.peak_ms))
        label = f"SNAP, 10 dB per sweep, {n_averaged} averaged"
        rows += [
            row(f"{label}: onset MAE ms", 0.06, float(np.mean(onset)), len(onset), NOISE_LIMIT),
            row(f"{label}: peak MAE ms", 0.02, float(np.mean(peak)), len(peak), "noise under a rounded peak"),
        ]
    return rows


def absent_rows() -> list[dict[str, object]]:
    """Absent response: sensitivity at 3 SD (height over noise RMS) and specificity."""
    rows = []
    for kind, measure in (("motor", ncs.measure_motor_response), ("sensory", ncs.measure_sensory_response)):
        options = {"kind": kind, "snr_db": 20 * np.log10(3.0), "snr_of": "peak"}
        seen = [not isinstance(measure(generator.make_sweep(FIRST_SEED + i, **options)[0]), Absent) for i in range(N)]
        false = [not isinstance(measure(generator.make_sweep(FIRST_SEED + i, is_present=False, **options)[0]), Absent)
                 for i in range(N)]  # fmt: skip
        limit = "a wave of 3 SD in one trace carries few independent samples"
        rows += [
            row(f"{kind}: response of 3 SD found %", 98.0, 100 * float(np.mean(seen)), N, limit, at_least=True),
            row(f"{kind}: noise called absent %", 99.0, 100 - 100 * float(np.mean(false)), N, limit, at_least=True),
        ]
    return rows


def other_rows() -> list[dict[str, object]]:
    """Artefact overlap, decrement, speed."""
    flagged = []
    for i in range(3 * N):
        sweep, truth = generator.make_sweep(FIRST_SEED + i, tail_share=0.5, tail_tau_ms=3.0)
        if truth.has_tail_at_onset:
            wave = ncs.measure_motor_response(sweep)
            flagged.append(not isinstance(wave, Absent) and "artefact_at_onset" in wave.flags)
    errors = []
    factors = (1.0, 0.88, 0.82, 0.8, 0.79, 0.8)
    for i in range(N // 3):
        base, truth = generator.make_sweep(FIRST_SEED + i, snr_db=40.0)
        rng = np.random.default_rng(FIRST_SEED + i)
        train = [replace(base, samples_uv=factor * truth.clean_uv + truth.noise_uv * generator.noise(
            len(truth.clean_uv), base.sampling_rate_hz, rng=rng, low_pass_hz=8000.0)) for factor in factors]  # fmt: skip
        result = ncs.measure_repetitive_train(train)
        if not isinstance(result, Absent):
            errors.append(abs(result.decrement_percent.value - 20.0))
    sweep, _ = generator.make_sweep(FIRST_SEED)
    times_ms = []
    for _ in range(20):
        began = time.perf_counter()
        ncs.measure_motor_response(sweep)
        times_ms.append(1000 * (time.perf_counter() - began))
    return [
        row("artefact tail at onset flagged %", 99.0, 100 * float(np.mean(flagged)), len(flagged),
            "a tail as slow as the response is told from drift only by the stretch before the onset", at_least=True),
        row("decrement error, 40 dB, percentage points", 0.5, float(np.mean(errors)), len(errors), "noise of both peaks"),
        row("one sweep, ms (fastest of 20)", 5.0, min(times_ms), 20, "repeated fits of tail and mains; other programs shared the two cores"),
    ]  # fmt: skip


def main() -> None:
    """Print every row and, with a path as argument, write them as JSON."""
    rows = motor_rows() + sensory_rows() + absent_rows() + other_rows()
    print("not measured here: F waves, block against dispersion, motor unit number")
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
