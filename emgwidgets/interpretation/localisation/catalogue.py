"""Tests that can be done next, with their costs and cautions, from ``tests.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from emgwidgets.interpretation.localisation.candidates import rows_of

__all__ = ["Test", "catalogue"]


@dataclass(frozen=True, slots=True)
class Test:
    """A test of one muscle or nerve on either side; costs are a proposal of this project."""

    __test__ = False

    kind: str
    study: str
    minutes: float
    discomfort: float
    risk: float
    risk_anticoagulated: float
    caution: str

    def cost(self, *, is_anticoagulated: bool = False) -> float:
        """Minutes plus discomfort plus five times the risk."""
        risk = self.risk_anticoagulated if is_anticoagulated else self.risk
        return self.minutes + self.discomfort + 5.0 * risk


@cache
def catalogue() -> tuple[Test, ...]:
    """Every test, in the order of the table."""
    return tuple(
        Test(
            kind=row["kind"], study=row["study"], minutes=float(row["minutes"]), discomfort=float(row["discomfort"]),
            risk=float(row["risk"]), risk_anticoagulated=float(row["risk_anticoagulated"]), caution=row["caution"],
        )
        for row in rows_of("tests.csv")
    )  # fmt: skip
