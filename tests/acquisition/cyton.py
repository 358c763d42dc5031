"""An OpenBCI Cyton on a pseudo-terminal: answers its commands and sends its packets of 33 bytes."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import tty

GREETING = b"OpenBCI V3 8-16 channel\nADS1299 Device ID: 0x3E\nLIS3DH Device ID: 0x33\nFirmware: v3.1.1\n$$$"


def packet(number: int, value: int) -> bytes:
    """One sample: channel k carries ``(k + 1) * value`` counts of 24 bits."""
    counts = b"".join(((channel + 1) * value).to_bytes(3, "big", signed=True) for channel in range(8))
    return bytes([0xA0, number % 256]) + counts + bytes(6) + bytes([0xC0])


class Cyton(threading.Thread):
    """The board; ``lost`` are numbers of packets that it does not send."""

    def __init__(self, *, lost=(), garbage=False):
        super().__init__(daemon=True)
        self.board, self.port_end = os.openpty()
        tty.setraw(self.board)
        tty.setraw(self.port_end)
        self.port = os.ttyname(self.port_end)
        self.lost, self.garbage = set(lost), garbage
        self.is_streaming = self.is_over = False
        self.waiting = b""
        os.set_blocking(self.board, False)

    def run(self):
        number, start_s = 0, 0.0
        while not self.is_over:
            for command in self.commands():
                if self.garbage:
                    self.waiting += b"\x00\xff rubbish"
                elif command == "b":
                    self.is_streaming, number, start_s = True, 0, time.monotonic()
                elif command == "s":
                    self.is_streaming = False
                elif command in "vVd":
                    self.waiting += GREETING
            # what the line does not take now is sent later: this board loses only what it was told to lose
            while self.is_streaming and not self.waiting and time.monotonic() - start_s > number / 250:
                if number not in self.lost:
                    self.waiting = packet(number, number)
                self.send()
                number += 1
            self.send()
            time.sleep(0.002)

    def commands(self):
        """Commands that came, one letter each."""
        try:
            return os.read(self.board, 100).decode("latin-1")
        except BlockingIOError:
            return ""

    def send(self):
        with contextlib.suppress(BlockingIOError):
            self.waiting = self.waiting[os.write(self.board, self.waiting) :] if self.waiting else b""

    def close(self):
        """End the thread and the line."""
        self.is_over = True
        self.join()
        os.close(self.board)
        os.close(self.port_end)
