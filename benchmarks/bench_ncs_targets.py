"""Validation targets of the virtual nerve: published value, simulated mean and spread, n, pass or miss.

Run ``python benchmarks/bench_ncs_targets.py [n] [--dev] [--only NAME] [--json FILE]``.  Simulated subjects only; nothing
here is compared with a recording.  Rows marked "drawn" come from a population that is drawn from the same published
figures, so they test the chain, not the physiology; rows marked "tuned" had a parameter chosen on them; the others are
free predictions.  The people are held out: no parameter was chosen on them (``--dev`` runs those that were).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import ncs_targets_consistency as consistency
import ncs_targets_disease as disease
import ncs_targets_healthy as healthy
from ncs_target_rows import DEVELOPMENT_SEED, HELD_OUT_SEED, Table

#: Groups of rows and the most people each is worth.
GROUPS: tuple[tuple[Callable[[Table, int], None], int], ...] = (
    (healthy.motor, 500), (healthy.fibular_head, 500), (healthy.sensory, 500), (healthy.kimura, 24),
    (healthy.strength_duration, 5), (healthy.scan, 20), (healthy.f_waves, 40), (healthy.h_reflex, 10),
    (healthy.duration_growth, 40), (healthy.temperature, 20), (healthy.blink, 40), (disease.repetitive, 15), (disease.anomalies, 60),
    (disease.wallerian, 10), (disease.carpal_tunnel, 15), (disease.block_and_dispersion, 15),
    (consistency.unit_count, 20), (consistency.loss_and_sprouting, 20), (consistency.f_and_backfiring, 8),
    (consistency.needle_and_stimulus, 10), (consistency.junction_two_ways, 3), (consistency.speed, 1),
)  # fmt: skip

#: What was tried on rows that are missed.
TRIED = (
    (
        "10 CMAP area axilla / wrist: motor velocity spread 6 to 8.4 % and proximal spread 0.1 to 0.3 reach 0.958, but then "
        "healthy legs disperse by 33 to 44 % (2.4) and meet criteria of demyelination, or F chronodispersion (16) misses; "
        "the spike constant (1 to 1.4 per mm) changes nothing."
    ),
    (
        "10 SNAP area axilla / palm: the people it was tuned on give 0.614, the held-out ones 0.622 against a limit of 0.621; "
        "more spread would miss the elbow."
    ),
    (
        "2.4 growth of duration in the arm: a spread of 6 % reaches 11 to 14 % there, but 28 to 38 % in the leg; the "
        "published spread of single axons (4.8 %) is kept."
    ),
)


def shown(row: dict[str, object]) -> str:
    """One line of the table."""
    verdict = "pass" if row["missed_by"] == 0 else f"MISSED by {row['missed_by']}"
    return (
        f"{row['target']:<66}{row['published']!s:<18}{row['mean']:>9} +- {row['sd']:<8} n={row['n']:<5}{row['kind']:<6} "
        f"{verdict}   [{row['source']}]"
    )


def main() -> None:
    """Run the groups and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("n", type=int, nargs="?", default=60, help="people, at most the number each group is worth")
    options.add_argument("--dev", action="store_true", help="the people the parameters were chosen on")
    options.add_argument("--only", help="name of one group")
    options.add_argument("--json", type=Path, help="write the rows here")
    given = options.parse_args()
    table = Table(first_seed=DEVELOPMENT_SEED if given.dev else HELD_OUT_SEED)
    for group, most in GROUPS:
        if given.only in (None, group.__name__):
            group(table, min(given.n, most))
    print(f"People from seed {table.first_seed}: {'development' if given.dev else 'held out'}.")
    for row in table.rows:
        print(shown(row))
    missed = sum(row["missed_by"] != 0 for row in table.rows)
    print(f"{len(table.rows)} rows, {len(table.rows) - missed} pass, {missed} missed")
    print("Tried on rows that are missed:", *TRIED, sep="\n- ")
    if given.json:
        given.json.write_text(json.dumps(table.rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
