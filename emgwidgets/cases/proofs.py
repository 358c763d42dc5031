"""Where the waveforms of a case's findings are kept: links of its numbers and linked stretches of its needle examination.

It finds places in files beside the case; it opens none and measures nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from emgwidgets.model.case import Case
from emgwidgets.model.measure import Absent, Marker, Measure, Result, TraceLink
from emgwidgets.model.signal import Annotation

__all__ = ["PROOF_LABEL", "STRETCH_SUFFIX", "Proof", "proof_note", "proofs_at"]

#: Label of a stretch that a reader linked as proof of a score.
PROOF_LABEL = "proof"
#: File of a linked stretch beside the case: the name of its channel and this.
STRETCH_SUFFIX = ".bdf"
#: How measures are told whose first word does not say what they are.
TOLD = {"f_min_latency_ms": "shortest F", "f_mean_latency_ms": "mean F", "f_max_latency_ms": "latest F"}
_PLACE = re.compile(r"^(?:ncs\.(?P<part>motor|sensory|late|repetitive)|(?P<needle>needle))\[(?P<index>\d+)\]")
_NOTE = re.compile(r"^(?P<side>left|right) (?P<muscle>\w+), (?P<words>.*)$", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One waveform that a finding rests on.

    Parameters
    ----------
    words : str
        What it shows, such as ``"ankle: amplitude 4.1 mV, onset 3.4 ms"``.
    link : TraceLink
        File beside the case, and the sweep or stretch in it.
    markers : tuple of Marker
        As they were placed when the number was taken.
    """

    words: str
    link: TraceLink
    markers: tuple[Marker, ...] = ()


def proof_note(*, side: str, muscle: str, words: str) -> str:
    """Note of the annotation that links a stretch to a muscle; :func:`proofs_at` reads it again."""
    return f"{side} {muscle}, {words}"


def _result_words(measures: Mapping[str, Result]) -> str:
    told = []
    for name, result in measures.items():
        if isinstance(result, Measure) and any(word in name for word in ("amplitude", "onset", "latency", "decrement")):
            told.append(f"{TOLD.get(name, name.split('_')[0])} {result.text}")
        elif isinstance(result, Absent):
            return "no response"
    return ", ".join(told[:3])


def _of_measures(measures: Mapping[str, Result], where: str) -> list[Proof]:
    """The waveforms of one response: one for each sweep its numbers were taken from."""
    linked: dict[TraceLink, list[Marker]] = {}
    for result in measures.values():
        if result.trace is not None:
            linked.setdefault(result.trace, []).extend(result.markers if isinstance(result, Measure) else ())
    words = f"{where.replace('_', ' ')}: {_result_words(measures)}"
    return [Proof(words=words, link=link, markers=tuple(dict.fromkeys(markers))) for link, markers in linked.items()]


def _of_muscle(annotations: Iterable[Annotation], muscle: str, side: str) -> list[Proof]:
    made = []
    for one in annotations:
        told = _NOTE.match(one.note) if one.label == PROOF_LABEL and one.channel else None
        if told is None or (told["muscle"], told["side"]) != (muscle, side):
            continue
        link = TraceLink(
            recording=f"{one.channel}{STRETCH_SUFFIX}", channel=str(one.channel), start_s=one.start_s, end_s=one.end_s
        )
        made.append(Proof(words=told["words"].replace("_", " "), link=link))
    return made


def proofs_at(case: Case, place: str) -> tuple[Proof, ...]:
    """Waveforms kept of what stands at a place of the case.

    Parameters
    ----------
    case : Case
    place : str
        As evidence names it, such as ``"needle[2]"`` or ``"ncs.motor[0].responses[1].measures.amplitude_mv"``; a nerve
        study gives all its responses from distal to proximal.

    Returns
    -------
    tuple of Proof
        Empty where none is kept, and for a place that has no waveform or does not exist.
    """
    told = _PLACE.match(place)
    if told is None:
        return ()
    index = int(told["index"])
    if told["needle"]:
        if index >= len(case.needle):
            return ()
        one = case.needle[index]
        found = _of_muscle(case.annotations, one.muscle, one.side)
        parts = [("units", one.motor_units), ("recruitment", one.recruitment)]
        return (*found, *(proof for name, part in parts if part for proof in _of_measures(part.measures, name)))
    studies = getattr(case.ncs, told["part"])
    if index >= len(studies):
        return ()
    study = studies[index]
    if hasattr(study, "measures"):
        name = getattr(study, "kind", "train")
        return tuple(_of_measures(study.measures, name))
    return tuple(proof for response in study.responses for proof in _of_measures(response.measures, response.site))
