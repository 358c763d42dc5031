"""The longest step of an inching study beside the published jump, where a source gives one for the nerve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from emgwidgets.model.measure import Measure

__all__ = ["INCHING_JUMPS", "InchingJump", "InchingVerdict", "judge_inching"]


@dataclass(frozen=True, kw_only=True)
class InchingJump:
    """A published jump in ms per cm: below ``low`` it is none, above ``high`` it is one, between them it stays open."""

    low_ms_per_cm: float
    high_ms_per_cm: float
    source: str
    mark: str


#: By trunk.  Ulnar at the elbow: a jump of more than 0.4 to 0.5 ms per cm.
INCHING_JUMPS = {"ulnar": InchingJump(low_ms_per_cm=0.4, high_ms_per_cm=0.5, source="ncs.S68", mark="V")}


@dataclass(frozen=True, kw_only=True)
class InchingVerdict:
    """What the longest step says; no diagnosis."""

    answer: Literal["met", "not_met", "cannot_be_judged"]
    words: str
    per_cm_ms: float | None = None
    from_mm: float | None = None
    to_mm: float | None = None
    source: str = ""


def judge_inching(steps: Sequence[tuple[float, float, Measure]], *, nerve: str) -> InchingVerdict:
    """Hold the steepest step of an inching study against the published jump of its nerve.

    Parameters
    ----------
    steps : sequence of (from_mm, to_mm, latency step in ms)
    nerve : str
        Such as ``"ulnar"``.
    """
    if not steps:
        return InchingVerdict(
            answer="cannot_be_judged", words="Cannot be judged: fewer than two places with a response."
        )
    start, end, step = max(steps, key=lambda one: one[2].value / (one[1] - one[0]))
    per_cm = 10.0 * step.value / (end - start)
    found = partial(InchingVerdict, per_cm_ms=per_cm, from_mm=start, to_mm=end)
    where = f"{per_cm:.2f} ms per cm from {start:.0f} to {end:.0f} mm"
    jump = INCHING_JUMPS.get(nerve)
    if jump is None:
        return found(
            answer="cannot_be_judged",
            words=f"Steepest {where}; no published jump for this nerve is known here.",
        )
    limits = f"{jump.low_ms_per_cm:g} to {jump.high_ms_per_cm:g} ms per cm ({jump.source})"
    low, high = (10.0 * edge / (end - start) for edge in (step.low if step.low is not None else step.value,
                                                          step.high if step.high is not None else step.value))  # fmt: skip
    if low > jump.high_ms_per_cm:
        return found(answer="met", words=f"A jump: {where}, above {limits}.", source=jump.source)
    if high < jump.low_ms_per_cm:
        return found(answer="not_met", words=f"No jump: at most {where}, below {limits}.", source=jump.source)
    return found(
        answer="cannot_be_judged", source=jump.source,
        words=f"Cannot be judged: steepest {where}, within its uncertainty of {limits}.",
    )  # fmt: skip
