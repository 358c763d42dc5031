"""Decomposition of a single channel into motor unit trains: whitened detection, clusters, peel-off, superpositions, validation.

Automatic and fallible: what cannot be told apart is listed as rejected, not hidden; a reader's changes are kept as edits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.analysis.needle import _averages
from emgwidgets.analysis.needle._confidence import confidences
from emgwidgets.analysis.needle._trains import (
    interval_cv,
    linked_share,
    regular_intervals_s,
    regular_share,
    short_share,
)
from emgwidgets.analysis.needle._units import sort_units
from emgwidgets.analysis.needle._usable import usable_samples
from emgwidgets.analysis.needle._whitening import whiten
from emgwidgets.model.needle_analysis import DecompositionResult, MotorUnit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.analysis.needle._whitening import Whitened
    from emgwidgets.model.needle_analysis import Edit
    from emgwidgets.model.signal import Trace

__all__ = ["build_result", "decompose"]

# Internal choices: a train of chance has 35 % of its intervals near their median, a regular voluntary one nearly all;
# intervals below 25 ms that are no doublets are not seen at slight effort.
LEAST_REGULAR, MOST_SHORT = 0.65, 0.08
LEAST_DISCHARGES = 10
LEAST_DISTINCT = 8.0  # internal choice: below it noise and distant units are taken for discharges
ENOUGH_DISCHARGES = 20  # needle.md 2.1 and science 3.2: an average needs 10-40
IRREGULAR_CV = 0.3  # science 3.3
LEAST_SURE = 0.9  # internal choice: one discharge in ten may be wrong
# Internal choice: of 637 true units of 114 development stretches the most linked kept one latency to a larger unit in 0.32 of its
# discharges; a unit listed twice did so in 0.92.
ECHO_SHARE = 0.5
LEFT = "left"  # label of what recurs in the residual
SIZE_LIMIT = 2.5  # EML: the ratio above which a published tool was right


class Train:
    """Discharges of one unit in samples of the recording, with their confidence."""

    def __init__(self, label: str, places: NDArray[np.float64], confidence: NDArray[np.float64]) -> None:
        order = np.argsort(places, kind="stable")
        self.label, self.places, self.confidence = label, places[order], confidence[order]


def decompose(trace: Trace, *, progress: Callable[[str], None] | None = None) -> DecompositionResult:
    """Decompose one stretch of a needle or wire channel.

    Parameters
    ----------
    trace : Trace
        At least 10 kHz and 3 s; slight to moderate effort, needle at rest in one place.
    progress : callable, optional
        Takes one short text for each step.

    Returns
    -------
    DecompositionResult
        Units with the largest first; trains that do not hold are in ``rejected``.

    Raises
    ------
    InputError
        If the rate is too low, the stretch too short, flat, missing, clipped beyond use, or looks like a surface recording.

    Notes
    -----
    One shape stands for a unit over the whole stretch: a slow change of shape, as when the needle slips, is not modelled.
    A unit that changes much falls into two, or its later discharges stay in the residual; decompose shorter stretches then.
    """
    tell = progress or (lambda _: None)
    samples_uv, notes = usable_samples(trace)
    tell("whitening")
    flat = whiten(samples_uv, trace.sampling_rate_hz)
    tell("sorting discharges")
    found = sort_units(flat)
    tell("measuring trains")
    sure = confidences(found)
    trains = []
    for unit in range(len(found.templates)):
        mine = found.placement.unit == unit
        if not mine.any():
            continue
        places = (found.placement.start[mine] + found.before) * flat.step
        trains.append(Train(str(unit), places, sure[mine]))
    # what still recurs is shown among the rejected, never counted
    trains += [Train(LEFT, one * flat.step, np.zeros(len(one))) for one in found.left]
    return build_result(samples_uv, trains, trace=trace, notes=notes, is_named=False, flat=flat)


def build_result(
    samples_uv: NDArray[np.float64],
    trains: Sequence[Train],
    *,
    trace: Trace | DecompositionResult,
    notes: Sequence[str] = (),
    edits: Sequence[Edit] = (),
    is_named: bool = True,
    flat: Whitened | None = None,
) -> DecompositionResult:
    """Measure trains against the signal they come from.

    Parameters
    ----------
    samples_uv : ndarray, shape (n_samples,)
    trains : sequence of Train
    trace : Trace or DecompositionResult
        Where rate, start and channel are taken from.
    is_named : bool
        Whether the labels were given by a reader; trains are then kept whatever their statistics.
    flat : Whitened, optional
        The whitened samples, made when left out.
    """
    rate = trace.sampling_rate_hz
    base = samples_uv - np.median(samples_uv)
    rms = float(np.sqrt((base**2).mean()))
    distinct = _distinctness(flat or whiten(samples_uv, rate), [one.places for one in trains])
    passed = [is_named or _is_train(one, sharp, rate) for one, sharp in zip(trains, distinct, strict=True)]
    echoes = _echoes(trains, distinct, passed, rate_hz=rate)
    held = [is_named or (is_train and one not in echoes) for one, is_train in enumerate(passed)]
    kept = [one for one, is_held in zip(trains, held, strict=True) if is_held]
    others = [one for one, is_held in zip(trains, held, strict=True) if not is_held]
    waves, left, n_before = _averages.average_units(base, rate, [one.places for one in kept])
    rest = [_averages.average_units(left, rate, [one.places])[0][0] for one in others]

    def measured(train: Train, wave: NDArray[np.float64]) -> MotorUnit:
        at = trains.index(train)
        return _unit(
            train, wave, distinct[at], is_echo=at in echoes, rate=rate, start_s=trace.start_s, n_before=n_before, rms_uv=rms
        )  # fmt: skip

    accepted = [measured(train, wave) for train, wave in zip(kept, waves, strict=True)]
    rejected = [measured(train, wave) for train, wave in zip(others, rest, strict=True)]
    if not is_named:
        accepted, rejected = _numbered(accepted, ""), _numbered(rejected, "rejected ")
    share = 1 - float((left**2).sum() / max((base**2).sum(), 1e-12))
    small = sum(one.size_to_rms < SIZE_LIMIT for one in accepted)
    said = [*notes]
    if small:
        said.append(
            f"{small} of {len(accepted)} units {'is' if small == 1 else 'are'} smaller than {SIZE_LIMIT:g} times the signal's RMS, where automatic trains are less reliable (EML)."
        )
    if not accepted:
        said.append("No motor unit recurs often and regularly enough to be listed.")
    return DecompositionResult(
        units=tuple(accepted), rejected=tuple(rejected), residual_uv=left, sampling_rate_hz=rate, start_s=trace.start_s,
        rms_uv=rms, explained_share=max(share, 0.0), channel=trace.channel, edits=tuple(edits), notes=tuple(dict.fromkeys(said)),
    )  # fmt: skip


def _distinctness(flat: Whitened, places: Sequence[NDArray[np.float64]]) -> list[float]:
    waves, left, _ = _averages.average_units(flat.samples, flat.rate_hz, [one / flat.step for one in places])
    noise = max(flat.noise_of(left), 1e-9)
    return [float(np.sqrt((wave**2).sum()) / noise) for wave in waves]


def _unit(
    train: Train,
    wave_uv: NDArray[np.float64],
    distinct: float,
    *,
    is_echo: bool,
    rate: float,
    start_s: float,
    n_before: int,
    rms_uv: float,
) -> MotorUnit:
    times = train.places / rate
    gaps = regular_intervals_s(times)
    cv = interval_cv(times)
    short, regular = short_share(times), regular_share(times)
    said = _doubts(len(times), train.confidence, distinct=distinct, cv=cv, short=short, regular=regular)
    if is_echo:
        said.append("its discharges keep one delay to those of a larger unit: probably the same discharges again")
    return MotorUnit(
        label=train.label, times_s=times + start_s, confidence=train.confidence, waveform_uv=wave_uv,
        waveform_start_ms=-1000.0 * n_before / rate, size_to_rms=float(np.abs(wave_uv).max()) / max(rms_uv, 1e-12),
        distinctness=distinct, rate_hz=float(1 / gaps.mean()) if len(gaps) else None,
        interval_cv=cv if np.isfinite(cv) else None, short_share=short, regular_share=regular,
        doubts=tuple(said),
    )  # fmt: skip


def _doubts(
    n: int, confidence: NDArray[np.float64], *, distinct: float, cv: float, short: float, regular: float
) -> list[str]:
    said = []
    if n < ENOUGH_DISCHARGES:
        said.append(f"{n} discharges, fewer than the {ENOUGH_DISCHARGES} an average needs")
    if short > MOST_SHORT:
        said.append(
            f"{100 * short:.0f} % of the intervals are too short for one unit: more than one unit, or false discharges"
        )
    if regular < LEAST_REGULAR:
        said.append(
            f"only {100 * regular:.0f} % of the intervals lie near their median: discharges are missing or not of one unit"
        )
    if np.isfinite(cv) and cv > IRREGULAR_CV:
        said.append(f"intervals vary by {100 * cv:.0f} %")
    if distinct < LEAST_DISTINCT:
        said.append(f"it stands out {distinct:.1f} standard deviations, too few to be told from distant activity")
    if not confidence.any():
        said.append("it recurs in what the units leave and was not sorted")
    elif float(confidence.mean()) < LEAST_SURE:
        said.append(f"mean confidence of its discharges {confidence.mean():.2f}")
    return said


def _echoes(trains: Sequence[Train], distinct: Sequence[float], passed: Sequence[bool], *, rate_hz: float) -> set[int]:
    """Which trains repeat those of a larger unit at one delay; a unit that is itself such a repeat is nobody's model."""
    found: set[int] = set()
    for few in sorted(range(len(trains)), key=lambda one: -distinct[one]):
        larger = [
            one for one in range(len(trains)) if passed[one] and one not in found and distinct[one] > distinct[few]
        ]
        times_s = trains[few].places / rate_hz
        if any(linked_share(times_s, trains[one].places / rate_hz) > ECHO_SHARE for one in larger):
            found.add(few)
    return found


def _is_train(train: Train, distinct: float, rate_hz: float) -> bool:
    times = train.places / rate_hz
    if train.label == LEFT or len(times) < LEAST_DISCHARGES:
        return False
    regular, short = regular_share(times), short_share(times)
    return distinct >= LEAST_DISTINCT and regular >= LEAST_REGULAR and short <= MOST_SHORT


def _numbered(units: Sequence[MotorUnit], stem: str) -> list[MotorUnit]:
    from dataclasses import replace

    ranked = sorted(units, key=lambda one: -one.size_to_rms)
    return [replace(one, label=f"{stem}{i + 1}") for i, one in enumerate(ranked)]
