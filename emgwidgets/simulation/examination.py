"""Whole studies of a virtual patient as recordings with their truth: what the command line writes and lessons load.

Each study is named ``kind`` or ``kind:target``, such as ``"motor:median_apb"`` or ``"needle-rest:tibialis_anterior"``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.model.origin import Device, Table
from emgwidgets.model.signal import Annotation, ArraySamples, Channel, Recording, Side
from emgwidgets.simulation.nerve.pathway import studies, study

if TYPE_CHECKING:
    from emgwidgets.simulation.nerve.recording_setup import SimulatedSweep
    from emgwidgets.simulation.patient import VirtualPatient

__all__ = ["STUDY_KINDS", "SimulatedStudy", "as_channel", "patient_truth", "simulate_study", "study_names"]

#: Targets of a kind that is named without one: the minimal sets of arm and leg (habits differ; ncs 2, M).
_MOTOR = ("median_apb", "ulnar_adm", "fibular_edb", "tibial_ah")
_SENSORY = ("median_d2", "ulnar_d5", "superficial_radial", "sural", "superficial_fibular")
_MUSCLES = ("abductor_pollicis_brevis", "tibialis_anterior")
_N_F, _N_BLINK = 20, 5
_H_CURRENTS_MA = tuple(float(x) for x in np.linspace(2.0, 16.0, 30).round(2))


@dataclass(frozen=True, kw_only=True)
class SimulatedStudy:
    """One study as a machine would store it, and what it was made of.

    Parameters
    ----------
    name : str
        Such as ``"motor_median_apb_right"``; good as a file name.
    recording : Recording
    truth : mapping
        Plain values, without waveforms.
    """

    name: str
    recording: Recording
    truth: dict[str, Any] = field(repr=False)


def _sweeps(name: str, title: str, made: Iterable[SimulatedSweep], **truth: Any) -> SimulatedStudy:
    made = tuple(made)
    recording = Recording(
        sweeps=tuple(one.sweep for one in made), device=Device(maker="emgwidgets", model="virtual patient"), title=title,
        notes=("simulated: no patient",),
    )  # fmt: skip
    rows = [{"site": one.sweep.site, **one.truth.to_json_dict()} for one in made]
    return SimulatedStudy(name=name, recording=recording, truth={"sweeps": rows, **truth})


def _where(key: str, side: Side) -> dict[str, Any]:
    one = study(key)
    return {"nerve": one.data["nerve"], "muscle": one.target, "side": side}


def _motor(patient: VirtualPatient, key: str, side: Side, error: str = "") -> SimulatedStudy:
    made = [patient.motor_study(**_where(key, side), site=site, error=error) for site in study(key).sites]
    return _sweeps(f"motor_{key}_{side}", f"Simulated motor study {key}, {side}", made, error=error)


def _sensory(patient: VirtualPatient, key: str, side: Side, error: str = "") -> SimulatedStudy:
    made = [patient.sensory_study(response=key, side=side, site=site, error=error) for site in study(key).sites]
    return _sweeps(f"sensory_{key}_{side}", f"Simulated sensory study {key}, {side}", made, error=error)


def _f_waves(patient: VirtualPatient, key: str, side: Side) -> SimulatedStudy:
    waves = patient.f_waves(**_where(key, side), n_stimuli=_N_F)
    late = [
        {"f_onset_ms": w.onset_ms, "f_amplitude_uv": round(w.amplitude_uv, 2), "units": list(w.units),
         "a_wave_arrivals_ms": [round(t, 3) for t in w.a_wave_arrivals_ms]}
        for w in waves
    ]  # fmt: skip
    title = f"Simulated F waves {key}, {side}"
    return _sweeps(f"f_{key}_{side}", title, (w.simulated for w in waves), late=late)


def _h_reflex(patient: VirtualPatient, key: str, side: Side) -> SimulatedStudy:
    waves = patient.h_reflex(side=side, currents_ma=_H_CURRENTS_MA)
    late = [
        {"current_ma": current, "h_onset_ms": w.onset_ms, "h_amplitude_uv": round(w.amplitude_uv, 2),
         "m_amplitude_uv": round(w.direct_amplitude_uv, 2)}
        for current, w in zip(_H_CURRENTS_MA, waves, strict=True)
    ]  # fmt: skip
    return _sweeps(f"h_{key}_{side}", f"Simulated H reflex, {side}", (w.simulated for w in waves), late=late)


def _blink(patient: VirtualPatient, key: str, side: Side) -> SimulatedStudy:  # noqa: ARG001 - one target only
    made = [patient.blink_reflex(side=side, trial=trial) for trial in range(_N_BLINK)]
    names = ("r1_onset_ms", "r2_same_onset_ms", "r2_other_onset_ms")
    rows = [{"stimulated": one.stimulated, **{name: getattr(one, name) for name in names}} for one in made]
    both = [eye for one in made for eye in (one.left, one.right)]
    return _sweeps(f"blink_{side}", f"Simulated blink reflex, {side} side stimulated", both, responses=rows)


def _repetitive(patient: VirtualPatient, key: str, side: Side) -> SimulatedStudy:
    steps = patient.repetitive_protocol(**_where(key, side))
    trains = [
        {"label": step.label, "rate_hz": step.train.rate_hz, "n_stimuli": len(step.train.responses),
         "decrement_percent": round(step.train.true_decrement_percent, 3),
         "responding_share": [round(float(x), 4) for x in step.train.responding_share]}
        for step in steps
    ]  # fmt: skip
    made = [
        replace(one, sweep=replace(one.sweep, channel=f"{one.sweep.channel}, {step.label}"))
        for step in steps for one in step.train.responses
    ]  # fmt: skip
    return _sweeps(f"rns_{key}_{side}", f"Simulated repetitive stimulation {key}, {side}", made, trains=trains)


def _cmap_scan(patient: VirtualPatient, key: str, side: Side) -> SimulatedStudy:
    scan = patient.cmap_scan(**_where(key, side))
    table = Table(
        name="CMAP scan", columns=("current_ma", "amplitude_uv"),
        values=np.column_stack([scan.currents_ma, scan.amplitudes_uv]),
    )  # fmt: skip
    recording = Recording(tables=(table,), title=f"Simulated CMAP scan {key}, {side}", notes=("simulated: no patient",))
    truth = {
        "n_units": scan.n_units, "unit_thresholds_ma": [round(float(x), 4) for x in scan.unit_thresholds_ma],
        "unit_amplitudes_uv": [round(float(x), 3) for x in scan.unit_amplitudes_uv],
    }  # fmt: skip
    return SimulatedStudy(name=f"cmap_scan_{key}_{side}", recording=recording, truth=truth)


def _needle(phase: str) -> Callable[[VirtualPatient, str, Side], SimulatedStudy]:
    def examine(patient: VirtualPatient, muscle: str, side: Side) -> SimulatedStudy:
        from emgwidgets.simulation.muscle.needle import NeedlePhase

        phases: tuple[NeedlePhase, ...] = (NeedlePhase(kind="effort", duration_s=10.0, effort=phase),)
        if phase == "rest":
            phases = (NeedlePhase(kind="insertion", duration_s=5.0), NeedlePhase(kind="rest", duration_s=5.0))
        made = patient.needle(muscle=muscle, side=side, phases=phases)
        return SimulatedStudy(
            name=f"needle_{phase}_{muscle}_{side}", recording=made.recording, truth=made.truth.to_json_dict()
        )

    return examine


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """How one kind of study is made, what it can be pointed at, and at what when nothing is said."""

    make: Callable[[VirtualPatient, str, Side], SimulatedStudy]
    targets: Callable[[], tuple[str, ...]]
    usual: tuple[str, ...]


def _muscles() -> tuple[str, ...]:
    return tuple(vocabulary.muscles())


def _motor_keys() -> tuple[str, ...]:
    return studies("motor")


def _sensory_keys() -> tuple[str, ...]:
    return studies("sensory")


_KINDS = {
    "motor": _Kind(make=_motor, targets=_motor_keys, usual=_MOTOR),
    "sensory": _Kind(make=_sensory, targets=_sensory_keys, usual=_SENSORY),
    "f": _Kind(make=_f_waves, targets=_motor_keys, usual=_MOTOR),
    "h": _Kind(make=_h_reflex, targets=lambda: ("tibial_soleus",), usual=("tibial_soleus",)),
    "blink": _Kind(make=_blink, targets=lambda: ("supraorbital",), usual=("supraorbital",)),
    "rns": _Kind(make=_repetitive, targets=_motor_keys, usual=("ulnar_adm", "accessory_trapezius")),
    "cmap-scan": _Kind(make=_cmap_scan, targets=_motor_keys, usual=("median_apb",)),
    "needle-rest": _Kind(make=_needle("rest"), targets=_muscles, usual=_MUSCLES),
    "needle-slight": _Kind(make=_needle("slight"), targets=_muscles, usual=_MUSCLES),
    "needle-full": _Kind(make=_needle("full"), targets=_muscles, usual=_MUSCLES),
}
#: Kinds of study, in the order of an examination.
STUDY_KINDS = tuple(_KINDS)


def study_names(wanted: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Kinds and targets of names such as ``"motor"``, ``"rns:accessory_trapezius"``, ``"needle:TA"`` and ``"all"``.

    Raises
    ------
    InputError
        If a kind or its target does not exist.
    """
    found: dict[tuple[str, str], None] = {}
    for name in wanted:
        kind, _, target = name.partition(":")
        kinds = STUDY_KINDS if kind == "all" else tuple(k for k in STUDY_KINDS if kind in (k, k.partition("-")[0]))
        if not kinds or (kind == "all" and target):
            raise InputError(
                "no such study", got=repr(name), expected=f"all, needle or one of {', '.join(STUDY_KINDS)}"
            )
        for one in kinds:
            for each in _targets(one, target):
                found[one, each] = None
    return tuple(found)


def _targets(kind: str, target: str) -> tuple[str, ...]:
    if not target:
        return _KINDS[kind].usual
    code = vocabulary.muscle(target).code if kind.startswith("needle") else target
    if code not in _KINDS[kind].targets():
        raise InputError(
            f"{kind} cannot be done there", got=repr(target), expected=f"one of {', '.join(_KINDS[kind].targets())}"
        )
    return (code,)


def simulate_study(patient: VirtualPatient, kind: str, target: str, side: Side, *, error: str = "") -> SimulatedStudy:
    """One study of one nerve or muscle, every site of it.

    Parameters
    ----------
    kind, target : str
        As :func:`study_names` returns them.
    side : {"left", "right"}
    error : str
        Code of an error of technique, for motor and sensory studies.

    Raises
    ------
    InputError
        If the study cannot be done there, or the error cannot happen in it.
    """
    if kind not in _KINDS:
        raise InputError("no such study", got=repr(kind), expected=f"one of {', '.join(STUDY_KINDS)}")
    (code,) = _targets(kind, target)
    if not error:
        return _KINDS[kind].make(patient, code, side)
    if kind not in ("motor", "sensory"):
        raise InputError("an error of technique cannot be planted here", got=kind, expected="a motor or sensory study")
    return (_motor if kind == "motor" else _sensory)(patient, code, side, error)


def patient_truth(patient: VirtualPatient) -> dict[str, Any]:
    """Who the patient is and what is wrong, as plain values."""
    return {
        "condition": patient.condition, "seed": patient.seed, "age_years": patient.age_years, "sex": patient.sex,
        "height_cm": patient.height_cm, "day": patient.day,
        "lesions": [{"kind": type(lesion).__name__, **asdict(lesion)} for lesion in patient.lesions],
        "anomalies": [asdict(anomaly) for anomaly in patient.anomalies],
    }  # fmt: skip


def as_channel(recording: Recording) -> Recording:
    """Return sweeps laid end to end as channels, for formats that know no sweeps; each begins at an annotation.

    Channels keep the rate of their sweeps; a recording without sweeps is returned as it is.
    """
    if not recording.sweeps:
        return recording
    channels: list[Channel] = []
    marks: list[Annotation] = []
    for rate in dict.fromkeys(sweep.sampling_rate_hz for sweep in recording.sweeps):
        here = [sweep for sweep in recording.sweeps if sweep.sampling_rate_hz == rate]
        first = 0
        for sweep in here:
            current = "" if sweep.stimulus is None else f", {sweep.stimulus.current_ma} mA"
            side = "" if sweep.side is None else f", {sweep.side}"
            marks.append(
                Annotation(
                    start_s=first / rate, duration_s=len(sweep.samples_uv) / rate,
                    label=f"sweep: {sweep.channel}, {sweep.site}{side}{current}",
                )
            )  # fmt: skip
            first += len(sweep.samples_uv)
        stored = np.concatenate([sweep.samples_uv for sweep in here])
        channels.append(
            Channel(
                name="sweeps" if not channels else f"sweeps at {rate:g} Hz", unit="uV", sampling_rate_hz=rate,
                samples=ArraySamples(stored=stored), kind="surface_emg", settings=here[0].settings,
            )
        )  # fmt: skip
    note = "Sweeps are laid end to end; each begins at its annotation, and the stimulus is at its start."
    return replace(
        recording, channels=tuple(channels), sweeps=(), annotations=tuple(marks), notes=(*recording.notes, note)
    )
