"""Boards that BrainFlow knows: OpenBCI Cyton over its serial line, the synthetic board, playback of a BrainFlow file."""

from __future__ import annotations

import time
import warnings
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from emgwidgets.acquisition.clock import SystemClock
from emgwidgets.acquisition.protocols import Block, ChannelInfo, DeviceError, DeviceInfo, StreamInfo
from emgwidgets.acquisition.registry import Driver
from emgwidgets.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DRIVER", "BrainflowDevice"]

#: Boards whose package number runs from 0 to 255 with every sample, so that lost samples can be counted; of others the
#: times tell.
PACKAGE_NUMBERS = 256
COUNTED = ("CYTON_BOARD", "SYNTHETIC_BOARD")
#: Samples are polled and the line delivers them in bursts (internal choice, larger than a USB latency timer of 16 ms).
JITTER_S = 0.15
POLL_S = 0.01
BUFFER_SAMPLES = 450_000


def _library() -> Any:
    try:
        import brainflow.board_shim as shim
    except Exception as error:  # it needs pkg_resources, which setuptools 81 no longer brings, beside a native library
        raise MissingExtraError(
            "BrainFlow boards cannot be read", got=" ".join(str(error).split())[:120], expected="brainflow and setuptools below 81",
            way_out="install emgwidgets[devices]",
        ) from error  # fmt: skip
    return shim


class BrainflowDevice:
    """A board.

    Parameters
    ----------
    board : str
        Name in BrainFlow: ``"SYNTHETIC_BOARD"``, ``"CYTON_BOARD"``, ``"PLAYBACK_FILE_BOARD"``, ...
    serial_port : str
        Serial line of the board.
    file, master : str
        Of a playback: a file BrainFlow wrote, and the board it came from.
    """

    def __init__(
        self, *, board: str = "SYNTHETIC_BOARD", serial_port: str = "", file: str = "", master: str = ""
    ) -> None:
        self._shim = _library()
        self._board_name = board
        self._id = self._number(board)
        self._data_id = self._number(master) if master else self._id
        parameters = self._shim.BrainFlowInputParams()
        parameters.serial_port, parameters.file = serial_port, file
        parameters.timeout = 5
        if master:
            parameters.master_board = self._data_id
        with warnings.catch_warnings():  # of pkg_resources, with which it finds its own files
            warnings.simplefilter("ignore")
            self._shim.BoardShim.disable_board_logger()
        self._parameters = parameters
        self._board: Any = None
        description = self._shim.BoardShim.get_board_descr(self._data_id)
        self._rows = description.get("emg_channels") or description.get("eeg_channels") or []
        self._package_row = int(description["package_num_channel"])
        self._rate_hz = float(description["sampling_rate"])
        if not self._rows:
            raise InputError(f"board {board} has no EMG channel", expected="a board with EMG channels")
        self._clock = SystemClock()
        self._package: int | None = None

    def identify(self) -> DeviceInfo:
        """One stream."""
        channels = tuple(ChannelInfo(name=f"EXG {number + 1}") for number in range(len(self._rows)))
        stream = StreamInfo(name=self._board_name, sampling_rate_hz=self._rate_hz, channels=channels, jitter_s=JITTER_S)
        return DeviceInfo(name="brainflow", model=self._board_name, streams=(stream,))

    def __enter__(self) -> Self:
        self._package = None
        try:
            self._board = self._shim.BoardShim(self._id, self._parameters)
            self._board.prepare_session()
            self._board.start_stream(BUFFER_SAMPLES)
        except Exception as error:
            self._release()
            raise DeviceError(
                f"board {self._board_name} does not answer", got=" ".join(str(error).split())[:120], expected="a board that is on",
                way_out="check power, dongle and serial port",
            ) from error  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        with suppress(Exception):  # a board that is gone cannot be stopped
            self._board.stop_stream()
        self._release()

    def _release(self) -> None:
        """End the session and drop its object: when that is collected later, it ends whatever session then has the same port."""
        with suppress(Exception):
            self._board.release_session()
        self._board = None

    def read(self, timeout_s: float) -> Block | None:
        """Samples that have come since the last call."""
        if self._board is None:
            raise DeviceError(f"board {self._board_name} is not open", way_out="read it within its with block")
        give_up_s = time.monotonic() + timeout_s
        while True:
            try:
                data = self._board.get_board_data()
            except Exception as error:
                raise DeviceError(
                    f"board {self._board_name} went away",
                    got=" ".join(str(error).split())[:120],
                    way_out="connect it again",
                ) from error
            if data.shape[1]:
                return self._block(data)
            if time.monotonic() > give_up_s:
                return None
            time.sleep(POLL_S)

    def _block(self, data: NDArray[np.float64]) -> Block:
        """Samples of one poll; a loss inside it is put before it, where its size is right and its place 10 ms off."""
        n_samples = data.shape[1]
        numbers = data[self._package_row].astype(np.int64)
        before = numbers[0] - 1 if self._package is None else self._package
        self._package = int(numbers[-1])
        steps = np.diff(np.concatenate(([before], numbers))) % PACKAGE_NUMBERS
        n_dropped = int((steps[steps > 0] - 1).sum()) if self._board_name in COUNTED else 0
        return Block(
            samples=data[self._rows], time_s=self._clock.now_s() - n_samples / self._rate_hz, n_dropped=n_dropped
        )

    def _number(self, name: str) -> int:
        """Number of a board by its name.

        Raises
        ------
        InputError
            If BrainFlow knows no such board.
        """
        known = self._shim.BoardIds.__members__
        if name not in known:
            near = [one for one in known if name.upper()[:4] in one] or [
                "SYNTHETIC_BOARD",
                "CYTON_BOARD",
                "PLAYBACK_FILE_BOARD",
            ]
            raise InputError(
                "no such board", got=repr(name), expected=f"a name of BrainFlow such as {', '.join(near[:4])}"
            )
        return int(known[name].value)


def _check() -> None:
    _library()


DRIVER = Driver(
    name="brainflow", words="boards of BrainFlow: board (SYNTHETIC_BOARD, CYTON_BOARD, ...), serial_port, file, master",
    open=BrainflowDevice, check=_check,
)  # fmt: skip
