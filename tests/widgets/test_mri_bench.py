"""The MRI bench: grid, corrections in place, conflicts of sides that only a reader settles, volumes and their letters."""

import json
import sys

import numpy as np
import pytest

from emgwidgets import vocabulary
from emgwidgets.errors import EmgError, InputError, MissingExtraError, ReadError
from emgwidgets.figures.spine import draw_spine
from emgwidgets.figures.spine_pathway import draw_pathway, draw_structure_and_function, pathway_rows
from emgwidgets.interpretation.correlation.correlate import correlate
from emgwidgets.io.volume import read_labels, read_volume
from emgwidgets.model.case import Case, Subject
from emgwidgets.model.mri import MriFinding, RootEffect
from emgwidgets.model.volume import SpineVolume
from emgwidgets.widgets.mri_bench import MriBench

REPORT = """FINDINGS: Five lumbar-type vertebrae assumed. L3-4: mild diffuse bulge, no canal stenosis. L4-5: left paracentral disc \
protrusion, 5 mm, displacing the traversing left L5 root. L5-S1: normal.
IMPRESSION: L4-5 protrusion on the left."""
CONFLICT = """FINDINGS: L4-5: left paracentral disc protrusion, 5 mm, displacing the left L5 root.
IMPRESSION: L4-5 right paracentral disc protrusion."""


def volume(*, knows_sides: bool = True) -> SpineVolume:
    """A volume whose brightest voxel lies right, in front, at the head, with five vertebrae as labels."""
    voxels = np.zeros((12, 20, 40), dtype=np.int16)
    voxels[3:9, 6:14, :] = 40
    voxels[10, 18, 38] = 100
    labels = {name: (5.0, 10.0, 6.0 + 7 * n) for n, name in enumerate(("L5", "L4", "L3", "L2", "L1"))}
    return SpineVolume(
        voxels=voxels, spacing_mm=(3.0, 1.0, 1.0), knows_sides=knows_sides, labels=labels, labels_by="file"
    )


def caught(bench: MriBench) -> list:
    sent = []
    bench.send = lambda content, buffers=None: sent.append((content, buffers))
    return sent


def cell(bench, level, column):
    return next(row for row in bench._state["grid"] if row["level"] == level)["cells"][column]


# grid ----------------------------------------------------------------------------------------------------------------
def test_each_cell_says_the_root_it_reaches():
    bench = MriBench(Case(mri=(MriFinding(kind="disc_bulge", level="L4-5", side="left", zone="subarticular"),)))
    assert [cell(bench, "L4-5", n)["root"] for n in range(7)] == ["L4", "L4", "L5", "sac", "L5", "L4", "L4"]
    bench.show_region("cervical")
    assert {cell(bench, "C6-7", n)["root"] for n in (0, 1, 2, 4, 5, 6)} == {"C7"}
    assert cell(bench, "C6-7", 3)["root"] == "cord"
    assert cell(bench, "C7-T1", 4)["root"] == "C8"
    with pytest.raises(InputError, match="no such region"):
        bench.show_region("sacral")


def test_not_read_is_not_normal_and_not_a_finding():
    bench = MriBench(report=REPORT)
    assert cell(bench, "L1-2", 4)["state"] == "not read"
    assert cell(bench, "L5-S1", 4)["state"] == "read"
    found = cell(bench, "L4-5", 4)
    assert (found["state"], found["effect"]) == ("finding", 2)
    assert cell(bench, "L4-5", 2)["state"] == "read"
    assert next(row for row in bench._state["grid"] if row["level"] == "L3-4")["loose"] == ["disc bulge, mild"]


def test_a_number_key_sets_the_effect_on_the_root_of_the_cell():
    bench = MriBench(report=REPORT)
    bench.set_effect("L4-5", "subarticular", "left", 3)
    one = next(found for found in bench.case.mri if found.kind == "disc_protrusion")
    assert [(root.root, root.effect, root.side) for root in one.roots] == [("L5", "compression", "left")]
    bench.set_effect("L3-4", "foraminal", "right", 1)
    assert bench.case.mri[-1].roots == (RootEffect(root="L3", effect="contact", side="right"),)
    bench.set_effect("L2-3", "foraminal", "right", 0)
    assert bench.case.mri[-1].certainty == "negated"
    bench.set_effect("L3-4", "central", "midline", 2)
    assert (bench.case.mri[-1].kind, bench.case.mri[-1].grade) == ("central_stenosis", "moderate")
    with pytest.raises(InputError, match="no such effect"):
        bench.set_effect("L3-4", "foraminal", "right", 7)
    assert bench.undo()
    assert bench.redo()


def test_a_correction_takes_the_place_of_what_was_read_and_is_marked():
    bench = MriBench(report=REPORT)
    index = next(n for n, one in enumerate(bench._state["findings"]) if one["kind"] == "disc_protrusion")
    bench.correct(index, {"level": "L5/S1", "size_mm": "7,5", "zone": ""})
    one = bench.case.mri[index]
    assert (one.level, one.size_mm, one.zone) == ("L5-S1", 7.5, None)
    assert bench._state["findings"][index]["corrected"]
    bench.undo()
    assert bench.case.mri[index].level == "L4-5"
    for changes, sentence in (
        ({"level": "C8-T1"}, "C7-T1"),
        ({"size_mm": "big"}, "no number"),
        ({"colour": "red"}, "no such field"),
        ({"side": "up"}, "the side"),
    ):
        with pytest.raises(InputError, match=sentence):
            bench.correct(index, changes)
    with pytest.raises(InputError, match="no such MRI finding"):
        bench.correct(99, {"side": "left"})


def test_findings_are_added_and_taken_out_and_the_day_goes_with_them():
    bench = MriBench(day=6)
    bench.add("disc_extrusion", "L5-S1", side="right", zone="subarticular", size_mm="8")
    assert bench.case.mri[0].days_since_onset == 6
    bench.set_day("-12")
    assert bench.case.mri[0].days_since_onset == -12
    bench.remove(0)
    assert bench.case.mri == ()
    with pytest.raises(InputError, match="day of the MRI"):
        bench.set_day("soon")


# sides ---------------------------------------------------------------------------------------------------------------
def test_a_side_conflict_is_shown_first_and_the_finding_counts_for_neither_side():
    bench = MriBench(Case(question="Foot drop, left"), report=CONFLICT)
    assert len(bench.conflicts) == 1
    one = next(found for found in bench.case.mri if found.kind == "disc_protrusion" and found.certainty != "negated")
    assert one.side is None
    assert all(root.side is None for root in one.roots)
    assert cell(bench, "L4-5", 4)["state"] in {"conflict", "read"}
    assert not any(
        row.cell("mri", side).n_supports for row in correlate(bench.case).board for side in ("left", "right")
    )


def test_only_a_named_reader_with_a_reason_settles_a_side():
    bench = MriBench(report=CONFLICT)
    sentence = bench.conflicts[0]
    with pytest.raises(InputError, match="named reader"):
        bench.settle_side(sentence, "left", "asked the radiologist")
    with pytest.raises(InputError, match="named reader"):
        bench.settle_side(sentence, "left", "", reader="AB")
    with pytest.raises(InputError, match="no such conflict"):
        bench.settle_side("another", "left", "asked", reader="AB")
    with pytest.raises(InputError, match="needs its side"):
        bench.settle_side(sentence, "up", "asked", reader="AB")
    bench.settle_side(sentence, "ask", "to be asked", reader="AB")
    assert bench.conflicts == (sentence,)
    bench.settle_side(sentence, "left", "asked the radiologist", reader="AB")
    assert bench.conflicts == ()
    one = next(found for found in bench.case.mri if found.kind == "disc_protrusion")
    assert one.side == "left"
    kept = bench.case.annotations[-1]
    assert (kept.label, kept.reader) == ("mri_side_settled", "AB")
    assert json.loads(kept.note)["side"] == "left"


def test_a_root_effect_of_the_other_side_is_a_conflict_too():
    finding = MriFinding(
        kind="disc_protrusion",
        level="L4-5",
        side="left",
        zone="subarticular",
        roots=(RootEffect(root="L5", effect="contact", side="right"),),
    )
    bench = MriBench(Case(mri=(finding,)))
    assert "L5 right" in bench.conflicts[0]
    assert bench.case.mri[0].side is None


def test_the_report_keeps_its_words_and_marks_them():
    bench = MriBench(report=REPORT)
    pieces = bench._state["report"]["pieces"]
    assert "".join(piece["text"] for piece in pieces) == REPORT
    kinds = {piece["kind"] for piece in pieces}
    assert {"plain", "finding", "negated"} <= kinds
    conflicted = MriBench(report=CONFLICT)._state["report"]["pieces"]
    assert any(piece["kind"] == "conflict" for piece in conflicted)
    assert REPORT[:30] not in repr(bench)


def test_a_report_of_something_else_is_one_sentence_in_the_bench():
    bench = MriBench()
    sent = caught(bench)
    bench._receive(
        bench,
        {
            "type": "report",
            "text": "Befund: LWK 4/5 mediolateraler Bandscheibenvorfall links mit Kontakt zur Wurzel L5.",
        },
        [],
    )
    assert sent[-1][0]["type"] == "error"
    assert bench.case.mri == ()


# volume --------------------------------------------------------------------------------------------------------------
def test_slices_follow_radiology():
    image = volume()
    axial = image.cut("axial", 38)
    assert np.unravel_index(np.argmax(axial.pixels), axial.pixels.shape) == (1, 1), "front on top, right on the left"
    assert axial.edges == ("R", "L", "A", "P")
    sagittal = image.cut("sagittal", 10)
    assert np.unravel_index(np.argmax(sagittal.pixels), sagittal.pixels.shape) == (1, 1), "head up, front on the left"
    assert (sagittal.row_mm, sagittal.column_mm) == (1.0, 1.0)
    assert image.cut("coronal", 18).edges == ("R", "L", "S", "I")


def test_a_file_of_unknown_side_gets_no_letters():
    assert volume(knows_sides=False).cut("axial", 38).edges == ("", "", "", "")
    bench = MriBench(volume=volume(knows_sides=False))
    assert bench._volume["knows_sides"] is False


def test_pixels_and_voxels_are_each_others_way_back():
    image = volume()
    for plane in ("sagittal", "axial", "coronal"):
        voxel = image.voxel_at(plane, 5, 3, 7)
        assert image.place(plane, voxel) == (3, 7)


def test_a_level_between_two_labelled_vertebrae_is_found_and_a_label_placed_by_hand_wins():
    bench = MriBench(volume=volume())
    level = vocabulary.level("L4-5")
    assert bench.volume.level_voxel(level.upper, level.lower, level.code) == (5.0, 10.0, 9.5)
    bench.place_label("L4-5", "sagittal", 5, 9, 31)
    assert bench.volume.level_voxel(level.upper, level.lower, level.code) == (5.0, 10.0, 8.0)
    assert bench._volume["labels_by"] == "hand"
    bench.remove_label("L4-5")
    assert "L4-5" not in bench.volume.labels
    with pytest.raises(InputError, match="no such vertebra"):
        bench.place_label("L9", "sagittal", 5, 9, 31)
    with pytest.raises(InputError, match="outside the volume"):
        bench.place_label("L4-5", "sagittal", 5, 900, 31)


def test_a_slice_travels_as_bytes_with_its_levels():
    bench = MriBench(volume=volume())
    sent = caught(bench)
    bench._receive(bench, {"type": "slice", "plane": "sagittal", "index": 5}, [])
    head, buffers = sent[-1]
    assert len(buffers[0]) == head["rows"] * head["columns"] == 40 * 20
    assert head["discs"]["L4-5"]["place"] == (9.0, 29.5)
    bench._receive(bench, {"type": "slice", "plane": "sagittal", "index": 500}, [])
    assert sent[-1][0]["type"] == "error"


def test_what_cannot_be_shown_is_said_and_the_rest_works(tmp_path):
    bench = MriBench(report=REPORT, volume=tmp_path / "nowhere.nii.gz")
    assert "nowhere.nii.gz cannot be opened" in bench._volume["problem"]
    assert cell(bench, "L4-5", 4)["state"] == "finding"
    assert MriBench()._volume == {"is_there": False, "problem": ""}
    with pytest.raises(InputError, match="no image volume"):
        SpineVolume(voxels=np.zeros((4, 4)), spacing_mm=(1, 1, 1), knows_sides=True)


def test_nifti_is_read_with_what_its_header_knows(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    original = volume()
    for code, knows in ((1, True), (0, False)):
        # stored with the first axis growing to the left, as many scanners do
        image = nibabel.Nifti1Image(original.voxels[::-1], np.diag((-3.0, 1.0, 1.0, 1.0)) if code else None)
        if code == 0:
            image.header.set_zooms((3.0, 1.0, 1.0))
        place = tmp_path / f"t2_{code}.nii.gz"
        nibabel.save(image, place)
        found = read_volume(place)
        assert found.knows_sides is knows
        assert found.spacing_mm == (3.0, 1.0, 1.0)
        if knows:
            assert np.array_equal(found.voxels, original.voxels)
            assert read_volume(place, knows_sides=False).knows_sides is False
        assert read_volume(place, knows_sides=True).knows_sides is knows, "nobody can make it known"
    labels = np.zeros(original.voxels.shape, dtype=np.uint8)
    labels[5, 10, 30], labels[5, 10, 20], labels[5, 10, 10] = 22, 23, 24
    nibabel.save(nibabel.Nifti1Image(labels, np.diag((3.0, 1.0, 1.0, 1.0))), tmp_path / "discs.nii.gz")
    assert read_labels(original, tmp_path / "discs.nii.gz", names="discs").labels["L4-5"] == (5.0, 10.0, 10.0)
    assert read_labels(original, tmp_path / "discs.nii.gz", names="from_below").labels["L5"] == (5.0, 10.0, 10.0)
    with pytest.raises(ReadError, match="has a name"):
        read_labels(original, tmp_path / "discs.nii.gz", names={99: "L5"})
    nibabel.save(nibabel.Nifti1Image(labels[:-1], np.eye(4)), tmp_path / "other.nii.gz")
    with pytest.raises(ReadError, match="grid of the volume"):
        read_labels(original, tmp_path / "other.nii.gz", names="discs")
    (tmp_path / "bad.nii.gz").write_bytes(b"no image")
    with pytest.raises(ReadError, match="is no NIfTI volume"):
        read_volume(tmp_path / "bad.nii.gz")


def test_nifti_without_its_library_says_which_extra_brings_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "nibabel", None)  # as where it is not installed
    (tmp_path / "t2.nii.gz").write_bytes(b"anything")
    with pytest.raises(MissingExtraError, match=r"install 'emgwidgets\[mri\]'"):
        read_volume(tmp_path / "t2.nii.gz")


def _dicom_series(folder, original: SpineVolume, *, states_orientation: bool = True) -> None:
    """Sagittal slices: rows go to the foot, columns to the back, slices to the patient's right."""
    pydicom = pytest.importorskip("pydicom")
    uid = pydicom.uid
    folder.mkdir()
    series = uid.generate_uid()
    for n in range(original.voxels.shape[0]):
        picture = original.voxels[n].T[::-1, ::-1].astype(np.uint16)
        meta = pydicom.dataset.FileMetaDataset()
        meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
        meta.MediaStorageSOPClassUID = uid.MRImageStorage
        meta.MediaStorageSOPInstanceUID = uid.generate_uid()
        one = pydicom.dataset.FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
        one.PatientName, one.SeriesInstanceUID, one.InstanceNumber = "Hidden^Name", series, n + 1
        one.SOPClassUID, one.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
        one.Rows, one.Columns, one.PixelSpacing, one.SliceThickness = *picture.shape, [1.0, 1.0], 3.0
        one.BitsAllocated = one.BitsStored = 16
        one.HighBit, one.PixelRepresentation, one.SamplesPerPixel, one.PhotometricInterpretation = (
            15,
            0,
            1,
            "MONOCHROME2",
        )
        if states_orientation:
            one.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
            one.ImagePositionPatient = [-3.0 * n, 0.0, 0.0]
        one.PixelData = picture.tobytes()
        one.save_as(folder / f"{99 - n:03d}.dcm", enforce_file_format=True)


def test_a_dicom_series_is_stacked_by_place_not_by_name(tmp_path):
    original = volume()
    _dicom_series(tmp_path / "series", original)
    found = read_volume(tmp_path / "series")
    assert found.knows_sides
    assert found.spacing_mm == (3.0, 1.0, 1.0)
    assert np.array_equal(found.voxels, original.voxels)
    assert "Hidden" not in repr(found) + found.name


def test_a_dicom_series_without_orientation_gets_no_letters(tmp_path):
    _dicom_series(tmp_path / "series", volume(), states_orientation=False)
    assert not read_volume(tmp_path / "series").knows_sides
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadError, match="no single image series"):
        read_volume(tmp_path / "empty")


@pytest.mark.recordings
def test_real_volumes_open_with_their_labels(recordings):
    pytest.importorskip("nibabel")
    folder = recordings / "spine-mri-sct"
    bench = MriBench(volume=folder / "PAM50_small_t2.nii.gz", labels=folder / "PAM50_small_label_disc.nii.gz")
    assert bench.volume.knows_sides
    heights = [bench.volume.labels[level][2] for level in ("C2-3", "C5-6", "T1-2", "T11-12")]
    assert heights == sorted(heights, reverse=True)
    lumbar = recordings / "spine-mri-lumbar"
    bench = MriBench(
        volume=lumbar / "lumbar_case05_T2.nii.gz", trust_sides=False, labels=lumbar / "lumbar_case05_vertebrae.nii.gz",
        label_names="from_below",
    )  # fmt: skip
    assert bench._volume["problem"] == ""
    assert not bench.volume.knows_sides
    assert bench.volume.labels["L5"][2] < bench.volume.labels["L1"][2]


def test_everything_sent_is_plain_json():
    bench = MriBench(Case(subject=Subject(age_years=54, sex="male")), report=REPORT, volume=volume())
    for name in ("_fixed", "_state", "_volume"):
        json.dumps(getattr(bench, name), allow_nan=False)
    sent = caught(bench)
    bench._receive(bench, {"type": "correct", "index": 0, "changes": {"level": "Q9"}}, [])
    assert sent[-1][0]["type"] == "error"
    bench._receive(bench, {"type": "nonsense"}, [])


# figures -------------------------------------------------------------------------------------------------------------
def test_pathway_of_a_root_keeps_the_sensory_response():
    rows = {row.code: row for row in pathway_rows("root_l5")}
    assert rows["tibialis_anterior"].is_expected_abnormal
    assert rows["tibialis_posterior"].is_expected_abnormal
    assert not rows["vastus_medialis"].is_beyond
    assert not rows["superficial_fibular"].is_expected_abnormal
    assert rows["superficial_fibular"].words == "response kept: before the ganglion"


def test_pathway_of_a_nerve_spares_the_same_root_of_another_nerve():
    rows = {row.code: row for row in pathway_rows("common_fibular_head")}
    assert rows["tibialis_anterior"].is_expected_abnormal
    assert rows["superficial_fibular"].is_expected_abnormal
    assert rows["tibialis_posterior"].words == "needle normal"
    assert not rows["biceps_femoris_short_head"].is_beyond, "its branch leaves above the fibular head"


def test_pathway_pictures_are_drawn():
    figure = draw_pathway("upper_trunk", side="left")
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert "needle abnormal" in texts
    assert "Upper trunk" in texts
    with pytest.raises(EmgError, match="no such element"):
        draw_pathway("big_toe")
    with pytest.raises(InputError, match="no muscle of a screen"):
        pathway_rows("facial_trunk")


def test_structure_beside_function_counts_and_does_not_add(case_of_root):
    figure = draw_structure_and_function(correlate(case_of_root), side="left")
    texts = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert "Structure: MRI" in texts
    assert "not tested" in texts


@pytest.fixture
def case_of_root():
    from emgwidgets.simulation.story.teaching import teaching_case

    return teaching_case("U1").simulate(seed=0).case


def test_the_spine_on_paper_draws_an_unknown_side_on_both():
    from matplotlib.patches import Ellipse

    known = MriFinding(kind="disc_protrusion", level="L4-5", side="left", zone="subarticular")
    unknown = MriFinding(kind="disc_protrusion", level="L4-5", zone="subarticular")
    counts = [
        sum(isinstance(patch, Ellipse) for patch in draw_spine([one]).axes[0].patches) for one in (known, unknown)
    ]
    assert counts == [1, 2]
    assert MriBench(Case(mri=(known,))).to_figure().axes
    with pytest.raises(InputError, match="no such region"):
        draw_spine([known], region="tail")


def test_an_effect_that_the_report_leaves_open_is_shown_as_open():
    text = "MRI lumbar spine. L5-S1: right foraminal narrowing, moderate. Impingement of the right L5 root cannot be excluded. L4-5: left paracentral protrusion compressing the left L5 root."
    bench = MriBench(report=text)
    cells = {(row["level"], cell["side"], cell["zone"]): cell for row in bench._state["grid"] for cell in row["cells"]}
    assert cells["L5-S1", "right", "foraminal"]["effect"] == 3
    assert cells["L5-S1", "right", "foraminal"]["hedged"]
    assert cells["L4-5", "left", "subarticular"]["effect"] == 3
    assert not cells["L4-5", "left", "subarticular"]["hedged"]
    effects = {one["level"]: one["effect"] for one in bench._state["findings"]}
    assert effects["L5-S1"] == "L5 compression (possible)"
    assert effects["L4-5"] == "L5 compression"
