"""The open examples: fetched once, checked, and one sentence when the machine is offline."""

from __future__ import annotations

import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from emgwidgets import cli
from emgwidgets.errors import ReadError, WriteError
from emgwidgets.io import examples
from emgwidgets.io.examples import fetch_physionet_examples, find_recording
from emgwidgets.io.registry import read, write
from emgwidgets.model.signal import ArraySamples, Channel, Recording


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A server with three records of our own and the checksums of two of them."""
    folder = tmp_path / "server"
    folder.mkdir()
    for number, name in enumerate(("emg_healthy", "emg_neuropathy", "emg_myopathy")):
        samples = np.random.default_rng(number).normal(0, 100, 4000)
        channel = Channel(name="EMG", unit="uV", sampling_rate_hz=4000.0, samples=ArraySamples(stored=samples))
        write(Recording(channels=(channel,)), folder / f"{name}.hea")
    digests = {
        name: "" if "myopathy" in name else hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in examples.PHYSIONET_FILES
    }
    monkeypatch.setattr(examples, "PHYSIONET_FILES", digests)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_all_records_are_fetched_once_and_open(mirror, tmp_path):
    _, address = mirror
    told: list[str] = []
    headers = fetch_physionet_examples(tmp_path / "here", address=address, report=told.append)
    assert [header.name for header in headers] == ["emg_healthy.hea", "emg_neuropathy.hea", "emg_myopathy.hea"]
    assert all(read(header).channels[0].n_samples == 4000 for header in headers)
    assert len(told) == 6
    fetch_physionet_examples(tmp_path / "here", address=address, report=told.append)
    assert len(told) == 6


def test_a_changed_file_is_refused_and_nothing_of_it_stays(mirror, tmp_path):
    folder, address = mirror
    (folder / "emg_healthy.dat").write_bytes(b"\0" * 8000)
    with pytest.raises(ReadError, match=r"emg_healthy\.dat is not the file that was published"):
        fetch_physionet_examples(tmp_path / "here", address=address)
    assert not (tmp_path / "here" / "emg_healthy.dat").exists()


def test_a_file_without_known_checksum_must_open(mirror, tmp_path):
    folder, address = mirror
    (folder / "emg_myopathy.dat").write_bytes(b"\0" * 8)
    with pytest.raises(ReadError, match="is not whole"):
        fetch_physionet_examples(tmp_path / "here", address=address)
    assert not (tmp_path / "here" / "emg_myopathy.dat").exists()


def test_a_missing_file_is_a_sentence(mirror, tmp_path):
    folder, address = mirror
    (folder / "emg_healthy.hea").unlink()
    with pytest.raises(ReadError, match=r"emg_healthy\.hea is not there; got answer 404"):
        fetch_physionet_examples(tmp_path / "here", address=address)


def test_offline_is_one_sentence(tmp_path, monkeypatch, capsys):
    closed = "http://127.0.0.1:9/"
    with pytest.raises(ReadError, match="PhysioNet cannot be reached, so nothing was fetched"):
        fetch_physionet_examples(tmp_path / "here", address=closed)
    refuse = ReadError("PhysioNet cannot be reached, so nothing was fetched", way_out="go online")
    monkeypatch.setattr(examples, "_download", lambda *_: (_ for _ in ()).throw(refuse))
    assert cli.main(["fetch-examples", str(tmp_path / "here")]) == 1
    assert "cannot be reached" in capsys.readouterr().err


def test_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(WriteError, match="here cannot be made"):
        fetch_physionet_examples(tmp_path / "file" / "here", address="http://127.0.0.1:9/")


def test_recording_is_found_where_it_is_stated(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EMGWIDGETS_RECORDINGS", raising=False)
    assert find_recording("emg_x.hea") is None
    place = tmp_path / "recordings" / "deep" / "emg_x.hea"
    place.parent.mkdir(parents=True)
    place.touch()
    assert find_recording("emg_x.hea") == place
    monkeypatch.setenv("EMGWIDGETS_RECORDINGS", str(tmp_path / "none"))
    assert find_recording("emg_x.hea") == place


@pytest.mark.recordings
def test_known_checksums_are_those_of_the_real_files(recordings):
    for name, digest in examples.PHYSIONET_FILES.items():
        if digest:
            content = (recordings / "physionet-emgdb" / name).read_bytes()
            assert hashlib.sha256(content).hexdigest() == digest
