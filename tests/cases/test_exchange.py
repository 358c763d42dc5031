"""Annotations keep their place and words on the way to the files of others and back."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emgwidgets.cases.annotations import AnnotationStore
from emgwidgets.cases.exchange import export_annotations, import_annotations
from emgwidgets.errors import ReadError, WriteError
from emgwidgets.io.registry import write
from emgwidgets.model.signal import Annotation, ArraySamples, Channel, Recording

MARKS = (
    Annotation(start_s=0.25, label="fibrillation", duration_s=0.5, channel="TA"),
    Annotation(start_s=0.5, label="odd bit, near \N{MICRO SIGN}V; 50 %"),
    Annotation(start_s=1.5, label="f_wave", channel="EDB"),
    Annotation(start_s=1.75, label="mains", duration_s=0.125),
)
FULL = (
    *MARKS[:3],
    Annotation(start_s=1.6, label="cramp", confidence="likely", reader="R 1", status="proposed", note='a "note", b'),
    MARKS[3],
)


def recording() -> Recording:
    rng = np.random.default_rng(0)
    channels = tuple(
        Channel(name=name, unit="uV", sampling_rate_hz=4000.0, samples=ArraySamples(stored=rng.normal(0, 50, 8000)))
        for name in ("TA", "EDB")
    )
    return Recording(channels=channels)


@pytest.mark.parametrize("name", ["a.csv", "sub-01_events.tsv"])
def test_tables_hold_every_field(tmp_path, name):
    assert export_annotations(FULL, tmp_path / name) == ()
    assert import_annotations(tmp_path / name) == FULL


@pytest.mark.parametrize("name", ["a.edf", "a.bdf", "a.atr"])
def test_signal_formats_hold_place_words_and_channel(tmp_path, name):
    if name == "a.atr":
        write(recording(), tmp_path / "a.hea")
    told = export_annotations(FULL, tmp_path / name, recording=recording())
    back = import_annotations(tmp_path / name)
    assert [mark.label for mark in back] == [mark.label for mark in FULL]
    assert [mark.channel for mark in back] == [mark.channel for mark in FULL]
    assert [mark.start_s for mark in back] == pytest.approx([mark.start_s for mark in FULL], abs=1 / 8000)
    assert [mark.duration_s for mark in back] == pytest.approx([mark.duration_s for mark in FULL], abs=1 / 4000)
    assert len(told) == 4
    assert "no place for confidence; it was left out of 1 annotations" in told[0]


def test_annotations_alone_make_an_edf_plus_file(tmp_path):
    export_annotations(MARKS, tmp_path / "a.edf")
    assert import_annotations(tmp_path / "a.edf") == MARKS


def test_events_are_described_with_the_definitions(tmp_path):
    export_annotations(MARKS, tmp_path / "x_events.tsv")
    about = json.loads((tmp_path / "x_events.json").read_text())
    assert set(about["trial_type"]["Levels"]) == {"fibrillation", "f_wave", "mains"}
    assert (tmp_path / "x_events.tsv").read_text().splitlines()[0].startswith("onset\tduration\ttrial_type")


def test_store_goes_out_and_comes_in(tmp_path):
    store = AnnotationStore.open(tmp_path / "x.annotations.jsonl")
    for mark in FULL:
        store.add(mark)
    assert import_annotations(store.path) == FULL
    export_annotations(store, tmp_path / "x.csv")
    assert import_annotations(tmp_path / "x.csv") == tuple(replace(mark, id="") for mark in FULL)


def test_names_of_terms_become_codes_and_other_words_stay(tmp_path):
    place = tmp_path / "theirs.csv"
    place.write_text("onset,description\n1.0,F wave\n0.5,Blink\n", encoding="utf-8")
    assert [mark.label for mark in import_annotations(place)] == ["Blink", "f_wave"]


texts = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30).filter(lambda s: s != "n/a")


@given(rows=st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e3), texts, texts), max_size=8))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("name", ["h.csv", "h_events.tsv"])
def test_any_words_survive_tables(tmp_path, name, rows):
    marks = [Annotation(start_s=a, duration_s=b, label="x" + label, note=note) for a, b, label, note in rows]
    export_annotations(marks, tmp_path / name)
    assert sorted(import_annotations(tmp_path / name), key=repr) == sorted(marks, key=repr)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("start_s,label\n1.0,a\nx,b\n", r"line 3 of bad\.csv is no annotation; got 'x'; expected a finite number"),
        ("start_s,label\n,b\n", "line 2 of .* is no annotation; got ''; expected a time in seconds"),
        ("start_s,label\n1.0,\n", "line 2 of .* is no annotation"),
        ("start_s,label,status\n1.0,a,done\n", "expected proposed or confirmed"),
        ("start_s,label,duration_s\n1.0,a,-2\n", "expected 0 s or more"),
    ],
)
def test_a_bad_line_is_named(tmp_path, text, sentence):
    (tmp_path / "bad.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ReadError, match=sentence):
        import_annotations(tmp_path / "bad.csv")


def test_what_cannot_be_read_is_a_sentence(tmp_path):
    with pytest.raises(ReadError, match="the file does not exist"):
        import_annotations(tmp_path / "none.csv")
    (tmp_path / "x.tsv").write_text("a\tb\n", encoding="utf-8")
    with pytest.raises(ReadError, match=r"x\.tsv is no table of annotations; got columns \['a', 'b'\]"):
        import_annotations(tmp_path / "x.tsv")
    (tmp_path / "y.tsv").write_bytes(b"onset\ttrial_type\n1\t\xff\n")
    with pytest.raises(ReadError, match=r"y\.tsv is not in UTF-8"):
        import_annotations(tmp_path / "y.tsv")
    (tmp_path / "z.atr").write_bytes(b"\0\0")
    with pytest.raises(ReadError, match=r"z\.atr has no header beside it"):
        import_annotations(tmp_path / "z.atr")


def test_what_cannot_be_written_is_a_sentence(tmp_path):
    with pytest.raises(WriteError, match=r"no writer of annotations for this name; got a\.docx"):
        export_annotations(MARKS, tmp_path / "a.docx")
    with pytest.raises(WriteError, match="WFDB annotations count in samples"):
        export_annotations(MARKS, tmp_path / "a.atr")
    with pytest.raises(WriteError, match="WFDB cannot hold this annotation"):
        export_annotations([replace(MARKS[0], label="x" * 300)], tmp_path / "a.atr", recording=recording())
    with pytest.raises(WriteError, match="cannot begin before 0 s in EDF"):
        export_annotations([replace(MARKS[0], start_s=-1.0)], tmp_path / "a.edf")
    with pytest.raises(WriteError, match="cannot be written"):
        export_annotations(MARKS, tmp_path / "none" / "a.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.recordings
def test_hypnogram_of_annotations_only(recordings):
    marks = import_annotations(recordings / "edf-bdf" / "SC4001EC-Hypnogram.edf")
    assert len(marks) == 154
    assert "Sleep stage W" in {mark.label for mark in marks}
