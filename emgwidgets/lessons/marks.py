"""Holds a learner's marks against the truth and says what decides; it measures no waveform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emgwidgets.model.signal import Annotation

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MarkComparison", "compare_marks", "latency_feedback", "rate_feedback"]

#: Share of the shorter stretch two marks must have in common to be about the same thing; internal choice, so that a mark
#: placed by eye a little off still counts.
OVERLAP_SHARE = 0.3
#: How far from a measured rate a learner's rate may be; internal choice: 10 %, two cursors placed by eye.
RATE_TOLERANCE_PERCENT = 10.0
#: Kind of response and letter of the marker -> tolerance and gross error in ms (curriculum, section 4; internal choice).
LATENCY_TOLERANCE_MS = {("motor", "O"): (0.15, 0.3), ("sensory", "O"): (0.10, 0.3), ("sensory", "P"): (0.05, 0.3)}
LETTER_WORDS = {"O": "onset", "P": "peak"}


@dataclass(frozen=True, kw_only=True)
class MarkComparison:
    """What was found, taken for something else, missed, and marked where there is nothing.

    Each row is one sentence; ``n_found`` counts right place and right label.
    """

    n_found: int
    n_truth: int
    rows: tuple[tuple[str, str, str], ...]
    """(place, verdict, sentence) in order of time."""

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a table."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=["place", "verdict", "why"])

    def __str__(self) -> str:
        lines = [f"{self.n_found} of {self.n_truth} found"]
        lines += [f"{place:>16}  {verdict:<12} {sentence}" for place, verdict, sentence in self.rows]
        return "\n".join(lines)


def _overlap_share(mark: Annotation, truth: Annotation) -> float:
    """Share of the shorter stretch that both have in common; a point inside a stretch counts as 1."""
    shared_s = min(mark.end_s, truth.end_s) - max(mark.start_s, truth.start_s)
    shorter_s = min(mark.duration_s, truth.duration_s)
    if shorter_s == 0:
        return 1.0 if shared_s >= 0 else 0.0
    return max(shared_s, 0.0) / shorter_s


def compare_marks(marks: Sequence[Annotation], truth: Sequence[Annotation]) -> MarkComparison:
    """Compare marks with the truth, one to one, best overlap first.

    Parameters
    ----------
    marks : sequence of Annotation
        The learner's marks.
    truth : sequence of Annotation
        What is there; ``note`` says what decides and is shown as feedback.

    Returns
    -------
    MarkComparison
    """
    pairs = sorted(
        ((_overlap_share(mark, one), m, t) for m, mark in enumerate(marks) for t, one in enumerate(truth)), reverse=True
    )
    mark_of: dict[int, int] = {}
    for share, m, t in pairs:
        if share >= OVERLAP_SHARE and t not in mark_of and m not in mark_of.values():
            mark_of[t] = m
    rows: list[tuple[float, str, str, str]] = []
    n_found = 0
    for t, one in enumerate(truth):
        place = f"{one.start_s:.2f}-{one.end_s:.2f} s"
        if t not in mark_of:
            rows.append((one.start_s, place, "not marked", f"{one.label}: {one.note}"))
        elif marks[mark_of[t]].label.strip().lower() == one.label:
            n_found += 1
            rows.append((one.start_s, place, "found", f"{one.label}: {one.note}"))
        else:
            taken = marks[mark_of[t]].label
            rows.append((one.start_s, place, "other label", f"marked {taken}; it is {one.label}: {one.note}"))
    for m, mark in enumerate(marks):
        if m not in mark_of.values():
            place = f"{mark.start_s:.2f}-{mark.end_s:.2f} s"
            rows.append(
                (
                    mark.start_s,
                    place,
                    "nothing here",
                    f"marked {mark.label}; the recording holds nothing of the kind here",
                )
            )
    return MarkComparison(
        n_found=n_found,
        n_truth=len(truth),
        rows=tuple((place, verdict, why) for _, place, verdict, why in sorted(rows)),
    )


def rate_feedback(cursors_s: Sequence[float | None], event_times_s: Sequence[float]) -> str:
    """Say how a learner's two cursors fit the discharges between them.

    Parameters
    ----------
    cursors_s : sequence of two floats or None
        Times of the cursors A and B, in seconds.
    event_times_s : sequence of float
        True times of the discharges of one fibre, in seconds.

    Returns
    -------
    str
        One or two sentences: the measured value, what it was held against, what to try.
    """
    times_s = sorted(event_times_s)
    first, second = (*cursors_s, None, None)[:2]
    if first is None or second is None or first == second:
        return "Two cursors are needed. Press A on one discharge and B on the next of the same kind."
    low_s, high_s = min(first, second), max(first, second)
    rate_per_s = 1.0 / (high_s - low_s)
    nearest = [min(times_s, key=lambda time_s: abs(time_s - cursor)) for cursor in (low_s, high_s)]
    n_between = sum(nearest[0] < time_s < nearest[1] for time_s in times_s)
    if nearest[0] == nearest[1]:
        return f"A and B are {high_s - low_s:.3f} s apart and lie on the same discharge. Move B to the next one."
    if n_between:
        return f"Between A and B are {n_between} more of the same discharge: {rate_per_s:.1f}/s is {n_between + 1} intervals. Take neighbours."
    true_per_s = 1.0 / (nearest[1] - nearest[0])
    off_percent = 100.0 * (rate_per_s / true_per_s - 1.0)
    verdict = (
        "as it is"
        if abs(off_percent) <= RATE_TOLERANCE_PERCENT
        else "off: put the cursors on the same point of both spikes"
    )
    return f"A to B: {rate_per_s:.1f}/s. The fibre fired at {true_per_s:.1f}/s here: {verdict}."


def latency_feedback(kind: str, letter: str, placed_ms: float, true_ms: float, *, half_ms: float | None = None) -> str:
    """Say how a marker fits the truth.

    Parameters
    ----------
    kind : {"motor", "sensory"}
    letter : str
        ``"O"``, or ``"P"`` of a sensory response; others have no tolerance and give an empty text.
    placed_ms, true_ms : float
    half_ms : float, optional
        Half width of the 90 % interval that the noise leaves; taken as tolerance where it is larger.

    Returns
    -------
    str
        Such as ``"onset 3.61 ms, true 3.43: 0.18 ms late (tolerance 0.15); ..."``.
    """
    if (kind, letter) not in LATENCY_TOLERANCE_MS:
        return ""
    tolerance_ms, gross_ms = LATENCY_TOLERANCE_MS[kind, letter]
    tolerance_ms = max(tolerance_ms, half_ms or 0.0)
    off_ms = placed_ms - true_ms
    said = f"{LETTER_WORDS[letter]} {placed_ms:.2f} ms, true {true_ms:.2f}: {off_ms:+.2f} ms"
    if abs(off_ms) <= tolerance_ms:
        return f"{said}, within {tolerance_ms:.2f}"
    size = "far outside" if abs(off_ms) > max(gross_ms, tolerance_ms) else "outside"
    if letter == "P":
        why = "the peak is the highest point of the negative phase; average more if the noise moves it"
    elif off_ms > 0:
        why = "this is on the slope; raise the sensitivity and look where the trace first leaves the baseline"
    else:
        why = "the trace is still at its baseline here; noise or artefact was taken for the onset"
    return f"{said}, {size} {tolerance_ms:.2f}: {why}"
