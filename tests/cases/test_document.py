"""The case document: round trip, versions, names, one bad entry, atomic save."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets import vocabulary
from emgwidgets.cases import document as doc
from emgwidgets.errors import ReadError, WriteError
from emgwidgets.model.case import Examination, Reading, Reflex, Sensation, Sign, Strength, Subject, Symptom
from emgwidgets.model.measure import Absent, Conditions, Marker, Measure, Measures, TraceLink
from emgwidgets.model.mri import KINDS, SCALES, MriFinding, RootEffect
from emgwidgets.model.ncs import (
    LateStudy,
    MotorResponse,
    MotorStudy,
    NcsStudies,
    NerveSegment,
    RepetitiveStudy,
    SensoryResponse,
    SensoryStudy,
)
from emgwidgets.model.needle import MotorUnitFindings, NeedleExamination, RecruitmentFindings, SpontaneousActivity
from emgwidgets.model.signal import Annotation

SIDES = st.sampled_from(["left", "right"])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
WORD = st.text("abcdef", min_size=1, max_size=8)
MUSCLES = st.sampled_from(sorted(vocabulary.muscles()))
NERVES = st.sampled_from(sorted(vocabulary.nerves()))
SENSORY = st.sampled_from(sorted(vocabulary.sensory_nerves()))
SITES = st.sampled_from(sorted(vocabulary.sites()))
SIZES = st.floats(0.001, 1e6, allow_nan=False)


@st.composite
def measure_of(draw, unit, method=""):
    value = draw(SIZES)
    has_interval = draw(st.booleans())
    return Measure(
        value=value,
        unit=unit,
        method=method,
        low=value * 0.9 if has_interval else None,
        high=value * 1.1 if has_interval else None,
        conditions=Conditions(
            high_pass_hz=draw(st.none() | SIZES), skin_temperature_degc=draw(st.none() | st.floats(20, 40))
        ),
        trace=draw(st.none() | st.builds(TraceLink, recording=WORD, sweep=st.none() | st.integers(0, 9))),
        markers=draw(st.tuples() | st.tuples(st.builds(Marker, kind=WORD, time_ms=SIZES, is_manual=st.booleans()))),
        is_typed=draw(st.booleans()),
    )


def measures_of(**units):
    absent = st.builds(Absent, reason=WORD)
    options = {
        name: measure_of(unit, "peak_to_peak" if "amplitude" in name else "") | absent for name, unit in units.items()
    }
    return st.fixed_dictionaries({}, optional=options).map(Measures)


MOTOR = st.builds(
    MotorStudy,
    nerve=NERVES,
    muscle=MUSCLES,
    side=SIDES,
    note=TEXT,
    responses=st.lists(
        st.builds(
            MotorResponse,
            site=SITES,
            distance_mm=st.none() | SIZES,
            is_supramaximal=st.none() | st.booleans(),
            measures=measures_of(onset_latency_ms="ms", amplitude_mv="mV", area_mv_ms="mV ms"),
        ),
        max_size=2,
    ),
    segments=st.lists(
        st.builds(
            NerveSegment, distal=st.just("a"), proximal=st.just("b"), measures=measures_of(velocity_m_per_s="m/s")
        ),
        max_size=1,
    ),
)
SENSORY_STUDIES = st.builds(
    SensoryStudy,
    nerve=SENSORY,
    side=SIDES,
    direction=st.sampled_from([None, "antidromic", "orthodromic"]),
    responses=st.lists(
        st.builds(SensoryResponse, site=SITES, measures=measures_of(peak_latency_ms="ms", amplitude_uv="uV")),
        max_size=2,
    ),
)
LATE = st.builds(
    LateStudy,
    kind=st.sampled_from(["f_wave", "h_reflex"]),
    nerve=NERVES,
    muscle=MUSCLES,
    side=SIDES,
    n_stimuli=st.none() | st.integers(1, 40),
    measures=measures_of(f_min_latency_ms="ms", f_persistence="%"),
)
REPETITIVE = st.builds(
    RepetitiveStudy,
    nerve=NERVES,
    muscle=MUSCLES,
    side=SIDES,
    repetition_rate_hz=SIZES,
    after_exercise_s=st.none() | st.floats(0, 300),
    measures=measures_of(decrement_percent="%"),
)
NEEDLE = st.builds(
    NeedleExamination,
    muscle=MUSCLES,
    side=SIDES,
    insertional=st.sampled_from([None, "normal", "increased"]),
    spontaneous=st.none()
    | st.just(())
    | st.tuples(st.builds(SpontaneousActivity, kind=st.just("fibrillation_potential"), grade=st.integers(0, 4))),
    motor_units=st.none()
    | st.builds(MotorUnitFindings, is_polyphasic=st.none() | st.booleans(), measures=measures_of(amplitude_uv="uV")),
    recruitment=st.none() | st.builds(RecruitmentFindings, pattern=st.sampled_from([None, "normal", "reduced"])),
)


@st.composite
def mri_finding(draw):
    scale = draw(st.sampled_from(["", *SCALES]))
    return MriFinding(
        kind=draw(st.sampled_from(KINDS)),
        level=draw(st.sampled_from(["", *vocabulary.levels()])),
        side=draw(st.sampled_from([None, "left", "right", "bilateral", "midline"])),
        size_mm=draw(st.none() | SIZES),
        scale=scale,
        grade=draw(st.sampled_from(SCALES[scale])) if scale else "",
        roots=draw(st.tuples() | st.tuples(st.builds(RootEffect, root=st.just("L5"), effect=st.just("contact")))),
        span=draw(st.none() | st.just((3, 9))),
        certainty=draw(st.sampled_from(["definite", "possible", "negated"])),
    )


CASES = st.builds(
    doc.Case,
    subject=st.builds(Subject, age_years=st.none() | st.floats(0, 120), sex=st.sampled_from([None, "female", "male"])),
    question=TEXT,
    days_since_onset=st.none() | st.floats(0, 1000),
    symptoms=st.lists(st.builds(Symptom, kind=WORD, place=TEXT, roots=st.just(("C6",))), max_size=2),
    examination=st.builds(
        Examination,
        strength=st.lists(
            st.builds(Strength, muscle=MUSCLES, side=SIDES, mrc=st.sampled_from(["4-", "5"])), max_size=2
        ),
        reflexes=st.lists(st.builds(Reflex, name=WORD, side=SIDES, finding=st.just("absent")), max_size=1),
        sensation=st.lists(
            st.builds(Sensation, area=WORD, side=SIDES, finding=st.just("reduced"), nerve=SENSORY), max_size=1
        ),
        signs=st.lists(st.builds(Sign, name=WORD, is_positive=st.booleans(), side=st.none() | SIDES), max_size=1),
    ),
    ncs=st.builds(
        NcsStudies,
        motor=st.lists(MOTOR, max_size=2),
        sensory=st.lists(SENSORY_STUDIES, max_size=1),
        late=st.lists(LATE, max_size=1),
        repetitive=st.lists(REPETITIVE, max_size=1),
    ),
    needle=st.lists(NEEDLE, max_size=2),
    mri=st.lists(mri_finding(), max_size=2),
    annotations=st.lists(
        st.builds(Annotation, start_s=st.floats(0, 100), label=WORD, confidence=st.sampled_from([None, "sure"])),
        max_size=1,
    ),
    reading=st.none() | st.builds(Reading, reader=WORD, impression=TEXT, conclusions=st.just(("a", "b"))),
)


@given(case=CASES)
@settings(max_examples=60, deadline=None)
def test_a_case_survives_its_document(case):
    text = json.dumps(doc.document_from_case(case), allow_nan=False)
    found = doc.case_from_document(json.loads(text))
    assert found.problems == ()
    assert found.case == case
    assert hash(found.case.ncs) == hash(case.ncs)


@given(value=st.recursive(st.none() | st.booleans() | st.floats() | TEXT, lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from([*doc.FIRST_LEVEL, "motor", "muscle", "side", "measures"]), inner), max_leaves=12))  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_any_json_gives_a_case_or_one_sentence(value):
    if not isinstance(value, dict):
        with pytest.raises(ReadError, match="this is no case document"):
            doc.case_from_document(value)
        return
    found = doc.case_from_document({**value, "schema": doc.SCHEMA})
    assert isinstance(found.case, doc.Case)
    json.dumps(doc.document_from_case(found.case))


def a_document(**changes):
    return {**doc.document_from_case(doc.Case(question="why")), **changes}


def test_the_first_level_is_the_contract():
    assert tuple(a_document()) == doc.FIRST_LEVEL
    assert set(a_document()["ncs"]) == {"motor", "sensory", "late", "repetitive"}
    assert set(a_document()["examination"]) == {"strength", "reflexes", "sensation", "signs"}
    assert a_document()["schema"] == "emgwidgets.case/1"


def test_a_newer_version_says_so():
    with pytest.raises(ReadError, match=r"written by a newer version of emgwidgets; got schema emgwidgets.case/2"):
        doc.case_from_document(a_document(schema="emgwidgets.case/2"))


@pytest.mark.parametrize(
    "schema", [None, "", "emgwidgets.case/0", "emgwidgets.case/x", "other/1", "emgwidgets.case/" + "9" * 5000]
)
def test_another_document_is_refused(schema):
    with pytest.raises(ReadError, match=r"this is no case document"):
        doc.case_from_document(a_document(schema=schema))


def test_an_unknown_muscle_offers_the_nearest_and_does_not_lose_the_rest():
    needle = [{"muscle": "tibialis anteriro", "side": "left"}, {"muscle": "Tibialis anterior", "side": "left"}]
    found = doc.case_from_document(a_document(needle=needle))
    assert [part.muscle for part in found.case.needle] == ["tibialis_anterior"]
    (problem,) = found.problems
    assert problem.place == "needle[0]"
    assert "such as tibialis_anterior" in problem.sentence


def test_an_unknown_nerve_offers_the_nearest():
    found = doc.case_from_document(a_document(ncs={"motor": [{"nerve": "medain", "muscle": "APB", "side": "left"}]}))
    assert "a nerve such as median" in found.problems[0].sentence
    assert found.problems[0].place == "ncs.motor[0]"


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"muscle": "APB", "side": "L"}, "side: no such value; got 'L'; expected 'left' or 'right'"),
        ({"muscle": "APB"}, "side: this field is needed"),
        ({"muscle": "APB", "side": "left", "fibs": 2}, "fibs: this field is not known"),
        (
            {"muscle": "APB", "side": "left", "spontaneous": [{"kind": "fibs"}]},
            "expected one of fibrillation_potential",
        ),
        ("APB", "should be a dictionary"),
    ],
)
def test_a_bad_entry_becomes_one_sentence(entry, sentence):
    found = doc.case_from_document(a_document(needle=[entry]))
    assert found.case.needle == ()
    assert found.case.question == "why"
    assert sentence in str(found.problems[0])
    assert "pydantic" not in str(found.problems[0])


def test_unknown_fields_of_the_first_level_groups_and_annotations_are_told():
    found = doc.case_from_document(
        a_document(name="x", ncs={"blink": []}, annotations=[{"start_s": 1, "label": "fibs", "colour": "red"}], mri={})
    )
    assert {problem.place for problem in found.problems} == {"name", "ncs.blink", "annotations[0].colour", "mri"}
    assert len(found.case.annotations) == 1


def test_absent_zero_and_not_tested_stay_three_things(tmp_path):
    amplitude = Measure(value=0.0, unit="mV", method="not_stated")
    tested = [
        Measures({"amplitude_mv": Absent(reason="no response")}),
        Measures({"amplitude_mv": amplitude}),
        Measures(),
    ]
    responses = [MotorResponse(site=f"s{n}", measures=measures) for n, measures in enumerate(tested)]
    study = MotorStudy(nerve="median", muscle="abductor_pollicis_brevis", side="left", responses=responses)
    doc.Case(ncs=NcsStudies(motor=[study])).save(tmp_path / "case.json")
    got = [response.measures for response in doc.Case.load(tmp_path / "case.json").ncs.motor[0].responses]
    assert [m.is_absent("amplitude_mv") for m in got] == [True, False, False]
    assert [m.value("amplitude_mv") for m in got] == [None, 0.0, None]
    assert [m.is_tested("amplitude_mv") for m in got] == [True, True, False]


def test_load_refuses_a_document_with_a_bad_entry(tmp_path):
    path = tmp_path / "case.json"
    path.write_text(json.dumps(a_document(needle=[{"muscle": "APB"}, {"muscle": "FDI"}])))
    with pytest.raises(ReadError, match=r"case.json holds an entry that cannot be used; got needle\[0\].*and 1 more"):
        doc.load_case(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{", "not a whole JSON document"),
        (b"", "not a whole JSON document"),
        (b"\xff\xfe\x00", "not text"),
        (b"[" * 100_000, "not a whole JSON document"),
        (b'{"schema": NaN}', "NaN is no JSON number"),
        (b"[]", "this is no case document"),
    ],
)
def test_a_damaged_file_gives_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "case.json"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=sentence):
        doc.read_case(path)


def test_a_missing_file_and_a_folder_give_one_sentence(tmp_path):
    with pytest.raises(ReadError, match=r"none.json cannot be opened; got No such file"):
        doc.read_case(tmp_path / "none.json")
    with pytest.raises(ReadError, match=r"cannot be opened; got Is a directory"):
        doc.read_case(tmp_path)


def test_an_interrupted_save_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "case.json"
    doc.save_case(doc.Case(question="old"), path)

    def fail(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(doc.os, "fsync", fail)
    with pytest.raises(WriteError, match=r"case.json cannot be written; got No space left"):
        doc.save_case(doc.Case(question="new"), path)
    assert doc.load_case(path).question == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["case.json"]


def test_a_value_json_cannot_hold_is_refused_before_anything_is_written(tmp_path):
    case = doc.Case(annotations=(Annotation(start_s=math.nan, label="x"),))
    with pytest.raises(WriteError, match=r"a value that JSON cannot hold"):
        doc.save_case(case, tmp_path / "case.json")
    assert list(tmp_path.iterdir()) == []


def test_the_schema_names_every_first_level_field():
    schema = json.loads(doc.schema_json())
    assert tuple(schema["properties"]) == doc.FIRST_LEVEL
    assert schema["properties"]["schema"] == {"const": doc.SCHEMA}


def test_a_case_never_shows_its_reader_or_question_in_its_repr():
    case = doc.Case(question="secret", reading=Reading(reader="Ann", impression="x"))
    assert repr(case) == "Case(0 NCS studies, 0 needle muscles, 0 MRI findings)"
