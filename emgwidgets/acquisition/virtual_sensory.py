"""A sensory nerve of the virtual patient as a device, with a stimulator that fires by itself and the cable of its trigger.

The stimulator is part of the patient's side: samples, marks and trigger pulses come in, nothing is driven from here.
"""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from emgwidgets.acquisition.clock import Clock, SystemClock, wait_until_due
from emgwidgets.acquisition.protocols import Block, ChannelInfo, DeviceInfo, StreamInfo
from emgwidgets.errors import InputError
from emgwidgets.model.signal import Side, Stimulus

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.patient import VirtualPatient

__all__ = ["TRIGGER_V", "VirtualSensoryDevice"]

#: Height of the trigger pulse, and the range of its length (internal choice: logic level; the rising edge is the stimulus,
#: the falling one follows when the stimulator is ready again, which is not timed).
TRIGGER_V = 5.0
TRIGGER_MS = (1.0, 3.0)
#: Share by which intervals vary (internal choice: a stimulator locked to the mains would average the mains as well).
UNEVENNESS = 0.05
NOISE_LOOP_S = 8.0


class VirtualSensoryDevice:
    """A sensory response that comes again and again.

    Parameters
    ----------
    response : str
        Code of the sensory study, such as ``"median_d2"`` or ``"sural"``.
    patient : VirtualPatient
    side : {"left", "right"}
    stimulus_every_s : float
        Mean interval of the stimuli.
    current_ma, pulse_width_ms : float
    noise_uv : float
        RMS noise of electrodes and amplifier.
    has_marks : bool
        Whether the device also tells of its stimuli as marks; otherwise only the pulse on the channel ``"trigger"`` does.
    sampling_rate_hz, block_ms : float
    clock : Clock, optional

    Raises
    ------
    InputError
        If the response is not known or a number cannot be used.
    """

    def __init__(
        self, *, response: str, patient: VirtualPatient, side: Side = "right", stimulus_every_s: float = 0.5,
        current_ma: float = 30.0, pulse_width_ms: float = 0.2, noise_uv: float = 2.0, has_marks: bool = True,
        sampling_rate_hz: float = 20_000.0, block_ms: float = 10.0, clock: Clock | None = None,
    ) -> None:  # fmt: skip
        from emgwidgets.simulation.nerve.recording_setup import SENSORY_SETUP, recording_noise_uv
        from emgwidgets.simulation.nerve.stimulation import Pulse

        if not 0.05 <= stimulus_every_s <= 60.0:
            raise InputError(
                "the interval of the stimuli cannot be used", got=f"{stimulus_every_s} s", expected="0.05 to 60 s"
            )
        self.patient, self.clock = patient, clock or SystemClock()
        self._study: dict[str, Any] = {
            "response": response, "side": side, "pulse": Pulse(current_ma=current_ma, pulse_width_ms=pulse_width_ms),
            "setup": replace(SENSORY_SETUP, noise_uv=noise_uv, sampling_rate_hz=sampling_rate_hz), "n_averaged": 1,
        }  # fmt: skip
        self._response, self._rate_hz, self._every_s, self._has_marks = (
            response,
            sampling_rate_hz,
            stimulus_every_s,
            has_marks,
        )
        self._n_block = max(round(block_ms * 1e-3 * sampling_rate_hz), 1)
        self._rng = np.random.default_rng([patient.seed, 73])
        self._noise_uv = recording_noise_uv(self._study["setup"], round(NOISE_LOOP_S * sampling_rate_hz), self._rng)
        self.true_response_uv: NDArray[np.float64] = patient.sensory_study(**self._study).truth.noise_free_uv
        """The response without noise, for lessons and tests."""
        self._start_s, self._n_sent, self._n_stimuli = 0.0, 0, 0
        self._next = round(stimulus_every_s * sampling_rate_hz)
        self._under_way: list[tuple[int, NDArray[np.float64], int]] = []
        self._marks: list[Stimulus] = []

    def identify(self) -> DeviceInfo:
        """One stream: the response and the trigger."""
        channels = (
            ChannelInfo(name=self._response, kind="surface_emg"),
            ChannelInfo(name="trigger", unit="level", kind="other"),
        )
        stream = StreamInfo(name="virtual patient", sampling_rate_hz=self._rate_hz, channels=channels)
        return DeviceInfo(name="virtual", maker="emgwidgets", model="virtual patient", streams=(stream,))

    def __enter__(self) -> Self:
        self._start_s, self._n_sent, self._under_way = self.clock.now_s(), 0, []
        self._next = round(self._every_s * self._rate_hz)
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
        start, stop = self._n_sent, self._n_sent + self._n_block
        while self._next < stop:
            self._stimulate(self._next)
        samples = np.zeros((2, self._n_block))
        samples[0] = self._noise_uv[np.arange(start, stop) % len(self._noise_uv)]
        for begins, sweep_uv, n_high in self._under_way:
            first, last = max(begins, start), min(begins + len(sweep_uv), stop)
            samples[0, first - start : max(last, first) - start] = sweep_uv[first - begins : max(last, first) - begins]
            samples[1, first - start : max(min(begins + n_high, stop), first) - start] = TRIGGER_V
        self._under_way = [one for one in self._under_way if one[0] + max(len(one[1]), one[2]) > stop]
        self._n_sent = stop
        return Block(samples=samples, time_s=self._start_s + start / self._rate_hz)

    def read_marks(self) -> tuple[Stimulus, ...]:
        """Stimuli since the last call."""
        marks, self._marks = tuple(self._marks), []
        return marks if self._has_marks else ()

    def _stimulate(self, at: int) -> None:
        self._n_stimuli += 1
        sweep = self.patient.sensory_study(**self._study, trial=self._n_stimuli).sweep
        n_high = round(self._rng.uniform(*TRIGGER_MS) * 1e-3 * self._rate_hz)
        self._under_way.append((at, sweep.samples_uv, n_high))
        pulse = self._study["pulse"]
        self._marks.append(
            Stimulus(
                time_s=self._start_s + at / self._rate_hz,
                current_ma=pulse.current_ma,
                pulse_width_ms=pulse.pulse_width_ms,
            )
        )
        self._next = at + round(self._every_s * (1 + UNEVENNESS * self._rng.uniform(-1, 1)) * self._rate_hz)
