"""Files far larger than what they hold, and headers that lie about 10^12 samples: bounded time and memory, and an answer."""

from __future__ import annotations

import importlib.util
import os
import struct
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from emgwidgets.errors import ReadError
from emgwidgets.io.bids_emg import write_bids
from emgwidgets.io.edf import write_bdf, write_edf
from emgwidgets.io.npy import write_npz
from emgwidgets.io.registry import read
from emgwidgets.io.wfdb import write_wfdb
from emgwidgets.model.signal import ArraySamples, Channel, Recording

_spec = importlib.util.spec_from_file_location("synthetic_b", Path(__file__).with_name("synthetic_b.py"))
synthetic = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(synthetic)

GIGABYTES_2 = 2 << 30
MAX_S = 10.0
MAX_BYTES = 200 << 20
STATED = {"unit": "uV", "sampling_rate_hz": 1000.0}


def recording() -> Recording:
    stored = np.random.default_rng(5).integers(-2000, 2000, 3000).astype(np.int16)
    return Recording(
        channels=(Channel(name="EMG", unit="uV", sampling_rate_hz=1000.0, samples=ArraySamples(stored=stored)),)
    )


def npy(path: Path, shape: tuple[int, ...], *, content: bytes = b"") -> None:
    with path.open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, {"descr": "<i2", "fortran_order": False, "shape": shape})
        stream.write(content)


def wav(path: Path, n_bytes: int, *, content: bytes = bytes(800)) -> None:
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 1000, 2000, 2, 16) + b"data" + struct.pack("<I", n_bytes)
    path.write_bytes(b"RIFF" + struct.pack("<I", min(36 + n_bytes, 2**32 - 1)) + head + content)


def mat(path: Path) -> None:
    from scipy.io import savemat

    savemat(path, {"x": np.arange(500.0)})


#: Builder and what must be stated; the formats of synthetic_b are added below.
SOUND = {
    "a.edf": (lambda path: write_edf(recording(), path), {}),
    "a.bdf": (lambda path: write_bdf(recording(), path), {}),
    "rec.dat": (lambda path: write_wfdb(recording(), path.with_suffix(".hea")), {}),
    "a.npz": (lambda path: write_npz(recording(), path), {}),
    "a.npy": (lambda path: npy(path, (400,), content=bytes(800)), STATED),
    "a.wav": (lambda path: wav(path, 800), {"full_scale_uv": 1000.0}),
    "a.mat": (mat, {"variable": "x", **STATED}),
    "a.rhs": (synthetic.intan_stimulator, {}),
    **{f"{name}{suffix}": (build, stated) for name, (suffix, build, stated) in synthetic.ALL.items()},
}


def attempt(path: Path, *, max_s: float = MAX_S, **stated) -> Recording | None:
    """Open a file, look at its first second; None when it was refused in one sentence."""
    tracemalloc.start()
    began = time.perf_counter()
    try:
        found = read(path, **stated)
        for channel in found.channels:
            channel.read(0, min(1000, channel.n_samples))
    except ReadError:
        return None
    else:
        return found
    finally:
        took_s = time.perf_counter() - began
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert took_s < max_s
        assert peak < MAX_BYTES


def as_long_as(path: Path, n_bytes: int) -> Path:
    """Make a file longer by zeros that take no room on the disk."""
    if not path.exists():
        path.touch()
    os.truncate(path, n_bytes)
    return path


@pytest.mark.parametrize("name", SOUND)
def test_two_gigabytes_of_zeros_behind_a_sound_file(tmp_path, name):
    build, stated = SOUND[name]
    build(tmp_path / name)
    sound = read(tmp_path / name, **stated)
    found = attempt(as_long_as(tmp_path / name, GIGABYTES_2), **stated)
    if found is not None:  # what is read is what the header promises, not the zeros
        assert [channel.n_samples for channel in found.channels] == [channel.n_samples for channel in sound.channels]


@pytest.mark.parametrize("suffix", [".edf", ".dat", ".mat", ".smr", ".rhd", ".h5", ".dcm", ".csv", ".txt", ""])
def test_two_gigabytes_of_zeros(tmp_path, suffix):
    assert attempt(as_long_as(tmp_path / f"zeros{suffix}", GIGABYTES_2)) is None


def test_an_edf_of_a_hundred_million_samples_opens_lazily(tmp_path):
    path = tmp_path / "a.edf"
    write_edf(recording(), path)
    content = bytearray(path.read_bytes())
    n_header, n_records = int(content[184:192]), int(content[236:244])
    n_record = (len(content) - n_header) // n_records
    n_more = GIGABYTES_2 // 10 // n_record
    content[236:244] = str(n_more).encode().ljust(8)
    path.write_bytes(content)
    found = attempt(as_long_as(path, n_header + n_more * n_record))
    assert found.channels[0].n_samples == n_more * 1000
    assert (found.channels[0].read(10**8, 10**8 + 10) == found.channels[0].read(10**7, 10**7 + 10)).all()


def lying_files(folder: Path) -> dict[str, tuple[Path, dict]]:
    """Headers that promise 10^12 samples or the largest number they can hold."""
    write_edf(recording(), folder / "a.edf")
    content = bytearray((folder / "a.edf").read_bytes())
    content[236:244] = b"99999999"
    (folder / "a.edf").write_bytes(content)
    (folder / "r.dat").write_bytes(bytes(100))
    (folder / "r.hea").write_text("r 1 1000 1000000000000\nr.dat 16 200/mV 16 0 0 0 0 EMG\n")
    npy(folder / "a.npy", (10**12,))
    npy(folder / "b.npy", (10**6, 10**6))
    wav(folder / "a.wav", 2**32 - 2)
    (folder / "huge.hea").write_text(f"huge {10**6} 1000 {10**12}\n" + f"huge.dat 16x{10**6} 200/mV\n" * 3)
    synthetic.dicom(folder / "a.dcm", samples=2**32 - 1)
    synthetic.opensignals_h5(folder / "a.h5", nsamples=10**12)
    return {
        "a.edf": (folder / "a.edf", {}), "r.hea": (folder / "r.hea", {}), "a.npy": (folder / "a.npy", STATED),
        "b.npy": (folder / "b.npy", STATED), "a.wav": (folder / "a.wav", {"full_scale_uv": 1.0}),
        "huge.hea": (folder / "huge.hea", {}), "a.dcm": (folder / "a.dcm", {}), "a.h5": (folder / "a.h5", {}),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["a.edf", "r.hea", "a.npy", "b.npy", "a.wav", "huge.hea", "a.dcm", "a.h5"])
def test_a_header_that_promises_a_million_million_samples_is_refused(tmp_path, name):
    path, stated = lying_files(tmp_path)[name]
    assert attempt(path, max_s=3.0, **stated) is None


def test_a_line_without_end_in_a_table_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("time (s),EMG (mV)\n" + "".join(f"{i / 1000},{i % 5}\n" for i in range(20_000)))
    as_long_as(path, GIGABYTES_2)
    with pytest.raises(ReadError, match="1 MiB without an end of line"):
        read(path)


def test_bids_folder_with_a_giant_beside_it(tmp_path):
    write_bids(recording(), tmp_path / "set")
    as_long_as(tmp_path / "set" / "sub-01" / "emg" / "sub-01_task-emg_channels.tsv", GIGABYTES_2)
    attempt(tmp_path / "set")
