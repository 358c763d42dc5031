"""Two sites side by side: those the question names, else the likeliest and its nearest rival of another kind.  It judges nothing."""

from __future__ import annotations

from typing import Any

from emgwidgets.interpretation.correlation.asked import asked_rows, trailing_row
from emgwidgets.model.correlation import BoardRow, Cell, Correlation, EvidenceItem
from emgwidgets.model.localisation import Explanation

__all__ = ["versus_state"]

#: Findings shown for each site and way; tests told first, as they are what a study adds (internal choices).
SHOWN, SHOWN_MISSING = 4, 4
#: Least probability of a rival of another kind (internal choice, as what correlation lists).
LIVE = 0.05
COLUMN_ORDER = ("emg", "ncs", "mri", "examination", "symptoms")


def _has_mri(row: BoardRow, side: str) -> bool:
    return row.cell("mri", side).n_supports > 0


def _chosen(question: str, found: Correlation, side: str) -> list[BoardRow]:
    """Two rows: those the question names, else the likeliest and its rival.

    The rival is the root that the MRI shows where it is another one, else the likeliest of another kind that is live, else
    the next in rank.
    """
    rows = {row.code: row for row in found.board}
    share = {
        code: one.probability for one in found.localisation.explanations
        for code, _, of in [one.candidate.code.rpartition(".")] if of == side and code in rows
    }  # fmt: skip
    ranked = [rows[code] for code in share]
    made = (asked_rows(question, found.board)[:2] or ranked[:1])[:2]
    if len(made) != 1:
        return made
    first = made[0]
    others = [row for row in (*ranked, *(row for row in found.board if row.code not in share)) if row is not first]

    def order(row: BoardRow) -> tuple[bool, bool]:
        is_live_other = row.kind != first.kind and share.get(row.code, 0.0) >= LIVE
        return (not (_has_mri(row, side) and not _has_mri(first, side)), not is_live_other)

    return [first, *sorted(others, key=order)[:1]]


def _items(cells: tuple[Cell, ...], state: str) -> list[EvidenceItem]:
    """Findings of one way that carry weight of their own, those of the tests first, the strongest of each first."""
    items = [one for cell in cells for one in cell.items if one.state == state and one.weight]
    return sorted(items, key=lambda one: (COLUMN_ORDER.index(one.column), -abs(one.weight)))


def _told(items: list[EvidenceItem]) -> list[dict[str, str]]:
    shown = items[:SHOWN]
    picture = next((one for one in items[SHOWN:] if one.column == "mri"), None)
    if picture is not None:  # what the MRI says of a site is never among "and more"
        shown = [*shown[: SHOWN - 1], picture]
    return [{"column": one.column, "sentence": one.sentence, "bearing": one.bearing} for one in shown]


def _slightly_against(cells: tuple[Cell, ...], known: Explanation | None) -> list[dict[str, str]]:
    """Findings that the ranking counts against a site although the board calls them silent, with what was expected."""
    silent = {_test_of(one.finding): one for cell in cells for one in cell.items if one.state == "silent"}
    made = []
    for one in known.against if known else ():
        item = silent.get(_test_of(one.names[0])) if one.names else None
        if item is not None:
            share = f"{100 * one.expected:.0f} % of such lesions would be abnormal here"
            made.append({"column": item.column, "sentence": item.sentence, "bearing": f"counts slightly: {share}"})
    return made


def _test_of(finding: str) -> str:
    """Kind, study and side of a finding by its name."""
    return ".".join(finding.split(".")[:3])


def _site(row: BoardRow, found: Correlation, side: str) -> dict[str, Any]:
    cells = row.left if side == "left" else row.right
    known = next((one for one in found.localisation.explanations if one.candidate.code == f"{row.code}.{side}"), None)
    pro, contra, slight = _items(cells, "supports"), _items(cells, "against"), _slightly_against(cells, known)
    missing = list(dict.fromkeys(name for cell in cells for name in cell.not_tested))
    return {
        "code": row.code, "words": row.words, "for": _told(pro), "n_for": len(pro),
        "against": [*_told(contra), *slight][:SHOWN], "n_against": len(contra) + len(slight),
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
    behind = trailing_row(rows[0], rows[1], found, side) if sites else None
    return {
        "side": side, "sites": sites, "n_listed": n_listed, "is_asked": len(asked_rows(question, found.board)) >= 2,
        "behind": behind.words if behind else "",
    }  # fmt: skip
