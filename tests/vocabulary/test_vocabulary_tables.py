"""Vocabulary: agreement with the facts, invariants of every pathway, and names."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.sources import source

ROOT = Path(__file__).resolve().parents[2]
MUSCLES = vocabulary.muscles()
SENSORY = vocabulary.sensory_nerves()
INNERVATED = {**{f"muscle {code}": part for code, part in MUSCLES.items()}, **SENSORY}


@pytest.fixture
def facts() -> Path:
    """Return the folder of facts beside the project, or skip."""
    for place in (ROOT.parent / "shared" / "facts", ROOT.parent / "facts"):
        if place.is_dir():
            return place
    pytest.skip("no facts beside the project")


def test_the_tables_agree_with_the_facts(facts):
    tool = [sys.executable, str(ROOT / "tools" / "import_facts.py"), str(facts), "--check"]
    done = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_loaded_muscles_agree_with_the_facts(facts):
    with (facts / "muscles.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 125
    for row in rows:
        muscle = vocabulary.muscle(row["muscle"])
        assert (muscle.action, ";".join(muscle.source)) == (row["action"], row["source"])
        if not row["root_weights"].startswith("level"):
            said = dict(part.rsplit(":", 1) for part in row["root_weights"].split(";"))
            assert muscle.root_weights == {root: int(weight) for root, weight in said.items()}


def test_the_loaded_sensory_nerves_agree_with_the_facts(facts):
    with (facts / "sensory_nerves.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 22
    for row in rows:
        nerve = vocabulary.sensory_nerve(row["nerve"])
        assert (nerve.abnormal_in, nerve.normal_in) == (row["abnormal_in"], row["normal_in"])
        said = dict(part.rsplit(":", 1) for part in row["root_weights"].split(";"))
        assert nerve.root_weights == {root: int(weight) for root, weight in said.items()}


@pytest.mark.parametrize("part", INNERVATED.values(), ids=INNERVATED)
def test_every_pathway_is_a_chain_of_known_elements(part):
    known = vocabulary.elements()
    assert part.pathways
    for pathway in part.pathways:
        assert set(pathway.elements) <= set(known)
        assert len(set(pathway.elements)) == len(pathway.elements)
        assert pathway.elements[0] == vocabulary.root(pathway.root).element
    assert all(source(key) for key in part.source)
    assert part.nerve in vocabulary.nerves()


def test_each_weighted_root_of_the_table_has_a_way():
    for row in csv.DictReader(
        (ROOT / "emgwidgets" / "vocabulary" / "muscles.csv").read_text(encoding="utf-8").splitlines()
    ):
        said = {part.rsplit(":", 1)[0] for part in row["root_weights"].split(";")}
        assert set(MUSCLES[row["code"]].roots) == said, row["code"]


def test_paraspinal_muscles_leave_on_the_dorsal_ramus_before_every_plexus():
    paraspinal = [muscle for muscle in MUSCLES.values() if muscle.is_paraspinal]
    assert len(paraspinal) == 7
    for muscle in MUSCLES.values():
        for pathway in muscle.pathways:
            has_dorsal = any(element.startswith("dorsal_ramus") for element in pathway.elements)
            assert has_dorsal == muscle.is_paraspinal
            if has_dorsal:
                assert len(pathway.elements) == 3


def test_every_limb_muscle_passes_its_ventral_ramus():
    for muscle in MUSCLES.values():
        for pathway in muscle.pathways:
            if not muscle.is_paraspinal and not vocabulary.root(pathway.root).is_cranial:
                assert pathway.elements[2] == f"ventral_ramus_{pathway.root.lower()}"


def test_a_way_through_a_cord_passes_trunk_division_and_cord_in_order():
    kinds = {code: element.kind for code, element in vocabulary.elements().items()}
    for part in INNERVATED.values():
        for pathway in part.pathways:
            found = [kinds[element] for element in pathway.elements if kinds[element] in {"trunk", "division", "cord"}]
            if "cord" in found:
                assert found == ["trunk", "division", "cord"]


@pytest.mark.parametrize(
    ("element", "hit", "spared"),
    [
        ("root_c6", {"cervical_paraspinals_c5_c6", "biceps_brachii", "pronator_teres"}, {"first_dorsal_interosseous_hand"}),
        ("upper_trunk", {"supraspinatus", "biceps_brachii"}, {"rhomboid_major", "serratus_anterior", "cervical_paraspinals_c5_c6"}),
        ("posterior_cord", {"deltoid_middle", "triceps_brachii_long_head"}, {"biceps_brachii", "supraspinatus"}),
        ("radial_spiral_groove", {"brachioradialis", "extensor_digitorum_communis"}, {"triceps_brachii_lateral_head", "deltoid_middle"}),
        ("posterior_interosseous_arcade", {"extensor_digitorum_communis", "extensor_indicis_proprius"}, {"brachioradialis", "supinator"}),
        ("median_carpal_tunnel", {"abductor_pollicis_brevis"}, {"flexor_pollicis_longus", "pronator_teres", "first_dorsal_interosseous_hand"}),
        ("anterior_interosseous", {"flexor_pollicis_longus", "pronator_quadratus"}, {"abductor_pollicis_brevis", "flexor_carpi_radialis"}),
        ("ulnar_elbow", {"flexor_carpi_ulnaris", "first_dorsal_interosseous_hand"}, {"abductor_pollicis_brevis"}),
        ("ulnar_wrist", {"first_dorsal_interosseous_hand", "abductor_digiti_minimi_hand"}, {"flexor_carpi_ulnaris"}),
        ("ulnar_deep_palmar", {"first_dorsal_interosseous_hand"}, {"abductor_digiti_minimi_hand"}),
        ("common_fibular_head", {"tibialis_anterior", "fibularis_longus"}, {"biceps_femoris_short_head", "tibialis_posterior"}),
        ("sciatic_fibular_division", {"biceps_femoris_short_head", "tibialis_anterior"}, {"biceps_femoris_long_head", "gluteus_medius"}),
        ("tibial_tarsal_tunnel", {"abductor_hallucis"}, {"soleus", "tibialis_posterior"}),
        ("femoral_inguinal_ligament", {"rectus_femoris"}, {"iliacus", "adductor_longus"}),
        ("root_l5", {"tibialis_anterior", "tibialis_posterior", "gluteus_medius", "lumbar_paraspinals_multifidus_lower"}, {"vastus_medialis"}),
    ],
)  # fmt: skip
def test_a_lesion_affects_exactly_what_lies_beyond_it(element, hit, spared):
    beyond = {code for code, muscle in MUSCLES.items() if muscle.is_beyond(vocabulary.element(element).code)}
    assert hit <= beyond
    assert not spared & beyond


@pytest.mark.parametrize(
    ("element", "low", "kept"),
    [
        ("upper_trunk", {"lateral_antebrachial_cutaneous", "median_d1"}, {"ulnar_d5", "medial_antebrachial_cutaneous"}),
        ("lower_trunk", {"ulnar_d5", "dorsal_ulnar_cutaneous", "medial_antebrachial_cutaneous"}, {"median_d1", "superficial_radial"}),
        ("lateral_cord", {"lateral_antebrachial_cutaneous", "median_d1", "median_d2", "median_d3"}, {"superficial_radial", "ulnar_d5"}),
        ("posterior_cord", {"superficial_radial"}, {"median_d2"}),
        ("ulnar_wrist", {"ulnar_d5"}, {"dorsal_ulnar_cutaneous", "medial_antebrachial_cutaneous"}),
        ("ulnar_elbow", {"ulnar_d5", "dorsal_ulnar_cutaneous"}, {"medial_antebrachial_cutaneous"}),
        ("posterior_interosseous_proximal", set(), {"superficial_radial"}),
        ("common_fibular_head", {"superficial_fibular", "deep_fibular_sensory"}, {"sural"}),
        ("sciatic_tibial_division", {"sural", "medial_plantar"}, {"superficial_fibular"}),
        ("root_c6", set(), {"median_d1", "superficial_radial"}),
        ("root_s1", set(), {"sural"}),
        ("drg_s1", {"sural"}, {"saphenous"}),
    ],
)  # fmt: skip
def test_a_sensory_response_falls_only_at_or_beyond_the_ganglion(element, low, kept):
    affected = {
        code for code, nerve in SENSORY.items() if nerve.is_response_affected_by(vocabulary.element(element).code)
    }
    assert low <= affected
    assert not kept & affected


@pytest.mark.parametrize("nerve", SENSORY.values(), ids=SENSORY)
def test_every_sensory_way_has_its_ganglion_between_root_and_spinal_nerve(nerve):
    for root in nerve.roots:
        low = root.lower()
        assert nerve.preganglionic(root) == (f"root_{low}",)
        assert nerve.postganglionic(root)[:2] == (f"drg_{low}", f"spinal_nerve_{low}")
        assert not nerve.is_response_affected_by(f"root_{low}")


def test_the_sural_response_has_a_tibial_and_a_fibular_way():
    ways = SENSORY["sural"].paths_from("S1")
    assert [way[-2] for way in ways] == ["medial_sural", "lateral_sural"]


def test_a_root_that_does_not_supply_a_muscle_is_refused():
    with pytest.raises(InputError, match="tibialis_anterior is not supplied by C6"):
        MUSCLES["tibialis_anterior"].path_from("C6")
    with pytest.raises(InputError, match="C5 does not supply sciatic"):
        vocabulary.path_to("sciatic", from_root="C5")


EXPECTED_LEVELS = {
    "C2-3": ("C3", "C3"), "C3-4": ("C4", "C4"), "C4-5": ("C5", "C5"), "C5-6": ("C6", "C6"), "C6-7": ("C7", "C7"),
    "C7-T1": ("C8", "C8"), "T1-2": ("T1", "T1"), "T11-12": ("T11", "T11"), "T12-L1": ("T12", "T12"),
    "L1-2": ("L1", "L2"), "L2-3": ("L2", "L3"), "L3-4": ("L3", "L4"), "L4-5": ("L4", "L5"), "L5-S1": ("L5", "S1"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "roots"), EXPECTED_LEVELS.items(), ids=EXPECTED_LEVELS)
def test_exiting_and_traversing_roots_of_each_disc(code, roots):
    level = vocabulary.level(code)
    assert (level.exiting, level.traversing) == roots
    assert vocabulary.root(level.exiting).disc == code


def test_there_are_23_discs_and_none_of_a_c8_vertebra():
    levels = vocabulary.levels()
    assert len(levels) == 6 + 12 + 5
    assert "C7-T1" in levels
    assert not any("C8" in (level.upper, level.lower) for level in levels.values())
    with pytest.raises(InputError, match="no such disc level; got 'C8-T1'; expected a disc level such as C7-T1"):
        vocabulary.level("C8-T1")


def test_every_root_names_a_known_disc_or_none():
    for root in vocabulary.roots().values():
        assert not root.disc or root.disc in vocabulary.levels()
    assert {code for code, root in vocabulary.roots().items() if not root.disc and not root.is_cranial} == {
        "C1", "C2", "S1", "S2", "S3", "S4",
    }  # fmt: skip


def test_nerves_hang_together():
    elements = vocabulary.elements()
    for nerve in vocabulary.nerves().values():
        assert bool(nerve.parent) == bool(nerve.leaves_from) != bool(nerve.route), nerve.code
        assert all(elements[element].nerve == nerve.code for element in nerve.elements)
        if nerve.parent:
            assert elements[nerve.leaves_from].nerve == nerve.parent
        assert set(nerve.sites) <= set(vocabulary.sites())


def test_sites_lie_on_known_nerves_and_carry_a_source():
    for site in vocabulary.sites().values():
        assert site.nerve in vocabulary.nerves()
        assert not site.element or site.element in vocabulary.elements()
        assert site.target in MUSCLES or site.target in SENSORY or site.target in vocabulary.nerves()
        assert all(50 > mm / 10 > 3 for mm in site.distance_mm)
        assert site.source
        assert all(source(key) for key in site.source)


@pytest.mark.parametrize("table", ["nerves.csv", "roots.csv", "levels.csv", "routes.csv"])
def test_every_row_has_a_known_source(table):
    text = (ROOT / "emgwidgets" / "vocabulary" / table).read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        assert row["source"]
        assert all(source(key) for key in row["source"].split(";"))


@pytest.mark.parametrize(
    ("lookup", "name", "code"),
    [
        ("muscle", "Tibialis anterior", "tibialis_anterior"),
        ("muscle", "APB", "abductor_pollicis_brevis"),
        ("muscle", "fdi", "first_dorsal_interosseous_hand"),
        ("muscle", "Peroneus longus", "fibularis_longus"),
        ("muscle", "Abductor digiti minimi (hand)", "abductor_digiti_minimi_hand"),
        ("nerve", "Median", "median"),
        ("nerve", "PIN", "posterior_interosseous"),
        ("nerve", "common peroneal nerve", "common_fibular"),
        ("sensory_nerve", "LABC", "lateral_antebrachial_cutaneous"),
        ("sensory_nerve", "Sural", "sural"),
        ("site", "Median nerve, wrist", "median_wrist"),
        ("root", "c6", "C6"),
        ("root", "cn xi", "CN XI"),
        ("level", "L4/5", "L4-5"),
        ("level", "L4-L5", "L4-5"),
        ("level", "l45", "L4-5"),
        ("level", "L5/S1", "L5-S1"),
        ("level", "C7/T1", "C7-T1"),
        ("element", "Upper trunk", "upper_trunk"),
    ],
)
def test_common_names_find_their_code(lookup, name, code):
    assert getattr(vocabulary, lookup)(name).code == code


@pytest.mark.parametrize(
    ("lookup", "name", "sentence"),
    [
        ("muscle", "tibialis anteriro", "such as tibialis_anterior"),
        ("nerve", "medain", "such as median"),
        ("sensory_nerve", "surral", "such as sural"),
        ("site", "median_writs", "such as median_wrist"),
        ("root", "Q9", "no such root; got 'Q9'"),
        ("element", "upper trnk", "such as upper_trunk"),
        ("muscle", "", "no such muscle; got ''"),
    ],
)
def test_unknown_names_offer_the_nearest(lookup, name, sentence):
    with pytest.raises(InputError, match=sentence):
        getattr(vocabulary, lookup)(name)


def test_no_two_entries_claim_one_name():
    for table in ("muscles.csv", "nerves.csv", "sensory_nerves.csv"):
        text = (ROOT / "emgwidgets" / "vocabulary" / table).read_text(encoding="utf-8")
        owner: dict[str, str] = {}
        for row in csv.DictReader(text.splitlines()):
            for name in {
                row["code"],
                row["name"].lower(),
                *(alias.lower() for alias in row["aliases"].split(";") if alias),
            }:
                assert owner.setdefault(name, row["code"]) == row["code"], name


def test_loading_is_lazy():
    code = "import emgwidgets.vocabulary, sys; from emgwidgets.vocabulary import lookup; print(lookup.read_table.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
