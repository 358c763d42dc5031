"""Commands interpret and next: where the lesion is, and what to examine next."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgwidgets.cli._common import command, progress, say_result

if TYPE_CHECKING:
    from emgwidgets.model.case import Case

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the commands."""
    for name, run, words in (
        ("interpret", _interpret, "ranked explanations of a case, with what speaks for and against each"),
        ("next", _next, "what to examine next, what each answer would mean, and when to stop"),
    ):
        made = command(commands, name, run, words)
        made.add_argument("case", type=Path, help="case document (.json)")
        made.add_argument("--norms", default="aanem_2016", metavar="SET", help="norm set")
        made.add_argument("--n", type=int, default=8 if name == "interpret" else 6, help="how many are shown")
        if name == "next":
            made.add_argument("--limb", choices=("arm", "leg"), help="where the complaint is, before any finding")
            made.add_argument("--side", choices=("left", "right"), help="side of the complaint, before any finding")
            made.add_argument("--anticoagulated", action="store_true", help="weigh the risk of deep muscles higher")
            made.add_argument("--pacemaker", action="store_true", help="add the note on stimulation to each nerve")


def _case(given: argparse.Namespace) -> Case:
    from emgwidgets.cases.document import read_case

    document = read_case(given.case)
    for problem in document.problems:
        progress(f"left out: {problem}")
    return document.case


def _interpret(given: argparse.Namespace) -> int:
    from emgwidgets.interpretation.localisation import localise

    found = localise(_case(given), norm_set=given.norms, n=max(1, given.n))
    say_result(given, found.to_text(), asdict(found))
    return 0


def _next(given: argparse.Namespace) -> int:
    from emgwidgets.interpretation.localisation import next_tests

    case = _case(given)
    found = next_tests(
        case, limb=given.limb, side=given.side, norm_set=given.norms, is_anticoagulated=given.anticoagulated,
        has_pacemaker=given.pacemaker,        n=max(1, given.n),
    )  # fmt: skip
    say_result(given, found.to_text(), asdict(found))
    return 0
