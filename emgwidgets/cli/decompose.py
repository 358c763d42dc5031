"""Command decompose: motor units of one channel, with their trains and potentials."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgwidgets.cli._common import check_target, command, progress, read_recording, reading, say, stated
from emgwidgets.cli._folder import folder_options, refuse_with_folder, run_folder

if TYPE_CHECKING:
    from emgwidgets.model.measure import Result
    from emgwidgets.model.needle_analysis import DecompositionResult, Muap

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    made = command(commands, "decompose", _decompose, "motor units of one needle channel: trains, potentials, doubts")
    made.add_argument("file", type=Path, help="recording, or a folder of recordings")
    made.add_argument("--channel", help="name of the channel; the first voltage channel by default")
    made.add_argument("--start", "--from", type=float, metavar="S", help="begin of the stretch")
    made.add_argument("--end", "--to", type=float, metavar="S", help="end of the stretch")
    made.add_argument("--edits", type=Path, metavar="FILE", help="edits of a reader (JSON) to apply again")
    made.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write trains and potentials as JSON; for a folder the table, .csv, .json or .parquet, one row a measure",
    )
    made.add_argument("--force", action="store_true", help="replace an existing file")
    stated(made)
    folder_options(made, has_out=True)


def _decompose_folder(given: argparse.Namespace) -> int:
    from emgwidgets.batch.calls import named_call
    from emgwidgets.batch.run import Task

    refuse_with_folder(given, "edits")
    options = {"channel": given.channel, "start_s": given.start, "end_s": given.end}
    options = {name: value for name, value in options.items() if value is not None}
    return run_folder(
        given, given.file, Task(call=named_call("units"), name="units", options=options, reading=reading(given))
    )


def _decompose(given: argparse.Namespace) -> int:
    from emgwidgets.analysis.needle import apply_edits, decompose, edits_from_json, measure_muaps

    if given.file.is_dir():
        return _decompose_folder(given)
    if given.out:
        check_target(given, given.file, given.out)
    recording = read_recording(given, given.file)
    name = given.channel or next((one.name for one in recording.channels if one.is_voltage), 0)
    trace = recording.trace(name, start_s=given.start, end_s=given.end)
    result = decompose(trace, progress=progress)
    if given.edits:
        result = apply_edits(result, edits_from_json(given.edits.read_text(encoding="utf-8")))
    muaps = measure_muaps(result, settings=trace.settings)
    plain = {**result.to_json_dict(), "muaps": [one.to_json_dict() for one in muaps]}
    if given.out:
        given.out.write_text(json.dumps(plain, indent=1, allow_nan=False), encoding="utf-8")
    say(given, _text(result, muaps), plain)
    return 0


def _number(value: Result, digits: int) -> str:
    number = getattr(value, "value", None)
    return "-" if number is None else f"{number:.{digits}f}"


def _text(result: DecompositionResult, muaps: tuple[Muap, ...]) -> str:
    lines = [
        f"{result.channel}: {result.duration_s:.1f} s, RMS {result.rms_uv:.1f} µV, {100 * result.explained_share:.0f} % of its energy explained",
        f"{'unit':<6}{'n':>5}{'rate Hz':>9}{'CV %':>7}{'size/RMS':>10}{'sure %':>8}{'ampl µV':>9}{'dur ms':>8}{'(spread)':>14}{'phases':>8}{'turns':>7}{'jiggle':>8}",
    ]  # fmt: skip
    for unit, muap in zip(result.units, muaps, strict=True):
        spread = "-"
        if muap.durations:
            lengths = [one.duration_ms for one in muap.durations]
            spread = f"({min(lengths):.1f}-{max(lengths):.1f})"
        rate = "-" if unit.rate_hz is None else f"{unit.rate_hz:.1f}"
        cv = "-" if unit.interval_cv is None else f"{100 * unit.interval_cv:.0f}"
        lines.append(
            f"{unit.label:<6}{unit.n_discharges:>5}{rate:>9}{cv:>7}{unit.size_to_rms:>10.1f}{100 * unit.confidence.mean():>8.1f}"
            f"{_number(muap.amplitude_uv, 0):>9}{_number(muap.duration_ms, 1):>8}{spread:>14}{_number(muap.n_phases, 0):>8}"
            f"{_number(muap.n_turns, 0):>7}{_number(muap.jiggle, 3):>8}"
        )
        lines += [f"      look again: {one}" for one in unit.doubts]
        lines += [f"      {one}" for one in muap.notes]
    lines += [
        f"not counted: {len(one.times_s)} discharges of {one.label}: {'; '.join(one.doubts) or 'too few'}"
        for one in result.rejected
    ]
    lines += list(result.notes)
    return "\n".join(lines)
