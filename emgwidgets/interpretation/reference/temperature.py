"""What a number might be at the standard skin temperature: a flagged what-if beside the measured number, never instead of it."""

from __future__ import annotations

from dataclasses import dataclass

from emgwidgets.interpretation._tables import rows_of, studies
from emgwidgets.model.verdict import Fact, NotApplicable
from emgwidgets.sources import Cited, Mark

__all__ = ["WhatIf", "temperature_what_if"]

#: Why the what-if must not be used as a correction (ncs.S43).
WARNING = "individual slopes vary and are smaller in slowed nerves, so this is invalid in demyelination; warm the limb instead"


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """A number as it might be at another skin temperature; for the eye, not for a verdict.

    Parameters
    ----------
    value : float
        In ``unit``.
    factor : float
        Change of the number for each degree warmer.
    """

    fact: Fact
    value: float
    unit: str
    skin_degc: float
    factor: float  # in the fact's unit per degree
    cited: Cited
    warning: str = WARNING

    @property
    def text(self) -> str:
        """Both numbers and the warning in one line."""
        return (
            f"measured {self.fact.text} at {self.fact.conditions.skin_temperature_degc:g} °C; might be {self.value:.3g} "
            f"{self.unit} at {self.skin_degc:g} °C ({self.cited.text}); {self.warning}"
        )


def temperature_what_if(fact: Fact) -> WhatIf | NotApplicable:
    """Return what a latency or velocity might be at the standard skin temperature of its table, or why that is not said.

    Parameters
    ----------
    fact : Fact
        With its skin temperature in the conditions; it is not changed.
    """
    skin_degc = fact.conditions.skin_temperature_degc
    if fact.number is None or fact.doubt:
        return NotApplicable(reason=fact.doubt or "there is no number")
    if skin_degc is None:
        return NotApplicable(reason="the skin temperature is not recorded")
    study = studies().get(fact.study)
    trunk = study.trunk if study else ""
    rows = [
        row for row in rows_of("reference/temperature_factors.csv")
        if (row["kind"], row["measure"]) == (fact.kind, fact.measure) and row["nerve"] in {trunk, "any"}
    ]  # fmt: skip
    if not rows:
        return NotApplicable(reason=f"no factor is known for {fact.study} {fact.measure}")
    row = rows[0]
    limb = study.limb if study else "arm"
    # Latencies have a factor but no temperature of their own: the standard of the limb's velocities is used.
    standard_degc = float(row["standard_skin_degc"] or ("33" if limb == "arm" else "32"))
    factor = float(row["factor_per_degc"])
    cited = Cited(key=row["source"], locus=row["locus"], mark=Mark(row["mark"]))
    return WhatIf(
        fact=fact, value=fact.number + factor * (standard_degc - skin_degc), unit=fact.unit, skin_degc=standard_degc,
        factor=factor, cited=cited,
    )  # fmt: skip
