"""Real recordings to look at: those found beside the project, and the open PhysioNet examples for a user who is online."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from emgwidgets.errors import EmgError, ReadError, WriteError
from emgwidgets.io._atomic import atomic_file
from emgwidgets.io.registry import read

__all__ = ["PHYSIONET_ADDRESS", "PHYSIONET_FILES", "fetch_physionet_examples", "find_recording"]

#: "Examples of Electromyograms", PhysioNet emgdb 1.0.0, ODC-BY 1.0; cite Goldberger et al., Circulation 2000;101:e215-e220.
PHYSIONET_ADDRESS = "https://physionet.org/files/emgdb/1.0.0/"
#: SHA-256 of each file; empty where it is not known, then length and the format itself are the check.
PHYSIONET_FILES = {
    "emg_healthy.hea": "466466f9e1bd9ba5f34359877ca7eac6ac285878987a860534f6820291f5856b",
    "emg_healthy.dat": "4990f34f0ffb314f6ce70c1d2089b7ce41fa96d19fcd9fb334815ca5033966fd",
    "emg_neuropathy.hea": "135e42361c5cf680e8212cfabfcdcf2c1eb203c707599c586bc6521fb92288e2",
    "emg_neuropathy.dat": "108c6c71d3792f3dba645539bd9241119fb4c6a3a0f3e515399694b072375dd5",
    "emg_myopathy.hea": "",
    "emg_myopathy.dat": "",
}
_MAX_BYTES = 16 * 1024 * 1024  # the largest of them is 0.9 MB as text and 0.3 MB as signal
_TIMEOUT_S = 20.0


def find_recording(name: str = "emg_neuropathy.hea") -> Path | None:
    """Return a real recording found beside the project, or None.

    Looked through are the folder in ``EMGWIDGETS_RECORDINGS``, then ``recordings`` and ``shared/recordings`` in the
    working folder and in the three folders above it.

    Parameters
    ----------
    name : str
        File name; the first match in order of path counts.
    """
    here = Path.cwd()
    stated = os.environ.get("EMGWIDGETS_RECORDINGS")
    places = [Path(stated)] if stated else []
    for folder in (here, *list(here.parents)[:3]):
        places += [folder / "recordings", folder / "shared" / "recordings"]
    for place in places:
        if place.is_dir():
            found = sorted(place.rglob(name))
            if found:
                return found[0]
    return None


def fetch_physionet_examples(
    folder: str | os.PathLike[str], *, address: str = PHYSIONET_ADDRESS, report: Callable[[str], None] | None = None
) -> tuple[Path, ...]:
    """Download the three open needle EMG examples of PhysioNet.

    Parameters
    ----------
    folder : path
        Where to put them; made if it does not exist.  Files that are there and sound are not fetched again.
    address : str
        Folder of the files, for a mirror.
    report : callable, optional
        Called with one line per file.

    Returns
    -------
    tuple of Path
        The header of each record, ready for :func:`emgwidgets.read`.

    Raises
    ------
    ReadError
        If the machine is offline, or a file is not what it should be; nothing damaged stays behind.
    WriteError
        If the folder cannot be written.
    """
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(
            f"{place.name} cannot be made", got=str(error.strerror), expected="a writable folder", way_out="choose another",
        ) from error  # fmt: skip
    for name, digest in PHYSIONET_FILES.items():
        target = place / name
        if target.is_file() and _is_sound(target.read_bytes(), digest):
            continue
        if report is not None:
            report(f"fetching {name}")
        content = _download(address + name, name)
        if not _is_sound(content, digest):
            raise ReadError(
                f"{name} is not the file that was published", got=f"{len(content)} bytes with another checksum",
                expected="the published file", way_out="try again, or fetch it with a browser from physionet.org",
            )  # fmt: skip
        with atomic_file(target) as temporary:
            temporary.write_bytes(content)
    headers = tuple(place / name for name in PHYSIONET_FILES if name.endswith(".hea"))
    for header in headers:
        _check(header)
    return headers


def _is_sound(content: bytes, digest: str) -> bool:
    return bool(content) if not digest else hashlib.sha256(content).hexdigest() == digest


def _check(header: Path) -> None:
    """Open a record; one that does not open is removed, so that the next call fetches it again."""
    try:
        read(header)
    except EmgError:
        header.unlink(missing_ok=True)
        header.with_suffix(".dat").unlink(missing_ok=True)
        raise


def _download(address: str, name: str) -> bytes:
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import urlopen

    try:
        with urlopen(address, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - a fixed public address, or a mirror the user names
            content = bytes(answer.read(_MAX_BYTES + 1))
    except HTTPError as error:
        raise ReadError(
            f"{name} is not there", got=f"answer {error.code}", expected="the file", way_out="try again later",
        ) from error  # fmt: skip
    except (URLError, HTTPException, OSError) as error:
        reason = " ".join(str(getattr(error, "reason", error)).split())[:120]
        raise ReadError(
            "PhysioNet cannot be reached, so nothing was fetched", got=reason or type(error).__name__,
            expected="a connection to physionet.org", way_out="go online and try again, or use the simulated recordings",
        ) from error  # fmt: skip
    if len(content) > _MAX_BYTES:
        raise ReadError(
            f"{name} is longer than it should be", expected=f"at most {_MAX_BYTES} bytes", way_out="try later"
        )
    return content
