"""Nerve conduction measured: evoked sweeps in, named measures with uncertainty out.  It judges nothing."""

from __future__ import annotations

from emgwidgets.analysis.ncs._onset import ONSET_RULES
from emgwidgets.analysis.ncs.block import SegmentChange, compare_sites
from emgwidgets.analysis.ncs.cut import sweeps_at_sites, sweeps_of
from emgwidgets.analysis.ncs.inched import (
    InchingPoint,
    InchingStudy,
    inching_of_sweeps,
    inching_study,
    read_inching_rows,
    typed_inching,
)
from emgwidgets.analysis.ncs.late import AWave, FWave, FWaveSet, f_waves_at, measure_f_waves
from emgwidgets.analysis.ncs.late_formulas import f_estimate, f_ratio, f_wave_velocity
from emgwidgets.analysis.ncs.motor import MotorWave, measure_motor_response
from emgwidgets.analysis.ncs.mune import (
    MUNIX_WARNING,
    CmapScanFit,
    Munix,
    fit_cmap_scan,
    multiple_point_stimulation,
    munix,
)
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
from emgwidgets.analysis.ncs.technique import (
    check_anastomosis,
    check_distance,
    check_motor_study,
    check_stimulus_ramp,
    check_thenar,
    check_velocity,
    check_wave,
)

__all__ = [
    "MUNIX_WARNING", "ONSET_RULES", "AWave", "BlinkReflex", "CmapScanFit", "FWave", "FWaveSet", "HReflex", "InchingPoint", "InchingStep",
    "InchingStudy",
    "MotorWave", "Munix", "RecruitmentPoint", "RepetitiveTrain", "SegmentChange", "SensoryAverage", "SensoryWave",
    "average_sweeps", "change_percent", "check_anastomosis", "check_distance", "check_motor_study", "check_stimulus_ramp",
    "check_thenar", "check_velocity", "check_wave", "combined_sensory_index", "compare_latencies", "compare_sites",
    "drop_percent", "f_estimate", "f_ratio", "f_wave_velocity", "f_waves_at", "fit_cmap_scan", "inching", "inching_of_sweeps", "inching_study", "measure_blink_reflex",
    "measure_f_waves", "measure_h_reflex", "measure_motor_response", "measure_repetitive_train", "measure_sensory_response",
    "multiple_point_stimulation", "munix", "read_inching_rows", "residual_latency", "sweeps_at_sites", "sweeps_of", "terminal_latency_index",
    "typed_inching", "velocity",
    "velocity_from_onset",
]  # fmt: skip
