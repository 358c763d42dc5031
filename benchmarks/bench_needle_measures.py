"""Needle measures: throughput beside earlier figures and two optional peers, real examples as the measures see them, and every bad input.

Peers are timed only where they do the same work; one that is not installed is named so.  Real figures never share a number
with simulated ones, and n is printed with each.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np

import emgwidgets as emg
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Measure
from emgwidgets.model.signal import RecordingSettings, Trace

RATE_HZ, DURATION_S = 48_000.0, 60.0
PEER_S = 1.0  # of signal given to peers that need minutes for more
PEER_LIMIT_S, PEER_IMPORT_S = 20.0, 90.0  # so that the table always ends
PEERS = ("neurokit2 emg_clean", "neurokit2 emg_activation (threshold)", "biosppy find_onsets")
N_TEMPLATES, N_LAGS, N_SPIKES, TEMPLATE_SAMPLES = 8, 21, 1503, 96  # as the earlier figure; windows of 2 ms
#: Step, earlier time in ms for 60 s at 48 kHz, what it was measured with.
EARLIER = {
    "turns": (11.0, "compiled loop"),
    "crossings and windows": (6.3, "compiled loop"),
    "templates": (103.0, "8 templates, 21 lags, 1503 spikes, compiled loop"),
}


def spent_ms(run: Callable[[], object], *, times: int = 3) -> float:
    """Shortest processor time of several runs, after one to warm up."""
    run()
    found = []
    for _ in range(times):
        began = time.process_time()
        run()
        found.append(time.process_time() - began)
    return 1000 * min(found)


def minute() -> tuple[Trace, list[np.ndarray]]:
    """One minute of a muscle at slight effort, six stretches end to end, and the true trains of the largest units."""
    patient = emg.VirtualPatient(age_years=45, seed=3101)
    made = patient.needle(muscle="tibialis_anterior", side="right", effort=0.012, duration_s=DURATION_S, seed=3101)
    units = sorted(made.truth.units, key=lambda one: -float(np.abs(one.recorded_uv).max()))[:8]
    return made.recording.trace(0), [one.times_s for one in units]


def show(name: str, ms: float, n: int, *, key: str = "", note: str = "") -> None:
    """One row: time, rate, earlier figure."""
    was = f"earlier {EARLIER[key][0]:g} ms ({EARLIER[key][1]})" if key else ""
    print(f"{name:<58} {ms:9.1f} ms  {n / ms / 1000:8.2f} M samples/s  n={n:<8d} {was}{note}", flush=True)


def throughput(trace: Trace, trains: list[np.ndarray]) -> None:
    """Turns, detection, extraction, averaging and decomposition of one minute."""
    from emgwidgets.analysis.needle._averages import average_units
    from emgwidgets.analysis.needle._seeds import find_peaks, snippets

    samples, n = np.asarray(trace.samples_uv, dtype=np.float64), len(trace.samples_uv)
    print(
        f"throughput, {n / RATE_HZ:.0f} s at {RATE_HZ / 1000:g} kHz, processor time, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    show("turns of 100 uV", spent_ms(lambda: emg.needle.find_turns(samples)), n, key="turns")
    level = 5 * float(np.median(np.abs(samples))) / 0.6745

    def crossings() -> object:
        above = samples < -level
        return snippets(samples, np.flatnonzero(above[1:] & ~above[:-1]).astype(float), 48)

    show("threshold crossing and windows of 2 ms", spent_ms(crossings), n, key="crossings and windows")
    show("peaks by magnitude, 1.2 ms apart", spent_ms(lambda: find_peaks(samples, level, 58)), n)
    show(f"{N_TEMPLATES} templates by {N_LAGS} lags against {N_SPIKES} spikes", spent_ms(templates_by_lags(samples, level)), n,
         key="templates")  # fmt: skip
    places = [(one - trace.start_s) * RATE_HZ for one in trains]
    show(
        f"{len(trains)} units averaged with the others taken away",
        spent_ms(lambda: average_units(samples, RATE_HZ, places), times=1),
        n,
    )
    show("interference pattern, epochs of 0.5 s", spent_ms(lambda: emg.needle.measure_interference(trace), times=1), n)
    ten = Trace(samples_uv=samples[: int(10 * RATE_HZ)], sampling_rate_hz=RATE_HZ, settings=trace.settings)
    show("decomposition of the first 10 s", spent_ms(lambda: emg.needle.decompose(ten), times=1), len(ten.samples_uv),
         note="; no peer decomposes")  # fmt: skip
    show("MUAP measures of its units", spent_ms(lambda: emg.needle.measure_muaps(emg.needle.decompose(ten)), times=1), len(ten.samples_uv),
         note="; with the decomposition")  # fmt: skip


def templates_by_lags(samples: np.ndarray, level: float) -> Callable[[], object]:
    """Squared distance of every spike to every template at every lag, by one matrix product."""
    from emgwidgets.analysis.needle._seeds import find_peaks

    reach = TEMPLATE_SAMPLES + N_LAGS
    peaks = np.asarray(find_peaks(samples, level, 58), dtype=np.int64)
    peaks = np.resize(peaks[(peaks > reach) & (peaks < len(samples) - reach)], N_SPIKES)
    first = peaks - (TEMPLATE_SAMPLES + N_LAGS - 1) // 2
    templates = samples[peaks[:: N_SPIKES // N_TEMPLATES][:N_TEMPLATES, None] + np.arange(-48, 48)]

    def run() -> object:
        wide = samples[first[:, None] + np.arange(TEMPLATE_SAMPLES + N_LAGS - 1)]
        windows = np.lib.stride_tricks.sliding_window_view(wide, TEMPLATE_SAMPLES, axis=1)
        power = (windows**2).sum(axis=2)[:, :, None] + (templates**2).sum(axis=1)
        return (power - 2 * windows @ templates.T).reshape(N_SPIKES, -1).argmin(axis=1)

    return run


def _peer_call(name: str, samples: np.ndarray) -> Callable[[], object]:
    """The call of a peer; importing it is not timed."""
    rate = int(RATE_HZ)
    if name.startswith("neurokit2"):
        import neurokit2

        clean = neurokit2.emg_clean(samples, sampling_rate=rate)
        if name.endswith("emg_clean"):
            return lambda: neurokit2.emg_clean(samples, sampling_rate=rate)
        amplitude = neurokit2.emg_amplitude(clean)
        return lambda: neurokit2.emg_activation(amplitude, sampling_rate=rate, method="threshold")
    from biosppy.signals import emg as other

    return lambda: other.find_onsets(signal=samples, sampling_rate=RATE_HZ)


def _peer_process(name: str, samples: np.ndarray, said: Any) -> None:
    """In a process of its own: ready, then milliseconds; or why not."""
    try:
        run = _peer_call(name, samples)
    except ImportError as error:
        said.put(("missing", error.name or str(error)))
        return
    said.put(("ready", ""))
    began = time.process_time()
    try:
        run()
    except Exception as error:  # a peer may fail in any way; the table goes on
        said.put(("failed", f"{type(error).__name__}: {error}"))
        return
    said.put(("done", 1000 * (time.process_time() - began)))


def _peer_row(name: str, samples: np.ndarray) -> None:
    context = multiprocessing.get_context("spawn")
    said = context.Queue()
    process = context.Process(target=_peer_process, args=(name, samples, said), daemon=True)
    process.start()
    try:
        state, what = said.get(timeout=PEER_IMPORT_S)
        if state == "ready":
            state, what = said.get(timeout=PEER_LIMIT_S)
    except queue.Empty:
        state, what = "late", ""
    process.terminate()
    process.join()
    if state == "done":
        show(name, float(what), len(samples))
    elif state == "late":
        print(f"{name:<58} did not finish in {PEER_LIMIT_S:g} s", flush=True)
    else:
        print(f"{name:<58} {'not installed' if state == 'missing' else 'failed'}: {what}", flush=True)


def peers(trace: Trace) -> None:
    """Two signal libraries: onsets of contractions by threshold; neither counts turns nor tells units apart."""
    samples = np.asarray(trace.samples_uv[: int(PEER_S * RATE_HZ)], dtype=np.float64)
    print(f"\npeers, {PEER_S:g} s: onsets of activity; turns, potentials and trains are not offered by them")

    def ours() -> object:
        level = 5 * float(np.median(np.abs(samples))) / 0.6745
        above = np.abs(samples) > level
        return np.flatnonzero(above[1:] & ~above[:-1])

    show("threshold onsets, numpy as in ours", spent_ms(ours), len(samples))
    for name in PEERS:
        _peer_row(name, samples)


def physionet(folder: Path) -> None:
    """What the measures say of the examples."""
    places = sorted(folder.glob("*.hea"))
    print(f"\nPhysioNet examples, n = {len(places)} recordings of one person each: no accuracy can be drawn from them")
    for place in places:
        channel = emg.read(place).channels[0]
        trace = Trace(
            samples_uv=channel.samples_uv, sampling_rate_hz=channel.sampling_rate_hz, settings=channel.settings
        )
        pattern = emg.needle.measure_interference(trace)
        active = [one for one in pattern.epochs if one.turns_per_s_hz > 0]
        rates = [one.turns_per_s_hz for one in active] or [0.0]
        sizes = [one.mean_turn_amplitude_uv for one in active] or [0.0]
        print(f"  {place.stem}: {trace.duration_s:.1f} s at {trace.sampling_rate_hz:g} Hz; {len(active)} of {len(pattern.epochs)} epochs active, "
              f"{np.median(rates):.0f} turns/s of {np.median(sizes):.0f} uV, peak ratio {pattern.peak_ratio or 0:.2f}")  # fmt: skip
        rest = emg.needle.read_rest(channel)
        print(
            f"    at rest: {rest.naming.code}, confidence {rest.naming.confidence:.2f}{'; ' + rest.naming.reason if rest.naming.reason else ''}"
        )
        try:
            result = emg.needle.decompose(trace)
        except InputError as error:
            print(f"    motor units: {error}")
            continue
        muaps = emg.needle.measure_muaps(result)
        print(
            f"    motor units: n = {len(result.units)}; amplitude {_median(muaps, 'amplitude_uv')} uV, duration {_median(muaps, 'duration_ms')} ms"
        )
        for said in (*pattern.limits, *result.notes):
            print(f"      {said}")


def _median(muaps: tuple, name: str) -> str:
    values = [one.value for one in (getattr(muap, name) for muap in muaps) if isinstance(one, Measure)]
    return f"{np.median(values):.1f}" if values else "none"


def bad_input(trace: Trace) -> None:
    """Every bad input of the list, and the sentence it gets."""
    ten = np.asarray(trace.samples_uv[: int(10 * RATE_HZ)], dtype=np.float64)
    top = float(np.abs(ten).max())
    slow = 30 * np.convolve(np.random.default_rng(0).standard_normal(len(ten)), np.hanning(600), mode="same")
    silent = ten.copy()
    silent[int(3 * RATE_HZ) : int(6 * RATE_HZ)] = 0.0
    over = (ten + 0.5 * top) % top - 0.5 * top
    known = RecordingSettings(converter_range=(-0.5 * top, 0.5 * top))
    print("\nbad input to the decomposition")
    for name, samples, rate, settings in (
        ("rate of 4 kHz", ten[::12], RATE_HZ / 12, trace.settings), ("clipped", np.clip(ten, -0.1 * top, 0.1 * top), RATE_HZ, trace.settings),
        ("overflowed", over, RATE_HZ, known), ("three seconds of silence", silent, RATE_HZ, trace.settings),
        ("surface signal", slow, RATE_HZ, RecordingSettings()), ("4 s", ten[: int(4 * RATE_HZ)], RATE_HZ, trace.settings),
    ):  # fmt: skip
        try:
            said = emg.needle.decompose(Trace(samples_uv=samples, sampling_rate_hz=rate, settings=settings)).notes
        except InputError as error:
            said = (f"refused: {error}",)
        print(f"  {name}: {' '.join(said)}")
    sites = [
        Trace(samples_uv=ten, sampling_rate_hz=RATE_HZ, settings=RecordingSettings(electrode=one))
        for one in ("concentric", "monopolar")
    ]
    print(f"  mixed electrodes: {emg.needle.measure_interference(sites).limits[-1]}")


def main() -> None:
    """Print every part."""
    folder = Path(
        os.environ.get("EMGWIDGETS_RECORDINGS", Path(__file__).resolve().parents[2] / "shared" / "recordings")
    )
    trace, trains = minute()
    throughput(trace, trains)
    peers(trace)
    if (folder / "physionet-emgdb").is_dir():
        physionet(folder / "physionet-emgdb")
    else:
        print("PhysioNet examples: folder not found", file=sys.stderr)
    bad_input(trace)


if __name__ == "__main__":
    main()
