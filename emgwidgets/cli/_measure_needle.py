"""Field needle of the command measure: rest, motor units, interference pattern or jitter of one needle channel of a file."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emgwidgets.cli._common import command, progress, read_recording, reading, say, stated
from emgwidgets.cli._folder import folder_options, refuse_with_folder, run_folder
from emgwidgets.cli._needle_case import (
    Addition,
    check_case,
    from_interference,
    from_jitter,
    from_rest,
    from_units,
    keep,
)
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Measure
from emgwidgets.model.signal import Channel, Recording, Trace

__all__ = ["add"]

NEAR_RISE_MS = 0.8  # needle.md 2.1 (M): a rise below 0.5 ms, 0.8 in practice
Found = tuple[str, dict[str, Any], Addition]


def add(kinds: Any) -> None:
    """Add the field."""
    made = command(kinds, "needle", _measure, "needle EMG: activity at rest, motor units, interference pattern, jitter")
    made.add_argument("path", type=Path, help="file with a needle channel, or a folder of files")
    made.add_argument("--study", choices=tuple(_STUDY), default="rest", help="what is read; rest when left out")
    made.add_argument("--channel", metavar="NAME", help="channel, where there are several")
    made.add_argument("--from", "--start", dest="start", type=float, metavar="S", help="begin of the stretch, seconds")
    made.add_argument("--to", "--end", dest="stop", type=float, metavar="S", help="end of the stretch, seconds")
    made.add_argument("--insertion", action="append", type=_range, default=[], metavar="FROM:TO",
                      help="when the needle was moved, seconds; may be repeated")  # fmt: skip
    made.add_argument("--muscle", default="", metavar="CODE")
    made.add_argument("--side", choices=("left", "right"))
    made.add_argument(
        "--case", type=Path, metavar="CASE.json", help="add what was found to a case; needs muscle and side"
    )
    stated(made)
    folder_options(made)


def _range(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split(":"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no FROM:TO") from None
    return low, high


def _channel(given: argparse.Namespace, recording: Recording) -> Channel:
    voltages = [one for one in recording.channels if one.is_voltage]
    if given.channel:
        named = [one for one in voltages if one.name == given.channel]
        if not named:
            raise InputError("no such channel", got=repr(given.channel),
                             expected=f"one of {', '.join(one.name for one in voltages) or 'none'}")  # fmt: skip
        return named[0]
    if len(voltages) != 1:
        names = ", ".join(one.name for one in voltages) or "none"
        raise InputError(
            "the channel must be named", got=names, expected="one voltage channel", way_out="add --channel NAME"
        )
    return voltages[0]


def _trace(given: argparse.Namespace, channel: Channel) -> Trace:
    if channel.kind == "surface_emg":
        raise InputError(
            "a surface recording is no needle EMG", got=f"channel {channel.name!r}", expected="a needle channel"
        )
    first = channel.index_at(given.start) if given.start is not None else 0
    last = channel.index_at(given.stop) if given.stop is not None else channel.n_samples
    return Trace(
        samples_uv=channel.samples_uv[first:last], sampling_rate_hz=channel.sampling_rate_hz, channel=channel.name,
        start_s=channel.start_s + first / channel.sampling_rate_hz, settings=channel.settings,
    )  # fmt: skip


def _plain_number(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None


def _rest(given: argparse.Namespace, trace: Trace) -> Found:
    from emgwidgets.analysis.needle.rest import read_rest

    found = read_rest(trace, insertions_s=given.insertion)
    lines = [f"{found.duration_s:.1f} s, noise {found.noise_uv:.1f} µV", f"reading: {_named(found.naming)}"]
    sources = []
    for one in found.sources:
        lines.append(f"  {one.n_discharges} discharges: {_named(one.naming)}")
        lines += [f"      {words}" for words in one.naming.evidence]
        lines += [
            f"      look-alike {look.code} ({look.score:.2f}); {look.against}" for look in one.naming.look_alikes[:2]
        ]
        sources.append({
            "name": one.naming.code, "confidence": one.naming.confidence, "reason": one.naming.reason,
            "n_discharges": one.n_discharges, "times_s": [round(float(time), 5) for time in one.times_s],
            "features": {key: _plain_number(value) for key, value in one.features.items()},
            "look_alikes": [{"name": look.code, "score": look.score} for look in one.naming.look_alikes],
        })  # fmt: skip
    lines += [
        f"  needle at {one.start_s:.2f} s: {_named(one.naming)}, {one.after_stop_ms:.0f} ms" for one in found.insertions
    ]
    for limit in found.limits:
        progress(limit)
    plain = {"name": found.naming.code, "confidence": found.naming.confidence, "noise_uv": _plain_number(found.noise_uv),
             "sources": sources, "limits": list(found.limits),
             "insertions": [{"name": one.naming.code, "after_stop_ms": round(one.after_stop_ms, 1)} for one in found.insertions]}  # fmt: skip
    return "\n".join(lines), plain, from_rest(found)


def _named(naming: Any) -> str:
    words = naming.code.replace("_", " ")
    return f"{words} (confidence {naming.confidence:.2f})" if naming.is_named else f"cannot tell: {naming.reason}"


def _interference(given: argparse.Namespace, trace: Trace) -> Found:
    from dataclasses import asdict

    from emgwidgets.analysis.needle.interference import measure_interference

    del given
    found = measure_interference(trace)
    for limit in found.limits:
        progress(limit)
    lines = ["start s  turns/s  µV/turn  activity %  small segments  envelope µV"]
    lines += [f"{one.start_s:7.2f} {one.turns_per_s_hz:8.0f} {one.mean_turn_amplitude_uv:8.0f} {one.activity_percent:11.0f}"
              f" {one.n_small_segments:15d} {one.envelope_uv:12.0f}" for one in found.epochs]  # fmt: skip
    lines.append("peak ratio " + ("none" if found.peak_ratio is None else f"{found.peak_ratio:.2f} per s and µV"))
    return "\n".join(lines), asdict(found), from_interference(found)


def _jitter(given: argparse.Namespace, trace: Trace) -> Found:
    from emgwidgets.analysis.needle.fibre_spikes import find_fibre_spikes, find_unit_discharges, measure_jitter

    del given
    times = find_unit_discharges(trace)
    spikes = find_fibre_spikes(trace, times)
    pairs = measure_jitter(trace, times_s=times, spikes=spikes)
    lines = [f"{len(times)} discharges, {len(spikes)} spikes"]
    plain = []
    for pair in pairs:
        for limit in pair.limits:
            progress(limit)
        name = "MSD" if pair.is_msd else "MCD"
        jitter = "none" if pair.jitter_us is None else f"{pair.jitter_us:.1f} µs ({name})"
        lines.append(f"  jitter {jitter}, blocking {pair.blocking_percent:.1f} %, {pair.n_intervals} intervals")
        plain.append({"mcd_us": pair.mcd_us, "msd_us": pair.msd_us, "jitter_us": pair.jitter_us, "is_msd": pair.is_msd,
                      "blocking_percent": pair.blocking_percent, "n_intervals": pair.n_intervals})  # fmt: skip
    if not pairs:
        lines.append("  no second spike that can be timed")
    return "\n".join(lines), {"n_discharges": len(times), "n_spikes": len(spikes), "pairs": plain}, from_jitter(pairs)


def _units(given: argparse.Namespace, trace: Trace) -> Found:
    from emgwidgets.analysis.needle.decomposition import decompose
    from emgwidgets.analysis.needle.muap import measure_muaps
    from emgwidgets.analysis.needle.muap_by_hand import summarise_muaps

    del given
    result = decompose(trace, progress=progress)
    for note in result.notes:
        progress(note)
    if not result.units:
        return "no motor unit", {"n_units": 0, "measures": {}}, from_units(result, {})
    muaps = measure_muaps(result, settings=trace.settings)
    near = [one for one in muaps if isinstance(one.rise_time_ms, Measure) and one.rise_time_ms.value <= NEAR_RISE_MS]
    if len(near) < len(muaps):
        progress(
            f"{len(muaps) - len(near)} of {len(muaps)} units rise within more than {NEAR_RISE_MS:g} ms: the needle is not close, "
            "and they are left out of the means."
        )
    if not near:
        return f"{len(muaps)} units, none close", {"n_units": len(muaps), "measures": {}}, from_units(result, {})
    found = summarise_muaps(near)
    for said in found.limits:
        progress(said)
    measures = dict(found.measures)
    lines = [f"{len(result.units)} units, means of {len(near)}:"]
    plain: dict[str, Any] = {}
    for name, value in measures.items():
        if isinstance(value, Measure):
            lines.append(f"  {name:<20}{value.text}  [{value.method}]")
            plain[name] = {
                "value": value.value,
                "low": value.low,
                "high": value.high,
                "unit": value.unit,
                "method": value.method,
            }
    return "\n".join(lines), {"n_units": len(result.units), "measures": plain}, from_units(result, measures)


_STUDY: dict[str, Callable[[argparse.Namespace, Trace], Found]] = {
    "rest": _rest, "units": _units, "interference": _interference, "jitter": _jitter,
}  # fmt: skip


def _measure_folder(given: argparse.Namespace) -> int:
    from emgwidgets.batch.calls import named_call
    from emgwidgets.batch.run import Task

    refuse_with_folder(given, "case", "insertion")
    options = {"channel": given.channel, "start_s": given.start, "end_s": given.stop}
    options = {name: value for name, value in options.items() if value is not None}
    return run_folder(
        given, given.path, Task(call=named_call(given.study), name=given.study, options=options, reading=reading(given))
    )


def _measure(given: argparse.Namespace) -> int:
    if given.path.is_dir():
        return _measure_folder(given)
    check_case(given)
    channel = _channel(given, read_recording(given, given.path))
    text, plain, addition = _STUDY[given.study](given, _trace(given, channel))
    if given.case:
        keep(given, addition)
    say(given, text, plain)
    return 0
