"""Actions of the bench beside the single stimulus: series of stimuli, numbers typed in, limits; a part of NcsBench."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

from emgwidgets.analysis.ncs.inched import InchingStudy, typed_inching
from emgwidgets.errors import InputError
from emgwidgets.model.signal import Side
from emgwidgets.widgets.ncs_bench.desk import NcsDesk
from emgwidgets.widgets.ncs_bench.series import FWaveRun, InchingRun, Run, TrainRun
from emgwidgets.widgets.ncs_bench.source import number_of
from emgwidgets.widgets.ncs_bench.typed import TypedConditions, TypedLine

__all__ = ["SeriesActions", "TypedActions"]

#: Numbers that are typed in, in words.
NAMES = {
    "latency_ms": "the latency in ms", "peak_ms": "the peak latency in ms", "amplitude": "the amplitude",
    "distance_mm": "the distance in mm", "velocity_m_per_s": "the velocity in m/s", "f_min_ms": "the F wave in ms",
    "skin_temperature_degc": "the skin temperature in degC", "high_pass_hz": "the high-pass filter in Hz",
    "low_pass_hz": "the low-pass filter in Hz",
}  # fmt: skip


class SeriesActions:
    """Tests of many stimuli."""

    _desk: NcsDesk
    _publish: Callable[[], None]

    def f_waves(self, n_stimuli: int = 20) -> FWaveRun:
        """Give supramaximal stimuli at the chosen site and measure the F waves."""
        return cast("FWaveRun", self._run("f_waves", n_stimuli=n_stimuli))

    def place_f(self, sweep: int, onset_ms: float | None) -> FWaveRun:
        """Place the F wave of a sweep (from 1) of the last set by hand; None where there is none."""
        sweep = int(number_of(sweep, what="the sweep", is_whole=True))
        onset_ms = None if onset_ms is None else number_of(onset_ms, what="the time of the F wave")
        changed = self._desk.place_f(sweep, onset_ms)
        self._publish()
        return changed

    def no_f(self, sweep: int) -> FWaveRun:
        """Say that a sweep (from 1) of the last set has no F wave."""
        return self.place_f(sweep, None)

    def train(
        self, rate_hz: float = 3.0, n_stimuli: int = 10, *, exercise_s: float = 0.0, after_s: float = 0.0
    ) -> TrainRun:
        """Give a train of repetitive stimulation; ``exercise_s`` 0 is at rest, ``after_s`` counts from its end."""
        settings = {"rate_hz": rate_hz, "n_stimuli": n_stimuli, "exercise_s": exercise_s, "after_s": after_s}
        return cast("TrainRun", self._run("trains", **settings))

    def inch(self, distal: str, proximal: str, step_mm: float = 20.0) -> InchingRun:
        """Stimulate in short steps from a distal to a proximal site."""
        return cast("InchingRun", self._run("inching", distal=distal, proximal=proximal, step_mm=step_mm))

    def type_inching(
        self, distal: str, proximal: str, rows: Sequence[Sequence[float | None]], *, side: Side | None = None
    ) -> InchingRun:
        """Type in an inching study of the chosen nerve.

        Parameters
        ----------
        rows : sequence of (place_mm, latency_ms, amplitude_mv)
            From distal to proximal; without a latency the response was absent.
        """
        info = self._desk.info
        found = typed_inching(
            rows, nerve=info.nerve, muscle=info.target, side=side or self._desk.side, distal=distal, proximal=proximal
        )
        return self.show_inching(found)

    def show_inching(self, found: InchingStudy) -> InchingRun:
        """Show an imported inching study; its traces, plot and longest step."""
        return cast("InchingRun", self._run("imported", found=found))

    def forget(self, kind: str) -> None:
        """Forget the series of one kind of the chosen study: ``"f_waves"``, ``"trains"``, ``"inching"``."""
        self._desk.forget_runs(kind)
        self._publish()

    def _run(self, kind: str, **settings: Any) -> Run:
        for name, value in settings.items():
            if name not in ("found", "distal", "proximal"):
                settings[name] = number_of(value, what=f"the setting {name}", is_whole=name == "n_stimuli")
        if "n_stimuli" in settings:
            settings["n_stimuli"] = int(settings["n_stimuli"])
        made = self._desk.run(kind, **settings)
        self._publish()
        return made


class TypedActions:
    """Numbers without traces, and the limits everything is judged by."""

    _desk: NcsDesk
    _publish: Callable[[], None]
    _state: dict[str, Any]

    def use_limits(self, norm_set: str) -> tuple[str, ...]:
        """Judge by another norm set; returns what stands otherwise now, a sentence each."""
        self._desk.use_limits(norm_set)
        self._publish()
        return tuple(self._state["limits"]["flips"])

    def type_in(self, site: str, *, side: Side | None = None, **numbers: float | bool | None) -> None:
        """Type in the numbers of a site of the chosen study; a site without any is not tested.

        Parameters
        ----------
        **numbers
            ``latency_ms`` (onset), ``peak_ms``, ``amplitude`` (mV, or uV of a sensory nerve), ``distance_mm`` (to the
            electrode, or to the site before), ``velocity_m_per_s``, ``f_min_ms``, ``is_absent``.

        Raises
        ------
        InputError
            If a number cannot be used, there is no such site, or a trace was kept there.
        """
        key = (self._desk.study, side or self._desk.side, site)
        unknown = sorted(set(numbers) - set(TypedLine().plain()))
        if unknown:
            raise InputError("no such number", got=", ".join(unknown), expected=", ".join(TypedLine().plain()))
        for name, value in numbers.items():
            if name != "is_absent" and value is not None:
                number_of(value, what=NAMES[name])
        old = self._desk.typed.get(key, TypedLine())
        self._desk.type_line(replace(old, **numbers), key=key)  # type: ignore[arg-type]
        self._publish()

    def type_conditions(self, **changes: float | str | None) -> None:
        """Type in what holds for the chosen study: ``skin_temperature_degc``, ``high_pass_hz``, ``low_pass_hz``, ``convention``."""
        known = [name for name in TypedConditions.__dataclass_fields__ if name != "more"]
        unknown = sorted(set(changes) - set(known))
        if unknown:
            raise InputError("no such condition", got=", ".join(unknown), expected=", ".join(known))
        for name, value in changes.items():
            if name in NAMES and value is not None:
                number_of(value, what=NAMES[name])
        self._desk.type_conditions(**changes)
        self._publish()
