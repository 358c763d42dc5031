"""What this machine can do: one line for each thing the widgets, readers and lessons need, with the way out."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

__all__ = ["Finding", "doctor", "doctor_text"]

#: What each extra is for; the key is the name to install.
EXTRAS = {
    "devices": (("brainflow", "pylsl", "serial", "sounddevice"), "recording from amplifiers and LSL streams"),
    "mri": (("nibabel", "ipyniivue"), "looking at MRI volumes"),
    "fast": (("numba",), "faster simulation"),
    "reports": (("typst",), "reports as PDF"),
}
REQUIRED = (
    "numpy",
    "scipy",
    "pandas",
    "anywidget",
    "ipywidgets",
    "jupyterlab",
    "matplotlib",
    "plotly",
    "edfio",
    "wfdb",
    "neo",
)
OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line: ``ok``, ``--`` for an extra that is not there and not needed, or ``problem`` with the way out."""

    name: str
    state: Literal["ok", "--", "problem"]
    text: str
    way_out: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def doctor() -> tuple[Finding, ...]:
    """Look at the machine; nothing is changed."""
    return (*_python(), *_packages(), *_extras(), *_jupyter(), *_places())


def doctor_text(findings: tuple[Finding, ...]) -> str:
    """Return the findings as lines, and a last line that sums up."""
    width = max(len(one.name) for one in findings)
    lines = [
        f"{one.state:<8}{one.name:<{width}}  {one.text}{f'; {one.way_out}' if one.way_out else ''}" for one in findings
    ]
    n_problems = sum(one.state == "problem" for one in findings)
    lines.append("No problem found." if not n_problems else f"{n_problems} of {len(findings)} lines are a problem.")
    return "\n".join(lines)


def _python() -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    is_new = sys.version_info[:2] >= OLDEST_PYTHON
    yield Finding(
        name="Python", state="ok" if is_new else "problem", text=version,
        way_out="" if is_new else "install Python 3.11 or newer",
    )  # fmt: skip


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _packages() -> Iterator[Finding]:
    for name in ("emgwidgets", *REQUIRED):
        version = _version(name)
        yield Finding(
            name=name, state="problem" if version is None else "ok", text=version or "not installed",
            way_out="" if version else "install emgwidgets again with pip",
        )  # fmt: skip


def _extras() -> Iterator[Finding]:
    for name, (modules, purpose) in EXTRAS.items():
        missing = [module for module in modules if importlib.util.find_spec(module) is None]
        yield Finding(
            name=f"extra {name}", state="--" if missing else "ok",
            text=f"{purpose}: {'missing ' + ', '.join(missing) if missing else 'there'}",
            way_out=f'pip install "emgwidgets[{name}]"' if missing else "",
        )  # fmt: skip


def _jupyter() -> Iterator[Finding]:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    from jupyter_core.paths import jupyter_config_path

    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
        yield Finding(name="kernel python3", state="ok", text=spec.display_name)
    except NoSuchKernel:
        yield Finding(
            name="kernel python3", state="problem", text="not found",
            way_out="python -m pip install ipykernel, then python -m ipykernel install --sys-prefix",
        )  # fmt: skip
    is_on = any(_enables(Path(folder)) for folder in jupyter_config_path())
    yield Finding(
        name="server extension", state="ok" if is_on else "problem",
        text="on, widgets answer without delay" if is_on else "not on, so dragging in a widget is slow",
        way_out="" if is_on else "jupyter server extension enable --sys-prefix emgwidgets.server_extension",
    )  # fmt: skip


def _enables(folder: Path) -> bool:
    for place in (folder / "jupyter_server_config.json", *sorted(folder.glob("jupyter_server_config.d/*.json"))):
        try:
            content = json.loads(place.read_text(encoding="utf-8"))
            if content["ServerApp"]["jpserver_extensions"].get("emgwidgets.server_extension"):
                return True
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return False


def _places() -> Iterator[Finding]:
    for name, folder in (("working folder", Path.cwd()), ("temporary folder", Path(tempfile.gettempdir()))):
        can_write = os.access(folder, os.W_OK)
        yield Finding(
            name=name, state="ok" if can_write else "problem",
            text="may be written" if can_write else "may not be written, so annotations cannot be kept there",
            way_out="" if can_write else "change to a folder of your own",
        )  # fmt: skip
