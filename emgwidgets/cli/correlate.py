"""``emgwidgets correlate CASE.json``: red flags, board, row of the concordance table and impression of a case."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from emgwidgets.cli._common import command, progress, say, say_result

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    made = command(commands, "correlate", _run, "how MRI, nerve tests, symptoms and examination of a case fit together")
    made.add_argument("case", type=Path, help="case document (.json)")
    made.add_argument("--norms", default="aanem_2016", metavar="SET", help="norm set")
    what = made.add_mutually_exclusive_group()
    what.add_argument("--impression", action="store_true", help="only the impression")
    what.add_argument("--patient", action="store_true", help="only the page for the patient, as markdown")


def _run(given: argparse.Namespace) -> int:
    from emgwidgets.cases.document import read_case
    from emgwidgets.interpretation.correlation.correlate import correlate
    from emgwidgets.interpretation.explain_patient import patient_page

    document = read_case(given.case)
    for problem in document.problems:
        progress(f"left out: {problem}")
    found = correlate(document.case, norm_set=given.norms)
    if given.patient:
        text = patient_page(found)
        say(given, text, {"markdown": text})
    elif given.impression:
        words = [found.impression.to_text(), *(one.text for one in found.impression.struck)]
        say_result(given, "\n".join(words), asdict(found.impression))
    else:
        say_result(given, found.to_text(), asdict(found))
    return 0
