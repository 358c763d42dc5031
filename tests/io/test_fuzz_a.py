"""Damaged EDF, BDF, WFDB, WAV, NumPy, MATLAB, CSV and BIDS files: one kind of error, one sentence, bounded time and memory."""

from __future__ import annotations

import os
import shutil
import struct
import time
import tracemalloc
import warnings

import numpy as np
import pytest

from emgwidgets.errors import ReadError
from emgwidgets.io._csv_writer import write_csv
from emgwidgets.io.bids_emg import write_bids
from emgwidgets.io.edf import write_bdf, write_edf
from emgwidgets.io.npy import write_npz
from emgwidgets.io.registry import read
from emgwidgets.io.wfdb import write_wfdb
from emgwidgets.model.signal import Annotation, ArraySamples, Channel, Recording, Segment

MAX_BYTES = 64 << 20
MAX_S = 5.0


def make_recording():
    stored = np.random.default_rng(5).integers(-2000, 2000, 3000).astype(np.int16)
    parts = (
        Segment(first_sample=0, n_samples=2000, start_s=0.0),
        Segment(first_sample=2000, n_samples=1000, start_s=4.0),
    )
    channel = Channel(
        name="EMG", unit="uV", sampling_rate_hz=1000.0, samples=ArraySamples(stored=stored), segments=parts
    )
    marks = (
        Annotation(start_s=0.5, label="unit", duration_s=0.25, channel="EMG"),
        Annotation(start_s=1.0, label="rest"),
    )
    return Recording(channels=(channel,), annotations=marks)


def make_wav(path):
    samples = np.arange(400, dtype="<i2").tobytes()
    head = (
        b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 1000, 2000, 2, 16) + b"data" + struct.pack("<I", len(samples))
    )
    path.write_bytes(b"RIFF" + struct.pack("<I", 36 + len(samples)) + head + samples)


@pytest.fixture(scope="session")
def sound(tmp_path_factory):
    from scipy.io import savemat

    folder = tmp_path_factory.mktemp("sound")
    recording = make_recording()
    write_edf(recording, folder / "a.edf")
    write_bdf(recording, folder / "a.bdf")
    write_wfdb(recording, folder / "rec.hea")
    write_npz(recording, folder / "a.npz")
    write_csv(recording, folder / "a.csv")
    write_bids(recording, folder / "set_bids")
    make_wav(folder / "a.wav")
    np.save(folder / "a.npy", recording.channels[0].samples.stored)
    savemat(folder / "a.mat", {"x": np.arange(500.0)})
    return folder


NAMES = ["a.edf", "a.bdf", "rec.hea", "rec.dat", "a.npz", "a.csv", "a.wav", "a.npy", "a.mat"]


def try_read(path, **options):
    """Read and look at every sample; a ReadError or a Recording, in bounded time and memory."""
    tracemalloc.start()
    started = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stated = {"unit": "uV", "sampling_rate_hz": 1000.0, **options}
            recording = read(path, **stated)
            for channel in recording.channels:
                channel.read()
    except ReadError as error:
        sentence = str(error)
        assert "\n" not in sentence
        assert sentence.endswith(".")
        return None
    else:
        return recording
    finally:
        assert time.perf_counter() - started < MAX_S
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < MAX_BYTES


def copied(sound, name, folder):
    for item in sound.glob(name.split(".")[0] + ".*"):
        shutil.copy(item, folder / item.name)
    return folder / name


@pytest.mark.parametrize("name", NAMES)
def test_sound_files_open(sound, name):
    options = {"full_scale_uv": 1000.0} if name == "a.wav" else {"variable": "x"} if name == "a.mat" else {}
    assert try_read(sound / name, **options) is not None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("share", [0.001, 0.05, 0.2, 0.5, 0.9, 0.999])
def test_cut_files(sound, name, share, tmp_path):
    path = copied(sound, name, tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: max(int(len(content) * share), 1)])
    options = {"full_scale_uv": 1000.0} if name == "a.wav" else {"variable": "x"} if name == "a.mat" else {}
    found = try_read(path, **options)
    if share == 0.5:
        assert found is None, "half a file was presented as whole"


@pytest.mark.parametrize("name", NAMES)
def test_flipped_bits(sound, name, tmp_path):
    path = copied(sound, name, tmp_path)
    content = path.read_bytes()
    for seed in range(16):
        rng = np.random.default_rng(seed)
        damaged = bytearray(content)
        for _ in range(1 + seed % 5):
            place = int(rng.integers(0, min(len(content), 2000 if seed % 2 else len(content))))
            damaged[place] ^= 1 << int(rng.integers(0, 8))
        path.write_bytes(damaged)
        try_read(path)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", [".edf", ".txt", ".npz", ".mat", ""])
def test_wrong_suffix_is_no_matter_or_a_sentence(sound, name, suffix, tmp_path):
    path = tmp_path / f"renamed{suffix}"
    shutil.copy(sound / name, path)
    try_read(path)


@pytest.mark.parametrize("name", NAMES)
def test_empty_missing_folder_and_forbidden(sound, name, tmp_path):
    path = tmp_path / name
    with pytest.raises(ReadError, match="does not exist"):
        read(path)
    path.write_bytes(b"")
    with pytest.raises(ReadError, match="is empty"):
        read(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(ReadError, match="not in a known format"):
        read(path)
    path.rmdir()
    shutil.copy(sound / name, path)
    path.chmod(0)
    if not os.access(path, os.R_OK):  # the superuser may read anything
        with pytest.raises(ReadError, match="may not be read"):
            read(path)
    path.chmod(0o600)


@pytest.mark.parametrize("name", ["a.edf", "a.bdf"])
@pytest.mark.parametrize("count", [b"99999999", b"-1", b"0", b"1e9", b"-5", b"nan", b"\xff\xfe"])
@pytest.mark.parametrize("place", [184, 236, 244, 252])
def test_lying_counts_of_edf(sound, name, count, place, tmp_path):
    path = copied(sound, name, tmp_path)
    content = bytearray(path.read_bytes())
    width = 4 if place == 252 else 8
    content[place : place + width] = count[:width].ljust(width)
    path.write_bytes(content)
    for options in ({}, {"allow_truncated": True}):
        try_read(path, format="EDF+", **options)


@pytest.mark.parametrize("count", [b"99999999", b"0", b"-9"])
def test_lying_samples_per_record(sound, count, tmp_path):
    path = copied(sound, "a.edf", tmp_path)
    content = bytearray(path.read_bytes())
    place = 256 + 2 * 216
    content[place : place + 8] = count.ljust(8)
    path.write_bytes(content)
    assert try_read(path) is None


@pytest.mark.parametrize("n", ["999999999999", "0", "-1", "1", "x"])
def test_lying_number_of_samples_in_wfdb(sound, n, tmp_path):
    path = copied(sound, "rec.hea", tmp_path)
    lines = path.read_text().splitlines()
    lines[0] = " ".join([*lines[0].split()[:3], n])
    path.write_text("\n".join(lines))
    found = try_read(path)
    assert found is None or n in {"0", "1"}


def test_wfdb_header_may_not_point_elsewhere(tmp_path):
    (tmp_path / "r.hea").write_text("r 1 1000 10\n../secret.dat 16 200/mV 16 0 0 0 0 EMG\n")
    with pytest.raises(ReadError, match="points outside its folder"):
        read(tmp_path / "r.hea")


def test_wfdb_without_signal_file(tmp_path):
    (tmp_path / "r.hea").write_text("r 1 1000 10\nr.dat 16 200/mV 16 0 0 0 0 EMG\n")
    with pytest.raises(ReadError, match=r"the signal file r\.dat is missing"):
        read(tmp_path / "r.hea")


def test_lying_shape_of_npy(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.arange(100.0))
    path.write_bytes(path.read_bytes().replace(b"(100,)", b"(10**9"[:6]))
    assert try_read(path) is None
    np.save(path, np.arange(100.0))
    path.write_bytes(path.read_bytes().replace(b"(100,), }    ", b"(999999999,)}"))
    assert try_read(path) is None


def test_pickles_are_never_loaded(tmp_path):
    np.save(tmp_path / "p.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ReadError, match="cannot be loaded as numbers"):
        read(tmp_path / "p.npy", unit="uV", sampling_rate_hz=1000)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "utf-8-sig", "cp1252"])
def test_headers_in_other_encodings(sound, encoding, tmp_path):
    path = copied(sound, "rec.hea", tmp_path)
    path.write_bytes((path.read_text() + "# Größe µ\n").encode(encoding))
    try_read(path)


def test_damaged_sidecars_of_bids(sound, tmp_path):
    for name, content in (
        ("channels.tsv", b"\xff\xfe\x00name\x00"),
        ("emg.json", b"{"),
        ("emg.json", b"[1]"),
        ("channels.tsv", b""),
    ):
        folder = tmp_path / "set"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(sound / "set_bids", folder)
        target = next(folder.rglob(f"*_{name}"))
        target.write_bytes(content)
        try_read(folder)


def test_folder_with_a_description_and_nothing_else(tmp_path):
    (tmp_path / "dataset_description.json").write_text("{}")
    with pytest.raises(ReadError, match="holds no EMG recording"):
        read(tmp_path)
