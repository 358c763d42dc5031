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
from emgwidgets.widgets.ncs_bench.source import Knobs, StudyInfo, check_train_rate
from emgwidgets.widgets.ncs_bench.virtual import known_studies

if TYPE_CHECKING:
    from emgwidgets.acquisition.protocols import ChannelInfo

__all__ = ["LiveSource"]

POLL_S = 0.005
LATE_MS = 100.0
"""Length of a sweep for F waves, enough for a leg (internal choice)."""
F_RATE_HZ = 1.0
"""Rate at which a device that takes orders is asked for F waves (internal choice: one a second, slower than any fatigue)."""


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
        self._knobs: Knobs | None = None
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
        self._knobs = knobs
        self._collector.clear()
        for n in range(n_wanted):
            self._order(knobs, site, side)
            self._wait(self._collector, n + 1, again=lambda: self._order(knobs, site, side))
        made = self._collector.average()
        assert made is not None
        return self._placed(made, info, side, site)

    def _placed(self, made: Sweep, info: StudyInfo, side: Side, site: str) -> Sweep:
        """The sweep with where it belongs."""
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

    @property
    def series(self) -> tuple[str, ...]:
        """Series a live device gives; in short steps the examiner moves the stimulator, which no series can ask for."""
        return ("f_waves", "trains")

    def f_wave_sweeps(self, info: StudyInfo, side: Side, site: str, n_stimuli: int) -> tuple[Sweep, ...]:
        """What follows the next stimuli, long enough for late responses; the current is that of the last single stimulus.

        Raises
        ------
        InputError
            If a stimulus did not come in time, or a device that takes orders was given no current yet.
        """
        return self._listen(info, side, site, n_stimuli, knobs=self._knobs, rate_hz=F_RATE_HZ, after_ms=LATE_MS)

    def train_sweeps(
        self, info: StudyInfo, side: Side, *, rate_hz: float, n_stimuli: int, exercise_s: float, after_s: float,
        knobs: Knobs, trial: int,
    ) -> tuple[Sweep, ...]:  # fmt: skip
        """The next stimuli at the standard site, when they come at the rate that was asked for.

        Raises
        ------
        InputError
            If a stimulus did not come in time, or the train has another rate.
        """
        del exercise_s, after_s, trial  # the patient does the exercise
        after_ms = min(self.after_ms, 900.0 / rate_hz)
        found = self._listen(info, side, info.standard_site, n_stimuli, knobs=knobs, rate_hz=rate_hz, after_ms=after_ms)
        check_train_rate(
            found,
            rate_hz,
            what="the train came at another rate",
            way_out="set the stimulator, or the rate of the bench",
        )
        return found

    def inching_sweeps(
        self, info: StudyInfo, side: Side, *, distal: str, proximal: str, step_mm: float
    ) -> tuple[tuple[float, Sweep], ...]:
        """No device moves the stimulator.

        Raises
        ------
        InputError
            Always.
        """
        raise InputError(
            "a live device does not move its stimulator", got=f"{info.title}, {side}, {distal} to {proximal} by {step_mm:g} mm",
            way_out="stimulate each place and give the sweeps to emg.ncs.inching_of_sweeps",
        )  # fmt: skip

    def _listen(
        self, info: StudyInfo, side: Side, site: str, n_stimuli: int, *, knobs: Knobs | None, rate_hz: float, after_ms: float
    ) -> tuple[Sweep, ...]:  # fmt: skip
        """Sweeps after the next stimuli; a device that takes orders is asked for each at the rate."""
        if self.takes_current and knobs is None:
            raise InputError(
                "the current of the series is not known", got="no single stimulus yet", expected="one that is supramaximal",
                way_out="stimulate once at the current that the series needs",
            )  # fmt: skip
        settings = SweepSettings(
            channel=self.channel, before_ms=self.before_ms, after_ms=after_ms, n_kept=max(n_stimuli, 100)
        )

        def order() -> None:
            if knobs is not None:
                self._order(knobs, site, side)

        collector = SweepCollector(self.engine.buffer, settings, self.trigger)
        self.engine.attach(collector)
        try:
            began = time.monotonic()
            for n in range(n_stimuli):
                if self.takes_current:
                    time.sleep(max(began + n / rate_hz - time.monotonic(), 0.0))
                order()
                self._wait(collector, n + 1, again=order)
        finally:
            self.engine.detach(collector)
        return tuple(self._placed(one, info, side, site) for one in collector.sweeps[:n_stimuli])

    def _order(self, knobs: Knobs, site: str, side: Side) -> None:
        device: Any = self.engine.device
        if not self.takes_current:
            return
        if hasattr(device, "move_to"):
            device.move_to(site, side=side)
        device.stimulate(knobs.current_ma, pulse_width_ms=knobs.pulse_width_ms)

    def _wait(self, collector: SweepCollector, n_wanted: int, *, again: Callable[[], None]) -> None:
        """Wait until so many sweeps are there; the engine reads in a thread of its own.

        A sweep that a gap broke is asked for again, where the device takes orders.
        """
        until = time.monotonic() + self.timeout_s
        n_broken = collector.counts.n_broken
        while collector.counts.n_accepted < n_wanted:
            if collector.counts.n_broken > n_broken:
                n_broken = collector.counts.n_broken
                again()
            status = self.engine.status
            if self.engine.is_over:
                raise InputError("the device is over", got=status.sentence or status.state, way_out="open it again")
            if time.monotonic() > until:
                counts = collector.counts
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
