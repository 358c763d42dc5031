"""Single-fibre pairs and macro recordings with triggered averaging, and their truth; the judgement is made elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.signal import ArraySamples, Channel, Recording
from emgwidgets.simulation.muscle._templates import add_events, amplifier, phased
from emgwidgets.simulation.muscle.drive import drive_for, effort_to_recruit
from emgwidgets.simulation.muscle.electrode import NeedleElectrode, lead_points, needle_in
from emgwidgets.simulation.muscle.fibre import potentials_uv, summed_potential_uv
from emgwidgets.simulation.muscle.junction import mean_consecutive_difference_us
from emgwidgets.simulation.muscle.needle import NeedleTruth, needle_settings, simulate_needle
from emgwidgets.simulation.muscle.parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.muscle.muscle_types import MuscleState

__all__ = ["MacroRecording", "SingleFibrePair", "macro_recording", "single_fibre_pair"]

#: Usual recording conditions: 500 Hz to 10 kHz at 50 kHz or more (needle.md 2.4); macro from 5 Hz (M).
SF_HZ, MACRO_HZ = 96000.0, 24000.0
SF_FILTER = {"high_pass_hz": 500.0, "low_pass_hz": 10000.0}
#: Least size of a second spike that can be triggered on or timed (needle.md 5, M).
SPIKE_UV = 200.0
MACRO_WINDOW_MS = 80.0


@dataclass(frozen=True, kw_only=True, eq=False)
class SingleFibrePair:
    """A single-fibre recording of two or more fibres of one unit.

    Parameters
    ----------
    truth : NeedleTruth
        Every unit; the pair belongs to ``unit``.
    jitter_us, blocked_percent : float
        True jitter (MCD) of the pair, and share of impulses in which either fibre failed.
    interval_ms : float
        True mean interval between the two spikes.
    fibre_density : int
        Fibres of the unit over 200 uV at this place.
    """

    recording: Recording
    truth: NeedleTruth
    unit: int
    jitter_us: float
    blocked_percent: float
    interval_ms: float
    fibre_density: int
    times_s: NDArray[np.float64] = field(repr=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class MacroRecording:
    """A macro recording: the cannula triggered by the single-fibre surface half-way along it.

    Parameters
    ----------
    recording : Recording
        Two channels, ``"Single fibre"`` and ``"Macro"``.
    averaged_uv : ndarray
        Cannula averaged on the true times of the triggering unit; its middle is the trigger.
    true_uv : ndarray
        The unit's own potential on the cannula, same clock, without noise and other units.
    """

    recording: Recording
    unit: int
    times_s: NDArray[np.float64] = field(repr=False)
    averaged_uv: NDArray[np.float64] = field(repr=False)
    true_uv: NDArray[np.float64] = field(repr=False)
    sampling_rate_hz: float

    @property
    def true_amplitude_uv(self) -> float:
        """Peak to peak of the true macro potential."""
        return float(np.ptp(self.true_uv))


def _sf_needle(muscle: MuscleState, unit: int, rng: np.random.Generator) -> tuple[NeedleElectrode, NDArray[np.intp]]:
    """Needle whose port sees at least two fibres of the unit over 200 uV; the best of several places."""
    fibres = muscle.fibres_of(unit)
    behind = value("sf_port_behind_tip")
    tip_off = np.hypot(muscle.x_mm[fibres], muscle.y_mm[fibres] + behind - muscle.radius_mm)
    within = fibres[tip_off < muscle.radius_mm]  # the tip lies deeper than the port and must be in the muscle too
    best: tuple[int, NeedleElectrode, NDArray[np.intp]] | None = None
    for first in rng.permutation(within)[:40]:
        needle = needle_in(muscle, kind="single_fibre", **SF_FILTER)
        gap = rng.uniform(0.05, 0.15)
        needle = needle.moved_to(
            depth_mm=float(muscle.y_mm[first] + behind),
            lateral_mm=float(muscle.x_mm[first] - value("cannula_radius") - gap),
        )
        off = np.hypot(muscle.x_mm[fibres] - muscle.x_mm[first], muscle.y_mm[fibres] - muscle.y_mm[first])
        near = fibres[off < 0.6]
        waves = potentials_uv(
            muscle.fibre_set(near), lead_points(needle), sampling_rate_hz=48000.0, duration_ms=25.0,
            spike_stretch=muscle.spike_stretch,
        )  # fmt: skip
        sizes = np.ptp([amplifier(w, needle, 48000.0) for w in waves], axis=1)
        seen = near[sizes > SPIKE_UV]
        if best is None or len(seen) > len(best[2]):
            best = (int(first), needle, seen)
        if len(seen) >= 2:
            break
    if best is None or len(best[2]) < 2:
        raise InputError(
            "no pair of fibres lies within reach", got=f"unit {unit} with {len(fibres)} fibres",
            expected="a unit with two fibres close together", way_out="choose another unit or seed",
        )  # fmt: skip
    return best[1], best[2]


def single_fibre_pair(
    muscle: MuscleState, *, unit: int | None = None, n_discharges: int = 60, seed: int = 0, effort: float | None = None
) -> SingleFibrePair:
    """Record a pair of one unit with a single-fibre electrode at slight effort.

    Parameters
    ----------
    muscle : MuscleState
        The muscle.
    unit : int, optional
        Which motor unit; one of the first that has a pair when left out.
    n_discharges : int
        Least number of discharges recorded.
    seed : int
        Same seed, same bytes.
    effort : float, optional
        Share of the greatest force; just enough for the unit when left out.

    Raises
    ------
    InputError
        If no fibres of the unit lie close enough together, or fewer than two discharges are asked for.
    """
    if n_discharges < 2:
        raise InputError("jitter needs discharges", got=f"{n_discharges}", expected="2 or more")
    rng = np.random.default_rng([seed, 31])
    units = [unit] if unit is not None else [int(u) for u in rng.permutation(np.flatnonzero(muscle.voluntary)[:40])]
    for candidate in units:
        try:
            needle, seen = _sf_needle(muscle, candidate, rng)
        except InputError:
            if candidate == units[-1]:
                raise
            continue
        break
    share = effort_to_recruit(muscle, candidate) if effort is None else effort
    rate = max(float(drive_for(muscle, share).rates_hz[candidate]), 4.0)
    made = simulate_needle(
        muscle, needle, effort=share, duration_s=1.4 * n_discharges / rate, sampling_rate_hz=SF_HZ, seed=seed
    )
    own = next(u for u in made.truth.units if u.unit == candidate)
    columns = [int(np.flatnonzero(own.parts.near_fibres == fibre)[0]) for fibre in seen]
    columns.sort(key=lambda c: -float(np.ptp(own.parts.near_uv[c])))
    first, second = sorted(columns[:2], key=lambda c: int(own.parts.near_uv[c].argmin()))
    blocked = own.near_blocked[:, first] | own.near_blocked[:, second]
    late = own.near_delay_ms[:, second] - own.near_delay_ms[:, first]
    peaks = [int(own.parts.near_uv[c].argmin()) * 1000.0 / SF_HZ for c in (first, second)]
    return SingleFibrePair(
        recording=made.recording, truth=made.truth, unit=candidate, times_s=own.times_s, fibre_density=len(seen),
        jitter_us=mean_consecutive_difference_us(np.where(blocked, np.nan, late)), blocked_percent=100 * float(blocked.mean()),
        interval_ms=peaks[1] - peaks[0] + float(late[~blocked].mean()) if not blocked.all() else float("nan"),
    )  # fmt: skip


def macro_recording(
    muscle: MuscleState, *, unit: int | None = None, n_discharges: int = 150, seed: int = 0
) -> MacroRecording:
    """Record a unit with a macro electrode and average it on the single-fibre trigger.

    Parameters
    ----------
    muscle, unit, n_discharges, seed
        As for :func:`single_fibre_pair`; every unit recruited at that effort is on the cannula too.
    """
    rng = np.random.default_rng([seed, 32])
    pair = single_fibre_pair(muscle, unit=unit, n_discharges=n_discharges, seed=seed)
    macro = needle_in(
        muscle, kind="macro", depth_mm=min(1.6 * muscle.radius_mm, 12.0), high_pass_hz=5.0, low_pass_hz=8000.0
    )
    n = round(pair.recording.duration_s * MACRO_HZ)
    total = np.zeros(n, dtype=np.float32)
    true = np.zeros(0)
    for other in pair.truth.units:
        fibres = muscle.fibre_set(muscle.fibres_of(other.unit))
        wave = summed_potential_uv(
            fibres, lead_points(macro), sampling_rate_hz=MACRO_HZ, duration_ms=60.0, spike_stretch=muscle.spike_stretch
        )
        add_events(total, phased(wave), other.times_s * MACRO_HZ)
        if other.unit == pair.unit:
            true = amplifier(wave, macro, MACRO_HZ)
    recorded = amplifier(total + rng.normal(0.0, macro.noise_uv, n), macro, MACRO_HZ)
    half = round(MACRO_WINDOW_MS / 2 * MACRO_HZ / 1000)
    starts = np.round(pair.times_s * MACRO_HZ).astype(int) - half
    starts = starts[(starts >= 0) & (starts + 2 * half <= n)]
    averaged = np.mean([recorded[s : s + 2 * half] for s in starts], axis=0)
    placed = np.zeros(2 * half)
    placed[half : half + min(half, len(true))] = true[:half]
    step = max(0.1, float(np.abs(recorded).max()) / 32767)
    channel = Channel(
        name="Macro", unit="uV", sampling_rate_hz=MACRO_HZ, kind="needle_emg", settings=needle_settings(macro),
        samples=ArraySamples(stored=np.round(recorded / step).astype(np.int16), gain=step),
    )  # fmt: skip
    single = pair.recording.channels[0]
    recording = Recording(
        channels=(single, channel), annotations=pair.recording.annotations, device=pair.recording.device,
        title=f"Simulated macro EMG, {muscle.muscle}", notes=("simulated: no patient",),
    )  # fmt: skip
    return MacroRecording(
        recording=recording, unit=pair.unit, times_s=pair.times_s, averaged_uv=averaged, true_uv=placed,
        sampling_rate_hz=MACRO_HZ,
    )  # fmt: skip
