"""Readings that come from the muscles alone, where no single site stands out or a pair of roots is too few."""

from __future__ import annotations

from collections.abc import Sequence

from emgwidgets import vocabulary
from emgwidgets.interpretation.correlation.muscles_found import MuscleFound, roots_explaining
from emgwidgets.interpretation.correlation.scenario import Known, Scenario
from emgwidgets.interpretation.localisation.anatomy import weight_of

__all__ = ["AGE_WORDS", "age_of", "nothing_shown", "several_roots"]

#: Days before which large units are older than the complaint (2 months, needle section 4), and from which fibrillation may
#: outlast its cause (6 months, mri section 4.2).
LARGE_FROM_DAYS, CHRONIC_FROM_DAYS = 60.0, 180.0
#: Share that a pattern of two or more muscles takes, of one limb and one paraspinal muscle, and of one muscle; the rest stays "nothing" (internal choices).
MOST, SOME, HALF = 0.9, 0.6, 0.5
AGE_WORDS = {"Ea": "active", "Ec": "chronic", "Eo": "older than this complaint"}
SIDES = ("left", "right")


def age_of(roots: Sequence[tuple[str, str]], known: Known) -> str:
    """``"Ea"``, ``"Ec"`` or ``"Eo"`` by the limb muscles of the roots: what fibrillates, what is large, how long it took."""
    own = [
        one for one in known.muscles
        if not one.is_paraspinal
        and any(one.side == side and weight_of("needle", one.muscle, f"root_{root.lower()}") >= 2 for root, side in roots)
    ]  # fmt: skip
    n_active, n_large = sum(one.fibrillates for one in own), sum(one.is_large for one in own)
    if n_large < 2 or n_large < 0.5 * n_active:
        return "Ea" if n_active or not n_large else "Ec"
    if known.days is not None and known.days <= LARGE_FROM_DAYS:
        return "Eo"
    is_late = known.days is None or known.days > CHRONIC_FROM_DAYS
    return "Ec" if n_large > n_active or is_late else "Ea"


def several_roots(known: Known, weight: float) -> list[Scenario]:
    """Every root of both sides that two muscles of different nerves point to; empty without one."""
    roots = tuple(
        (root, side) for side in SIDES for root in roots_explaining(known.muscles, side, lambda one: one.is_neurogenic)
    )
    return [_roots_scenario(roots, known, weight)] if roots else []


def _old_roots(known: Known) -> tuple[tuple[str, str], ...]:
    return tuple(
        (root, side) for side in SIDES for root in roots_explaining(known.muscles, side, lambda one: one.is_large)
    )


def _roots_scenario(roots: tuple[tuple[str, str], ...], known: Known, weight: float) -> Scenario:
    code = age_of(roots, known)
    words = " and ".join(f"{root} root, {side}" for root, side in roots)
    limb = "arm" if vocabulary.root(roots[0][0]).region in {"cervical", "thoracic"} else "leg"
    return Scenario(
        code=code, probability=weight, roots=roots, words=f"{words}, {AGE_WORDS[code]}", limb=limb,
        sides=tuple(dict.fromkeys(side for _, side in roots)),
    )  # fmt: skip


def nothing_shown(known: Known) -> list[Scenario]:
    """No site stands out: old roots by large units, paraspinals alone, one muscle alone, normal, or not enough."""
    old = _old_roots(known)
    if old:
        return [_roots_scenario(old, known, MOST), _nothing(known, 1 - MOST)]
    spinal = [one for one in known.muscles if one.is_paraspinal and one.is_neurogenic]
    limb = [one for one in known.muscles if not one.is_paraspinal and one.fibrillates]
    both = _limb_and_paraspinal(limb, spinal, known)
    if both:
        return [both, _nothing(known, 1 - both.probability)]
    if len(spinal) >= 2 or (spinal and not limb):
        share = MOST if len(spinal) >= 2 else HALF
        only = Scenario(code="Eps", probability=share, words="change in paraspinal muscles only")
        return [only, _nothing(known, 1 - share)]
    if len(limb) == 1 and not known.gaps:
        return [_one_muscle(limb[0])]
    return [_nothing(known, 1.0)]


def _limb_and_paraspinal(limb: Sequence[MuscleFound], spinal: Sequence[MuscleFound], known: Known) -> Scenario | None:
    """A limb muscle and a paraspinal muscle of the same root and side, both with fibrillation: the least that names a root."""
    for one in limb:
        for two in (two for two in spinal if two.fibrillates and two.side == one.side):
            shared = [
                root for root in vocabulary.muscle(one.muscle).dominant_roots
                if weight_of("needle", two.muscle, f"root_{root.lower()}") >= 2
            ]  # fmt: skip
            if shared:
                return _roots_scenario(((shared[0], one.side),), known, SOME)
    return None


def _one_muscle(one: MuscleFound) -> Scenario:
    name = vocabulary.muscle(one.muscle).name.lower()
    return Scenario(code="E1", probability=1.0, words=f"one abnormal muscle ({name}, {one.side}), which is not enough")


def _nothing(known: Known, probability: float) -> Scenario:
    if known.gaps:
        return Scenario(code="E0i", probability=probability, words="nothing shown, and the study is not adequate")
    return Scenario(code="E0", probability=probability, words="no abnormality in the nerves and muscles tested")
