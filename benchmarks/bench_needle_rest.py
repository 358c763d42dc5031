"""Needle at rest, turns and jitter against known truth: two generators, held-out seeds, confusion matrix, speed, real examples.

Seeds below 9000 were used while developing, those from 8000 and from 12000 also as held out by earlier versions; those run
here start at 14000 and were not.  With three items of a class a macro-F1 moves by several hundredths from one range to
another: on seeds from 12000 levels 1 and 2 had 0.937 and 0.945 (classes, events), on those from 14000 they have 0.989 and
0.973, with the version before the last change as well.  Simulated and real results never share a number.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # budgets are for one core; read when numpy is first imported
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))
import needle_generator as generator

from emgwidgets import read, waveform_item
from emgwidgets.analysis import needle
from emgwidgets.analysis.needle.matching import find_offset_ms
from emgwidgets.model.needle_rest import CANNOT_TELL, RestActivity
from emgwidgets.model.signal import Channel, RecordingSettings, Trace

FIRST_SEED = 14_000
N_ITEMS, N_MADE, N_PAIRS = 3, 4, 6
TOLERANCE_MS = 2.0  # science 3.11
LONGEST_POTENTIAL_MS = 10.0  # internal choice: spikes of one potential; a whole cycle of a train is longer
FEWEST_OF_A_TRAIN = 5  # internal choice: fewer have no offset of their own
CODE = {"unit_normal": "voluntary_unit", "cramp": "cramp_discharge"}
ITEMS = (
    "insertional_normal", "insertional_increased", "insertional_decreased", "end_plate_noise", "end_plate_spike", "fibrillation",
    "positive_sharp_wave", "fasciculation", "complex_repetitive_discharge", "myotonic_discharge", "myokymic_discharge",
    "neuromyotonic_discharge", "cramp", "tremor", "unit_normal", "mains", "movement", "pulse_artefact", "loose_reference",
)  # fmt: skip
#: Classes whose discharges keep their size, so that one signal-to-noise ratio holds for all of them.
EVEN_SIZE = (
    "fibrillation", "positive_sharp_wave", "end_plate_spike", "fasciculation", "complex_repetitive_discharge", "myokymic_discharge",
)  # fmt: skip
MANY_UNITS = ("cramp_discharge", "tremor", "voluntary_unit", "end_plate_noise")
#: What was seen on the development seeds behind each miss.
CLASS_LIMIT = (
    "what is left open rather than guessed: several like sources that overlap, few or unlike fasciculations, units of which "
    "none can be followed alone"
)
EVENT_LIMIT = (
    "the smallest discharges of a waning train, two like fibres that overlap, small discharges beneath larger ones; at SNR 3 a chain "
    "of alike spikes is one dense group and is left open, every spike counted"
)
Array = NDArray[np.float64]


def row(
    name: str, target: float, source: str, figure: float, n: int, *, at_least: bool = True, note: str = "", limit: str = ""
) -> None:  # fmt: skip
    """Print one line of the table; ``limit`` is what was found to limit a figure that misses its target."""
    passed = figure >= target if at_least else figure <= target
    state = "met" if passed else f"missed by {abs(figure - target):.3g}"
    sign = ">=" if at_least else "<="
    print(
        f"{name:<66} {sign} {target:<5g} [{source}] {figure:8.3f}  n={n:<5d} {state}{f'; {note}' if note else ''}",
        flush=True,
    )
    if not passed:
        print(f"    limited by: {limit or 'not known; see the rows below'}")


def macro_f1(pairs: Counter[tuple[str, str]]) -> float:
    """Mean F1 of the true classes; an abstention is a miss of its class."""
    scores = []
    for code in sorted({true for true, _ in pairs}):
        hit = pairs[code, code]
        missed = sum(n for (true, said), n in pairs.items() if true == code != said)
        false = sum(n for (true, said), n in pairs.items() if said == code != true)
        scores.append(2 * hit / max(2 * hit + missed + false, 1))
    return float(np.mean(scores))


def show_confusion(pairs: Counter[tuple[str, str]]) -> None:
    """Truth by row, reading by column, only what is not on the diagonal spelled out."""
    true = sorted({code for code, _ in pairs})
    for code in true:
        said = {answer: n for (one, answer), n in pairs.items() if one == code}
        wrong = ", ".join(f"{answer} {n}" for answer, n in sorted(said.items()) if answer != code)
        print(f"    {code:<32}{said.get(code, 0):3d} of {sum(said.values()):3d}   {wrong}")
    open_ = sum(n for (_, said), n in pairs.items() if said == CANNOT_TELL)
    print(f"    left open: {open_} of {sum(pairs.values())}")


def event_counts(found: RestActivity, code: str, truth_s: Iterable[float]) -> NDArray[np.int64]:
    """Hits, false, missed of the sources of a class, or of the leading one where none was named so; shape (2, 3).

    The second row is with the constant offset of each source taken off, as trains are compared (science 3.11): which of two
    alike spikes of a potential carries its time is a convention.
    """
    own = [one for one in found.sources if one.naming.code == code] or list(found.sources[:1])
    truth = np.asarray(sorted(truth_s), dtype=np.float64)
    rows = []
    for trains in ([one.times_s for one in own], [_aligned(one.times_s, truth) for one in own]):
        times = np.unique(np.concatenate(trains)) if trains else np.zeros(0)
        hits = len(needle.pair_times(times, truth, tolerance_ms=TOLERANCE_MS))
        rows.append([hits, len(times) - hits, len(truth) - hits])
    return np.array(rows)


def _aligned(times_s: Array, truth_s: Array) -> Array:
    """Times moved by the offset of the train, but no further than a potential is long."""
    offset_ms = find_offset_ms(times_s, truth_s) if len(times_s) >= FEWEST_OF_A_TRAIN else 0.0
    return times_s + offset_ms / 1000.0 if abs(offset_ms) <= LONGEST_POTENTIAL_MS else times_s


def f1(counts: NDArray[np.int64]) -> float:
    """F1 of hits, false and missed."""
    return float(2 * counts[0] / max(2 * counts[0] + counts[1] + counts[2], 1))


def aligned(total: NDArray[np.int64]) -> str:
    """The figure with offsets taken off, beside a row."""
    return f"with the constant offset of each train taken off {f1(total[1]):.3f}"


def show_events(events: dict[str, NDArray[np.int64]]) -> None:
    """F1 of each class, and of those with single discharges together."""
    for code, counts in events.items():
        hits, false, missed = counts[0]
        print(
            f"    events of {code:<32} F1 {f1(counts[0]):.3f}  hits {hits}, false {false}, missed {missed}; aligned {f1(counts[1]):.3f}"
        )


def items_of(level: int) -> tuple[Counter[tuple[str, str]], dict[str, NDArray[np.int64]]]:
    """Read the gym's items of one level."""
    pairs: Counter[tuple[str, str]] = Counter()
    events: dict[str, NDArray[np.int64]] = defaultdict(lambda: np.zeros((2, 3), dtype=np.int64))
    for kind in ITEMS:
        for seed in range(FIRST_SEED, FIRST_SEED + N_ITEMS):
            item = waveform_item(kind, level=level, seed=seed)
            truth = item.truth
            moved = [(a, b) for (a, _), b in zip(truth.insertions_s, truth.needle_stops_s, strict=True)]
            found = needle.read_rest(item.recording.channels[0], insertions_s=moved)
            code = CODE.get(kind, kind)
            pairs[code, found.naming.code] += 1
            if item.kind.origin in ("fibre", "chain", "axon") and code not in MANY_UNITS:
                events[code] += event_counts(found, code, item.events_s)
    return pairs, events


def virtual_patient() -> None:
    """Classes of the virtual patient's items."""
    for level in (1, 2, 3):
        pairs, events = items_of(level)
        n = sum(pairs.values())
        row(f"class macro-F1, virtual patient, level {level}", 0.95, "science 6", macro_f1(pairs), n,
            limit=CLASS_LIMIT)  # fmt: skip
        show_confusion(pairs)
        total = np.sum(list(events.values()), axis=0)
        row(
            f"event F1, virtual patient, level {level}, single discharges",
            0.95,
            "science 6",
            f1(total[0]),
            int(total[0][0] + total[0][2]),
            limit=EVENT_LIMIT,
            note=aligned(total),
        )
        show_events(events)


def two_activities() -> None:
    """Level 4: SNR 3 of the largest, the needle moves half-way, a second activity.  Every place is read by itself."""
    counts = np.zeros(3, dtype=np.int64)
    n = 0
    for kind in (
        "fibrillation",
        "positive_sharp_wave",
        "fasciculation",
        "complex_repetitive_discharge",
        "myotonic_discharge",
    ):
        for seed in range(FIRST_SEED, FIRST_SEED + N_ITEMS):
            item = waveform_item(kind, level=4, seed=seed)
            channel = item.recording.channels[0]
            said: set[str] = set()
            for mark in item.recording.annotations:
                said |= set(needle.read_rest(_part(channel, mark.start_s, mark.end_s)).codes)
            true = {kind, *item.also_present}
            counts += np.array([len(true & said), len(said - true), len(true - said)])
            n += 1
    row("naming F1, level 4, two activities, SNR 3", 0.95, "internal", f1(counts), n,
        limit="several like sources at SNR 3 overlap; what does not repeat alike is left open")  # fmt: skip


def _part(channel: Channel, start_s: float, stop_s: float) -> Trace:
    a, b = channel.index_at(start_s), channel.index_at(stop_s)
    return Trace(samples_uv=channel.samples_uv[a:b], sampling_rate_hz=channel.sampling_rate_hz, start_s=start_s,
                 settings=channel.settings)  # fmt: skip


def second_generator() -> None:
    """Classes and events of the independent generator, at its own noise and at SNR 3."""
    pairs: Counter[tuple[str, str]] = Counter()
    events: dict[str, NDArray[np.int64]] = defaultdict(lambda: np.zeros((2, 3), dtype=np.int64))
    for kind in generator.KINDS:
        for seed in range(FIRST_SEED, FIRST_SEED + N_MADE):
            made = generator.made_rest(kind, seed)
            found = _read_made(made)
            pairs[kind, found.naming.code] += 1
            if len(made.events_s) and kind not in MANY_UNITS:
                events[kind] += event_counts(found, kind, made.events_s)
    row("class macro-F1, second generator", 0.95, "science 6", macro_f1(pairs), sum(pairs.values()), limit=CLASS_LIMIT)
    show_confusion(pairs)
    total = np.sum(list(events.values()), axis=0)
    row(
        "event F1, second generator, single discharges",
        0.95,
        "science 6",
        f1(total[0]),
        int(total[0][0] + total[0][2]),
        limit=EVENT_LIMIT,
        note=aligned(total),
    )
    show_events(events)
    weak: dict[str, NDArray[np.int64]] = defaultdict(lambda: np.zeros((2, 3), dtype=np.int64))
    for kind in EVEN_SIZE:
        for seed in range(FIRST_SEED + 100, FIRST_SEED + 100 + N_MADE):
            made = generator.made_rest(kind, seed, snr=3.0)
            weak[kind] += event_counts(_read_made(made), kind, made.events_s)
    total = np.sum(list(weak.values()), axis=0)
    row(
        "event F1 at SNR 3, discharges of even size",
        0.95,
        "science 6",
        f1(total[0]),
        int(total[0][0] + total[0][2]),
        limit=EVENT_LIMIT,
        note=aligned(total),
    )
    show_events(weak)


def _read_made(made: generator.MadeRest) -> RestActivity:
    return needle.read_rest(
        Trace(samples_uv=made.samples_uv, sampling_rate_hz=made.rate_hz), insertions_s=made.insertions_s
    )


def jitter() -> None:
    """Jitter at 20 dB over the noise, pairs 0.6 to 2.2 ms apart, with and without blocking."""
    errors, as_defined, blocking, refused = [], [], [], 0
    for seed in range(FIRST_SEED, FIRST_SEED + N_PAIRS):
        for sigma, apart, lost in ((10, 0.7, 0.0), (25, 0.9, 0.0), (50, 1.5, 0.0), (80, 2.2, 0.1)):
            samples, rate, _, true, _ = generator.made_pair(seed, sigma_us=sigma, interval_ms=apart, blocking=lost)
            trace = Trace(samples_uv=samples, sampling_rate_hz=rate, settings=RecordingSettings(high_pass_hz=500.0))
            pairs = needle.measure_jitter(trace)
            if len(pairs) != 1 or pairs[0].mcd_us is None:
                refused += 1
                continue
            truth_us = float(np.nanmean(np.abs(np.diff(true))))
            as_defined.append(pairs[0].mcd_us - truth_us)
            without = pairs[0].without_noise_us
            errors.append((pairs[0].mcd_us if without is None else without) - truth_us)
            blocking.append(pairs[0].blocking_percent - 100 * float(np.isnan(true).mean()))
    limit = "noise at 20 dB on spikes 0.7 ms apart: about 6 us for each interval, and 80 intervals"
    for name, errs, why in (
        ("jitter (MCD), noise taken off, RMS error, us", errors, limit),
        ("jitter (MCD) as defined, noise left in, RMS error, us", as_defined, f"{limit}; it adds about 3 us to a jitter of 10 us"),
    ):  # fmt: skip
        row(name, 2.0, "science 6", float(np.sqrt(np.mean(np.square(errs)))), len(errs), at_least=False, limit=why,
            note=f"median error {np.median(np.abs(errs)):.2f} us, bias {np.mean(errs):+.2f} us, not read {refused}")  # fmt: skip
    row(
        "blocking, greatest error, percent points",
        2.0,
        "internal",
        float(np.abs(blocking).max()),
        len(blocking),
        at_least=False,
    )


def turns_by_definition(values: Array, threshold: float) -> list[int]:
    """Sample by sample, as the definition reads."""
    turns: list[int] = []
    high = low = 0
    going = 0
    for i, value in enumerate(values):
        high = i if value > values[high] else high
        low = i if value < values[low] else low
        if going >= 0 and values[high] - value >= threshold:
            turns += [high] if high else []
            going, low, high = -1, i, i
        elif going <= 0 and value - values[low] >= threshold:
            turns += [low] if low else []
            going, high, low = 1, i, i
    return turns


def turns() -> None:
    """Turns against the walk through the samples, and speed."""
    rng = np.random.default_rng(FIRST_SEED)
    differ, n = 0, 0
    for scale in (30, 100, 300, 1000):
        signal = np.cumsum(rng.normal(0, scale / 3, 40_000)) * 0.05 + rng.normal(0, scale, 40_000)
        found = needle.find_turns(signal).indices.tolist()
        differ += found != turns_by_definition(signal, 100.0)
        n += len(found)
    row("turns unlike the definition, traces", 0.0, "science 6", differ, n, at_least=False)
    signal = rng.normal(0, 150, 240_000)
    started = time.perf_counter()
    needle.find_turns(signal)
    print(f"    turns: {10 / (time.perf_counter() - started):.0f} times real time (10 s at 24 kHz)")


def speed() -> None:
    """Reading a stretch beside the detectors of neurokit2 and biosppy, which only find onsets of contractions."""
    item = waveform_item("fibrillation", level=2, seed=FIRST_SEED)
    channel = item.recording.channels[0]
    needle.read_rest(channel)
    started = time.perf_counter()
    needle.read_rest(channel)
    spent = time.perf_counter() - started
    row("reading a stretch, share of real time", 0.1, "science 6", spent / item.recording.duration_s, 1, at_least=False)
    for name in ("neurokit2", "biosppy"):
        try:
            __import__(name)
        except ImportError:
            print(f"    {name}: skipped, not installed")
            continue
        print(f"    {name}: {_peer(name, channel):.4f} of real time for onsets of contractions; it names nothing")


def _peer(name: str, channel: Channel) -> float:
    samples, rate = channel.samples_uv, channel.sampling_rate_hz
    started = time.perf_counter()
    if name == "neurokit2":
        import neurokit2

        neurokit2.emg_process(samples, sampling_rate=int(rate))
    else:
        from biosppy.signals import emg

        emg.emg(signal=samples, sampling_rate=rate, show=False)
    return (time.perf_counter() - started) * rate / len(samples)


def real_examples() -> None:
    """PhysioNet examples: what the measures say; n = 2, no accuracy."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "recordings" / "physionet-emgdb"
    places = sorted(folder.glob("*.hea"))
    print(f"real examples (light effort, then rest), n = {len(places)}: no accuracy can be drawn from them")
    for place in places:
        channel = read(place).channels[0]
        found = needle.read_rest(channel)
        pattern = needle.measure_interference(_part(channel, channel.start_s, channel.end_s))
        rates = [epoch.turns_per_s_hz for epoch in pattern.epochs]
        sizes = [epoch.mean_turn_amplitude_uv for epoch in pattern.epochs]
        print(f"    {place.stem}: {found.naming.code} ({found.naming.confidence:.2f}); {np.median(rates):.0f} turns/s of"
              f" {np.median(sizes):.0f} uV, peak ratio {pattern.peak_ratio or 0:.2f}, n = {len(rates)} epochs; {found.limits[0]}")  # fmt: skip


if __name__ == "__main__":
    print(f"held-out seeds from {FIRST_SEED}")
    turns()
    jitter()
    second_generator()
    virtual_patient()
    two_activities()
    speed()
    real_examples()
