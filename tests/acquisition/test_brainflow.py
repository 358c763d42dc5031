"""BrainFlow: the synthetic board, an emulated Cyton on a pseudo-terminal, a board that answers garbage."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pytest

from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.protocols import DeviceError
from emgwidgets.acquisition.registry import devices
from emgwidgets.errors import InputError

STATE = next(state for state in devices() if state.name == "brainflow")
pytestmark = pytest.mark.skipif(not STATE.is_available, reason=STATE.cause or "available")
posix = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
#: Microvolts of one count: 4.5 V, gain 24, 24 bits (OpenBCI's documentation of the Cyton).
COUNT_UV = 4.5e6 / 24 / (2**23 - 1)


@pytest.fixture
def cyton(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent)
    from cyton import Cyton

    boards = []

    def start(**options):
        board = Cyton(**options)
        board.start()
        boards.append(board)
        return board

    yield start
    for board in boards:
        board.is_over = True
        board.join()


def device(**options):
    from emgwidgets.acquisition.brainflow import BrainflowDevice

    return BrainflowDevice(**options)


def test_the_synthetic_board_streams_without_loss():
    with Engine(device()) as engine:
        assert engine.info.streams[0].sampling_rate_hz == 250.0
        assert engine.wait_for(250, timeout_s=20.0), engine.status
        assert engine.status.n_lost == 0
        assert np.isfinite(engine.buffer.window(0, 250)).all()


@posix
def test_a_cyton_sends_its_counts_as_microvolts_and_lost_packets_are_counted(cyton):
    board = cyton(lost=(100, 101, 102))
    with Engine(device(board="CYTON_BOARD", serial_port=board.port)) as engine:
        assert engine.wait_for(300, timeout_s=30.0), engine.status
        samples = engine.buffer.window(0, 300)
        assert (engine.status.n_lost, engine.status.n_gaps) == (3, 1)
    present = np.isfinite(samples[0])
    assert present.sum() == 297
    np.testing.assert_allclose(samples[7], 8 * samples[0], rtol=1e-4)
    counts = samples[0][present] / COUNT_UV
    first = round(float(counts[0]))
    expected = [number for number in range(first, first + 300) if number not in (100, 101, 102)]
    np.testing.assert_allclose(counts, expected[:297], atol=0.01)


@posix
def test_a_board_that_answers_garbage_does_not_open(cyton):
    board = cyton(garbage=True)
    with pytest.raises(DeviceError, match=r"board CYTON_BOARD does not answer; got .*; expected a board that is on"):
        Engine(device(board="CYTON_BOARD", serial_port=board.port)).open()


def test_a_board_that_is_not_there_and_one_that_is_unknown():
    with pytest.raises(DeviceError, match="board CYTON_BOARD does not answer"):
        device(board="CYTON_BOARD", serial_port="/dev/no-such-line").__enter__()
    with pytest.raises(
        InputError, match=r"no such board; got 'cyton'; expected a name of BrainFlow such as CYTON_BOARD"
    ):
        device(board="cyton")


def test_playback_of_a_brainflow_file(tmp_path):
    from brainflow.data_filter import DataFilter

    with device() as synthetic:
        time.sleep(0.6)
        data = synthetic._board.get_board_data()
    path = tmp_path / "played.csv"
    DataFilter.write_file(data, str(path), "w")
    with Engine(device(board="PLAYBACK_FILE_BOARD", file=str(path), master="SYNTHETIC_BOARD")) as engine:
        n_samples = data.shape[1] - 5
        assert engine.wait_for(n_samples, timeout_s=20.0), engine.status
        played = engine.buffer.window(0, n_samples)
    np.testing.assert_allclose(
        played, data[1:9, :n_samples] if len(played) == 8 else data[1 : 1 + len(played), :n_samples], atol=1e-2
    )
