"""Bring the tables of a folder of clinical facts into the package, or say whether they still agree with them.

Usage: ``python tools/import_facts.py FOLDER [--check]``.  Columns that the facts do not hold (codes, aliases, leaves)
and rows that they do not hold are kept; a new muscle or sensory nerve of the facts is reported, as its way through the
plexus must be written by a person.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "emgwidgets"
BIBLIOGRAPHY = PACKAGE / "bibliography.csv"
MUSCLES = PACKAGE / "vocabulary" / "muscles.csv"
SENSORY = PACKAGE / "vocabulary" / "sensory_nerves.csv"

#: Column of the facts -> column of the package.
MUSCLE_COLUMNS = {
    "muscle": "name", "region": "region", "nerve": "nerve_text", "plexus_path": "path_text", "roots": "main_roots",
    "root_weights": "root_weights", "action": "action", "source": "source",
}  # fmt: skip
SENSORY_COLUMNS = {
    "nerve": "name", "recording_site": "recording_site", "roots_drg": "main_roots", "root_weights": "root_weights",
    "trunk_or_plexus": "trunk_text", "cord": "cord_text", "parent_nerve": "parent_text", "skin_area": "skin_area",
    "abnormal_in": "abnormal_in", "normal_in": "normal_in", "source": "source",
}  # fmt: skip


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV table."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def expand_levels(weights: str, roots: str) -> str:
    """Write ``level:3`` over T1-T12 as one weight per root."""
    if not weights.startswith("level:"):
        return weights
    weight = weights.removeprefix("level:")
    first, last = (int(number) for number in re.findall(r"T(\d+)", roots))
    return ";".join(f"T{number}:{weight}" for number in range(first, last + 1))


def mark_of(source: str) -> str:
    """M as soon as any part of the row is from memory, else V."""
    return "M" if "MEM" in source.split(";") else "V"


def merged(facts: list[dict[str, str]], ours: list[dict[str, str]], columns: dict[str, str]) -> list[dict[str, str]]:
    """Our rows with the columns of the facts replaced, in the order of the facts; behind them the rows that are ours alone."""
    by_name = {row["name"]: row for row in ours}
    rows = []
    in_facts = {next(iter(fact.values())) for fact in facts}
    for fact in facts:
        name = next(iter(fact.values()))
        if name not in by_name:
            sys.exit(f"{name} is in the facts but has no code and no way in the package; add its row by hand")
        row = dict(by_name[name])
        row.update({ours_name: fact[facts_name] for facts_name, ours_name in columns.items()})
        row["root_weights"] = expand_levels(row["root_weights"], row["main_roots"])
        row["mark"] = mark_of(row["source"])
        rows.append(row)
    return rows + [row for row in ours if row["name"] not in in_facts]


def identifiers(text: str) -> dict[str, str]:
    """DOI and PubMed number found in a citation, empty where there is none."""
    doi = re.search(r"\b10\.\d{4,9}/[^\s;,)]+", text)
    pmid = re.search(r"(?:PMID|[Pp]ub[Mm]ed) (\d{5,9})", text)
    return {"doi": doi.group().rstrip(".") if doi else "", "pmid": pmid.group(1) if pmid else ""}


def entry(key: str, citation: str, kind: str) -> dict[str, str]:
    """One row of the bibliography."""
    mark = "M" if key == "MEM" else "V"
    return {"key": key, "citation": citation, **identifiers(citation), "url": "", "kind": kind, "mark": mark}


def cited_in(folder: Path) -> list[dict[str, str]]:
    """Bibliography rows of the facts: ``ncs.S4``, ``mri.S4`` and the tags of needle.md."""
    rows = []
    ncs = (folder / "ncs.md").read_text(encoding="utf-8").split("## 10. Sources read")[1]
    found = re.findall(r"(?:^|(?<=\. ))(S\d+) (.+?)\.?(?=\s+S\d+ |\s*$)", ncs.split("\n", 1)[1].strip())
    rows += [entry(f"ncs.{key}", text.rstrip("."), "read in part") for key, text in found]
    mri = (folder / "mri.md").read_text(encoding="utf-8").split("## Sources")[1]
    rows += [entry(f"mri.{k}", t.strip(), "read in part") for k, t in re.findall(r"^(S\d+) (.+)$", mri, re.MULTILINE)]
    table = (folder / "needle.md").read_text(encoding="utf-8").split("## 0. Source tags")[1].split("\n## ")[0]
    for tags, text, kind in re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", table, re.MULTILINE):
        if tags.startswith(("tag", "-")):
            continue
        rows += [entry(tag, text.strip(), kind.strip()) for tag in tags.split()]
    return rows


def table_text(rows: list[dict[str, str]]) -> str:
    """Rows as the text of a CSV file."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def tables(folder: Path) -> dict[Path, str]:
    """Text each table of the package should have."""
    ours = read_rows(BIBLIOGRAPHY) if BIBLIOGRAPHY.exists() else []
    from_facts = cited_in(folder)
    keys = {row["key"] for row in from_facts}
    own = [row for row in ours if row["key"] not in keys]
    return {
        BIBLIOGRAPHY: table_text(own + from_facts),
        MUSCLES: table_text(merged(read_rows(folder / "muscles.csv"), read_rows(MUSCLES), MUSCLE_COLUMNS)),
        SENSORY: table_text(merged(read_rows(folder / "sensory_nerves.csv"), read_rows(SENSORY), SENSORY_COLUMNS)),
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the tables, or compare them with ``--check`` (exit 1 when they differ)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of the facts")
    parser.add_argument("--check", action="store_true", help="only say whether the tables agree with the facts")
    options = parser.parse_args(arguments)
    differing = []
    for path, text in tables(options.folder).items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        differing.append(path.name)
        if not options.check:
            path.write_text(text, encoding="utf-8")
    if options.check and differing:
        print(f"these tables no longer agree with the facts: {', '.join(differing)}", file=sys.stderr)
        return 1
    print("the tables agree with the facts" if not differing else f"written: {', '.join(differing)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
