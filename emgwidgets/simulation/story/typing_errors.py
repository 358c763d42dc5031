"""Slips of typing and of scanning in a report, with every span kept: a report of the clinic is not a printed page."""

from __future__ import annotations

import re
from dataclasses import replace

from emgwidgets.errors import InputError
from emgwidgets.simulation.nerve.axons import generator
from emgwidgets.simulation.story.mri_findings import MriExam

__all__ = ["mistyped"]

#: Words long enough to be read with one slip; headings, levels and numbers are left alone.
_WORD = re.compile(r"\b[a-z]{7,}\b")


def mistyped(exam: MriExam, *, slip_share: float, seed: int) -> MriExam:
    """Return the same report with slips in some of its long words.

    Two neighbouring letters change places, or one letter is doubled over the next, so that no span moves.

    Parameters
    ----------
    slip_share : float
        Share of the words of seven letters and more with a slip.
    seed : int
        Chooses the words and the letters.

    Raises
    ------
    InputError
        If the share is not between 0 and 1.
    """
    if not 0.0 <= slip_share <= 1.0:
        raise InputError("the share of mistyped words cannot be used", got=f"{slip_share}", expected="0 to 1")
    rng = generator(seed, "slips", exam.region, exam.style)
    letters = list(exam.text)
    for found in _WORD.finditer(exam.text):
        chosen, swaps, at = rng.random() < slip_share, rng.random() < 0.5, int(rng.integers(1, len(found[0]) - 2))
        if chosen:
            here = found.start() + at
            first, second = letters[here], letters[here + 1]
            letters[here], letters[here + 1] = (second, first) if swaps else (first, first)
    return replace(exam, text="".join(letters))
