"""Validation targets of the virtual muscle: published value beside simulated value, pass or by how much it misses.

Run: ``python benchmarks/bench_needle_targets.py [--json FILE]``.  Parameters were chosen on virtual subjects with seeds
below 100; the table runs on others.  Simulated muscles only, no patient.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # budgets are for one core; read when numpy is first imported

# isort: split
from needle_targets.cost import speed
from needle_targets.disease import clock, interference, shapes
from needle_targets.junctions import jitter, rates, recruitment
from needle_targets.normal import density, normal_units, single_fibre
from needle_targets.table import HELD_OUT_SEED, Row, line

PARTS = (single_fibre, normal_units, density, jitter, recruitment, rates, shapes, interference, clock, speed)


def main() -> None:
    """Print the table; write it when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", choices=[part.__name__ for part in PARTS])
    chosen = parser.parse_args()
    rows: list[Row] = []
    for part in PARTS:
        if chosen.only in (None, part.__name__):
            for found in part():
                rows.append(found)
                print(line(found), flush=True)
    missed = [found for found in rows if found.verdict != "pass"]
    print(f"{len(rows) - len(missed)} of {len(rows)} rows pass; held-out seeds from {HELD_OUT_SEED}; no patient")
    for found in missed:
        print(f"missed: {found.target}; tried: {found.tried or 'nothing yet'}")
    if chosen.json:
        table = [{**asdict(found), "verdict": found.verdict} for found in rows]
        chosen.json.write_text(json.dumps(table, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
