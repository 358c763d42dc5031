"""Anomalous courses: the way that some axons of a muscle or nerve take instead of the usual one; no signal, no lesion."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from emgwidgets import vocabulary
from emgwidgets.simulation.nerve.pathway import Route, Study, path_to_study, study

__all__ = ["other_way"]

#: Muscles whose ulnar axons cross in the forearm, by type; the numbering of the types is not universal (ncs.S92).
_CROSSING = {
    "martin_gruber_adm": ("abductor_digiti_minimi_hand", "opponens_digiti_minimi", "flexor_digiti_minimi_hand"),
    "martin_gruber_fdi": ("first_dorsal_interosseous_hand", "fourth_dorsal_interosseous_hand", "palmar_interossei"),
    "martin_gruber_thenar": ("adductor_pollicis",),
}
#: Thenar muscles that the deep ulnar branch reaches through the palm.
_THENAR = ("abductor_pollicis_brevis", "opponens_pollicis")
#: Where the ways part, in cm from the cord at 170 cm (P): forearm, palm, below the fibular head, behind the malleolus.
_FOREARM_CM, _PALM_CM, _FIBULAR_HEAD_CM, _MALLEOLUS_CM = 54.0, 71.0, 76.5, 112.0
#: Plexuses that a pre- or postfixed origin concerns begin with a root the vocabulary knows on either side.
_ORDER = ("C3", "C4", "C5", "C6", "C7", "C8", "T1", "T2", "", "L1", "L2", "L3", "L4", "L5", "S1", "S2", "S3", "S4")


@lru_cache(maxsize=256)
def other_way(one: Study, own: Route, kind: str, height_cm: float) -> Route | None:
    """Way of an axon that takes the anomalous course, or None when the anomaly does not concern it.

    Parameters
    ----------
    one : Study
        Of the muscle or sensory nerve the axon goes to.
    own : Route
        Its usual way.
    """
    if kind in ("prefixed_plexus", "postfixed_plexus"):
        return _shifted(own, -1 if kind == "prefixed_plexus" else 1)
    if one.kind != "motor":
        return None
    if one.target in _CROSSING.get(kind, ()):
        median = _way_of("median_apb", own.root, height_cm)
        return median.spliced(own, one.position_mm(_FOREARM_CM, height_cm))
    if kind == "riche_cannieu" and one.target in _THENAR:
        ulnar = _way_of("ulnar_adm", own.root, height_cm)
        return ulnar.spliced(own, one.position_mm(_PALM_CM, height_cm))
    if kind == "accessory_fibular" and one.target == "extensor_digitorum_brevis":
        superficial = _way_of("superficial_fibular", own.root, height_cm)
        leg = own.spliced(superficial, one.position_mm(_FIBULAR_HEAD_CM, height_cm))
        return leg.spliced(own, one.position_mm(_MALLEOLUS_CM, height_cm))
    return None


def _way_of(key: str, root: str, height_cm: float) -> Route:
    """Way of a study's axons from this root, or from its first root when it has none from there."""
    routes = path_to_study(study(key), height_cm).routes
    return next((route for route in routes if route.root == root), routes[0])


def _shifted(own: Route, by: int) -> Route | None:
    """Same way from the next root; None for a dorsal ramus or where there is no such root beside it."""
    plexus = ("plexus", "trunk", "division", "cord")
    if own.root not in _ORDER or not any(vocabulary.element(s.element).kind in plexus for s in own.spans):
        return None
    at = _ORDER.index(own.root) + by
    if not 0 <= at < len(_ORDER) or not _ORDER[at]:
        return None
    old, new = f"_{own.root.lower()}", f"_{_ORDER[at].lower()}"
    spans = tuple(
        replace(span, element=span.element.removesuffix(old) + new) if span.element.endswith(old) else span
        for span in own.spans
    )
    return Route(root=_ORDER[at], weight=own.weight, spans=spans)
