"""Write docs/references.md from the bibliography of the package, or say with ``--check`` whether it still equals it."""

from __future__ import annotations

import sys
from pathlib import Path

from emgwidgets.sources import Source, sources

PAGE = Path(__file__).resolve().parents[1] / "docs" / "references.md"
HEAD = """# References

Made from `emgwidgets/bibliography.csv` by `python tools/make_references.py`; change the table, not this page.

A key is what data files and docstrings name. `ncs.S..` and `mri.S..` are the numbered sources of the conduction and
MRI facts; short capitals are the tags of the needle and innervation facts. Many entries were read as an abstract or an
excerpt. "unverified" stands beside what is cited from memory: open it before relying on a figure.
"""
GROUPS = (("Named works", ""), ("Nerve conduction", "ncs."), ("MRI", "mri."))


def line(entry: Source) -> str:
    """One row of the page's tables."""
    where = f"[{entry.doi or 'PubMed ' + entry.pmid}]({entry.address})" if entry.address else ""
    cells = (entry.key, entry.citation, where, entry.kind, entry.mark.word)
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def page() -> str:
    """Text the page should have."""
    parts = [HEAD]
    for title, prefix in GROUPS:
        chosen = [entry for key, entry in sources().items() if key.startswith(prefix) and (prefix or "." not in key)]
        rows = "\n".join(line(entry) for entry in chosen)
        parts.append(
            f"## {title}\n\n| key | source | address | what was read | mark |\n| --- | --- | --- | --- | --- |\n{rows}\n"
        )
    return "\n".join(parts)


def main(arguments: list[str]) -> int:
    """Write the page, or compare it with ``--check`` (exit 1 when it differs)."""
    text = page()
    if "--check" in arguments:
        is_same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
        print(
            "docs/references.md equals the bibliography"
            if is_same
            else "docs/references.md is stale: run tools/make_references.py"
        )
        return 0 if is_same else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
