"""Bad input of a case: one sentence each, at the interface and at the command line, and the rest still works."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import pytest

from emgwidgets.cases.document import save_case
from emgwidgets.cli import main
from emgwidgets.errors import InputError
from emgwidgets.interpretation.correlation.correlate import correlate
from emgwidgets.interpretation.localisation import localise, next_tests
from emgwidgets.model.case import Case, Examination, Reflex, Sensation, Sign, Symptom
from emgwidgets.model.ncs import MotorResponse, MotorStudy, NcsStudies, SensoryResponse, SensoryStudy
from emgwidgets.simulation.story.teaching import teaching_case

_spec = importlib.util.spec_from_file_location("typed_study", Path(__file__).parent / "typed_study.py")
assert _spec is not None
assert _spec.loader is not None
typed = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(typed)

L5 = ("tibialis_anterior", "tibialis_posterior", "tensor_fasciae_latae", "fibularis_longus")
SPARED = ("vastus_medialis", "adductor_longus", "gastrocnemius_medial_head", "biceps_femoris_short_head")


@pytest.fixture
def good() -> Case:
    """An L5 root lesion on the left, day 60."""
    needle = tuple(typed.needle(one, "left", active=one in L5) for one in (*L5, *SPARED))
    sensory = tuple(typed.sensory(one, side) for one in ("sural", "superficial_fibular") for side in ("left", "right"))
    return Case(subject=typed.ADULT, days_since_onset=60, needle=needle, ncs=NcsStudies(sensory=sensory))


def lead_of(case: Case) -> str:
    found = localise(case).leading
    return found.candidate.code if found else ""


def left_out(case: Case) -> str:
    return "\n".join(localise(case).not_used)


def test_the_good_case(good):
    assert lead_of(good) == "root_l5.left"
    assert localise(good).not_used == ()


def test_an_unknown_muscle_offers_the_nearest(good):
    odd = replace(good, needle=(*good.needle, typed.needle("tibialis_anteriror", "left")))
    assert "tibialis_anteriror: not used, no such muscle; did you mean tibialis_anterior" in left_out(odd)
    assert lead_of(odd) == "root_l5.left"
    assert next_tests(odd).tests


def test_an_unknown_nerve_offers_the_nearest(good):
    measures = {"amplitude_mv": typed.measured("amplitude_mv", 0.2)}
    motor = MotorStudy(
        nerve="deep_fibulaar", muscle="extensor_digitorum_brevis", side="left",
        responses=(MotorResponse(site="ankle", measures=measures),),
    )  # fmt: skip
    sensory = SensoryStudy(
        nerve="suraal", side="left",
        responses=(SensoryResponse(site="calf", measures={"amplitude_uv": typed.measured("amplitude_uv", 0.5)}),),
    )  # fmt: skip
    odd = replace(good, ncs=replace(good.ncs, motor=(motor,), sensory=(*good.ncs.sensory, sensory)))
    assert "deep_fibulaar: not used, no such nerve; did you mean deep_fibular" in left_out(odd)
    assert "suraal: not used, no such nerve; did you mean sural" in left_out(odd)
    assert localise(odd).leading.probability == pytest.approx(localise(good).leading.probability)


def test_a_muscle_entered_twice_is_used_only_where_both_agree(good):
    same = replace(good, needle=(*good.needle, typed.needle("tibialis_anterior", "left", active=True)))
    assert localise(same).not_used == ()
    odd = replace(good, needle=(*good.needle, typed.needle("tibialis_anterior", "left")))
    assert "left tibialis anterior, fibrillation or positive sharp waves: not used, entered twice" in left_out(odd)
    names = {name for row in localise(odd).leading.supporting for name in row.names}
    assert not any(name.startswith("needle.tibialis_anterior.left") for name in names)
    assert lead_of(odd) == "root_l5.left"


def test_contradictory_sides_are_said_and_never_swapped(good):
    odd = replace(good, symptoms=(Symptom(kind="pain", place="lateral leg", side="right", days=60),))
    found = localise(odd)
    assert found.leading.candidate.sides == ("left",)
    assert any("complaint is on the right, the findings are on the left" in note for note in found.notes)
    agreeing = replace(good, symptoms=(Symptom(kind="pain", place="lateral leg", side="left", days=60),))
    assert not any("check the side" in note for note in localise(agreeing).notes)


def test_dates_in_the_wrong_order_are_said(good):
    odd = replace(good, symptoms=(Symptom(kind="pain", place="lateral leg", side="left", days=400),))
    found = localise(odd)
    assert any("400 days old and the onset is given as 60 days ago" in note for note in found.notes)
    assert found.leading.candidate.code == "root_l5.left"


def test_words_no_table_knows_are_named(good):
    examination = Examination(
        sensation=(Sensation(area="third elbow", side="left", finding="reduced"),),
        reflexes=(Reflex(name="nose", side="left", finding="absent"),), signs=(Sign(name="wink", is_positive=True),),
    )  # fmt: skip
    odd = replace(good, examination=examination)
    for word in ("third elbow: not used, no such zone", "nose: not used, the reflex", "wink: not used, the sign"):
        assert word in left_out(odd)
    assert localise(odd).leading.probability == pytest.approx(localise(good).leading.probability)


def test_an_empty_case_still_says_where_to_begin():
    found = localise(Case())
    assert found.abstains
    assert next_tests(Case(), limb="arm", side="right").tests


def run(case: Case, place: Path, capsys, change=None) -> tuple[int, str, str]:
    save_case(case, place)
    document = json.loads(place.read_text(encoding="utf-8"))
    if change:
        change(document)
    place.write_text(json.dumps(document), encoding="utf-8")
    code = main(["interpret", str(place)])
    said = capsys.readouterr()
    return code, said.out, said.err


def _muscle(document):
    document["needle"].append({**document["needle"][0], "muscle": "tibialis_anteriror"})


def _nerve(document):
    document["ncs"]["sensory"].append({**document["ncs"]["sensory"][0], "nerve": "suraal"})


def _side(document):
    document["needle"][-1]["side"] = "lefft"


def _mrc(document):
    document["examination"] = {"strength": [{"muscle": "tibialis_anterior", "side": "left", "mrc": "6"}]}


def _fibrillation(document):
    document["needle"][-1]["spontaneous"] = [{"kind": "fibrillation_potential", "grade": 9}]


def _days(document):
    document["days_since_onset"] = -5


def _level(document):
    document["mri"] = [{"kind": "disc_protrusion", "level": "C8-T1", "side": "left"}]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_muscle, "no such muscle; got 'tibialis_anteriror'; expected a muscle such as tibialis_anterior"),
        (_nerve, "no such sensory nerve; got 'suraal'; expected a sensory nerve such as sural"),
        (_side, "side: no such value; got 'lefft'; expected 'left' or 'right'"),
        (_mrc, "the MRC grade is not known; got '6'"),
        (_fibrillation, "the grade of fibrillation_potential is not known; got 9"),
        (_days, "the time since onset cannot be used; got -5"),
        (_level, "no such disc level; got 'C8-T1'; expected a disc level such as C7-T1"),
    ],
)
def test_the_command_leaves_out_one_thing_in_one_sentence(good, tmp_path, capsys, change, sentence):
    code, out, err = run(good, tmp_path / "case.json", capsys, change)
    assert code == 0
    lines = [line for line in err.splitlines() if line]
    assert len(lines) == 1
    assert lines[0].startswith("left out: ")
    assert sentence in lines[0]
    assert "L5 root, left" in out


def test_the_command_says_contradictions(good, tmp_path, capsys):
    odd = replace(good, symptoms=(Symptom(kind="pain", place="lateral leg", side="right", days=400),))
    code, out, _ = run(odd, tmp_path / "case.json", capsys)
    assert code == 0
    assert "check the side in every source" in out
    assert "correct the date that is wrong" in out


def test_the_command_takes_an_empty_case(tmp_path, capsys):
    code, out, err = run(Case(), tmp_path / "case.json", capsys)
    assert (code, err) == (0, "")
    assert "Nothing in this case can be used" in out
    assert main(["next", str(tmp_path / "case.json"), "--limb", "leg"]) == 0


def test_the_command_refuses_a_newer_schema(good, tmp_path, capsys):
    code, out, err = run(
        good, tmp_path / "case.json", capsys, lambda document: document.update(schema="emgwidgets.case/9")
    )
    assert code == 1
    assert out == ""
    assert err.count("\n") == 1
    assert "newer version" in err


@pytest.mark.parametrize("judge", [correlate, localise, next_tests])
def test_a_teaching_case_that_was_not_simulated_is_named_with_the_way_out(judge):
    with pytest.raises(InputError, match=r"got TeachingCase; expected a Case; .*\.simulate\(\)\.case\."):
        judge(teaching_case("U1"))
    with pytest.raises(InputError, match=r"got str; expected a Case\.$"):
        judge("U1")
