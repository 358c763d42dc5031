"""Parts of a case: what each refuses, with its sentence, and what not tested, absent and zero mean."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgwidgets.errors import InputError
from emgwidgets.model.anatomy import Muscle, Pathway
from emgwidgets.model.case import Case, Reading, Reflex, Sensation, Sign, Strength, Subject, Symptom
from emgwidgets.model.measure import Absent, Conditions, Marker, Measure, Measures, unit_of
from emgwidgets.model.mri import MriFinding, RootEffect
from emgwidgets.model.ncs import (
    LATE_MEASURES,
    MOTOR_MEASURES,
    REPETITIVE_MEASURES,
    SEGMENT_MEASURES,
    SENSORY_MEASURES,
    LateStudy,
    MotorResponse,
    MotorStudy,
    NerveSegment,
    RepetitiveStudy,
    SensoryStudy,
)
from emgwidgets.model.needle import MUAP_MEASURES, MotorUnitFindings, NeedleExamination, SpontaneousActivity

LATENCY = Measure(value=3.4, unit="ms")


def motor(**changes):
    return MotorStudy(**{"nerve": "median", "muscle": "abductor_pollicis_brevis", "side": "right", **changes})


def train(**changes):
    return RepetitiveStudy(**{"nerve": "ulnar", "muscle": "m", "side": "left", "repetition_rate_hz": 3, **changes})


def needle(**changes):
    return NeedleExamination(**{"muscle": "tibialis_anterior", "side": "left", **changes})


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Measure(value=math.nan, unit="ms"), r"a measure must be a finite number; got nan ms; use Absent"),
        (lambda: Measure(value=1, unit="volts"), r"the unit of a measure is not known; got 'volts'; expected one of"),
        (lambda: Measure(value=1, unit="ms", low=2, high=3), r"must hold its value; got 1 in 2 to 3 ms"),
        (lambda: Measure(value=1, unit="ms", low=0.5), r"an interval needs both ends"),
        (lambda: Absent(reason=" "), r"an absent response needs its reason"),
        (lambda: Marker(kind="onset", time_ms=math.inf), r"the onset marker has no time"),
        (lambda: Conditions(skin_temperature_degc=90), r"skin temperature cannot be used; got 90 °C; expected 5 to 45"),
        (lambda: Conditions(low_pass_hz=-1), r"low_pass_hz cannot be used"),
        (lambda: Measures({"onset_latency_ms": Measure(value=3.4, unit="s")}), r"onset_latency_ms has another unit; got s"),
        (lambda: Measures({"amplitude_mv": Measure(value=3, unit="mV")}), r"must say its convention; got ''"),
        (lambda: Measures({"amplitude_mv": Measure(value=-3, unit="mV", method="peak_to_peak")}), r"is a magnitude"),
        (lambda: Measures({"velocity_m_per_s": Measure(value=0, unit="m/s")}), r"a number above 0 m/s"),
        (lambda: MotorResponse(site="w", measures={"dml": LATENCY}), r"the measure of a motor response is not known; got 'dml'"),
        (lambda: MotorResponse(site="w", distance_mm=0), r"the distance at w cannot be used; got 0 mm"),
        (lambda: NerveSegment(distal="a", proximal="a"), r"a segment needs two sites"),
        (lambda: motor(side="R"), r"the side of a motor study is not known; got 'R'; expected one of left, right"),
        (lambda: motor(nerve=" "), r"a motor study needs its nerve"),
        (lambda: SensoryStudy(nerve="sural", side="left", direction="up"), r"the direction of a sensory study"),
        (lambda: LateStudy(kind="f", nerve="n", muscle="m", side="left"), r"expected one of f_wave, h_reflex"),
        (lambda: train(repetition_rate_hz=0), r"the repetition rate cannot be used"),
        (lambda: train(after_exercise_s=-1), r"a train cannot precede its exercise"),
        (lambda: needle(muscle=""), r"a needle examination needs its muscle"),
        (lambda: needle(insertional="prolonged"), r"expected one of None, normal, increased, decreased"),
        (lambda: SpontaneousActivity(kind="fibs"), r"spontaneous activity is not known; got 'fibs'"),
        (lambda: SpontaneousActivity(kind="end_plate_noise", grade=5), r"the grade of end_plate_noise"),
        (lambda: needle(spontaneous=[SpontaneousActivity(kind="end_plate_noise")] * 2), r"lists one activity twice"),
        (lambda: MotorUnitFindings(amplitude="big"), r"the motor unit amplitude is not known"),
        (lambda: MriFinding(kind="herniation"), r"expected one of disc_bulge"),
        (lambda: MriFinding(kind="disc_bulge", zone="paracentral"), r"expected one of None, central, subarticular"),
        (lambda: MriFinding(kind="disc_bulge", grade="2"), r"a grade needs its scale"),
        (lambda: MriFinding(kind="disc_bulge", grade="7", scale="schizas"), r"the schizas grade is not known; got '7'"),
        (lambda: MriFinding(kind="disc_bulge", size_mm=-1), r"the size of an MRI finding cannot be used"),
        (lambda: MriFinding(kind="disc_bulge", span=(5, 5)), r"a span must run forward"),
        (lambda: RootEffect(root="L5", effect="touch"), r"the effect on a root is not known"),
        (lambda: Subject(age_years=200), r"the age cannot be used; got 200 years; expected 0 to 120 years"),
        (lambda: Subject(height_cm=1.68), r"the height cannot be used; got 1.68 cm"),
        (lambda: Subject(sex="F"), r"expected one of None, female, male"),
        (lambda: Symptom(kind=""), r"a symptom needs its kind"),
        (lambda: Strength(muscle="m", side="left", mrc="6"), r"the MRC grade is not known"),
        (lambda: Reflex(name="biceps", side="left", finding="2+"), r"the biceps reflex is not known; got '2\+'"),
        (lambda: Sensation(area="thumb", side="left", finding="numb"), r"sensation at thumb is not known"),
        (lambda: Sign(name="spurling", is_positive=True, side="both"), r"the side of the sign spurling"),
        (lambda: Reading(reader=" ", impression=""), r"a reading needs its reader"),
        (lambda: Case(days_since_onset=-1), r"the time since onset cannot be used"),
        (lambda: Pathway(root="C6", weight=4, elements=("root_c6",)), r"no such root weight; got 4"),
        (lambda: Pathway(root="C6", weight=3, elements=()), r"the pathway from C6 has no element"),
        (lambda: Muscle(code="m", name="M", nerve="n", pathways=(), region="arm", action=""), r"m has no pathway"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(make, sentence):
    with pytest.raises(InputError, match=sentence):
        make()


def test_not_tested_absent_and_zero_are_three_things():
    zero = Measure(value=0, unit="mV", method="not_stated")
    measures = Measures({"amplitude_mv": zero, "onset_latency_ms": Absent(reason="no response at 100 mA")})
    assert measures.value("amplitude_mv") == 0
    assert measures.is_tested("onset_latency_ms")
    assert measures.is_absent("onset_latency_ms")
    assert measures.value("onset_latency_ms") is None
    assert not measures.is_tested("area_mv_ms")
    assert not measures.is_absent("area_mv_ms")
    with pytest.raises(KeyError, match="area_mv_ms"):
        measures["area_mv_ms"]


def test_not_tested_none_seen_and_seen_differ_at_the_needle():
    fibrillation = SpontaneousActivity(kind="fibrillation_potential", grade=2)
    looked_for = SpontaneousActivity(kind="fibrillation_potential", grade=0)
    fasciculation = SpontaneousActivity(kind="fasciculation_potential", grade=1)
    given = [None, (), [looked_for], [fasciculation], [fibrillation]]
    assert [needle(spontaneous=one).has_denervation for one in given] == [None, False, False, False, True]


ALL_NAMES = (
    *MOTOR_MEASURES,
    *SENSORY_MEASURES,
    *SEGMENT_MEASURES,
    *LATE_MEASURES,
    *REPETITIVE_MEASURES,
    *MUAP_MEASURES,
)


@given(name=st.sampled_from(ALL_NAMES), value=st.floats(0.001, 1e6))
def test_a_measure_of_any_known_name_takes_the_unit_its_name_says(name, value):
    measure = Measure(value=value, unit=unit_of(name), method="baseline_to_peak")
    assert Measures({name: measure}).value(name) == value


@pytest.mark.parametrize(
    ("name", "unit"),
    [("velocity_m_per_s", "m/s"), ("area_mv_ms", "mV ms"), ("mcd_us", "us"), ("n_phases", "count"), ("f_persistence", "%"),
     ("h_m_ratio", "ratio"), ("fiber_density", "ratio"), ("amplitude_uv", "uV"), ("repetition_rate_hz", "Hz")],
)  # fmt: skip
def test_the_unit_is_in_the_name(name, unit):
    assert unit_of(name) == unit


def test_parts_are_frozen_and_lists_become_tuples():
    study = motor(responses=[MotorResponse(site="median_wrist", measures={"onset_latency_ms": LATENCY})])
    assert isinstance(study.responses, tuple)
    assert isinstance(study.responses[0].measures, Measures)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign"):
        study.side = "left"
    assert not hasattr(study.responses[0].measures, "__setitem__")


def test_measures_compare_hash_copy_and_pickle():
    one = Measures({"onset_latency_ms": LATENCY, "peak_latency_ms": Absent(reason="x")})
    two = Measures({"peak_latency_ms": Absent(reason="x"), "onset_latency_ms": LATENCY})
    assert one == two
    assert hash(one) == hash(two)
    assert one != Measures({"onset_latency_ms": LATENCY})
    assert pickle.loads(pickle.dumps(one)) == one
    assert copy.deepcopy(one) == one
    assert repr(one) == "Measures(onset_latency_ms=3.4 ms, peak_latency_ms=absent (x))"


def test_a_response_is_found_by_its_site():
    wrist = MotorResponse(site="median_wrist")
    assert motor(responses=[wrist]).response("median_wrist") is wrist
    assert motor(responses=[wrist]).response("median_palm") is None


def test_a_pathway_knows_what_lies_beyond_an_element():
    way = Pathway(root="C6", weight=3, elements=("root_c6", "upper_trunk", "lateral_cord"))
    assert way.beyond("root_c6") == ("upper_trunk", "lateral_cord")
    assert way.beyond("lateral_cord") == ()
    assert way.beyond("lower_trunk") == ()


def test_a_muscle_tells_its_roots_and_weights():
    ways = (
        Pathway(root="C6", weight=2, elements=("root_c6", "upper_trunk")),
        Pathway(root="C7", weight=3, elements=("root_c7", "middle_trunk")),
    )
    muscle = Muscle(code="m", name="M", nerve="n", pathways=ways, region="arm", action="a")
    assert muscle.root_weights == {"C6": 2, "C7": 3}
    assert muscle.dominant_roots == ("C7",)
    assert muscle.roots_through("upper_trunk") == ("C6",)
    assert muscle.elements == ("root_c6", "upper_trunk", "root_c7", "middle_trunk")
    assert muscle.weight_mark.is_unverified
