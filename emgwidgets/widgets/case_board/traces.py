"""The waveforms beside a case as pictures of the board: which file, which stretch, ready to be drawn.  It measures nothing."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from emgwidgets.analysis.ncs.cut import sweeps_of
from emgwidgets.cases.proofs import Proof
from emgwidgets.errors import EmgError, InputError
from emgwidgets.model.measure import Marker, TraceLink
from emgwidgets.model.signal import ArraySamples, Channel, Recording, RecordingSettings, Segment, Sweep, Trace
from emgwidgets.widgets.trace_viewer.channel_view import ChannelView, pack

__all__ = ["TraceShelf", "trace_answer"]

#: Columns of a picture, what is shown before and after a linked stretch (share of it, least in s), how much longer a response
#: is shown than to its last marker, and divisions of the picture (internal choices).
N_COLUMNS, MARGIN, LEAST_MARGIN_S, BEHIND = 700, 0.25, 0.02, 1.7
N_TIME, N_HEIGHT = 10, 5
#: Where the artefact of a stimulus lies in a sweep without a response, and the least height of such a sweep by the part of the
#: case, so that noise does not fill the picture (internal choices).
ARTEFACT_S = 0.002
LEAST_UV = {"ncs.motor": 1000.0, "ncs.sensory": 10.0}
LETTERS = {"onset": "O", "negative_peak": "P", "positive_peak": "T", "return_to_baseline": "E"}


@dataclass
class TraceShelf:
    """Recordings that belong to a case: those in its folder, and those that are given by name.

    Parameters
    ----------
    folder : optional
        Where the case document lies; None for a case that has no place.
    given : mapping, optional
        Name that a link has -> recording, for what is not written yet.
    """

    folder: str | os.PathLike[str] | None = None
    given: dict[str, Recording] = field(default_factory=dict)
    read: dict[str, Recording] = field(default_factory=dict, repr=False)

    def recording(self, name: str) -> Recording:
        """Return a recording by the name its links have.

        Raises
        ------
        InputError
            If it is not kept beside the case, or the name leads out of its folder.
        ReadError
            If the file cannot be read.
        """
        from emgwidgets.io.registry import read

        if name in self.given:
            return self.given[name]
        if name != Path(name).name or name in {"", ".", ".."}:
            raise InputError("a recording is named without its folder", got=repr(name)[:80], expected="a file name")
        place = None if self.folder is None else Path(self.folder) / name
        if place is None or not place.exists():
            raise InputError(
                "the recording is not beside the case", got=name, expected="a file in the folder of the case",
                way_out="put it there, or open the case from its folder",
            )  # fmt: skip
        if name not in self.read:
            self.read[name] = read(place)
        return self.read[name]

    def wave(self, link: TraceLink) -> Trace | Sweep:
        """Return the stretch or sweep that a link names.

        Raises
        ------
        InputError
            If the recording, its channel, the sweep or the stretch is not there.
        """
        recording = self.recording(link.recording)
        if link.sweep is not None:
            found = sweeps_of(recording, channel=link.channel or None)
            at = 0 if len(found) == 1 else link.sweep
            if not 0 <= at < len(found):
                raise InputError(
                    "the recording has no such sweep", got=str(link.sweep), expected=f"0 to {len(found) - 1}"
                )
            return found[at]
        return recording.trace(_channel_of(recording, link).name, start_s=link.start_s, end_s=link.end_s)

    def view(self, link: TraceLink, markers: Sequence[Marker] = ()) -> tuple[Channel, float, float]:
        """Channel to draw, with the ends of what is shown in seconds; around a stretch, and behind a response, a little more."""
        if link.sweep is not None:
            sweep = self.wave(link)
            assert isinstance(sweep, Sweep)
            channel = _as_channel(sweep)
            last = max((one.time_ms / 1000.0 for one in markers), default=channel.end_s)
            return channel, channel.start_s, min(channel.end_s, BEHIND * last)
        channel = _channel_of(self.recording(link.recording), link)
        start = channel.start_s if link.start_s is None else link.start_s
        end = channel.end_s if link.end_s is None else link.end_s
        if end < channel.start_s or start > channel.end_s or end <= start:
            raise InputError(
                "the recording has no such stretch", got=f"{start:g} to {end:g} s",
                expected=f"within {channel.start_s:g} to {channel.end_s:g} s",
            )  # fmt: skip
        margin = max(MARGIN * (end - start), LEAST_MARGIN_S)
        return channel, max(start - margin, channel.start_s), min(end + margin, channel.end_s)


def _channel_of(recording: Recording, link: TraceLink) -> Channel:
    """The channel of a link; the only one of a file where the file calls it otherwise."""
    names = [one.name for one in recording.channels]
    if link.channel not in names and len(names) == 1:
        return recording.channels[0]
    return recording.channel(link.channel)


def _as_channel(sweep: Sweep) -> Channel:
    samples = np.asarray(sweep.samples_uv, dtype=np.float64)
    whole = Segment(first_sample=0, n_samples=len(samples), start_s=sweep.start_ms / 1000.0)
    return Channel(
        name=sweep.channel or "sweep", unit="uV", sampling_rate_hz=sweep.sampling_rate_hz, samples=ArraySamples(stored=samples),
        segments=(whole,), kind="emg", settings=sweep.settings,
    )  # fmt: skip


def _step(range_: float, divisions: int) -> float:
    """Smallest 1-2-5 step with which a range fits."""
    if not (math.isfinite(range_) and range_ > 0):
        return 1.0
    least = range_ / divisions
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= least * (1 - 1e-9))


def _filters(settings: RecordingSettings) -> str:
    ends = (settings.high_pass_hz, settings.low_pass_hz)
    if None in ends:
        return "filters not stated"
    return " to ".join(f"{end:g}" for end in ends) + " Hz"


def _height(channel: Channel, start_s: float, end_s: float, proof: Proof) -> float:
    """Largest distance from zero where the number was taken, so that a stimulus artefact does not set the scale."""
    times = [one.time_ms / 1000.0 for one in proof.markers]
    if not times and proof.link.sweep is not None:
        start_s = min(max(start_s, ARTEFACT_S), end_s)
    if times:
        pad = 0.25 * (max(times) - min(times)) + 0.001
        start_s, end_s = max(start_s, min(times) - pad), min(end_s, max(times) + pad)
    values = channel.read(channel.index_at(start_s), channel.index_at(end_s) + 1)
    return float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 0.0


def _row(shelf: TraceShelf, proof: Proof) -> dict[str, Any]:
    channel, start_s, end_s = shelf.view(proof.link, proof.markers)
    is_sweep = proof.link.sweep is not None
    link = proof.link
    unit = "µV" if channel.unit == "uV" else channel.unit
    where = (
        link.recording if is_sweep else f"{link.recording}, {link.start_s or 0.0:.3f} to {link.end_s or end_s:.3f} s"
    )
    markers: dict[str, dict[str, Any]] = {}
    for one in proof.markers:
        letter = LETTERS.get(one.kind)
        if letter:
            markers[letter] = {"letter": letter, "at": one.time_ms / 1000.0, "by_hand": one.is_manual}
    return {
        "words": proof.words, "caption": f"{where}; {_filters(channel.settings)}", "start": start_s, "end": end_s, "unit": unit,
        "is_sweep": is_sweep, "height": _height(channel, start_s, end_s, proof), "markers": list(markers.values()),
        "band": None if is_sweep else [link.start_s, link.end_s], "channel": channel,
    }  # fmt: skip


def trace_answer(shelf: TraceShelf, place: str, proofs: Sequence[Proof]) -> tuple[dict[str, Any], list[bytes]]:
    """What the browser draws for a place of the case: rows on one scale, and a sentence for each that cannot be shown."""
    rows: list[dict[str, Any]] = []
    missing: list[str] = []
    buffers: list[bytes] = []
    for proof in proofs:
        try:
            rows.append(_row(shelf, proof))
        except EmgError as error:
            missing.append(error.sentence)
    # all rows of a place share their scales
    least = 0.0 if any(row["markers"] for row in rows) else LEAST_UV.get(place.partition("[")[0], 0.0)
    per_height = _step(2.2 * max([least, *(row["height"] for row in rows)]), N_HEIGHT)
    width_s = max((row["end"] - row["start"] for row in rows), default=0.0)
    for row in rows:
        view = ChannelView(row.pop("channel"))
        row["end"] = min(row["start"] + width_s, view.channel.end_s)
        pieces = view.pieces(row["start"], row["end"], N_COLUMNS)
        if pieces is None:
            view.build()
            pieces = view.pieces(row["start"], row["end"], N_COLUMNS) or []
        head, data = pack(pieces)
        row |= {"columns": head | {"buffer": len(buffers)}, "said": _said(row, per_height)}
        buffers.append(data)
    return {
        "type": "trace", "place": place, "rows": rows, "missing": list(dict.fromkeys(missing)), "per_height": per_height,
        "per_time": _step(width_s, N_TIME), "width": width_s,
    }, buffers  # fmt: skip


def _said(row: Mapping[str, Any], per_height: float) -> str:
    markers = ", ".join(f"{one['letter']} at {1000.0 * one['at']:.1f} ms" for one in row["markers"])
    return f"{row['words']}. {row['caption']}. {per_height:g} {row['unit']} a division. {markers}".strip()
