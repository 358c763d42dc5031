"""Two sites side by side: those the question names, else the likeliest and its nearest rival of another kind.  It judges nothing."""

from __future__ import annotations

import re
from typing import Any

from emgwidgets.model.correlation import BoardRow, Cell, Correlation, EvidenceItem

__all__ = ["versus_state"]

#: Findings shown for each site and way; tests told first, as they are what a study adds (internal choices).
SHOWN, SHOWN_MISSING = 3, 4
COLUMN_ORDER = ("emg", "ncs", "mri", "examination", "symptoms")
#: Words of a question -> the word that a row of the board has for it.
SAME = {
    "peroneal": "fibular", "wrist": "carpal", "cts": "carpal", "sciatica": "", "knee": "fibular",
}  # fmt: skip
#: Words of a row that stand in many rows.
COMMON = {"nerve", "root", "common", "head", "trunk", "plexus", "upper", "middle", "lower", "groove", "notch", "tunnel"}


def _asked(question: str, rows: tuple[BoardRow, ...]) -> list[BoardRow]:
    """Rows that the question names, in its order; of several rows of one nerve the first."""
    told = [SAME.get(word, word) for word in re.findall(r"[a-z]+\d?", question.lower())]
    found: list[BoardRow] = []
    for word in filter(None, told):
        for row in rows:
            own = set(re.findall(r"[a-z]+\d?", row.words.lower())) - COMMON
            if word in own and row not in found:
                found.append(row)
                break
    return found


def _chosen(question: str, found: Correlation, side: str) -> list[BoardRow]:
    """Two rows: asked ones first, then by rank, the second of another kind than the first where there is one."""
    rows = {row.code: row for row in found.board}
    ranked = [
        rows[code] for one in found.localisation.explanations
        for code, _, of in [one.candidate.code.rpartition(".")] if of == side and code in rows
    ]  # fmt: skip
    made = _asked(question, found.board)[:2]
    for row in ranked:
        if len(made) == 0 and row not in made:
            made.append(row)
    if len(made) == 1:
        others = [row for row in (*ranked, *found.board) if row is not made[0]]
        made += sorted(others, key=lambda row: row.kind == made[0].kind)[:1]
    return made


def _items(cells: tuple[Cell, ...], state: str) -> list[EvidenceItem]:
    """Findings of one way that carry weight of their own, those of the tests first, the strongest of each first."""
    items = [one for cell in cells for one in cell.items if one.state == state and one.weight]
    return sorted(items, key=lambda one: (COLUMN_ORDER.index(one.column), -abs(one.weight)))


def _told(items: list[EvidenceItem]) -> list[dict[str, str]]:
    return [{"column": one.column, "sentence": one.sentence, "bearing": one.bearing} for one in items[:SHOWN]]


def _site(row: BoardRow, found: Correlation, side: str) -> dict[str, Any]:
    cells = row.left if side == "left" else row.right
    known = next((one for one in found.localisation.explanations if one.candidate.code == f"{row.code}.{side}"), None)
    pro, contra = _items(cells, "supports"), _items(cells, "against")
    missing = list(dict.fromkeys(name for cell in cells for name in cell.not_tested))
    return {
        "code": row.code, "words": row.words, "for": _told(pro), "n_for": len(pro), "against": _told(contra), "n_against": len(contra),
        "not_tested": missing[:SHOWN_MISSING], "n_not_tested": len(missing),
        "range": [known.probability, known.low, known.high] if known else None,
    }  # fmt: skip


def versus_state(question: str, found: Correlation) -> dict[str, Any]:
    """Two sites of the side of the complaint with what supports, what speaks against and what was not tested.

    Parameters
    ----------
    question : str
        What was asked; sites that it names are the ones that are compared.
    found : Correlation

    Returns
    -------
    dict
        Empty list of sites where the side is not known or the board has fewer than two rows.
    """
    side = found.complaint_side
    rows = _chosen(question, found, side) if side in {"left", "right"} else []
    n_listed = len(found.localisation.explanations)
    sites = [_site(row, found, side) for row in rows] if len(rows) == 2 else []
    return {"side": side, "sites": sites, "n_listed": n_listed, "is_asked": len(_asked(question, found.board)) >= 2}
