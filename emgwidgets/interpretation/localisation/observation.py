"""One thing observed, and the classes of what it can be about.  No reading of facts, no judgement."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["CLASSES", "Observation"]

#: What an observation can be about; the likelihood has one rule for each.
CLASSES = (
    "sensory_low", "motor_low", "very_slow", "ratio_sensory", "ratio_motor", "lag", "absent", "sensory_slow", "motor_slow", "segment_slow",
    "comparison", "block", "late", "decrement", "increment", "fibrillation", "dense", "large", "recruitment", "small", "unstable",
    "fasciculation", "myotonic", "low_drive", "blink", "weak", "numb", "felt", "pain", "reflex", "brisk", "sign",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing observed.

    Parameters
    ----------
    about : str
        One of :data:`CLASSES`.
    group : str
        Structure it belongs to; a structure can be spared as a whole.
    probability : float
        That the finding is abnormal; between 0 and 1 for a borderline number.
    log_ratio : float
        Natural logarithm: left over right for the two side comparisons, value over its lower limit for an amplitude.
    reserve : float
        Natural logarithm of the mean over the lower limit, for an amplitude.
    weight : float
        Share of this evidence that counts.
    """

    about: str
    kind: str
    study: str
    side: str
    group: str
    probability: float
    names: tuple[str, ...]
    sentence: str
    spanned: tuple[str, ...] = ()
    log_ratio: float = 0.0
    reserve: float = 0.0
    weight: float = 1.0

    @property
    def is_abnormal(self) -> bool:
        """Whether it is more likely abnormal than not."""
        if self.about.startswith("ratio"):
            return abs(self.log_ratio) > math.log(2.0)
        return self.probability > 0.5
