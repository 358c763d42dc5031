"""The bench as a case: scores as needle examinations, clips and names as annotations, and both written into one folder."""

from __future__ import annotations

import os
from pathlib import Path

from emgwidgets.cases.document import Case
from emgwidgets.cases.proofs import PROOF_LABEL, STRETCH_SUFFIX, proof_note
from emgwidgets.errors import WriteError
from emgwidgets.io.registry import write
from emgwidgets.model.measure import Conditions
from emgwidgets.model.needle import NeedleExamination
from emgwidgets.model.needle_analysis import edits_to_json
from emgwidgets.model.signal import Annotation
from emgwidgets.widgets.needle_bench.desk import NeedleDesk
from emgwidgets.widgets.needle_bench.rest_desk import words_of
from emgwidgets.widgets.needle_bench.scores import MuscleScore, examination_of

__all__ = ["case_of", "examinations_of", "save_bench"]

CASE_FILE = "case.json"
#: Class of a reader's name -> code of the annotation vocabulary, where they differ.
TERMS = {
    "complex_repetitive_discharge": "complex_repetitive", "myotonic_discharge": "myotonic", "myokymic_discharge": "myokymic",
    "neuromyotonic_discharge": "neuromyotonic", "cramp_discharge": "cramp", "end_plate_noise": "endplate_noise",
    "end_plate_spike": "endplate_spike", "voluntary_unit": "voluntary_muap", "cannot_tell": "unclassified",
}  # fmt: skip


def _conditions(desk: NeedleDesk) -> Conditions:
    return Conditions(
        electrode=desk.source.electrode, high_pass_hz=desk.filters.high_pass_hz, low_pass_hz=desk.filters.low_pass_hz
    )


def examinations_of(desk: NeedleDesk) -> tuple[NeedleExamination, ...]:
    """Every muscle that was scored, in the order of examination."""
    conditions = _conditions(desk)
    return tuple(examination_of(score, conditions) for score in desk.book.scores.values() if not score.is_empty)


def _proofs(desk: NeedleDesk, score: MuscleScore) -> list[Annotation]:
    made = []
    for key, clips in score.clips.items():
        for clip in clips:
            stretch = desk.stretch_of(clip.stretch)
            made.append(Annotation(
                start_s=clip.start_s, duration_s=clip.end_s - clip.start_s, channel=stretch.name, label=PROOF_LABEL,
                note=proof_note(side=score.side, muscle=score.muscle, words=f"{key}: {score.text(key)}; insertion {stretch.insertion}"),
            ))  # fmt: skip
    return made


def _names(desk: NeedleDesk) -> list[Annotation]:
    return [
        Annotation(
            start_s=one.start_s, duration_s=one.end_s - one.start_s, channel=desk.stretch_of(one.stretch).name,
            label=TERMS.get(one.code, one.code), note=f"proposed by the software: {words_of(one.proposed) or 'nothing'}",
        )
        for one in desk.book.named
    ]  # fmt: skip


def case_of(desk: NeedleDesk) -> Case:
    """The needle part of a case; each annotation names the stretch it lies on as its channel."""
    proofs = [proof for score in desk.book.scores.values() for proof in _proofs(desk, score)]
    return Case(
        subject=desk.source.subject, days_since_onset=desk.source.days_since_onset, needle=examinations_of(desk),
        annotations=(*_names(desk), *proofs),
    )  # fmt: skip


def save_bench(desk: NeedleDesk, folder: str | os.PathLike[str]) -> Path:
    """Write ``case.json``, each stretch an annotation lies on as a BDF file of its name, and edits of decompositions beside it.

    Raises
    ------
    WriteError
        If the folder or a file cannot be written.
    """
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError("the folder cannot be made", got=place.name, way_out="choose another place") from error
    case = case_of(desk)
    wanted = {annotation.channel for annotation in case.annotations}
    for stretch in desk.stretches.values():
        edits = desk.decompose.edits.get(stretch.number, [])
        if edits:
            (place / f"{stretch.name}_edits.json").write_text(edits_to_json(edits), encoding="utf-8")
        if stretch.name in wanted or edits:
            write(stretch.kept_recording(), place / f"{stretch.name}{STRETCH_SUFFIX}")
    case.save(place / CASE_FILE)
    return place / CASE_FILE
