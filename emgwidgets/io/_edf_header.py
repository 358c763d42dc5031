"""The header of EDF, EDF+, BDF and BDF+ as the file writes it, checked against the file's length. No samples here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from emgwidgets.errors import ReadError

__all__ = ["ANNOTATION_LABELS", "EdfHeader", "EdfSignal", "parse_header"]

ANNOTATION_LABELS = ("EDF Annotations", "BDF Annotations")
_FIELDS = (
    ("label", 16), ("transducer", 80), ("dimension", 8), ("physical_min", 8), ("physical_max", 8), ("digital_min", 8),
    ("digital_max", 8), ("prefilter", 80), ("n_per_record", 8), ("reserved", 32),
)  # fmt: skip
DURATION_CHARACTERS = 8


@dataclass(frozen=True, kw_only=True)
class EdfSignal:
    """One signal of the header; ``first_byte`` is its place in each data record."""

    label: str
    transducer: str
    dimension: str
    prefilter: str
    physical_min: float
    physical_max: float
    digital_min: float
    digital_max: float
    n_per_record: int
    first_byte: int

    @property
    def is_annotations(self) -> bool:
        """Whether the signal holds annotations instead of samples."""
        return self.label in ANNOTATION_LABELS


@dataclass(frozen=True, kw_only=True)
class EdfHeader:
    """What the header says about the file.

    ``n_records`` is the number as written (-1 where unknown), ``n_whole`` the number of whole records in the file and
    ``n_loose_bytes`` what follows them.  ``identifiers`` holds the text fields that identify a person or a day.
    """

    is_bdf: bool
    kind: str
    n_header_bytes: int
    n_records: int
    record_s: float
    signals: tuple[EdfSignal, ...]
    record_bytes: int
    n_whole: int
    n_loose_bytes: int
    identifiers: dict[str, str]

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample: 3 in BDF, 2 in EDF."""
        return 3 if self.is_bdf else 2


def _broken(name: str, field: str, got: object, expected: str) -> ReadError:
    return ReadError(
        f"the header of {name} is damaged in the field {field}", got=repr(got), expected=expected,
        way_out="copy the file again from its source, or repair the header with an EDF editor",
    )  # fmt: skip


def _integer(text: str, field: str, name: str) -> int:
    try:
        return int(text)
    except ValueError:
        pass
    try:  # some writers put "1.0" where a count belongs
        value = float(text)
    except ValueError:
        raise _broken(name, field, text, "a whole number") from None
    if not value.is_integer():
        raise _broken(name, field, text, "a whole number")
    return int(value)


def _number(text: str, field: str, name: str) -> float:
    try:
        value = float(text.replace(",", "."))  # a decimal comma breaks the standard but is met, and cannot mean else
    except ValueError:
        raise _broken(name, field, text, "a number") from None
    if not math.isfinite(value):
        raise _broken(name, field, text, "a finite number")
    return value


def _text(raw: bytes) -> str:
    return raw.decode("latin-1").replace("\0", " ").strip()


def _kind(reserved: str, *, is_bdf: bool) -> str:
    family = "BDF" if is_bdf else "EDF"
    for mark in ("+C", "+D"):
        if reserved.upper().startswith(("EDF" + mark, "BDF" + mark)):
            return family + mark
    return family


def _identifiers(first: bytes) -> dict[str, str]:
    found = {
        "patient": _text(first[8:88]), "recording": _text(first[88:168]), "start_date": _text(first[168:176]),
        "start_time": _text(first[176:184]),
    }  # fmt: skip
    empty = {"", "X X X X", "Startdate X X X X", "00.00.00", "01.01.85", "X"}
    return {key: value for key, value in found.items() if value not in empty}


def parse_header(path: Path) -> EdfHeader:
    """Read and check the header of a file.

    Raises
    ------
    ReadError
        If a field is damaged or the file is shorter than its header.
    """
    n_bytes = path.stat().st_size
    with path.open("rb") as stream:
        first = stream.read(256)
        if len(first) < 256:
            raise _short(path.name, n_bytes, 256)
        is_bdf = first[:1] == b"\xff"
        n_signals = _integer(_text(first[252:256]), "number of signals", path.name)
        if not 0 <= n_signals <= 9999:
            raise _broken(path.name, "number of signals", n_signals, "0 to 9999")
        n_header_bytes = 256 * (n_signals + 1)
        if n_bytes < n_header_bytes:
            raise _short(path.name, n_bytes, n_header_bytes)
        rest = stream.read(256 * n_signals)
    stated = _integer(_text(first[184:192]), "number of header bytes", path.name)
    if stated != n_header_bytes:
        raise _broken(path.name, "number of header bytes", stated, f"{n_header_bytes} for {n_signals} signals")
    kind = _kind(_text(first[192:236]), is_bdf=is_bdf)
    record_s = _number(_text(first[244:252]), "duration of a data record", path.name)
    if record_s < 0:
        raise _broken(path.name, "duration of a data record", record_s, "0 s or more")
    signals, record_bytes = _signals(rest, n_signals, 3 if is_bdf else 2, path.name)
    record_s = _unrounded(record_s, _text(first[244:252]), signals)
    n_data_bytes = n_bytes - n_header_bytes
    return EdfHeader(
        is_bdf=is_bdf, kind=kind, n_header_bytes=n_header_bytes, record_s=record_s, signals=signals,
        n_records=_integer(_text(first[236:244]), "number of data records", path.name), record_bytes=record_bytes,
        n_whole=n_data_bytes // record_bytes if record_bytes else 0,
        n_loose_bytes=n_data_bytes % record_bytes if record_bytes else n_data_bytes,
        identifiers=_identifiers(first),
    )  # fmt: skip


def _unrounded(record_s: float, text: str, signals: tuple[EdfSignal, ...]) -> float:
    """The duration before it was cut to its 8 characters, where just one whole number of hertz can have been meant.

    48017 samples at 48000 Hz last 1.00035416... s and are written 1.000354; read as it stands, that is 48000.017 Hz.
    """
    n_most = max((signal.n_per_record for signal in signals if not signal.is_annotations), default=0)
    _, point, decimals = text.strip().partition(".")
    if len(text.strip()) < DURATION_CHARACTERS or not point or not decimals.isdigit() or not n_most or not record_s:
        return record_s
    half_step_s = 0.5 * 10.0 ** -len(decimals)
    rate_hz = round(n_most / record_s)
    is_only_one = n_most / record_s * half_step_s / record_s < 0.5
    is_meant = rate_hz > 0 and abs(n_most / rate_hz - record_s) <= half_step_s * (1 + 1e-9)
    return n_most / rate_hz if is_only_one and is_meant else record_s


def _short(name: str, n_bytes: int, n_expected: int) -> ReadError:
    return ReadError(
        f"{name} ends within its header", got=f"{n_bytes} bytes", expected=f"at least {n_expected}",
        way_out="copy the file again from its source",
    )  # fmt: skip


def _signals(rest: bytes, n_signals: int, sample_bytes: int, name: str) -> tuple[tuple[EdfSignal, ...], int]:
    columns: dict[str, list[str]] = {}
    place = 0
    for field, width in _FIELDS:
        columns[field] = [_text(rest[place + i * width : place + (i + 1) * width]) for i in range(n_signals)]
        place += n_signals * width
    signals, first_byte = [], 0
    for i in range(n_signals):
        where = f"of signal {i + 1}"
        label = columns["label"][i]
        n_per_record = _integer(columns["n_per_record"][i], f"samples per record {where}", name)
        if n_per_record < 0:
            raise _broken(name, f"samples per record {where}", n_per_record, "0 or more")
        numbers = (0.0, 1.0, 0.0, 1.0)
        if label not in ANNOTATION_LABELS:  # the range of an annotation signal means nothing
            numbers = (
                _number(columns["physical_min"][i], f"physical minimum {where}", name),
                _number(columns["physical_max"][i], f"physical maximum {where}", name),
                _number(columns["digital_min"][i], f"digital minimum {where}", name),
                _number(columns["digital_max"][i], f"digital maximum {where}", name),
            )
        signals.append(
            EdfSignal(
                label=label, transducer=columns["transducer"][i], dimension=columns["dimension"][i],
                prefilter=columns["prefilter"][i], physical_min=numbers[0], physical_max=numbers[1],
                digital_min=numbers[2], digital_max=numbers[3], n_per_record=n_per_record, first_byte=first_byte,
            )
        )  # fmt: skip
        first_byte += n_per_record * sample_bytes
    return tuple(signals), first_byte
