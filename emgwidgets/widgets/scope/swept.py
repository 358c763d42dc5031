"""Triggered sweeps of a scope, as its users call them and as the knobs of the browser set them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emgwidgets.acquisition.sweeps import SweepCollector, SweepCounts, SweepSettings
from emgwidgets.acquisition.triggers import FreeRun, MarkTrigger, ThresholdTrigger, Trigger
from emgwidgets.errors import InputError
from emgwidgets.model.signal import Sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from emgwidgets.widgets.scope.desk import ScopeDesk

__all__ = ["Swept"]

N_KEPT = 400


class Swept:
    """What the scope cuts and averages."""

    _info: Any
    _trigger: Any
    channel: Any

    _opened: Callable[[], ScopeDesk]  # of the widget

    # sweeps ------------------------------------------------------------------------------------------------------
    def trigger(
        self, trigger: Trigger | None, *, channel: str | None = None, before_ms: float = 5.0, after_ms: float = 45.0,
        reject_above_uv: float | None = None, blank_ms: float = 0.0, n_kept: int = N_KEPT,
    ) -> None:  # fmt: skip
        """Collect and average sweeps at a trigger; None ends it.

        Parameters
        ----------
        trigger : ThresholdTrigger, MarkTrigger, FreeRun or None
        channel : str, optional
            Channel of the sweeps; the selected one when left out.
        before_ms, after_ms : float
            Length before the trigger (delay line) and after it.
        reject_above_uv : float, optional
            Sweeps beyond it are rejected as artefacts.
        blank_ms : float
            Time after the trigger that rejection does not look at.
        n_kept : int
            Single sweeps that are held; the average takes all.
        """
        settings = SweepSettings(
            channel=channel or self._info["channels"][self.channel]["name"], before_ms=before_ms, after_ms=after_ms,
            reject_above_uv=reject_above_uv, blank_ms=blank_ms, n_kept=n_kept,
        )  # fmt: skip
        self._collect(trigger, settings)

    def clear_sweeps(self) -> None:
        """Begin the average anew."""
        self._opened().clear_sweeps()

    @property
    def sweep_counts(self) -> SweepCounts:
        """Sweeps accepted, rejected and broken by a gap."""
        return self._collector().counts

    @property
    def sweeps(self) -> tuple[Sweep, ...]:
        """Accepted sweeps, the last ``n_kept``."""
        return self._collector().sweeps

    def average(self) -> Sweep | None:
        """Average of all accepted sweeps of raw samples; None before the first."""
        return self._collector().average()

    def _collector(self) -> SweepCollector:
        collector = self._opened().collector
        if collector is None:
            raise InputError("no sweeps are collected", way_out="set a trigger with scope.trigger(...)")
        return collector

    def _collect(self, trigger: Trigger | None, settings: SweepSettings, asked: dict[str, Any] | None = None) -> None:
        """Collect sweeps and tell the browser; ``asked`` names the request, so that a view knows an old answer."""
        self._opened().trigger(trigger, settings)
        self._trigger = {**_described(trigger, settings), **(asked or {})}

    def _set_trigger(self, content: dict[str, Any]) -> None:
        """Turn the knobs of the triggered pane into a trigger."""
        if content.get("source") == "off":
            self.trigger(None)
            return
        names = [channel["name"] for channel in self._info["channels"]]
        after_ms = float(content["after_ms"])
        makers: dict[str, Any] = {
            "threshold": lambda: ThresholdTrigger(
                channel=names[int(content["watched"])], level_uv=float(content["level"]), edge=content["edge"],
                holdoff_ms=float(content.get("holdoff_ms") or 0.0),
            ),
            "stimulus": MarkTrigger, "marker": lambda: MarkTrigger(label=str(content.get("label") or "")),
            "free": lambda: FreeRun(period_ms=after_ms),
        }  # fmt: skip
        if content["source"] not in makers:
            raise InputError("no such trigger", got=repr(content["source"]), expected=", ".join(makers))
        limit = content.get("reject_above")
        settings = SweepSettings(
            channel=names[int(content["channel"])], before_ms=float(content["before_ms"]), after_ms=after_ms,
            reject_above_uv=None if not limit else float(limit), blank_ms=float(content.get("blank_ms") or 0.0),
            n_kept=N_KEPT,
        )  # fmt: skip
        asked: dict[str, Any] = {name: content[name] for name in ("view", "asked") if name in content}
        self._collect(makers[content["source"]](), settings, asked)


def _described(trigger: Trigger | None, settings: SweepSettings) -> dict[str, Any]:
    """A trigger and its sweeps as the knobs of the browser show them."""
    if trigger is None:
        return {}
    told: dict[str, Any] = {
        "channel": settings.channel, "before_ms": settings.before_ms, "after_ms": settings.after_ms,
        "reject_above": settings.reject_above_uv, "blank_ms": settings.blank_ms,
    }  # fmt: skip
    if isinstance(trigger, ThresholdTrigger):
        return {**told, "source": "threshold", "watched": trigger.channel or settings.channel, "level": trigger.level_uv,
                "edge": trigger.edge, "holdoff_ms": trigger.holdoff_ms}  # fmt: skip
    if isinstance(trigger, MarkTrigger):
        return {**told, "source": "stimulus" if trigger.label is None else "marker", "label": trigger.label or ""}
    return {**told, "source": "free"}
