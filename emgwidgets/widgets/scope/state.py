"""How the scope stands, in plain values for the browser: device, levels, recording, sweeps.  It measures nothing itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.meters import level_of
from emgwidgets.acquisition.recorder import Recorder
from emgwidgets.acquisition.sweeps import SweepCollector
from emgwidgets.errors import EmgError
from emgwidgets.widgets.live.sources import channel_rows

__all__ = ["device_state", "level_state", "recording_state", "sweeps_message"]

#: Looked at for the meters (internal choice: long enough to tell 50 from 60 Hz, short enough to follow the needle).
METERED_S = 0.5
MOST_SWEEPS = 20


def device_state(engine: Engine) -> dict[str, Any]:
    """State, counts and sentence of the engine."""
    status = engine.status
    rate_hz = engine.info.streams[0].sampling_rate_hz
    return {
        "state": status.state, "sentence": status.sentence, "n_lost": status.n_lost, "n_gaps": status.n_gaps,
        "n_missing": status.n_missing, "time_s": round(engine.buffer.end() / rate_hz, 3), "lost_s": status.n_lost / rate_hz,
    }  # fmt: skip


def level_state(engine: Engine) -> list[dict[str, Any]]:
    """Meters of each channel, over the last half second, with the impedance where the device measures it."""
    try:
        impedances = {one.channel: one.impedance_kohm for one in engine.impedances()}
    except EmgError:
        impedances = {}
    windows = [engine.buffer.latest(METERED_S, stream=number) for number in range(len(engine.info.streams))]
    found = []
    for number, row in channel_rows(engine.info):
        stream = engine.info.streams[number]
        level = level_of(windows[number][row], stream.sampling_rate_hz)
        found.append(
            {
                "rms": _plain(level.rms_uv), "peak": _plain(level.peak_uv), "offset": _plain(level.offset_uv),
                "limit_share": _plain(level.limit_share), "mains_hz": level.mains_hz, "mains": _plain(level.mains_uv),
                "impedance_kohm": impedances.get(stream.channels[row].name),
            }
        )  # fmt: skip
    return found


def _plain(value: float) -> float | None:
    return float(f"{value:.4g}") if np.isfinite(value) else None


def recording_state(recorder: Recorder | None, engine: Engine) -> dict[str, Any] | None:
    """File, safe seconds and sentence of the recording under way; None when there is none."""
    if recorder is None:
        return None
    rate_hz = sum(stream.sampling_rate_hz for stream in engine.info.streams)
    status = recorder.status
    return {
        "file": recorder.path.name, "safe_s": round(status.n_acknowledged / rate_hz, 1), "n_refused": status.n_refused,
        "sentence": status.sentence,
    }  # fmt: skip


def sweeps_message(collector: SweepCollector, channel: int) -> tuple[dict[str, Any], list[bytes]]:
    """Average and the last single sweeps as float32, with the counts."""
    counts, average, last = collector.counts, collector.average(), collector.sweeps[-MOST_SWEEPS:]
    head: dict[str, Any] = {
        "type": "sweeps", "channel": channel, "n_accepted": counts.n_accepted, "n_rejected": counts.n_rejected,
        "n_broken": counts.n_broken, "n_samples": 0, "n_single": len(last),
    }  # fmt: skip
    if average is None:
        return head, []
    head |= {
        "n_samples": len(average.samples_uv), "start_ms": average.start_ms, "rate_hz": average.sampling_rate_hz,
    }  # fmt: skip
    values = np.stack([average.samples_uv, *(sweep.samples_uv for sweep in last)]).astype(np.float32)
    return head, [values.tobytes()]
