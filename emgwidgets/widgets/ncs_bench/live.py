"""A live device as a source of the bench: a sweep is what follows the next stimulus on a channel that is being recorded."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from emgwidgets import vocabulary
from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.sweeps import SweepCollector, SweepSettings
from emgwidgets.acquisition.triggers import MarkTrigger, Trigger
from emgwidgets.errors import EmgError, InputError
from emgwidgets.model.case import Subject
from emgwidgets.model.signal import RecordingSettings, Side, Sweep
from emgwidgets.widgets.ncs_bench.source import Knobs, StudyInfo
from emgwidgets.widgets.ncs_bench.virtual import known_studies

if TYPE_CHECKING:
    from emgwidgets.acquisition.protocols import ChannelInfo

__all__ = ["LiveSource"]

POLL_S = 0.005


@dataclass(kw_only=True)
class LiveSource:
    """Sweeps of a device that runs.

    A device is only listened to: the stimulator is in the examiner's hand, its trigger or marker starts the sweep, and the
    examiner tells the bench the site.  A device that takes orders for a stimulus, such as the virtual patient, is given the
    current of the knob.

    Parameters
    ----------
    engine : Engine
        Started by the source where it is not running.
    channel : str, optional
        What is recorded from; the first channel when left out.
    trigger : Trigger, optional
        What a stimulus is; every stimulus mark of the device when left out.
    subject : Subject, optional
    distances_mm : mapping of site to float, optional
        From the cathode to the active electrode.
    skin_temperature_degc : float, optional
        As measured.
    before_ms, after_ms : float
        Length of a sweep around its stimulus.
    timeout_s : float
        How long a stimulus is waited for.
    """

    engine: Engine
    channel: str = ""
    trigger: Trigger = field(default_factory=MarkTrigger)
    subject: Subject = field(default=Subject())
    days_since_onset: float | None = None
    distances_mm: Mapping[str, float] = field(default_factory=dict)
    skin_temperature_degc: float | None = None
    before_ms: float = 2.0
    after_ms: float = 60.0
    timeout_s: float = 10.0

    def __post_init__(self) -> None:
        if self.engine.status.state == "new":
            self.engine.start()
        channels = [one for stream in self.engine.info.streams for one in stream.channels]
        self.channel = self.channel or channels[0].name
        self._about: ChannelInfo = next((one for one in channels if one.name == self.channel), channels[0])
        settings = SweepSettings(channel=self.channel, before_ms=self.before_ms, after_ms=self.after_ms)
        self._collector = SweepCollector(self.engine.buffer, settings, self.trigger)
        self.engine.attach(self._collector)

    @property
    def title(self) -> str:
        """Device and channel."""
        return f"live, {self.engine.info.model or self.engine.info.name}, channel {self.channel}"

    @property
    def can_stimulate(self) -> bool:
        """A stimulus can always be waited for."""
        return True

    @property
    def takes_current(self) -> bool:
        """Whether the device gives the stimulus itself."""
        return hasattr(self.engine.device, "stimulate")

    def studies(self) -> tuple[StudyInfo, ...]:
        """Studies of the muscle the channel is named after, else every study of the bench."""
        try:
            target = vocabulary.muscle(self.channel).code
        except InputError:
            target = ""
        every = tuple(replace(one, checks=()) for one in known_studies())
        return tuple(one for one in every if one.kind == "motor" and one.target == target) or every

    def sweep(self, info: StudyInfo, side: Side, site: str, knobs: Knobs, trial: int) -> Sweep:  # noqa: ARG002 - the protocol
        """Wait for the next stimulus, or for as many as are averaged.

        Raises
        ------
        InputError
            If none came in time, or it says that it came from another site.
        """
        n_wanted = knobs.n_averaged if info.kind == "sensory" else 1
        self._collector.clear()
        for n in range(n_wanted):
            self._order(knobs, site, side)
            self._wait(n + 1, again=lambda: self._order(knobs, site, side))
        made = self._collector.average()
        assert made is not None
        given = made.stimulus.site if made.stimulus else None
        if given is not None and given != site:
            raise InputError(
                "the stimulus came from another site", got=given.replace("_", " "), expected=site.replace("_", " "),
                way_out="choose the site that is stimulated",
            )  # fmt: skip
        settings = self._about.settings
        return replace(
            made, nerve=info.nerve if info.kind == "motor" else info.key, muscle=info.target if info.kind == "motor" else None,
            side=side, site=site, distance_mm=self.distances_mm.get(site), skin_temperature_degc=self.skin_temperature_degc,
            settings=settings if settings != RecordingSettings() else made.settings,
        )  # fmt: skip

    def _order(self, knobs: Knobs, site: str, side: Side) -> None:
        device: Any = self.engine.device
        if not self.takes_current:
            return
        if hasattr(device, "move_to"):
            device.move_to(site, side=side)
        device.stimulate(knobs.current_ma, pulse_width_ms=knobs.pulse_width_ms)

    def _wait(self, n_wanted: int, *, again: Callable[[], None]) -> None:
        """Wait until so many sweeps are there; the engine reads in a thread of its own.

        A sweep that a gap broke is asked for again, where the device takes orders.
        """
        until = time.monotonic() + self.timeout_s
        n_broken = self._collector.counts.n_broken
        while self._collector.counts.n_accepted < n_wanted:
            if self._collector.counts.n_broken > n_broken:
                n_broken = self._collector.counts.n_broken
                again()
            status = self.engine.status
            if self.engine.is_over:
                raise InputError("the device is over", got=status.sentence or status.state, way_out="open it again")
            if time.monotonic() > until:
                counts = self._collector.counts
                raise InputError(
                    f"no stimulus came within {self.timeout_s:g} s", got=f"{counts.n_accepted} of {n_wanted} sweeps, "
                    f"{counts.n_broken} broken by a gap", expected=f"a trigger on {self.engine.info.name}",
                    way_out="check the trigger, or wait longer with timeout_s",
                )  # fmt: skip
            time.sleep(POLL_S)

    def recorded(self, info: StudyInfo, side: Side) -> tuple[Sweep, ...]:  # noqa: ARG002 - the protocol
        """Nothing is recorded yet."""
        return ()

    def close(self) -> None:
        """Stop listening and close the device."""
        self.engine.detach(self._collector)
        try:
            self.engine.stop()
        except EmgError:  # the device is gone already
            return
