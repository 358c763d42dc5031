"""A file that is something else gets its own sentence from ``read``, and no recording is refused for its name."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import numpy as np
import pytest

import emgwidgets as emg
from emgwidgets.errors import ReadError
from emgwidgets.io.registry import detect_format


def nifti(version: int, order: str = "little") -> bytes:
    head = bytearray(540)
    size, magic, at = (348, b"n+1\0", 344) if version == 1 else (540, b"n+2\0", 4)
    head[0:4], head[at : at + 4] = size.to_bytes(4, order), magic
    return bytes(head)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("is_packed", [True, False])
def test_mri_volume(tmp_path, version, order, is_packed):
    content = nifti(version, order)
    path = tmp_path / ("t2.nii.gz" if is_packed else "t2.nii")
    path.write_bytes(gzip.compress(content) if is_packed else content)
    for ask in (emg.read, detect_format):
        with pytest.raises(
            ReadError, match=r"^t2\.nii(\.gz)? is an MRI volume, not a recording; got a NIfTI image.*viewer"
        ):
            ask(path)


@pytest.mark.parametrize(
    "name", ["LICENSE", "LICENSE.pyedflib", "README.md", "Readme", "CHANGES.txt", "licence_en.txt"]
)
def test_words_about_the_data(tmp_path, name):
    (tmp_path / name).write_text("Words, and 3 numbers: 1, 2, 3\n" * 4)
    with pytest.raises(ReadError, match=r"is text about the data.*read it with a text editor"):
        emg.read(tmp_path / name)


@pytest.mark.parametrize("name", ["sub-01_task-x_channels.tsv", "sub-01_events.tsv", "participants.tsv"])
def test_tables_of_a_data_set(tmp_path, name):
    (tmp_path / name).write_text("onset\tduration\n1\t2\n2\t3\n4\t5\n")
    with pytest.raises(ReadError, match=r"is a table beside a recording.*folder of a BIDS data set"):
        emg.read(tmp_path / name)


def test_json(tmp_path):
    (tmp_path / "x_emg.json").write_bytes(b'\xef\xbb\xbf \n{"SamplingFrequency": 2000}')
    with pytest.raises(ReadError, match="is a description, not a recording; got JSON"):
        emg.read(tmp_path / "x_emg.json")


def archives() -> dict[str, bytes]:
    packed, rolled = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "words")
    with tarfile.open(fileobj=rolled, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.sig"))
    return {
        "a ZIP archive": packed.getvalue(),
        "a tar archive": rolled.getvalue(),
        "a gzip archive": gzip.compress(b"1"),
    }


@pytest.mark.parametrize(
    ("got", "content"),
    [*archives().items(), ("a PDF document", b"%PDF-1.7\n1 0 obj"), ("a PNG picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
     ("a web page", b"<!DOCTYPE html><html>"), ("a LabVIEW TDMS file", b"TDSm\x0e\0\0\0"),
     ("a BrainVision header", b"Brain Vision Data Exchange Header File Version 1.0\n"), ("a GDF file", b"GDF 2.20\0\0")],
)  # fmt: skip
def test_other_kinds_of_file_are_named(tmp_path, got, content):
    (tmp_path / "x.bin").write_bytes(content)
    with pytest.raises(ReadError, match=f"^x.bin is not in a format that is read here; got {got}"):
        emg.read(tmp_path / "x.bin")


def test_a_64_bit_spike2_file_names_its_export(tmp_path):
    (tmp_path / "x.smrx").write_bytes(np.random.default_rng(0).bytes(4000))
    with pytest.raises(ReadError, match=r"got a 64-bit Spike2 file; .*export it from Spike2 as \.smr, MATLAB or text"):
        emg.read(tmp_path / "x.smrx")


def test_a_recording_is_not_refused_for_its_name(tmp_path):
    table = "time (s),EMG (mV)\n" + "".join(f"{i / 1000},{i % 7}\n" for i in range(200))
    for name in ("changes.csv", "readme_trial.csv", "authors-hand.txt.csv"):
        (tmp_path / name).write_text(table)
        assert emg.read(tmp_path / name).channels[0].unit == "uV"
    (tmp_path / "notice.txt").write_text(table)
    columns = {"time_column": 0, "time_unit": "s", "columns": [{"column": 1, "name": "EMG", "unit": "mV"}]}
    assert emg.read(tmp_path / "notice.txt", columns=columns).channels[0].name == "EMG"
    recording = emg.read(tmp_path / "changes.csv")
    emg.write(recording, tmp_path / "LICENSE.edf")
    assert emg.read(tmp_path / "LICENSE.edf").channels[0].n_samples == 200


def test_text_without_numbers_says_so(tmp_path):
    (tmp_path / "x.txt").write_text("# Template labels\n# ID, name\n1, cord, a.nii\n2, disc, b.nii\n")
    with pytest.raises(ReadError, match=r"not in a known format; got text without columns of numbers"):
        emg.read(tmp_path / "x.txt")


def test_noise_is_no_kind_of_file(tmp_path):
    (tmp_path / "x.bin").write_bytes(np.random.default_rng(0).bytes(4000))
    with pytest.raises(ReadError, match="not in a known format; got 4000 bytes beginning"):
        emg.read(tmp_path / "x.bin")
