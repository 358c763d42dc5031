"""Results of needle analysis at slight effort: trains of motor units, their potentials, and what a reader changed.  No method."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.checks import check_choice
from emgwidgets.model.measure import Absent, Measure, Measures, Result
from emgwidgets.model.needle import MUAP_MEASURES

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "EDIT_KINDS",
    "DecompositionResult",
    "DurationMark",
    "Edit",
    "MotorUnit",
    "Muap",
    "edits_from_json",
    "edits_to_json",
]

EDIT_KINDS = ("merge", "split", "delete", "add", "move")


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change a reader made to a decomposition.

    Parameters
    ----------
    kind : str
        ``"merge"`` joins ``other`` into ``unit``; ``"split"`` moves the discharges at ``times_s`` of ``unit`` to a new unit
        named ``other``; ``"delete"`` removes the discharges at ``times_s``, or the whole unit when there are none; ``"add"``
        adds discharges at ``times_s``, to a new unit when ``unit`` is not known; ``"move"`` gives the discharges at
        ``times_s`` of ``unit`` to ``other``.
    unit, other : str
        Labels of units.
    times_s : tuple of float
        Times on the recording's clock.
    reader, note : str
        Who and why; free text.
    """

    kind: Literal["merge", "split", "delete", "add", "move"]
    unit: str
    other: str = ""
    times_s: tuple[float, ...] = ()
    reader: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        check_choice(self.kind, EDIT_KINDS, what="the kind of edit")
        object.__setattr__(self, "times_s", tuple(float(one) for one in self.times_s))
        if not self.unit:
            raise InputError("an edit needs the unit it changes", got=self.kind, expected="the label of a unit")
        if self.kind in ("merge", "split", "move") and (not self.other or self.other == self.unit):
            raise InputError(f"a {self.kind} needs a second unit", got=repr(self.other), expected="another label")
        if self.kind in ("split", "add", "move") and not self.times_s:
            raise InputError(f"a {self.kind} needs discharges", expected="their times in times_s")
        if not all(math.isfinite(one) for one in self.times_s):
            raise InputError("the time of a discharge cannot be used", got=str(self.times_s), expected="finite seconds")


def edits_to_json(edits: Iterable[Edit]) -> str:
    """Edits as JSON text, in order."""
    rows = [
        {
            "kind": e.kind, "unit": e.unit, "other": e.other, "times_s": list(e.times_s), "reader": e.reader, "note": e.note,
        }
        for e in edits
    ]  # fmt: skip
    return json.dumps(rows, indent=1, allow_nan=False)


def edits_from_json(text: str) -> tuple[Edit, ...]:
    """Edits from JSON text.

    Raises
    ------
    InputError
        If the text is no list of edits.
    """
    try:
        rows = json.loads(text)
        return tuple(Edit(**row) for row in rows)
    except InputError:
        raise
    except (ValueError, TypeError) as error:
        raise InputError(
            "the edits cannot be read", got=f"{type(error).__name__}", expected="the JSON written by edits_to_json"
        ) from error


@dataclass(frozen=True, kw_only=True, eq=False)
class MotorUnit:
    """One motor unit of a decomposition.

    Parameters
    ----------
    label : str
        Name within the result.
    times_s : ndarray, shape (n_discharges,)
        On the recording's clock, in order; the same point of the potential each time.
    confidence : ndarray, shape (n_discharges,)
        Probability that the discharge is this unit's, 0 to 1.
    waveform_uv : ndarray, shape (n_samples,)
        Mean potential in the recording's own band with the other units taken away; active minus reference.
    waveform_start_ms : float
        Time of the first sample from the discharge.
    size_to_rms : float
        Largest magnitude of the potential over the root mean square of the whole signal.
    distinctness : float
        How far the template stands out of the unexplained signal, in its standard deviations.
    rate_hz : float or None
        One over the mean interval, without doublets and without gaps beyond twice the median.
    interval_cv : float or None
        Coefficient of variation of those intervals.
    short_share : float
        Share of intervals below 25 ms that are no doublets.
    regular_share : float
        Share of intervals within half of their median.
    doubts : tuple of str
        Why the train should be looked at again; empty when nothing was found.
    """

    label: str
    times_s: NDArray[np.float64] = field(repr=False)
    confidence: NDArray[np.float64] = field(repr=False)
    waveform_uv: NDArray[np.float64] = field(repr=False)
    waveform_start_ms: float
    size_to_rms: float
    distinctness: float
    rate_hz: float | None
    interval_cv: float | None
    short_share: float
    regular_share: float
    doubts: tuple[str, ...] = ()

    def __repr__(self) -> str:
        rate = "no rate" if self.rate_hz is None else f"{self.rate_hz:.1f}/s"
        doubts = f", {len(self.doubts)} to look at again" if self.doubts else ""
        return f"MotorUnit({self.label}, {self.n_discharges} discharges, {rate}, {self.size_to_rms:.1f} x RMS{doubts})"

    @property
    def n_discharges(self) -> int:
        """Number of discharges."""
        return len(self.times_s)

    @property
    def is_valid(self) -> bool:
        """Whether nothing speaks against the train being one unit's."""
        return not self.doubts

    @property
    def instantaneous_rates_hz(self) -> NDArray[np.float64]:
        """One over each interval, shape ``(n_discharges - 1,)``."""
        return np.asarray(1.0 / np.diff(self.times_s), dtype=np.float64)

    def to_json_dict(self) -> dict[str, Any]:
        """Plain values without the waveform."""
        return {
            "label": self.label, "n_discharges": self.n_discharges, "size_to_rms": round(self.size_to_rms, 3),
            "distinctness": round(self.distinctness, 2), "rate_hz": _plain(self.rate_hz),
            "interval_cv": _plain(self.interval_cv), "short_share": round(self.short_share, 4),
            "regular_share": round(self.regular_share, 4), "doubts": list(self.doubts),
            "times_s": [round(float(t), 6) for t in self.times_s],
            "confidence": [round(float(c), 4) for c in self.confidence],
        }  # fmt: skip


def _plain(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 4)


@dataclass(frozen=True, kw_only=True, eq=False)
class DecompositionResult:
    """Motor units of one stretch of one channel.

    Parameters
    ----------
    units : tuple of MotorUnit
        Accepted units, the largest first.
    rejected : tuple of MotorUnit
        What recurs but is no acceptable train, each with its doubts; never counted as units.
    residual_uv : ndarray, shape (n_samples,)
        The signal without the accepted units.
    sampling_rate_hz, start_s : float
        Rate, and time of the first sample.
    rms_uv : float
        Root mean square of the signal.
    explained_share : float
        Share of the signal's energy that the accepted units explain.
    channel : str
    edits : tuple of Edit
        Changes by readers that are in this result.
    notes : tuple of str
        Limits of this result, one sentence each.
    """

    units: tuple[MotorUnit, ...]
    rejected: tuple[MotorUnit, ...] = ()
    residual_uv: NDArray[np.float64] = field(repr=False)
    sampling_rate_hz: float
    start_s: float
    rms_uv: float
    explained_share: float
    channel: str = ""
    edits: tuple[Edit, ...] = ()
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        n = len(self.units)
        return (
            f"DecompositionResult({n} unit{'s' * (n != 1)} in {self.duration_s:.1f} s of {self.channel or 'a trace'}, "
            f"{100 * self.explained_share:.0f} % of the energy explained, {len(self.rejected)} rejected, {len(self.edits)} edits)"
        )

    @property
    def duration_s(self) -> float:
        """Length of the stretch."""
        return len(self.residual_uv) / self.sampling_rate_hz

    def unit(self, label: str) -> MotorUnit:
        """Return an accepted unit by its label.

        Raises
        ------
        InputError
            If there is no such unit.
        """
        for one in self.units:
            if one.label == label:
                return one
        known = ", ".join(one.label for one in self.units) or "none"
        raise InputError("no such unit", got=repr(label), expected=f"one of {known}")

    def to_json_dict(self) -> dict[str, Any]:
        """Plain values without waveforms."""
        return {
            "channel": self.channel, "start_s": round(self.start_s, 6), "duration_s": round(self.duration_s, 6),
            "sampling_rate_hz": self.sampling_rate_hz, "rms_uv": round(self.rms_uv, 3),
            "explained_share": round(self.explained_share, 4), "notes": list(self.notes),
            "units": [one.to_json_dict() for one in self.units],
            "rejected": [one.to_json_dict() for one in self.rejected],
            "edits": json.loads(edits_to_json(self.edits)),
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class DurationMark:
    """Start and end of a potential by one method, from its discharge."""

    method: str
    source: str
    onset_ms: float
    end_ms: float

    @property
    def duration_ms(self) -> float:
        """End minus start."""
        return self.end_ms - self.onset_ms


@dataclass(frozen=True, kw_only=True, eq=False)
class Muap:
    """A motor unit action potential measured: the nine standard parameters (TRM) and what is derived from them.

    Parameters
    ----------
    waveform_uv : ndarray, shape (n_samples,)
        The averaged potential; active minus reference.
    sampling_rate_hz, start_ms : float
        Rate, and time of the first sample from the discharge.
    amplitude_uv, duration_ms, spike_duration_ms, area_uv_ms, spike_area_uv_ms : Measure or Absent
        Magnitudes; the interval of the duration is the spread of the methods.
    n_phases, n_turns, n_satellites : Measure or Absent
        Counts.
    jiggle, shape_correlation : Measure or Absent
        Variability: median amplitude difference of consecutive discharges, normalised (CAD), and their median correlation (CCC).
    rise_time_ms, thickness_ms, size_index : Measure or Absent
        Positive peak to the next negative one; area over amplitude; 2 log10(amplitude in mV) + thickness (SIZ).
    firing_rate_hz : Measure or Absent
    durations : tuple of DurationMark
        Every method's start and end.
    satellites_ms : tuple of (float, float)
        Start and end of each late component.
    n_discharges : int
    notes : tuple of str
        What this potential cannot support and why.
    """

    label: str = ""
    waveform_uv: NDArray[np.float64] = field(repr=False)
    sampling_rate_hz: float
    start_ms: float
    amplitude_uv: Result
    duration_ms: Result
    spike_duration_ms: Result
    area_uv_ms: Result
    spike_area_uv_ms: Result
    n_phases: Result
    n_turns: Result
    n_satellites: Result
    jiggle: Result
    shape_correlation: Result
    rise_time_ms: Result
    thickness_ms: Result
    size_index: Result
    firing_rate_hz: Result
    durations: tuple[DurationMark, ...] = ()
    satellites_ms: tuple[tuple[float, float], ...] = ()
    n_discharges: int = 0
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        named = f"{self.label}; " if self.label else ""
        return f"Muap({named}{repr(self.measures).removeprefix('Measures(')}"

    @property
    def is_polyphasic(self) -> bool | None:
        """More than four phases; None when they were not counted."""
        return self.n_phases.value > 4 if isinstance(self.n_phases, Measure) else None

    @property
    def measures(self) -> Measures:
        """The measures under the names of ``model.needle.MUAP_MEASURES``."""
        names = [name for name in MUAP_MEASURES if hasattr(self, name)]
        return Measures({name: getattr(self, name) for name in names})

    def to_json_dict(self) -> dict[str, Any]:
        """Plain values without the waveform; an absent measure is its reason."""
        out: dict[str, Any] = {"label": self.label, "n_discharges": self.n_discharges}
        for name, value in vars(self).items():
            if isinstance(value, Measure):
                out[name] = {"value": value.value, "low": value.low, "high": value.high, "method": value.method}
            elif isinstance(value, Absent):
                out[name] = {"absent": value.reason}
        out["durations"] = [
            {"method": m.method, "onset_ms": m.onset_ms, "end_ms": m.end_ms, "source": m.source} for m in self.durations
        ]
        out["satellites_ms"] = [list(one) for one in self.satellites_ms]
        out["notes"] = list(self.notes)
        return out
