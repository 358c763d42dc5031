"""The concordance table as data: rows with conditions on traits; the first row that holds is the row.  No medicine here."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from emgwidgets.errors import InputError
from emgwidgets.sources import Cited, Mark

__all__ = ["TRAITS", "TableRow", "class_words", "row_for", "rows", "says"]

#: Traits a condition may ask for, with every value they can have.
TRAITS: dict[str, tuple[str, ...]] = {
    "urgent_mri": ("yes", "no"), "cord": ("yes", "no"), "cord_signs": ("yes", "no"), "imaging": ("ok", "none", "wrong_region"),
    "mri": ("M0", "M1", "M2"), "mri_roots": ("none", "one", "several"), "central": ("yes", "no"), "scar": ("yes", "no"),
    "transitional": ("yes", "no"),
    "edx": ("E0", "E0i", "E1", "Ea", "Ec", "Eo", "Ep", "En", "Ex", "Em", "Ey", "Ej", "Er", "Eps", "Et"),
    "edx_roots": ("none", "one", "several", "bilateral"), "limb": ("arm", "leg", ""),
    "level": ("same", "adjacent", "other", "none"), "overlap": ("yes", "no"), "side": ("same", "opposite", "none"),
    "complaint": ("S-", "S0", "S", "Sx"), "complaint_side": ("same", "opposite", "none"),
    "fits": ("edx", "mri", "both", "neither"), "weak_at_mri": ("yes", "no"), "felt_at_mri": ("yes", "no"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """One row: conditions, what it says (with names in braces), possible explanations, what would settle it."""

    number: str
    name: str
    when: tuple[tuple[str, tuple[str, ...]], ...]
    says: str
    explanations: tuple[str, ...]
    next_steps: tuple[str, ...]
    cited: Cited

    def holds(self, traits: Mapping[str, str]) -> bool:
        """Whether every condition is met."""
        return all(traits[name] in allowed for name, allowed in self.when)


@cache
def rows() -> tuple[TableRow, ...]:
    """Every row in the order of evaluation.

    Raises
    ------
    InputError
        If the table asks for a trait or a value that does not exist.
    """
    text = resources.files(__package__).joinpath("rows.toml").read_text(encoding="utf-8")
    made = []
    for row in tomllib.loads(text)["row"]:
        for name, allowed in row["when"].items():
            wrong = [value for value in allowed if value not in TRAITS.get(name, ())]
            if name not in TRAITS or wrong:
                raise InputError(
                    f"row {row['number']} of the concordance table asks for what does not exist", got=f"{name} = {wrong or allowed}",
                    expected=", ".join(TRAITS.get(name, tuple(TRAITS))),
                )  # fmt: skip
        made.append(TableRow(
            number=row["number"], name=row["name"], says=row["says"], when=tuple((name, tuple(allowed)) for name, allowed in row["when"].items()),
            explanations=tuple(row["explanations"]), next_steps=tuple(row["next_steps"]),
            cited=Cited(key=row["source"], locus="mri section 6.3", mark=Mark(row["mark"])),
        ))  # fmt: skip
    return tuple(made)


def says(number: str, name: str) -> str:
    """Sentence of a row, with the names in braces still to be filled in."""
    return next(row.says for row in rows() if (row.number, row.name) == (number, name))


def row_for(traits: Mapping[str, str]) -> TableRow:
    """Return the first row whose conditions hold; the last row holds always."""
    return next(row for row in rows() if row.holds(traits))


@cache
def _classes() -> dict[str, dict[str, str]]:
    text = resources.files(__package__).joinpath("classes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def class_words(group: str, code: str) -> str:
    """Words of a class: group ``"mri"``, ``"edx"`` or ``"complaint"``."""
    return str(_classes()[group][code])
