"""Muscles, nerves, sites, roots and disc levels, loaded from the tables of this folder when first asked for."""

from emgwidgets.vocabulary.innervation import muscle, muscles, sensory_nerve, sensory_nerves
from emgwidgets.vocabulary.nerve_ways import nerve, nerves, path_to
from emgwidgets.vocabulary.places import site, sites
from emgwidgets.vocabulary.skin import skin_zone, skin_zones, zones_in
from emgwidgets.vocabulary.spine import element, elements, level, levels, lumbar_prevalence, root, roots

__all__ = [
    "element", "elements", "level", "levels", "lumbar_prevalence", "muscle", "muscles", "nerve", "nerves", "path_to", "root", "roots",
    "sensory_nerve", "sensory_nerves", "site", "sites", "skin_zone", "skin_zones", "zones_in",
]  # fmt: skip
