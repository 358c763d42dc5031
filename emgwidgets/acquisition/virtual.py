"""The virtual patient as a device: it answers stimulus, electrode, temperature and effort while samples run.

Every answer comes from :mod:`emgwidgets.simulation`; nothing is made up here.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from emgwidgets.acquisition.clock import Clock, SystemClock, wait_until_due
from emgwidgets.acquisition.protocols import Block, ChannelInfo, Device, DeviceInfo, StreamInfo
from emgwidgets.acquisition.registry import Driver
from emgwidgets.errors import EmgError, InputError
from emgwidgets.model.signal import Side, Stimulus

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.patient import VirtualPatient

__all__ = ["DRIVER", "VirtualDevice"]

#: Length of the needle signal that is made for an effort and then comes again (internal choice: making it takes about
#: a second, and eight seconds are longer than the eye remembers a pattern), and of the seam that joins its ends.
LOOP_S, SEAM_S = 8.0, 0.02


class VirtualDevice:
    """A patient on the amplifier: a motor study with ``nerve``, otherwise a needle in ``muscle``.

    Parameters
    ----------
    patient : VirtualPatient, optional
        A healthy one when left out; or ``condition`` and what :meth:`VirtualPatient.with_condition` takes.
    muscle : str
        Code of the muscle.
    nerve, site : str, optional
        Nerve that is stimulated and where: the device then waits for :meth:`stimulate`.
    side : {"left", "right"}
    effort : str or float, optional
        Of a needle examination: None is rest.
    sampling_rate_hz, block_ms : float
    condition : str
        Code of a condition instead of a patient.
    channel : str
        Name of the channel; that of the muscle when left out.
    clock : Clock, optional
    **subject
        Severity, day, age, seed of the condition's patient.

    Raises
    ------
    InputError
        If patient, muscle, nerve or site is not known.
    """

    def __init__(
        self, *, patient: VirtualPatient | None = None, muscle: str = "tibialis_anterior", nerve: str = "",
        site: str = "wrist", side: Side = "right", effort: str | float | None = None, sampling_rate_hz: float = 20_000.0,
        block_ms: float = 10.0, condition: str = "", channel: str = "", clock: Clock | None = None, **subject: Any,
    ) -> None:  # fmt: skip
        self.patient = patient or _patient(condition, subject)
        self._muscle, self._nerve, self._site, self._side = muscle, nerve, site, side
        self._channel, self._rate_hz = channel or muscle, sampling_rate_hz
        self._n_block = max(round(block_ms * 1e-3 * sampling_rate_hz), 1)
        self.clock: Clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._start_s = 0.0
        self._n_sent = 0
        self._n_stimuli = 0
        self._marks: list[Stimulus] = []
        self._changes: dict[str, Any] = {"sampling_rate_hz": sampling_rate_hz}
        self._response: NDArray[np.float64] = np.empty(0)
        self._loop: NDArray[np.float64] = np.zeros(1)
        self._effort = effort
        self._depth_mm = 0.0
        if nerve:
            self._check_study()
            self._set_noise()
        else:
            self._make_loop()

    def identify(self) -> DeviceInfo:
        """One stream of one channel."""
        kind = "surface_emg" if self._nerve else "needle_emg"
        channel = ChannelInfo(name=self._channel, kind=kind)
        stream = StreamInfo(name="virtual patient", sampling_rate_hz=self._rate_hz, channels=(channel,))
        return DeviceInfo(name="virtual", maker="emgwidgets", model="virtual patient", streams=(stream,))

    def __enter__(self) -> Self:
        self._start_s, self._n_sent = self.clock.now_s(), 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        pass  # nothing is held open

    def read(self, timeout_s: float) -> Block | None:
        """Next block, when its last sample is due."""
        due_s = self._start_s + (self._n_sent + self._n_block) / self._rate_hz
        if not wait_until_due(self.clock, due_s, timeout_s):
            return None
        with self._lock:
            numbers = self._n_sent + np.arange(self._n_block)
            samples_uv = self._loop[numbers % len(self._loop)].copy()
            n_answered = min(len(self._response), self._n_block)
            samples_uv[:n_answered] = self._response[:n_answered]
            self._response = self._response[n_answered:]
            time_s = self._start_s + self._n_sent / self._rate_hz
            self._n_sent += self._n_block
        return Block(samples=samples_uv[np.newaxis], time_s=time_s)

    def read_marks(self) -> tuple[Stimulus, ...]:
        """Stimuli since the last call."""
        with self._lock:
            marks, self._marks = tuple(self._marks), []
        return marks

    def stimulate(self, current_ma: float, *, pulse_width_ms: float = 0.2) -> Stimulus:
        """Give one pulse; its response begins with the next block.

        Raises
        ------
        InputError
            If the device holds a needle, or the pulse cannot be used.
        """
        from emgwidgets.simulation.nerve.stimulation import Pulse

        if not self._nerve:
            raise InputError(
                "a needle examination has no stimulus", way_out="open the device with nerve=... and site=..."
            )
        pulse = Pulse(current_ma=current_ma, pulse_width_ms=pulse_width_ms)
        sweep = self._sweep(pulse)
        with self._lock:
            self._n_stimuli += 1
            self._response = sweep
            at_s = self._start_s + self._n_sent / self._rate_hz
            mark = Stimulus(time_s=at_s, current_ma=current_ma, pulse_width_ms=pulse_width_ms, site=self._site)
            self._marks.append(mark)
        return mark

    def set_electrode(self, *, offset_mm: float) -> None:
        """Move the active electrode along the muscle, or the needle deeper into it."""
        if self._nerve:
            self._change(electrode_offset_mm=offset_mm)
        else:
            self._depth_mm = offset_mm
            self._make_loop()

    def move_to(self, site: str, *, side: Side | None = None) -> None:
        """Put the stimulator on another site of the nerve, or of the nerve of the other side.

        Raises
        ------
        InputError
            If the nerve has no such site, or the device holds a needle.
        """
        if not self._nerve:
            raise InputError("a needle examination has no stimulus", way_out="open the device with nerve=...")
        before, self._site = self._site, site
        try:
            self._check_study()
        except InputError:
            self._site = before
            raise
        self._side = side or self._side

    def go_to_site(self, name: str) -> None:
        """Put the needle into another muscle; the signal changes when it has been made, about a second later.

        Parameters
        ----------
        name : str
            A muscle, with "left" or "right" before it where the side changes: ``"left vastus medialis"``.

        Raises
        ------
        InputError
            If there is no such muscle, or the device is in a nerve conduction study.
        """
        if self._nerve:
            raise InputError("a nerve conduction study stays at its muscle", way_out="open the device without nerve")
        first, _, rest = name.strip().partition(" ")
        side: Side | None = "left" if first.lower() == "left" else "right" if first.lower() == "right" else None
        before = self._muscle, self._side
        self._muscle, self._side = (rest if side else name), side or self._side
        try:
            self._make_loop()
        except EmgError:
            self._muscle, self._side = before
            raise

    def set_temperature(self, skin_temperature_degc: float) -> None:
        """Set the temperature of the skin over the nerve.

        Raises
        ------
        InputError
            If the temperature cannot be used, or the device holds a needle.
        """
        if not self._nerve:
            raise InputError("the temperature of a needle examination cannot be set", way_out="open it with nerve=...")
        self._change(skin_temperature_degc=skin_temperature_degc)

    def set_effort(self, effort: str | float | None) -> None:
        """Ask the patient to relax (None) or contract; the signal changes when it has been made, about a second later.

        Raises
        ------
        InputError
            If the device is in a nerve conduction study, or the effort is not known.
        """
        if self._nerve:
            raise InputError("a nerve conduction study has no effort", way_out="open the device without nerve")
        before, self._effort = self._effort, effort
        try:
            self._make_loop()
        except InputError:
            self._effort = before
            raise

    def _change(self, **changes: Any) -> None:
        before, self._changes = self._changes, {**self._changes, **changes}
        try:
            self._set_noise()
        except InputError:
            self._changes = before
            raise

    def _setup(self) -> Any:
        from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP

        return replace(MOTOR_SETUP, **self._changes)

    def _check_study(self) -> None:
        from emgwidgets.simulation.nerve.pathway import study_for_muscle

        sites = list(study_for_muscle(self._nerve, self._muscle).sites)
        if self._site not in sites:
            raise InputError("no such site on this nerve", got=repr(self._site), expected=f"one of {sites}")

    def _sweep(self, pulse: Any) -> NDArray[np.float64]:
        made = self.patient.motor_study(
            nerve=self._nerve, muscle=self._muscle, side=self._side, site=self._site, pulse=pulse, setup=self._setup(),
            trial=self._n_stimuli,
        )  # fmt: skip
        return made.sweep.samples_uv

    def _set_noise(self) -> None:
        from emgwidgets.simulation.nerve.recording_setup import recording_noise_uv

        rng = np.random.default_rng([self.patient.seed, 71])
        noise_uv = recording_noise_uv(self._setup(), round(LOOP_S * self._rate_hz), rng)
        with self._lock:
            self._loop = noise_uv

    def _make_loop(self) -> None:
        from emgwidgets.simulation.muscle.needle import NeedlePhase

        n_seam = round(SEAM_S * self._rate_hz)
        phase = NeedlePhase(
            kind="rest" if self._effort is None else "effort", effort=self._effort or 0.0, duration_s=LOOP_S + SEAM_S,
            depth_step_mm=self._depth_mm,
        )  # fmt: skip
        made = self.patient.needle(
            muscle=self._muscle, side=self._side, phases=(phase,), sampling_rate_hz=self._rate_hz
        )
        samples_uv = made.recording.channels[0].samples_uv
        share = np.linspace(0.0, 1.0, n_seam)
        loop = samples_uv[:-n_seam].copy()
        loop[:n_seam] = share * loop[:n_seam] + (1 - share) * samples_uv[-n_seam:]
        with self._lock:
            self._loop = loop


def _patient(condition: str, subject: dict[str, Any]) -> VirtualPatient:
    from emgwidgets.simulation.patient import VirtualPatient

    if condition:
        return VirtualPatient.with_condition(condition, **subject)
    return VirtualPatient(**subject)


def _open(**options: Any) -> Device:
    """A sensory nerve with its stimulator when a response is named; otherwise a muscle."""
    if "response" not in options:
        return VirtualDevice(**options)
    from emgwidgets.acquisition.virtual_sensory import VirtualSensoryDevice

    told: dict[str, Any] = {
        name: options.pop(name)
        for name in ("severity", "seed", "age_years", "height_cm", "sex", "day")
        if name in options
    }
    condition, side = options.pop("condition", ""), options.get("side", "right")
    patient = options.pop("patient", None) or _patient(condition, {**told, "side": side} if condition else told)
    return VirtualSensoryDevice(patient=patient, **options)


DRIVER = Driver(
    name="virtual",
    words="a virtual patient: muscle, with nerve and site or effort; or response and noise_uv; condition, side, seed",
    open=_open,
)
