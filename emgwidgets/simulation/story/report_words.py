"""Words of a report: the phrase for one finding in one style, and the page that knows where each phrase lies."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from emgwidgets import vocabulary
from emgwidgets.model.case import Symptom
from emgwidgets.model.mri import MriFinding, RootEffect

__all__ = ["URGENT", "ReportWriter", "report_words"]

URGENT = frozenset({"cord_signal", "tumour", "infection", "fracture"})
_PLACED_BY_KIND = {"central_stenosis", "lateral_recess_stenosis", "foraminal_stenosis", "cord_signal", "disc_bulge"}
_LEVEL_WORD = r"[CTL]\d+-[CTLS]?\d+"


@cache
def report_words() -> dict[str, Any]:
    """Words and habits of every style, as in the file."""
    text = resources.files("emgwidgets.simulation.story").joinpath("report_styles.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


class _Page:
    """Text that grows at its end and knows where each phrase lies."""

    def __init__(self) -> None:
        self.text = ""

    def add(self, words: str) -> None:
        self.text += words

    def mark(self, words: str) -> tuple[int, int]:
        start = len(self.text)
        self.text += words
        return start, len(self.text)


class ReportWriter:
    """Writes one report: one style, one stream of chance."""

    def __init__(
        self, region: str, style: str, rng: np.random.Generator, findings: tuple[MriFinding, ...],
        symptoms: tuple[Symptom, ...],
    ) -> None:  # fmt: skip
        self.region, self.rng, self.findings, self.symptoms = region, rng, findings, symptoms
        self.words = report_words()
        self.style: dict[str, Any] = self.words["style"][style]
        self.page = _Page()
        self.found: dict[int, MriFinding] = {}
        self.negated: list[MriFinding] = []
        self.summaries: list[tuple[int, tuple[int, int]]] = []

    def pick(self, options: list[str]) -> str:
        """One of several words, by chance."""
        return options[int(self.rng.integers(len(options)))]

    def level(self, code: str) -> str:
        """Name of a level as this style writes it."""
        own = next((one.raw for one in self.findings if one.level == code and re.fullmatch(_LEVEL_WORD, one.raw)), "")
        if own:  # a spine of six lumbar bodies has names of its own
            return own
        entry = vocabulary.level(code)
        upper, lower = entry.upper, entry.lower
        short = code if lower[0] != upper[0] else f"{upper}-{lower[1:]}"
        return str(self.style["level"]).format(upper=upper, lower=lower, short=short, slash=short.replace("-", "/"))

    def shortened(self, phrase: str) -> str:
        """The phrase with the style's abbreviations."""
        for long, short in self.style.get("short", {}).items():
            phrase = phrase.replace(long, short)
        return phrase

    def root(self, effect: RootEffect, finding: MriFinding) -> str:
        """Words for the root a finding meets."""
        entry = vocabulary.level(finding.level)
        role = "exiting" if entry.region == "cervical" or effect.root == entry.exiting else "traversing"
        side = effect.side or finding.side
        form = self.words["roots"]["spine" if side in ("left", "right") else "both"]
        return str(form).format(side=side, role=role, root=effect.root)

    def phrase(self, finding: MriFinding, certainty: str = "") -> tuple[str, str, str]:
        """Words for one finding, the word used for its zone, and its certainty, drawn unless it is given."""
        if finding.kind in ("other", "nerve_signal", "nerve_enlargement", "muscle_denervation"):
            return finding.note, "", "definite"
        certainty = certainty or self._certainty(finding)
        hedge = [] if certainty == "definite" else [self.pick(self.words["hedges"][certainty])]
        size = [] if finding.size_mm is None else [f"{finding.size_mm:g} mm"]
        plain = [finding.grade] if finding.scale in ("words", "lurie_thirds") else []
        if finding.scale in ("meyerding", "modic"):
            plain = [f"{'grade' if finding.scale == 'meyerding' else 'Modic type'} {finding.grade}"]
        side = [] if finding.side in (None, "midline") else [self.style["side"][finding.side]]
        zone = (
            []
            if finding.kind in _PLACED_BY_KIND or not finding.zone
            else [self.pick(self.words["zones"][finding.zone])]
        )
        kind = [self.shortened(self.pick(self.words["kinds"][_kind_key(finding)]))]
        scale = []
        named = self.words["scales"].get(finding.scale)
        if named and (finding.kind != "disc_degeneration" or self.rng.random() < self.words["chance"]["scale_named"]):
            scale = [f"({named.format(grade=finding.grade)})"]
        migration = (
            []
            if finding.migration is None
            else [f"migrated {'cranially' if finding.migration == 'cranial' else 'caudally'}"]
        )
        effects = [
            self.shortened(self.pick(self.words["effects"][one.effect]).format(root=self.root(one, finding)))
            for one in finding.roots
            if one.effect != "none"
        ]
        parts = [
            *hedge,
            *size,
            *plain,
            *side,
            *map(self.shortened, zone),
            *kind,
            *scale,
            *migration,
            " and ".join(effects),
        ]
        return " ".join(part for part in parts if part), (zone or [""])[0], certainty

    def _certainty(self, finding: MriFinding) -> str:
        draw = float(self.rng.random())
        chance = self.words["chance"]
        if (
            finding.certainty != "definite"
            or finding.kind in {*URGENT, "central_stenosis"}
            or any(one.effect == "compression" for one in finding.roots)
        ):
            return finding.certainty
        if draw < chance["possible"]:
            return "possible"
        return "probable" if draw < chance["possible"] + chance["probable"] else "definite"

    def state(self, index: int, finding: MriFinding, basis: str | None) -> None:
        """Write one finding and keep where it stands."""
        phrase, zone, certainty = self.phrase(finding)
        if self.style["article"] and finding.kind in self.words["chance"]["with_article"]:
            self.page.add("an " if re.match(r"[aeiou]|8|11 |18 ", phrase) else "a ")
        span = self.page.mark(self.cased(phrase))
        raw = zone if zone and zone != finding.zone and not finding.raw else finding.raw
        self.found[index] = replace(finding, span=span, certainty=certainty, raw=raw, numbering_basis=basis)  # type: ignore[arg-type]

    def deny(self, kind: str, words: str, level: str = "") -> None:
        """Write what is not there and keep where it stands."""
        span = self.page.mark(self.cased(words))
        self.negated.append(MriFinding(kind=kind, level=level, certainty="negated", span=span))

    def cased(self, phrase: str) -> str:
        """Return the phrase with a capital where a sentence begins."""
        before = self.page.text.rstrip(" ")
        starts = not before or before[-1] in ".\n:" or before.endswith("- ")
        return phrase[0].upper() + phrase[1:] if starts and self.style["sentence"] else phrase


def _kind_key(finding: MriFinding) -> str:
    if finding.kind != "disc_degeneration":
        return finding.kind
    if "height" in finding.raw:
        return "disc_degeneration height"
    return "disc_degeneration signal" if "signal" in finding.raw else "disc_degeneration"
