"""The live container: whole at any length, readable around damage, never shared by two recorders."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets.errors import ReadError, WriteError
from emgwidgets.io._live_chunks import CHUNK, MAGIC
from emgwidgets.io.live_writer import LiveWriter
from emgwidgets.io.registry import detect_format, read

HEADER = {
    "device": {"maker": "none", "model": "test"},
    "streams": [
        {"name": "a", "sampling_rate_hz": 1000.0, "channels": [{"name": f"C{k}", "unit": "uV", "kind": "emg"} for k in range(2)]}
    ],
}  # fmt: skip


def written(path, n_blocks=20, n_samples=50, *, close=True):
    values = np.arange(2 * n_blocks * n_samples, dtype=np.float32).reshape(2, -1)
    writer = LiveWriter(path, HEADER)
    for k in range(n_blocks):
        part = values[:, k * n_samples : (k + 1) * n_samples]
        writer.append_samples(part, stream=0, position=k * n_samples, clock_s=5.0 + k * n_samples / 1000)
    writer.append_annotation({"start_s": 5.25, "label": "mark", "duration_s": 0.1})
    writer.append_stimulus({"time_s": 5.5, "current_ma": 12.0})
    if close:
        writer.close()
    return values


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "a.emglive"
    values = written(path)
    assert detect_format(path).name == "Live container"
    recording = read(path)
    for row, channel in enumerate(recording.channels):
        assert channel.samples_uv.tolist() == values[row].tolist()
        assert channel.read(37, 263).tolist() == values[row, 37:263].tolist()
    assert [mark.label for mark in recording.annotations] == ["mark"]
    assert recording.annotations[0].start_s == pytest.approx(0.25)
    assert recording.stimuli[0].time_s == pytest.approx(0.5)
    assert recording.device.model == "test"
    assert recording.notes == ()
    assert recording.quality_flags == ()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("live") / "whole.emglive"
    written(path)
    return path


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0.0, 1.0))
def test_a_file_cut_anywhere_gives_every_whole_block(whole, tmp_path_factory, share):
    content = whole.read_bytes()
    first = content.index(b"\xf5EMG", len(MAGIC) + 4)  # behind the header
    n_kept = first + int(share * (len(content) - first))
    path = tmp_path_factory.mktemp("cut") / "cut.emglive"
    path.write_bytes(content[:n_kept])
    recording = read(path)
    n_block_bytes = CHUNK.size + 24 + 2 * 50 * 4
    n_whole = min((n_kept - first) // n_block_bytes, 20)
    n_samples = recording.channels[0].n_samples if recording.channels else 0
    assert n_samples == 50 * n_whole
    if n_kept < len(content):
        assert "not closed" in recording.notes[0] if n_whole else True


MARKED = [{"start_s": 5.0 + k / 10, "label": label} for k, label in enumerate(("fib", "fib", "psw"))]
#: What is done one after the other, and the labels that stand then.
TURNS = (
    (True, 0, ["fib"]), (True, 1, ["fib", "fib"]), (False, 1, ["fib"]), (True, 2, ["fib", "psw"]), (False, 2, ["fib"]),
    (False, 0, []), (True, 0, ["fib"]), (False, 1, ["fib"]),
)  # fmt: skip


def turned(path):
    """A file in which marks are made, taken back and made again; its length after each turn."""
    writer = LiveWriter(path, HEADER)
    writer.append_samples(np.ones((2, 500)), stream=0, position=0, clock_s=5.0)
    lengths = [path.stat().st_size]
    for is_made, which, _ in TURNS:
        (writer.append_annotation if is_made else writer.append_retraction)(MARKED[which])
        lengths.append(path.stat().st_size)
    writer.close()
    return lengths


def test_a_mark_taken_back_stays_in_the_file_and_readers_leave_it_out(tmp_path):
    path = tmp_path / "turned.emglive"
    lengths = turned(path)
    content = path.read_bytes()
    states = [[], *(labels for _, _, labels in TURNS)]
    for place in range(lengths[0], len(content)):  # as if killed after any byte
        path.write_bytes(content[:place])
        n_done = sum(place >= length for length in lengths) - 1
        assert [mark.label for mark in read(path).annotations] == states[n_done]
    assert content.count(b"psw") == 2  # what was written was never changed


def test_a_damaged_mark_has_nothing_to_take_back_and_a_damaged_retraction_leaves_the_mark(tmp_path):
    path = tmp_path / "damaged.emglive"
    lengths = turned(path)
    content = path.read_bytes()
    for damaged, labels in ((3, ["fib"]), (4, ["psw", "fib"])):  # psw made; psw taken back
        changed = bytearray(content)
        changed[lengths[damaged + 1] - 2] ^= 0x10
        path.write_bytes(changed)
        recording = read(path)
        assert [mark.label for mark in recording.annotations] == labels
        assert any("1 damaged" in note for note in recording.notes)


def test_damage_in_the_middle_becomes_a_gap_and_a_note(whole, tmp_path):
    content = bytearray(whole.read_bytes())
    content[len(content) // 2] ^= 0x10
    path = tmp_path / "damaged.emglive"
    path.write_bytes(content)
    recording = read(path)
    assert recording.channels[0].n_samples == 19 * 50
    assert len(recording.channels[0].segments) == 2
    assert [flag.kind for flag in recording.quality_flags] == ["gap"]
    assert any("1 damaged" in note for note in recording.notes)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_damage_gives_a_recording_or_one_sentence(whole, tmp_path_factory, data):
    content = bytearray(whole.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(len(MAGIC), len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("fuzz") / "f.emglive"
    path.write_bytes(content)
    try:
        recording = read(path)
    except ReadError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either way is right, but never another error
    else:
        values = np.arange(2000).reshape(2, -1)
        for row, channel in enumerate(recording.channels):
            assert np.isin(channel.samples_uv, values[row]).all()


def test_a_jump_of_the_position_is_a_gap(tmp_path):
    path = tmp_path / "gap.emglive"
    writer = LiveWriter(path, HEADER)
    for position in (0, 50, 130):
        writer.append_samples(np.ones((2, 50)), stream=0, position=position, clock_s=1.0 + position / 1000)
    writer.close()
    recording = read(path)
    assert [(one.first_sample, round(one.start_s, 6)) for one in recording.channels[1].segments] == [
        (0, 0.0),
        (100, 0.13),
    ]
    assert recording.quality_flags[0].start_s == pytest.approx(0.1)


def test_two_recorders_cannot_write_one_file(tmp_path):
    path = tmp_path / "one.emglive"
    first = LiveWriter(path, HEADER)
    with pytest.raises(WriteError, match=r"one.emglive exists already, perhaps another recorder is writing it"):
        LiveWriter(path, HEADER)
    first.append_samples(np.ones((2, 5)), stream=0, position=0, clock_s=0.0)
    first.close()
    assert read(path).channels[0].n_samples == 5
    assert [one.name for one in tmp_path.iterdir()] == ["one.emglive"]


def test_a_folder_that_does_not_exist_is_said(tmp_path):
    with pytest.raises(WriteError, match="folder that does not exist"):
        LiveWriter(tmp_path / "none" / "a.emglive", HEADER)


def test_a_lost_header_is_said(whole, tmp_path):
    content = bytearray(whole.read_bytes())
    content[len(MAGIC) + 30] ^= 0xFF
    path = tmp_path / "h.emglive"
    path.write_bytes(content)
    with pytest.raises(ReadError, match="no header that can be understood"):
        read(path)


FULL_DISK = """
import resource, sys, numpy as np
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_live_container import HEADER
from emgwidgets.errors import WriteError
from emgwidgets.io.live_writer import LiveWriter
writer = LiveWriter(Path(sys.argv[1]), HEADER)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
done = 0
for k in range(200):
    if k == 150:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    try:
        writer.append_samples(np.full((2, 50), k), stream=0, position=50 * k, clock_s=k * 0.05)
        done += 1
    except WriteError as error:
        sentence = str(error)
print(done)
print(sentence)
writer.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits on the size of a file are set by POSIX calls")
def test_a_full_disk_keeps_what_was_acknowledged_and_goes_on_when_there_is_room(tmp_path):
    path = tmp_path / "full.emglive"
    here = str(__import__("pathlib").Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path), here], capture_output=True, text=True, check=True, timeout=60
    )
    n_blocks, sentence = done.stdout.splitlines()
    assert sentence == (
        "full.emglive cannot be written on; got File too large; expected a writable folder with free space; "
        "make room; what was acknowledged is safe in the file."
    )
    recording = read(path)
    assert 50 < int(n_blocks) < 150
    assert recording.channels[0].n_samples == 50 * int(n_blocks)
    assert len(recording.channels[0].segments) == 2
    assert recording.quality_flags[0].kind == "gap"
