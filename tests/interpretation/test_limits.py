"""Limits as data: the row that holds for a person, conditions that make it not apply, standings, own limits."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgwidgets.errors import InputError, ReadError
from emgwidgets.interpretation.facts import Facts, facts_of
from emgwidgets.interpretation.preconditions import above_probability
from emgwidgets.interpretation.reference import (
    derive_norms,
    flips,
    limit,
    minimum_n,
    norm_set,
    norm_sets,
    read_norm_set,
    standing,
    strip,
    temperature_what_if,
)
from emgwidgets.interpretation.reference.own_norms import quantile_regression
from emgwidgets.model.case import Subject
from emgwidgets.model.measure import Conditions
from emgwidgets.model.verdict import Fact, Limit, NotApplicable

_spec = importlib.util.spec_from_file_location("typed_study", Path(__file__).with_name("typed_study.py"))
typed = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(typed)

AT_80 = Conditions(distance_mm=80.0, skin_temperature_degc=33.0)
OP, PP = "baseline_to_peak", "peak_to_peak"


def person(age=45, sex="male", height=175, weight=75) -> Subject:
    return Subject(age_years=age, sex=sex, height_cm=height, weight_kg=weight)


@pytest.mark.parametrize(
    ("study", "measure", "convention", "site", "subject", "conditions", "low", "high"),
    [  # table values of the task force, by stratum
        ("median_apb", "onset_latency_ms", "", "", person(30), AT_80, None, 4.6),
        ("median_apb", "onset_latency_ms", "", "", person(60), AT_80, None, 4.7),
        ("median_apb", "onset_latency_ms", "", "", person(60, "female"), AT_80, None, 4.4),
        ("median_apb", "amplitude_mv", OP, "", person(45), AT_80, 4.2, None),
        ("median_apb", "amplitude_mv", OP, "", person(60), AT_80, 3.8, None),
        ("median_apb", "velocity_m_per_s", "", "wrist-elbow", person(45, "female"), AT_80, 51, None),
        ("ulnar_adm", "velocity_m_per_s", "", "below_elbow-above_elbow", person(), AT_80, 43, None),
        ("fibular_edb", "velocity_m_per_s", "", "ankle-below_head", person(30, height=169.9), AT_80, 43, None),
        ("fibular_edb", "velocity_m_per_s", "", "ankle-below_head", person(30, height=170), AT_80, 37, None),
        ("tibial_ah", "amplitude_mv", OP, "", person(29.9), AT_80, 5.8, None),
        ("tibial_ah", "velocity_m_per_s", "", "ankle-popliteal", person(50, height=159), AT_80, 40, None),
        ("median_d2", "amplitude_uv", OP, "", person(30, weight=70), Conditions(distance_mm=140), 17, None),
        ("median_d2", "amplitude_uv", PP, "", person(60, weight=90), Conditions(distance_mm=140), 8, None),
        ("median_d2", "peak_latency_ms", "", "", person(), Conditions(distance_mm=140), None, 4.0),
        ("median_d2", "peak_latency_ms", "", "", person(), Conditions(distance_mm=70), None, 2.3),
        ("lateral_antebrachial_cutaneous", "amplitude_uv", OP, "", person(), Conditions(distance_mm=100), 5, None),
        ("ulnar_elbow_adm", "velocity_drop_m_per_s", "", "", person(), Conditions(), None, 15),
        ("tibial_soleus", "h_latency_ms", "", "", person(), Conditions(), None, 35.0),
    ],
)
def test_the_limit_of_a_person(  # noqa: PLR0917
    study, measure, convention, site, subject, conditions, low, high
):
    found = limit(study, measure, subject=subject, conditions=conditions, convention=convention, site=site)
    assert isinstance(found, Limit)
    assert (found.low, found.high) == (low, high)
    assert found.cited.key


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"subject": person(9)}, r"aanem_2016 holds for 19 to 79 years and the person is 9"),
        ({"subject": person(85)}, r"aanem_2016 holds for 19 to 79 years and the person is 85"),
        ({"subject": Subject()}, r"the age is not known and aanem_2016 does not hold for every age"),
        ({"conditions": Conditions()}, r"the distance is not known, and the limit holds for one distance"),
        ({"conditions": Conditions(distance_mm=70)}, r"the limit holds for 80 mm and the study was done at 70 mm"),
        ({"site": "elbow"}, r"aanem_2016 has no limit for elbow"),
        ({"study": "accessory_trapezius"}, r"aanem_2016 has no limit for accessory_trapezius onset_latency_ms"),
    ],
)
def test_why_no_limit_applies(options, sentence):
    asked = {"study": "median_apb", "subject": person(), "conditions": AT_80, **options}
    found = limit(asked.pop("study"), "onset_latency_ms", **asked)
    assert isinstance(found, NotApplicable)
    assert found.reason == sentence


def test_a_limit_by_bmi_needs_the_weight():
    found = limit(
        "median_d2",
        "amplitude_uv",
        subject=Subject(age_years=40),
        convention=OP,
        conditions=Conditions(distance_mm=140),
    )
    assert found.reason == "the limit depends on BMI, not known here"


def test_amplitudes_are_never_compared_across_conventions():
    at = {"subject": person(), "conditions": Conditions(distance_mm=140)}
    assert (
        limit("sural", "amplitude_uv", convention="not_stated", **at).reason
        == "how the amplitude was taken is not stated"
    )
    assert limit("sural", "amplitude_uv", convention=OP, **at).low == 4
    stated = limit("sural", "amplitude_uv", convention=OP, norm_set="preston_shapiro", **at)
    assert stated.reason == "the norm set does not say how its amplitude was taken"
    assumed = limit("sural", "amplitude_uv", convention=OP, norm_set="preston_shapiro", assume=("convention",), **at)
    assert assumed.low == 6


def test_the_duration_limit_of_2021_needs_the_low_filter():
    asked = {
        "study": "median_apb",
        "measure": "negative_peak_duration_ms",
        "subject": person(),
        "norm_set": "cmap_duration_2021",
    }
    assert limit(**asked).reason == "the low filter is not known, and the limit depends on it"
    assert limit(**asked, conditions=Conditions(high_pass_hz=2)).high == 8.4
    assert limit(**asked, conditions=Conditions(high_pass_hz=20)).high == 7.4
    assert limit(**asked, conditions=Conditions(high_pass_hz=3)).reason.startswith(
        "the limit holds for a low filter of 2, 5, 10, 20 Hz"
    )


def test_a_set_without_a_study_names_the_set_it_asked():
    found = limit("superficial_fibular", "velocity_m_per_s", subject=person())
    assert (found.norm_set, found.low) == ("preston_shapiro", 40)
    assert "superficial_fibular" not in {row.study for row in norm_set("aanem_2016").rows}


def test_the_regression_of_the_dorsal_sural_nerve():
    found = limit("dorsal_sural", "amplitude_uv", subject=person(40, height=170), norm_set="dorsal_sural")
    centre = 3.712515 - 0.0000956 * 40**2 - 0.0115883 * 170
    assert found.low == pytest.approx(math.exp(centre - 1.96 * 0.51137))
    assert found.high == pytest.approx(math.exp(centre + 1.96 * 0.51137))


def test_percentiles_get_their_z_from_the_study_behind_them():
    found = limit("median_apb", "onset_latency_ms", subject=person(), conditions=AT_80)
    assert (found.mean, found.sd) == (3.7, 0.5)


def test_an_unknown_set_offers_the_nearest():
    with pytest.raises(InputError, match=r"no such norm set; got 'aanem'; expected one such as aanem_2016"):
        limit("median_apb", "onset_latency_ms", norm_set="aanem")


def test_only_what_is_listed_can_be_assumed():
    with pytest.raises(InputError, match=r"this cannot be assumed; got health; expected one of age, convention"):
        limit("median_apb", "onset_latency_ms", assume=("health",))


# -- standings --------------------------------------------------------------------------------------------------------


def latency(value: float, *, half: float | None = None, degc: float | None = 33.0) -> Fact:
    return Fact(
        name="motor.median_apb.right.wrist.onset_latency_ms", value=value, unit="ms", kind="motor", study="median_apb",
        side="right", site="wrist", measure="onset_latency_ms", low=None if half is None else value - half,
        high=None if half is None else value + half,
        conditions=Conditions(distance_mm=80, skin_temperature_degc=degc, is_supramaximal=True),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "half", "state"),
    [
        (4.0, 0.1, "normal"),
        (5.2, 0.1, "abnormal"),
        (4.58, 0.1, "borderline"),
        (4.65, 0.1, "borderline"),
        (4.65, None, "abnormal"),
    ],
)
def test_a_number_near_its_limit_is_borderline(value, half, state):
    assert standing(latency(value, half=half), subject=person()).state == state


def test_z_and_percentile_come_from_mean_and_sd():
    found = standing(latency(3.7 + 2 * 0.5), subject=person())
    assert found.z == pytest.approx(2)
    assert found.percentile_percent == pytest.approx(97.725, abs=1e-3)
    assert standing(latency(3.7), subject=person(), norm_set="preston_shapiro").percentile_percent is None


def test_cold_excuses_a_long_latency_and_never_a_normal_one():
    found = standing(latency(5.2, degc=28.0), subject=person())
    assert (found.state, found.reason) == ("cannot_be_judged", "skin 28.0 °C, below 32 °C; cold alone can do this")
    assert standing(latency(4.0, degc=28.0), subject=person()).state == "normal"
    assert standing(latency(4.0, degc=None), subject=person()).state == "normal"


def test_an_unknown_temperature_leaves_a_long_latency_open_unless_it_is_assumed():
    unknown = standing(latency(5.2, degc=None), subject=person())
    assert unknown.reason == "the skin temperature is not recorded, and cold alone can do this"
    assumed = standing(latency(5.2, degc=None), subject=person(), assume=("temperature",))
    assert (assumed.state, assumed.assumed) == ("abnormal", ("temperature",))
    known = standing(latency(5.2, degc=28.0), subject=person(), assume=("temperature",))
    assert known.state == "cannot_be_judged"


def test_an_absent_sural_response_may_be_normal_in_the_old_under_one_set():
    absent = typed.study(replaced=(typed.sensory("sural", "right", absent="no response"),))
    name = "sensory.sural.right.calf.amplitude_uv"
    by_name = {one.fact.name: one for one in strip(absent, norm_set="preston_shapiro", assume=("convention",))}
    assert by_name[name].reason == "this response may be absent from 40 years"
    assert {one.fact.name: one.state for one in strip(absent)}[name] == "abnormal"


def test_a_healthy_study_stands_normal():
    abnormal = [one.fact.name for one in strip(typed.study()) if one.state == "abnormal"]
    assert abnormal == []


def test_a_strip_is_a_table():
    rows = [one.as_row() for one in strip(typed.study())]
    found = next(row for row in rows if row["fact"] == "motor.median_apb.right.wrist.onset_latency_ms")
    assert (found["value"], found["upper_limit"], found["state"], found["group"]) == (
        3.5,
        4.6,
        "normal",
        "19-49 years, male",
    )
    assert {tuple(row) for row in rows} == {tuple(rows[0])}
    assert repr(strip(typed.study())[0]) == "Standing(motor.median_apb.left.wrist.onset_latency_ms: 3.50 ms, normal)"


def test_what_flips_between_two_sets():
    case = typed.study(replaced=(typed.f_wave("tibial_ah", "right", 57.0),))
    found = {
        one.fact.name: (one.before.state, one.after.state) for one in flips(case, "aanem_2016", "us_teaching_legs")
    }
    assert found["f_wave.tibial_ah.right.f_min_latency_ms"] == ("abnormal", "normal")


@given(st.floats(2, 8), st.floats(2, 8), st.floats(0.01, 1))
def test_the_probability_rises_with_the_number(one, other, half):
    low, high = sorted((one, other))
    first, second = (above_probability(latency(value, half=half), 4.6) for value in (low, high))
    assert 0 <= first <= second <= 1


def test_the_probability_at_the_end_of_the_interval_is_95_percent():
    assert above_probability(latency(4.8, half=0.2), 4.6) == pytest.approx(0.95, abs=1e-4)


# -- temperature ------------------------------------------------------------------------------------------------------


def test_a_what_if_stands_beside_the_number_and_says_it_is_none():
    found = temperature_what_if(latency(5.2, degc=28.0))
    assert found.value == pytest.approx(5.2 - 0.2 * 5)
    assert found.fact.value == 5.2
    assert "invalid in demyelination" in found.text
    assert "unverified" in found.text
    assert temperature_what_if(latency(5.2, degc=None)).reason == "the skin temperature is not recorded"


def test_no_verdict_uses_a_what_if():
    cold = typed.study(conditions=Conditions(skin_temperature_degc=25.0, high_pass_hz=2.0))
    measured = {name: fact.value for name, fact in facts_of(typed.study()).items()}
    assert {name: fact.value for name, fact in facts_of(cold).items()} == measured


# -- a laboratory's own limits ----------------------------------------------------------------------------------------

OWN = "study,measure,convention,low,high,age_min,age_max,distance_mm\n"


def own(tmp_path, *rows: str, head: str = OWN):
    path = tmp_path / "lab.csv"
    path.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_own_limits_are_used_as_any_other(tmp_path):
    mine = read_norm_set(own(tmp_path, "median_apb,onset_latency_ms,,,4.0,18,90,70"), also=("aanem_2016",))
    found = limit(
        "median_apb", "onset_latency_ms", subject=person(85), conditions=Conditions(distance_mm=70), norm_set=mine
    )
    assert (found.norm_set, found.high) == ("lab", 4.0)
    assert (
        limit("ulnar_adm", "onset_latency_ms", subject=person(), conditions=AT_80, norm_set=mine).norm_set
        == "aanem_2016"
    )


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("median_apd,onset_latency_ms,,,4.0,,,80", r"lab.csv, line 2: no such study; got 'median_apd'; expected a study such as median_apb"),
        ("median_apb,onset_latency,,,4.0,,,80", r"line 2: median_apb has no such measure; got 'onset_latency'"),
        ("median_apb,onset_latency_ms,,,4.0,,,8", r"line 2: the distance is not plausible; got 8 mm; expected 20 to 1500 mm; multiply by 10 if it is in cm"),
        ("median_apb,amplitude_mv,baseline_to_peak,4100,,,,", r"low of median_apb amplitude_mv is not plausible; got 4100 mV; expected 0.005 to 40 mV; check the unit"),
        ("sural,amplitude_uv,baseline_to_peak,0.006,,,,", r"low of sural amplitude_uv is not plausible; got 0.006 µV"),
        ('median_apb,onset_latency_ms,,,"4,0",,,80', r"high is no number; got '4,0'"),
        ("median_apb,onset_latency_ms,,5.0,4.0,,,80", r"the limits are in the wrong order; got 5 to 4"),
        ("median_apb,onset_latency_ms,,,,,,80", r"it holds no limit"),
        ("median_apb,amplitude_mv,peak,4.1,,,,", r"no such convention; got 'peak'"),
        ("median_apb,onset_latency_ms,,,nan,,,80", r"high is no finite number; got 'nan'"),
    ],
)  # fmt: skip
def test_a_wrong_row_of_own_limits_is_told_where(tmp_path, row, sentence):
    with pytest.raises(InputError, match=sentence):
        read_norm_set(own(tmp_path, row))


def test_a_table_with_other_columns_is_refused(tmp_path):
    with pytest.raises(ReadError, match=r"lab.csv is no table of limits; got columns nerve, limit"):
        read_norm_set(own(tmp_path, "a,b", head="nerve,limit\n"))
    with pytest.raises(ReadError, match=r"lab.csv holds no limit"):
        read_norm_set(own(tmp_path))
    with pytest.raises(ReadError, match=r"nothing.csv cannot be opened"):
        read_norm_set(tmp_path / "nothing.csv")


def archive(n: int, seed: int = 0) -> list[Facts]:
    """Healthy people whose latency rises with age, height and sex, with noise of known quantiles."""
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        subject = person(
            float(draw.uniform(20, 80)), "male" if draw.random() < 0.5 else "female", float(draw.normal(170, 9))
        )
        value = (
            2.0
            + 0.010 * subject.age_years
            + 0.005 * subject.height_cm
            + 0.2 * (subject.sex == "male")
            + draw.normal(0, 0.3)
        )
        fact = Fact(
            name="motor.median_apb.right.wrist.onset_latency_ms", value=float(value), unit="ms", kind="motor",
            study="median_apb", side="right", site="wrist", measure="onset_latency_ms",
        )  # fmt: skip
        found.append(Facts({fact.name: fact}, subject=subject))
    return found


def test_own_limits_from_an_archive_find_the_true_percentile():
    wanted = [("motor.median_apb.onset_latency_ms", "", 97.0)]
    mine, (found,) = derive_norms(archive(1500), wanted, n_bootstrap=20)
    truth = 2.0 + 0.010 * 50 + 0.005 * 175 + 0.2 + 0.3 * 1.8808
    value, low, high = found.at(person(50))
    assert value == pytest.approx(truth, abs=0.08)
    assert low < value < high
    assert limit("median_apb", "onset_latency_ms", subject=person(50), norm_set=mine).high == pytest.approx(value)
    held_out = archive(1000, seed=1)
    above = [one["motor.median_apb.right.onset_latency_ms"].value > found.at(one.subject)[0] for one in held_out]
    assert 0.015 < np.mean(above) < 0.05


def test_own_limits_need_enough_people():
    wanted = [("motor.median_apb.onset_latency_ms", "", 97.0)]
    with pytest.raises(
        InputError,
        match=r"too few people for the 97th percentile of median_apb onset_latency_ms; got 60; expected at least 127",
    ):
        derive_norms(archive(60), wanted)
    men = [one for one in archive(400) if one.subject.sex == "male"]
    with pytest.raises(InputError, match=r"too few of one sex"):
        derive_norms(men, wanted)


def test_how_many_people_a_percentile_needs():
    assert (minimum_n(4), minimum_n(2), minimum_n(97)) == (95, 190, 127)
    with pytest.raises(InputError, match="this is no percentile; got 100"):
        minimum_n(100)


def test_the_quantile_regression_splits_the_people_as_asked():
    draw = np.random.default_rng(2)
    design = np.column_stack([np.ones(200), draw.uniform(20, 80, 200)])
    values = 3 + 0.01 * design[:, 1] + draw.gumbel(0, 0.4, 200)
    for quantile in (0.03, 0.5, 0.97):
        above = np.count_nonzero(values > design @ quantile_regression(design, values, quantile) + 1e-9)
        assert above <= 200 * (1 - quantile) + 1e-9
        assert above >= 200 * (1 - quantile) - 2 - 1e-9


def test_all_sets_load():
    assert len(norm_sets()) >= 30
    assert all(norm_set(code).rows for code in norm_sets())
