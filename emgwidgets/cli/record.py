"""Command record: a device into a file, whole after a crash at any moment."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgwidgets.cli._common import command, progress, say
from emgwidgets.errors import InputError, WriteError

if TYPE_CHECKING:
    from emgwidgets.acquisition.engine import Engine
    from emgwidgets.acquisition.recorder import Recorder

__all__ = ["add"]

LIVE = ".emglive"
TOLD_EVERY_S = 5.0


def add(commands: Any) -> None:
    """Add the commands of this module."""
    made = command(commands, "record", _record, "record from a device; Ctrl-C ends it and closes the file")
    made.add_argument("out", type=Path, help=f"file to make: {LIVE}, .edf, .bdf or another format that is written")
    made.add_argument("--device", required=True, metavar="NAME", help="as emgwidgets devices lists it")
    made.add_argument(
        "--seconds", type=float, metavar="S", help="how long; until the source ends or Ctrl-C when left out"
    )
    made.add_argument(
        "--set", action="append", default=[], metavar="OPTION=VALUE",
        help="option of the device, such as file=a.edf or n_channels=4; may be repeated",
    )  # fmt: skip
    made.add_argument(
        "--case",
        type=Path,
        metavar="FOLDER",
        help="also put the recording into this case folder, as EDF+ beside its case.json",
    )
    made.add_argument(
        "--reconnect", type=float, default=10.0, metavar="S", help="how long to wait for a lost device (10)"
    )


def _options(words: list[str]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for word in words:
        name, sign, text = word.partition("=")
        if not (name and sign):
            raise InputError("--set cannot be understood", got=repr(word), expected="OPTION=VALUE")
        try:
            options[name] = json.loads(text)
        except ValueError:
            options[name] = text
    return options


def _record(given: argparse.Namespace) -> int:
    from emgwidgets.acquisition.engine import Engine
    from emgwidgets.acquisition.recorder import Recorder, close_into
    from emgwidgets.acquisition.registry import open_device

    if given.seconds is not None and not 0 < given.seconds < 1e6:
        raise InputError("--seconds cannot be used", got=f"{given.seconds}", expected="above 0 s")
    if given.out.exists():
        raise WriteError(f"{given.out.name} exists already", expected="a new name", way_out="choose another name")
    is_live = given.out.suffix.lower() == LIVE
    container = given.out if is_live else given.out.with_name(given.out.name + LIVE)
    engine = Engine(open_device(given.device, **_options(given.set)), ring_s=5.0, reconnect_s=given.reconnect).open()
    try:
        with Recorder(engine, container) as recorder:
            engine.start()
            _wait(engine, recorder, given.seconds)
            engine.stop()
    finally:
        engine.stop()
    if not is_live and recorder.status.n_acknowledged:
        close_into(container, given.out)
        container.unlink()
    if given.case is not None and recorder.status.n_acknowledged:
        from emgwidgets.cases.folder import file_recording

        file_recording(container if is_live else given.out, given.case)
    return _report(given, engine, recorder, container)


def _wait(engine: Engine, recorder: Recorder, seconds: float | None) -> None:
    """Return when the time is over on the count of the first stream, the source has ended, or the user says so."""
    rate_hz = engine.info.streams[0].sampling_rate_hz
    end = sys.maxsize if seconds is None else round(seconds * rate_hz)
    told = 0.0
    try:
        while not engine.wait_for(end, timeout_s=0.2) and not engine.is_over:
            done_s = engine.buffer.end() / rate_hz
            if done_s >= told + TOLD_EVERY_S:
                told = done_s
                progress(
                    f"{done_s:.0f} s, {recorder.status.n_acknowledged} samples safe. {engine.status.sentence}".strip()
                )
    except KeyboardInterrupt:
        progress("Ending.")


def _report(given: argparse.Namespace, engine: Engine, recorder: Recorder, container: Path) -> int:
    status, kept = engine.status, recorder.status
    held = given.out if given.out.exists() else container
    plain = {
        "file": held.name, "samples": kept.n_acknowledged, "refused": kept.n_refused, "lost": status.n_lost,
        "gaps": status.n_gaps, "state": status.state, "sentence": kept.sentence or status.sentence,
    }  # fmt: skip
    text = (
        f"{held.name}: {kept.n_acknowledged} samples per channel, {status.n_gaps} gaps, "
        f"{status.n_lost + kept.n_refused} samples lost. {plain['sentence']}"
    ).strip()
    say(given, text, plain)
    return int(status.state == "failed" or kept.n_refused > 0 or not kept.n_acknowledged)
