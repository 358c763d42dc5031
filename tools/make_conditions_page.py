"""Write docs/conditions.md from the files of conditions and cases, or say with ``--check`` whether it still equals them."""

from __future__ import annotations

import sys
from pathlib import Path

from emgwidgets import vocabulary
from emgwidgets.model.mri import MriFinding
from emgwidgets.simulation.conditions import condition, conditions, severities
from emgwidgets.simulation.story.incidental import incidental_rates
from emgwidgets.simulation.story.report_text import report_styles
from emgwidgets.simulation.story.teaching import teaching_case, teaching_cases
from emgwidgets.simulation.story.told import SimulatedCase, simulated_case

PAGE = Path(__file__).resolve().parents[1] / "docs" / "conditions.md"
HEAD = """# Conditions of the virtual patient

Made from `emgwidgets/simulation/conditions/*.toml` and `cases/*.toml` by `python tools/make_conditions_page.py`; change
the files, not this page.

The lesions of a condition make every signal and the whole examination: strength from the working motor axons, junctions
and fibres of each muscle, feeling from the sensory axons of each skin area, reflexes from both limbs of the arc. The file
adds what does not follow from axons: pain, provoking signs, the picture of the MRI. Shares and grades are our own choice
(proposal) unless a row of the file names a source. The table shows the default severity, on the right where a condition
has a side; a person of 45 years, seed 0.

A short guide to the columns: *weak* lists the muscles below MRC 5, weakest first; *reflexes* and *feeling* list what is
not normal; *MRI* is the cause where there is one. Findings of age come besides, at the published rate.

## How to write a file

Copy the nearest file of `emgwidgets/simulation/conditions/`, change it, and run this tool. A file looks like this:

```toml
title = "C6 radiculopathy, left as an example"
one_sided = true                # false: both sides, and nobody is asked for one
default_severity = "moderate"
note = "What it shows, in one line."
source = "internal choice: shares of the grades are ours"   # or keys of the bibliography
mark = "P"                      # V read in its source, M from memory, D derived, P proposal

[severities.moderate]
day = 42.0                      # days since onset at the examination

[[severities.moderate.lesions]] # as many as there are; kinds and their words: emgwidgets/simulation/lesion.py
kind = "AxonLoss"
element = "root_c6"             # a stretch of vocabulary/elements.csv, or root_, drg_, spinal_nerve_ with a segment
share = 0.45
# side = "other"                # same (default), other, both, left, right
# days_ago = 500.0              # when it is older than the complaint

# [[severities.moderate.parts]] # a second condition in the same body, on its own clock
# condition = "carpal_tunnel_syndrome"
# severity = "mild"

[story]
region = "cervical"             # decides which provoking signs are tested, and which MRI is made
question = "Neck and arm pain: is a root affected, and which?"
onset = "over days"

[[symptoms]]                    # what does not follow from axons; weakness and numbness are added by the lesions
kind = "pain"
place = "neck and lateral forearm"
roots = ["C6"]
source = "mri.S94"
mark = "V"

[[provoked]]                    # positive at its published rate (story/provoking_signs.csv)
sign = "spurling"

[[mri]]                         # what the picture shows of it
kind = "disc_protrusion"
level = "C5-6"
zone = "foraminal"
size_mm = [3, 6]                # drawn from this range
roots = ["C6"]
effect = "compression"          # or one for each severity: { mild = "contact", moderate = "deviation" }
role = "cause"                  # or "incidental"
source = "root of this level and zone: mri.S1; kind and size: internal choice"
mark = "P"
```

`[[signs]]` and `[[sensation]]` hold what the model has no part for (ptosis) or what irritation alters without loss. A word
that is not known stops the reading with one sentence that names the known ones. Two conditions are put together in Python
with `emgwidgets.simulation.conditions.compose`.
"""


def cell(words: str) -> str:
    """Text of one cell; a dash where there is nothing."""
    return words.replace("|", "/") or "-"


def limited(names: list[str], most: int) -> str:
    """Names in one line, with the number of those left out."""
    unique = list(dict.fromkeys(names))
    rest = len(unique) - most
    return ", ".join(unique[:most]) + (f" and {rest} more" if rest > 0 else "")


def weak(told: SimulatedCase) -> str:
    """Weak muscles, weakest first."""
    from emgwidgets.model.case import MRC_GRADES

    rows = sorted(
        (MRC_GRADES.index(one.mrc), vocabulary.muscle(one.muscle).name, one.mrc)
        for one in told.case.examination.strength
        if one.mrc != "5"
    )
    return limited([f"{name} {grade}" for _, name, grade in rows], 5)


def picture(finding: MriFinding) -> str:
    """One finding in a few words."""
    effects = ", ".join(f"{one.effect} {one.root}" for one in finding.roots)
    if finding.kind in ("nerve_signal", "muscle_denervation", "other"):
        return finding.note
    kind = finding.kind.replace("_", " ")
    zone = finding.zone if finding.zone and finding.zone not in kind else ""
    scale = "" if finding.scale == "words" else finding.scale.replace("_", " ")
    words = [finding.level, zone, kind, scale, finding.grade]
    return " ".join(word for word in words if word) + (f" ({effects})" if effects else "")


def condition_row(code: str) -> str:
    """One row of the table of conditions."""
    found, told = condition(code), simulated_case(code)
    exam = told.case.examination
    reflexes = [f"{one.name.replace('_', ' ')} {one.finding}" for one in exam.reflexes if one.finding != "normal"]
    feeling = [f"{one.area} {one.finding}" for one in exam.sensation if one.finding != "normal"]
    causes = [] if told.mri is None else [picture(told.mri.findings[index]) for index in told.mri.truth.causes]
    sided = any(getattr(lesion, "side", None) for lesion in found.lesions)
    kinds = [type(lesion).__name__ for lesion in found.lesions]
    cells = (
        f"`{code}`", found.title, "one" if sided else "both", ", ".join(severities(code)), f"{found.days_since_onset:g}",
        limited(kinds, 4), weak(told), limited(reflexes, 4), limited(feeling, 4), limited(causes, 3),
        f"{found.mark}",
    )  # fmt: skip
    return "| " + " | ".join(cell(one) for one in cells) + " |"


def case_row(code: str) -> str:
    """One row of the table of cases; what the reader should arrive at is not shown."""
    case = teaching_case(code)
    story = case.condition.complaint
    cells = (
        code,
        f"{case.age_years:g} {case.sex}",
        f"{case.condition.days_since_onset:g}",
        story.question,
        story.onset,
    )
    return "| " + " | ".join(cell(one) for one in cells) + " |"


def rate_row(region: str) -> list[str]:
    """Rows of the table of incidental findings."""
    rows = []
    for rate in incidental_rates(region):
        points = ", ".join(f"{age:g}: {percent:g}" for age, percent in zip(rate.ages_years, rate.percents, strict=True))
        rows.append(f"| {region} | {rate.kind.replace('_', ' ')} | {rate.raw or '-'} | {points} |")
    return rows


def page() -> str:
    """Text the page should have."""
    columns = (
        "code",
        "condition",
        "sides",
        "severities",
        "days",
        "lesions",
        "weak",
        "reflexes",
        "feeling",
        "MRI",
        "mark",
    )
    cases = ("case", "person", "days", "question", "onset")
    rates = ("region", "finding", "word of the source", "percent by age in years")

    def table(names: tuple[str, ...], rows: list[str]) -> str:
        head = "| " + " | ".join(names) + " |\n|" + " --- |" * len(names)
        return head + "\n" + "\n".join(rows) + "\n"

    return "\n".join(
        [
            HEAD,
            f"## {len(conditions())} conditions\n",
            table(columns, [condition_row(code) for code in conditions()]),
            f"## {len(teaching_cases())} unknown cases\n",
            "What each case teaches stands in its file and is not shown here.\n",
            table(cases, [case_row(code) for code in teaching_cases()]),
            "## Findings without complaint\n",
            (
                "Rates and their sources and marks: `emgwidgets/vocabulary/lumbar_prevalence.csv` and, for the neck, "
                "`emgwidgets/simulation/story/incidental_prevalence.csv`.\n"
            ),
            table(rates, [row for region in ("lumbar", "cervical") for row in rate_row(region)]),
            "## Reports\n",
            f"Styles of the MRI report: {', '.join(report_styles())}. The place of every finding in the text is known.\n",
        ]
    )


def main(arguments: list[str]) -> int:
    """Write the page, or compare it with ``--check`` (exit 1 when it differs)."""
    text = page()
    if "--check" in arguments:
        is_same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
        print(
            "docs/conditions.md equals the files"
            if is_same
            else "docs/conditions.md is stale: run tools/make_conditions_page.py"
        )
        return 0 if is_same else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
