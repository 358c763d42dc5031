"""Insertional activity: how long it outlasts the needle, and its name by the 300 ms rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.analysis.needle._rest_events import Conditioned, events_of
from emgwidgets.errors import InputError
from emgwidgets.model.needle_rest import CANNOT_TELL, Insertion, Naming

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["INCREASED_MS", "measure_insertions", "summarise_insertions"]

INCREASED_MS = 300.0  # needle.md section 1, Preston & Shapiro [M]
# Internal choices (P), each with its reason.
PAUSE_S = 0.15  # a longer silence ends the activity
UNSURE_MS = 40.0  # nearer to the limit than one window the length does not decide
FEW = 14  # a needle that moves in living muscle makes a dozen fibres fire several times
STANDS_OUT_NOISE = 7.0  # baseline to peak over the noise: what the eye counts at a glance
TAIL_S = 0.5  # the last part of the stretch, where the activity at rest is taken from


def measure_insertions(
    found: Conditioned, insertions_s: Sequence[tuple[float, float]], start_s: float
) -> tuple[Insertion, ...]:
    """Length and size of what each needle movement calls up.

    Parameters
    ----------
    found : Conditioned
        The stretch.
    insertions_s : sequence of (start, stop)
        Movement of the needle on the clock of the trace, in order.
    start_s : float
        Time of the first sample.
    """
    if not insertions_s:
        return ()
    rate, length_s = found.rate_hz, len(found.fast_uv) / found.rate_hz
    at_s = events_of(found, threshold_factor=STANDS_OUT_NOISE) / rate
    moves = [(a - start_s, b - start_s) for a, b in insertions_s]
    for a, b in moves:
        if not 0 <= a < b <= length_s:
            raise InputError(
                "a needle movement lies outside the stretch", got=f"{a + start_s:g} to {b + start_s:g} s",
                expected=f"start before stop, within {start_s:g} to {start_s + length_s:g} s",
            )  # fmt: skip
    made = []
    for number, (a, b) in enumerate(moves):
        next_s = moves[number + 1][0] if number + 1 < len(moves) else length_s
        own = at_s[(at_s >= a) & (at_s < next_s)]
        tail = ((own >= next_s - TAIL_S).sum() / TAIL_S) if next_s - b > 2 * TAIL_S else 0.0
        end = _end_s(own, b, tail)
        piece = found.fast_uv[int(a * rate) : max(int(b * rate), int(a * rate) + 1)]
        n = int(((own >= a) & (own <= b + INCREASED_MS / 1000)).sum() - tail * (b + INCREASED_MS / 1000 - a))
        made.append(Insertion(
            start_s=a + start_s, stop_s=b + start_s, end_s=end + start_s, during_uv=float(np.ptp(piece)), is_stated=True,
            naming=_name(1000 * max(end - b, 0.0), n, next_s - b),
        ))  # fmt: skip
    return tuple(made)


def _end_s(own_s: NDArray[np.float64], stop_s: float, rest_per_s: float) -> float:
    """Last discharge before a pause; discharges that go on at the rate of the rest do not count."""
    after = own_s[own_s >= stop_s]
    if not len(after):
        return stop_s
    gaps = np.diff(np.concatenate([[stop_s], after]))
    limit = PAUSE_S if rest_per_s == 0 else min(PAUSE_S, 0.5 / rest_per_s)
    long = np.flatnonzero(gaps > limit)
    last = int(long[0]) if len(long) else len(after)
    return float(after[last - 1]) if last else stop_s


def _name(after_ms: float, n: int, room_s: float) -> Naming:
    said = (f"ended {after_ms:.0f} ms after the needle stopped: limit {INCREASED_MS:g} ms [Preston & Shapiro M]",
            f"{n} discharges by the movement: few below {FEW} [internal choice P]")  # fmt: skip
    if room_s * 1000 < INCREASED_MS + UNSURE_MS:
        reason = "The trace or the next movement ends before the activity can be seen to stop."
        return Naming(code=CANNOT_TELL, confidence=0.0, evidence=said, reason=reason)
    if abs(after_ms - INCREASED_MS) < UNSURE_MS:
        return Naming(code=CANNOT_TELL, confidence=0.0, evidence=said, reason="The length lies too close to the limit.")
    if after_ms > INCREASED_MS:
        return Naming(code="insertional_increased", confidence=min(after_ms / (2 * INCREASED_MS), 1.0), evidence=said)
    if n < FEW:
        return Naming(code="insertional_decreased", confidence=min(1.5 - n / FEW, 1.0), evidence=said)
    return Naming(code="insertional_normal", confidence=min(1.0, 2 - after_ms / INCREASED_MS), evidence=said)


def summarise_insertions(moved: Sequence[Insertion]) -> Naming:
    """One name for several movements: by the middle length, unless they disagree too much.

    Raises
    ------
    InputError
        If there is no movement.
    """
    if not moved:
        raise InputError("there is no needle movement to summarise", expected="one or more")
    codes = [one.naming.code for one in moved]
    best = max(set(codes), key=lambda code: (codes.count(code), code != CANNOT_TELL))
    share = codes.count(best) / len(codes)
    said = tuple(f"{one.start_s:.2f} s: {one.naming.evidence[0]}; {one.naming.evidence[1]}" for one in moved)
    if best == CANNOT_TELL or share <= 0.5 < len(codes) / 2:
        reason = "The movements of the needle do not agree: " + ", ".join(codes) + "."
        return Naming(code=CANNOT_TELL, confidence=0.0, evidence=said, reason=reason)
    mean = float(np.mean([one.naming.confidence for one in moved if one.naming.code == best]))
    return Naming(code=best, confidence=round(mean * share, 3), evidence=said)
