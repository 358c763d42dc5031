"""Prints the path of a Chromium for the browser tests; installs one when none is there, or says what to do.

Looked for in EMGWIDGETS_CHROMIUM, on the path, and where playwright keeps its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find() -> str | None:
    """Path of a Chromium that is there, or None."""
    stated = os.environ.get("EMGWIDGETS_CHROMIUM")
    if stated:
        if Path(stated).is_file():
            return stated
        sys.exit(f"browser: EMGWIDGETS_CHROMIUM names {stated!r}, which is no file; correct it or unset it.")
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    return playwright_own()


def playwright_own() -> str | None:
    """Path of playwright's own Chromium when it has been downloaded."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def attempt(*command: str, seconds: float) -> bool:
    """Run an install command quietly; output goes to stderr because stdout carries the path."""
    print(f"browser: trying {' '.join(command[-4:])}", file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds, env=environment, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def may_install_packages() -> bool:
    """Whether the system's package manager may be used without asking."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def main() -> None:
    """Print the path, installing a browser first if needed."""
    found = find()
    if found is None and may_install_packages():
        attempt("apt-get", "update", "-qq", seconds=300)
        attempt("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", seconds=900)
        found = find()
    if found is None:
        attempt(sys.executable, "-m", "playwright", "install", "chromium", seconds=600)
        found = find()
    if found is None:
        sys.exit(
            "browser: no Chromium was found and none could be installed; install the package chromium, or name one with "
            "EMGWIDGETS_CHROMIUM=/path/to/chromium, or run `make test-fast`, which leaves the browser out."
        )
    print(found)


if __name__ == "__main__":
    main()
