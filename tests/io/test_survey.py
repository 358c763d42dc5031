"""Survey of a folder: a row for every file, opened or refused with the right sentence."""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from emgwidgets.errors import ReadError
from emgwidgets.io.survey import survey, survey_text
from emgwidgets.model.signal import ArraySamples, Channel, QualityFlag, Recording

_spec = importlib.util.spec_from_file_location("synthetic_b", Path(__file__).with_name("synthetic_b.py"))
synthetic = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(synthetic)


def test_every_file_has_a_row(tmp_path):
    (tmp_path / "sub").mkdir()
    synthetic.xdf(tmp_path / "sub" / "a.xdf")
    synthetic.qtrac(tmp_path / "b.MEM")
    (tmp_path / "LICENSE").write_text("words")
    (tmp_path / "empty.edf").write_bytes(b"")
    (tmp_path / "x_channels.tsv").write_text("name\ttype\nA\tEMG\n")
    (tmp_path / "about.json").write_text("{}")
    head = bytearray(352)
    head[0:4], head[344:348] = (348).to_bytes(4, "little"), b"n+1\0"
    (tmp_path / "t2.nii.gz").write_bytes(gzip.compress(bytes(head)))
    (tmp_path / ".hidden").write_text("nothing")
    rows = {row.path: row for row in survey(tmp_path)}
    assert list(rows) == sorted(rows)
    assert len(rows) == 7
    assert (rows["sub/a.xdf"].format, rows["sub/a.xdf"].n_channels, rows["sub/a.xdf"].n_annotations) == ("XDF", 3, 2)
    assert rows["b.MEM"].n_tables == 3
    for path, words in (
        ("LICENSE", "text about the data"), ("empty.edf", "is empty"), ("t2.nii.gz", "is an MRI volume, not a recording; got a NIfTI image"),
        ("x_channels.tsv", "a table beside a recording"), ("about.json", "is a description, not a recording; got JSON"),
    ):  # fmt: skip
        assert not rows[path].is_open
        assert words in rows[path].refusal
    text = survey_text(tuple(rows.values()))
    assert text.endswith("7 files: 2 opened, 5 refused.")
    assert "3 channels (g, uV) at 50/100 Hz" in text


def test_row_is_plain_data(tmp_path):
    synthetic.xdf(tmp_path / "a.xdf")
    (row,) = survey(tmp_path / "a.xdf")
    assert row.as_dict()["sampling_rates_hz"] == (50.0, 100.0)


def test_missing_folder(tmp_path):
    with pytest.raises(ReadError, match="the folder does not exist; got nowhere"):
        survey(tmp_path / "nowhere")


def test_flags_are_counted_by_kind_and_a_file_that_the_disk_refuses_has_its_sentence(tmp_path, monkeypatch):
    (tmp_path / "a.bin").write_bytes(b"1")
    flags = tuple(
        QualityFlag(kind=kind, channel=None, start_s=0.0, end_s=0.0, size=0.0, unit="", reason=f"A {kind}.")
        for kind in ("mains", "gap", "mains")
    )
    channel = Channel(name="EMG", unit="uV", sampling_rate_hz=1000.0, samples=ArraySamples(stored=np.zeros(10)))
    recording = Recording(channels=(channel,), quality_flags=flags)
    monkeypatch.setattr("emgwidgets.io.survey.read", lambda path: recording)
    assert survey(tmp_path)[0].flags == ("gap x 1", "mains x 2")

    def refuse(path):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("emgwidgets.io.survey.read", refuse)
    (row,) = survey(tmp_path)
    assert (row.is_open, row.refusal) == (False, "a.bin cannot be opened; got Input/output error.")
