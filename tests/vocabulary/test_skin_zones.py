"""Zones of the skin: their roots and nerves exist, and free words find them."""

from __future__ import annotations

import pytest

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.sources import source
from emgwidgets.vocabulary.lookup import read_table, words


def test_every_zone_hangs_on_known_anatomy():
    for zone in vocabulary.skin_zones().values():
        for code, weight in (*zone.roots, *zone.pain_roots):
            assert vocabulary.root(code).code == code
            assert weight in {1, 2, 3}
        for nerve in zone.nerves:
            assert vocabulary.sensory_nerve(nerve).code == nerve
        assert not zone.leaf or vocabulary.element(zone.leaf)
        assert all(source(key) for key in zone.source)
        assert zone.face in {"front", "back", "both"}


def test_groups_name_known_zones():
    for row in read_table("skin_zone_groups.csv"):
        for code in words(row["zones"]):
            assert vocabulary.skin_zone(code).code == code


@pytest.mark.parametrize(
    ("text", "zones"),
    [
        ("buttock and lateral leg to the dorsum of the foot", "buttock lateral_leg dorsal_foot"),
        ("thumb to ring finger, at night, better on shaking the hand", "thumb index_finger middle_finger ring_finger"),
        ("neck and lateral forearm to thumb and index", "neck_back lateral_forearm thumb index_finger"),
        ("little and ring finger, with the elbow bent", "ring_finger little_finger"),
        ("Medial leg", "medial_leg"),
        ("low back to the left calf", "low_back calf"),
        ("unsteady", ""),
        ("", ""),
    ],
)
def test_words_find_their_zones(text, zones):
    assert " ".join(zone.code for zone in vocabulary.zones_in(text)) == zones


def test_the_skin_of_every_sensory_nerve_is_a_zone_of_it():
    for nerve in vocabulary.sensory_nerves().values():
        found = vocabulary.zones_in(nerve.skin_area)
        assert found, nerve.code
        own = [zone for zone in vocabulary.skin_zones().values() if nerve.code in zone.nerves]
        assert not own or set(own) & set(found), nerve.code


def test_the_names_joined_find_the_zones_again():
    for zone in vocabulary.skin_zones().values():
        assert zone in vocabulary.zones_in(zone.name), zone.code


def test_an_unknown_zone_offers_the_nearest():
    with pytest.raises(InputError, match="great_toe"):
        vocabulary.skin_zone("gret toe")
