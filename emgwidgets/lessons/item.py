"""One item of an exercise: traces, what is known, the options, and what each option is told; it draws nothing."""

from __future__ import annotations

from dataclasses import dataclass

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Sweep

__all__ = ["Item", "ItemTrace", "Spread"]

MOST_OPTIONS = 9


@dataclass(frozen=True, kw_only=True, eq=False)
class ItemTrace:
    """One sweep of the picture.

    Parameters
    ----------
    label : str
        What stands beside it, such as ``"elbow, 24 mA"``.
    sweep : Sweep
    marks : tuple of (str, float)
        Letter and time in ms; drawn once the item is answered.
    scale : str
        Traces of the same scale are drawn at the same gain; one of the scale ``"level"`` is no voltage and has no bar.
    lane : str
        Traces of the same lane are laid over one another; each has its own when left out.
    """

    label: str
    sweep: Sweep
    marks: tuple[tuple[str, float], ...] = ()
    scale: str = ""
    lane: str = ""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Times of one measure in microseconds, drawn as a histogram beneath the traces.

    Parameters
    ----------
    label : str
        What was measured.
    values_us : tuple of float or None
        None counts as beyond the last bin: too large to be measured.
    step_us : float
        Width of a bin.
    n_bins : int
        Bins that are drawn; what lies beyond them is counted in one more.
    limit_us : float, optional
        Drawn as a line.
    limit_label : str
        What the line is.
    """

    label: str
    values_us: tuple[float | None, ...]
    step_us: float
    n_bins: int
    limit_us: float | None = None
    limit_label: str = ""

    def __post_init__(self) -> None:
        if not self.step_us > 0 or self.n_bins < 1:
            raise InputError(
                "a histogram needs bins", got=f"{self.n_bins} of {self.step_us:g}", expected="one or more above 0"
            )

    @property
    def counts(self) -> tuple[int, ...]:
        """Number of values in each bin, and last of those beyond."""
        counts = [0] * (self.n_bins + 1)
        for value in self.values_us:
            counts[self.n_bins if value is None else min(int(value / self.step_us), self.n_bins)] += 1
        return tuple(counts)


@dataclass(frozen=True, kw_only=True, eq=False)
class Item:
    """A question with its picture.

    Parameters
    ----------
    question : str
    options : tuple of str
        Two to nine; the last may be "cannot be judged".
    truth : int
        Index of the option that the simulation makes true.
    feedback : tuple of str
        One for each option: the measured feature that fits it or speaks against it.
    why : str
        What decides, with its numbers; shown with any answer.
    traces : tuple of ItemTrace
        From top to bottom.
    known : tuple of (str, str)
        Shown before the answer: who, settings, numbers of the study.
    found : tuple of (str, str)
        Shown after the answer: truth of the simulation beside what was measured.
    start_ms, end_ms : float
        What is drawn of the sweeps.
    spread : Spread, optional
        A histogram beneath them.
    """

    question: str
    options: tuple[str, ...]
    truth: int
    feedback: tuple[str, ...]
    why: str
    traces: tuple[ItemTrace, ...] = ()
    known: tuple[tuple[str, str], ...] = ()
    found: tuple[tuple[str, str], ...] = ()
    start_ms: float = 0.0
    end_ms: float = 20.0
    spread: Spread | None = None

    def __post_init__(self) -> None:
        if not 2 <= len(self.options) <= MOST_OPTIONS or len(set(self.options)) != len(self.options):
            raise InputError(
                "an item needs different options", got=f"{len(self.options)}", expected=f"2 to {MOST_OPTIONS}"
            )
        if not 0 <= self.truth < len(self.options):
            raise InputError("there is no such option", got=str(self.truth), expected=f"0 to {len(self.options) - 1}")
        if len(self.feedback) != len(self.options):
            raise InputError(
                "every option needs its feedback", got=f"{len(self.feedback)}", expected=f"{len(self.options)}"
            )
        if not self.start_ms < self.end_ms:
            raise InputError("the picture has no width", got=f"{self.start_ms:g} to {self.end_ms:g} ms")

    def said(self, choice: int) -> str:
        """What the learner is told for an option: the feature first, then what decides."""
        return f"{self.feedback[choice]} {self.why}".strip()
