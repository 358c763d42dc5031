"""The page for the patient: what was tested, what it shows and cannot show, when to seek help.  No name, no number of a chart.

It chooses among the texts of ``patient_words.toml`` by the row of the correlation and writes none of its own.
"""

from __future__ import annotations

import html
import tomllib
from functools import cache
from importlib import resources
from typing import Any, Literal

from emgwidgets.errors import InputError
from emgwidgets.interpretation.correlation.correlate import correlate
from emgwidgets.model.case import Case
from emgwidgets.model.correlation import Correlation

__all__ = ["before_the_test", "patient_page"]

#: Which text fits which row of the concordance table.
TEXT_OF_ROW = {
    "1": "both", "2": "both", "3": "both", "19": "both", "14": "both", "15": "both", "32": "both", "33": "near", "4": "near",
    "5": "edx_only", "6": "abnormal", "11": "edx_only", "12": "abnormal", "7": "mri_only", "8": "mri_only", "9": "mri_only",
    "16": "mri_only", "13": "normal", "10": "unsure", "none": "unsure", "31": "abnormal", "17": "side", "18": "side",
    "20": "red_flag", "28": "red_flag", "21": "abnormal", "22": "abnormal", "23": "two", "24": "abnormal", "25": "abnormal",
    "26": "told_in_person", "27": "abnormal", "29": "abnormal",
}  # fmt: skip
SIDES = {"left": "on the left", "right": "on the right", "bilateral": "on both sides"}


@cache
def _words() -> dict[str, Any]:
    text = resources.files("emgwidgets.interpretation").joinpath("patient_words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _place(found: Correlation) -> str:
    """Where a change was found, in plain words; empty where none was, or where a page is not the place to say it."""
    lead, code = found.localisation.leading, found.row.edx_class
    if lead is None or code in {"E0", "E0i", "E1", "Eps", "Et", "Em"}:
        return ""
    places: dict[str, str] = _words()["places"]
    names = [part.partition(".")[0] for part in lead.candidate.code.split("+")]
    if code == "En":
        return places["longest" if "axonal_polyneuropathy" in names else "many"]
    if code in {"Ey", "Ej"}:
        return places[{"Ey": "muscle", "Ej": "junction"}[code]]
    parts = list(dict.fromkeys(places[_part(name, lead.candidate.words)] for name in names))
    if len(parts) == 1 and len(names) > 1 and code != "Er":
        return parts[0].replace("a nerve root", "nerve roots").replace("a nerve ", "nerves ")
    return " and ".join(parts)


def _part(name: str, words: str) -> str:
    """Key of the part of the body a stretch belongs to; the widest word where it is none of those that are named."""
    if name.startswith("root_"):
        return {"c": "neck", "t": "neck" if name == "root_t1" else "chest"}.get(name[5], "back")
    for part, starts in _words()["parts"].items():
        if name.startswith(tuple(starts)):
            return str(part)
    return "several" if "several" in words or "amyotrophy" in words else "nerve"


def _shows(found: Correlation) -> list[str]:
    words: dict[str, str] = _words()["shows"]
    paragraphs = [words["red_flag"]] if found.urgent else []
    chosen = TEXT_OF_ROW[found.row.number]
    if found.row.number == "none" and found.row.edx_class not in {"Et", "E0i"}:
        chosen = "normal" if found.row.edx_class in {"E0", "E1", "Eps"} else "abnormal"
    if chosen == "abnormal" and (found.row.edx_class in {"En", "Ey", "Ej"} or found.row.mri_class == "MX"):
        chosen = "change"
    if found.row.edx_class == "Em":
        chosen = "told_in_person"
    if words[chosen] not in paragraphs:
        paragraphs.append(words[chosen])
    place = _place(found)
    if place and chosen not in {"side", "unsure", "told_in_person"}:
        side = SIDES.get(found.sides.edx, "")
        paragraphs.insert(len(paragraphs) - 1, f"The change lies in {place}{' ' if side else ''}{side}.")
    return paragraphs


def patient_page(found: Correlation | Case, *, form: Literal["markdown", "html"] = "markdown") -> str:
    """Plain-language page for the patient.

    Parameters
    ----------
    found : Correlation or Case
        A case is correlated first.
    form : {"markdown", "html"}

    Returns
    -------
    str
        It holds nothing of the case but the part of the body and the side.

    Raises
    ------
    InputError
        If the form is another one.
    """
    if form not in {"markdown", "html"}:
        raise InputError("no such form of the page", got=repr(form), expected="markdown or html")
    made = correlate(found) if isinstance(found, Case) else found
    words = _words()
    has_mri = made.row.mri_class != "MX"
    tested = [words["what"]["text"], *([words["what"]["mri"]] if has_mri else []), words["what"]["end"]]
    blocks = [(words["what"]["heading"], [" ".join(tested)]), (words["shows"]["heading"], _shows(made))]
    blocks += [(words[name]["heading"], [words[name]["text"]]) for name in ("cannot", "normal_is_not", "urgent")]
    if made.urgent:  # what cannot wait stands first
        blocks.insert(0, blocks.pop())
    return _written(words["title" if has_mri else "title_without_mri"], blocks, words["end"]["text"], form)


def before_the_test(*, form: Literal["markdown", "html"] = "markdown") -> str:
    """What to know before and during a nerve test, for the patient."""
    words = _words()
    blocks = [(words["what"]["heading"], [f"{words['what']['text']} {words['what']['end']}"])]
    blocks += [(words[name]["heading"], [words[name]["text"]]) for name in ("before", "during", "urgent")]
    return _written(words["title_without_mri"], blocks, "", form)


def _written(title: str, blocks: list[tuple[str, list[str]]], end: str, form: str) -> str:
    if form == "markdown":
        lines = [f"# {title}", ""]
        for heading, paragraphs in blocks:
            lines += [f"## {heading}", "", *(line for text in paragraphs for line in (text, ""))]
        return "\n".join([*lines, f"*{end}*"] if end else lines).rstrip() + "\n"
    body = "".join(
        f"<h2>{html.escape(heading)}</h2>" + "".join(f"<p>{html.escape(text)}</p>" for text in paragraphs)
        for heading, paragraphs in blocks
    )
    close = f"<p><em>{html.escape(end)}</em></p>" if end else ""
    return f'<article lang="en"><h1>{html.escape(title)}</h1>{body}{close}</article>'
