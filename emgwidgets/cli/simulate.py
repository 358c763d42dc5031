"""Command simulate: studies of a virtual patient as files in open formats, each with its truth beside it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

from emgwidgets.cli._common import check_target, command, progress, say
from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from emgwidgets.model.signal import Recording, Side
    from emgwidgets.simulation.lesion import Anomaly

__all__ = ["add"]

FORMATS = ("npz", "edf", "bdf", "wfdb", "csv")
_SUFFIX = {"wfdb": "hea"}


def add(commands: Any) -> None:
    """Add the commands of this module."""
    made = command(commands, "simulate", _simulate, "write recordings of a virtual patient with their truth")
    made.add_argument("condition", nargs="?", help="code of a condition; --list shows all")
    made.add_argument("--list", action="store_true", help="list conditions with severities, studies, errors, anomalies")
    made.add_argument(
        "--study", action="append", default=[], metavar="KIND[:TARGET]",
        help='such as motor, "motor:median_apb", rns:accessory_trapezius, needle:TA or all; may be repeated',
    )  # fmt: skip
    made.add_argument("--side", choices=("left", "right"), help="side of a one-sided condition; right when left out")
    made.add_argument(
        "--examine", choices=("left", "right", "both"), help="side to examine; that of the condition when left out"
    )
    made.add_argument("--severity", help="severity of the condition")
    made.add_argument("--day", type=float, help="days since onset; the condition's own when left out")
    made.add_argument("--age", type=float, default=45.0, metavar="YEARS", help="18 to 100 (45)")
    made.add_argument("--sex", choices=("female", "male"), default="female")
    made.add_argument("--height", type=float, default=170.0, metavar="CM", help="130 to 215 (170)")
    made.add_argument("--seed", type=int, default=0, help="the same seed gives the same person and the same bytes")
    made.add_argument(
        "--anomaly",
        action="append",
        default=[],
        metavar="KIND[:SHARE]",
        help="such as martin_gruber_fdi:0.4; may be repeated",
    )
    made.add_argument("--error", default="", metavar="CODE", help="error of technique in motor and sensory studies")
    made.add_argument("--out", type=Path, metavar="DIR", help="folder to write to; it is made when it does not exist")
    made.add_argument(
        "--format", choices=FORMATS, default="npz", help="npz holds sweeps as such; the others end to end"
    )
    made.add_argument("--wav", action="store_true", help="needle recordings as sound too, full scale at 1 mV")
    made.add_argument("--force", action="store_true", help="replace files that exist")


def _simulate(given: argparse.Namespace) -> int:
    if given.list:
        return _list(given)
    from emgwidgets.simulation.conditions import condition
    from emgwidgets.simulation.examination import patient_truth, simulate_study, study_names
    from emgwidgets.simulation.patient import VirtualPatient

    if given.condition is None or given.out is None:
        raise InputError(
            "a condition and --out are needed", got=f"{given.condition or 'no condition'}, {given.out or 'no folder'}",
            expected="emgwidgets simulate CONDITION --study KIND --out DIR", way_out="see --list for both",
        )  # fmt: skip
    names = study_names(given.study or ("all",))
    patient = VirtualPatient.with_condition(
        given.condition, side=given.side, severity=given.severity, day=given.day, age_years=given.age, sex=given.sex,
        height_cm=given.height, seed=given.seed, anomalies=tuple(_anomaly(words) for words in given.anomaly),
    )  # fmt: skip
    given.out.mkdir(parents=True, exist_ok=True)
    severity = condition(given.condition, side=given.side, severity=given.severity).severity
    about = {"patient": patient_truth(patient), "severity": severity}
    written: list[str] = []
    for side in _sides(given):
        for kind, target in names:
            progress(f"{kind} {target}, {side} ...")
            made = simulate_study(patient, kind, target, side, error=given.error)
            written += _write(given, made.name, made.recording, {"study": made.name, **about, **made.truth})
    text = "\n".join([f"{len(written)} files in {given.out.resolve().name}:", *(f"  {name}" for name in written)])
    say(given, text, {"folder": given.out.resolve().name, "files": written})
    return 0


def _anomaly(words: str) -> Anomaly:
    from emgwidgets.simulation.lesion import Anomaly

    kind, _, share = words.partition(":")
    try:
        number = float(share or 0.3)
    except ValueError as problem:
        raise InputError("the share of the anomaly is no number", got=repr(share), expected="0 to 1") from problem
    return Anomaly(kind=cast("Any", kind), share=number)


def _sides(given: argparse.Namespace) -> tuple[Side, ...]:
    if given.examine == "both":
        return ("left", "right")
    return (given.examine or given.side or "right",)


def _write(given: argparse.Namespace, name: str, recording: Recording, truth: dict[str, Any]) -> list[str]:
    """Write one study and its truth, and return the names of the files."""
    from emgwidgets.io.registry import write
    from emgwidgets.simulation.practice.loudspeaker import loudspeaker_signal

    place, plain = _place(given, name, recording)
    check_target(given, given.out, place)
    beside = given.out / f"{name}.truth.json"
    check_target(given, given.out, beside)
    if plain is None:
        _write_tables(recording, place)
    else:
        write(plain, place)
    beside.write_text(json.dumps(truth, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    if given.wav and recording.channels:
        sound = given.out / f"{name}.wav"
        check_target(given, given.out, sound)
        sound.write_bytes(loudspeaker_signal(recording).to_wav())
    return sorted(found.name for found in given.out.glob(f"{name}.*"))


def _place(given: argparse.Namespace, name: str, recording: Recording) -> tuple[Path, Recording | None]:
    """File to write and what goes into it; None for a table in a format that holds none, which becomes a plain CSV."""
    from emgwidgets.simulation.examination import as_channel

    if given.format == "npz":
        return given.out / f"{name}.npz", recording
    if recording.tables:
        return given.out / f"{name}.csv", None
    return given.out / f"{name}.{_SUFFIX.get(given.format, given.format)}", as_channel(recording)


def _write_tables(recording: Recording, place: Path) -> None:
    import numpy as np

    table = recording.tables[0]
    np.savetxt(place, table.values, delimiter=",", header=",".join(table.columns), comments="", fmt="%.6g")


def _list(given: argparse.Namespace) -> int:
    from emgwidgets.simulation.conditions import condition, conditions, severities
    from emgwidgets.simulation.examination import STUDY_KINDS
    from emgwidgets.simulation.lesion import AnomalyKind
    from emgwidgets.simulation.nerve.technical_errors import technical_errors

    rows = [
        {"code": code, "title": condition(code).title, "severities": list(severities(code))} for code in conditions()
    ]
    width = max(len(row["code"]) for row in rows)
    more = {
        "studies": [*STUDY_KINDS, "needle", "all"], "errors": list(technical_errors()), "anomalies": list(get_args(AnomalyKind)),
    }  # fmt: skip
    lines = [f"  {row['code']:<{width}}  {row['title']} ({', '.join(row['severities'])})" for row in rows]
    text = "\n".join(
        ["Conditions:", *lines, *(f"{name.capitalize()}: {', '.join(found)}" for name, found in more.items())]
    )
    say(given, text, {"conditions": rows, **more})
    return 0
