"""The sites that a question names, such as the L5 root and the fibular nerve.  Which are named, and whether the tests have parted two."""

from __future__ import annotations

import re

from emgwidgets.model.correlation import BoardRow, Correlation

__all__ = ["asked_rows", "trailing_row"]

#: Share from which the one leads, and below which the other trails so far that the tests have parted them (internal choices).
LEADS, TRAILS = 0.6, 0.05

#: Words of a question -> the word that a row of the board has for it.
SAME = {
    "peroneal": "fibular", "wrist": "carpal", "cts": "carpal", "sciatica": "", "knee": "fibular",
}  # fmt: skip
#: Words of a row that stand in many rows.
COMMON = {"nerve", "root", "common", "head", "trunk", "plexus", "upper", "middle", "lower", "groove", "notch", "tunnel"}


def asked_rows(question: str, rows: tuple[BoardRow, ...]) -> list[BoardRow]:
    """Rows of the board that the question names, in its order; of several rows of one nerve the first.

    Parameters
    ----------
    question : str
        As it was asked, such as ``"Foot drop on the left: L5 root or fibular nerve?"``.
    rows : tuple of BoardRow
    """
    told = [SAME.get(word, word) for word in re.findall(r"[a-z]+\d?", question.lower())]
    found: list[BoardRow] = []
    for word in filter(None, told):
        for row in rows:
            own = set(re.findall(r"[a-z]+\d?", row.words.lower())) - COMMON
            if word in own and row not in found:
                found.append(row)
                break
    return found


def trailing_row(first: BoardRow, second: BoardRow, found: Correlation, side: str) -> BoardRow | None:
    """Return the site that the tests have left behind where they part the two already, else None."""
    share = {one.candidate.code: one.probability for one in found.localisation.explanations}
    behind, ahead = sorted((first, second), key=lambda row: share.get(f"{row.code}.{side}", 0.0))
    leads = share.get(f"{ahead.code}.{side}", 0.0) >= LEADS
    return behind if leads and share.get(f"{behind.code}.{side}", 0.0) < TRAILS else None
