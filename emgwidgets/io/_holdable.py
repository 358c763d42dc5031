"""What a format cannot hold is refused in one sentence before anything is written."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from emgwidgets.errors import WriteError
from emgwidgets.model.signal import Annotation, Channel, Recording

__all__ = ["PARTS", "check_holdable", "check_options", "marks_of", "value_range"]

PARTS = ("sweeps", "stimuli", "tables")
BLOCK = 1 << 20


def check_holdable(
    recording: Recording, format_name: str, *, holds: Collection[str] = (), drop: Collection[str] = ()
) -> None:
    """Raise a WriteError if the recording has sweeps, stimuli or tables that the format cannot hold and nobody dropped."""
    unknown = [part for part in drop if part not in PARTS]
    if unknown:
        raise WriteError(
            "drop names no part", got=repr(unknown[0]), expected=", ".join(PARTS), way_out="correct drop=(...)"
        )
    for part in PARTS:
        held = getattr(recording, part)
        if held and part not in holds and part not in drop:
            raise WriteError(
                f"{format_name} cannot hold {part}", got=f"{len(held)} {part}", expected="a recording without them",
                way_out=f'write .npz, which holds everything, or leave them out with drop=("{part}",)',
            )  # fmt: skip
    if not recording.channels and not recording.annotations and not any(getattr(recording, part) for part in holds):
        raise WriteError(
            "there is nothing to write", got="a recording without channels and annotations", expected="at least one channel",
            way_out="choose another recording",
        )  # fmt: skip


def check_options(options: Collection[str], known: Collection[str], format_name: str) -> None:
    """Raise a WriteError for an option the writer does not have."""
    for name in options:
        if name not in known:
            raise WriteError(
                f"the {format_name} writer has no option of this name", got=name, expected=", ".join(known) or "no option",
                way_out="leave it out",
            )  # fmt: skip


def marks_of(recording: Recording, *, stimuli: bool = False) -> tuple[Annotation, ...]:
    """Annotations in order of time; with ``stimuli`` each stimulus too, as a point with its current."""
    marks = list(recording.annotations)
    if stimuli:
        for stimulus in recording.stimuli:
            current = "" if stimulus.current_ma is None else f" {stimulus.current_ma:g} mA"
            label = stimulus.label or f"stimulus{current}"
            marks.append(Annotation(start_s=stimulus.time_s, label=label))
    return tuple(sorted(marks, key=lambda mark: (mark.start_s, mark.duration_s, mark.label)))


def value_range(channel: Channel) -> tuple[float, float, int]:
    """Return smallest and largest value in the channel's unit, NaN left out, and the number of NaN.

    Raises
    ------
    WriteError
        If a value is infinite.
    """
    low, high, n_missing = np.inf, -np.inf, 0
    for start in range(0, channel.n_samples, BLOCK):
        values = channel.read(start, start + BLOCK)
        missing = np.isnan(values)
        n_block = int(missing.sum())
        n_missing += n_block
        if n_block == len(values):
            continue
        present = values[~missing] if n_block else values
        low, high = min(low, float(present.min())), max(high, float(present.max()))
    if n_missing < channel.n_samples and not (np.isfinite(low) and np.isfinite(high)):
        raise WriteError(
            f"channel {channel.name!r} holds an infinite value", got=f"{low:g} to {high:g}", expected="finite values",
            way_out="replace it before writing",
        )  # fmt: skip
    return (low, high, n_missing) if np.isfinite(low) else (0.0, 0.0, n_missing)
