"""Findings of a spine, plexus or muscle MRI as facts.  Which root a finding can explain is judged elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from emgwidgets.errors import InputError
from emgwidgets.model.checks import Strict, check_choice, check_range, positive, tuples

__all__ = ["KINDS", "SCALES", "ZONES", "MriFinding", "RootEffect"]

#: Axial zones of the disc nomenclature (mri.S8; order and words from memory, Fardon2014).
ZONES = ("central", "subarticular", "foraminal", "extraforaminal", "anterior")
KINDS = (
    "disc_bulge", "disc_protrusion", "disc_extrusion", "disc_sequestration", "disc_herniation", "annular_fissure",
    "disc_degeneration", "central_stenosis", "lateral_recess_stenosis", "foraminal_stenosis", "spondylolisthesis",
    "synovial_cyst", "facet_arthropathy", "ligamentum_flavum_thickening", "osteophyte", "modic_change", "cord_signal",
    "muscle_denervation", "paraspinal_fat", "transitional_vertebra", "nerve_signal", "nerve_enlargement", "tumour",
    "fracture", "infection", "cord_compression", "cauda_equina_compression", "root_effect", "spondylolysis", "scar",
    "haematoma", "haemangioma", "vascular", "incidental", "other",
)  # fmt: skip
#: Grades of each scale, lowest first.
SCALES = {
    "words": ("none", "mild", "moderate", "severe"),
    "pfirrmann_disc": ("I", "II", "III", "IV", "V"),  # mri.S19
    "pfirrmann_root": ("0", "1", "2", "3"),  # mri.S20
    "lee_foraminal": ("0", "1", "2", "3"),  # mri.S21
    "lee_foraminal_updated": ("A", "B", "C", "D", "E", "F"),  # mri.S22
    "lee_central": ("0", "1", "2", "3"),  # mri.S23
    "schizas": ("A1", "A2", "A3", "A4", "B", "C", "D"),  # mri.S23
    "lurie_thirds": ("none", "mild", "moderate", "severe"),  # mri.S9
    "kang_cervical": ("0", "1", "2", "3"),  # mri.S28
    "kim_cervical_foraminal": ("0", "1", "2"),  # mri.S29
    "kim_modified": ("0", "1", "2"),  # mri.S30
    "park_cervical_foraminal": ("0", "1", "2", "3"),  # from memory
    "bartynski_lateral_recess": ("0", "1", "2", "3"),  # mri.S32
    "modic": ("I", "II", "III"),  # from memory
    "meyerding": ("I", "II", "III", "IV", "V"),  # mri.S19; V from memory
    "paraspinal_fat": ("0", "I", "II", "III", "IV"),  # mri.S34
}
CERTAINTIES = ("definite", "probable", "possible", "negated")
NUMBERING = ("assumed_five", "whole_spine", "iliolumbar_ligament", "nerve_morphology", "stated_transitional", "other")


@dataclass(frozen=True, kw_only=True)
class RootEffect(Strict):
    """What the report says a finding does to one root."""

    root: str
    effect: Literal["none", "contact", "deviation", "compression", "unclear"]
    side: Literal["left", "right", "bilateral"] | None = None
    certainty: Literal["definite", "probable", "possible"] = "definite"

    def __post_init__(self) -> None:
        check_choice(self.certainty, CERTAINTIES[:3], what="the certainty of an effect on a root")
        check_choice(
            self.effect, ("none", "contact", "deviation", "compression", "unclear"), what="the effect on a root"
        )
        check_choice(self.side, (None, "left", "right", "bilateral"), what=f"the side of {self.root}")


@dataclass(frozen=True, kw_only=True)
class MriFinding(Strict):
    """One finding.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    level : str
        Code of the disc level; empty when not tied to one.
    side : str, optional
        ``"left"``, ``"right"``, ``"bilateral"``, ``"midline"``; None when the report does not say.
    zone : str, optional
        One of :data:`ZONES`.
    size_mm : float, optional
        Largest size the report gives.
    grade, scale : str
        Grade within one of :data:`SCALES`; both empty when not graded.
    roots : tuple of RootEffect
        What the report says about roots, kept even where it disagrees with the level.
    certainty : str
        ``"negated"`` is looked for and not seen.
    span : tuple of int, optional
        First and last (exclusive) character in the report text.
    numbering_basis : str, optional
        How the vertebrae were counted.
    raw : str
        The report's own word where it was normalised, such as ``"paracentral"``.
    days_since_onset : float, optional
        Day of the scan counted from the onset of the complaint; negative for a scan before it.
    """

    kind: str
    level: str = ""
    side: Literal["left", "right", "bilateral", "midline"] | None = None
    zone: Literal["central", "subarticular", "foraminal", "extraforaminal", "anterior"] | None = None
    size_mm: float | None = None
    grade: str = ""
    scale: str = ""
    migration: Literal["cranial", "caudal"] | None = None
    roots: tuple[RootEffect, ...] = ()
    certainty: Literal["definite", "probable", "possible", "negated"] = "definite"
    span: tuple[int, int] | None = None
    numbering_basis: str | None = None
    raw: str = ""
    note: str = ""
    days_since_onset: float | None = None

    def __post_init__(self) -> None:
        tuples(self, "roots", "span")
        check_range(self.days_since_onset, -40000, 40000, what="the day of a scan", unit="days")
        check_choice(self.kind, KINDS, what="the kind of an MRI finding")
        check_choice(self.side, (None, "left", "right", "bilateral", "midline"), what="the side of an MRI finding")
        check_choice(self.zone, (None, *ZONES), what="the zone of an MRI finding")
        check_choice(self.migration, (None, "cranial", "caudal"), what="the migration of a disc")
        check_choice(self.certainty, CERTAINTIES, what="the certainty of an MRI finding")
        check_choice(self.numbering_basis, (None, *NUMBERING), what="the basis of numbering")
        positive(self.size_mm, what="the size of an MRI finding", unit="mm")
        if bool(self.grade) != bool(self.scale):
            raise InputError(
                "a grade needs its scale", got=f"grade {self.grade!r}, scale {self.scale!r}", expected="both"
            )
        if self.scale:
            check_choice(self.scale, SCALES, what="the grading scale")
            check_choice(self.grade, SCALES[self.scale], what=f"the {self.scale} grade")
        if self.span is not None and not 0 <= self.span[0] < self.span[1]:
            raise InputError("a span must run forward", got=str(self.span), expected="0 <= first < last")
