"""Inching studies imported as sweeps or typed in, and the published jump they are held against."""

from __future__ import annotations

import numpy as np
import pytest

from emgwidgets import NcsBench, VirtualPatient
from emgwidgets.analysis import ncs
from emgwidgets.cli import main
from emgwidgets.errors import InputError
from emgwidgets.interpretation.inching import judge_inching
from emgwidgets.io.registry import read
from emgwidgets.model.measure import Absent, Measure

ULNAR = {"nerve": "ulnar", "muscle": "abductor_digiti_minimi_hand", "side": "left", "distal": "below_elbow", "proximal": "above_elbow"}  # fmt: skip
ROWS = ((0, 6.5, 6.3), (10, 6.7, 6.3), (20, 7.5, 4.0), (30, 7.7, 3.9))


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """CSV of sweeps of a virtual elbow, one column for each place."""
    patient = VirtualPatient.with_condition("ulnar_neuropathy_at_elbow", side="left", seed=5)
    run = NcsBench(patient, study="ulnar_adm", side="left").inch("below_elbow", "above_elbow", 20)
    times_ms = run.sweeps[0].times_ms
    path = tmp_path_factory.mktemp("inching") / "elbow.csv"
    head = "time_ms," + ",".join(f"{point.place_mm / 10:g} cm (uV)" for point in run.found.points)
    columns = np.column_stack([times_ms - times_ms[0], *(sweep.samples_uv for sweep in run.sweeps)])
    np.savetxt(path, columns, delimiter=",", header=head, comments="", fmt="%.4f")
    return path, run, -float(times_ms[0])


def test_an_imported_table_gives_the_steps_of_the_bench(table):
    path, run, stimulus_at_ms = table
    found = ncs.inching_study(read(path), stimulus_at_ms=stimulus_at_ms, **ULNAR)
    assert [point.place_mm for point in found.points] == [0, 20, 40, 60, 80, 100]
    for ours, theirs in zip(found.steps, run.steps, strict=True):
        assert ours.latency_step_ms.value == pytest.approx(theirs.latency_step_ms.value, abs=0.02)
    bench = NcsBench(found)
    shown = bench._state["series"]["inching"][0]
    assert bench._fixed["tab"] == "inching"
    assert (shown["side"], len(shown["points"]), len(shown["steps"])) == ("left", 6, 5)
    assert all(point["id"] is not None for point in shown["points"])
    assert len(bench.inch("below_elbow", "above_elbow").steps) == 5
    with pytest.raises(InputError, match="recorded sweeps are not in steps"):
        bench.inch("wrist", "below_elbow")


def test_typed_rows_are_drawn_and_judged():
    bench = NcsBench(study="ulnar_adm", side="left")
    assert "inching" in bench._fixed["series"]
    run = bench.type_inching("below_elbow", "above_elbow", ROWS)
    shown = bench._state["series"]["inching"][-1]
    assert max(run.steps, key=lambda one: one.latency_step_ms.value).start_mm == 10
    assert shown["verdict"].startswith("A jump: 0.80 ms per cm from 10 to 20 mm")
    assert all(point["id"] is None for point in shown["points"])
    bench.undo()
    assert not bench._state["series"]["inching"]


def test_an_absent_response_is_left_out_of_the_steps():
    found = ncs.typed_inching([(0, 6.5, 6.0), (10, None, None), (20, 7.0, 5.8)], **ULNAR)
    assert isinstance(found.points[1].latency_ms, Absent)
    assert [(step.start_mm, step.end_mm) for step in found.steps] == [(0, 20)]


@pytest.mark.parametrize(
    ("nerve", "step_ms", "half_ms", "answer"),
    [
        ("ulnar", 0.8, 0.1, "met"),
        ("ulnar", 0.55, 0.1, "cannot_be_judged"),
        ("ulnar", 0.45, 0.0, "cannot_be_judged"),
        ("ulnar", 0.2, 0.1, "not_met"),
        ("median", 0.8, 0.1, "cannot_be_judged"),
    ],
)
def test_the_jump_of_a_centimetre(nerve, step_ms, half_ms, answer):
    step = Measure(
        value=step_ms, unit="ms", method="difference of onset latencies", low=step_ms - half_ms, high=step_ms + half_ms
    )
    assert judge_inching([(0.0, 10.0, step)], nerve=nerve).answer == answer
    assert judge_inching([(0.0, 20.0, step)], nerve="ulnar").per_cm_ms == pytest.approx(step_ms / 2)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(0, 6.5, 6.0)], "two or more places"),
        ([(0, 6.5, 6.0), (0, 6.6, 6.0)], "must grow from distal to proximal"),
        ([(0, 6.5, 6.0), (20, -6.6, 6.0)], "row 2 of the inching study cannot be used"),
        ([(0, 6.5, 6.0), (2000, 6.9, 6.0)], "check whether they are in mm"),
    ],
)
def test_bad_rows_get_one_sentence(rows, said):
    with pytest.raises(InputError, match=said):
        ncs.typed_inching(rows, **ULNAR)


def test_a_sweep_without_its_place_gets_one_sentence(table):
    path, _, stimulus_at_ms = table
    text = path.read_text(encoding="utf-8").replace("2 cm", "second", 1)
    other = path.with_name("named.csv")
    other.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="does not say its place along the nerve; got 'second'"):
        ncs.inching_study(read(other), stimulus_at_ms=stimulus_at_ms, **ULNAR)
    found = ncs.inching_study(read(other), stimulus_at_ms=stimulus_at_ms, places_mm=[0, 20, 40, 60, 80, 100], **ULNAR)
    assert len(found.steps) == 5


def test_the_command_measures_sweeps_and_typed_rows(table, tmp_path, capsys):
    path, _, stimulus_at_ms = table
    base = ["--study", "inching", "--nerve", "ulnar", "--side", "left"]
    assert main(["measure", "ncs", str(path), *base, "--stimulus-at", f"{stimulus_at_ms:g}"]) == 0
    said = capsys.readouterr()
    assert "20 to 40 mm" in said.out
    assert "ms per cm" in said.err
    rows = tmp_path / "rows.csv"
    rows.write_text("place_mm,latency_ms,amplitude_mv\n0,6.5,6.3\n10,6.7,\n20,,\n30,7.7,3.9\n", encoding="utf-8")
    assert main(["measure", "ncs", str(rows), *base]) == 0
    assert "10 to 30 mm" in capsys.readouterr().out
    rows.write_text("place_mm,latency_ms\n0,fast\n", encoding="utf-8")
    assert main(["measure", "ncs", str(rows), *base]) != 0
    assert "row 1 of the inching study cannot be read" in capsys.readouterr().err
