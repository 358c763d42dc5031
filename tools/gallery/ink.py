"""Look of the pictures: one ink, a clinic's grid, few colours so that each file stays small."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

INK, GRID, WORDS = "#12344d", "#d9dfe4", "#333333"
MOST_BYTES = 60_000


def tidy(axis: Any, *, width: float, height: float, division: tuple[float, float], zero: float = 0.0) -> None:
    """Frame of ``width`` by ``2 x height`` with a grid of divisions; negative is up."""
    axis.set_xlim(zero, zero + width)
    axis.set_ylim(-height, height)
    axis.set_xticks(np.arange(zero, zero + width + 1e-9, division[0]))
    axis.set_yticks(np.arange(-height, height + 1e-9, division[1]))
    axis.grid(color=GRID, lw=0.5)
    axis.tick_params(length=0, labelbottom=False, labelleft=False)
    for side in axis.spines.values():
        side.set_color(GRID)


def trace(axis: Any, x: np.ndarray, y_uv: np.ndarray, *, lw: float = 0.6, alpha: float = 1.0) -> None:
    """Draw a curve; samples are negated so that negative is up."""
    axis.plot(x, -y_uv, lw=lw, color=INK, alpha=alpha, solid_joinstyle="round", rasterized=True)


def small(x: np.ndarray, y: np.ndarray, columns: int = 700) -> tuple[np.ndarray, np.ndarray]:
    """Keep the smallest and largest sample of each column, as a screen would."""
    n = len(y) // columns
    if n < 3:
        return x, y
    block = y[: n * columns].reshape(columns, n)
    ends = np.column_stack([block.min(axis=1), block.max(axis=1)]).ravel()
    return np.repeat(x[: n * columns : n], 2), ends


def save(figure: Any, path: Path, *, dpi: int = 84) -> None:
    """Write a PNG with 16 colours; refuse one that is too large."""
    import matplotlib.pyplot as plt
    from PIL import Image

    held = io.BytesIO()
    figure.savefig(held, dpi=dpi, format="png", facecolor="white")
    plt.close(figure)
    image = Image.open(held).convert("RGB").quantize(16, dither=Image.Dither.NONE)
    image.save(path, optimize=True)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{path.name} has {size} bytes; at most {MOST_BYTES} are committed")
