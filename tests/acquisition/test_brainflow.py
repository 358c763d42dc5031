"""BrainFlow: the synthetic board, an emulated Cyton on a pseudo-terminal, a board that answers garbage."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.protocols import DeviceError
from emgwidgets.errors import InputError

pytestmark = pytest.mark.usefixtures("brainflow_works")
#: Microvolts of one count: 4.5 V, gain 24, 24 bits (OpenBCI's documentation of the Cyton).
COUNT_UV = 4.5e6 / 24 / (2**23 - 1)


@pytest.fixture
def cyton(monkeypatch, terminals_work):
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
        board.close()


def device(**options):
    from emgwidgets.acquisition.brainflow import BrainflowDevice

    return BrainflowDevice(**options)


def test_the_synthetic_board_streams_without_loss(seen):
    engine = Engine(device())
    engine.attach(seen)
    with engine:
        assert engine.info.streams[0].sampling_rate_hz == 250.0
        assert engine.wait_for(250, timeout_s=20.0), engine.status
    assert seen.stated_losses() == []
    assert np.isfinite(seen.samples()).all()
    assert np.ptp(seen.samples(), axis=1).min() > 0


def test_a_cyton_sends_its_counts_as_microvolts_and_lost_packets_are_counted(cyton, seen):
    board = cyton(lost=(100, 101, 102))
    engine = Engine(device(board="CYTON_BOARD", serial_port=board.port))
    engine.attach(seen)
    with engine:
        assert engine.wait_for(300, timeout_s=30.0), engine.status
    samples = seen.samples()
    np.testing.assert_allclose(samples[7], 8 * samples[0], rtol=1e-4)
    counts = samples[0] / COUNT_UV
    first = round(float(counts[0]))
    assert first < 100
    expected = [number for number in range(first, first + len(counts) + 3) if number not in (100, 101, 102)]
    np.testing.assert_allclose(counts, expected, atol=0.01)
    held_up = [block.n_lost for block in seen.blocks if block.is_inferred]  # on a busy machine only
    assert seen.stated_losses() == [3] or (not seen.stated_losses() and held_up)
    assert sum(seen.stated_losses()) + sum(held_up) == engine.status.n_lost


def test_a_port_opened_again_outlives_the_object_that_had_it_before(cyton):
    board = cyton()
    for _ in range(2):  # the first object goes when its name is given to the second, whose session is then open
        with device(board="CYTON_BOARD", serial_port=board.port) as opened:
            block = opened.read(10.0)
            again = opened.read(10.0)
        assert block is not None
        assert again is not None
    with pytest.raises(DeviceError, match="is not open"):
        opened.read(0.1)


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


def test_playback_of_a_brainflow_file(tmp_path, seen):
    from brainflow.board_shim import BoardIds, BoardShim
    from brainflow.data_filter import DataFilter

    with device() as synthetic:
        time.sleep(0.6)
        data = synthetic._board.get_board_data()
    path = tmp_path / "played.csv"
    DataFilter.write_file(data, str(path), "w")
    engine = Engine(device(board="PLAYBACK_FILE_BOARD", file=str(path), master="SYNTHETIC_BOARD"))
    engine.attach(seen)
    with engine:
        n_samples = data.shape[1] - 5
        assert engine.wait_for(n_samples, timeout_s=20.0), engine.status
    played = seen.samples()[:, :n_samples]
    rows = BoardShim.get_emg_channels(BoardIds.SYNTHETIC_BOARD)
    np.testing.assert_allclose(played, data[rows, : played.shape[1]], atol=1e-2)
