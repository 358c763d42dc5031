"""The words of spine MRI reports: phrases with their meaning, kinds of finding and spellings, from the tables beside it."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["Kind", "Lexicon", "american", "kinds", "lexicon", "read_rows", "word_parts"]

HERE = "emgwidgets.interpretation.correlation.report"
#: One word, one number, a run of slashes, or one other sign.  No nested repetition: linear time.
WORD = re.compile(
    r"(?:[Bb]/[Ll]|[Ww]/[Oo]|[Ww]/|[SsKk]/[PpCc]|[EeCc]/[OoFf]|[Dd]/[Tt])(?![A-Za-z])|[A-Za-zÀ-ÿ]+(?:'s\b)?|\d+(?:\.\d+)?|/{2,}|\S"
)
PLURAL_MIN = 4
BRITISH = (("aemi", "emi"), ("haem", "hem"), ("oedem", "edem"), ("tumour", "tumor"), ("favour", "favor"), ("colour", "color"), ("fibre", "fiber"), ("leukaem", "leukem"))  # fmt: skip
#: Letters by which the stems are looked up; the shortest stem has as many.
STEM_KEY = 4


def read_text(name: str) -> str:
    """Text of one data file of this folder."""
    return resources.files(HERE).joinpath(name).read_text(encoding="utf-8")


@cache
def read_rows(name: str) -> tuple[dict[str, str], ...]:
    """Rows of one CSV table of this folder."""
    return tuple(csv.DictReader(read_text(name).splitlines()))


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What is true of every finding of a kind.

    Parameters
    ----------
    takes_level : bool
        Whether it belongs to the disc level under discussion when its sentence names none.
    is_lateral : bool
        Whether it can be on one side.
    family : str
        ``"disc"``, ``"narrowing"`` or ``"other"``.
    is_subject : bool
        Whether it can press on a root.
    urgent, urgent_words : str
        Kind of urgent finding and how a sentence names it; empty when not urgent.
    """

    kind: str
    takes_level: bool
    is_lateral: bool
    family: str
    is_subject: bool
    urgent: str
    urgent_words: str


@cache
def kinds() -> dict[str, Kind]:
    """Every kind of finding the reader knows, by its code in the model."""
    return {
        row["kind"]: Kind(
            kind=row["kind"], takes_level=row["takes_level"] == "1", is_lateral=row["lateral"] == "1",
            family=row["family"], is_subject=row["subject"] == "1", urgent=row["urgent"], urgent_words=row["urgent_words"],
        )
        for row in read_rows("kinds.csv")
    }  # fmt: skip


def word_parts(text: str) -> list[str]:
    """Words of a phrase as the reader compares them: lower case, hyphens gone, spelling settled."""
    spelt = _spellings()
    parts: list[str] = []
    for word in WORD.findall(text.lower()):
        if word != "-" or text.strip() == "-":
            parts += spelt[word].split() if word in spelt else [american(word)]
    return parts


def american(word: str) -> str:
    """Word with the British ae, oe and our of medical words written as the lexicon has them."""
    for british, plain in BRITISH:
        word = word.replace(british, plain)
    return word


@cache
def _spellings() -> dict[str, str]:
    return {row["written"]: row["read"] for row in read_rows("spelling.csv")}


class Lexicon:
    """Phrases by their first word, longest first."""

    def __init__(self) -> None:
        self.spellings = _spellings()
        self._phrases: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
        self.words: set[str] = set()
        seen: set[tuple[str, ...]] = set()
        for category, values in tomllib.loads(read_text("terms.toml")).items():
            for value, phrases in values.items():
                for phrase in phrases:
                    words = tuple(self.stem(part) for part in word_parts(phrase))
                    if words not in seen:
                        seen.add(words)
                        self._phrases.setdefault(words[0], []).append((words, category, value))
                        self.words.update(words)
        for listed in self._phrases.values():
            listed.sort(key=lambda entry: -len(entry[0]))
        self._stems: dict[str, list[tuple[str, str, str]]] = {}
        for row in read_rows("stems.csv"):
            self._stems.setdefault(row["stem"][:STEM_KEY], []).append((row["stem"], row["category"], row["value"]))

    @staticmethod
    def stem(word: str) -> str:
        """Word without the plural s; short words and those in ss, us or is keep it."""
        if len(word) > PLURAL_MIN and word.endswith("s") and not word.endswith(("ss", "us", "is")):
            return word[:-1]
        return word

    def match(self, words: Sequence[str], at: int) -> tuple[int, str, str] | None:
        """Longest phrase that starts at a word: its length in words, its category and its value."""
        for phrase, category, value in self._phrases.get(words[at], ()):
            if len(phrase) == 1 or tuple(words[at : at + len(phrase)]) == phrase:
                return len(phrase), category, value
        return None

    def family(self, word: str) -> tuple[str, str] | None:
        """Category and value of a word that no phrase holds, by the stem it begins with."""
        for stem, category, value in self._stems.get(word[:STEM_KEY], ()):
            if word.startswith(stem):
                return category, value
        return None


@cache
def lexicon() -> Lexicon:
    """Return the one lexicon."""
    return Lexicon()
