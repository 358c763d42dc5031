"""Field ncs of the command measure: conduction studies of a file, with what limits them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from emgwidgets.cli._common import command, progress, read_recording, say, stated
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent, Measure, Measures, Result, TraceLink, number_text
from emgwidgets.model.ncs import LateStudy, MotorResponse, MotorStudy, NerveSegment, SensoryResponse, SensoryStudy
from emgwidgets.model.signal import Recording, Sweep
from emgwidgets.model.technique import TechniqueFinding

__all__ = ["add"]

STUDIES = ("motor", "sensory", "f_wave", "h_reflex", "repetitive", "cmap_scan")


def add(kinds: Any) -> None:
    """Add the field."""
    made = command(
        kinds, "ncs", _measure, "conduction study: latencies, amplitudes, velocities, late responses, unit number"
    )
    made.add_argument("path", type=Path, help="file with sweeps, with stimuli, or a QTRAC scan")
    made.add_argument("--study", choices=STUDIES, help="what was done; a file with a CMAP scan is one, otherwise motor")
    made.add_argument("--channel", metavar="NAME", help="channel, where there are several")
    made.add_argument(
        "--window", type=_range, metavar="FROM:TO", help="where the response is looked for, ms after the stimulus"
    )
    made.add_argument("--late-window", type=_range, metavar="FROM:TO", help="where the F or H wave is looked for, ms")
    made.add_argument(
        "--stimulus-at", type=float, metavar="MS", help="where the stimulus lies in each sweep or segment"
    )
    made.add_argument("--distance", type=float, action="append", default=[], metavar="MM",
                      help="from each site to the next, distal first; sensory: to the active electrode; may be repeated")  # fmt: skip
    made.add_argument("--site", action="append", default=[], metavar="CODE", help="site of each sweep, distal first")
    made.add_argument("--nerve", default="", metavar="CODE")
    made.add_argument("--muscle", default="", metavar="CODE")
    made.add_argument("--side", choices=("left", "right"))
    made.add_argument("--temperature", type=float, metavar="DEGC", help="skin temperature")
    made.add_argument(
        "--filter", type=_range, metavar="LOW:HIGH", help="filter in Hz, where the file does not state it"
    )
    made.add_argument(
        "--case", type=Path, metavar="CASE.json", help="add the study to a case; needs nerve, side and muscle"
    )
    stated(made)


def _range(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split(":"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no FROM:TO") from None
    return low, high


def _sweeps(given: argparse.Namespace, recording: Recording) -> list[Sweep]:
    from emgwidgets.analysis.ncs.cut import sweeps_of

    found = sweeps_of(recording, channel=given.channel, stimulus_at_ms=given.stimulus_at)
    if given.site and len(given.site) != len(found):
        raise InputError("sites and sweeps do not match", got=f"{len(given.site)} sites, {len(found)} sweeps",
                         expected="one --site for each sweep, distal first")  # fmt: skip
    for what in ("nerve", "muscle", "side"):
        for sweep in found:
            stated, asked = getattr(sweep, what), getattr(given, what)
            if stated and asked and stated != asked:
                raise InputError(
                    f"the file and --{what} contradict each other", got=f"{stated} in the file, --{what} {asked}",
                    expected=f"one {what}", way_out=f"leave out --{what}, or check whether it is the right file",
                )  # fmt: skip
    more: dict[str, Any] = {}
    if given.temperature is not None:
        more["skin_temperature_degc"] = given.temperature
    sweeps = []
    for number, sweep in enumerate(found):
        settings = sweep.settings
        if given.filter and settings.high_pass_hz is None and settings.low_pass_hz is None:
            settings = replace(settings, high_pass_hz=given.filter[0], low_pass_hz=given.filter[1])
        sweeps.append(replace(
            sweep, nerve=given.nerve or sweep.nerve, muscle=given.muscle or sweep.muscle, side=given.side or sweep.side,
            site=given.site[number] if given.site else sweep.site, settings=settings, **more,
        ))  # fmt: skip
    return sweeps


def _link(given: argparse.Namespace, number: int, sweep: Sweep) -> TraceLink:
    return TraceLink(recording=given.path.name, channel=sweep.channel, sweep=number)


def _site(sweep: Sweep, number: int) -> str:
    return sweep.site or f"sweep {number + 1}"


def _motor(
    given: argparse.Namespace, sweeps: Sequence[Sweep]
) -> tuple[list[tuple[str, Mapping[str, Result]]], Any, list[Any]]:
    from emgwidgets.analysis import ncs

    waves = [ncs.measure_motor_response(sweep, window_ms=given.window, trace=_link(given, number, sweep))
             for number, sweep in enumerate(sweeps)]  # fmt: skip
    rows: list[tuple[str, Mapping[str, Result]]] = [(_site(sweep, number), Measures({"onset_latency_ms": wave, "amplitude_mv": wave}) if isinstance(wave, Absent)
             else wave.measures) for number, (sweep, wave) in enumerate(zip(sweeps, waves, strict=True))]  # fmt: skip
    segments, speeds = [], []
    for number, (distal, proximal) in enumerate(pairwise(waves)):
        if number >= len(given.distance) or isinstance(distal, Absent) or isinstance(proximal, Absent):
            continue
        speed = ncs.velocity(distal.onset_latency_ms, proximal.onset_latency_ms, given.distance[number])
        speeds.append(speed)
        changes = Measures({
            "velocity_m_per_s": speed, "amplitude_drop_percent": ncs.drop_percent(distal.amplitude_mv, proximal.amplitude_mv),
            "area_drop_percent": ncs.drop_percent(distal.area_mv_ms, proximal.area_mv_ms),
            "duration_increase_percent": ncs.change_percent(
                distal.negative_peak_duration_ms, proximal.negative_peak_duration_ms),
        })  # fmt: skip
        rows.append((f"{rows[number][0]} to {rows[number + 1][0]}", changes))
        segments.append(NerveSegment(distal=rows[number][0], proximal=rows[number + 1][0],
                                     distance_mm=given.distance[number], measures=changes))  # fmt: skip
    findings = [
        *ncs.check_motor_study(sweeps, distances_mm=given.distance[: max(len(sweeps) - 1, 0)], velocities=speeds)
    ]
    made: Any = None
    if given.case:
        responses = tuple(MotorResponse(site=name, measures=measures) for name, measures in rows[: len(sweeps)])
        made = MotorStudy(
            nerve=given.nerve, muscle=given.muscle, side=given.side, responses=responses, segments=tuple(segments)
        )
    return rows, made, findings


def _sensory(
    given: argparse.Namespace, sweeps: Sequence[Sweep]
) -> tuple[list[tuple[str, Mapping[str, Result]]], Any, list[Any]]:
    from emgwidgets.analysis import ncs

    wave = ncs.measure_sensory_response(sweeps, window_ms=given.window, trace=_link(given, 0, sweeps[0]))
    name = _site(sweeps[0], 0)
    measures = Measures({"onset_latency_ms": wave, "amplitude_uv": wave}) if isinstance(wave, Absent) else wave.measures
    rows: list[tuple[str, Mapping[str, Result]]] = [(name, measures)]
    if given.distance and not isinstance(wave, Absent):
        speed = ncs.velocity_from_onset(wave.onset_latency_ms, given.distance[0])
        rows.append((f"{name} to electrode", Measures({"velocity_m_per_s": speed})))
    response = SensoryResponse(site=name, distance_mm=given.distance[0] if given.distance else None, measures=measures)
    made = SensoryStudy(nerve=given.nerve, side=given.side, responses=(response,)) if given.case else None
    return rows, made, [*ncs.check_wave(sweeps[0], wave)]


def _late(
    given: argparse.Namespace, sweeps: Sequence[Sweep]
) -> tuple[list[tuple[str, Mapping[str, Result]]], Any, list[Any]]:
    from emgwidgets.analysis import ncs

    kind = given.study
    found: Any
    if kind == "f_wave":
        found = ncs.measure_f_waves(sweeps, window_ms=given.late_window)
    else:
        windows = {"h_window_ms": given.late_window, "m_window_ms": given.window}
        found = ncs.measure_h_reflex(sweeps, **{name: value for name, value in windows.items() if value is not None})
    key = "f_min_latency_ms" if kind == "f_wave" else "h_latency_ms"
    measures = Measures({key: found}) if isinstance(found, Absent) else found.measures
    for note in () if isinstance(found, Absent) else found.notes:
        progress(note)
    made = None
    if given.case:
        made = LateStudy(
            kind=kind, nerve=given.nerve, muscle=given.muscle, side=given.side, n_stimuli=len(sweeps), measures=measures
        )
    return [(kind.replace("_", " "), measures)], made, []


def _repetitive(
    given: argparse.Namespace, sweeps: Sequence[Sweep]
) -> tuple[list[tuple[str, Mapping[str, Result]]], Any, list[Any]]:
    from emgwidgets.analysis import ncs

    found = ncs.measure_repetitive_train(sweeps, window_ms=given.window)
    if isinstance(found, Absent):
        return [("train", Measures({"amplitude_mv": found}))], None, []
    for reason in found.validity:
        progress(reason)
    return [("train", found.measures)], None, []


def _scan(recording: Recording) -> list[tuple[str, Mapping[str, Result]]]:
    from emgwidgets.analysis import ncs

    table = next((table for table in recording.tables if table.name.startswith("cmap_scan")), None)
    if table is None:
        raise InputError(
            "the file holds no CMAP scan", got=f"{len(recording.tables)} tables", expected="currents and amplitudes"
        )
    fit = ncs.fit_cmap_scan(table.values[:, 0], 1000.0 * table.values[:, 1])
    for note in fit.notes:
        progress(note)
    return [("CMAP scan", {"n_units": fit.n_units, "mean_unit_amplitude_uv": fit.mean_unit_uv})]


_STUDY: dict[str, Callable[..., Any]] = {
    "motor": _motor, "sensory": _sensory, "f_wave": _late, "h_reflex": _late, "repetitive": _repetitive,
}  # fmt: skip


def _number(measure: Measure) -> str:
    if measure.low is None or measure.high is None:
        return measure.text
    ends = (number_text(end, measure.low, measure.high) for end in (measure.low, measure.high))
    return f"{measure.text} ({' to '.join(ends)})"


def _text(rows: Sequence[tuple[str, Mapping[str, Result]]], findings: Sequence[TechniqueFinding]) -> str:
    lines = []
    for name, measures in rows:
        lines.append(name)
        for key, result in measures.items():
            lines.append(f"  {key:<28}{_number(result) if isinstance(result, Measure) else f'absent: {result.reason}'}")
    for finding in findings:
        where = f" at {', '.join(finding.sites)}" if finding.sites else ""
        lines.append(f"technique{where}: {finding.sentence} ({'; '.join(finding.evidence)}); {finding.way_out}")
        lines.append(f"  cannot be judged: {', '.join(finding.unjudgeable)}  [{finding.source}, {finding.mark}]")
    return "\n".join(lines)


def _plain(rows: Sequence[tuple[str, Mapping[str, Result]]], findings: Sequence[TechniqueFinding]) -> dict[str, Any]:
    def one(result: Result) -> dict[str, Any]:
        if isinstance(result, Absent):
            return {"absent": result.reason}
        return {"value": float(result.value), "unit": result.unit, "method": result.method,
                "low": None if result.low is None else float(result.low),
                "high": None if result.high is None else float(result.high)}  # fmt: skip

    return {
        "rows": [
            {"name": name, "measures": {key: one(result) for key, result in measures.items()}}
            for name, measures in rows
        ],
        "technique": [asdict(finding) for finding in findings],
    }


def _keep(given: argparse.Namespace, made: Any) -> None:
    from emgwidgets.cases.document import load_case, save_case

    part = {MotorStudy: "motor", SensoryStudy: "sensory", LateStudy: "late"}.get(type(made))
    if part is None:
        raise InputError(
            "this study cannot be added to a case",
            got=given.study or "no study",
            expected="motor, sensory, f_wave or h_reflex",
        )
    case = load_case(given.case)
    studies = replace(case.ncs, **{part: (*getattr(case.ncs, part), made)})
    save_case(replace(case, ncs=studies), given.case)
    progress(f"Added to {given.case.name}.")


def _measure(given: argparse.Namespace) -> int:
    if given.case and not (given.nerve and given.side and (given.muscle or given.study == "sensory")):
        raise InputError("a study of a case needs its nerve, side and muscle", expected="--nerve, --side and --muscle")
    recording = read_recording(given, given.path)
    is_scan = any(table.name.startswith("cmap_scan") for table in recording.tables)
    study = given.study or ("cmap_scan" if is_scan else "motor")
    given.study = study
    findings: list[TechniqueFinding] = []
    made: Any = None
    if study == "cmap_scan":
        rows = _scan(recording)
    else:
        rows, made, findings = _STUDY[study](given, _sweeps(given, recording))
    if given.case:
        _keep(given, made)
    say(given, _text(rows, findings), _plain(rows, findings))
    return 0
