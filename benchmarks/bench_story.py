"""Stories of the virtual patient against published figures: incidental MRI findings, signs, reports, and what a case costs.

Run: ``python benchmarks/bench_story.py [--people N]``.  Seeds below 100000 were used while building; the table runs on
others.  Simulated people only, no patient.  A row is met when the 95 % interval of the simulated share holds the
published value, or when it misses by no more than one point; about one row in twenty lies outside by chance.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator

import numpy as np

from emgwidgets.simulation.conditions import condition, conditions
from emgwidgets.simulation.nerve.axons import Subject
from emgwidgets.simulation.story.complaint import complaint_signs, provocation_rate
from emgwidgets.simulation.story.incidental import incidental_findings, incidental_rates, prevalence_percent
from emgwidgets.simulation.story.report_text import report_styles
from emgwidgets.simulation.story.told import simulated_case

HELD_OUT_SEED = 1_000_000
HERNIATED = ("disc_bulge", "disc_protrusion")


def interval(share: float, n: int) -> tuple[float, float]:
    """Wilson interval of a share, 95 %."""
    z = 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return middle - half, middle + half


def share_row(name: str, published: float, source: str, hits: list[bool]) -> tuple[str, bool]:
    """One row for a share."""
    n, share = len(hits), float(np.mean(hits))
    low, high = interval(share, n)
    wanted = published / 100.0
    miss = 100 * max(low - wanted, wanted - high, 0.0)
    verdict = "met" if miss <= 1.0 else f"missed by {miss:.1f} points"
    return (
        f"| {name} | {published:.1f} % | {source} | {100 * share:.1f} ({100 * low:.1f}-{100 * high:.1f}) % | {n} | {verdict} |",
        miss <= 1.0,
    )


def drawn(age: float, region: str, n: int) -> list[tuple]:
    """Findings of n people of one age."""
    return [incidental_findings(Subject(age_years=age, seed=HELD_OUT_SEED + k), region) for k in range(n)]


def incidental(n: int) -> Iterator[tuple[str, bool]]:
    """Cells of the tables the generator was given: it must return them."""
    for region, ages, source in (
        ("lumbar", (20, 30, 40, 50, 60, 70, 80), "mri.S35, S42"),
        ("cervical", (25, 45, 60, 75), "mri.S44, S46"),
    ):
        for age in ages:
            people = drawn(age, region, n)
            for rate in incidental_rates(region):
                published = prevalence_percent(rate, age)
                if published:
                    hits = [any(f.kind == rate.kind and rate.raw in f.raw for f in found) for found in people]
                    yield share_row(
                        f"{region} {rate.kind} {rate.raw} at {age} y".replace("  ", " "), published, source, hits
                    )


def independent(n: int) -> Iterator[tuple[str, bool]]:
    """Figures of another series the generator was not given (98 people; their mean age, 42 years, is from memory)."""
    people = drawn(42.0, "lumbar", n)
    levels = [{f.level for f in found if f.kind in HERNIATED} for found in people]
    yield share_row("no bulge, no protrusion at 42 y (emerges)", 36.0, "mri.S10", [not one for one in levels])
    yield share_row("more than one changed disc at 42 y (tuned on)", 38.0, "mri.S10", [len(one) > 1 for one in levels])
    for kind, published in (("disc_bulge", 52.0), ("disc_protrusion", 27.0)):
        yield share_row(
            f"{kind} at 42 y (another series)",
            published,
            "mri.S10",
            [any(f.kind == kind for f in found) for found in people],
        )


def signs(n: int) -> Iterator[tuple[str, bool]]:
    """Provoking signs in a root lesion."""
    for code, names in (
        ("radiculopathy_c6", ("spurling", "neck_distraction", "upper_limb_tension")),
        ("radiculopathy_l5", ("straight_leg_raise", "crossed_straight_leg_raise")),
    ):
        complaint = condition(code, side="left").complaint
        told = [complaint_signs(complaint, HELD_OUT_SEED + k) for k in range(n)]
        for name in names:
            sides = {one.side for one in complaint.provoked if one.sign == name}
            hits = [one.is_positive for found in told for one in found if one.name == name and one.side in sides]
            yield share_row(f"{name} in {code}", 100 * provocation_rate(name), "mri.S83, S89", hits)


def reports() -> Iterator[tuple[str, bool]]:
    """Length of a lumbar report, exactness of the spans, and the time of one case."""
    began = time.perf_counter()
    told = [
        simulated_case(
            code, seed=HELD_OUT_SEED + k, age_years=40 + 10 * (k % 5), style=report_styles()[k % len(report_styles())]
        )
        for k in range(8)
        for code in conditions()
    ]
    each_ms = 1000 * (time.perf_counter() - began) / len(told)
    exams = [one.mri for one in told if one.mri is not None and one.mri.region == "lumbar"]
    for style in report_styles():
        sizes = [len(one.text) for one in exams if one.style == style]
        inside = abs(np.mean(sizes) - 1987) <= 782
        word = "met" if inside else f"missed by {abs(np.mean(sizes) - 1987) - 782:.0f}"
        yield (
            f"| characters, {style} | 1987 +- 782 (458 real reports) | mri.S56 | {np.mean(sizes):.0f} +- {np.std(sizes):.0f} | {len(sizes)} | {word} |",
            inside,
        )
    stated = [(one, f) for one in exams for f in (*one.findings, *one.negated)]
    exact = all(one.text[slice(*f.span)] == one.text[slice(*f.span)].strip() != "" for one, f in stated)
    yield (
        f"| statements with an exact span | all | own | {sum(1 for _ in stated)} | {len(exams)} reports | {'met' if exact else 'missed'} |",
        exact,
    )
    yield (
        f"| time of one case | below 50 ms | own | {each_ms:.1f} ms | {len(told)} | {'met' if each_ms < 50 else 'missed'} |",
        each_ms < 50,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1500)
    n = parser.parse_args().people
    print("| row | target | source | figure (95 %) | n | verdict |\n| --- | --- | --- | --- | --- | --- |")
    met = []
    for part in (incidental(n), independent(n), signs(n), reports()):
        for text, is_met in part:
            met.append(is_met)
            print(text, flush=True)
    print(f"{sum(met)} of {len(met)} rows met; held-out seeds from {HELD_OUT_SEED}; no patient")


if __name__ == "__main__":
    main()
