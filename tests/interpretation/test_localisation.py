"""Localisation: hand cases, invariances, abstention, and the anatomy behind it."""

from __future__ import annotations

import importlib.util
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.interpretation.facts import Facts, facts_of
from emgwidgets.interpretation.localisation import candidates, localise, next_tests
from emgwidgets.interpretation.localisation.anatomy import published, share, span
from emgwidgets.interpretation.localisation.candidates import hypotheses
from emgwidgets.interpretation.localisation.effects import grid
from emgwidgets.interpretation.localisation.multifocal_block import with_multifocal_block
from emgwidgets.interpretation.localisation.next_test import _tempered
from emgwidgets.interpretation.localisation.parameters import table
from emgwidgets.model.case import Case
from emgwidgets.model.ncs import NcsStudies
from emgwidgets.sources import Cited

_spec = importlib.util.spec_from_file_location("typed_study", Path(__file__).parent / "typed_study.py")
assert _spec is not None
assert _spec.loader is not None
typed = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(typed)

SWAP = {"left": "right", "right": "left"}
LEG = (
    "vastus_medialis", "adductor_longus", "tibialis_anterior", "tibialis_posterior", "tensor_fasciae_latae",
    "gastrocnemius_medial_head", "biceps_femoris_short_head", "lumbar_paraspinals_multifidus_lower",
)  # fmt: skip
ARM = (
    "deltoid_middle", "biceps_brachii", "triceps_brachii_lateral_head", "pronator_teres", "flexor_carpi_radialis",
    "extensor_digitorum_communis", "extensor_indicis_proprius", "flexor_pollicis_longus",
    "first_dorsal_interosseous_hand", "abductor_pollicis_brevis", "cervical_paraspinals_c7_c8",
)  # fmt: skip


def made(
    muscles: tuple[str, ...], active: tuple[str, ...], *, motor=(), sensory=(), side: str = "left", days: float | None = 60.0,
    more=(),
) -> Case:  # fmt: skip
    """A typed-in study of one limb."""
    needle = tuple(typed.needle(one, side, active=one in active) for one in muscles)
    return Case(
        subject=typed.ADULT, days_since_onset=days, needle=(*needle, *more),
        ncs=NcsStudies(motor=tuple(motor), sensory=tuple(sensory)),
    )  # fmt: skip


def both(*codes: str, low: dict[str, dict] | None = None, side: str = "left") -> list:
    """Sensory studies on both sides, some of them changed on one side."""
    return [
        typed.sensory(code, own, **(low or {}).get(code, {}) if own == side else {}) for code in codes for own in SWAP
    ]


def l5(**changes) -> Case:
    return made(
        LEG, ("tibialis_anterior", "tibialis_posterior", "tensor_fasciae_latae", "lumbar_paraspinals_multifidus_lower"),
        motor=[typed.motor(one, "left") for one in ("fibular_edb", "tibial_ah")],
        sensory=both("sural", "superficial_fibular"), **changes,
    )  # fmt: skip


def mirrored(case: Case) -> Case:
    def turned(items):
        return tuple(replace(one, side=SWAP[one.side]) for one in items)

    ncs = case.ncs
    return replace(
        case, needle=turned(case.needle), ncs=replace(ncs, motor=turned(ncs.motor), sensory=turned(ncs.sensory))
    )


def mirrored_code(code: str) -> frozenset[str]:
    return frozenset(
        f"{part.rpartition('.')[0]}.{SWAP[part.rpartition('.')[2]]}" if part.endswith((".left", ".right")) else part
        for part in code.split("+")
    )


def test_foot_drop_from_the_root():
    found = localise(l5())
    assert found.explanations[0].candidate.code == "root_l5.left"
    assert not found.abstains
    assert found.explanations[0].activity == "active"
    named = {name for row in found.explanations[0].supporting for name in row.names}
    assert "needle.tibialis_posterior.left.has_denervation" in named
    rows = {row.names[0]: row for row in (*found.explanations[0].supporting, *found.explanations[0].against)}
    assert rows["needle.tibialis_posterior.left.has_denervation"].expected > 0.5
    silent = {row.names[0]: row for row in found.explanations[0].silent}
    assert silent["needle.vastus_medialis.left.has_denervation"].expected < 0.2
    assert all("superficial_fibular" not in row.names[0] or row.weight <= 0 for row in found.explanations[0].supporting)


def test_foot_drop_from_the_fibular_head():
    motor = [
        typed.motor("fibular_edb", "left", above_head__amplitude_mv=1.2, above_head__area_mv_ms=3.5, above_head__onset_latency_ms=15.6),
        typed.motor("tibial_ah", "left"),
    ]  # fmt: skip
    sensory = both("sural", "superficial_fibular", low={"superficial_fibular": {"amplitude_uv": 5.0}})
    found = localise(made(LEG, ("tibialis_anterior",), motor=motor, sensory=sensory))
    assert found.explanations[0].candidate.code == "common_fibular_head.left"
    assert found.explanations[0].probability > 0.5


def test_carpal_tunnel_and_c6():
    codes = ("median_d2", "ulnar_d5", "median_d4", "ulnar_d4", "superficial_radial")
    late = {"median_d2": {"peak_latency_ms": 4.6, "onset_latency_ms": 3.9}, "median_d4": {"peak_latency_ms": 4.5}}
    motor = [typed.motor("median_apb", "right", wrist__onset_latency_ms=5.4, elbow__onset_latency_ms=9.5)]
    motor.append(typed.motor("ulnar_adm", "right"))
    wrist = localise(made(ARM, (), motor=motor, sensory=both(*codes, low=late, side="right"), side="right"))
    assert wrist.explanations[0].candidate.code == "median_carpal_tunnel.right"
    active = ("pronator_teres", "biceps_brachii", "deltoid_middle", "flexor_carpi_radialis")
    normal = [typed.motor("median_apb", "right"), typed.motor("ulnar_adm", "right")]
    root = localise(made(ARM, active, motor=normal, sensory=both(*codes), side="right"))
    assert root.explanations[0].candidate.code == "root_c6.right"
    two = localise(made(ARM, active, motor=motor, sensory=both(*codes, low=late, side="right"), side="right"))
    assert two.explanations[0].candidate.code == "root_c6.right+median_carpal_tunnel.right"


def test_ulnar_nerve_and_c8():
    codes = ("median_d2", "ulnar_d5", "superficial_radial")
    slow = [
        typed.motor("ulnar_adm", "left", above_elbow__onset_latency_ms=10.6, above_elbow__amplitude_mv=5.0, above_elbow__area_mv_ms=15.0),
        typed.motor("median_apb", "left"),
    ]  # fmt: skip
    low = {"ulnar_d5": {"amplitude_uv": 9.0}}
    elbow = localise(made(ARM, ("first_dorsal_interosseous_hand",), motor=slow, sensory=both(*codes, low=low)))
    assert elbow.explanations[0].candidate.code == "ulnar_elbow.left"
    active = (
        "first_dorsal_interosseous_hand", "abductor_pollicis_brevis", "flexor_pollicis_longus", "extensor_indicis_proprius",
        "cervical_paraspinals_c7_c8",
    )  # fmt: skip
    normal = [typed.motor("ulnar_adm", "left"), typed.motor("median_apb", "left")]
    root = localise(made(ARM, active, motor=normal, sensory=both(*codes)))
    assert root.explanations[0].candidate.code == "root_c8.left"
    trunk = localise(made(ARM, active[:4], motor=normal, sensory=both(*codes, low=low)))
    ranks = [one.candidate.code for one in trunk.explanations]
    assert ranks.index("lower_trunk.left") < ranks.index("root_c8.left")


def test_motor_neuron_disease():
    more = [typed.needle(one, "right", active=True, fasciculation=True, chronic=True) for one in (
        "deltoid_middle", "first_dorsal_interosseous_hand", "vastus_medialis", "thoracic_paraspinals", "tongue_genioglossus")]  # fmt: skip
    case = made(
        (*LEG, "triceps_brachii_lateral_head"), (*LEG[:5], "triceps_brachii_lateral_head"), more=more,
        motor=[typed.motor(one, "left") for one in ("fibular_edb", "median_apb", "ulnar_adm")],
        sensory=both("sural", "median_d2", "ulnar_d5", "superficial_radial"), days=300.0,
    )  # fmt: skip
    assert localise(case).explanations[0].candidate.code == "motor_neuron_disease"


def test_polyneuropathy():
    sensory = [
        typed.sensory(one, side, absent="no response") for one in ("sural", "superficial_fibular") for side in SWAP
    ]
    sensory += both("median_d2", "ulnar_d5", "superficial_radial")
    motor = [typed.motor("fibular_edb", side, ankle__amplitude_mv=0.5) for side in SWAP]
    motor += [typed.motor("median_apb", "left"), typed.motor("ulnar_adm", "left")]
    more = [
        typed.needle("gastrocnemius_medial_head", "right", active=True),
        typed.needle("tibialis_anterior", "right", active=True),
    ]
    active = ("tibialis_anterior", "gastrocnemius_medial_head", "tibialis_posterior")
    found = localise(made(LEG, active, motor=motor, sensory=sensory, more=more, days=700.0))
    assert found.explanations[0].candidate.code == "axonal_polyneuropathy"


def test_mirror_swaps_the_answer_exactly():
    before, after = localise(l5(), n=40), localise(mirrored(l5()), n=40)
    right = {frozenset(one.candidate.code.split("+")): one.probability for one in after.explanations}
    for one in before.explanations[:15]:
        assert right[mirrored_code(one.candidate.code)] == pytest.approx(one.probability, abs=1e-9)


def test_order_of_facts_is_irrelevant():
    case = l5()
    facts = facts_of(case)
    names = list(facts)
    random.Random(4).shuffle(names)
    shuffled = Facts({name: facts[name] for name in names}, subject=case.subject)
    turned = replace(case, needle=tuple(reversed(case.needle)))
    for other in (localise(shuffled), localise(turned)):
        assert [(one.candidate.code, pytest.approx(one.probability)) for one in localise(case).explanations] == [
            (one.candidate.code, one.probability) for one in other.explanations
        ]


@pytest.mark.parametrize("muscle", ["fibularis_longus", "extensor_hallucis_longus", "tensor_fasciae_latae"])
def test_a_normal_muscle_it_needs_never_raises_a_candidate(muscle):
    case = made(LEG[:4], ("tibialis_anterior", "tibialis_posterior"), sensory=both("sural"))
    more = replace(case, needle=(*case.needle, typed.needle(muscle, "left")))
    before, after = localise(case, n=200), localise(more, n=200)

    def odds(found, code):  # against health: what a rival loses does not count
        return found[code].probability / found["normal"].probability

    assert odds(after, "root_l5.left") < odds(before, "root_l5.left")


@pytest.mark.parametrize(
    "muscle", ["extensor_digitorum_brevis", "extensor_hallucis_longus", "extensor_digitorum_longus"]
)
def test_a_normal_muscle_of_the_nerve_lowers_the_nerve(muscle):
    case = made(LEG, ("tibialis_anterior",), sensory=both("sural"))
    more = replace(case, needle=(*case.needle, typed.needle(muscle, "left")))
    code = "common_fibular_head.left"
    assert localise(more, n=200)[code].probability < localise(case, n=200)[code].probability


def test_empty_case_abstains():
    found = localise(Case())
    assert found.abstains
    assert found.explanations == ()
    assert "Nothing in this case" in found.reasons[0]


def test_thin_and_early_studies_abstain():
    thin = localise(made(("tibialis_anterior",), ("tibialis_anterior",), sensory=both("sural")))
    assert thin.abstains
    assert any("screen" in text for text in thin.adequacy.missing)
    early = localise(
        made(LEG, (), motor=[typed.motor("tibial_ah", "left")], sensory=both("sural", "superficial_fibular"), days=5.0)
    )
    assert early.abstains
    assert any("early" in text for text in early.reasons)
    later = localise(
        made(LEG, (), motor=[typed.motor("tibial_ah", "left")], sensory=both("sural", "superficial_fibular"), days=60.0)
    )
    assert later.explanations[0].candidate.code == "normal"
    assert not any("early" in text for text in later.reasons)


def test_doubtful_facts_are_not_used():
    case = l5()
    doubted = localise(case, doubts={f"needle.{one}.left": "needle not in this muscle" for one in LEG})
    assert doubted.explanations[0].candidate.code != "root_l5.left"
    assert any("needle not in this muscle" in text for text in doubted.not_used)


def test_contradictions_lower_and_never_crash():
    case = l5()
    odd = replace(case, needle=(*case.needle, typed.needle("deltoid_middle", "right", active=True, chronic=True)))
    before, after = localise(case).explanations[0], localise(odd)
    assert after.explanations[0].candidate.code == "root_l5.left"
    assert after.explanations[0].probability <= before.probability
    assert any("deltoid" in note for note in after.notes)


def test_an_unknown_muscle_leaves_the_rest_usable():
    case = l5()
    odd = replace(case, needle=(*case.needle, typed.needle("tibialis_anteriror", "left", active=True)))
    found = localise(odd)
    assert found.explanations[0].candidate.code == "root_l5.left"
    assert any("tibialis_anterior" in text and "no such muscle" in text for text in found.not_used)


def test_unknown_limb_is_one_sentence():
    with pytest.raises(InputError, match="limb"):
        next_tests(Case(), limb="tail")


def test_the_complaint_says_where_to_begin():
    tests = next_tests(Case(), limb="leg", side="left").tests
    assert {one.code.rpartition(".")[2] for one in tests} == {"left"}


def test_probabilities_add_up():
    found = localise(l5(), n=500)
    assert sum(one.probability for one in found.explanations) == pytest.approx(1.0)
    assert all(0 <= one.low <= one.probability <= one.high <= 1 for one in found.explanations)


def test_every_root_and_side_is_a_candidate():
    codes = {one.code for one in candidates()}
    for root in ("c5", "c6", "c7", "c8", "t1", "l2", "l3", "l4", "l5", "s1", "s2"):
        assert {f"root_{root}.left", f"root_{root}.right"} <= codes
    assert {one.kind for one in candidates()} >= {
        "root", "plexus", "nerve", "polyneuropathy", "ganglion", "motor_neuron", "junction", "muscle", "central", "normal", "pair",
    }  # fmt: skip
    for one in candidates():
        for element in one.elements:
            assert vocabulary.element(element)


def test_anatomy_comes_from_the_vocabulary():
    assert share("sensory", "superficial_fibular", "root_l5") == 0.0
    assert share("sensory", "superficial_fibular", "spinal_nerve_l5") > 0.3
    assert share("needle", "biceps_femoris_short_head", "common_fibular_head") == 0.0
    assert share("needle", "biceps_femoris_short_head", "sciatic_fibular_division") == 1.0
    assert span("motor", "median_apb", "wrist") == ("median_carpal_tunnel", "recurrent_thenar")
    assert "ulnar_elbow" in span("motor", "ulnar_adm", "below_elbow", "above_elbow")
    assert published("needle", "tibialis_posterior", "root_l5") == pytest.approx(23.5 / 26)
    assert published("needle", "tibialis_posterior", "root_c5") is None


def test_parameters_have_a_mark_and_sources_exist():
    for group, entries in table().items():
        if not isinstance(entries, dict) or group in {"variants", "lengths_cm", "sensory_lengths_cm"}:
            continue
        for name, entry in entries.items():
            if isinstance(entry, list):  # stretches of a nerve
                assert all(vocabulary.element(one) for one in entry)
                continue
            assert entry["mark"] in {"V", "M", "D", "P"}, f"{group}.{name}"
            if entry["mark"] in {"V", "M"}:
                Cited(key=entry["source"], mark=entry["mark"])


def test_next_test_separates_the_live_explanations():
    found = next_tests(made(("tibialis_anterior",), ("tibialis_anterior",), sensory=both("sural")))
    assert not found.should_stop
    best = found.tests[0]
    assert best.gain_bits > 0.05
    assert sum(one.probability for one in best.answers) == pytest.approx(1.0, abs=0.01)
    assert "tibialis_anterior" not in {one.code.split(".")[1] for one in found.tests}
    assert [one.value for one in found.tests] == sorted((one.value for one in found.tests), reverse=True)
    assert any("screen" in text for text in found.missing)


def test_next_test_weighs_bleeding():
    case = made(("tibialis_anterior",), ("tibialis_anterior",), sensory=both("sural"))
    plain = {one.code: one.cost for one in next_tests(case, n=200).tests}
    bleeding = {one.code: one.cost for one in next_tests(case, n=200, is_anticoagulated=True).tests}
    assert bleeding["needle.tibialis_posterior.left"] > plain["needle.tibialis_posterior.left"]
    assert bleeding["sensory.superficial_fibular.left"] == plain["sensory.superficial_fibular.left"]


def test_next_test_of_an_empty_case_asks_for_a_first_one():
    found = next_tests(Case())
    assert found.tests
    assert not found.should_stop


def test_text_of_both():
    assert "L5 root, left" in localise(l5()).to_text()
    assert next_tests(l5()).to_text()


def test_plantar_responses_pass_the_tarsal_tunnel():
    assert span("sensory", "medial_plantar", "sole") == ("tibial_tarsal_tunnel", "medial_plantar")
    assert span("sensory", "lateral_plantar", "sole")[0] == "tibial_tarsal_tunnel"


def test_answers_of_a_test_balance():
    rate = np.array([0.02, 0.5, 0.9])
    yes, no = _tempered(rate, 1.3), _tempered(1.0 - rate, 1.3)
    assert yes + no == pytest.approx(1.0)
    assert yes[0] < rate[0]
    assert yes[2] > rate[2]
    assert _tempered(rate, 1.0) == pytest.approx(rate)


def test_blocks_of_several_nerves_are_one_disease():
    codes = [one.code for one in candidates()]
    disease = grid().candidate == codes.index("multifocal_motor_neuropathy")
    healthy = grid().candidate == codes.index("normal")

    def gain(*blocked: str) -> float:
        structures = np.zeros((2, len(grid().candidate)))
        for one in blocked:
            structures[0, grid().candidate == codes.index(one)] = 6.0
        return float(with_multifocal_block(structures, is_sensory=np.array([False, True]))[disease][0])

    one, two = gain("median_arm.left"), gain("median_arm.left", "ulnar_arm.left")
    assert gain() == pytest.approx(0.0)
    assert two == pytest.approx(one + gain("ulnar_arm.left"))
    assert with_multifocal_block(np.zeros((1, len(grid().candidate))), is_sensory=np.array([True]))[healthy] == 0.0
    # A lost sensory response says nothing for the disease that spares sensory fibres.
    sensory = np.zeros((1, len(grid().candidate)))
    sensory[0, grid().candidate == codes.index("median_arm.left")] = 6.0
    total = with_multifocal_block(sensory, is_sensory=np.array([True]))
    acquired = grid().candidate == codes.index("multifocal_acquired_demyelinating_neuropathy")
    assert total[disease] == pytest.approx(0.0)
    assert total[acquired][0] > 0.5


def test_roots_of_both_sides_may_differ_in_degree():
    codes = [one.code for one in candidates()]
    both = [one for one in hypotheses() if codes[one.candidate] == "cauda_equina"]
    loss = {each.side: each.loss for one in both for each in one.foci if one.foci[0].loss != one.foci[-1].loss}
    assert set(loss) == {"left", "right"}
    assert sum(one.weight for one in both) == pytest.approx(1.0)
