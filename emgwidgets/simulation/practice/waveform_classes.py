"""The 29 classes of waveform a reader of needle EMG must tell apart, as data; how they are made is not said here."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LEVELS", "WaveformClass", "waveform_class", "waveform_classes"]

#: 1 single and clean; 2 with noise and another muscle; 3 hard pairs, sound or picture alone; 4 the needle moves, two
#: activities, low signal-to-noise ratio.
LEVELS = (1, 2, 3, 4)


@dataclass(frozen=True, kw_only=True)
class WaveformClass:
    """One row of ``waveform_classes.csv``.

    Parameters
    ----------
    number, code, name, short
        Place in the curriculum, code, words and what fits a table head.
    never_miss : bool
        One of the twelve never to miss or overcall.
    origin : str
        ``"insertion"``, ``"fibre"``, ``"chain"``, ``"axon"``, ``"unit"``, ``"drive"`` or ``"artefact"``.
    confused_with : tuple of str
        Codes of the likely wrong answers.
    annotation_term : str
        Code among the annotation terms of the vocabulary, empty where there is none.
    features, mark : str
        What decides, and whether that was read (V), remembered (M) or is ours (P).
    """

    number: int
    code: str
    name: str
    short: str
    never_miss: bool
    origin: str
    confused_with: tuple[str, ...]
    annotation_term: str
    features: str
    mark: str


@cache
def waveform_classes() -> Mapping[str, WaveformClass]:
    """All classes by code, in the order of the curriculum."""
    text = (
        resources.files("emgwidgets.simulation.practice").joinpath("waveform_classes.csv").read_text(encoding="utf-8")
    )
    return {
        row["code"]: WaveformClass(
            number=int(row["number"]), code=row["code"], name=row["name"], short=row["short"], never_miss=row["never_miss"] == "yes",
            origin=row["origin"], confused_with=tuple(row["confused_with"].split(";")),
            annotation_term=row["annotation_term"], features=row["features"], mark=row["mark"],
        )
        for row in csv.DictReader(text.splitlines())
    }  # fmt: skip


def waveform_class(code: str) -> WaveformClass:
    """Return one class.

    Raises
    ------
    InputError
        If there is no such class.
    """
    found = waveform_classes().get(code)
    if found is None:
        raise InputError(
            "no such class of waveform", got=repr(code), expected=f"one of {', '.join(waveform_classes())}"
        )
    return found
