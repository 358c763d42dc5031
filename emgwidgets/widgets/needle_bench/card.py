"""The card of a muscle: nerve, path, roots, how to activate it, cautions, and what its silence means on this day."""

from __future__ import annotations

from typing import Any

from emgwidgets import vocabulary
from emgwidgets.vocabulary.lookup import read_table, words
from emgwidgets.vocabulary.needle_notes import fibrillation_timing, needle_cautions

__all__ = ["card_state", "muscle_list"]


def muscle_list(codes: tuple[str, ...]) -> list[dict[str, Any]]:
    """Every muscle on offer with the names it can be found by."""
    aliases = {row["code"]: words(row["aliases"]) for row in read_table("muscles.csv")}
    known = vocabulary.muscles()
    return [
        {"code": code, "name": known[code].name, "region": known[code].region, "aliases": list(aliases.get(code, ()))}
        for code in codes
    ]


def card_state(code: str, *, days_since_onset: float | None) -> dict[str, Any]:
    """The card as plain values; unverified facts say so."""
    one = vocabulary.muscle(code)
    weights: dict[str, int] = {}
    for pathway in one.pathways:
        weights[pathway.root] = max(pathway.weight, weights.get(pathway.root, 0))
    ordered = sorted(weights.items(), key=lambda item: -item[1])
    cautions = needle_cautions(one.code)
    return {
        "name": one.name, "nerve": one.nerve_text, "path": one.path_text.replace(" -> ", " › "),
        "roots": [{"root": root, "weight": weight} for root, weight in ordered], "activate": one.action,
        "source": f"{', '.join(one.source)}{f', {one.mark.word}' if one.mark.word else ''}",
        "cautions": [
            {"text": note.text, "source": f"{note.source}{f', {note.mark.word}' if note.mark.word else ''}"} for note in cautions
        ],
        "timing": _timing(one.code, days_since_onset),
    }  # fmt: skip


def _timing(code: str, days: float | None) -> str:
    """What a quiet muscle means on this day; empty when the day is not known or long enough ago."""
    timing = fibrillation_timing(code)
    if timing is None or days is None or days >= timing.usual_days:
        return ""
    known = f"{timing.source}{f', {timing.mark.word}' if timing.mark.word else ''}"
    first, usual = timing.first_days, timing.usual_days
    return (
        f"Day {days:g}: {timing.words} show fibrillations only from about day {first:g} to {usual:g} ({known}). "
        "A quiet muscle is not yet a normal one."
    )
