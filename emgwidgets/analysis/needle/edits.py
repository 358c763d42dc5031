"""A reader's changes to a decomposition, applied to the raw signal again: every number of the changed result is measured anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.analysis.needle import _averages
from emgwidgets.analysis.needle.decomposition import Train, build_result
from emgwidgets.errors import InputError
from emgwidgets.model.needle_analysis import DecompositionResult, Edit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["apply_edits", "signal_of"]

NEAR_MS = 1.0  # science 3.11: the usual tolerance; a time names the discharge that lies within it


def signal_of(result: DecompositionResult) -> NDArray[np.float64]:
    """The signal a result explains, in microvolts without offset: its residual plus every unit at its discharges."""
    if not result.units:
        return np.array(result.residual_uv)
    waves = np.array([one.waveform_uv for one in result.units])
    n_before = round(-result.units[0].waveform_start_ms / 1000 * result.sampling_rate_hz)
    trains = [(one.times_s - result.start_s) * result.sampling_rate_hz for one in result.units]
    return np.asarray(result.residual_uv + _averages.explained(waves, trains, len(result.residual_uv), n_before))


def apply_edits(result: DecompositionResult, edits: Iterable[Edit]) -> DecompositionResult:
    """Apply edits in order and measure every unit again.

    Parameters
    ----------
    result : DecompositionResult
    edits : iterable of Edit

    Returns
    -------
    DecompositionResult
        With the edits behind those it held already.  Trains are kept as the reader made them; what speaks against one is
        in its doubts.

    Raises
    ------
    InputError
        If an edit names a unit or a discharge that is not there.
    """
    edits = tuple(edits)
    rate = result.sampling_rate_hz
    trains = {
        one.label: Train(one.label, (one.times_s - result.start_s) * rate, np.asarray(one.confidence))
        for one in result.units
    }
    duration = len(result.residual_uv) / rate
    for edit in edits:
        outside = [t for t in edit.times_s if not result.start_s <= t <= result.start_s + duration]
        if outside:
            raise InputError(
                "a discharge lies outside the recording", got=f"{outside[0]:.3f} s",
                expected=f"{result.start_s:.3f} to {result.start_s + duration:.3f} s",
            )  # fmt: skip
        places = (np.array(edit.times_s) - result.start_s) * rate
        STEPS[edit.kind](trains, edit, places, NEAR_MS / 1000 * rate)
        for label in [name for name, one in trains.items() if not len(one.places)]:
            del trains[label]
    notes = tuple(one for one in result.notes if "smaller than" not in one and "No motor unit" not in one)
    return build_result(
        signal_of(result), list(trains.values()), trace=result, notes=notes, edits=(*result.edits, *edits)
    )


def _known(trains: dict[str, Train], label: str) -> Train:
    if label not in trains:
        raise InputError(
            "the edit names a unit that is not there", got=repr(label), expected=f"one of {', '.join(trains) or 'none'}"
        )
    return trains[label]


def _named(train: Train, places: NDArray[np.float64], reach: float) -> NDArray[np.bool_]:
    chosen = np.zeros(len(train.places), dtype=bool)
    for place in places:
        gap = np.abs(train.places - place)
        nearest = int(gap.argmin()) if len(gap) else 0
        if not len(gap) or gap[nearest] > reach:
            raise InputError(
                f"unit {train.label} has no discharge there",
                expected=f"a time within {NEAR_MS:g} ms of one of its discharges",
            )
        chosen[nearest] = True
    return chosen


def _with(train: Train | None, label: str, places: NDArray[np.float64]) -> Train:
    """The train with discharges a reader gave; these are certain."""
    if train is None:
        return Train(label, places, np.ones(len(places)))
    return Train(
        label, np.concatenate([train.places, places]), np.concatenate([train.confidence, np.ones(len(places))])
    )


def _without(train: Train, chosen: NDArray[np.bool_]) -> Train:
    return Train(train.label, train.places[~chosen], train.confidence[~chosen])


def _merge(trains: dict[str, Train], edit: Edit, _: NDArray[np.float64], reach: float) -> None:
    keep, other = _known(trains, edit.unit), _known(trains, edit.other)
    # a discharge both units claim is one discharge
    new = np.array([p for p in other.places if not (np.abs(keep.places - p) <= reach).any()])
    trains[edit.unit] = _with(keep, edit.unit, new)
    del trains[edit.other]


def _split(trains: dict[str, Train], edit: Edit, places: NDArray[np.float64], reach: float) -> None:
    if edit.other in trains:
        raise InputError("the new unit of a split exists already", got=repr(edit.other), expected="a new label")
    _move(trains, edit, places, reach)


def _move(trains: dict[str, Train], edit: Edit, places: NDArray[np.float64], reach: float) -> None:
    giver = _known(trains, edit.unit)
    chosen = _named(giver, places, reach)
    if edit.kind == "move":
        _known(trains, edit.other)
    trains[edit.other] = _with(trains.get(edit.other), edit.other, giver.places[chosen])
    trains[edit.unit] = _without(giver, chosen)


def _delete(trains: dict[str, Train], edit: Edit, places: NDArray[np.float64], reach: float) -> None:
    train = _known(trains, edit.unit)
    if len(places):
        trains[edit.unit] = _without(train, _named(train, places, reach))
    else:
        del trains[edit.unit]


def _add(trains: dict[str, Train], edit: Edit, places: NDArray[np.float64], reach: float) -> None:
    train = trains.get(edit.unit)
    if train is not None and any((np.abs(train.places - place) <= reach).any() for place in places):
        raise InputError(f"unit {edit.unit} has a discharge there already", expected="a time where it has none")
    trains[edit.unit] = _with(train, edit.unit, places)


STEPS = {"merge": _merge, "split": _split, "move": _move, "delete": _delete, "add": _add}
