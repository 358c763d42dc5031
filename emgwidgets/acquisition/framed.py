"""A plain framed stream over TCP or a serial line, documented for makers of amplifiers in docs/add_a_device.md.

First one line of JSON (UTF-8, ended by a line feed) that says what comes:
``{"format": "emgwidgets.framed/1", "name": "...", "sampling_rate_hz": 10000, "channels": [{"name": "APB", "unit": "uV"}]}``.
Then frames, little endian: ``marker A5 5A | channels u8 | kind u8 | samples u16 | counter u64 | crc32 u32 | payload``.
Kind 0: float32 values, sample after sample, all channels of a sample together; ``counter`` is the number of the first
sample since the start.  Kind 1: a marker, ``samples`` bytes of UTF-8 text at sample ``counter``.  The checksum covers the
14 bytes before it and the payload.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from emgwidgets.acquisition.clock import Clock, SystemClock
from emgwidgets.acquisition.protocols import Block, ChannelInfo, DeviceError, DeviceInfo, StreamInfo
from emgwidgets.acquisition.registry import Driver
from emgwidgets.errors import EmgError, InputError, MissingExtraError
from emgwidgets.model.signal import Annotation
from emgwidgets.units import is_voltage, microvolts_per

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DRIVER", "FramedDevice", "encode_frame", "encode_header", "encode_marker"]

FORMAT = "emgwidgets.framed/1"
MARKER = b"\xa5\x5a"
FRAME = struct.Struct("<2sBBHQI")
#: More rubbish than this without a whole frame ends the stream (internal choice: a second of 8 channels at 2 kHz).
MAX_RUBBISH_BYTES = 65_536
MAX_HEADER_BYTES = 65_536
#: Longest payload of a frame, so that a garbled length costs no more than this (internal choice: 0.2 s of 8 channels at
#: 10 kHz).
MAX_FRAME_BYTES = 65_536
#: Share of each frame's arrival error by which the start of the count is moved (internal choice: at 100 frames a second
#: it follows a drifting clock within 10 s and hardly feels the line's jitter).
FOLLOWED_SHARE = 1e-3
#: Blocks are stamped by their count, whose start follows their arrival slowly (internal choice).
JITTER_S = 0.05


def encode_header(*, name: str, sampling_rate_hz: float, channels: Sequence[tuple[str, str]]) -> bytes:
    """First line of a stream; channels as (name, unit)."""
    listed = [{"name": label, "unit": unit} for label, unit in channels]
    body = {"format": FORMAT, "name": name, "sampling_rate_hz": sampling_rate_hz, "channels": listed}
    return json.dumps(body).encode("utf-8") + b"\n"


def _frame(kind: int, n_channels: int, size: int, counter: int, payload: bytes) -> bytes:
    head = FRAME.pack(MARKER, n_channels, kind, size, counter, 0)[:-4]
    return head + struct.pack("<I", zlib.crc32(payload, zlib.crc32(head))) + payload


def encode_frame(samples: NDArray[Any], counter: int) -> bytes:
    """One frame of samples, shape ``(n_channels, n_samples)``, in the units of the header."""
    values = np.ascontiguousarray(np.asarray(samples).T, dtype="<f4")
    return _frame(0, values.shape[1], values.shape[0], counter, values.tobytes())


def encode_marker(text: str, counter: int) -> bytes:
    """One marker at a sample."""
    payload = text.encode("utf-8")
    return _frame(1, 0, len(payload), counter, payload)


class FrameReader:
    """Finds whole frames in bytes that may hold rubbish.

    Parameters
    ----------
    n_channels : int
        As the header says.
    """

    def __init__(self, n_channels: int) -> None:
        self._n_channels = n_channels
        self._bytes = bytearray()
        self.n_rubbish = 0
        """Bytes since the last whole frame that belong to none."""

    def feed(self, content: bytes) -> list[tuple[int, int, bytes]]:
        """Whole frames as (kind, counter, payload)."""
        self._bytes += content
        frames: list[tuple[int, int, bytes]] = []
        place = 0
        while (found := self._bytes.find(MARKER, place)) >= 0:
            self.n_rubbish += found - place
            place = found
            if len(self._bytes) - place < FRAME.size:
                break
            _, n_channels, kind, size, counter, checksum = FRAME.unpack_from(self._bytes, place)
            n_payload = 4 * size * n_channels if kind == 0 else size
            fits = (kind == 0 and n_channels == self._n_channels and size > 0) or (kind == 1 and n_channels == 0)
            fits = fits and n_payload <= MAX_FRAME_BYTES
            start = place + FRAME.size
            stop = start + n_payload
            if fits and len(self._bytes) < stop:
                break
            payload = bytes(self._bytes[start:stop])
            if fits and zlib.crc32(payload, zlib.crc32(self._bytes[place : start - 4])) == checksum:
                frames.append((kind, counter, payload))
                place, self.n_rubbish = stop, 0
            else:
                place += 1
                self.n_rubbish += 1
        else:
            kept = max(len(self._bytes) - 1, place)  # the last byte may begin a marker
            self.n_rubbish += kept - place
            place = kept
        del self._bytes[:place]
        return frames


class Line(Protocol):
    """Where bytes come from."""

    def receive(self, timeout_s: float) -> bytes | None:
        """Bytes; empty when none came in time, None when the other side has gone."""

    def close(self) -> None:
        """Close."""


class TcpLine:
    """Bytes of a TCP connection."""

    def __init__(self, host: str, port: int) -> None:
        import socket

        try:
            self._socket = socket.create_connection((host, port), timeout=5.0)
        except OSError as error:
            raise DeviceError(
                f"no amplifier answers at port {port}", got=str(error.strerror or error), expected="a listening sender",
                way_out="start it, and check address and firewall",
            ) from error  # fmt: skip

    def receive(self, timeout_s: float) -> bytes | None:
        """Bytes that have come."""
        self._socket.settimeout(max(timeout_s, 1e-3))
        try:
            return self._socket.recv(1 << 18) or None
        except TimeoutError:
            return b""
        except OSError:
            return None

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


class SerialLine:
    """Bytes of a serial line."""

    def __init__(self, port: str, baud: int) -> None:
        try:
            import serial
        except ImportError as error:
            raise MissingExtraError(
                "serial lines cannot be read", got="no pyserial", way_out="install emgwidgets[devices]"
            ) from error
        try:
            self._port = serial.serial_for_url(port, baudrate=baud, timeout=0.1)
        except (serial.SerialException, ValueError, OSError) as error:
            raise DeviceError(
                "the serial line cannot be opened", got=" ".join(str(error).split())[:120], expected="a free port",
                way_out="check the cable and who else uses it",
            ) from error  # fmt: skip

    def receive(self, timeout_s: float) -> bytes | None:
        """Bytes that have come."""
        self._port.timeout = max(timeout_s, 1e-3)
        try:
            first = self._port.read(1)
            return bytes(first + self._port.read(self._port.in_waiting)) if first else b""
        except OSError:  # pyserial's own error is one
            return None

    def close(self) -> None:
        """Close the port."""
        self._port.close()


class FramedDevice:
    """A sender of framed samples.

    Parameters
    ----------
    host : str
        Address of a TCP sender, with ``tcp_port``.
    tcp_port : int, optional
    serial_port : str, optional
        Serial line instead, with ``baud``.
    """

    def __init__(
        self, *, host: str = "127.0.0.1", tcp_port: int | None = None, serial_port: str | None = None, baud: int = 921_600,
        clock: Clock | None = None,
    ) -> None:  # fmt: skip
        if (tcp_port is None) == (serial_port is None):
            raise InputError("the line of the amplifier is not clear", expected="tcp_port=... or serial_port=...")
        self._place = (host, tcp_port, serial_port, baud)
        self.clock: Clock = clock or SystemClock()
        self._line: Line | None = None
        self._info = DeviceInfo(name="framed", streams=())
        self._factors: NDArray[np.float64] = np.ones(1)
        self._reader = FrameReader(0)
        self._ready: list[tuple[int, int, bytes]] = []
        self._next: int | None = None
        self._zero_s = 0.0
        self._marks: list[Annotation] = []

    def identify(self) -> DeviceInfo:
        """One stream; known once open."""
        return self._info

    def __enter__(self) -> Self:
        host, tcp_port, serial_port, baud = self._place
        self._line = TcpLine(host, tcp_port) if tcp_port is not None else SerialLine(str(serial_port), baud)
        self._ready, self._next = [], None
        try:
            self._read_header()
        except EmgError:
            self._line.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if self._line is not None:
            self._line.close()

    def read(self, timeout_s: float) -> Block | None:
        """Next frame; frames that were lost on the line are counted by their number."""
        give_up_s = self.clock.now_s() + timeout_s
        while True:
            while self._ready:
                kind, counter, payload = self._ready.pop(0)
                if kind == 0:
                    return self._block(counter, payload)
                text = payload.decode("utf-8", errors="replace")
                self._marks.append(Annotation(start_s=self._time_s(counter), label=text or "marker"))
            left_s = give_up_s - self.clock.now_s()
            if left_s <= 0:
                return None
            self._ready += self._reader.feed(self._received(left_s))
            if self._reader.n_rubbish > MAX_RUBBISH_BYTES:
                self._reader.n_rubbish = 0
                raise DeviceError(
                    f"{self._info.model} sends what cannot be understood", got=f"{MAX_RUBBISH_BYTES} bytes without a frame",
                    expected=f"frames of {FORMAT}", way_out="check the speed of the line and the sender's format",
                )  # fmt: skip

    def read_marks(self) -> tuple[Annotation, ...]:
        """Markers since the last call."""
        marks, self._marks = tuple(self._marks), []
        return marks

    def _received(self, timeout_s: float) -> bytes:
        assert self._line is not None
        content = self._line.receive(timeout_s)
        if content is None:
            raise DeviceError(
                "the amplifier was disconnected", got="a closed line", way_out="connect it and start again"
            )
        return content

    def _time_s(self, counter: int) -> float:
        return self._zero_s + counter / self._info.streams[0].sampling_rate_hz

    def _block(self, counter: int, payload: bytes) -> Block:
        samples = np.frombuffer(payload, dtype="<f4").reshape(-1, len(self._factors)).T * self._factors[:, np.newaxis]
        n_samples = samples.shape[1]
        rate_hz = self._info.streams[0].sampling_rate_hz
        arrived_s = self.clock.now_s() - n_samples / rate_hz
        if self._next is None:
            self._next, self._zero_s = counter, arrived_s - counter / rate_hz
        if counter < self._next:
            raise DeviceError(
                f"{self._info.model} counts backwards", got=f"sample {counter} after {self._next - 1}",
                expected="rising numbers", way_out="it was perhaps restarted; open it again",
            )  # fmt: skip
        n_dropped, self._next = counter - self._next, counter + n_samples
        self._zero_s += FOLLOWED_SHARE * (arrived_s - self._time_s(counter))
        return Block(samples=samples, time_s=self._time_s(counter), n_dropped=n_dropped)

    def _read_header(self) -> None:
        content = b""
        give_up_s = self.clock.now_s() + 5.0
        while b"\n" not in content and len(content) < MAX_HEADER_BYTES and self.clock.now_s() < give_up_s:
            content += self._received(0.5)
        line, _, rest = content.partition(b"\n")
        try:
            body = json.loads(line.decode("utf-8"))
            if body["format"] != FORMAT:
                raise ValueError(f"format {body['format']!r}")  # noqa: TRY301 - one sentence for every wrong header
            named = [(str(one["name"]), str(one["unit"])) for one in body["channels"]]
            factors = [microvolts_per(unit) if is_voltage(unit) else 1.0 for _, unit in named]
            channels = tuple(
                ChannelInfo(
                    name=name, unit="uV" if is_voltage(unit) else unit, kind="emg" if is_voltage(unit) else "other"
                )
                for name, unit in named
            )
            rate_hz = float(body["sampling_rate_hz"])
            stream = StreamInfo(name=str(body["name"]), sampling_rate_hz=rate_hz, channels=channels, jitter_s=JITTER_S)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise DeviceError(
                "the amplifier does not say what it sends", got=" ".join(str(error).split())[:100] or "nothing",
                expected=f"one line of JSON with format {FORMAT!r}", way_out="check that this is the right port",
            ) from error  # fmt: skip
        self._info = DeviceInfo(name="framed", model=stream.name, streams=(stream,))
        self._factors = np.array(factors)
        self._reader = FrameReader(len(channels))
        self._ready = self._reader.feed(rest)


DRIVER = Driver(
    name="framed", words="an amplifier that sends framed samples: tcp_port and host, or serial_port and baud", open=FramedDevice,
)  # fmt: skip
