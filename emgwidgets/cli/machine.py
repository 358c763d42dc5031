"""Commands about this machine: doctor, lab."""

from __future__ import annotations

import argparse
import json
from typing import Any

from emgwidgets.cli._common import command, say

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the commands of this module."""
    command(commands, "doctor", _doctor, "what this machine can do, and the way out where it cannot")
    lab = command(commands, "lab", _lab, "open JupyterLab on the lessons; further options go to JupyterLab")
    lab.set_defaults(takes_more=True)


def _doctor(given: argparse.Namespace) -> int:
    from emgwidgets.cli._doctor_checks import doctor, doctor_text

    findings = doctor()
    say(given, doctor_text(findings), [one.as_dict() for one in findings])
    return int(any(one.state == "problem" for one in findings))


def _lab(given: argparse.Namespace) -> int:
    from emgwidgets.launch import lab_command, project_folder
    from emgwidgets.launch import main as launch

    if given.json:
        print(json.dumps(lab_command(project_folder(), given.more), indent=2))
        return 0
    return launch(given.more)
