"""Sentences of the software that a named reader struck, kept as annotations of the case.  Nothing here judges them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Annotation

__all__ = ["STRUCK_LABEL", "Struck", "struck_of"]

#: Label of the annotation a struck sentence is kept as.
STRUCK_LABEL = "sentence_struck"


@dataclass(frozen=True, kw_only=True)
class Struck:
    """One sentence of the software that a reader rejects.

    Parameters
    ----------
    sentence : str
        The software's words; the mark holds for these words alone, so that a sentence that changes stands again.
    reason, reader : str
        Why, and who.
    instead : str
        The reader's own words in its place; they belong to the reader and are never put among the software's.
    at : str
        When.
    """

    sentence: str
    reason: str
    reader: str
    instead: str = ""
    at: str = ""

    def __post_init__(self) -> None:
        for what, text in (("sentence", self.sentence), ("reason", self.reason), ("reader", self.reader)):
            if not text.strip():
                raise InputError(f"a struck sentence needs its {what}", got="nothing", expected="words")

    @property
    def text(self) -> str:
        """One line for a report."""
        reason = self.reason if self.reason.endswith((".", "?")) else f"{self.reason}."
        instead = f" Instead: {self.instead}" if self.instead else ""
        return f'Struck by {self.reader}: "{self.sentence}" Reason: {reason}{instead}'

    def annotation(self, id: str) -> Annotation:
        """The annotation of a case that keeps it."""
        told = {"about": self.sentence, "reason": self.reason, "at": self.at, "instead": self.instead}
        note = json.dumps(told, ensure_ascii=False)
        return Annotation(start_s=0.0, label=STRUCK_LABEL, reader=self.reader, note=note, id=id)


def struck_of(annotations: Sequence[Annotation]) -> tuple[Struck, ...]:
    """Struck sentences among the annotations of a case, in their order; of one sentence the latest."""
    found = {}
    for one in annotations:
        if one.label != STRUCK_LABEL or not one.note.startswith("{"):
            continue
        try:
            told = json.loads(one.note)
        except ValueError:  # a note of someone else
            continue
        words = str(told.get("about", ""))
        if words.strip():
            found[words] = Struck(
                sentence=words, reason=str(told.get("reason") or "not given"), reader=one.reader or "not named",
                instead=str(told.get("instead", "")), at=str(told.get("at", "")),
            )  # fmt: skip
    return tuple(found.values())
