"""Disc levels, vertebrae and segments as written in reports: L4-5, L4/L5, L45, L5S1, L5-1, D12-L1, C3-C7, ``L four five``."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["REGIONS", "Place", "discs_between", "named_places", "region_of", "scan_places"]

VERTEBRAE = [f"C{n}" for n in range(1, 8)] + [f"T{n}" for n in range(1, 13)] + [f"L{n}" for n in range(1, 6)] + ["S1"]
#: Six lumbar vertebrae, or a disc under S1, exist only in people with a transitional vertebra.
TRANSITIONAL = {("L5", "L6"): "L5-6", ("L6", "S1"): "L6-S1", ("S1", "S2"): "S1-2"}
REGIONS = {
    "cervical": [f"C{n}-{n + 1}" for n in range(2, 7)] + ["C7-T1"],
    "thoracic": [f"T{n}-{n + 1}" for n in range(1, 12)],
    "lumbar": [f"L{n}-{n + 1}" for n in range(1, 5)] + ["L5-S1"],
}
NUMBER_WORDS = {
    word: str(n)
    for n, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=1
    )
}
_N = "|".join(NUMBER_WORDS)
PLACES = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?P<a>[CTDLctdl])[ \t]?-?(?P<n>1[0-2]|[1-9]|S(?=[-/]))[ \t]?[-–—/\\][ \t]?(?P<b>[CTDLSctdls])?[ \t]?-?(?P<m>1[0-2]|[1-9]|[Il!S](?![a-z]))"
    r"(?:[-/][ \t]?(?P<c>[CTDLSctdls])?(?P<k>1[0-2]|[1-9]))?(?![0-9A-Za-z])(?![ \t]?(?:mm|cm|x[ \t]?\d))(?!\.\d)"
    r"|(?P<ja>[CTDLctdl])(?P<jn>1[0-2]|[1-9])[ \t]?(?P<jb>[CTDLSctdls])(?P<jm>1[0-2]|[1-9])(?![0-9A-Za-z])"
    r"|(?P<za>[CTDLctdl])(?P<zn>1[0-2]|[1-9])[ \t](?P<zb>[SsTtLl])?(?P<zm>1[0-2]|[1-9])(?![0-9A-Za-z])(?!\.\d)(?![ \t]?(?:mm|cm|x|%|/|-|weeks?|months?|years?|days?|nerve|root))"
    r"|(?P<qa>[CLcl])(?P<qn>[1-9])(?P<qm>[1-9])(?![0-9A-Za-z])"
    rf"|(?P<wa>[CTDLctdl])[ \t](?P<wn>{_N})(?:[ \t](?:to|slash|dash))?[ \t](?P<wb>[CTDLSctdls][ \t])?(?P<wm>{_N})(?![a-z])"
    rf"|(?P<va>[CTDLSctdls])[ \t](?P<vn>{_N})(?![a-z])"
    r"|(?P<sa>[CTDLS])[ \t]?(?P<sn>1[0-2]|[1-9])(?![0-9A-Za-z])(?!\.\d)"
    r"|(?P<la>[ctdls])(?P<ln>1[0-2]|[1-9])(?![0-9A-Za-z])"
    r")"
)
MORE = re.compile(r"[ \t]{0,2}(?:,[ \t]?and|,|and|&|\+)[ \t]{0,2}(?P<n>[1-9])[ \t]?[-/][ \t]?(?P<b>[SsTt])?(?P<m>[1-9])(?![0-9A-Za-z])(?![ \t]?(?:mm|cm|x))(?!\.\d)")  # fmt: skip
#: T1 and T2 are names of pictures as well as of vertebrae.
PICTURE_AFTER = re.compile(r"\s{0,2}-?\s?(?:weight|w\b|w/|wi\b|and\s+t2|signal|hyper|hypo|bright|dark|stir|sequence|image|imaging|prolong|iso|flair|high|low|fse|tse|fat|sagittal|axial|gradient)", re.IGNORECASE)  # fmt: skip
PICTURE_BEFORE = re.compile(r"(?:sagittal|axial|coronal|high|increased|low|raised|abnormal|and|on|bright|elevated|signal)\s{1,2}$", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Place:
    """A disc level, several of them, or one vertebra or root, as written.

    Parameters
    ----------
    discs : tuple of str
        Disc levels; empty for a single segment.
    segment : str
        The single segment, such as ``"L5"``; empty for disc levels.
    repair : str
        What was read instead of what was written; empty when written plainly.
    is_missing : bool
        Whether it names a level that does not exist, such as a C8-T1 disc.
    """

    start: int
    end: int
    discs: tuple[str, ...] = ()
    segment: str = ""
    repair: str = ""
    is_missing: bool = False


def region_of(level: str) -> str:
    """Region of a disc level: cervical, thoracic or lumbar; T12-L1 counts as thoracic."""
    return {"C": "cervical", "T": "thoracic"}.get(level[:1], "lumbar")


def discs_between(upper: str, lower: str) -> tuple[str, ...]:
    """Disc levels from one vertebra to another; empty when a vertebra does not exist or the order is impossible."""
    if (upper, lower) in TRANSITIONAL:
        return (TRANSITIONAL[upper, lower],)
    if "L6" in {upper, lower}:
        before = discs_between(upper, "L5") if upper != "L5" else ()
        return (*before, "L5-6") if lower == "L6" else ()
    if upper not in VERTEBRAE or lower not in VERTEBRAE:
        return ()
    first, last = VERTEBRAE.index(upper), VERTEBRAE.index(lower)
    return tuple(_code(VERTEBRAE[i], VERTEBRAE[i + 1]) for i in range(first, last))


def _code(upper: str, lower: str) -> str:
    return f"{upper}-{lower[1:]}" if upper[0] == lower[0] else f"{upper}-{lower}"


def _pair(a: str, n: str, b: str | None, m: str) -> tuple[tuple[str, ...], str]:
    """Discs of a written pair and the repair that was needed."""
    a, b = a.upper().replace("D", "T"), (b or "").strip().upper().replace("D", "T")
    repair = ""
    if n == "S":
        n, repair = "5", "S read as 5"
    if m == "S":
        m, repair = "5", "S read as 5"
    if m in {"I", "l", "!"}:
        m, repair = "1", f"{m} read as 1"
    if not b:
        next_region = {("L", "5"): "S", ("C", "7"): "T", ("T", "12"): "L", ("L", "6"): "S"}.get((a, n))
        b = next_region if m == "1" and next_region else a
        if b != a:
            repair = repair or f"{a}{n}-{m} read as {a}{n}-{b}{m}"
    found = discs_between(f"{a}{n}", f"{b}{m}")
    if not found and (backwards := discs_between(f"{b}{m}", f"{a}{n}")):
        return backwards, "written from below upwards"
    return found, repair


def _of_match(match: re.Match[str], text: str) -> list[Place]:
    group = match.groupdict()
    start, end = match.span()
    if group["za"]:
        if group["za"] in "Tt" and {group["zn"], group["zm"]} == {"1", "2"} and _is_picture(text, start, end):
            return []
        discs, repair = _pair(group["za"], group["zn"], group["zb"], group["zm"])
        if len(discs) == 1 and repair != "written from below upwards":
            return [_with_more(Place(start=start, end=end, discs=discs, repair=repair or "no sign between the vertebrae"), text)]  # fmt: skip
        first = (group["za"] + group["zn"]).upper().replace("D", "T")
        found = [Place(start=start, end=match.end("zn"), segment=first)]
        if group["zb"]:
            found.append(Place(start=match.start("zb"), end=end, segment=(group["zb"] + group["zm"]).upper()))
        return found
    if group["sa"] or group["la"] or group["va"]:
        letter = (group["sa"] or group["la"] or group["va"]).upper().replace("D", "T")
        number = group["sn"] or group["ln"] or NUMBER_WORDS[group["vn"].lower()]
        is_picture = letter == "T" and number in {"1", "2"} and _is_picture(text, start, end)
        return [] if is_picture else [Place(start=start, end=end, segment=f"{letter}{number}")]
    if group["a"]:
        is_picture = group["a"] in "Tt" and {group["n"], group["m"]} == {"1", "2"} and _is_picture(text, start, end)
        if is_picture:
            return []
        discs, repair = _pair(group["a"], group["n"], group["b"], group["m"])
        if group["k"] and discs:
            third = (group["c"] or ("S" if group["k"] == "1" else group["b"] or group["a"])).upper().replace("D", "T")
            lower = discs[-1].split("-")[1]
            lower = lower if lower[0].isalpha() else f"{discs[-1][0]}{lower}"
            discs += discs_between(lower, f"{third}{group['k']}")
    elif group["ja"]:
        discs, repair = _pair(group["ja"], group["jn"], group["jb"], group["jm"])
        if len(discs) != 1:
            return _two_segments(match)
        repair = repair or "no sign between the vertebrae"
    elif group["qa"]:
        discs, repair = _pair(group["qa"], group["qn"], None, group["qm"])
        repair = repair or "no sign between the vertebrae"
        if len(discs) != 1:
            return []
    else:
        first, second = NUMBER_WORDS[group["wn"].lower()], NUMBER_WORDS[group["wm"].lower()]
        discs, repair = _pair(group["wa"], first, group["wb"], second)
        repair = repair or "numbers in words"
    place = Place(start=start, end=end, discs=discs, repair=repair, is_missing=not discs)
    return [_with_more(place, text)]


def _two_segments(match: re.Match[str]) -> list[Place]:
    start, end = match.span()
    cut = match.start("jb")
    first, second = (match["ja"] + match["jn"]).upper(), (match["jb"] + match["jm"]).upper()
    return [
        Place(start=start, end=cut, segment=first.replace("D", "T")),
        Place(start=cut, end=end, segment=second.replace("D", "T")),
    ]


def _is_picture(text: str, start: int, end: int) -> bool:
    return bool(PICTURE_AFTER.match(text, end) or PICTURE_BEFORE.search(text[max(0, start - 12) : start]))


def _with_more(place: Place, text: str) -> Place:
    """Add pairs that leave the letter out: ``L3/4, 4/5 and 5/1``."""
    discs, end = place.discs, place.end
    while discs and len(discs) < 12 and (match := MORE.match(text, end)):
        added, _ = _pair(discs[-1][0], match["n"], match["b"], match["m"])
        if len(added) != 1:
            break
        discs, end = (*discs, *added), match.end()
    return Place(
        start=place.start, end=end, discs=discs, repair=place.repair, is_missing=place.is_missing, segment=place.segment
    )


_HOW_MANY = {"two": 2, "2": 2, "three": 3, "3": 3, "four": 4, "4": 4}
_ENDS = r"lower|lowest|lowermost|last|bottom|upper|uppermost|top|first"
#: Discs named by their place: "the lower three lumbar discs", "the two lowest discs", "the lumbosacral disc".
NAMED = re.compile(
    rf"\b(?:(?P<e1>{_ENDS})[ \t](?P<n1>two|three|four|[234])|(?P<n2>two|three|four|[234])[ \t](?P<e2>{_ENDS}))"
    r"[ \t](?:(?P<r>lumbar|cervical)[ \t])?(?:intervertebral[ \t])?(?:dis[ck]s?(?:[ \t](?:spaces?|levels?))?|levels|segments|interspaces)\b"
    r"|\b(?P<ls>lumbo-?sacral|cervicothoracic|thoracolumbar)[ \t](?:dis[ck]|interspace|level)\b",
    re.IGNORECASE,
)
JUNCTIONS = {"l": "L5-S1", "c": "C7-T1", "t": "T12-L1"}


def named_places(text: str, start: int, end: int) -> list[Place]:
    """Discs named by their place within one region; none when the report does not say which region it is about.

    Parameters
    ----------
    text : str
        The whole report, for its region.
    start, end : int
        The stretch to look at.
    """
    lower = text.lower()
    spoken = [one for one in ("cervical", "lumb") if one in lower]
    found = []
    for match in NAMED.finditer(text, start, end):
        if match["ls"]:
            discs: tuple[str, ...] = (JUNCTIONS[match["ls"][0].lower()],)
        else:
            region = (match["r"] or (spoken[0] if len(spoken) == 1 else "")).lower()
            listed = REGIONS["lumbar" if region.startswith("lumb") else region] if region else []
            count = _HOW_MANY[(match["n1"] or match["n2"]).lower()]
            is_upper = (match["e1"] or match["e2"]).lower() in {"upper", "uppermost", "top", "first"}
            discs = tuple(listed[:count] if is_upper else listed[-count:])
        if discs:
            found.append(Place(start=match.start(), end=match.end(), discs=discs))
    return found


def scan_places(text: str) -> list[Place]:
    """Every level and segment of a text, in order, in time that grows with its length only."""
    found: list[Place] = []
    for match in PLACES.finditer(text):
        if found and match.start() < found[-1].end:
            continue
        found += _of_match(match, text)
    return found
