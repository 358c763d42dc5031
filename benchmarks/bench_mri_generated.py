"""The report reader on generated reports with known truth: what it finds, misses and adds, by style and with slips of typing.

Run: ``python benchmarks/bench_mri_generated.py [--seeds N]``.  Generated text is not a radiologist's: these figures say
whether reader and writer understand each other, and stand apart from those on the hand-annotated reports.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable

from emgwidgets.errors import InputError
from emgwidgets.interpretation.correlation.mri import read_report
from emgwidgets.model.mri import MriFinding
from emgwidgets.simulation.conditions import conditions
from emgwidgets.simulation.story.mri_findings import MriExam
from emgwidgets.simulation.story.report_text import report_styles
from emgwidgets.simulation.story.told import simulated_case
from emgwidgets.simulation.story.typing_errors import mistyped

HELD_OUT_SEED = 5_000_000
SIDES = {"bilateral": ("left", "right"), "left": ("left",), "right": ("right",)}
URGENT = ("tumour", "infection", "fracture", "cord_signal")


def units(findings: Iterable[MriFinding], *, negated: bool) -> dict[tuple[str, str, str], MriFinding]:
    """One entry for each kind, level and side; bilateral counts as left and right, the midline as no side."""
    return {
        (one.kind, one.level, side): one
        for one in findings
        if (one.certainty == "negated") == negated
        for side in SIDES.get(one.side or "", ("",))
    }


def score(exam: MriExam, counts: Counter[str]) -> None:
    """Count what the reader makes of one report."""
    counts["reports"] += 1
    stated, denied = units(exam.findings, negated=False), units(exam.negated, negated=True)
    counts["stated"] += len(stated)
    counts["denied"] += len(denied)
    try:
        findings = [one.finding for one in read_report(exam.text).findings]
    except InputError:
        counts["refused"] += 1
        return
    read, refused = units(findings, negated=False), units(findings, negated=True)
    for key, truth in stated.items():
        counts["found"] += key in read
        if key in read:
            counts["certainty right"] += read[key].certainty == truth.certainty
            counts["root right"] += {(e.root, e.effect) for e in read[key].roots} == {
                (e.root, e.effect) for e in truth.roots
            }
        other = {"left": "right", "right": "left"}.get(key[2])
        counts["side swapped"] += key not in read and other is not None and (key[0], key[1], other) in read
    counts["added"] += len(set(read) - set(stated))
    counts["urgent false"] += sum(key[0] in URGENT and key not in stated for key in read)
    counts["denial found"] += sum(any(k[:2] == key[:2] for k in refused) for key in denied)


def row(name: str, counts: Counter[str]) -> str:
    """One line of the table."""

    def of(part: str, whole: str) -> str:
        return f"{counts[part]}/{counts[whole]} ({100 * counts[part] / max(counts[whole], 1):.1f} %)"

    cells = (
        name, counts["reports"], counts["refused"], of("found", "stated"), counts["added"], counts["side swapped"],
        counts["urgent false"], of("certainty right", "found"), of("root right", "found"), of("denial found", "denied"),
    )  # fmt: skip
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    n_seeds = parser.parse_args().seeds
    names = (
        "style",
        "reports",
        "refused",
        "found",
        "added",
        "side swapped",
        "urgent, not there",
        "certainty",
        "roots",
        "denials",
    )
    print("| " + " | ".join(names) + " |\n|" + " --- |" * len(names))
    for slip_share in (0.0, 0.05):
        for style in report_styles():
            counts: Counter[str] = Counter()
            for k in range(n_seeds):
                for code in conditions():
                    age = 35 + 10 * ((k + len(code)) % 5)
                    side = ("left", "right")[k % 2]
                    exam = simulated_case(code, seed=HELD_OUT_SEED + k, age_years=age, style=style, side=side).mri
                    if exam is not None and exam.region != "brachial_plexus":
                        score(mistyped(exam, slip_share=slip_share, seed=k), counts)
            print(row(f"{style}, {100 * slip_share:g} % slips", counts), flush=True)
    print(f"held-out seeds from {HELD_OUT_SEED}; generated text, no patient")


if __name__ == "__main__":
    main()
