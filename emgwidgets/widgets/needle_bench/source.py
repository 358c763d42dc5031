"""What the needle bench asks of a source: a muscle, a needle place and an effort give a stretch of signal.  It measures nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from emgwidgets.analysis.signal.filters import FilterChain, FilterStep
from emgwidgets.errors import InputError
from emgwidgets.model.case import Subject
from emgwidgets.model.checks import check_choice, check_range
from emgwidgets.model.signal import Recording, RecordingSettings, Side, Trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "EFFORTS", "Effort", "Filters", "NeedlePlace", "NeedleSource", "Section", "Stretch", "check_effort", "filter_steps",
    "stated_settings",
]  # fmt: skip

Effort = Literal["insert", "rest", "slight", "moderate", "full"]
EFFORTS: tuple[Effort, ...] = ("insert", "rest", "slight", "moderate", "full")


@dataclass(frozen=True, kw_only=True)
class NeedlePlace:
    """Where the needle is: length of needle in the muscle, angle to the skin, distance from the end-plate zone."""

    depth_mm: float
    angle_deg: float = 90.0
    along_mm: float = 20.0

    def __post_init__(self) -> None:
        check_range(self.depth_mm, 0, 150, what="the depth of the needle", unit="mm")
        check_range(self.angle_deg, 20, 160, what="the angle of the needle", unit="degrees")
        check_range(self.along_mm, -250, 250, what="the distance from the end plates", unit="mm")

    @property
    def tip_mm(self) -> tuple[float, float]:
        """Place of the tip in the cross-section: across the muscle, and below its surface."""
        turn = math.radians(self.angle_deg)
        return self.depth_mm * math.cos(turn), self.depth_mm * math.sin(turn)


@dataclass(frozen=True, kw_only=True)
class Section:
    """The muscle as the needle meets it: a round cross-section, its fibres and its end-plate zone.

    Parameters
    ----------
    radius_mm : float
        Of the cross-section; its highest point is depth 0.
    fibre_length_mm : float
        From tendon to tendon; the end-plate zone lies in the middle.
    end_plate_sd_mm : float
        Scatter of the end plates about the middle of their zone.
    """

    radius_mm: float
    fibre_length_mm: float
    end_plate_sd_mm: float

    def holds(self, place: NeedlePlace) -> bool:
        """Whether the tip is in the muscle."""
        x, y = place.tip_mm
        is_within = math.hypot(x, y - self.radius_mm) <= self.radius_mm
        return is_within and abs(place.along_mm) <= self.fibre_length_mm / 2

    def where(self, place: NeedlePlace) -> str:
        """Where the tip is, in words."""
        if self.holds(place):
            return "in the muscle"
        if abs(place.along_mm) > self.fibre_length_mm / 2:
            return "in the tendon"
        return "outside the muscle"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """The filters of the display and the loudspeaker; measures are taken from the same filtered signal."""

    high_pass_hz: float = 20.0
    low_pass_hz: float = 10_000.0

    def __post_init__(self) -> None:
        if not 0 < self.high_pass_hz < self.low_pass_hz:
            raise InputError(
                "the filter cannot be used", got=f"{self.high_pass_hz:g} to {self.low_pass_hz:g} Hz",
                expected="a low corner above 0 Hz and below the high corner",
            )  # fmt: skip


def filter_steps(filters: Filters, stored: RecordingSettings) -> list[FilterStep]:
    """Filters that are left to do behind those of the recording."""
    steps = []
    if filters.high_pass_hz > (stored.high_pass_hz or 0.0):
        steps.append(FilterStep(kind="high_pass", frequency_hz=filters.high_pass_hz))
    if filters.low_pass_hz < (stored.low_pass_hz or np.inf):
        steps.append(FilterStep(kind="low_pass", frequency_hz=filters.low_pass_hz))
    return steps


def stated_settings(stored: RecordingSettings, filters: Filters) -> RecordingSettings:
    """Settings of a recording seen through the filters of the bench."""
    return replace(
        stored, high_pass_hz=max(filters.high_pass_hz, stored.high_pass_hz or 0.0),
        low_pass_hz=min(filters.low_pass_hz, stored.low_pass_hz or np.inf),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Stretch:
    """One stretch of signal at one needle place and one effort.

    Parameters
    ----------
    number : int
        Counts the stretches of the bench.
    recording : Recording
    channel : str
        Which of its channels.
    muscle, side, effort
        What the examiner did.
    insertion : int
        Which insertion into this muscle.
    place : NeedlePlace or None
        None where the needle cannot be moved from here.
    moved_s : tuple of (start, stop)
        When the needle moved.
    loop_s : float or None
        The stretch goes on from here when it has come to its end; None when it stops there.
    """

    number: int
    recording: Recording = field(repr=False)
    channel: str
    muscle: str
    side: Side
    effort: Effort
    insertion: int
    place: NeedlePlace | None = None
    moved_s: tuple[tuple[float, float], ...] = ()
    loop_s: float | None = None
    held: dict[Filters, NDArray[np.float32]] = field(default_factory=dict, repr=False)

    #: Whether more is still coming.
    is_growing = False

    @property
    def name(self) -> str:
        """Name of its file and of its channel in a case."""
        return f"{self.side}_{self.muscle}_{self.number:02d}_{self.effort}"

    @property
    def rate_hz(self) -> float:
        """Samples per second."""
        return self.recording.channel(self.channel).sampling_rate_hz

    @property
    def start_s(self) -> float:
        """Time of the first sample."""
        return self.recording.channel(self.channel).start_s

    @property
    def end_s(self) -> float:
        """Time just after the last sample."""
        return self.recording.channel(self.channel).end_s

    def _chain(self, filters: Filters) -> FilterChain:
        usable = [
            s for s in filter_steps(filters, self.recording.channel(self.channel).settings) if s.fits(self.rate_hz)
        ]
        return FilterChain(usable, sampling_rate_hz=self.rate_hz)

    def kept_recording(self) -> Recording:
        """The recording to keep beside a case."""
        return self.recording

    def piece(self, at_s: float) -> tuple[float, float]:
        """What is measured at once: the whole stretch, or half a minute from a time on of a long one."""
        if self.end_s - self.start_s <= SHORT:
            return self.start_s, self.end_s
        start = min(max(at_s, self.start_s), self.end_s - PIECE_S)
        return start, start + PIECE_S

    def samples_uv(self, start: int, stop: int, filters: Filters) -> NDArray[np.float32]:
        """Filtered samples by index, as they are drawn, heard and measured; shape ``(stop - start,)``."""
        channel = self.recording.channel(self.channel)
        start, stop = max(start, 0), min(stop, channel.n_samples)
        if channel.n_samples > SHORT * self.rate_hz:
            chain = self._chain(filters)
            found = chain.window(channel.read, start, stop, first=0, last=channel.n_samples)
            return np.asarray(found, dtype=np.float32)
        if filters not in self.held:
            self.held.clear()  # one setting at a time
            self.held[filters] = self._chain(filters).apply(channel.samples_uv).astype(np.float32)
        return self.held[filters][start:stop]

    def trace(self, filters: Filters, start_s: float, end_s: float) -> Trace:
        """A filtered stretch for measuring, from the same samples that are drawn and heard.

        Raises
        ------
        InputError
            If it holds no sample.
        """
        channel = self.recording.channel(self.channel)
        start, stop = channel.index_at(start_s), channel.index_at(end_s)
        samples = self.samples_uv(start, stop, filters)
        if not len(samples):
            raise InputError("the stretch holds no sample", got=f"{start_s:g} to {end_s:g} s", expected="a longer one")
        settings = stated_settings(channel.settings, filters)
        return Trace(
            samples_uv=samples.astype(np.float64), sampling_rate_hz=self.rate_hz,
            start_s=float(channel.times_s(start, start + 1)[0]), channel=self.channel, settings=settings,
        )  # fmt: skip


#: Stretches up to this length are filtered once and held, and measured whole (internal choice: 60 s at 48 kHz are 12 MB).
SHORT = 60.0
#: Of a longer one so much is measured at once (internal choice: enough for an average of the slowest unit).
PIECE_S = 30.0


def check_effort(effort: str) -> Effort:
    """Return the effort, or raise InputError."""
    check_choice(effort, EFFORTS, what="the effort")
    return effort  # type: ignore[return-value]


class NeedleSource(Protocol):
    """What a source of the bench must offer."""

    @property
    def title(self) -> str:
        """Who or what is examined, in words and without identifiers."""

    @property
    def electrode(self) -> str:
        """The electrode, in words."""

    @property
    def subject(self) -> Subject:
        """Whom limits depend on."""

    @property
    def days_since_onset(self) -> float | None:
        """Age of the problem, where it is known."""

    @property
    def can_move(self) -> bool:
        """Whether needle and effort are in the examiner's hands here; otherwise they are only stated."""

    @property
    def is_live(self) -> bool:
        """Whether the signal is still coming."""

    def muscles(self) -> tuple[str, ...]:
        """Codes of the muscles on offer."""

    def section(self, muscle: str, side: Side) -> Section | None:
        """The muscle under the needle; None where it is not known."""

    def usual_place(self, muscle: str, side: Side) -> NeedlePlace | None:
        """Where a needle is usually put first."""

    def record(
        self, *, muscle: str, side: Side, effort: Effort, place: NeedlePlace | None, insertion: int, number: int
    ) -> Stretch:
        """One stretch of signal; ``"insert"`` begins with a movement of the needle."""
