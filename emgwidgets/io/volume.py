"""Spine MRI volumes from NIfTI and DICOM files, and level labels from label volumes; no identifier is read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from emgwidgets.errors import MissingExtraError, ReadError
from emgwidgets.model.volume import SpineVolume

__all__ = ["DISC_LABELS", "read_labels", "read_volume"]

#: Number of a disc in the point labels of the Spinal Cord Toolbox -> level; 1 and 2 lie above C2-3 (its documentation, M).
DISC_LABELS = {
    3: "C2-3", 4: "C3-4", 5: "C4-5", 6: "C5-6", 7: "C6-7", 8: "C7-T1",
    **{8 + n: f"T{n}-{n + 1}" for n in range(1, 12)}, 20: "T12-L1", 21: "L1-2", 22: "L2-3", 23: "L3-4", 24: "L4-5", 25: "L5-S1",
}  # fmt: skip
#: Vertebrae counted upwards from the lowest body of a segmentation.
FROM_BELOW = ("L5", "L4", "L3", "L2", "L1", "T12", "T11", "T10")
MAX_VOXELS = 400_000_000
NIFTI = (".nii", ".nii.gz")


def _is_nifti(path: Path) -> bool:
    return path.name.lower().endswith(NIFTI)


def _nibabel() -> Any:
    try:
        import nibabel
    except ImportError as error:
        raise MissingExtraError(
            "NIfTI files cannot be read here", got="the library nibabel is not installed", expected="the extra mri",
            way_out="pip install 'emgwidgets[mri]'",
        ) from error  # fmt: skip
    return nibabel


def _nifti(path: Path) -> tuple[np.ndarray, tuple[float, float, float], bool]:
    nibabel = _nibabel()
    try:
        image = nibabel.load(path)
        header = image.header
        knows = bool(int(header.get("qform_code", 0)) or int(header.get("sform_code", 0)))
        turned = nibabel.as_closest_canonical(image)
        shape = tuple(int(one) for one in turned.shape)
        voxels = np.asarray(turned.dataobj) if len(shape) == 3 and np.prod(shape) <= MAX_VOXELS else None
    except Exception as error:  # nibabel raises many kinds of its own
        raise ReadError(
            f"{path.name} is no NIfTI volume", got=type(error).__name__, expected=".nii or .nii.gz"
        ) from error
    if voxels is None:
        raise ReadError(f"{path.name} holds no single volume", got=f"shape {shape}", expected="three axes")
    first, second, third = (float(abs(one)) for one in turned.header.get_zooms()[:3])
    return voxels, (first, second, third), knows


def _dicom_files(source: Path) -> list[Path]:
    if source.is_dir():
        return sorted(one for one in source.iterdir() if one.is_file() and not one.name.startswith("."))
    return [source]


def _frames(paths: Sequence[Path]) -> list[Any]:
    from contextlib import suppress

    import pydicom

    frames = []
    for path in paths:
        one = None
        with suppress(Exception):  # a folder of a series may hold other files
            one = pydicom.dcmread(path)
        if (
            one is not None
            and "PixelData" in one
            and "Rows" in one
            and getattr(one, "NumberOfFrames", 1) in {None, 1, "1"}
        ):
            frames.append(one)
    return frames


def _pixels(frame: Any, name: str) -> np.ndarray:
    try:
        found: np.ndarray = frame.pixel_array
    except Exception as error:  # compressed pictures need libraries that may be absent
        raise ReadError(
            f"{name} holds a picture that cannot be decoded here", got=type(error).__name__, expected="uncompressed pixels",
            way_out="export the series without compression",
        ) from error  # fmt: skip
    return found


def _dicom(source: Path) -> tuple[np.ndarray, tuple[float, float, float], bool]:
    frames = _frames(_dicom_files(source))
    series = {str(getattr(one, "SeriesInstanceUID", "")) for one in frames}
    if len(frames) < 2 or len(series) > 1:
        raise ReadError(
            f"{source.name} is no single image series", got=f"{len(frames)} pictures of {len(series)} series",
            expected="a folder with the slices of one series",
        )  # fmt: skip
    first = frames[0]
    directions = getattr(first, "ImageOrientationPatient", None)
    knows = directions is not None and all(hasattr(one, "ImagePositionPatient") for one in frames)
    row_spacing, column_spacing = (float(one) for one in getattr(first, "PixelSpacing", (1.0, 1.0)))
    if not knows:
        frames.sort(key=lambda one: int(getattr(one, "InstanceNumber", 0) or 0))
        stack = np.stack([_pixels(one, source.name) for one in frames])
        thick = float(getattr(first, "SpacingBetweenSlices", None) or getattr(first, "SliceThickness", None) or 1.0)
        return stack.transpose(0, 2, 1)[:, ::-1, ::-1], (thick, column_spacing, row_spacing), False
    stated: Any = np.array([float(one) for one in first.ImageOrientationPatient])
    across, down = stated[:3], stated[3:]
    normal = np.cross(across, down)
    frames.sort(key=lambda one: float(np.dot(normal, np.array(one.ImagePositionPatient, float))))
    places = [float(np.dot(normal, np.array(one.ImagePositionPatient, float))) for one in frames]
    gap = float(np.median(np.diff(places)))
    if gap <= 0:
        raise ReadError(
            f"{source.name} holds two slices at one place", got=f"{gap:g} mm apart", expected="one stack of slices"
        )
    stack = np.stack([_pixels(one, source.name) for one in frames])
    return _canonical(stack, (normal, down, across), (gap, row_spacing, column_spacing))


def _canonical(
    stack: np.ndarray, directions: Sequence[np.ndarray], spacing: Sequence[float]
) -> tuple[np.ndarray, tuple[float, float, float], bool]:
    """Turn a stack so that its axes grow to right, front and head; DICOM axes grow to left, back and head."""
    grows = [np.array((-one[0], -one[1], one[2])) for one in directions]
    order, signs = [0, 0, 0], [1, 1, 1]
    left = [0, 1, 2]
    for axis in sorted(range(3), key=lambda n: -float(np.abs(grows[n]).max())):
        target = max(left, key=lambda n: abs(float(grows[axis][n])))
        left.remove(target)
        order[target] = axis
        signs[target] = 1 if grows[axis][target] >= 0 else -1
    turned = stack.transpose(order)[tuple(slice(None, None, sign) for sign in signs)]
    return turned, (spacing[order[0]], spacing[order[1]], spacing[order[2]]), True


def read_volume(source: str | os.PathLike[str], *, knows_sides: bool | None = None) -> SpineVolume:
    """Read a spine MRI: one NIfTI file, or the folder of a DICOM series.

    Parameters
    ----------
    source : path
    knows_sides : bool, optional
        False when the stated orientation is not to be trusted; without it, what the file says.  It can never turn an
        unstated orientation into a known one.

    Raises
    ------
    ReadError
        If there is no such file, or it holds no single volume.
    MissingExtraError
        If the library for it is not installed.
    """
    path = Path(source)
    if not path.exists():
        raise ReadError(
            f"{path.name} cannot be opened",
            got="no such file",
            expected="a NIfTI file or a DICOM folder",
            way_out="check the path",
        )
    voxels, spacing, knows = _nifti(path) if _is_nifti(path) else _dicom(path)
    knows = knows and knows_sides is not False
    return SpineVolume(
        voxels=voxels, spacing_mm=spacing, knows_sides=knows, name=path.name if _is_nifti(path) else "DICOM series"
    )


def _centres(labels: np.ndarray) -> dict[int, tuple[float, float, float]]:
    values = np.unique(labels[labels > 0])
    if len(values) > 60:
        raise ReadError("this is no label volume", got=f"{len(values)} values", expected="at most 60 labels")
    found = {}
    for value in values:
        middle = np.argwhere(labels == value).mean(axis=0)
        found[round(float(value))] = (float(middle[0]), float(middle[1]), float(middle[2]))
    return found


def read_labels(
    volume: SpineVolume, source: str | os.PathLike[str], *, names: Mapping[int, str] | Literal["discs", "from_below"]
) -> SpineVolume:
    """Return the volume with level labels from a label volume on the same grid.

    Parameters
    ----------
    names : mapping or str
        Value -> vertebra or disc level; ``"discs"`` for the numbers of the Spinal Cord Toolbox, ``"from_below"`` for
        vertebral bodies of which the lowest is L5, whatever their numbers: to be confirmed by a reader.

    Raises
    ------
    ReadError
        If the labels do not lie on the volume's grid or none has a name.
    """
    voxels, _, _ = _nifti(Path(source))
    if voxels.shape != volume.voxels.shape:
        raise ReadError(
            "the labels do not lie on the grid of the volume", got=f"{voxels.shape}", expected=f"{volume.voxels.shape}"
        )
    centres = _centres(voxels)
    if names == "from_below":
        ordered = sorted(centres.values(), key=lambda one: one[2])
        found = dict(zip(FROM_BELOW, ordered, strict=False))
    else:
        known = DISC_LABELS if names == "discs" else names
        found = {known[value]: centre for value, centre in centres.items() if value in known}
    if not found:
        raise ReadError(
            "no label of this file has a name", got=f"values {sorted(centres)[:8]}", expected="values that names lists"
        )
    for name, voxel in found.items():
        volume = volume.with_label(name, voxel, by="file")
    return volume
