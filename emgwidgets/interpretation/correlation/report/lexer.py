"""Text -> sentences of items: levels, segments, sizes, grades and the phrases of the lexicon, each with its place in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from emgwidgets.interpretation.correlation.report.items import Item, Sentence
from emgwidgets.interpretation.correlation.report.joining import graded, joined
from emgwidgets.interpretation.correlation.report.levels import named_places, scan_places
from emgwidgets.interpretation.correlation.report.lexicon import WORD, american, lexicon
from emgwidgets.interpretation.correlation.report.repair import repaired

__all__ = ["sentences_of"]

_D = r"(\d{1,3}(?:\.\d{1,2})?)\s?(mm|cm)?"
SIZE = re.compile(rf"(?<![\w.]){_D}(?:\s?(?:x|×|by|\*)\s?{_D})?(?:\s?(?:x|×|by|\*)\s?{_D})?(?:\s?-?(mm|cm|millimet(?:re|er)s?|centimet(?:re|er)s?))?(?![A-Za-z0-9])", re.IGNORECASE)  # fmt: skip
#: A full stop after these ends no sentence.
#: Nouns cut short; a full stop behind one ends a sentence when a capital letter follows.
SHORT_NOUNS = {"comp", "compr", "protr", "extr", "hern", "narr", "sten", "desicc", "hypertr", "osteoph", "arthrop", "prolap", "seq", "dehydr"}  # fmt: skip
SHORT = {"mod", "sev", "approx", "gr", "dr", "lat", "degen", "lig", "foram", "st", "vs", "bilat", "rt", "lt", "min", "mr", "mrs", "prof", "post", "ant", "ca", "e.g", "i.e", "paracent", "bil", "sup", "inf"}  # fmt: skip
BULLET = re.compile(r"[ \t]{0,40}(?:[-*•·–>]{1,5}|\(?\d{1,2}[.)](?!\d)|\(?[a-hA-H][.)])[ \t]{1,40}")
#: A line that ends in one of these goes on in the next.
OPEN_END = re.compile(r"\b(?:left|right|the|a|an|of|at|and|with|or|to|in|on|by|for|traversing|exiting|descending|both|mild|moderate|severe|no|from|is|are|bilateral)$", re.IGNORECASE)  # fmt: skip
#: Names that begin with a capital within a sentence.
NAMES = re.compile(r"Modic|Schmorl|Tarlov|Pfirrmann|Schizas|Meyerding|Kang|Lee\b|STIR")
#: Beginnings of words that are also written apart: "end plate", "antero-listhesis".
PREFIXES = {"end", "para", "epi", "sub", "inter", "intra", "extra", "osteo", "spondylo", "antero", "retro", "neuro", "myelo", "syringo", "hyper", "hypo", "micro", "unco", "disco", "hemi", "pre", "peri"}  # fmt: skip
LINE_WRAP_MIN = 45
MIN_COLUMNS = 3
#: Items of one sentence; the longest of the corpus has some 60.  Internal choice.
MAX_ITEMS = 150


def _sign_spans(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    for match in WORD.finditer(text, start, end):
        yield match.group(), match.start(), match.end()


def _line_ends(text: str, start: int, end: int) -> list[tuple[int, int, bool]]:
    """Logical lines: a line that is only wrapped is joined to the next, unless the writer uses no full stops."""
    is_bare = text.count(".", start, end) * 3 < text.count("\n", start, end)
    lines: list[tuple[int, int, bool]] = []
    at, blank = start, True
    for raw in text[start:end].splitlines(keepends=True):
        line = raw.rstrip()
        first, last = at, at + len(line)
        at += len(raw)
        if not line.strip():
            blank = True
            continue
        if lines and not blank and not is_bare and _is_wrapped(text[lines[-1][0] : lines[-1][1]], line):
            lines[-1] = (lines[-1][0], last, lines[-1][2])
        else:
            lines.append((first, last, blank))
        blank = False
    return lines


def _is_wrapped(before: str, line: str) -> bool:
    text = line.lstrip()
    last_line = before.rsplit("\n", 1)[-1]
    if BULLET.match(line) or before.endswith((".", ":", ";")) or "|" in line or "\t" in text:
        return False
    if OPEN_END.search(last_line):
        return True
    if text[:1].islower() or before.endswith(","):
        return not re.match(r"[ctdl]\d", text)
    if re.match(r"[A-Z][A-Za-z /]{2,30}:", text) or re.match(r"[CTDL]\s?\d", text) or "|" in line or "\t" in text:
        return False
    is_new = re.match(r"[A-Z][a-z]", text) and not NAMES.match(text)
    return len(last_line) >= LINE_WRAP_MIN and not is_new


def _sizes(text: str, start: int, end: int) -> list[Item]:
    found = []
    for match in SIZE.finditer(text, start, end):
        unit = match[7] or match[6] or match[4] or match[2]
        if unit is None:
            continue
        factor = 10.0 if unit.lower().startswith("c") else 1.0
        values = tuple(round(float(match[i]) * factor, 2) for i in (1, 3, 5) if match[i])
        if all(0 < value <= 500 for value in values):
            found.append(Item("size", values, match.start(), match.end(), match.group()))
    return found


def _place_items(text: str, start: int, end: int) -> list[Item]:
    found = []
    for place in scan_places(text[start:end]):
        first, last = start + place.start, start + place.end
        if place.segment:
            found.append(Item("segment", place.segment, first, last, text[first:last]))
        elif place.is_missing:
            found.append(Item("missing_level", text[first:last], first, last, text[first:last]))
        else:
            found.append(Item("level", place.discs, first, last, place.repair))
    named = [Item("level", one.discs, one.start, one.end) for one in named_places(text, start, end)]
    return found + [one for one in named if not any(one.start < other.end and other.start < one.end for other in found)]


def sentences_of(text: str, start: int, end: int) -> list[Sentence]:
    """Sentences of one stretch of the text."""
    fixed = sorted(_place_items(text, start, end), key=lambda item: item.start)
    taken = [(item.start, item.end) for item in fixed]
    fixed += [
        item
        for item in _sizes(text, start, end)
        if not any(a < item.end and item.start < b for a, b in _near(taken, item.start))
    ]
    by_start = {item.start: item for item in fixed}
    found: list[Sentence] = []
    head: list[list[Item]] = []
    for first, last, blank in _line_ends(text, start, end):
        cells = _cells(text, first, last)
        if len(cells) >= MIN_COLUMNS:
            names = [_column_name(text, a, b) for a, b in cells]
            if sum(name != [] for name in names) >= MIN_COLUMNS - 1:
                head = names
            elif len(cells) == len(head):
                found.append(_row(text, cells, head, by_start))
                continue
        bullet = BULLET.match(text, first, last)
        begin = bullet.end() if bullet else first
        for n, (a, b) in enumerate(_split(text, begin, last, by_start)):
            sentence = _sentence(text, a, b, by_start)
            sentence.line_start, sentence.blank_before = n == 0, n == 0 and (blank or bullet is not None)
            if sentence.items:
                found += _in_pieces(sentence)
    return found


def _in_pieces(sentence: Sentence) -> list[Sentence]:
    """Cut what is far longer than any sentence at its commas, so that the time grows with the length only."""
    if len(sentence.items) <= MAX_ITEMS:
        return [sentence]
    pieces: list[Sentence] = []
    first = 0
    for n, item in enumerate(sentence.items):
        is_full = n - first >= 2 * MAX_ITEMS or (n - first >= MAX_ITEMS and item.category == "link")
        if is_full or n == len(sentence.items) - 1:
            items = sentence.items[first : n + 1]
            pieces.append(Sentence(items, items[0].start, items[-1].end, line_start=sentence.line_start and first == 0, blank_before=sentence.blank_before and first == 0))  # fmt: skip
            first = n + 1
    pieces[0].repairs = sentence.repairs
    return pieces


def _cells(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cells of a line of a table, divided by bars or tabs."""
    cuts = [start - 1, *(n for n in range(start, end) if text[n] in "|\t"), end]
    cells = [(a + 1, b) for a, b in pairwise(cuts)]
    return [cell for n, cell in enumerate(cells) if text[cell[0] : cell[1]].strip() or 0 < n < len(cells) - 1]


def _column_name(text: str, start: int, end: int) -> list[Item]:
    """The structure, and its side, that heads a column: nothing else may stand in the cell but filling words."""
    items = [item for item in _sentence(text, start, end, {}).items if item.category not in {"filler", "sign"}]
    if items and all(item.category in {"place", "structure", "narrowing", "side"} for item in items):
        return [item for item in items if item.category in {"place", "structure", "side"}]
    return []


def _row(text: str, cells: list[tuple[int, int]], head: list[list[Item]], fixed: dict[int, Item]) -> Sentence:
    """One row as a sentence, the head of each column put before its cell."""
    items: list[Item] = []
    repairs: list[tuple[int, int, str]] = []
    for (first, last), names in zip(cells, head, strict=True):
        cell = _sentence(text, first, last, fixed)
        repairs += cell.repairs
        if not cell.items:
            continue
        if items:
            items.append(Item("link", "strong", first, first, ";"))
        said = {item.category for item in cell.items}
        items += [Item(name.category, name.value, first, last, name.words) for name in names if not {name.category, "finding"} & said]  # fmt: skip
        items += cell.items
    return Sentence(items, cells[0][0], cells[-1][1], line_start=True, repairs=repairs)


def _near(taken: list[tuple[int, int]], start: int) -> list[tuple[int, int]]:
    from bisect import bisect_left

    at = bisect_left(taken, (start, 0))
    return taken[max(0, at - 1) : at + 2]


def _split(text: str, start: int, end: int, fixed: dict[int, Item]) -> Iterator[tuple[int, int]]:
    """Cut a line at full stops, exclamation and question marks that end a sentence, and at double slashes."""
    begin, word, inside = start, "", start
    for sign, a, b in _sign_spans(text, start, end):
        if a in fixed:
            if _is_heading(fixed[a], text, end) and a > begin and text[begin:a].strip(" -*"):
                yield begin, a
                begin = a
            inside = max(inside, fixed[a].end)
        if a < inside:
            word = sign.lower()
            continue
        is_stop = sign in {".", "!"} or sign.startswith("//") or (sign == "?" and b < end and text[b : b + 1].isspace() and text[begin:a].strip() != "")  # fmt: skip
        is_cut = word in SHORT_NOUNS and not text[b : min(end, b + 3)].strip()[:1].isupper()
        if is_stop and not (sign == "." and (word in SHORT or is_cut or (b < end and not text[b].isspace() and not text[b].isupper()))):  # fmt: skip
            if text[begin:a].strip():
                yield begin, b if sign == "?" else a
            begin = b
        word = sign.lower()
    if text[begin:end].strip():
        yield begin, end


def _is_heading(item: Item, text: str, end: int) -> bool:
    """Whether a level with a colon opens a new statement in the middle of a line; after "at" or a comma it does not."""
    if item.category != "level" or not text[item.end : min(end, item.end + 2)].lstrip().startswith(":"):
        return False
    before = text[max(0, item.start - 12) : item.start].rstrip().lower()
    return not before.endswith((",", "(", "and", "at", "the", "&", "level", "-", "to", "through", "/", "disc", "disk"))


def _sentence(text: str, start: int, end: int, fixed: dict[int, Item]) -> Sentence:
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    placed: dict[int, Item] = {}
    repairs: list[tuple[int, int, str]] = []
    known = lexicon()
    inside = start
    for sign, a, b in _sign_spans(text, start, end):
        if a < inside:
            continue
        if a in fixed and fixed[a].end <= end:
            placed[len(words)] = fixed[a]
            words.append("\0")
            spans.append((a, fixed[a].end))
            inside = fixed[a].end
            continue
        if sign == "-" and text[a - 1 : a].isalpha() and text[b : b + 1].isalpha():
            continue
        if sign == "L" and text[a : a + 3].upper() == "L/S" and not text[a + 3 : a + 4].isalnum():
            words.append("lumbosacral")
            spans.append((a, a + 3))
            inside = a + 3
            continue
        for part in _spell(sign, a, b, repairs):
            stem = known.stem(part)
            if words and words[-1] in PREFIXES and (words[-1] + stem in known.words or known.family(words[-1] + stem)):
                words[-1] += stem
                spans[-1] = (spans[-1][0], b)
                continue
            words.append(stem)
            spans.append((a, b))
    return Sentence(_items(text, words, spans, placed), start, end, repairs=repairs)


def _spell(sign: str, start: int, end: int, repairs: list[tuple[int, int, str]]) -> list[str]:
    known = lexicon()
    if sign in {"L", "R"}:
        return ["left" if sign == "L" else "right"]
    if sign == "N":
        return ["normal"]
    if sign in {">", "<"}:
        return ["gt" if sign == ">" else "lt_sign"]
    word = sign.lower()
    if word in known.spellings:
        return known.spellings[word].split()
    word = american(word)
    fixed = repaired(word)
    if fixed != word:
        repairs.append((start, end, f"{word} read as {fixed}"))
    return [fixed]


def _items(text: str, words: list[str], spans: list[tuple[int, int]], placed: dict[int, Item]) -> list[Item]:
    known, found, at = lexicon(), [], 0
    while at < len(words):
        if at in placed:
            found.append(placed[at])
            at += 1
            continue
        hit = known.match(words, at)
        if hit is None:
            category, value = known.family(words[at]) or ("unknown" if words[at].isalpha() else "sign", words[at])
            found.append(Item(category, value, *spans[at], words[at]))
            at += 1
            continue
        length, category, value = hit
        first, last = spans[at][0], spans[at + length - 1][1]
        found.append(Item(category, value, first, last, " ".join(words[at : at + length])))
        at += length
    for item in found:
        if item.words == "?" and item.category == "sign" and text[item.end : item.end + 1].isalpha():
            item.category, item.value = "hedge", "possible"
    return graded(joined(found), text)
