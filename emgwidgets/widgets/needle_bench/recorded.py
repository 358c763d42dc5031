"""A recording from a file as a source of the needle bench: heard and measured as it is; needle and effort are only stated."""

from __future__ import annotations

from dataclasses import dataclass, field

from emgwidgets import vocabulary
from emgwidgets.analysis.needle.recording_limits import recording_limits
from emgwidgets.errors import EmgError, InputError
from emgwidgets.model.case import Subject
from emgwidgets.model.signal import Channel, Recording, Side
from emgwidgets.widgets.needle_bench.source import EFFORTS, Effort, NeedlePlace, Stretch

__all__ = ["RecordedNeedleSource", "needle_channel"]


#: As much of a long recording is looked at when it is opened: a look must not delay it (internal choice).
LOOKED_AT_S = 60.0


def needle_channel(recording: Recording, wanted: str | None = None) -> Channel:
    """The channel to listen to: the one asked for, the needle channel, or the only voltage.

    Raises
    ------
    InputError
        If there is none, or several and none was asked for.
    """
    if wanted is not None:
        return recording.channel(wanted)
    voltages = [one for one in recording.channels if one.is_voltage]
    needles = [one for one in voltages if one.kind == "needle_emg"] or voltages
    if len(needles) == 1:
        return needles[0]
    raise InputError(
        "the recording does not say which channel the needle is" if needles else "the recording has no voltage channel",
        got=f"{len(needles)} channels", expected="one", way_out="state it with channel=...",
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class RecordedNeedleSource:
    """One channel of a recording.

    Parameters
    ----------
    recording : Recording
    channel : str, optional
        Needed when there are several.
    subject : Subject, optional
    days_since_onset : float, optional
    """

    recording: Recording = field(repr=False)
    channel: str | None = None
    subject: Subject = field(default=Subject())
    days_since_onset: float | None = None

    can_move = False
    is_live = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "channel", needle_channel(self.recording, self.channel).name)

    @property
    def title(self) -> str:
        """Length and rate; never a name from the file."""
        one = self.recording.channel(self.channel or 0)
        return f"recording, {one.end_s - one.start_s:.1f} s at {one.sampling_rate_hz / 1000:g} kHz"

    @property
    def electrode(self) -> str:
        """What the file says of the electrode."""
        return self.recording.channel(self.channel or 0).settings.electrode or "electrode not stated"

    @property
    def limits(self) -> tuple[str, ...]:
        """What the recording cannot support, in sentences: rate, cut peaks, surface electrode, silence."""
        one = self.recording.channel(self.channel or 0)
        end_s = min(one.start_s + LOOKED_AT_S, one.end_s)
        try:
            trace = self.recording.trace(one.name, start_s=one.start_s, end_s=end_s)
        except EmgError as error:
            return (f"{error.what[:1].upper()}{error.what[1:]}.",)
        return recording_limits(trace, is_surface=one.kind == "surface_emg")

    @property
    def stated_effort(self) -> Effort:
        """The effort the recording says it begins with; rest where it says nothing."""
        labels = [one.label for one in sorted(self.recording.annotations, key=lambda mark: mark.start_s)]
        for label in labels:
            word = label.removeprefix("effort ").strip()
            if label.startswith("effort ") and word in EFFORTS:
                return word
        return "rest"

    def muscles(self) -> tuple[str, ...]:
        """Every muscle of the vocabulary: the file does not decide it."""
        return tuple(vocabulary.muscles())

    def section(self, muscle: str, side: Side) -> None:
        """Nothing is known of the muscle's shape."""
        del muscle, side

    def usual_place(self, muscle: str, side: Side) -> None:
        """The needle lies where it lay."""
        del muscle, side

    def record(
        self, *, muscle: str, side: Side, effort: Effort, place: NeedlePlace | None, insertion: int, number: int
    ) -> Stretch:
        """The whole channel, with the effort as stated."""
        del place
        return Stretch(
            number=number, recording=self.recording, channel=str(self.channel), muscle=muscle, side=side, effort=effort,
            insertion=insertion,
        )  # fmt: skip
