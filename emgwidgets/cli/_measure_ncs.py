"""Field ncs of the command measure: conduction studies of a file, with what limits them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from emgwidgets.cli._common import command, progress, read_recording, reading, say, stated
from emgwidgets.cli._folder import folder_options, refuse_with_folder, run_folder
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent, Measure, Measures, Result, TraceLink, number_text
from emgwidgets.model.ncs import (
    LateStudy,
    MotorResponse,
    MotorStudy,
    NerveSegment,
    RepetitiveStudy,
    SensoryResponse,
    SensoryStudy,
)
from emgwidgets.model.signal import Recording, Sweep
from emgwidgets.model.technique import TechniqueFinding
from emgwidgets.work_up import conditions_of

__all__ = ["add"]

STUDIES = ("motor", "sensory", "f_wave", "h_reflex", "repetitive", "inching", "cmap_scan")


def add(kinds: Any) -> None:
    """Add the field."""
    made = command(
        kinds, "ncs", _measure, "conduction study: latencies, amplitudes, velocities, late responses, unit number"
    )
    made.add_argument("path", type=Path, help="file with sweeps, with stimuli, or a QTRAC scan; or a folder")
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
    made.add_argument("--distal-distance", type=float, metavar="MM", help="from the first site to the active electrode")
    made.add_argument("--site", action="append", default=[], metavar="CODE",
                      help="site of each sweep, or of each channel of a table, distal first")  # fmt: skip
    made.add_argument("--place", type=float, action="append", default=[], metavar="MM",
                      help="inching: place of each sweep from the most distal one; read from names such as '20 mm' when left out")  # fmt: skip
    made.add_argument(
        "--supramaximal",
        action="store_true",
        help="the stimuli were shown to be supramaximal; else a case says it is not known",
    )
    made.add_argument(
        "--train-rate", type=float, metavar="HZ", help="rate of a train, where the file does not know its stimuli"
    )
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
    folder_options(made)


def _range(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split(":"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no FROM:TO") from None
    return low, high


def _sweeps(given: argparse.Namespace, recording: Recording) -> list[Sweep]:
    from emgwidgets.analysis.ncs.cut import sweeps_at_sites, sweeps_of

    _check_agrees(given, recording.sweeps)
    if given.site:
        found = sweeps_at_sites(
            recording, nerve=given.nerve, side=given.side, sites=given.site, muscle=given.muscle, channel=given.channel,
            stimulus_at_ms=given.stimulus_at, skin_temperature_degc=given.temperature, filter_hz=given.filter,
        )  # fmt: skip
    else:
        found = sweeps_of(recording, channel=given.channel, stimulus_at_ms=given.stimulus_at)
        found = tuple(_stated(given, sweep) for sweep in found)
    if given.distal_distance is not None:
        found = (replace(found[0], distance_mm=given.distal_distance), *found[1:])
    return list(found)


def _check_agrees(given: argparse.Namespace, sweeps: Sequence[Sweep]) -> None:
    for what in ("nerve", "muscle", "side"):
        for sweep in sweeps:
            stated, asked = getattr(sweep, what), getattr(given, what)
            if stated and asked and stated != asked:
                raise InputError(
                    f"the file and --{what} contradict each other", got=f"{stated} in the file, --{what} {asked}",
                    expected=f"one {what}", way_out=f"leave out --{what}, or check whether it is the right file",
                )  # fmt: skip


def _stated(given: argparse.Namespace, sweep: Sweep) -> Sweep:
    """The sweep with what the command line says of it."""
    settings, degc = sweep.settings, sweep.skin_temperature_degc
    if given.filter and settings.high_pass_hz is None and settings.low_pass_hz is None:
        settings = replace(settings, high_pass_hz=given.filter[0], low_pass_hz=given.filter[1])
    return replace(
        sweep, nerve=given.nerve or sweep.nerve, muscle=given.muscle or sweep.muscle, side=given.side or sweep.side,
        settings=settings, skin_temperature_degc=degc if given.temperature is None else given.temperature,
    )  # fmt: skip


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
        responses = tuple(
            MotorResponse(
                site=name, measures=measures, distance_mm=sweep.distance_mm, is_supramaximal=given.supramaximal or None
            )
            for (name, measures), sweep in zip(rows, sweeps, strict=False)  # the rows of segments follow
        )
        made = MotorStudy(
            nerve=given.nerve, muscle=given.muscle, side=given.side, responses=responses, segments=tuple(segments),
            conditions=conditions_of(sweeps[0]),
        )  # fmt: skip
    return rows, made, findings


def _sensory(
    given: argparse.Namespace, sweeps: Sequence[Sweep]
) -> tuple[list[tuple[str, Mapping[str, Result]]], Any, list[Any]]:
    from emgwidgets.analysis import ncs

    wave = ncs.measure_sensory_response(sweeps, window_ms=given.window, trace=_link(given, 0, sweeps[0]))
    name = _site(sweeps[0], 0)
    measures = Measures({"onset_latency_ms": wave, "amplitude_uv": wave}) if isinstance(wave, Absent) else wave.measures
    rows: list[tuple[str, Mapping[str, Result]]] = [(name, measures)]
    distance = given.distance[0] if given.distance else given.distal_distance
    segments: tuple[NerveSegment, ...] = ()
    if distance is not None and not isinstance(wave, Absent):
        speed = Measures({"velocity_m_per_s": ncs.velocity_from_onset(wave.onset_latency_ms, distance)})
        rows.append((f"{name} to electrode", speed))
        segments = (NerveSegment(distal="recording", proximal=name, distance_mm=distance, measures=speed),)
    made = None
    if given.case:
        response = SensoryResponse(
            site=name, distance_mm=distance, measures=measures, n_averaged=sum(one.n_averaged for one in sweeps),
            is_supramaximal=given.supramaximal or None,
        )  # fmt: skip
        made = SensoryStudy(
            nerve=given.nerve,
            side=given.side,
            responses=(response,),
            segments=segments,
            conditions=conditions_of(sweeps[0]),
        )
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
            kind=kind, nerve=given.nerve, muscle=given.muscle, side=given.side, site=sweeps[0].site or "",
            n_stimuli=len(sweeps), measures=measures,
            conditions=replace(conditions_of(sweeps[0]), is_supramaximal=given.supramaximal or None),
        )  # fmt: skip
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
    made = None
    if given.case:
        made = RepetitiveStudy(
            nerve=given.nerve, muscle=given.muscle, side=given.side, repetition_rate_hz=_rate_hz(given, sweeps),
            n_stimuli=len(sweeps), measures=found.measures, note="; ".join(found.validity),
            conditions=replace(conditions_of(sweeps[0]), is_supramaximal=given.supramaximal or None),
        )  # fmt: skip
    return [("train", found.measures)], made, []


def _rate_hz(given: argparse.Namespace, sweeps: Sequence[Sweep]) -> float:
    """Rate of a train: as stated, else from the times of its stimuli."""
    if given.train_rate is not None:
        return float(given.train_rate)
    times_s = [sweep.stimulus.time_s for sweep in sweeps if sweep.stimulus is not None]
    if len(times_s) < len(sweeps) or times_s[-1] <= times_s[0]:
        raise InputError("the rate of the train is not known", expected="--train-rate in Hz")
    return (len(times_s) - 1) / (times_s[-1] - times_s[0])


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


def _inching(given: argparse.Namespace) -> list[tuple[str, Mapping[str, Result]]]:
    """Steps of an inching study, of sweeps or of typed rows, and what the steepest one says."""
    from emgwidgets.analysis import ncs
    from emgwidgets.interpretation.inching import judge_inching

    if len(given.site) not in (0, 2):
        raise InputError(
            "inching runs between two sites", got=f"{len(given.site)} sites", expected="--site DISTAL --site PROXIMAL"
        )
    distal, proximal = given.site or ("distal", "proximal")
    where = {"nerve": given.nerve, "muscle": given.muscle, "side": given.side, "distal": distal, "proximal": proximal}
    if _is_typed_inching(given.path):
        found = ncs.typed_inching(ncs.read_inching_rows(given.path), **where)
    else:
        found = ncs.inching_study(
            read_recording(given, given.path), places_mm=given.place, channel=given.channel, stimulus_at_ms=given.stimulus_at,
            filter_hz=given.filter, skin_temperature_degc=given.temperature, **where,
        )  # fmt: skip
    rows: list[tuple[str, Mapping[str, Result]]] = [
        (f"{one.place_mm:g} mm", {"onset_latency_ms": one.latency_ms} | ({"amplitude_mv": one.amplitude_mv} if one.amplitude_mv else {}))
        for one in found.points
    ]  # fmt: skip
    for step in found.steps:
        drop = {"amplitude_drop_percent": step.amplitude_drop_percent} if step.amplitude_drop_percent else {}
        rows.append((f"{step.start_mm:g} to {step.end_mm:g} mm", {"latency_step_ms": step.latency_step_ms} | drop))
    progress(
        judge_inching([(one.start_mm, one.end_mm, one.latency_step_ms) for one in found.steps], nerve=given.nerve).words
    )
    return rows


def _is_typed_inching(path: Path) -> bool:
    """Whether a file is a table of places and latencies instead of sweeps."""
    if path.suffix.lower() != ".csv" or not path.is_file():
        return False
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        return "place_mm" in lines.readline()


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

    parts = {MotorStudy: "motor", SensoryStudy: "sensory", LateStudy: "late", RepetitiveStudy: "repetitive"}
    part = parts.get(type(made))
    if part is None:
        raise InputError(
            "this study cannot be added to a case",
            got=given.study or "no study",
            expected="motor, sensory, f_wave, h_reflex or repetitive, with a response",
        )
    case = load_case(given.case)
    known = getattr(case.ncs, part)
    kept = [one for one in known if part == "repetitive" or _same(one) != _same(made)]
    studies = replace(case.ncs, **{part: (*kept, made)})
    save_case(replace(case, ncs=studies), given.case)
    progress(f"{'Added to' if len(kept) == len(known) else 'Replaced the same study in'} {given.case.name}.")


def _same(study: Any) -> tuple[Any, ...]:
    """What makes two studies of a case the same one."""
    return tuple(getattr(study, name, None) for name in ("kind", "nerve", "muscle", "side", "site"))


#: Options of one study that are passed to each file of a folder, and what they are when they are not given.
_OPTIONS: dict[str, Any] = {
    **dict.fromkeys(("study", "channel", "window", "late_window", "stimulus_at", "distal_distance", "train_rate", "side",
                     "temperature", "filter")),
    "distance": [], "site": [], "supramaximal": False, "nerve": "", "muscle": "",
}  # fmt: skip


def _found(recording: Recording, **options: Any) -> list[Any]:
    """What the command measures in one file of a folder."""
    from emgwidgets.batch.rows import Found

    name = recording.origin.name if recording.origin else ""
    given = argparse.Namespace(**{**_OPTIONS, **options, "case": None, "path": Path(name)})
    rows, _, findings = _studied(given, recording)
    technique = [
        Found(item="technique", values={finding.code: f"{finding.sentence}; {finding.way_out}"}) for finding in findings
    ]
    return [*(Found(item=item, channel=given.channel or "", values=measures) for item, measures in rows), *technique]


def _measure_folder(given: argparse.Namespace) -> int:
    from emgwidgets.batch.run import Task

    refuse_with_folder(given, "case", "place")
    if given.study == "inching":
        raise InputError("inching is measured file by file", got="a folder", expected="a file")
    options = {name: getattr(given, name) for name in _OPTIONS if getattr(given, name) != _OPTIONS[name]}
    return run_folder(
        given, given.path, Task(call=_found, name=given.study or "ncs", options=options, reading=reading(given))
    )


def _studied(
    given: argparse.Namespace, recording: Recording
) -> tuple[list[tuple[str, Mapping[str, Result]]], Any, list[Any]]:
    """Rows, study for a case and findings of technique; the study is set to what the file holds where none was named."""
    is_scan = any(table.name.startswith("cmap_scan") for table in recording.tables)
    given.study = given.study or ("cmap_scan" if is_scan else "motor")
    if given.study == "cmap_scan":
        return _scan(recording), None, []
    rows, made, findings = _STUDY[given.study](given, _sweeps(given, recording))
    return rows, made, findings


def _measure(given: argparse.Namespace) -> int:
    if given.path.is_dir():
        return _measure_folder(given)
    if given.case and not (given.nerve and given.side and (given.muscle or given.study == "sensory")):
        raise InputError("a study of a case needs its nerve, side and muscle", expected="--nerve, --side and --muscle")
    if given.study == "inching":
        if given.case:
            raise InputError(
                "an inching study is no part of a case", expected="--study motor", way_out="leave out --case"
            )
        rows = _inching(given)
        say(given, _text(rows, ()), _plain(rows, ()))
        return 0
    rows, made, findings = _studied(given, read_recording(given, given.path))
    if given.case:
        _keep(given, made)
    say(given, _text(rows, findings), _plain(rows, findings))
    return 0
