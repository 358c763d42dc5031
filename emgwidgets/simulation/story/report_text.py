"""A radiologist's report of the findings, in one of several styles, with the place of every finding in the text known.

The sentences are our own; nothing in them identifies anybody.
"""

from __future__ import annotations

from dataclasses import replace

from emgwidgets.errors import InputError
from emgwidgets.model.case import Symptom
from emgwidgets.model.mri import MriFinding
from emgwidgets.simulation.nerve.axons import generator
from emgwidgets.simulation.story.mri_findings import MriExam, MriTruth
from emgwidgets.simulation.story.report_words import URGENT, ReportWriter, report_words

__all__ = ["REGION_LEVELS", "report_styles", "write_report"]

#: Levels a report goes through, from above; a finding below them is added at the end.
REGION_LEVELS = {
    "cervical": ("C2-3", "C3-4", "C4-5", "C5-6", "C6-7", "C7-T1"),
    "lumbar": ("L1-2", "L2-3", "L3-4", "L4-5", "L5-S1"),
    "brachial_plexus": (),
}
_SECTION_OF = {
    "EXAMINATION": "title", "EXAM": "title", "Exam": "title", "Study": "title", "CLINICAL HISTORY": "history", "INDICATION": "history", "Hx": "history",
    "C/F": "history", "TECHNIQUE": "technique", "COMPARISON": "comparison", "FINDINGS": "findings",
    "Findings": "findings", "NB: findings": "findings", "IMPRESSION": "impression", "Opinion": "impression",
    "Conclusion": "impression",
}  # fmt: skip


def report_styles() -> tuple[str, ...]:
    """Names of the styles."""
    return tuple(report_words()["style"])


def write_report(
    findings: tuple[MriFinding, ...], *, region: str, seed: int, style: str | None = None,
    symptoms: tuple[Symptom, ...] = (), truth: MriTruth | None = None,
) -> MriExam:  # fmt: skip
    """Write the report of these findings.

    Parameters
    ----------
    findings : tuple of MriFinding
        From above downwards.
    region : {"cervical", "lumbar", "brachial_plexus"}
    seed : int
        Chooses the words, and the style when none is named.
    style : str, optional
        One of :func:`report_styles`.
    symptoms : tuple of Symptom
        For the clinical history; the side stands there as the patient has it.
    truth : MriTruth, optional
        Kept with the result, never used for the text.

    Returns
    -------
    MriExam
        Findings with the span of their one statement in the findings section; ``summaries`` are the repetitions in the
        impression.

    Raises
    ------
    InputError
        If the region or the style is not known.
    """
    if region not in REGION_LEVELS:
        raise InputError("no MRI of this region", got=repr(region), expected=f"one of {', '.join(REGION_LEVELS)}")
    if style is not None and style not in report_styles():
        raise InputError("no such style of report", got=repr(style), expected=f"one of {', '.join(report_styles())}")
    rng = generator(seed, "report", region)
    drawn = report_styles()[int(rng.integers(len(report_styles())))]
    style = style or drawn
    writer = ReportWriter(region, style, rng, findings, symptoms)
    for heading in writer.style["sections"]:
        writer.page.add(f"{heading}: " if style != "narrative" else f"{heading}\n")
        _SECTIONS[_SECTION_OF[heading]](writer)
        writer.page.add("\n" if style != "narrative" else "\n\n")
    writer.page.text = writer.page.text.rstrip() + "\n"
    return MriExam(
        region=region, findings=tuple(writer.found[index] for index in range(len(findings))),
        negated=tuple(writer.negated), text=writer.page.text, style=style, truth=truth or MriTruth(),
        summaries=tuple(writer.summaries),
    )  # fmt: skip


def _title(writer: ReportWriter) -> None:
    writer.page.add(f"{writer.words['titles'][writer.region]}.")


def _history(writer: ReportWriter) -> None:
    sides = {"left": " on the left", "right": " on the right", "bilateral": " on both sides", None: ""}
    told = [f"{one.kind}{sides[one.side]}" + (f" ({one.place})" if one.place else "") for one in writer.symptoms[:2]]
    words = ", ".join(told) or "not given"
    writer.page.add(f"{words[0].upper()}{words[1:]}.")


def _technique(writer: ReportWriter) -> None:
    writer.page.add(writer.words["technique"][writer.region])


def _comparison(writer: ReportWriter) -> None:
    writer.page.add("None available.")


def _findings(writer: ReportWriter) -> None:
    page, full = writer.page, writer.style["sentence"]
    basis = None
    if any(one.kind == "transitional_vertebra" for one in writer.findings):
        basis = "stated_transitional"
    elif full and writer.region in writer.words["numbering"]:
        page.add(writer.pick(writer.words["numbering"][writer.region]) + " ")
        basis = "assumed_five"
    _general(writer)
    is_plain = full and not URGENT & {one.kind for one in writer.findings}
    for normal in writer.words["normals"][writer.region] if is_plain else ():
        page.add(writer.pick(normal) + " ")
    levels = REGION_LEVELS[writer.region]
    below = tuple(one.level for one in writer.findings if one.level and one.level not in levels)
    levels += tuple(dict.fromkeys(below))
    for level in ("", *(levels if writer.style["order"] == "down" else reversed(levels))):
        here = [(index, one) for index, one in enumerate(writer.findings) if one.level == level]
        if here or (level and full and not writer.style["rest"]):
            _level(writer, level, here, basis)
    if levels and writer.style["rest"] and {one.level for one in writer.findings} != set(levels):
        page.add("\n" + writer.style["rest"])


def _general(writer: ReportWriter) -> None:
    present = {one.kind for one in writer.findings}
    absent = [
        (kind, row["words"])
        for kind, row in writer.words["negations"].items()
        if writer.region in row["regions"] and kind not in present
    ]
    for place in writer.rng.permutation(len(absent))[:3]:
        kind, options = absent[int(place)]
        writer.deny(kind, writer.pick(options))
        writer.page.add(". " if writer.style["sentence"] else "; ")


def _level(writer: ReportWriter, level: str, here: list[tuple[int, MriFinding]], basis: str | None) -> None:
    """One line for one level: its findings, and what is not there."""
    page = writer.page
    page.add("\n" + (writer.style["heading"].format(level=writer.level(level)) if level else ""))
    for count, (index, finding) in enumerate(here):
        if count:
            page.add(writer.pick(writer.style["joiner"]))
        writer.state(index, finding, basis)
    stop = "." if writer.style["sentence"] else ""
    page.add(stop if here else "")
    if not level:
        return
    absent = _absent_at(writer, [finding for _, finding in here])
    chance = 1.0 if writer.style["sentence"] else writer.words["chance"]["level_negation"]
    for kind in absent[: writer.style["denies"]]:
        if not here and kind == "disc_herniation":
            writer.deny(kind, writer.pick(writer.words["level_negations"][kind]), level)
            page.add(stop)
        elif writer.rng.random() < chance:
            page.add(" " if writer.style["sentence"] else "; ")
            writer.deny(kind, writer.pick(writer.words["level_negations"][kind]), level)
            page.add(stop)


def _absent_at(writer: ReportWriter, here: list[MriFinding]) -> list[str]:
    """Kinds that may be denied at a level, in the order of writing; an empty level first denies a herniation."""
    present = {one.kind for one in here}
    if present & {"disc_protrusion", "disc_extrusion", "disc_sequestration", "other", "tumour"}:
        present.add("disc_herniation")
    if any(one.zone in ("foraminal", "extraforaminal") for one in here):
        present.add("foraminal_stenosis")
    if "cord_signal" in present or any(one.grade == "severe" for one in here if one.zone == "subarticular"):
        present.add("central_stenosis")
    kinds = [kind for kind in writer.words["level_negations"] if kind not in present]
    mixed = [kinds[int(place)] for place in writer.rng.permutation(len(kinds))]
    return mixed if here else sorted(mixed, key=lambda kind: kind != "disc_herniation")


def _impression(writer: ReportWriter) -> None:
    leading = [(index, one) for index, one in enumerate(writer.findings) if _is_leading(one)][:4]
    if not leading:
        writer.page.add(
            "Degenerative change without root compression." if writer.findings else "No significant abnormality."
        )
        return
    for count, (index, finding) in enumerate(leading, start=1):
        writer.page.add(("" if writer.page.text.endswith("\n") else "\n") + writer.style["summary"].format(n=count))
        level = f"{writer.level(finding.level)} " if finding.level else ""
        phrase, _, _ = writer.phrase(replace(finding, size_mm=None), writer.found[index].certainty)
        writer.summaries.append((index, writer.page.mark(level + phrase if level else writer.cased(phrase))))
        writer.page.add(".")


def _is_leading(finding: MriFinding) -> bool:
    touches = any(one.effect != "none" for one in finding.roots)
    graded = finding.grade in ("moderate", "severe") and finding.kind != "facet_arthropathy"
    return touches or graded or finding.kind in (
        "central_stenosis", "cord_signal", "tumour", "infection", "fracture", "nerve_signal", "muscle_denervation", "other"
    )  # fmt: skip


_SECTIONS = {
    "title": _title, "history": _history, "technique": _technique, "comparison": _comparison, "findings": _findings,
    "impression": _impression,
}  # fmt: skip
