"""What the needle found muscle by muscle, and the fewest roots that explain it; sites of nerves are not judged here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from emgwidgets import vocabulary
from emgwidgets.interpretation.facts import body_region
from emgwidgets.interpretation.localisation.anatomy import weight_of
from emgwidgets.interpretation.localisation.observations import Observation

__all__ = ["MuscleFound", "muscles_found", "roots_explaining"]

FLAGS = {
    "fibrillation": "fibrillates",
    "large": "is_large",
    "recruitment": "is_reduced",
    "small": "is_small",
    "low_drive": "has_low_drive",
}


@dataclass(frozen=True, kw_only=True)
class MuscleFound:
    """One muscle of one side with what was abnormal in it, and the facts that say so."""

    muscle: str
    side: str
    fibrillates: bool = False
    is_large: bool = False
    is_reduced: bool = False
    is_small: bool = False
    has_low_drive: bool = False
    names: tuple[str, ...] = ()

    @property
    def is_paraspinal(self) -> bool:
        """Whether it is a paraspinal muscle."""
        return vocabulary.muscle(self.muscle).is_paraspinal

    @property
    def nerve(self) -> str:
        """Its nerve."""
        return vocabulary.muscle(self.muscle).nerve

    @property
    def region(self) -> str:
        """``"bulbar"``, ``"cervical"``, ``"thoracic"`` or ``"lumbosacral"``."""
        return body_region(self.muscle)

    @property
    def is_neurogenic(self) -> bool:
        """Fibrillation, large units, or two abnormal things together; a reduced pattern alone may be effort."""
        return self.fibrillates or self.is_large


def muscles_found(found: Sequence[Observation]) -> tuple[MuscleFound, ...]:
    """Every needled muscle, in the order of the observations."""
    made: dict[tuple[str, str], MuscleFound] = {}
    for one in found:
        if one.kind != "needle":
            continue
        key = (one.study, one.side)
        old = made.get(key, MuscleFound(muscle=one.study, side=one.side))
        changes: dict[str, object] = {"names": (*old.names, *one.names)} if one.is_abnormal else {}
        if one.about in FLAGS and one.is_abnormal:
            changes[FLAGS[one.about]] = True
        made[key] = replace(old, **changes)  # type: ignore[arg-type]
    return tuple(made.values())


def roots_explaining(
    muscles: Sequence[MuscleFound], side: str, is_hit: Callable[[MuscleFound], bool], *, least: int = 2
) -> dict[str, tuple[MuscleFound, ...]]:
    """Fewest roots of one side that explain the limb muscles hit; each needs two muscles of different nerves.

    A root must be a main root (editorial weight 2 or 3) of its muscles, and hit at least half of those examined.
    """
    own = [one for one in muscles if one.side == side and not one.is_paraspinal]
    left = [one for one in own if is_hit(one)]
    found: dict[str, tuple[MuscleFound, ...]] = {}
    while left:
        scored = []
        for root in _roots(left):
            element = f"root_{root.lower()}"
            mine = [one for one in left if weight_of("needle", one.muscle, element) >= 2]
            asked = [one for one in own if weight_of("needle", one.muscle, element) == 3]
            share = sum(is_hit(one) for one in asked) / len(asked) if asked else 0.0
            if len({one.nerve for one in mine}) >= 2 and len(mine) >= least and share >= 0.5:
                total = sum(weight_of("needle", one.muscle, element) for one in mine)
                scored.append((total * share, root, mine))
        if not scored:
            break
        _, root, mine = max(scored, key=lambda one: (one[0], one[1]))
        found[root] = tuple(mine)
        left = [one for one in left if one not in mine]
    return found


def _roots(muscles: Sequence[MuscleFound]) -> list[str]:
    names = {root for one in muscles for root in vocabulary.muscle(one.muscle).root_weights}
    return sorted(root for root in names if f"root_{root.lower()}" in vocabulary.elements())
