"""One kept response with its markers: the software's proposal, or the reader's, and the measures that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from emgwidgets.analysis.ncs.by_hand import HandMarkers, measure_at_markers
from emgwidgets.analysis.ncs.motor import MotorWave, measure_motor_response
from emgwidgets.analysis.ncs.sensory import SensoryWave, measure_sensory_response
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent, Measure, Measures
from emgwidgets.model.signal import Sweep
from emgwidgets.widgets.ncs_bench.source import Knobs

__all__ = ["LETTERS", "Response", "Shot", "measure_sweep"]

#: Letter of each marker -> field of HandMarkers.
LETTERS: Mapping[str, str] = {"O": "onset_ms", "P": "peak_ms", "E": "end_ms"}


def measure_sweep(sweep: Sweep, *, is_sensory: bool) -> MotorWave | SensoryWave | Absent:
    """Measure a sweep of either kind."""
    return measure_sensory_response(sweep) if is_sensory else measure_motor_response(sweep)


@dataclass(frozen=True, kw_only=True, eq=False)
class Shot:
    """One stimulus: what was sent, and what came back."""

    number: int
    sweep: Sweep
    wave: MotorWave | SensoryWave | Absent
    knobs: Knobs | None = None

    def is_like(self, other: Shot) -> bool:
        """Whether limb, electrodes, filter and pulse were the same; the current may differ."""
        if self.knobs is None or other.knobs is None:
            return self.knobs is other.knobs
        return replace(self.knobs, current_ma=0.0) == replace(other.knobs, current_ma=0.0)

    @property
    def current_ma(self) -> float | None:
        """Current of the stimulus."""
        return self.sweep.stimulus.current_ma if self.sweep.stimulus else None

    @property
    def pulse_width_ms(self) -> float | None:
        """Width of the stimulus."""
        return self.sweep.stimulus.pulse_width_ms if self.sweep.stimulus else None

    @property
    def size(self) -> Measure | None:
        """Amplitude, baseline to negative peak; None without a response."""
        if isinstance(self.wave, Absent):
            return None
        return self.wave.amplitude_uv if isinstance(self.wave, SensoryWave) else self.wave.amplitude_mv


@dataclass(frozen=True, kw_only=True, eq=False)
class Response:
    """A response that was kept for the study.

    Parameters
    ----------
    shot : Shot
    markers_ms : mapping
        ``"O"``, ``"P"``, ``"E"`` to ms after the stimulus; empty for an absent response.
    by_hand : frozenset of str
        Letters the reader placed or accepted.
    moved : bool
        Whether the reader's markers differ from the proposal.
    """

    shot: Shot
    is_sensory: bool
    markers_ms: Mapping[str, float] = field(default_factory=dict)
    by_hand: frozenset[str] = frozenset()

    @classmethod
    def proposed(cls, shot: Shot, *, is_sensory: bool) -> Response:
        """Keep a shot with the markers the software proposes."""
        if isinstance(shot.wave, Absent):
            return cls(shot=shot, is_sensory=is_sensory)
        times = [marker.time_ms for marker in shot.wave.markers[:3]]
        return cls(shot=shot, is_sensory=is_sensory, markers_ms=dict(zip(LETTERS, times, strict=True)))

    @property
    def absent(self) -> Absent | None:
        """Why there is no response; None when there is one, or the reader marked one."""
        return self.shot.wave if isinstance(self.shot.wave, Absent) and not self.markers_ms else None

    @property
    def is_moved(self) -> bool:
        """Whether a marker lies elsewhere than proposed."""
        if isinstance(self.shot.wave, Absent):
            return bool(self.markers_ms)
        times = [marker.time_ms for marker in self.shot.wave.markers[:3]]
        return any(abs(self.markers_ms[letter] - time) > 1e-9 for letter, time in zip(LETTERS, times, strict=True))

    @property
    def onset_half_ms(self) -> float | None:
        """Half width of the 90 % interval of the onset that was proposed."""
        if isinstance(self.shot.wave, Absent):
            return None
        onset = self.shot.wave.onset_latency_ms
        return None if onset.low is None or onset.high is None else 0.5 * (onset.high - onset.low)

    @property
    def measures(self) -> Measures:
        """Measures at the markers; Absent for each name when there is no response."""
        if self.absent is not None:
            unit = "uv" if self.is_sensory else "mv"
            names = ("onset_latency_ms", "peak_latency_ms", f"amplitude_{unit}", f"area_{unit}_ms")
            return Measures(dict.fromkeys(names, self.absent))
        if not self.is_moved and not isinstance(self.shot.wave, Absent):
            return self.shot.wave.measures
        hand = HandMarkers(**{LETTERS[letter]: time for letter, time in self.markers_ms.items()})
        return measure_at_markers(self.shot.sweep, hand, is_sensory=self.is_sensory, onset_half_ms=self.onset_half_ms)

    def moved(self, letter: str, time_ms: float) -> Response:
        """Return the response with one marker placed by the reader.

        Raises
        ------
        InputError
            If the marker does not exist, or would pass its neighbour.
        """
        if letter not in LETTERS:
            raise InputError("no such marker", got=repr(letter), expected="O, P or E")
        if not self.markers_ms:
            raise InputError(
                "there is no response to mark", got=self.absent.reason if self.absent else "",
                way_out="place all three markers with mark_by_hand",
            )  # fmt: skip
        markers = {**self.markers_ms, letter: float(time_ms)}
        HandMarkers(**{LETTERS[one]: time for one, time in markers.items()})
        return replace(self, markers_ms=markers, by_hand=self.by_hand | {letter})

    def accepted(self) -> Response:
        """Return the response with every proposal accepted by the reader."""
        return replace(self, by_hand=frozenset(self.markers_ms))
