"""Shared fixtures: where the real recordings are, and a clean home for settings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def find_recordings() -> Path | None:
    """Return the folder of real recordings: EMGWIDGETS_RECORDINGS, or shared/recordings beside the project."""
    places = [
        os.environ.get("EMGWIDGETS_RECORDINGS"),
        ROOT.parent / "shared" / "recordings",
        ROOT.parent / "recordings",
    ]
    for place in places:
        if place and Path(place).is_dir():
            return Path(place)
    return None


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Return the folder of real recordings, or skip with the reason."""
    place = find_recordings()
    if place is None:
        pytest.skip("no real recordings beside the project; set EMGWIDGETS_RECORDINGS to their folder")
    return place
