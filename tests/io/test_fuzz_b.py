"""Damaged and lying files of every format of this half: one kind of error, bounded time and memory, nothing half-read."""

from __future__ import annotations

import importlib.util
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from emgwidgets.errors import ReadError
from emgwidgets.io.registry import detect_format, formats, read
from emgwidgets.model.signal import Recording

_spec = importlib.util.spec_from_file_location("synthetic_b", Path(__file__).with_name("synthetic_b.py"))
synthetic = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(synthetic)

NAMES = tuple(synthetic.ALL)
#: Formats damaged in another file: test_fuzz_a.py, and acquisition/test_live_container.py for our own container.
ELSEWHERE = {"EDF+", "BDF+", "WFDB", "WAV", "NumPy", "NumPy archive", "MATLAB", "BIDS-EMG", "Live container"}
MAX_S = 5.0
MAX_BYTES = 300 << 20


def attempt(path, **options):
    """Read; whatever leaves must be a Recording with whole samples or a ReadError of one line."""
    began = time.perf_counter()
    recording, sentence = None, ""
    try:
        recording = read(path, **options)
    except ReadError as error:
        sentence = error.sentence
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    assert (recording is None) == bool(sentence)
    assert time.perf_counter() - began < MAX_S
    if recording is not None:
        assert isinstance(recording, Recording)
        for channel in recording.channels:
            assert len(channel.read()) == channel.n_samples
            assert "Secret" not in repr(channel)
    return recording


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    folder = tmp_path_factory.mktemp("originals")
    return {name: synthetic.build(name, folder).read_bytes() for name in NAMES}


def place(tmp_path, name, content, suffix=None):
    path = tmp_path / f"{name}{suffix or synthetic.ALL[name][0]}"
    path.write_bytes(content)
    return path


def test_every_format_is_damaged_somewhere(tmp_path, originals):
    damaged = {detect_format(place(tmp_path, name, originals[name])).name for name in NAMES}
    assert {one.name for one in formats()} - damaged == ELSEWHERE


@pytest.mark.parametrize("name", NAMES)
def test_undamaged_reads(tmp_path, originals, name):
    recording = attempt(place(tmp_path, name, originals[name]), **synthetic.ALL[name][2])
    assert recording is not None
    assert recording.channels or recording.tables


@pytest.mark.parametrize("name", NAMES)
def test_truncated(tmp_path, originals, name):
    content = originals[name]
    whole = attempt(place(tmp_path, name, content), **synthetic.ALL[name][2])
    for share in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99):
        path = place(tmp_path, name, content[: max(int(len(content) * share), 1)])
        recording = attempt(path, **synthetic.ALL[name][2])
        if recording is not None and whole.channels and synthetic.ALL[name][0] not in {".txt", ".csv"}:
            # a binary format states its length: nothing shorter may pass as whole without a flag
            same = [channel.n_samples for channel in recording.channels] == [
                channel.n_samples for channel in whole.channels
            ]
            assert same or recording.quality_flags


@pytest.mark.parametrize("name", NAMES)
def test_bit_flips(tmp_path, originals, name):
    rng = np.random.default_rng(20240229)
    content = originals[name]
    for trial in range(25):
        changed = bytearray(content)
        reach = len(content) if trial % 2 else min(len(content), 3000)  # headers get half of the flips
        for position in rng.integers(0, reach, 1 + trial % 4):
            changed[position] ^= 1 << int(rng.integers(0, 8))
        attempt(place(tmp_path, name, bytes(changed)), **synthetic.ALL[name][2])


@pytest.mark.parametrize("name", NAMES)
def test_large_numbers_in_the_header_allocate_nothing_large(tmp_path, originals, name):
    rng = np.random.default_rng(7)
    content = originals[name]
    tracemalloc.start()
    try:
        for _ in range(10):
            changed = bytearray(content)
            position = int(rng.integers(4, min(len(content), 3000) - 4))
            changed[position : position + 4] = (
                b"\xff\xff\xff\x7f" if synthetic.ALL[name][0] not in {".txt", ".csv", ".MEM"} else b"9999"
            )
            attempt(place(tmp_path, name, bytes(changed)), **synthetic.ALL[name][2])
        assert tracemalloc.get_traced_memory()[1] < MAX_BYTES
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", [".edf", ".bin"])
def test_wrong_suffix_is_read_by_content(tmp_path, originals, name, suffix):
    recording = attempt(place(tmp_path, name, originals[name], suffix), **synthetic.ALL[name][2])
    assert recording is not None


@pytest.mark.parametrize("name", NAMES)
def test_zero_bytes_inside(tmp_path, originals, name):
    content = bytearray(originals[name])
    middle = len(content) // 3
    content[middle : middle + 200] = bytes(200)
    attempt(place(tmp_path, name, bytes(content)), **synthetic.ALL[name][2])


@pytest.mark.parametrize("name", NAMES)
def test_only_the_beginning_is_right(tmp_path, originals, name):
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 256, 20_000, dtype=np.uint8).tobytes()
    attempt(place(tmp_path, name, originals[name][:200] + noise), **synthetic.ALL[name][2])


def test_empty_file(tmp_path):
    path = tmp_path / "nothing.xdf"
    path.write_bytes(b"")
    with pytest.raises(ReadError, match=r"nothing\.xdf is empty; got 0 bytes"):
        read(path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_text_in_another_encoding(tmp_path, encoding):
    path = tmp_path / "data.csv"
    emg, _ = synthetic.delimited(path, header="Time (s),EMG (µV),Kraft [N]", encoding=encoding)
    recording = attempt(path)
    assert recording.channel("EMG").unit == "uV"
    np.testing.assert_allclose(recording.channel("EMG").samples_uv, np.round(emg, 5))


def test_count_of_xdf_samples_that_lies(tmp_path):
    path = tmp_path / "lie.xdf"
    synthetic.xdf(path)
    content = bytearray(path.read_bytes())
    place_of = content.index(b"\x04" + (400).to_bytes(4, "little"))
    content[place_of + 1 : place_of + 5] = (2_000_000_000).to_bytes(4, "little")
    path.write_bytes(bytes(content))
    with pytest.raises(ReadError, match=r"damaged or cut off at byte \d+; got 2000000000 samples in \d+ bytes"):
        read(path)


def test_count_of_dicom_samples_that_lies(tmp_path):
    path = tmp_path / "lie.dcm"
    synthetic.dicom(path, samples=2_000_000_000)
    with pytest.raises(ReadError, match=r"cut off or damaged; got 1600 bytes of samples; expected 8000000000 bytes"):
        read(path)


def test_count_of_opensignals_samples_that_lies(tmp_path):
    path = tmp_path / "lie.h5"
    synthetic.opensignals_h5(path, nsamples=1_000_000)
    with pytest.raises(ReadError, match=r"is cut off; got 400 samples of 'CH1'; expected 1000000 samples"):
        read(path)
