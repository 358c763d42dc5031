"""Interactive interpretation of clinical electrodiagnosis: the public names, loaded when first used.

It teaches and documents; it is no medical device.

Recordings    read, write, survey, check_quality, measure_folder, TraceViewer, AnnotationStore
Measures      ncs, needle (groups of functions: emg.ncs.measure_motor_response), measure_folder
Patients      VirtualPatient, conditions, simulated_case, teaching_case
Benches       NcsBench, NeedleBench, MriBench, CaseBoard, CaseRoom, Scope
Judgement     evaluate, criteria, reference, localise, next_tests, correlate, impression, mri, workup
Cases         Case.load, save_case, export_annotations, import_annotations
Practice      WaveformGym, MarkerGym, Exercise, Prediction, Progress
Devices       devices, open_device, Engine, Recorder, check_driver, FunctionDevice

Voltages are microvolts, active minus reference, negative is negative; the unit is in every name.  ``help(emg.read)`` says what
a name takes, gives and refuses.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "Annotation": "emgwidgets.model.signal",
    "AnnotationStore": "emgwidgets.cases.annotations",
    "Case": "emgwidgets.cases.document",
    "CaseBoard": "emgwidgets.widgets.case_board",
    "CaseRoom": "emgwidgets.widgets.case_room",
    "Channel": "emgwidgets.model.signal",
    "EmgError": "emgwidgets.errors",
    "Exercise": "emgwidgets.widgets.exercise",
    "Engine": "emgwidgets.acquisition.engine",
    "FilterStep": "emgwidgets.analysis.signal.filters",
    "FunctionDevice": "emgwidgets.acquisition.function_device",
    "MarkTrigger": "emgwidgets.acquisition.triggers",
    "MarkerGym": "emgwidgets.widgets.marker_gym",
    "MriBench": "emgwidgets.widgets.mri_bench",
    "NcsBench": "emgwidgets.widgets.ncs_bench",
    "NeedleBench": "emgwidgets.widgets.needle_bench",
    "Prediction": "emgwidgets.widgets.prediction",
    "Progress": "emgwidgets.lessons.progress",
    "QualityFlag": "emgwidgets.model.signal",
    "Recorder": "emgwidgets.acquisition.recorder",
    "Recording": "emgwidgets.model.signal",
    "Scope": "emgwidgets.widgets.scope",
    "StudyPlanner": "emgwidgets.widgets.study_planner",
    "StartPage": "emgwidgets.widgets.start_page",
    "Sweep": "emgwidgets.model.signal",
    "ThresholdTrigger": "emgwidgets.acquisition.triggers",
    "TraceViewer": "emgwidgets.widgets.trace_viewer",
    "VirtualPatient": "emgwidgets.simulation.patient",
    "WaveformGym": "emgwidgets.widgets.waveform_gym",
    "bench_feedback": "emgwidgets.widgets.ncs_bench.feedback",
    "check_driver": "emgwidgets.acquisition.check",
    "check_impression": "emgwidgets.interpretation.explain_impression",
    "check_quality": "emgwidgets.analysis.signal.quality",
    "close_into": "emgwidgets.acquisition.recorder",
    "compare_marks": "emgwidgets.lessons.marks",
    "conditions": "emgwidgets.simulation.conditions",
    "correlate": "emgwidgets.interpretation.correlation.correlate",
    "criteria": "emgwidgets.interpretation.criteria",
    "devices": "emgwidgets.acquisition.registry",
    "evaluate": "emgwidgets.interpretation.criteria",
    "draw_pathway": "emgwidgets.figures.spine_pathway",
    "draw_structure_and_function": "emgwidgets.figures.spine_pathway",
    "export_annotations": "emgwidgets.cases.exchange",
    "fetch_physionet_examples": "emgwidgets.io.examples",
    "file_recording": "emgwidgets.cases.folder",
    "find_recording": "emgwidgets.io.examples",
    "import_annotations": "emgwidgets.cases.exchange",
    "killed_recording": "emgwidgets.lessons.live_exercise",
    "impression": "emgwidgets.interpretation.explain_impression",
    "live_text": "emgwidgets.widgets.live_text",
    "localise": "emgwidgets.interpretation.localisation",
    "loudspeaker_signal": "emgwidgets.simulation.practice.loudspeaker",
    "marker_item": "emgwidgets.lessons.gym.marker_items",
    "measure_folder": "emgwidgets.batch.run",
    "next_tests": "emgwidgets.interpretation.localisation",
    "open_device": "emgwidgets.acquisition.registry",
    "patient_page": "emgwidgets.interpretation.explain_patient",
    "rate_feedback": "emgwidgets.lessons.marks",
    "read": "emgwidgets.io.registry",
    "save_case": "emgwidgets.cases.document",
    "simulated_case": "emgwidgets.simulation.story.told",
    "survey": "emgwidgets.io.survey",
    "teaching_case": "emgwidgets.simulation.story.teaching",
    "teaching_cases": "emgwidgets.simulation.story.teaching",
    "unit_sheet": "emgwidgets.lessons.unit_sheets",
    "waveform_item": "emgwidgets.simulation.practice.waveform_items",
    "verdict_flips": "emgwidgets.interpretation.criteria",
    "workup": "emgwidgets.work_up",
    "write": "emgwidgets.io.registry",
}

#: Groups of names, used as ``emg.ncs.measure_motor_response``.
_GROUPS = {
    "mri": "emgwidgets.interpretation.correlation.mri",
    "ncs": "emgwidgets.analysis.ncs",
    "needle": "emgwidgets.analysis.needle",
    "reference": "emgwidgets.interpretation.reference",
}

__all__ = ["__version__", *sorted({**_HOME, **_GROUPS})]  # noqa: PLE0604 - names of the tables above


def __getattr__(name: str) -> Any:
    if name in _GROUPS:
        value: Any = importlib.import_module(_GROUPS[name])
    elif name in _HOME:
        value = getattr(importlib.import_module(_HOME[name]), name)
    else:
        raise AttributeError(f"module 'emgwidgets' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
