"""The timing strip: when each sign can be seen, what its silence means on the day of the study, and the caveats of dates."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal

from emgwidgets.model.case import Case
from emgwidgets.model.correlation import Timing, TimingCaveat, TimingEvent, TimingWindow
from emgwidgets.sources import Cited, Mark

__all__ = ["SURGERY", "timing_of"]

#: Days of the caveats of mri section 6.4: too early for limb muscles, two months and six months between MRI and nerve tests.
EARLY_DAYS, WARN_DAYS, STRONG_DAYS, FIRST_WEEK_DAYS = 21.0, 61.0, 183.0, 7.0
SURGERY = re.compile(
    r"\b(operat(ed|ion)|surgery|surgical|discectomy|laminectomy|fusion|decompression|microdiscectomy|ACDF)\b",
    re.IGNORECASE,
)


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = resources.files(__package__).joinpath("timing_windows.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def _windows(day: float | None) -> tuple[TimingWindow, ...]:
    made = []
    for row in _rows():
        first, by = float(row["first_days"]), float(row["by_days"])
        until = float(row["until_days"]) if row["until_days"] else None
        state: Literal["not yet", "opening", "open", "fading", "unknown"] = "open"
        sentence = row["open"]
        if day is None:
            state, sentence = "unknown", "The onset is not known, so silence cannot be read."
        elif day < first:
            state, sentence = "not yet", row["opening"] or row["open"]
        elif day < by:
            state, sentence = "opening", row["opening"]
        elif until is not None and day > until:
            state, sentence = "fading", row["fading"]
        made.append(TimingWindow(
            code=row["code"], words=row["words"], first_day=first, by_day=by, until_day=until, state=state, sentence=sentence,
            cited=Cited(key=row["source"], locus=row["locus"], mark=Mark(row["mark"])),
        ))  # fmt: skip
    return tuple(made)


def surgery_days(case: Case) -> tuple[float, ...]:
    """Days of operations counted from onset, from symptoms that are operations with their age."""
    study = case.days_since_onset
    if study is None:
        return ()
    return tuple(
        study - one.days for one in case.symptoms
        if one.days is not None and SURGERY.search(one.kind)
    )  # fmt: skip


def mri_days(case: Case) -> tuple[float, ...]:
    """Days of the scans counted from onset, each once."""
    return tuple(sorted({one.days_since_onset for one in case.mri if one.days_since_onset is not None}))


def _events(case: Case) -> tuple[TimingEvent, ...]:
    made: list[TimingEvent] = []
    if case.days_since_onset is not None:
        made.append(TimingEvent(kind="onset", letter="O", words="onset", day=0.0))
        tests = [
            word
            for word, is_there in (("NCS", case.ncs.motor or case.ncs.sensory), ("needle", case.needle))
            if is_there
        ]
        if tests:
            made.append(TimingEvent(kind="edx", letter="E", words=", ".join(tests), day=case.days_since_onset))
    made += [TimingEvent(kind="mri", letter="M", words="MRI", day=day) for day in mri_days(case)]
    made += [TimingEvent(kind="surgery", letter="S", words="surgery", day=day) for day in surgery_days(case)]
    return tuple(sorted(made, key=lambda one: one.day))


def _caveat(
    code: str, level: Literal["note", "warn", "strong"], sentence: str, *, key: str = "mri.S57", mark: str = "M"
) -> TimingCaveat:
    cited = Cited(key=key, mark=Mark(mark))
    said = f"{sentence.removesuffix('.')} ({cited.mark.word})." if cited.mark is Mark.M else sentence
    return TimingCaveat(code=code, level=level, sentence=said, cited=cited)


def _of_study(case: Case) -> list[TimingCaveat]:
    day = case.days_since_onset
    if day is None:
        return [
            _caveat(
                "no_onset",
                "warn",
                "The onset is not known: nothing that depends on time can be judged.",
                key="MEM",
                mark="P",
            )
        ]
    found = []
    if day < FIRST_WEEK_DAYS:
        found.append(
            _caveat(
                "first_week",
                "strong",
                f"Day {day:g}: in the first week only recruitment can change.",
                key="MED",
                mark="V",
            )
        )
    if day < EARLY_DAYS:
        found.append(
            _caveat(
                "early",
                "strong",
                f"Day {day:g} is under 3 weeks: limb muscles may not show axon loss yet.",
                key="MIT",
                mark="V",
            )
        )
    if day > STRONG_DAYS:
        found.append(
            _caveat(
                "late",
                "note",
                f"Day {day:g}: after 6 months absent fibrillation is not negative, and chronic units carry no date.",
                key="MED",
            )
        )
    return found


def _of_scans(case: Case) -> list[TimingCaveat]:
    day, scans = case.days_since_onset, mri_days(case)
    found = []
    if scans and scans[-1] < 0:
        found.append(
            _caveat(
                "old_mri",
                "strong",
                f"The MRI was made {-scans[-1]:g} days before the onset: it shows no change since.",
                key="MEM",
                mark="P",
            )
        )
    if case.mri and not scans:
        found.append(_caveat("mri_undated", "note", "The day of the MRI is not entered.", key="MEM", mark="P"))
    if day is None or not scans:
        return found
    gap = min(abs(day - one) for one in scans)
    if gap > STRONG_DAYS:
        found.append(_caveat("gap", "strong", f"MRI and nerve tests lie {gap:g} days apart, more than 6 months."))
    elif gap > WARN_DAYS:
        found.append(
            _caveat("gap", "warn", f"MRI and nerve tests lie {gap:g} days apart, more than 2 months.", mark="V")
        )
    between = [one for one in surgery_days(case) if min(day, scans[-1]) < one < max(day, scans[-1])]
    if between:
        found.append(
            _caveat(
                "surgery_between",
                "strong",
                "There was surgery between the MRI and the nerve tests.",
                key="MEM",
                mark="P",
            )
        )
    return found


def _of_order(case: Case) -> list[TimingCaveat]:
    """Dates that cannot be: a symptom that is older than the onset is told, not corrected."""
    day, found = case.days_since_onset, []
    ages = [one.days for one in case.symptoms if one.days is not None and not SURGERY.search(one.kind)]
    if day is not None and ages and min(ages) > day:
        found.append(_caveat(
            "order", "warn", f"Dates in the wrong order: every symptom is older ({min(ages):g} days) than the onset ({day:g} days).",
            key="MEM", mark="P",
        ))  # fmt: skip
    if any(one > (day or 0.0) for one in surgery_days(case)):
        found.append(
            _caveat(
                "order", "warn", "Dates in the wrong order: an operation lies after the study.", key="MEM", mark="P"
            )
        )
    return found


def timing_of(case: Case) -> Timing:
    """Events, windows and caveats of a case."""
    caveats: Sequence[TimingCaveat] = (*_of_order(case), *_of_study(case), *_of_scans(case))
    order = {"strong": 0, "warn": 1, "note": 2}
    return Timing(
        study_day=case.days_since_onset, events=_events(case), windows=_windows(case.days_since_onset),
        caveats=tuple(sorted(caveats, key=lambda one: order[one.level])),
    )  # fmt: skip
