"""The faulty sort: every planted fault counts, the repairs repair it, a false unit is told whatever the residual says."""

from __future__ import annotations

import pytest

import emgwidgets as emg
from emgwidgets.analysis.needle import Edit, apply_edits
from emgwidgets.errors import InputError
from emgwidgets.lessons.faulty_sort import (
    MOST_EDITS,
    PASS_AGREEMENT,
    FaultySort,
    faulty_sort,
    judge_sort,
    residual_peaks,
)
from emgwidgets.widgets.needle_bench import show_decomposition


@pytest.fixture(scope="module")
def sort() -> FaultySort:
    return faulty_sort(0)


def test_it_begins_with_faults_and_without_edits(sort: FaultySort) -> None:
    verdict = sort.judge()
    assert verdict.n_edits == 0
    assert not verdict.is_repaired
    assert verdict.least_agreement < PASS_AGREEMENT
    assert len(verdict.false_units) == 3  # two pieces of true units and the noise
    assert len(sort.faults) == 6
    assert verdict.feedback().startswith("Not yet")


def test_the_repairs_suffice_within_the_edits(sort: FaultySort) -> None:
    verdict = sort.judge(apply_edits(sort.result, sort.repairs))
    assert verdict.is_repaired
    assert verdict.n_edits == len(sort.repairs) <= MOST_EDITS
    assert verdict.least_agreement == 1.0
    assert verdict.feedback().startswith("Repaired")


@pytest.mark.parametrize("left_out", ["merge 1", "merge 2", "move", "add", "delete 1", "delete 2"])
def test_every_fault_must_be_repaired(sort: FaultySort, left_out: str) -> None:
    kind, _, place = left_out.partition(" ")
    same = [one for one in sort.repairs if one.kind == kind]
    dropped = same if not place else [same[int(place) - 1]]
    verdict = sort.judge(apply_edits(sort.result, [one for one in sort.repairs if one not in dropped]))
    assert not verdict.is_repaired


def test_too_many_edits_are_no_repair(sort: FaultySort) -> None:
    done = apply_edits(sort.result, sort.repairs)
    unit = done.units[0]
    there_and_back = [
        Edit(kind="delete", unit=unit.label, times_s=(unit.times_s[5],)),
        Edit(kind="add", unit=unit.label, times_s=(unit.times_s[5],)),
    ] * 2
    verdict = sort.judge(apply_edits(done, there_and_back))
    assert verdict.least_agreement == 1.0
    assert not verdict.is_repaired
    assert verdict.feedback().startswith("Too many edits")


def test_a_false_unit_is_told_although_it_explains_more(sort: FaultySort) -> None:
    peaks = residual_peaks(sort.result, n=4)
    assert list(peaks) == sorted(peaks)
    more = apply_edits(sort.result, [Edit(kind="add", unit="new", times_s=peaks)])
    assert more.explained_share > sort.result.explained_share + 0.02
    before, after = sort.judge(), sort.judge(more)
    assert set(after.false_units) == {*before.false_units, "new"}
    assert after.rows[0].n_missed == before.rows[0].n_missed


def test_where_the_missed_stand_is_said(sort: FaultySort) -> None:
    halved = min(sort.judge().rows, key=lambda row: row.agreement)
    label, n = max(halved.elsewhere, key=lambda pair: pair[1])
    assert n == halved.n_missed
    merged = sort.judge(apply_edits(sort.result, [Edit(kind="merge", unit=halved.found, other=label)]))
    assert merged.least_agreement > halved.agreement


def test_a_true_unit_nobody_found_counts_as_nothing(sort: FaultySort) -> None:
    done = apply_edits(sort.result, sort.repairs)
    lost = judge_sort(done, sort.truth).rows[0].found
    verdict = sort.judge(apply_edits(done, [Edit(kind="delete", unit=lost)]))
    assert verdict.rows[0].agreement == 0.0
    assert "not found" in str(verdict)


def test_another_seed_gives_another_sort(sort: FaultySort) -> None:
    other = faulty_sort(1)
    assert [one.n_discharges for one in other.result.units] != [one.n_discharges for one in sort.result.units]
    assert other.judge(apply_edits(other.result, other.repairs)).is_repaired


def test_the_bench_shows_it_and_takes_edits(sort: FaultySort) -> None:
    bench = emg.NeedleBench(sort.recording, muscle="biceps_brachii", side="right")
    bench.set_effort("slight")
    show_decomposition(bench, sort.result)
    assert [one["label"] for one in bench._state["decompose"]["units"]] == [one.label for one in sort.result.units]
    assert bench._state["decompose"]["edits"] == []
    for one in sort.repairs:
        # a click beside the peak means the peak
        times_s = [time + 0.0006 for time in one.times_s] if one.kind == "add" else one.times_s
        bench.desk.decompose.edit(one.kind, one.unit, one.other, times_s)
        bench.desk.decompose.look(bench.desk.stretch, bench.desk.filters)
    assert sort.judge(bench.desk.decompose.result).is_repaired


def test_the_bench_refuses_a_decomposition_of_another_stretch(sort: FaultySort) -> None:
    other = emg.VirtualPatient(seed=3).needle(muscle="biceps_brachii", side="right", effort=0.003, duration_s=3.0)
    bench = emg.NeedleBench(other.recording, muscle="biceps_brachii", side="right")
    with pytest.raises(InputError, match="another stretch"):
        show_decomposition(bench, sort.result)
    virtual = emg.NeedleBench(emg.VirtualPatient(seed=3))
    with pytest.raises(InputError, match="no finished stretch"):
        show_decomposition(virtual, sort.result)
