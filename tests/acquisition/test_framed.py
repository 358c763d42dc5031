"""The framed stream over TCP and a pseudo-terminal: lost frames, rubbish, a sender that goes, a wrong header."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.framed import FramedDevice, FrameReader, encode_frame, encode_header, encode_marker
from emgwidgets.acquisition.protocols import DeviceError
from emgwidgets.errors import InputError

HEADER = encode_header(name="amp", sampling_rate_hz=1000.0, channels=[("APB", "mV"), ("force", "N")])


def frame(counter, n_samples=10):
    numbers = np.arange(counter, counter + n_samples)
    return encode_frame(np.stack([numbers / 1000, -numbers]), counter)


@pytest.fixture
def serve():
    """Give the bytes of one connection and get the port."""
    begun = []

    def start(parts):
        listener = socket.create_server(("127.0.0.1", 0))

        def run():
            with contextlib.suppress(OSError):  # the test may have heard enough
                connection, _ = listener.accept()
                with connection:
                    for part in parts:
                        connection.sendall(part)
                        time.sleep(0.0005)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        begun.append((listener, thread))
        return listener.getsockname()[1]

    yield start
    for listener, thread in begun:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # ends a waiting accept
        listener.close()
        thread.join(timeout=10.0)


def run(port):
    engine = Engine(FramedDevice(tcp_port=port)).open()
    while engine.step():
        pass
    return engine


def test_samples_units_and_markers(serve):
    parts = [HEADER, *(frame(10 * k) for k in range(20)), encode_marker("go", 150), frame(200)]
    engine = Engine(FramedDevice(tcp_port=serve(parts))).open()
    marks = []
    engine.attach(
        type("Sink", (), {"take_block": lambda self, block: None, "take_mark": lambda self, mark: marks.append(mark)})()
    )
    while engine.step():
        pass
    assert engine.status.sentence == "the amplifier was disconnected; got a closed line; connect it and start again."
    samples = engine.buffer.window(0, 210)
    np.testing.assert_allclose(samples[0], np.arange(210), atol=1e-3)  # millivolts became microvolts
    np.testing.assert_array_equal(samples[1], -np.arange(210.0))
    assert [one.unit for one in engine.info.streams[0].channels] == ["uV", "N"]
    assert [mark.label for mark in marks] == ["go"]
    assert marks[0].start_s == pytest.approx(engine.buffer.time_of(150), abs=0.002)


def test_a_lost_frame_is_a_gap(serve):
    engine = run(serve([HEADER, *(frame(10 * k) for k in range(20) if k not in (7, 8))]))
    assert (engine.status.n_lost, engine.status.n_gaps) == (20, 1)
    assert np.isnan(engine.buffer.window(70, 90)).all()


def test_a_frame_that_was_garbled_is_left_out_and_counted(serve):
    parts = [HEADER, *(frame(10 * k) for k in range(20))]
    parts[9] = parts[9][:30] + b"\xff" + parts[9][31:]
    parts.insert(5, b"rubbish \xa5\x5a rubbish")
    engine = run(serve(parts))
    assert engine.status.n_lost == 10
    np.testing.assert_allclose(engine.buffer.window(90, 200)[0], np.arange(90, 200), atol=1e-3)


def test_a_board_that_only_answers_garbage_is_told(serve):
    rubbish = np.random.default_rng(1).integers(0, 256, 200_000, dtype=np.uint8).tobytes()
    engine = run(serve([HEADER, frame(0), rubbish]))
    assert engine.status.state == "failed"
    assert engine.status.sentence.startswith("amp sends what cannot be understood; got 65536 bytes without a frame")
    assert engine.status.n_received == 10


@settings(max_examples=100, deadline=None)
@given(
    pieces=st.lists(st.one_of(st.binary(max_size=40), st.integers(0, 5)), max_size=12),
    cuts=st.lists(st.integers(1, 400), max_size=6),
)
def test_frames_are_found_among_anything_however_it_is_cut(pieces, cuts):
    # a frame behind rubbish that begins like a frame is still found when more bytes follow
    content, expected = b"", []
    for piece in pieces:
        if isinstance(piece, int):
            content += frame(10 * piece)
            expected.append(10 * piece)
        else:
            content += piece.replace(b"\xa5", b"")
    reader, found = FrameReader(2), []
    edges = [0, *sorted(cut for cut in cuts if cut < len(content)), len(content)]
    for a, b in zip(edges[:-1], edges[1:], strict=True):  # noqa: RUF007
        found += [counter for _, counter, _ in reader.feed(content[a:b])]
    assert found == expected


@pytest.mark.parametrize(
    "header",
    [b"hello\n", b"{}\n", b"[]\n", b'{"format": "x"}\n', HEADER.replace(b"1000.0", b"0"), HEADER.replace(b"/1", b"/9")],
)
def test_a_wrong_header_is_said(serve, header):
    with pytest.raises(
        DeviceError, match=r"the amplifier does not say what it sends; got .*; expected one line of JSON"
    ):
        FramedDevice(tcp_port=serve([header, frame(0)])).__enter__()


def test_no_sender_and_no_line_are_said():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(DeviceError, match=f"no amplifier answers at port {port}"):
        FramedDevice(tcp_port=port).__enter__()
    with pytest.raises(InputError, match="the line of the amplifier is not clear"):
        FramedDevice()


@pytest.fixture
def serial_line(terminals_work):
    """Both ends of a raw pseudo-terminal."""
    import tty

    ends = os.openpty()
    for end in ends:
        tty.setraw(end)
    yield ends
    for end in ends:
        os.close(end)


def test_the_same_stream_over_a_serial_line(serial_line):
    sender, receiver = serial_line

    def send():
        time.sleep(0.2)
        for part in [HEADER, *(frame(10 * k) for k in range(30))]:
            assert os.write(sender, part) == len(part)
            time.sleep(0.002)

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    with Engine(FramedDevice(serial_port=os.ttyname(receiver))) as engine:
        assert engine.wait_for(300, timeout_s=10.0), engine.status
        np.testing.assert_allclose(engine.buffer.window(0, 300)[0], np.arange(300), atol=1e-3)
        assert engine.status.n_lost == 0
    thread.join()
    with pytest.raises(DeviceError, match="the serial line cannot be opened"):
        FramedDevice(serial_port="/dev/no-such-line").__enter__()
