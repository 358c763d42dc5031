"""Errors of technique that can be planted in any nerve conduction study, with the signature a reader must recognise."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any

from emgwidgets.errors import InputError
from emgwidgets.simulation.nerve.recording_setup import RecordingSetup
from emgwidgets.simulation.nerve.stimulation import MAX_CURRENT_MA, Pulse
from emgwidgets.simulation.nerve.volley import StimulationPoint

__all__ = ["TechnicalError", "technical_error", "technical_errors"]


@dataclass(frozen=True, kw_only=True)
class TechnicalError:
    """One error of technique.

    Parameters
    ----------
    code, title : str
    signature, remedy : str
        How it shows in the trace, and what to do.
    source, mark : str
    kinds : tuple of str
        Studies it can happen in: motor, sensory, or both.
    setup_changes, pulse_changes, point_changes : mapping
        What it changes; sizes are an internal choice.
    """

    code: str
    title: str
    signature: str
    remedy: str
    source: str
    mark: str
    setup_changes: Mapping[str, float] = field(repr=False)
    pulse_changes: Mapping[str, Any] = field(repr=False)
    point_changes: Mapping[str, float] = field(repr=False)
    kinds: tuple[str, ...] = ("motor", "sensory")

    @property
    def spread_mm(self) -> float:
        """How far the cathode is shifted towards the neighbouring nerve."""
        return float(self.point_changes.get("spread_mm", 0.0))

    def setup(self, setup: RecordingSetup) -> RecordingSetup:
        """Return the setup with this error; a filter error never crosses the other limit of the band."""
        changes = dict(self.setup_changes)
        if (
            changes.get("high_pass_hz", 0.0) >= setup.low_pass_hz
            or changes.get("low_pass_hz", 1e9) <= setup.high_pass_hz
        ):
            return setup
        return replace(setup, **changes)

    def pulse(self, pulse: Pulse) -> Pulse:
        """Return the pulse with this error."""
        changes = dict(self.pulse_changes)
        share = changes.pop("current_share", 1.0)
        return replace(pulse, current_ma=min(pulse.current_ma * share, MAX_CURRENT_MA), **changes)

    def point(self, point: StimulationPoint) -> StimulationPoint:
        """Return the place of the cathode with this error."""
        return replace(point, shift_mm=point.shift_mm + self.point_changes.get("shift_mm", 0.0))


@cache
def _table() -> dict[str, TechnicalError]:
    text = resources.files("emgwidgets.simulation.nerve").joinpath("technical_errors.toml").read_text(encoding="utf-8")
    changed = ("setup", "pulse", "point")
    return {
        code: TechnicalError(
            code=code, **{f"{name}_changes": row.get(name, {}) for name in changed},
            kinds=tuple(row.get("kinds", ("motor", "sensory"))),
            **{name: words for name, words in row.items() if name not in (*changed, "kinds")},
        )
        for code, row in tomllib.loads(text).items()
    }  # fmt: skip


def technical_errors(kind: str | None = None) -> tuple[str, ...]:
    """Codes of all errors of technique, or of those of motor or sensory studies."""
    return tuple(code for code, error in _table().items() if kind is None or kind in error.kinds)


def technical_error(code: str, kind: str | None = None) -> TechnicalError:
    """Return one error of technique.

    Raises
    ------
    InputError
        If there is no such error, or none of it in this kind of study.
    """
    if code not in technical_errors(kind):
        known = ", ".join(technical_errors(kind))
        raise InputError(
            f"no such error of technique in a {kind or 'nerve'} study", got=repr(code), expected=f"one of {known}"
        )
    return _table()[code]
