"""Reading of a shaded stretch at rest: which discharges, how they measure, what they are proposed to be and what they are not.

Measures and names come from :func:`emgwidgets.needle.read_rest`; a reader's name is kept apart from the proposed one.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from emgwidgets.analysis.needle.rest import read_rest
from emgwidgets.analysis.needle.rest_grade import grade_denervation
from emgwidgets.errors import EmgError
from emgwidgets.model.needle_rest import CANNOT_TELL, Insertion, Naming, RestActivity, RestSource, SpontaneousGrade
from emgwidgets.vocabulary.needle_classes import needle_classes
from emgwidgets.widgets.needle_bench.source import Filters, Stretch

__all__ = ["COLUMN_OF", "NAMES", "NamedClip", "RestReading", "grade_of", "read_selection"]

#: Class of the analysis -> column of the grid, or kind under "other".
COLUMN_OF = {
    code: one.case_kind or "insertional" for code, one in needle_classes().items() if one.case_kind or one.insertional
}
#: Names a reader can give, with their keys: those with a key of their own first, the rest under "other".
NAMES = {
    "fibrillation": "F", "positive_sharp_wave": "P", "fasciculation": "", "complex_repetitive_discharge": "",
    "myotonic_discharge": "", "myokymic_discharge": "", "neuromyotonic_discharge": "", "cramp_discharge": "",
    "end_plate_noise": "", "end_plate_spike": "", "voluntary_unit": "", "mains": "", "movement": "", CANNOT_TELL: "U",
}  # fmt: skip
#: Features shown beside the name: code, caption, unit, decimals.
SHOWN = (
    ("first_deflection", "first deflection", "", 0), ("rate_hz", "rate", "/s", 1),
    ("local_cv_percent", "interval to next, CV", "%", 1), ("duration_ms", "duration", "ms", 1),
    ("amplitude_uv", "amplitude", "µV", 0), ("size_change_percent", "amplitude changes by", "%", 0),
)  # fmt: skip
SAID = re.compile(r"^(?P<feature>\w+) (?P<value>[^:]*): (?P<words>.*) \[(?P<source>[^\]]*)\]$")
NEAREST = re.compile(r"^No class fits: nearest is (?P<code>\w+), against it (?P<said>.*)\.$")


@dataclass(frozen=True, kw_only=True)
class NamedClip:
    """A stretch a reader has named, beside what was proposed for it."""

    stretch: int
    start_s: float
    end_s: float
    code: str
    proposed: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class RestReading:
    """A shaded stretch, read; ``sentence`` says why it could not be."""

    stretch: int
    start_s: float
    end_s: float
    activity: RestActivity | None = field(default=None, repr=False)
    sentence: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def proposed(self) -> str:
        """Code proposed for the stretch as a whole; empty where it could not be read."""
        return self.activity.naming.code if self.activity else ""

    def to_state(self) -> dict[str, Any]:
        """Plain values for the browser."""
        one = self.activity
        base = {"stretch": self.stretch, "start_s": self.start_s, "end_s": self.end_s, "sentence": self.sentence}
        if one is None:
            return base | {"sources": [], "insertions": [], "limits": [], "naming": None, "noise_uv": None}
        return base | {
            "naming": naming_state(one.naming), "noise_uv": round(float(one.noise_uv), 1), "limits": [*self.warnings, *one.limits],
            "sources": [source_state(source) for source in one.sources[:MOST]], "insertions": [insertion_state(move) for move in one.insertions],
            "n_more": max(len(one.sources) - MOST, 0),
        }  # fmt: skip


#: Increased insertional activity lasts up to about this long (internal choice, three times the 300 ms rule).
SETTLED_S = 1.0
#: Sources that are shown one by one (internal choice: the eye does not follow more in one sweep).
MOST = 4


def read_selection(stretch: Stretch, filters: Filters, start_s: float, end_s: float) -> RestReading:
    """Read a stretch; what cannot be read says why instead of raising."""
    moves = [(a, b) for a, b in stretch.moved_s if start_s <= a and b <= end_s]
    try:
        trace = stretch.trace(filters, start_s, end_s)
        found = read_rest(trace, insertions_s=moves, is_surface=False)
    except EmgError as error:
        return RestReading(stretch=stretch.number, start_s=start_s, end_s=end_s, sentence=_sentence(error))
    return RestReading(
        stretch=stretch.number,
        start_s=start_s,
        end_s=end_s,
        activity=found,
        warnings=_warnings(stretch, start_s, bool(moves)),
    )


def _warnings(stretch: Stretch, start_s: float, has_move: bool) -> tuple[str, ...]:
    """What the examiner did that bears on the reading."""
    said = []
    since = [start_s - stop for _, stop in stretch.moved_s if 0 <= start_s - stop < SETTLED_S]
    if since and not has_move:
        said.append(
            f"The stretch begins {1000 * since[-1]:.0f} ms after the needle stopped: what the movement called up is part of it."
        )
    if stretch.effort not in ("insert", "rest"):
        said.append(f"The patient was asked for {stretch.effort} effort: voluntary units are expected here.")
    return tuple(said)


def _sentence(error: EmgError) -> str:
    said = f"{error.what[:1].upper()}{error.what[1:]}"
    return f"{said}{f': {error.got}' if error.got else ''}{f', expected {error.expected}' if error.expected else ''}."


def grade_of(stretches: Sequence[Stretch], filters: Filters) -> SpontaneousGrade:
    """Grade of fibrillations and positive waves over the places listened to, each read with the needle still.

    Raises
    ------
    InputError
        If there is no place.
    """
    sites = []
    for one in stretches:
        start = one.loop_s if one.loop_s is not None else one.start_s
        sites.append(read_rest(one.trace(filters, start, one.end_s), is_surface=False))
    return grade_denervation(sites)


def words_of(code: str) -> str:
    """A class as words."""
    return code.replace("_", " ").replace("end plate", "end-plate")


def naming_state(naming: Naming) -> dict[str, Any]:
    """A proposed name with its look-alikes."""
    return {
        "code": naming.code, "words": words_of(naming.code), "confidence": round(naming.confidence, 2), "reason": _reason(naming.reason),
        "evidence": list(naming.evidence),
        "look_alikes": [
            {"code": one.code, "words": words_of(one.code), "score": round(one.score, 2), "against": _against(one.against)}
            for one in naming.look_alikes
        ],
    }  # fmt: skip


def _reason(text: str) -> str:
    """Why nothing is named, without the names of the code."""
    found = NEAREST.match(text)
    return f"No class fits: nearest is {words_of(found['code'])}; {_against(found['said'])}." if found else text


def _against(text: str) -> str:
    """What speaks against a look-alike: what was measured, and what that class would need."""
    found = SAID.match(text)
    if not found:
        return text
    feature = found["feature"]
    shown = next((one[1:3] for one in SHOWN if one[0] == feature), None)
    caption, unit = shown or _words().get(feature, (feature.replace("_", " "), ""))
    value = f"{found['value']}{f' {unit}' if unit else ''}"
    if feature == "first_deflection":
        value = "positive" if float(found["value"]) > 0 else "negative"
    return f"{caption} {value}; would need: {found['words']}"


@cache
def _words() -> dict[str, tuple[str, str]]:
    """Caption and unit of every feature that has no row of its own."""
    text = resources.files("emgwidgets.widgets.needle_bench").joinpath("feature_words.csv").read_text(encoding="utf-8")
    return {row["feature"]: (row["words"], row["unit"]) for row in csv.DictReader(text.splitlines())}


def source_state(source: RestSource) -> dict[str, Any]:
    """One source with its features beside its name."""
    return {
        "n": source.n_discharges, "times_s": [round(float(t), 5) for t in source.times_s], "rows": _rows(source),
        "naming": naming_state(source.naming),
    }  # fmt: skip


def _rows(source: RestSource) -> list[dict[str, str]]:
    rules = {m["feature"]: m for m in map(SAID.match, source.naming.evidence) if m}
    rows = []
    for feature, caption, unit, decimals in SHOWN:
        value = source.features.get(feature, math.nan)
        if math.isnan(value):
            continue
        text = f"{value:.{decimals}f}{f' {unit}' if unit else ''}"
        if feature == "first_deflection":
            text = "positive" if value > 0 else "negative"
        rule = rules.get(feature)
        rows.append({
            "caption": caption, "text": text, "note": rule["words"] if rule else "", "source": rule["source"] if rule else "",
        })  # fmt: skip
    return rows


def insertion_state(move: Insertion) -> dict[str, Any]:
    """One needle movement."""
    return {
        "start_s": move.start_s, "stop_s": move.stop_s, "end_s": move.end_s, "after_ms": round(move.after_stop_ms),
        "naming": naming_state(move.naming),
    }  # fmt: skip
