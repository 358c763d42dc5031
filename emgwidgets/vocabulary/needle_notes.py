"""What an examiner should know before the needle goes in: cautions of a muscle, and from when on fibrillations can be expected.

Facts with their source and mark; it judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from emgwidgets.sources import Mark
from emgwidgets.vocabulary.innervation import muscle
from emgwidgets.vocabulary.lookup import read_table, words

__all__ = ["FibrillationTiming", "NeedleCaution", "fibrillation_timing", "needle_cautions"]


@dataclass(frozen=True, kw_only=True)
class NeedleCaution:
    """One caution with its source."""

    text: str
    source: str
    mark: Mark


@dataclass(frozen=True, kw_only=True)
class FibrillationTiming:
    """Days after the loss of an axon from which fibrillations come (``first_days``) and by which they are usual."""

    words: str
    first_days: float
    usual_days: float
    source: str
    mark: Mark


@cache
def _cautions() -> tuple[tuple[tuple[str, ...], NeedleCaution], ...]:
    return tuple(
        (words(row["muscles"]), NeedleCaution(text=row["caution"], source=row["source"], mark=Mark(row["mark"])))
        for row in read_table("needle_cautions.csv")
    )


def needle_cautions(code: str) -> tuple[NeedleCaution, ...]:
    """Cautions of a muscle by its code or name; empty when none is on record, which does not make it safe.

    Raises
    ------
    InputError
        If there is no such muscle.
    """
    wanted = muscle(code).code
    return tuple(caution for muscles, caution in _cautions() if wanted in muscles)


def fibrillation_timing(code: str) -> FibrillationTiming | None:
    """When fibrillations can be expected in a muscle; None where no source says so.

    Raises
    ------
    InputError
        If there is no such muscle.
    """
    region = muscle(code).region
    for row in read_table("needle_timing.csv"):
        if region in words(row["regions"]):
            return FibrillationTiming(
                words=row["words"], first_days=float(row["first_days"]), usual_days=float(row["usual_days"]),
                source=row["source"], mark=Mark(row["mark"]),
            )  # fmt: skip
    return None
