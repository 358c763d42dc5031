"""The named calls of a folder: each takes a Recording and returns what was found, channel by channel or sweep by sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from emgwidgets.batch.rows import Found
from emgwidgets.errors import EmgError, InputError
from emgwidgets.model.measure import Absent, Measures

if TYPE_CHECKING:
    from emgwidgets.model.signal import Recording, Trace

__all__ = ["CALLS", "named_call"]

Window = tuple[float, float]


def _each_trace(
    recording: Recording, measure: Callable[[Trace], Iterator[Found]], *, channel: str | None, start_s: float | None,
    end_s: float | None,
) -> Iterator[Found]:  # fmt: skip
    """Measure one channel, or every voltage channel; a channel that cannot be measured does not hide the others."""
    names = [one.name for one in recording.channels if one.is_voltage] if channel is None else [channel]
    if not names:
        raise InputError("there is no voltage channel", got=repr(recording), expected="a recording with EMG")
    for name in names:
        try:
            if recording.channel(name).kind == "surface_emg":
                raise InputError("a surface recording is no needle EMG", got=f"channel {name!r}")
            yield from measure(recording.trace(name, start_s=start_s, end_s=end_s))
        except EmgError as error:
            yield Found(channel=name, failure=error.sentence)


def quality(recording: Recording) -> Iterator[Found]:
    """Everything that limits the use of a recording: kind, place and reason of each flag."""
    from emgwidgets.analysis.signal.quality import all_flags

    flags = all_flags(recording)
    yield Found(item="recording", values={
        "n_channels": len(recording.channels), "n_sweeps": len(recording.sweeps), "duration_s": recording.duration_s,
        "n_flags": len(flags),
    })  # fmt: skip
    for number, flag in enumerate(flags, start=1):
        values = {"kind": flag.kind, "start_s": flag.start_s, "end_s": flag.end_s, "reason": flag.reason}
        yield Found(item=f"flag {number}", channel=flag.channel or "", values=values)


def rest(
    recording: Recording, *, channel: str | None = None, start_s: float | None = None, end_s: float | None = None
) -> Iterator[Found]:
    """Activity of a needle at rest: the name of the stretch, and each source with its features."""
    return _each_trace(recording, _rest, channel=channel, start_s=start_s, end_s=end_s)


def _rest(trace: Trace) -> Iterator[Found]:
    from emgwidgets.analysis.needle import read_rest

    found = read_rest(trace)
    named = {"name": found.naming.code, "confidence": found.naming.confidence, "noise_uv": found.noise_uv}
    limits = {f"limit_{number}": words for number, words in enumerate(found.limits, start=1)}
    yield Found(
        item="stretch", channel=trace.channel, values={**named, "duration_s": found.duration_s, "n_sources": len(found.sources), **limits}
    )  # fmt: skip
    for number, one in enumerate(found.sources, start=1):
        values = {"name": one.naming.code, "confidence": one.naming.confidence, "n_discharges": one.n_discharges}
        yield Found(item=f"source {number}", channel=trace.channel, values={**values, **one.features})


def units(
    recording: Recording, *, channel: str | None = None, start_s: float | None = None, end_s: float | None = None
) -> Iterator[Found]:
    """Motor units of a needle at slight effort: the decomposition, and each unit with its train and potential."""
    return _each_trace(recording, _units, channel=channel, start_s=start_s, end_s=end_s)


def _units(trace: Trace) -> Iterator[Found]:
    from emgwidgets.analysis.needle import decompose, measure_muaps

    result = decompose(trace)
    yield Found(item="stretch", channel=trace.channel, values={
        "n_units": len(result.units), "rms_uv": result.rms_uv, "explained_share": result.explained_share,
        "duration_s": result.duration_s, **{f"limit_{n}": words for n, words in enumerate(result.notes, start=1)},
    })  # fmt: skip
    for unit, muap in zip(result.units, measure_muaps(result, settings=trace.settings), strict=True):
        train = {
            "n_discharges": unit.n_discharges, "mean_rate_hz": unit.rate_hz, "interval_cv": unit.interval_cv,
            "size_to_rms_ratio": unit.size_to_rms, "confidence": float(unit.confidence.mean()),
            "doubts": "; ".join(unit.doubts),
        }  # fmt: skip
        yield Found(item=f"unit {unit.label}", channel=trace.channel, values={**train, **muap.measures})


def interference(
    recording: Recording, *, channel: str | None = None, start_s: float | None = None, end_s: float | None = None
) -> Iterator[Found]:
    """Interference pattern: turns, amplitude, activity and envelope of each epoch, and the peak ratio."""
    return _each_trace(recording, _interference, channel=channel, start_s=start_s, end_s=end_s)


def _interference(trace: Trace) -> Iterator[Found]:
    from emgwidgets.analysis.needle import measure_interference

    found = measure_interference(trace)
    limits = {f"limit_{number}": words for number, words in enumerate(found.limits, start=1)}
    yield Found(item="stretch", channel=trace.channel, values={"peak_ratio": found.peak_ratio, **limits})
    for number, one in enumerate(found.epochs, start=1):
        yield Found(item=f"epoch {number}", channel=trace.channel, values=vars(one))


def jitter(
    recording: Recording, *, channel: str | None = None, start_s: float | None = None, end_s: float | None = None
) -> Iterator[Found]:
    """Jitter and blocking of each pair of spikes."""
    return _each_trace(recording, _jitter, channel=channel, start_s=start_s, end_s=end_s)


def _jitter(trace: Trace) -> Iterator[Found]:
    from emgwidgets.analysis.needle import find_fibre_spikes, find_unit_discharges, measure_jitter

    times_s = find_unit_discharges(trace)
    spikes = find_fibre_spikes(trace, times_s)
    yield Found(item="stretch", channel=trace.channel, values={"n_discharges": len(times_s), "n_spikes": len(spikes)})
    for number, pair in enumerate(measure_jitter(trace, times_s=times_s, spikes=spikes), start=1):
        names = ("jitter_us", "is_msd", "mcd_us", "msd_us", "blocking_percent", "n_intervals", "standard_error_us")
        limits = {f"limit_{n}": words for n, words in enumerate(pair.limits, start=1)}
        values = {name: getattr(pair, name) for name in names}
        yield Found(item=f"pair {number}", channel=trace.channel, values={**values, **limits})


def motor(
    recording: Recording, *, channel: str | None = None, window_ms: Window | None = None, stimulus_at_ms: float | None = None
) -> Iterator[Found]:  # fmt: skip
    """Motor response of each sweep: latency, amplitude, area and duration of the negative peak."""
    from emgwidgets.analysis import ncs

    for number, sweep in enumerate(ncs.sweeps_of(recording, channel=channel, stimulus_at_ms=stimulus_at_ms), start=1):
        wave = ncs.measure_motor_response(sweep, window_ms=window_ms)
        values = (
            Measures({"onset_latency_ms": wave, "amplitude_mv": wave}) if isinstance(wave, Absent) else wave.measures
        )
        yield Found(item=f"{sweep.site or 'sweep'} ({number})", channel=sweep.channel, values=values)


def _of_sweeps(
    recording: Recording, measure: str, name: str, *, channel: str | None = None, window_ms: Window | None = None,
    stimulus_at_ms: float | None = None,
) -> Iterator[Found]:  # fmt: skip
    """Measure all sweeps together, with a function of ``emg.ncs``; ``name`` is the measure that an absence stands under."""
    from emgwidgets.analysis import ncs

    sweeps: Sequence[Any] = ncs.sweeps_of(recording, channel=channel, stimulus_at_ms=stimulus_at_ms)
    function = getattr(ncs, measure)
    keyword = "h_window_ms" if measure == "measure_h_reflex" else "window_ms"
    found = function(sweeps, **({} if window_ms is None else {keyword: window_ms}))
    values = Measures({name: found}) if isinstance(found, Absent) else found.measures
    yield Found(item=sweeps[0].site or f"{len(sweeps)} sweeps", channel=sweeps[0].channel, values=values)


def cmap_scan(recording: Recording) -> Iterator[Found]:
    """Unit number of a CMAP scan."""
    from emgwidgets.analysis import ncs

    table = next((table for table in recording.tables if table.name.startswith("cmap_scan")), None)
    if table is None:
        raise InputError(
            "the file holds no CMAP scan", got=f"{len(recording.tables)} tables", expected="currents and amplitudes"
        )
    fit = ncs.fit_cmap_scan(table.values[:, 0], 1000.0 * table.values[:, 1])
    values = {"n_units": fit.n_units, "mean_unit_uv": fit.mean_unit_uv, "peak_uv": fit.peak_uv, "s50_ma": fit.s50_ma}
    yield Found(item=table.name, values=values)


#: Calls that :func:`emgwidgets.measure_folder` knows by name.
CALLS: dict[str, Callable[..., Iterator[Found]]] = {
    "quality": quality, "rest": rest, "units": units, "interference": interference, "jitter": jitter, "motor": motor,
    "sensory": partial(_of_sweeps, measure="measure_sensory_response", name="onset_latency_ms"),
    "f_wave": partial(_of_sweeps, measure="measure_f_waves", name="f_min_latency_ms"),
    "h_reflex": partial(_of_sweeps, measure="measure_h_reflex", name="h_latency_ms"),
    "repetitive": partial(_of_sweeps, measure="measure_repetitive_train", name="amplitude_mv"),
    "cmap_scan": cmap_scan,
}  # fmt: skip


def named_call(name: str) -> Callable[..., Iterator[Found]]:
    """Return a call by its name.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name not in CALLS:
        raise InputError(
            "no such call",
            got=repr(name),
            expected=f"one of {', '.join(CALLS)}",
            way_out="or give a function of a Recording",
        )
    return CALLS[name]
