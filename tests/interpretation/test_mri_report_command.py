"""``emgwidgets mri-report``: text, JSON, and one sentence for what cannot be read."""

from __future__ import annotations

import json

import pytest

from emgwidgets.cli import main

TEXT = """MRI LUMBAR SPINE
Patient name: Jane Q. Example
Findings: L4-L5: left paracentral disc protrusion compressing the left L5 root. L5-S1: Normal.
Cauda equina compression at L4-L5.
The glimp is frolly and obtuse.
"""


@pytest.fixture
def report(tmp_path):
    place = tmp_path / "report.txt"
    place.write_text(TEXT, encoding="utf-8")
    return place


def test_text(report, capsys):
    assert main(["mri-report", str(report)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("URGENT  The report describes compression of the cauda equina")
    assert "disc protrusion: L4-5, left, subarticular" in out
    assert "said of roots: left L5 compression" in out
    assert "roots here: L5 0.85, L4 0.10, S1 0.05 (derived)" in out
    assert "Called normal: L5-S1" in out
    assert "Not understood: The glimp is frolly and obtuse" in out
    assert "Example" not in out


def test_json(report, capsys):
    assert main(["mri-report", str(report), "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert "text" not in plain
    assert plain["findings"][0]["finding"]["level"] == "L4-5"
    assert plain["findings"][0]["evidence"]
    assert plain["urgent"][0]["kind"] == "cauda_equina_compression"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the report is empty"),
        (b"Dear Sir, invoice, payment due.", "not a report of a spine MRI"),
        (b"\x00\x01\xff\x00", "report.txt is not text"),
    ],
)
def test_what_cannot_be_read(report, capsys, content, sentence):
    report.write_bytes(content)
    assert main(["mri-report", str(report)]) == 1
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


def test_no_file(tmp_path, capsys):
    assert main(["mri-report", str(tmp_path / "none.txt")]) == 1
    assert "none.txt cannot be opened" in capsys.readouterr().err


def test_other_encodings_are_read(report, capsys):
    report.write_bytes(TEXT.replace("obtuse", "obtuse – é").encode("cp1252"))
    assert main(["mri-report", str(report)]) == 0
    assert "L4-5" in capsys.readouterr().out
