"""The sites that a question names, such as the L5 root and the fibular nerve.  It finds words; it judges nothing."""

from __future__ import annotations

import re

from emgwidgets.model.correlation import BoardRow

__all__ = ["asked_rows"]

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
