"""Puts discharges of units, fibres and the moving needle on one time axis. No amplifier settings or file formats here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.muscle import _sources
from emgwidgets.simulation.muscle._templates import add_events, amplifier, phased, unit_template
from emgwidgets.simulation.muscle.drive import discharge_times_s, drive_for
from emgwidgets.simulation.muscle.junction import transmit
from emgwidgets.simulation.muscle.needle_truth import SourceTruth, UnitTruth
from emgwidgets.simulation.muscle.parameters import value
from emgwidgets.simulation.muscle.spontaneous import Train, train

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.muscle._templates import Copies, UnitTemplate
    from emgwidgets.simulation.muscle.electrode import NeedleElectrode
    from emgwidgets.simulation.muscle.muscle_types import MuscleState
    from emgwidgets.simulation.muscle.needle_phase import NeedlePhase

__all__ = ["Scene", "amplifier", "noise_uv", "render"]

FAR_SILENT_UV = 0.2  # a unit whose whole potential stays below this is left out (internal choice: a tenth of the noise)


def noise_uv(n: int, rms_uv: float, sampling_rate_hz: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """White noise that turns to 1/f below a corner; ``rms_uv`` counts 20 Hz to 10 kHz."""
    from scipy import fft

    white = rng.standard_normal(n)
    fast = fft.next_fast_len(n, real=True)
    spectrum = fft.rfft(white, fast)
    frequency = np.maximum(np.arange(len(spectrum)) * sampling_rate_hz / fast, 1.0)
    corner = value("noise_low_corner")
    shape = np.sqrt(1 + corner / frequency)
    band = (frequency >= 20) & (frequency <= 10000)
    power = (shape[band] ** 2).sum() / len(shape)
    shaped: NDArray[np.float64] = fft.irfft(spectrum * shape, fast)[:n] * (rms_uv / np.sqrt(power))
    return shaped


@dataclass(kw_only=True, eq=False)
class Scene:
    """What has been put together so far: the noise-free signal before the amplifier, and the truth about it."""

    clean_uv: NDArray[np.float64]
    units: list[UnitTruth]
    sources: list[SourceTruth]
    insertions_s: list[tuple[float, float]]
    stops_s: list[float]


def render(
    state: MuscleState, electrode: NeedleElectrode, phases: tuple[NeedlePhase, ...], sampling_rate_hz: float, seed: int
) -> Scene:
    """Add up every discharge."""
    total_s = sum(phase.duration_s for phase in phases)
    signal = np.zeros(round(total_s * sampling_rate_hz), dtype=np.float32)
    found = Scene(clean_uv=np.zeros(0), units=[], sources=[], insertions_s=[], stops_s=[])
    start = 0.0
    for index, phase in enumerate(phases):
        electrode = electrode.moved(depth_mm=phase.depth_step_mm, lateral_mm=phase.lateral_step_mm)
        _inside(state, electrode)
        rng = np.random.default_rng([seed, 20, index])
        stage = _Stage(state=state, electrode=electrode, rate=sampling_rate_hz, signal=signal, start=start, index=index)
        found.sources += stage.rest(phase, rng)
        if phase.kind == "insertion":
            stopped, ended = stage.insertion(phase, rng)
            found.insertions_s.append((start, ended))
            found.stops_s.append(stopped)
        if phase.kind == "effort":
            found.units += stage.effort(phase, rng)
        start += phase.duration_s
    found.clean_uv = signal.astype(np.float64)
    return found


def _inside(state: MuscleState, electrode: NeedleElectrode) -> None:
    off = np.hypot(electrode.lateral_mm, electrode.depth_mm - state.radius_mm)
    if off > state.radius_mm + 1.0:
        raise InputError(
            "the needle lies outside the muscle", got=f"depth {electrode.depth_mm:g} mm, lateral {electrode.lateral_mm:g} mm",
            expected=f"within {state.radius_mm:.1f} mm of the middle, which is {state.radius_mm:.1f} mm deep",
            way_out="choose depth_mm and lateral_mm inside",
        )  # fmt: skip
    if abs(electrode.along_mm) > 0.5 * state.fibre_length_mm:
        raise InputError(
            "the needle lies beyond the tendon", got=f"{electrode.along_mm:g} mm from the end-plates",
            expected=f"within {0.5 * state.fibre_length_mm:g} mm either way", way_out="use needle_in(muscle)",
        )  # fmt: skip


class _Stage:
    """One phase: the muscle, the needle where it now is, and the signal that is added to."""

    def __init__(
        self,
        *,
        state: MuscleState,
        electrode: NeedleElectrode,
        rate: float,
        signal: NDArray[np.float32],
        start: float,
        index: int,
    ) -> None:
        self.state, self.electrode, self.rate = state, electrode, rate
        self.signal, self.start, self.index = signal, start, index

    def rest(self, phase: NeedlePhase, rng: np.random.Generator) -> list[SourceTruth]:
        """Spontaneous discharges: the muscle's own, then those asked for."""
        found = []
        for kind, level, reach in (
            ("fibrillation", 2, value("fibrillation_reach")), ("positive_sharp_wave", 1, value("positive_wave_reach")),
        ):  # fmt: skip
            fibres = _sources.irritable_fibres(self.state, self.electrode, level=level, reach_mm=reach)
            n = int(rng.poisson(value("fibrillating_share") * len(fibres)))
            if n:
                chosen = rng.choice(fibres, size=min(n, len(fibres)), replace=False)
                found += [self.source(kind, train(kind, phase.duration_s, rng), rng, fibre=int(f)) for f in chosen]
        if self.state.myotonic and phase.kind == "insertion":
            kind = "myotonic_discharge"
            n = int(rng.integers(2, 5))
            found += [self.source(kind, train(kind, phase.duration_s, rng), rng) for _ in range(n)]
        for activity in phase.activities:
            n_sources = activity.n_sources if activity.kind != "cramp" else max(activity.n_sources, 6)
            for _ in range(n_sources):
                law = train(activity.kind, phase.duration_s, rng, rate_hz=activity.rate_hz)
                found.append(self.source(activity.kind, law, rng))
        return found

    def source(self, kind: str, law: Train, rng: np.random.Generator, *, fibre: int | None = None) -> SourceTruth:
        """Add one source and return its truth."""
        template = _sources.source_template_uv(kind, self.state, self.electrode, rng, self.rate, fibre=fibre)
        times = law.times_s + self.start
        sizes = None if np.all(law.sizes == 1) else law.sizes
        add_events(self.signal, phased(template), times * self.rate, sizes)
        peak = int(np.argmax(np.abs(template)))
        return SourceTruth(
            kind=kind, times_s=times, sizes=law.sizes, template_uv=template, peak_ms=peak * 1000 / self.rate,
            amplitude_uv=float(np.ptp(template)), phase=self.index,
        )  # fmt: skip

    def insertion(self, phase: NeedlePhase, rng: np.random.Generator) -> tuple[float, float]:
        """A needle movement: fibres are struck and fire, most in the first tenth of a second; a slow artefact beneath."""
        manner = phase.insertional
        if manner == "by_state":
            near = _sources.irritable_fibres(self.state, self.electrode, level=1, reach_mm=0.7)
            manner = "increased" if len(near) > 5 else "normal"
        moved = rng.uniform(value("insertion_move_low"), value("insertion_move_high"))
        after = value("insertion_increased" if manner == "increased" else "insertion_normal") * rng.uniform(0.6, 1.4)
        after = 0.0 if manner == "decreased" else after
        length = min(moved + after, phase.duration_s)
        scale = 0.3 if manner == "decreased" else 1.0  # internal choice: what is left is far from the needle
        n = int(rng.poisson({"normal": 26, "increased": 60, "decreased": 2}[manner]))
        struck = self._struck(rng, min(n, 12))  # a dozen fibres (internal choice), each fires a few times
        for k in range(n if struck else 0):
            times = np.sort(rng.beta(1.0, 2.2, int(rng.integers(1, 4)))) * length + self.start
            add_events(
                self.signal, struck[k % len(struck)], times * self.rate, scale * rng.uniform(0.5, 1.2, len(times))
            )
        self._artefact(rng, moved, scale)
        return self.start + min(moved, phase.duration_s), self.start + length

    def _struck(self, rng: np.random.Generator, n: int) -> list[Copies]:
        """Potentials of fibres the needle touches, with or without a nerve."""
        reach = value("positive_wave_reach")
        gap = _sources.gap_mm(self.state, self.electrode)
        if n == 0 or not ((gap >= _sources.NEAREST_MM) & (gap < reach)).any():
            return []
        fibres = _sources.pick_fibres(self.state, self.electrode, n, rng, reach_mm=reach, bare_first=False)
        found = []
        for fibre in fibres:
            kind = "positive_sharp_wave" if rng.random() < 0.45 else "fibrillation"
            wave = _sources.source_template_uv(kind, self.state, self.electrode, rng, self.rate, fibre=int(fibre))
            found.append(phased(wave))
        return found

    def _artefact(self, rng: np.random.Generator, length_s: float, scale: float) -> None:
        n = max(int(length_s * self.rate), 8)
        first = int(self.start * self.rate)
        last = min(first + n, len(self.signal))
        shape = np.sin(np.pi * np.arange(n) / n) ** 2 * rng.choice([-1.0, 1.0]) * rng.uniform(60.0, 200.0) * scale
        self.signal[first:last] += shape[: last - first]

    def effort(self, phase: NeedlePhase, rng: np.random.Generator) -> list[UnitTruth]:
        """Voluntary discharges of every recruited unit."""
        drive = drive_for(self.state, phase.effort, manner=phase.manner)
        trains = discharge_times_s(drive, phase.duration_s, rng, start_s=self.start, doublet_share=phase.doublet_share)
        found = []
        for unit, times in trains.items():
            template = unit_template(self.state, self.electrode, unit, self.rate)
            if np.abs(template.whole_uv).max(initial=0.0) < FAR_SILENT_UV:
                continue
            found.append(self._unit(template, times, rng))
        return found

    def _unit(self, template: UnitTemplate, times: NDArray[np.float64], rng: np.random.Generator) -> UnitTruth:
        state, near = self.state, template.near_fibres
        delay_ms, blocked = transmit(
            state.safety_factor[near], state.quantal_content[near], len(times), rng, stretch=state.spike_stretch
        )
        twins = state.twin[near]
        for k in np.flatnonzero(twins >= 0):
            mate = np.flatnonzero(near == twins[k])
            if len(mate):
                delay_ms[:, k], blocked[:, k] = delay_ms[:, mate[0]], blocked[:, mate[0]]
        for fibre in range(len(near)):
            go = ~blocked[:, fibre]
            add_events(
                self.signal, phased(template.near_uv[fibre]), (times[go] + delay_ms[go, fibre] / 1000) * self.rate
            )
        self._far(template, times, rng)
        return self._truth(template, times, delay_ms, blocked)

    def _far(self, template: UnitTemplate, times: NDArray[np.float64], rng: np.random.Generator) -> None:
        far = template.far_fibres
        if len(far) == 0:
            return
        unsafe = self.state.safety_factor[far] < 2.2  # only these ever block
        sizes = None
        if unsafe.any():
            _, blocked = transmit(
                self.state.safety_factor[far[unsafe]], self.state.quantal_content[far[unsafe]], len(times), rng
            )
            sizes = 1 - blocked.sum(axis=1) / len(far)
        add_events(self.signal, phased(template.far_uv, 2), times * self.rate, sizes)

    def _truth(
        self,
        template: UnitTemplate,
        times: NDArray[np.float64],
        delay_ms: NDArray[np.float64],
        blocked: NDArray[np.bool_],
    ) -> UnitTruth:
        whole = template.whole_uv
        loud = np.flatnonzero(np.abs(whole) > max(1.0, 0.01 * np.abs(whole).max()))
        ends = (int(loud[0]), int(loud[-1])) if len(loud) else (0, 0)
        to_ms = 1000 / self.rate
        return UnitTruth(
            unit=template.unit, times_s=times, template_uv=whole, recorded_uv=amplifier(whole, self.electrode, self.rate),
            onset_ms=ends[0] * to_ms, end_ms=ends[1] * to_ms, negative_peak_ms=int(np.argmin(whole)) * to_ms,
            amplitude_uv=float(np.ptp(whole)), n_fibres=len(template.near_fibres) + len(template.far_fibres),
            n_near_fibres=len(template.near_fibres), phase=self.index, near_delay_ms=delay_ms, near_blocked=blocked,
            blocked_share=float(blocked.mean()) if blocked.size else 0.0, parts=template, sampling_rate_hz=self.rate,
        )  # fmt: skip
