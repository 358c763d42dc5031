"""Whether a ramp shows that a response was supramaximal: how much it still grew for at least 20 % more current."""

from __future__ import annotations

from collections.abc import Sequence

from emgwidgets.analysis.ncs.technique import rule_limit

__all__ = ["STEP_UP", "is_plateau", "plateau_rise_percent"]

#: The clinical step: 20 % more current must add nothing (ncs section 7, M).
STEP_UP = 1.2


def plateau_rise_percent(
    current_ma: float | None, amplitude: float | None, others: Sequence[tuple[float | None, float | None]]
) -> float | None:
    """Growth to a response from the strongest stimulus that was at least 20 % weaker.

    Parameters
    ----------
    current_ma, amplitude : float or None
        Of the response that is judged; the amplitude in any unit, None where there is no response.
    others : sequence of (current_ma, amplitude)
        Stimuli of the same site under the same settings, amplitudes in the same unit.

    Returns
    -------
    float or None
        Percent of the weaker response; None when no weaker stimulus gave a response to compare with.
    """
    if current_ma is None or amplitude is None:
        return None
    weaker = [
        (current, size)
        for current, size in others
        if current is not None and size is not None and size > 0 and current * STEP_UP <= current_ma + 1e-9
    ]
    return 100.0 * (amplitude / max(weaker)[1] - 1.0) if weaker else None


def is_plateau(rise_percent: float | None) -> bool | None:
    """Whether a growth is within the limit of the rule on submaximal stimuli; None when there is no growth to judge."""
    return None if rise_percent is None else abs(rise_percent) <= rule_limit("submaximal")
