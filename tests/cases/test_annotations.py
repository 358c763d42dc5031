"""The annotation store: what was shown as saved is there, whatever happens to the process or the disk."""

from __future__ import annotations

import errno
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emgwidgets.cases import annotation_log
from emgwidgets.cases.annotations import AnnotationStore, annotations_path
from emgwidgets.errors import InputError, ReadError, WriteError
from emgwidgets.model.signal import Annotation


def mark(start_s: float = 1.0, label: str = "fibrillation", **fields) -> Annotation:
    return Annotation(start_s=start_s, label=label, **fields)


def content(store: AnnotationStore) -> list[Annotation]:
    return list(store.annotations)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return annotations_path(tmp_path / "trace.edf")


def test_place_is_beside_the_recording(tmp_path):
    assert annotations_path("a/b.edf") == Path("a/b.edf.annotations.jsonl")
    (tmp_path / "r.hea").touch()
    assert annotations_path(tmp_path / "r.dat") == annotations_path(tmp_path / "r.hea")


def test_a_recording_is_never_opened_as_annotations(tmp_path):
    recording = tmp_path / "trace.edf"
    recording.write_bytes(b"0       ")
    with pytest.raises(InputError, match=r"not the name of an annotation file; got trace\.edf"):
        AnnotationStore.open(recording)
    store = AnnotationStore.beside(recording)
    store.add(mark())
    assert recording.read_bytes() == b"0       "


def test_no_file_appears_before_the_first_mark(path):
    store = AnnotationStore.open(path)
    assert not path.exists()
    assert len(store) == 0
    assert store.is_saved


def test_all_fields_survive_reopening(path):
    store = AnnotationStore.open(path, channels=("TA", "EDB"))
    added = store.add(
        mark(2.123456789012345, "fibrillation", duration_s=0.1, channel="TA", confidence="likely", reader="R1",
             status="proposed", note='a \u00b5V; "quoted"\nsecond line \ud800')
    )  # fmt: skip
    store.add(mark(0.5, "free text \N{GREEK SMALL LETTER BETA}"))
    again = AnnotationStore.open(path)
    assert content(again) == content(store)
    assert again.get(added.id) == added
    assert [one.start_s for one in again] == [0.5, 2.123456789012345]
    assert again.is_saved
    assert again.warnings == ()


def test_change_confirm_remove_undo_redo_and_all_of_it_reopened(path):
    store = AnnotationStore.open(path)
    first = store.add(mark(1.0, status="proposed"))
    second = store.add(mark(2.0))
    store.confirm(first.id, reader="R2")
    store.change(second.id, label="endplate_spike", start_s=0.25)
    store.remove(first.id)
    assert [one.label for one in store] == ["endplate_spike"]
    assert store.undo()
    assert store.get(first.id) == replace(first, status="confirmed", reader="R2")
    assert store.undo()
    assert store.get(second.id) == second
    again = AnnotationStore.open(path)
    assert content(again) == content(store)
    assert again.can_undo
    assert again.can_redo
    assert again.redo()
    assert again.redo()
    assert not again.can_redo
    assert [one.label for one in again] == ["endplate_spike"]
    while again.undo():
        pass
    assert len(again) == 0
    assert len(AnnotationStore.open(path)) == 0


def test_a_new_change_ends_redo(path):
    store = AnnotationStore.open(path)
    store.add(mark())
    store.undo()
    store.add(mark(3.0))
    assert not store.can_redo
    assert not AnnotationStore.open(path).can_redo
    assert store.redo() is False


def test_a_change_to_the_same_value_is_no_change(path):
    store = AnnotationStore.open(path)
    one = store.add(mark())
    size = path.stat().st_size
    assert store.change(one.id, label=one.label) == one
    assert path.stat().st_size == size


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"start_s": math.nan}, "start_s of an annotation is not a time; got nan"),
        ({"start_s": "1"}, "start_s of an annotation is not a time"),
        ({"duration_s": math.inf}, "duration_s of an annotation is not a time"),
        ({"duration_s": -0.1}, r"the duration is negative; got -0\.1"),
        ({"label": "  "}, "the label is empty"),
        ({"channel": "XX"}, r"no such channel; got 'XX'; expected None for all, or one of \['TA'\]"),
        ({"confidence": "maybe"}, "unknown confidence; got 'maybe'; expected sure, likely, unsure"),
        ({"status": "done"}, "unknown status; got 'done'"),
        ({"reader": 5}, "reader of an annotation is no text"),
        ({"note": None}, "the note is no text"),
    ],
)
def test_bad_values_are_refused_and_nothing_is_written(path, fields, sentence):
    store = AnnotationStore.open(path, channels=["TA"])
    with pytest.raises(InputError, match=sentence):
        store.add(Annotation(**{"start_s": 1.0, "label": "mains", **fields}))
    assert not path.exists()
    assert len(store) == 0
    kept = store.add(mark())
    with pytest.raises(InputError, match=sentence):
        store.change(kept.id, **fields)
    assert content(store) == [kept]


def test_unknown_ids_and_fields_are_refused(path):
    store = AnnotationStore.open(path)
    one = store.add(mark())
    with pytest.raises(InputError, match="no such annotation; got 'none'"):
        store.remove("none")
    with pytest.raises(InputError, match="no such field; got colour"):
        store.change(one.id, colour="red")


def test_table_has_one_row_per_mark():
    store = AnnotationStore.in_memory([mark(2.0, duration_s=0.5), mark(1.0)])
    table = store.to_pandas()
    assert list(table["start_s"]) == [1.0, 2.0]
    assert list(table["end_s"]) == [1.0, 2.5]
    assert list(AnnotationStore.in_memory().to_pandas().columns) == list(table.columns)


def test_store_in_memory_says_that_it_is_not_saved_and_can_be_kept(tmp_path):
    store = AnnotationStore.in_memory()
    assert store.path is None
    assert store.is_saved
    one = store.add(mark(note="x"))
    assert not store.is_saved
    assert store.unsaved_ids == (one.id,)
    with pytest.raises(WriteError, match="these annotations have no file"):
        store.save()
    kept = store.save_as(tmp_path / "kept.annotations.jsonl")
    assert [replace(a, id="") for a in kept] == [replace(one, id="")]
    assert len(AnnotationStore.open(tmp_path / "kept.annotations.jsonl")) == 1
    with pytest.raises(WriteError, match="exists already"):
        store.save_as(tmp_path / "kept.annotations.jsonl")


def test_torn_last_line_is_reported_set_aside_and_never_a_crash(path):
    store = AnnotationStore.open(path)
    for start_s in range(3):
        store.add(mark(float(start_s)))
    whole = path.read_bytes()
    line = whole.splitlines(keepends=True)[-1]
    for n_left in range(1, len(line) - 1, 7):
        path.write_bytes(whole[: len(whole) - len(line) + n_left])
        again = AnnotationStore.open(path)
        assert len(again) == 2
        assert any("torn" in sentence for sentence in again.warnings)
        again.add(mark(9.0))
        aside = path.with_name(path.name + ".torn")
        assert aside.read_bytes().endswith(line[:n_left] + b"\n")
        reopened = AnnotationStore.open(path)
        assert [one.start_s for one in reopened] == [0.0, 1.0, 9.0]
        assert reopened.warnings == ()


def test_a_last_line_that_lacks_only_its_end_is_whole(path):
    store = AnnotationStore.open(path)
    store.add(mark())
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    again = AnnotationStore.open(path)
    assert len(again) == 1
    assert again.warnings == ()
    again.add(mark(2.0))
    assert len(AnnotationStore.open(path)) == 2


def test_damaged_line_in_the_middle_is_named_and_kept(path):
    store = AnnotationStore.open(path)
    for start_s in range(3):
        store.add(mark(float(start_s)))
    lines = path.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"1.0", b"7.0")
    path.write_bytes(b"".join(lines))
    again = AnnotationStore.open(path)
    assert [one.start_s for one in again] == [0.0, 2.0]
    assert again.warnings == (
        "Line 2 of trace.edf.annotations.jsonl is damaged; it was left out and is kept in the file.",
    )
    again.add(mark(5.0))
    assert path.read_bytes().startswith(b"".join(lines))


def test_entries_that_lost_their_mark_are_counted(path):
    store = AnnotationStore.open(path)
    one = store.add(mark())
    store.change(one.id, label="mains")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    again = AnnotationStore.open(path)
    assert len(again) == 0
    assert again.warnings == ("1 entries refer to marks that are not in the file; they were left out.",)


@given(noise=st.binary(min_size=1, max_size=400))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_give_one_kind_of_error_or_a_store(path, noise):
    path.write_bytes(noise)
    try:
        store = AnnotationStore.open(path)
    except ReadError:
        return
    assert len(store) == 0


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_bit_never_changes_a_mark(path, data):
    path.unlink(missing_ok=True)
    store = AnnotationStore.open(path)
    for start_s in range(3):
        store.add(mark(float(start_s), note="abc"))
    kept = set(content(store))
    content_bytes = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content_bytes) - 1))
    content_bytes[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(bytes(content_bytes))
    assert set(AnnotationStore.open(path)) <= kept


def test_another_schema_is_refused_with_a_sentence(path, monkeypatch):
    monkeypatch.setattr(annotation_log, "SCHEMA", "emgwidgets.annotations/2")
    path.write_bytes(annotation_log.encode_event({"event": "add"}, 1))
    monkeypatch.undo()
    with pytest.raises(ReadError, match=r"written by another version; got 'emgwidgets\.annotations/2'"):
        AnnotationStore.open(path)


def test_full_disk_keeps_the_mark_in_memory_and_the_file_as_it_was(path, monkeypatch):
    store = AnnotationStore.open(path)
    store.add(mark(1.0))
    before = path.read_bytes()
    real_write = os.write

    def half_write(descriptor, view):
        if len(view) > 20:
            return real_write(descriptor, bytes(view[:20]))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(annotation_log.os, "write", half_write)
    with pytest.raises(WriteError, match="kept in memory only; got No space left on device"):
        store.add(mark(2.0))
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert [one.start_s for one in store] == [1.0, 2.0]
    assert not store.is_saved
    assert store.unsaved_ids == (store.annotations[1].id,)
    store.save()
    assert store.is_saved
    assert content(AnnotationStore.open(path)) == content(store)


def test_failed_sync_is_not_shown_as_saved(path, monkeypatch):
    store = AnnotationStore.open(path)

    def fail(_descriptor):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(annotation_log.os, "fsync", fail)
    with pytest.raises(WriteError, match="Input/output error"):
        store.add(mark())
    assert not store.is_saved


def test_missing_folder_is_a_sentence(tmp_path):
    store = AnnotationStore.open(tmp_path / "none" / "x.annotations.jsonl")
    with pytest.raises(WriteError, match="kept in memory only; got No such file or directory"):
        store.add(mark())
    assert len(store) == 1


@contextmanager
def nobody(folder: Path) -> Iterator[None]:
    """Give a folder to a user without rights and be that user for a while, where the tests run as the superuser."""
    if os.geteuid() != 0:
        yield
        return
    try:
        os.chown(folder, 65534, -1)
        os.seteuid(65534)
    except OSError as error:
        pytest.skip(f"the superuser may write anywhere, and cannot become another user here: {error}")
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="rights of folders are set by POSIX calls")
def test_read_only_folder_is_a_sentence(path):
    AnnotationStore.open(path).add(mark())  # what it needs is imported before rights are given up
    with tempfile.TemporaryDirectory() as name, nobody(Path(name)):  # the folders of pytest are closed to others
        place = Path(name)
        place.chmod(0o500)
        store = AnnotationStore.open(annotations_path(place / "trace.edf"))
        with pytest.raises(WriteError, match="kept in memory only; got Permission denied"):
            store.add(mark())
        assert len(store) == 1
        assert list(place.iterdir()) == []
        place.chmod(0o700)
        store.add(mark(2.0))
        assert len(AnnotationStore.open(store.path)) == 2


def test_permission_refused_by_the_system_is_a_sentence(path, monkeypatch):
    store = AnnotationStore.open(path)

    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(annotation_log.os, "open", refuse)
    with pytest.raises(WriteError, match="cannot be written, so the annotation is kept in memory only; got Permission"):
        store.add(mark())
    with pytest.raises(ReadError, match="cannot be read; got Permission denied"):
        store.refresh()
    assert len(store) == 1


def test_two_stores_on_one_file_see_each_other_and_undo_only_their_own(path):
    one, two = AnnotationStore.open(path), AnnotationStore.open(path)
    first = one.add(mark(1.0))
    second = two.add(mark(2.0))
    assert len(two) == 2
    one.refresh()
    assert content(one) == content(two)
    assert one.undo()
    assert content(one) == [second]
    two.refresh()
    assert content(two) == [second]
    two.change(second.id, label="mains")
    one.refresh()
    one.change(second.id, note="seen")
    two.refresh()
    with pytest.raises(InputError, match="this change cannot be undone; got a mark that another process has changed"):
        two.undo()
    assert content(AnnotationStore.open(path)) == content(two)
    assert first.id not in {left.id for left in two}


def test_both_stores_agree_with_the_file_after_changes_of_one_mark(path):
    one = AnnotationStore.open(path)
    shared = one.add(mark())
    two = AnnotationStore.open(path)
    one.change(shared.id, label="mains")
    two.change(shared.id, label="movement")
    one.refresh()
    assert content(one) == content(two) == content(AnnotationStore.open(path))


def test_a_stuck_writer_is_named(path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")
    store = AnnotationStore.open(path)
    store.add(mark())
    monkeypatch.setattr("emgwidgets.cases.file_lock.WAIT_S", 0.05)
    monkeypatch.setattr(annotation_log, "locked", lambda fd, name: annotation_log_locked(fd, name, wait_s=0.05))
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(WriteError, match="is being written by another process"):
            store.add(mark(2.0))
    store.save()
    assert len(AnnotationStore.open(path)) == 2


annotation_log_locked = annotation_log.locked


def test_a_file_replaced_under_the_store_is_not_written_to(path):
    store = AnnotationStore.open(path)
    store.add(mark())
    path.unlink()
    with pytest.raises(WriteError, match="removed while it was open"):
        store.add(mark(2.0))
    assert not path.exists()
    AnnotationStore.open(path).add(mark(7.0))
    before = path.read_bytes()
    with pytest.raises(WriteError, match="replaced or shortened"):
        store.add(mark(3.0))
    assert path.read_bytes() == before
    assert len(store.save_as(path.with_name("other.annotations.jsonl"))) == 3


WRITER = """
import sys
from emgwidgets.cases.annotations import AnnotationStore
from emgwidgets.model.signal import Annotation
store = AnnotationStore.open(sys.argv[1])
print("ready", flush=True)
for number in range(100000):
    mark = store.add(Annotation(start_s=float(number), label="fibrillation", note="n" * (number % 50)))
    print(mark.id, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_a_killed_process_loses_nothing_it_acknowledged(path):
    chance = random.Random(20)
    acknowledged: set[str] = set()
    n_kills = 24
    for _ in range(n_kills):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.0, 0.06))
        process.send_signal(signal.SIGKILL)
        lines = process.stdout.read().split("\n")
        process.stdout.close()
        process.wait()
        acknowledged |= set(lines[:-1])  # what stands after the last line end was not acknowledged
    store = AnnotationStore.open(path)
    present = {one.id for one in store}
    assert len(acknowledged) > n_kills
    assert acknowledged <= present
    assert len(present - acknowledged) <= n_kills  # at most the one that was under way at each kill
