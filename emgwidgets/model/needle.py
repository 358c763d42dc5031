"""Needle examination of one muscle as facts; a field left at None was not tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from emgwidgets.errors import InputError
from emgwidgets.model.checks import Strict, check_choice, check_side, tuples
from emgwidgets.model.measure import Conditions, Measures, Result, check_measures
from emgwidgets.model.signal import Side

__all__ = [
    "MUAP_MEASURES", "RECRUITMENT_MEASURES", "SPONTANEOUS_KINDS", "MotorUnitFindings", "NeedleExamination",
    "RecruitmentFindings", "SpontaneousActivity",
]  # fmt: skip

SPONTANEOUS_KINDS = (
    "fibrillation_potential", "positive_sharp_wave", "fasciculation_potential", "myotonic_discharge",
    "complex_repetitive_discharge", "myokymic_discharge", "neuromyotonic_discharge", "cramp_discharge",
    "end_plate_noise", "end_plate_spike",
)  # fmt: skip
MUAP_MEASURES = (
    "amplitude_uv", "duration_ms", "area_uv_ms", "thickness_ms", "size_index", "rise_time_ms", "n_phases", "n_turns",
    "polyphasia_percent", "n_units", "mcd_us", "msd_us", "blocking_percent", "fiber_density",
)  # fmt: skip
RECRUITMENT_MEASURES = (
    "firing_rate_hz", "recruitment_frequency_hz", "recruitment_ratio", "turns_per_s_hz", "mean_turn_amplitude_uv",
)  # fmt: skip
INSERTIONAL = ("normal", "increased", "decreased")
AMPLITUDES = ("normal", "low", "high")
DURATIONS = ("normal", "short", "long")
PATTERNS = ("normal", "reduced", "early", "none")
INTERFERENCE = ("full", "reduced", "discrete", "none")
DEGREES = ("mild", "moderate", "marked")


@dataclass(frozen=True, kw_only=True)
class SpontaneousActivity(Strict):
    """One kind of spontaneous activity with its grade.

    Parameters
    ----------
    kind : str
        One of :data:`SPONTANEOUS_KINDS`.
    grade : int, optional
        0 to 4 in the scheme named by ``scheme``; None when seen but not graded.  0 is looked for and not seen.
    """

    kind: str
    grade: int | None = None
    scheme: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        check_choice(self.kind, SPONTANEOUS_KINDS, what="the kind of spontaneous activity")
        check_choice(self.grade, (None, 0, 1, 2, 3, 4), what=f"the grade of {self.kind}")


@dataclass(frozen=True, kw_only=True)
class MotorUnitFindings(Strict):
    """Motor unit action potentials: the examiner's words and, where measured, their numbers."""

    amplitude: Literal["normal", "low", "high"] | None = None
    duration: Literal["normal", "short", "long"] | None = None
    is_polyphasic: bool | None = None
    is_unstable: bool | None = None
    has_satellites: bool | None = None
    measures: Mapping[str, Result] = field(default_factory=Measures)

    def __post_init__(self) -> None:
        check_choice(self.amplitude, (None, *AMPLITUDES), what="the motor unit amplitude")
        check_choice(self.duration, (None, *DURATIONS), what="the motor unit duration")
        check_measures(self, MUAP_MEASURES, what="motor units")


@dataclass(frozen=True, kw_only=True)
class RecruitmentFindings(Strict):
    """Recruitment and its degree; ``is_full_effort`` False or None limits what a reduced pattern means."""

    pattern: Literal["normal", "reduced", "early", "none"] | None = None
    degree: Literal["mild", "moderate", "marked"] | None = None
    is_full_effort: bool | None = None
    measures: Mapping[str, Result] = field(default_factory=Measures)

    def __post_init__(self) -> None:
        check_choice(self.pattern, (None, *PATTERNS), what="the recruitment pattern")
        check_choice(self.degree, (None, *DEGREES), what="the degree of a recruitment change")
        check_measures(self, RECRUITMENT_MEASURES, what="recruitment")


@dataclass(frozen=True, kw_only=True)
class NeedleExamination(Strict):
    """One muscle examined with a needle.

    Parameters
    ----------
    muscle : str
        Code of the vocabulary.
    insertional : str, optional
        ``"normal"``, ``"increased"``, ``"decreased"``; None when not tested.
    spontaneous : tuple of SpontaneousActivity, optional
        Empty when none was seen; None when not tested.
    motor_units, recruitment, interference : optional
        None when not tested.
    """

    muscle: str
    side: Side
    insertional: Literal["normal", "increased", "decreased"] | None = None
    spontaneous: tuple[SpontaneousActivity, ...] | None = None
    motor_units: MotorUnitFindings | None = None
    recruitment: RecruitmentFindings | None = None
    interference: Literal["full", "reduced", "discrete", "none"] | None = None
    conditions: Conditions = field(default=Conditions())
    note: str = ""

    def __post_init__(self) -> None:
        tuples(self, "spontaneous")
        if not self.muscle.strip():
            raise InputError("a needle examination needs its muscle", expected="a muscle code of the vocabulary")
        check_side(self.side, what=f"the needle examination of {self.muscle}")
        check_choice(self.insertional, (None, *INSERTIONAL), what="the insertional activity")
        check_choice(self.interference, (None, *INTERFERENCE), what="the interference pattern")
        kinds = [activity.kind for activity in self.spontaneous or ()]
        twice = next((kind for kind in kinds if kinds.count(kind) > 1), None)
        if twice:
            raise InputError(f"{self.muscle} lists one activity twice", got=twice, expected="each kind once")

    @property
    def has_denervation(self) -> bool | None:
        """Whether fibrillation potentials or positive sharp waves were seen; None when not tested."""
        if self.spontaneous is None:
            return None
        kinds = ("fibrillation_potential", "positive_sharp_wave")
        return any(activity.kind in kinds and activity.grade != 0 for activity in self.spontaneous)
