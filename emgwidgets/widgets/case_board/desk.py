"""The case under the reader's hands: entries with undo, what a reader settles and signs.  It judges and draws nothing.

What a reader settles (a red flag set aside, a gap waived, the ranking shown, a signature) is an annotation of the case:
it is only ever added, with the reader's name and the reason, and undo does not touch it.  A struck sentence of the software
is an annotation too, but part of the draft: it can be undone, and the signature keeps it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from emgwidgets.cases.document import Case, document_from_case
from emgwidgets.errors import InputError
from emgwidgets.model import case as model
from emgwidgets.model.case import Reading
from emgwidgets.model.checks import check_index
from emgwidgets.model.mri import MriFinding
from emgwidgets.model.signal import Annotation
from emgwidgets.model.struck import STRUCK_LABEL, Struck, struck_of
from emgwidgets.widgets.case_board.forms import FORMS, part_of, subject_of_fields
from emgwidgets.widgets.case_board.keeping import keeping
from emgwidgets.widgets.given_case import given_case
from emgwidgets.widgets.history import History

__all__ = ["SETTLED", "CaseDesk"]

#: Labels of what a reader settles.
SETTLED = ("red_flag_set_aside", "ranking_shown", "gap_waived", "side_settled", "signed")
#: Least letters of a reason; a full stop is none (internal choice).
SHORTEST_REASON = 3


def _list_of(case: model.Case, path: Sequence[str]) -> tuple[Any, ...]:
    place: Any = case
    for name in path:
        place = getattr(place, name)
    return tuple(place)


def _with_list(case: Case, path: Sequence[str], entries: Sequence[Any]) -> Case:
    part: Any = tuple(entries)
    if len(path) == 2:
        part = replace(getattr(case, path[0]), **{path[1]: part})
    return replace(case, **{path[0]: part})


@dataclass
class CaseDesk:
    """A case with its history.

    Parameters
    ----------
    given : Case
        What is known at first.
    reader : str
        Whoever sits at the board; empty until they say.
    path : optional
        Where the case is saved on signing.
    """

    given: InitVar[model.Case]
    reader: str = ""
    path: str | os.PathLike[str] | None = None
    draft: str = ""
    version: int = 0
    case: Case = field(init=False)
    history: History[Case] = field(init=False, repr=False)

    def __post_init__(self, given: model.Case) -> None:
        self.case = given_case(given, what="the desk")
        self.history = History(lambda: self.case, lambda case: self._put(self._keeping(case)))
        if self.case.reading is not None:
            self.draft = self.case.reading.impression
            self.reader = self.reader or self.case.reading.reader

    # entries -----------------------------------------------------------------------------------------------------
    def _change(self, case: Case) -> None:
        self.history.remember()
        self._put(case)

    def _put(self, case: Case) -> None:
        self.case = case
        self.version += 1

    def enter(self, kind: str, values: Mapping[str, Any], index: int | None = None) -> Any:
        """Add an entry typed into a form, or put it in the place of another; returns it."""
        made = part_of(kind, values)
        path = FORMS[kind][1]
        entries = list(_list_of(self.case, path))
        if index is None:
            entries.append(made)
        else:
            check_index(index, len(entries), what=f"entry among {kind}")
            made = entries[index] = keeping(made, entries[index])
        self._change(_with_list(self.case, path, entries))
        return made

    def remove(self, kind: str, index: int) -> None:
        """Take an entry out; undo brings it back."""
        if kind not in FORMS:
            raise InputError("no such kind of entry", got=repr(kind), expected=", ".join(FORMS))
        path = FORMS[kind][1]
        entries = list(_list_of(self.case, path))
        check_index(index, len(entries), what=f"entry among {kind}")
        del entries[index]
        self._change(_with_list(self.case, path, entries))

    def set_head(self, values: Mapping[str, Any]) -> None:
        """Change question, onset or subject."""
        self._change(replace(self.case, **subject_of_fields(self.case, values)))

    def set_mri(self, findings: Sequence[MriFinding]) -> None:
        """Put other MRI findings in the place of those of the case."""
        self._change(replace(self.case, mri=tuple(findings)))

    def take_studies(self, case: model.Case) -> None:
        """Take nerve studies, needle examination and MRI findings from another state of the same case."""
        self._change(replace(self.case, ncs=case.ncs, needle=case.needle, mri=case.mri))

    def undo(self) -> bool:
        """Take the last change of an entry back; what a reader settled stays."""
        return self.history.undo()

    def redo(self) -> bool:
        """Make it again."""
        return self.history.redo()

    def _keeping(self, case: Case) -> Case:
        """An earlier state with what was settled and signed since; which sentences are struck is part of the state."""
        kept = tuple(one for one in self.case.annotations if one.label != STRUCK_LABEL)
        struck = tuple(one for one in case.annotations if one.label == STRUCK_LABEL)
        return replace(case, annotations=(*kept, *struck), reading=self.case.reading)

    # what a reader settles ---------------------------------------------------------------------------------------
    def settle(self, label: str, subject: str, reason: str, reader: str = "") -> Annotation:
        """Keep what a named reader decided, with the reason; it is added, never changed or removed."""
        if label not in SETTLED:
            raise InputError("nothing of this kind can be settled", got=repr(label), expected=", ".join(SETTLED))
        name = self._named(reason, reader)
        note = json.dumps({"about": subject, "reason": reason.strip(), "at": _now()}, ensure_ascii=False)
        made = Annotation(start_s=0.0, label=label, reader=name, note=note, id=secrets.token_hex(6))
        self._put(replace(self.case, annotations=(*self.case.annotations, made)))
        return made

    def _named(self, reason: str, reader: str) -> str:
        """The reader's name, which stays at the desk; refused without one or without a reason."""
        name = (reader or self.reader).strip()
        if not name:
            raise InputError(
                "this needs a named reader", expected="a name or initials", way_out="type them beside the reason"
            )
        if len(reason.strip()) < SHORTEST_REASON:
            raise InputError(
                "this needs a reason", got=repr(reason), expected="a few words that are kept with the case"
            )
        self.reader = name
        return name

    def strike(self, sentence: str, reason: str, *, instead: str = "", reader: str = "") -> Struck:
        """Strike a sentence of the software, with the reason and, where wanted, the reader's words in its place."""
        made = Struck(
            sentence=sentence, reason=reason.strip(), reader=self._named(reason, reader), instead=instead.strip(), at=_now()
        )  # fmt: skip
        others = self._without_struck(sentence)
        self._change(replace(self.case, annotations=(*others, made.annotation(secrets.token_hex(6)))))
        return made

    def restore(self, sentence: str) -> None:
        """Let a struck sentence stand again."""
        if sentence not in {one.sentence for one in self.struck}:
            raise InputError("this sentence is not struck", got=repr(sentence)[:80], expected="one that is")
        self._change(replace(self.case, annotations=self._without_struck(sentence)))

    def _without_struck(self, sentence: str) -> tuple[Annotation, ...]:
        return tuple(
            one for one in self.case.annotations
            if one.label != STRUCK_LABEL or sentence not in {found.sentence for found in struck_of((one,))}
        )  # fmt: skip

    @property
    def struck(self) -> tuple[Struck, ...]:
        """Sentences of the software that a reader struck."""
        return struck_of(self.case.annotations)

    def raise_flags(self, flags: Mapping[str, str]) -> None:
        """Keep that urgent flags were raised, each once: taking their evidence out does not take the banner away."""
        known = self.settled("red_flag_raised")
        new = tuple(
            Annotation(
                start_s=0.0, label="red_flag_raised", status="proposed", id=secrets.token_hex(6),
                note=json.dumps({"about": subject, "reason": words, "at": _now()}, ensure_ascii=False),
            )
            for subject, words in flags.items() if subject not in known
        )  # fmt: skip
        if new:
            self.case = replace(self.case, annotations=(*self.case.annotations, *new))

    def settled(self, label: str) -> dict[str, dict[str, str]]:
        """What was settled under a label: subject -> reader, reason, time; the latest wins."""
        found = {}
        for one in self.case.annotations:
            if one.label == label and one.note.startswith("{"):
                told = json.loads(one.note)
                found[str(told.get("about", ""))] = {
                    "reader": one.reader or "", "reason": str(told.get("reason", "")), "at": str(told.get("at", "")),
                }  # fmt: skip
        return found

    # reading -----------------------------------------------------------------------------------------------------
    def write(self, text: str, reader: str | None = None) -> None:
        """Keep the draft of the conclusion; nothing is signed by it."""
        self.draft = text
        if reader is not None:
            self.reader = reader.strip()

    def fingerprint(self) -> str:
        """Letters that change when an entry of the case changes."""
        document = document_from_case(replace(self.case, annotations=(), reading=None))
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:12]

    def sign(self, *, waived: Sequence[str] = ()) -> Reading:
        """Sign the draft as the reader's conclusion; the case is saved where it has a place.

        Parameters
        ----------
        waived : sequence of str
            Sentences of what stays unanswered; kept as the limits of the reading.
        """
        if not self.reader:
            raise InputError("a signature needs a named reader", expected="a name or initials")
        if not self.draft.strip():
            raise InputError("there is no conclusion to sign", expected="the reader's own words")
        rejected = tuple(one.text for one in self.struck)
        reading = Reading(reader=self.reader, impression=self.draft.strip(), limits=" ".join(waived), rejected=rejected)
        self.settle("signed", self.fingerprint(), self.draft.strip())
        self._put(replace(self.case, reading=reading))
        if self.path is not None:
            self.case.save(self.path)
        return reading

    @property
    def is_signed(self) -> bool:
        """Whether the present draft, entries and struck sentences are those that were signed."""
        reading = self.case.reading
        if reading is None or reading.impression != self.draft.strip():
            return False
        is_same = reading.rejected == tuple(one.text for one in self.struck)
        return is_same and self.fingerprint() in self.settled("signed")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
