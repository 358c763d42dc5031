"""From a number of the board to the waveform it was taken from: sweeps, linked stretches, and what is not kept."""

from dataclasses import replace

import numpy as np
import pytest

import emgwidgets as emg
from emgwidgets.cases.document import Case
from emgwidgets.cases.proofs import proof_note, proofs_at
from emgwidgets.errors import InputError
from emgwidgets.lessons.study_room import StudyRoom
from emgwidgets.model.measure import TraceLink
from emgwidgets.model.needle import NeedleExamination, SpontaneousActivity
from emgwidgets.model.signal import Annotation, ArraySamples, Channel, Recording
from emgwidgets.widgets.case_board import CaseBoard
from emgwidgets.widgets.case_board.traces import TraceShelf

pytestmark = pytest.mark.filterwarnings("ignore:channel .* is written as")

RATE_HZ = 10_000.0
CHANNEL = "left_tibialis_anterior_01_rest"


@pytest.fixture(scope="module")
def room():
    made = StudyRoom("U1")
    made.do("sensory", "superficial_fibular", "left")
    made.do("motor", "fibular_edb", "left")
    made.do("motor", "fibular_edb", "right")
    made.do("needle", "tibialis_anterior", "left")
    return made


@pytest.fixture
def needle_folder(tmp_path):
    """A case with one linked stretch of a recording beside it: a single spike of -300 uV at 1.25 s."""
    samples = np.zeros(int(2 * RATE_HZ))
    samples[12_500:12_510] = -300.0
    channel = Channel(
        name=CHANNEL, unit="uV", sampling_rate_hz=RATE_HZ, kind="needle_emg", samples=ArraySamples(stored=samples)
    )
    emg.write(Recording(channels=(channel,)), tmp_path / f"{CHANNEL}.bdf")
    spontaneous = (SpontaneousActivity(kind="fibrillation_potential", grade=2),)
    note = proof_note(side="left", muscle="tibialis_anterior", words="fibrillation_potential: 2; insertion 1")
    case = Case(
        needle=(NeedleExamination(muscle="tibialis_anterior", side="left", spontaneous=spontaneous),
                NeedleExamination(muscle="soleus", side="left", spontaneous=())),
        annotations=(Annotation(start_s=1.2, duration_s=0.1, channel=CHANNEL, label="proof", note=note),),
    )  # fmt: skip
    case.save(tmp_path / "case.json")
    return tmp_path


def shown(board, place):
    sent = []
    board.send = lambda content, buffers=None: sent.append((content, buffers))
    board.show_trace(place)
    return sent[-1]


def values_of(row, buffers):
    columns = row["columns"]
    return np.frombuffer(buffers[columns["buffer"]], dtype="<i2") * columns["scale"] + columns["offset"]


def test_every_number_of_a_simulated_study_lands_on_its_own_sweep(room):
    board = CaseBoard(room.case, recordings=room.recordings)
    study = room.case.ncs.motor[1]
    waves = board.traces("ncs.motor[1].responses[0].measures.amplitude_mv")
    assert [(wave.side, wave.site) for wave in waves] == [(study.side, one.site) for one in study.responses]
    for wave, response in zip(waves, study.responses, strict=True):
        # the largest negative value of the sweep is the number that was taken from it
        peak = wave.samples_uv[np.argmin(np.abs(wave.times_ms - response.measures.value("peak_latency_ms")))]
        assert -peak / 1000.0 == pytest.approx(response.measures.value("amplitude_mv"), rel=0.1)


def test_what_is_drawn_is_the_sweep_with_its_markers_on_one_scale(room):
    board = CaseBoard(room.case, recordings=room.recordings)
    content, buffers = shown(board, "ncs.motor[0]")
    assert [row["words"].split(":")[0] for row in content["rows"]] == [
        "ankle",
        "below fibular head",
        "above fibular head",
    ]
    assert all([one["letter"] for one in row["markers"]] == ["O", "P", "E"] for row in content["rows"])
    sweep = board.traces("ncs.motor[0]")[0]
    drawn = values_of(content["rows"][0], buffers)
    assert drawn.min() == pytest.approx(sweep.samples_uv.min(), abs=2.0)
    assert content["per_height"] * 5 > 2 * max(-values_of(row, buffers).min() for row in content["rows"])
    assert all(row["end"] > max(one["at"] for one in row["markers"]) for row in content["rows"])


def test_a_typed_or_told_finding_has_no_trace_and_says_so(room):
    board = CaseBoard(room.case, recordings=room.recordings)
    assert proofs_at(room.case, "needle[0]") == ()
    content, buffers = shown(board, "needle[0]")
    assert (content["rows"], content["missing"], buffers) == ([], [], [])
    board.choose("root_l5", "emg", "left")
    assert [item["n_traces"] for item in board._cell["items"]] == [0]
    board.choose("common_fibular_head", "ncs", "left")
    assert {item["n_traces"] for item in board._cell["items"]} == {1, 3}


def test_a_linked_stretch_of_a_muscle_is_shown_with_its_band(needle_folder):
    board = CaseBoard(needle_folder / "case.json")
    (proof,) = proofs_at(board.case, "needle[0]")
    assert proof.words == "fibrillation potential: 2; insertion 1"
    assert proofs_at(board.case, "needle[1]") == ()
    (wave,) = board.traces("needle[0]")
    assert (wave.start_s, wave.samples_uv.min()) == (pytest.approx(1.2), pytest.approx(-300.0, abs=0.1))
    content, buffers = shown(board, "needle[0]")
    (row,) = content["rows"]
    assert row["band"] == [1.2, pytest.approx(1.3)]
    assert row["start"] < 1.2
    assert row["end"] > 1.3
    assert values_of(row, buffers).min() == pytest.approx(-300.0, abs=1.0)
    assert "1.200 to 1.300 s" in row["caption"]


def test_a_recording_that_is_gone_is_one_sentence_beside_the_evidence(needle_folder):
    (needle_folder / f"{CHANNEL}.bdf").unlink()
    board = CaseBoard(needle_folder / "case.json")
    content, _ = shown(board, "needle[0]")
    assert content["rows"] == []
    assert content["missing"][0].startswith("the recording is not beside the case")
    with pytest.raises(InputError, match="not beside the case"):
        board.traces("needle[0]")


@pytest.mark.parametrize("name", ["../other.edf", "/etc/passwd", "", ".."])
def test_a_link_never_leads_out_of_the_folder_of_the_case(name, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "other.edf").write_text("x")
    with pytest.raises(InputError, match="without its folder"):
        TraceShelf(folder=tmp_path / "in").wave(TraceLink(recording=name))


def test_links_to_places_that_are_not_there_are_sentences(needle_folder, room):
    shelf = TraceShelf(folder=needle_folder)
    with pytest.raises(InputError, match="no such stretch"):
        shelf.view(TraceLink(recording=f"{CHANNEL}.bdf", channel=CHANNEL, start_s=50.0, end_s=51.0))
    shelf = TraceShelf(given=dict(room.recordings))
    with pytest.raises(InputError, match="no such sweep; got 9; expected 0 to 5"):
        shelf.wave(TraceLink(recording="sweeps.npz", channel="fibular_edb", sweep=9))


@pytest.mark.parametrize("place", ["symptoms[0]", "needle[9]", "ncs.motor[9]", "ncs.odd[0]", "mri", ""])
def test_places_without_a_waveform_have_none(room, place):
    assert proofs_at(room.case, place) == ()


def test_a_measured_latency_of_a_late_response_leads_to_its_sweep(room):
    study = room.case.ncs.motor[0]
    link = study.responses[0].measures["onset_latency_ms"].trace
    assert link == TraceLink(recording="sweeps.npz", channel="fibular_edb", sweep=0)
    assert room.case.ncs.motor[1].responses[0].measures["onset_latency_ms"].trace == replace(link, sweep=3)


def test_the_sweeps_of_a_room_can_be_written_beside_its_case_and_found_again(room, tmp_path):
    for name, recording in room.recordings.items():
        emg.write(recording, tmp_path / name)
    Case(**{name: getattr(room.case, name) for name in ("subject", "question", "ncs")}).save(tmp_path / "case.json")
    board = CaseBoard(tmp_path / "case.json")
    again = board.traces("ncs.motor[1]")
    direct = CaseBoard(room.case, recordings=room.recordings).traces("ncs.motor[1]")
    assert len(again) == len(direct) == 3
    for one, two in zip(again, direct, strict=True):
        assert one.samples_uv == pytest.approx(two.samples_uv, abs=0.05)


def absent_bench(**more):
    """A bench with a nerve without response, kept at 60 mA, and with a healthy one."""
    woman = emg.VirtualPatient.with_condition(
        "carpal_tunnel_syndrome", severity="extreme", side="right", age_years=70, height_cm=160, sex="female", seed=3
    )
    bench = emg.NcsBench(woman, study="median_d2", side="right", **more)
    bench.stimulate(60.0)
    assert bench.keep().absent is not None
    bench.choose(study="ulnar_adm", side="right")
    bench.ramp([20.0, 25.0, 30.0])
    bench.keep()
    return bench


def test_an_absent_response_opens_the_sweep_that_shows_it(tmp_path):
    bench = absent_bench()
    kept = bench.desk.kept["median_d2", "right", "wrist"].shot.sweep
    for board in (CaseBoard(bench.case, recordings=bench.recordings), CaseBoard(bench.save(tmp_path))):
        place = "ncs.sensory[0].responses[0].measures.amplitude_uv"
        (wave,) = board.traces(place)
        assert wave.samples_uv == pytest.approx(np.asarray(kept.samples_uv), abs=1e-3)
        content, _ = shown(board, place)
        (row,) = content["rows"]
        assert (row["words"], row["markers"]) == ("wrist: no response", [])
        assert content["per_height"] >= 2.0, "noise does not fill the picture"


def test_a_bench_saves_its_sweeps_with_its_case(tmp_path):
    bench = absent_bench()
    bench.f_waves(10)
    bench.train(rate_hz=3.0, n_stimuli=10)
    document = bench.save(tmp_path / "new" / "hand.json")
    assert sorted(one.name for one in document.parent.iterdir()) == ["hand.json", "hand_sweeps.npz"]
    assert len(emg.read(document.parent / "hand_sweeps.npz").sweeps) == 2 + 10 + 10
    board = CaseBoard(document)
    (late,) = board.traces("ncs.late[0]")
    run = bench.desk.runs[0]
    times_ms = {one.sweep: one.latency_ms.value for one in run.found.waves if hasattr(one, "sweep")}
    shortest = run.sweeps[min(times_ms, key=times_ms.get)]
    assert late.samples_uv == pytest.approx(np.asarray(shortest.samples_uv), abs=1e-3)
    first, fourth = board.traces("ncs.repetitive[0]")
    for wave, n in ((first, 0), (fourth, 3)):
        assert wave.samples_uv == pytest.approx(np.asarray(bench.desk.runs[1].sweeps[n].samples_uv), abs=1e-3)
    again = emg.NcsBench(Case.load(document))
    again.save(document)
    assert len(CaseBoard(document).traces("ncs.motor[0]")) == 1, "a case saved once more keeps its links"


def test_a_bench_of_typed_numbers_writes_no_sweeps(tmp_path):
    bench = emg.NcsBench(study="median_apb", side="right")
    bench.type_in(site="wrist", latency_ms=5.1, amplitude=3.0)
    assert bench.recordings == {}
    assert [one.name for one in bench.save(tmp_path).parent.iterdir()] == ["case.json"]
