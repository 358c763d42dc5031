"""Nerve conduction measured: evoked sweeps in, named measures with uncertainty out.  It judges nothing."""

from __future__ import annotations

from emgwidgets.analysis.ncs._onset import ONSET_RULES
from emgwidgets.analysis.ncs.late import AWave, FWave, FWaveSet, f_estimate, f_ratio, f_wave_velocity, measure_f_waves
from emgwidgets.analysis.ncs.motor import MotorWave, measure_motor_response
from emgwidgets.analysis.ncs.reflexes import (
    BlinkReflex,
    HReflex,
    RecruitmentPoint,
    measure_blink_reflex,
    measure_h_reflex,
)
from emgwidgets.analysis.ncs.repetitive import RepetitiveTrain, measure_repetitive_train
from emgwidgets.analysis.ncs.segments import (
    InchingStep,
    change_percent,
    combined_sensory_index,
    compare_latencies,
    drop_percent,
    inching,
    residual_latency,
    terminal_latency_index,
    velocity,
    velocity_from_onset,
)
from emgwidgets.analysis.ncs.sensory import SensoryAverage, SensoryWave, average_sweeps, measure_sensory_response

__all__ = [
    "ONSET_RULES", "AWave", "BlinkReflex", "FWave", "FWaveSet", "HReflex", "InchingStep", "MotorWave", "RecruitmentPoint", "RepetitiveTrain", "SensoryAverage", "SensoryWave", "average_sweeps",
    "change_percent", "combined_sensory_index", "compare_latencies", "drop_percent", "f_estimate", "f_ratio", "f_wave_velocity", "inching", "measure_blink_reflex", "measure_f_waves", "measure_h_reflex", "measure_motor_response",
    "measure_repetitive_train", "measure_sensory_response", "residual_latency", "terminal_latency_index", "velocity",
    "velocity_from_onset",
]  # fmt: skip
