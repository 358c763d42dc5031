"""Typing errors in long words of the lexicon; a side or a negation is never repaired into being."""

from __future__ import annotations

from functools import cache

from emgwidgets.interpretation.correlation.report.lexicon import lexicon, read_text

__all__ = ["repaired"]

#: A word must be this long before one error is forgiven, and this long before two are.  Internal choice: shorter words have too many neighbours.
ONE_ERROR_MIN, TWO_ERRORS_MIN = 6, 11
MAX_LENGTH = 24
#: Words whose sense turns a statement round; nothing is repaired into these.
NEVER = {"normal", "without", "absent", "excluded", "resolved", "negative", "intact", "patent", "lesion", "mass", "malignant", "benign"}  # fmt: skip


@cache
def _plain_words() -> frozenset[str]:
    return frozenset(read_text("plain_words.txt").split())


@cache
def _candidates() -> dict[tuple[str, int], list[str]]:
    """Long words of the lexicon by first letter and length."""
    found: dict[tuple[str, int], list[str]] = {}
    for word in sorted(lexicon().words):
        if len(word) >= ONE_ERROR_MIN and word.isalpha() and word not in NEVER:
            found.setdefault((word[0], len(word)), []).append(word)
    return found


def _distance(one: str, other: str, limit: int) -> int:
    """Edit distance with swaps of neighbours, cut off above the limit."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        older, before, row = before, row, [i]
        for j, char in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != char))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == char:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


@cache
def _lookup(word: str) -> str:
    limit = 2 if len(word) >= TWO_ERRORS_MIN else 1
    best, best_at, is_tied = word, limit + 1, False
    for length in range(len(word) - limit, len(word) + limit + 1):
        for candidate in _candidates().get((word[0], length), ()):
            distance = _distance(word, candidate, limit)
            if distance < best_at:
                best, best_at, is_tied = candidate, distance, False
            elif distance == best_at and candidate != best:
                is_tied = True
    return word if is_tied or best_at > limit else best


def repaired(word: str) -> str:
    """Return the word, or the one word of the lexicon it is a typing error of.

    Parameters
    ----------
    word : str
        In lower case.
    """
    known = lexicon()
    stem = known.stem(word)
    is_plain = (
        known.family(word) is not None
        or stem in known.words
        or word in known.words
        or word in _plain_words()
        or stem in _plain_words()
    )
    if is_plain or not ONE_ERROR_MIN <= len(word) <= MAX_LENGTH or not word.isalpha():
        return word
    return _lookup(word)
