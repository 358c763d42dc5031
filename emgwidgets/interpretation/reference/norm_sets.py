"""Norm sets: tables of limits with source, method and group, and reading of a laboratory's own.  It compares nothing."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

from emgwidgets.errors import InputError, ReadError
from emgwidgets.interpretation._tables import LATE_KINDS, measures, rows_of, studies
from emgwidgets.model.measure import AMPLITUDE_METHODS
from emgwidgets.sources import Cited, Mark, sources
from emgwidgets.vocabulary import muscles
from emgwidgets.vocabulary.lookup import nearest, plain, words

__all__ = ["COLUMNS", "NormRow", "NormSet", "norm_set", "norm_sets", "read_norm_set"]

#: Columns of a norm set; ``study``, ``measure`` and a limit or a mean are needed, the others where they apply.
COLUMNS = (
    "study", "site", "measure", "convention", "low", "high", "statistic", "mean", "sd", "n", "age_min", "age_max", "sex",
    "height_min_cm", "height_max_cm", "bmi_min", "bmi_max", "distance_mm", "high_pass_hz", "absent_from_years", "equation",
    "population", "source", "locus", "mark", "note",
)  # fmt: skip
NUMBERS = (
    "low", "high", "mean", "sd", "n", "age_min", "age_max", "height_min_cm", "height_max_cm", "bmi_min", "bmi_max",
    "high_pass_hz", "absent_from_years",
)  # fmt: skip
#: Measures that only the limits know: single units and single pairs of fibres.
SINGLE = ("single_unit_amplitude_uv", "single_unit_duration_ms", "single_pair_mcd_us")


@dataclass(frozen=True, kw_only=True)
class NormRow:
    """One row of a norm set; an empty bound does not limit.

    Parameters
    ----------
    age, height, bmi : tuple
        Lowest and highest; the highest age counts as whole years, height and BMI up to but not including it.
    distance : tuple, optional
        Shortest and longest distance in mm the row holds for.
    equation : mapping
        Terms of a regression: ``b0``, ``age``, ``age2``, ``height``, ``male``, ``sd``, ``z``, and ``log`` = 1 where the
        logarithm was fitted.
    """

    study: str
    measure: str
    cited: Cited
    site: str = ""
    convention: str = ""
    low: float | None = None
    high: float | None = None
    statistic: str = ""
    mean: float | None = None
    sd: float | None = None
    n: int | None = None
    age: tuple[float | None, float | None] = (None, None)
    sex: str = ""
    height: tuple[float | None, float | None] = (None, None)
    bmi: tuple[float | None, float | None] = (None, None)
    distance: tuple[float, float] | None = None
    high_pass_hz: float | None = None
    absent_from_years: float | None = None
    equation: Mapping[str, float] = field(default_factory=dict)
    population: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class NormSet:
    """A named table of limits.

    Parameters
    ----------
    also : tuple of str
        Sets asked, in order, for a study and measure this one does not hold; the limit then carries their name.
    z_set : str
        Set that gives mean and SD where this one gives percentiles only.
    """

    code: str
    title: str
    cited: Cited
    rows: tuple[NormRow, ...]
    family: str = "routine"
    age: tuple[float | None, float | None] = (None, None)
    skin_min_degc: Mapping[str, float] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    z_set: str = ""
    about: str = ""

    def __post_init__(self) -> None:
        index: dict[tuple[str, str], list[NormRow]] = {}
        for row in self.rows:
            index.setdefault((row.study, row.measure), []).append(row)
        object.__setattr__(self, "_index", index)

    def rows_for(self, study: str, measure: str) -> tuple[NormRow, ...]:
        """Rows of one study and measure; empty when the set has none."""
        index: Mapping[tuple[str, str], list[NormRow]] = self.__dict__["_index"]
        return tuple(index.get((study, measure), ()))

    def has_rows_for(self, study: str, measure: str) -> bool:
        """Whether the set has a row of one study and measure."""
        return (study, measure) in self.__dict__["_index"]

    def __repr__(self) -> str:
        return f"NormSet({self.code}, {len(self.rows)} rows)"


@cache
def _index() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in rows_of("reference/sets.csv")}


@cache
def norm_sets() -> tuple[str, ...]:
    """Codes of every set that ships."""
    return tuple(_index())


@cache
def _shipped(code: str) -> NormSet:
    row = _index()[code]
    text = (
        resources.files("emgwidgets.interpretation").joinpath(f"reference/sets/{code}.csv").read_text(encoding="utf-8")
    )
    source_key, _, _mark = row["skin_source"].partition(" ")
    skin = {limb: float(row[f"skin_{limb}_degc"]) for limb in ("arm", "leg") if row[f"skin_{limb}_degc"] and source_key}
    return NormSet(
        code=code, title=row["title"], cited=Cited(key=row["source"], mark=Mark(row["mark"])),
        rows=tuple(_rows(csv.DictReader(text.splitlines()), name=code)), family=row["family"],
        age=(_float(row["age_min"]), _float(row["age_max"])), skin_min_degc=skin, also=words(row["also"]),
        z_set=row["z_set"], about=row["words"],
    )  # fmt: skip


def norm_set(code: str | NormSet) -> NormSet:
    """Return one norm set by its code.

    Raises
    ------
    InputError
        If there is no such set; the sentence lists the nearest.
    """
    if isinstance(code, NormSet):
        return code
    if code not in _index():
        near = nearest(code, {plain(one): one for one in _index()}) or tuple(_index())[:3]
        raise InputError("no such norm set", got=repr(code), expected=f"one such as {', '.join(near)}")
    return _shipped(code)


def _float(cell: str) -> float | None:
    return float(cell) if cell else None


def _fail(place: str, what: str, *, got: str, expected: str, way_out: str = "") -> None:
    raise InputError(f"{place}: {what}", got=got, expected=expected, way_out=way_out)


def _numbers(row: Mapping[str, str], place: str) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for name in NUMBERS:
        cell = (row.get(name) or "").strip()
        try:
            found[name] = float(cell) if cell else None
        except ValueError:
            _fail(place, f"{name} is no number", got=repr(cell), expected="a number with a decimal point")
        value = found[name]
        if value is not None and not math.isfinite(value):
            _fail(place, f"{name} is no finite number", got=repr(cell), expected="a number")
    return found


def _distance(cell: str, place: str) -> tuple[float, float] | None:
    if not cell:
        return None
    first, _, last = cell.partition("-")
    try:
        low, high = float(first), float(last or first)
    except ValueError:
        _fail(place, "distance_mm is no number", got=repr(cell), expected="mm, such as 80 or 80-120")
        raise
    if not 20.0 <= low <= high <= 1500.0:  # internal choice: nearer than 2 cm no limit is published
        hint = "multiply by 10 if it is in cm" if low < 20.0 else ""
        _fail(place, "the distance is not plausible", got=f"{cell} mm", expected="20 to 1500 mm", way_out=hint)
    return low, high


def _equation(cell: str) -> dict[str, float]:
    parts = cell.split()
    found = {"log": 1.0} if parts[:1] == ["log"] else {}
    return found | {name: float(value) for name, _, value in (part.partition("=") for part in parts) if value}


def _kind_of(study: str, measure: str) -> str | None:
    """Kind of fact a row speaks of; None when the measure does not belong to the study."""
    if measure in SINGLE or study in muscles():
        kinds: tuple[str, ...] = ("needle",)
    elif study in studies():
        kinds = (studies()[study].kind, *LATE_KINDS)
    else:
        kinds = ("compare",)
    return next((kind for kind in kinds if (kind, measure) in measures()), None)


def _check_names(row: Mapping[str, str], place: str) -> str:
    study, measure = row["study"].strip(), row["measure"].strip()
    tests = {one["study"] for one in rows_of("derived.csv")}
    if study not in studies() and study not in muscles() and study not in tests:
        known = {plain(one): one for one in (*studies(), *tests, *muscles())}
        near = ", ".join(nearest(study, known)) or "median_apb"
        _fail(place, "no such study", got=repr(study), expected=f"a study such as {near}")
    kind = _kind_of(study, measure)
    if kind is None:
        known = {plain(one): one for one in dict.fromkeys(measure for _, measure in measures())}
        near = ", ".join(nearest(measure, known)) or "onset_latency_ms"
        _fail(place, f"{study} has no such measure", got=repr(measure), expected=f"a measure such as {near}")
    return kind or ""


def _check_values(row: Mapping[str, str], found: Mapping[str, float | None], kind: str, place: str) -> None:
    if row.get("convention") not in {None, "", *AMPLITUDE_METHODS}:
        _fail(
            place, "no such convention", got=repr(row["convention"]), expected=f"one of {', '.join(AMPLITUDE_METHODS)}"
        )
    if all(found[name] is None for name in ("low", "high", "mean")) and not row.get("equation"):
        _fail(place, "it holds no limit", got="no low, high, mean or equation", expected="at least one")
    low, high = found["low"], found["high"]
    if low is not None and high is not None and low > high:
        _fail(place, "the limits are in the wrong order", got=f"{low:g} to {high:g}", expected="low below high")
    if found["sd"] is not None and found["sd"] <= 0:
        _fail(place, "the SD cannot be used", got=f"{found['sd']:g}", expected="a number above 0")
    bounds = measures()[kind, row["measure"].strip()]
    for name in ("low", "high", "mean"):
        value = found[name]
        if value is None or bounds.low is None or bounds.high is None or bounds.low <= value <= bounds.high:
            continue
        _fail(
            place, f"{name} of {row['study']} {row['measure']} is not plausible", got=f"{value:g} {bounds.unit}",
            expected=f"{bounds.low:g} to {bounds.high:g} {bounds.unit}", way_out="check the unit",
        )  # fmt: skip


def _cited(row: Mapping[str, str], place: str, default: Cited | None) -> Cited:
    key = (row.get("source") or "").strip()
    if not key and default is not None:
        return default
    if key not in sources():
        _fail(place, "its source is not in the bibliography", got=repr(key), expected="a key of bibliography.csv")
    return Cited(key=key, locus=(row.get("locus") or "").strip(), mark=Mark((row.get("mark") or "M").strip()))


def _rows(table: Iterable[Mapping[str, str]], *, name: str, default: Cited | None = None) -> Iterable[NormRow]:
    for n, row in enumerate(table, start=2):
        place = f"{name}, line {n}"
        for study in words(row["study"]):
            one = {**row, "study": study}
            kind = _check_names(one, place)
            found = _numbers(one, place)
            _check_values(one, found, kind, place)
            yield NormRow(
                study=study, measure=row["measure"].strip(), cited=_cited(row, place, default),
                site=(row.get("site") or "").strip(), convention=(row.get("convention") or "").strip(),
                low=found["low"], high=found["high"], statistic=row.get("statistic") or "", mean=found["mean"],
                sd=found["sd"], n=None if found["n"] is None else int(found["n"]),
                age=(found["age_min"], found["age_max"]), sex=row.get("sex") or "",
                height=(found["height_min_cm"], found["height_max_cm"]), bmi=(found["bmi_min"], found["bmi_max"]),
                distance=_distance((row.get("distance_mm") or "").strip(), place), high_pass_hz=found["high_pass_hz"],
                absent_from_years=found["absent_from_years"], equation=_equation(row.get("equation") or ""),
                population=row.get("population") or "", note=row.get("note") or "",
            )  # fmt: skip


def read_norm_set(
    path: str | os.PathLike[str],
    code: str = "",
    *,
    title: str = "",
    age: tuple[float | None, float | None] = (18.0, None),
    skin_min_degc: Mapping[str, float] | None = None,
    also: tuple[str, ...] = (),
) -> NormSet:
    """Read a laboratory's own limits from a CSV with the columns of :data:`COLUMNS`.

    Parameters
    ----------
    path : path
        The table; units are those of the measure names (mV for motor, uV for sensory amplitudes, distances in mm).
    code, title : str
        What to call it; the name of the file by default.
    age : tuple
        Youngest and oldest person it holds for; adults by default.
    skin_min_degc : mapping, optional
        Lowest skin temperature by limb (``{"arm": 32, "leg": 30}``).
    also : tuple of str
        Sets to ask for what this one does not hold.

    Raises
    ------
    ReadError
        If the file cannot be opened or has no such columns.
    InputError
        If a row cannot be used: unknown study or measure, a value no nerve can give, limits in the wrong order.
    """
    place = Path(path)
    try:
        text = place.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(
            f"{place.name} cannot be opened", got=type(error).__name__, expected="a CSV of limits"
        ) from error
    table = csv.DictReader(text.splitlines())
    names = tuple(table.fieldnames or ())
    unknown = [name for name in names if name not in COLUMNS]
    missing = [name for name in ("study", "measure") if name not in names]
    if missing or unknown:
        raise ReadError(
            f"{place.name} is no table of limits", got=f"columns {', '.join(names) or 'none'}",
            expected=f"study, measure and of {', '.join(COLUMNS[3:9])} ...",
            way_out=f"rename {', '.join(unknown)}" if unknown else f"add {', '.join(missing)}",
        )  # fmt: skip
    default = Cited(key="MEM", locus="the laboratory's own table", mark=Mark.P)
    rows = tuple(_rows(table, name=place.name, default=default))
    if not rows:
        raise ReadError(f"{place.name} holds no limit", expected="at least one row")
    return NormSet(
        code=code or place.stem, title=title or place.stem, cited=default, rows=rows, age=age,
        skin_min_degc=skin_min_degc or {}, also=also,
    )  # fmt: skip
