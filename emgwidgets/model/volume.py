"""An image volume of the spine with its level labels.  Which way is left is known only where the file says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from emgwidgets.errors import InputError

__all__ = ["PLANES", "Plane", "Slice", "SpineVolume"]

Plane = Literal["sagittal", "axial", "coronal"]
PLANES: tuple[Plane, ...] = ("sagittal", "axial", "coronal")
#: Axis that a plane cuts, and the axes drawn across and down, in an array that grows to right, front, head.
AXES = {"sagittal": (0, 1, 2), "axial": (2, 0, 1), "coronal": (1, 0, 2)}


@dataclass(frozen=True, kw_only=True, eq=False)
class Slice:
    """One picture: rows from top to bottom, with the size of a pixel and the letters of its four edges.

    Parameters
    ----------
    pixels : array
        Shape ``(n_rows, n_columns)``, 8 bit.
    edges : tuple of str
        Left, right, top, bottom: ``"R" "L" "A" "P" "S" "I"``; empty where the file does not say.
    """

    plane: Plane
    index: int
    pixels: np.ndarray
    row_mm: float
    column_mm: float
    edges: tuple[str, str, str, str]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SpineVolume:
    """Voxels that grow to the patient's right, front and head, with level labels.

    Parameters
    ----------
    voxels : array
        Shape ``(n_right, n_front, n_head)``.
    spacing_mm : tuple of float
        Size of a voxel along the three axes.
    knows_sides : bool
        Whether the file states its orientation; without it no letter is shown and no side is tied to it.
    labels : mapping
        Vertebra or disc level -> voxel.
    labels_by : str
        ``"hand"``, ``"file"`` or empty.
    """

    voxels: np.ndarray
    spacing_mm: tuple[float, float, float]
    knows_sides: bool
    name: str = ""
    labels: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    labels_by: str = ""

    def __post_init__(self) -> None:
        if self.voxels.ndim != 3 or min(self.voxels.shape) < 2:
            raise InputError(
                "this is no image volume", got=f"shape {self.voxels.shape}", expected="three axes of 2 or more"
            )
        if not all(np.isfinite(one) and one > 0 for one in self.spacing_mm):
            raise InputError("a voxel needs its size", got=str(self.spacing_mm), expected="three sizes over 0 mm")

    def __repr__(self) -> str:
        n = " x ".join(str(one) for one in self.voxels.shape)
        return f"SpineVolume({n}, sides {'known' if self.knows_sides else 'not known'}, {len(self.labels)} labels)"

    def count(self, plane: Plane) -> int:
        """Slices of a plane."""
        return int(self.voxels.shape[AXES[plane][0]])

    def with_label(self, name: str, voxel: tuple[float, float, float] | None, *, by: str = "hand") -> SpineVolume:
        """The same volume with a label placed, moved or (with None) taken away."""
        labels = {key: value for key, value in self.labels.items() if key != name}
        if voxel is not None:
            if not all(0 <= at < n for at, n in zip(voxel, self.voxels.shape, strict=True)):
                raise InputError(
                    f"the label {name} lies outside the volume", got=str(voxel), expected=f"within {self.voxels.shape}"
                )
            labels[name] = voxel
        return replace(self, labels=labels, labels_by=by)

    def window(self) -> tuple[float, float]:
        """Grey levels shown as black and as white: the 1st and 99.5th percentile (a choice for the screen)."""
        low, high = np.percentile(self.voxels[::2, ::2, ::2], (1.0, 99.5))
        return float(low), float(max(high, low + 1e-6))

    def cut(self, plane: Plane, index: int, *, window: tuple[float, float] | None = None) -> Slice:
        """Return one slice as radiology shows it: head up, front of a sagittal cut and right of an axial one on the left.

        Raises
        ------
        InputError
            If there is no such plane or slice.
        """
        if plane not in AXES:
            raise InputError("no such plane", got=repr(plane), expected=", ".join(PLANES))
        if not 0 <= index < self.count(plane):
            raise InputError(f"no such {plane} slice", got=str(index), expected=f"0 to {self.count(plane) - 1}")
        axis, across, down = AXES[plane]
        low, high = window or self.window()
        found: Any = np.take(self.voxels, index, axis=axis)
        # front and right stand on the left, head and front on top: both axes are turned
        turned = found.T[::-1, ::-1]
        grey = np.clip((turned.astype(np.float32) - low) / (high - low), 0.0, 1.0)
        letters = {0: ("R", "L"), 1: ("A", "P"), 2: ("S", "I")}
        edges = (*letters[across], *letters[down]) if self.knows_sides else ("", "", "", "")
        return Slice(
            plane=plane, index=index, pixels=np.ascontiguousarray((grey * 255).astype(np.uint8)), row_mm=self.spacing_mm[down],
            column_mm=self.spacing_mm[across], edges=edges,
        )  # fmt: skip

    def place(self, plane: Plane, voxel: tuple[float, float, float]) -> tuple[float, float]:
        """Column and row of a voxel on the slices of a plane."""
        _, across, down = AXES[plane]
        return (self.voxels.shape[across] - 1 - voxel[across], self.voxels.shape[down] - 1 - voxel[down])

    def voxel_at(self, plane: Plane, index: int, column: int, row: int) -> tuple[float, float, float]:
        """Voxel under a pixel of a slice."""
        axis, across, down = AXES[plane]
        found = [0.0, 0.0, 0.0]
        found[axis] = float(index)
        found[across] = float(self.voxels.shape[across] - 1 - column)
        found[down] = float(self.voxels.shape[down] - 1 - row)
        return (found[0], found[1], found[2])

    def level_voxel(self, upper: str, lower: str, level: str) -> tuple[float, float, float] | None:
        """Voxel of a disc level: its own label, or half way between the labels of its two vertebrae."""
        if level in self.labels:
            return self.labels[level]
        ends = (self.labels.get(upper), self.labels.get(lower))
        if ends[0] is None or ends[1] is None:
            return None
        return (
            (ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2, (ends[0][2] + ends[1][2]) / 2,
        )  # fmt: skip
