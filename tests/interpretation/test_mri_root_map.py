"""Roots of every level and zone, as in the table of the fact base (facts mri.md 1.2)."""

from __future__ import annotations

import pytest

from emgwidgets.errors import InputError
from emgwidgets.interpretation.correlation.root_map import (
    FITTING_WEIGHT,
    TRANSITIONAL_LEVELS,
    disc_level,
    fits,
    roots_for,
    roots_of,
    weight_sources,
)
from emgwidgets.model.mri import MriFinding
from emgwidgets.sources import source
from emgwidgets.vocabulary import levels

LATERAL = ("subarticular", "foraminal", "extraforaminal")
#: Level -> what central, sub-articular, foraminal and extraforaminal lesions meet first.
TABLE = {
    "C2-3": ("cord", "C3", "C3", "C3"), "C3-4": ("cord", "C4", "C4", "C4"), "C4-5": ("cord", "C5", "C5", "C5"),
    "C5-6": ("cord", "C6", "C6", "C6"), "C6-7": ("cord", "C7", "C7", "C7"), "C7-T1": ("cord", "C8", "C8", "C8"),
    "T1-2": ("cord", "T1", "T1", "T1"),
    **{f"T{n}-{n + 1}": ("cord", f"T{n}", f"T{n}", f"T{n}") for n in range(2, 12)},
    "T12-L1": ("conus", "T12", "T12", "T12"), "L1-2": ("conus", "L2", "L1", "L1"),
    "L2-3": ("L3", "L3", "L2", "L2"), "L3-4": ("L4", "L4", "L3", "L3"), "L4-5": ("L5", "L5", "L4", "L4"),
    "L5-S1": ("S1", "S1", "L5", "L5"),
}  # fmt: skip


def test_the_table_names_every_level():
    assert set(TABLE) == set(levels())


@pytest.mark.parametrize("level", TABLE)
@pytest.mark.parametrize("column", range(4))
def test_first_root_of_every_row(level, column):
    zone = ("central", *LATERAL)[column]
    assert roots_for(level, zone)[0].root == TABLE[level][column]


@pytest.mark.parametrize("level", [level for level in TABLE if level.startswith("L") and level != "L1-2"])
def test_central_lumbar_reaches_both_sides_and_every_lower_root(level):
    found = roots_for(level, "central")
    assert all(one.side == "bilateral" for one in found)
    assert found[-1].root == "S5"
    assert found[0].weight == pytest.approx(0.4)


def test_weights_of_the_starting_table():
    assert {one.root: one.weight for one in roots_for("L4-5", "subarticular")} == {"L5": 0.85, "L4": 0.1, "S1": 0.05}
    assert {one.root: one.weight for one in roots_for("L4-5", "foraminal")} == {"L4": 0.9, "L5": 0.1}
    assert {one.root: one.weight for one in roots_for("L4-5", "extraforaminal")} == {"L4": 0.95}
    assert {one.root: one.weight for one in roots_for("C5-6", "foraminal")} == {"C6": 0.92, "C7": 0.05, "C5": 0.03}


def test_zone_comes_from_the_kind():
    assert roots_for("L5-S1", kind="foraminal_stenosis") == roots_for("L5-S1", "foraminal")
    assert roots_for("L5-S1", kind="lateral_recess_stenosis") == roots_for("L5-S1", "subarticular")


def test_without_a_zone_a_disc_is_a_mixture():
    weights = {one.root: one.weight for one in roots_for("L4-5", kind="disc_protrusion")}
    assert weights["L5"] == pytest.approx(0.92 * 0.85 + 0.08 * 0.10, abs=1e-4)
    assert weights["L4"] == pytest.approx(0.92 * 0.10 + 0.08 * 0.90, abs=1e-4)


def test_migration_moves_to_the_exiting_or_the_next_root():
    assert roots_for("L4-5", "subarticular", migration="cranial")[0].root == "L4"
    down = {one.root: one.weight for one in roots_for("L4-5", "subarticular", migration="caudal")}
    assert down["S1"] > 0.05
    assert down["L5"] == max(down.values())


def test_a_transitional_spine_widens_by_one_segment_either_way():
    plain = {one.root: one.weight for one in roots_for("L5-S1", "foraminal")}
    wide = {one.root: one.weight for one in roots_for("L5-S1", "foraminal", is_transitional=True)}
    assert set(plain) == {"L5", "S1"}
    assert set(wide) == {"L4", "L5", "S1", "S2"}
    assert max(wide, key=lambda root: wide[root]) == "L5"
    assert sum(wide.values()) == pytest.approx(sum(plain.values()))


def test_the_root_at_l5_6_behaves_as_s1():
    assert roots_for("L5-6", "subarticular")[0].root == "S1"
    assert set(TRANSITIONAL_LEVELS) == {"L5-6", "L6-S1", "S1-2"}


def test_sides():
    assert {one.side for one in roots_for("L4-5", "foraminal", side="left")} == {"left"}
    assert {one.side for one in roots_for("L4-5", "subarticular", side="midline")} == {"bilateral"}
    assert roots_for("C5-6", "central", side="left")[1].root == "C6"
    assert roots_for("C5-6", "central")[0].side is None


@pytest.mark.parametrize("code", ["C8-T1", "C7-C8", "c8/t1"])
def test_no_disc_of_a_c8_vertebra(code):
    with pytest.raises(InputError, match=r"level that does not exist; .*there is no C8 vertebra.*C7-T1"):
        disc_level(code)


def test_other_levels_that_do_not_exist():
    with pytest.raises(InputError, match="level that does not exist; got 'L9-10'"):
        roots_for("L9-10")
    with pytest.raises(InputError, match="the zone is not known"):
        roots_for("L4-5", "lateral")
    with pytest.raises(InputError, match="the kind of an MRI finding is not known"):
        roots_for("L4-5", kind="slipped")


def test_spellings_of_a_level():
    assert {disc_level(code).code for code in ("L4-5", "L4/5", "L4-L5", "l4/l5", "L45")} == {"L4-5"}


def test_roots_of_a_finding_and_what_fits():
    finding = MriFinding(kind="disc_protrusion", level="L4-5", side="left", zone="subarticular")
    assert roots_of(finding)[0].root == "L5"
    assert roots_of(MriFinding(kind="disc_protrusion", level="L4-5", certainty="negated")) == ()
    assert fits("L5", finding)
    assert fits("S1", finding)  # a large one reaches it
    assert not fits("L4", finding)
    assert not fits("L3", finding)
    assert fits("L3", MriFinding(kind="disc_protrusion"))
    assert 0.10 < FITTING_WEIGHT < 0.85


def test_every_weight_has_a_source():
    for key, mark in weight_sources():
        assert source(key).key == key
        assert mark in {"V", "M", "D", "P"}
