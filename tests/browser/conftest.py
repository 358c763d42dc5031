"""Fixtures of browser tests: one JupyterLab and one Chromium a session, fresh pages for each test."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

_PLACE = Path(__file__).with_name("lab.py")


def _lab_module():
    if "emgwidgets_browser_lab" not in sys.modules:
        spec = importlib.util.spec_from_file_location("emgwidgets_browser_lab", _PLACE)
        module = importlib.util.module_from_spec(spec)
        sys.modules["emgwidgets_browser_lab"] = module
        spec.loader.exec_module(module)
    return sys.modules["emgwidgets_browser_lab"]


@pytest.fixture(scope="session")
def _lab_session(tmp_path_factory):
    from playwright.sync_api import sync_playwright

    tools = _lab_module()
    chromium = tools.find_chromium()
    if chromium is None:
        pytest.fail("no Chromium found; set EMGWIDGETS_CHROMIUM, or run: python -m playwright install chromium")
    folder, home = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("home")
    with tools.lab_server(folder, home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(tools.FLAGS))
        yield tools.Lab(address, folder, browser)
        browser.close()


@pytest.fixture
def lab(_lab_session):
    """A lab whose pages are closed after the test; ``lab.open_notebook(cells)`` returns a playwright page."""
    _lab_session.errors.clear()
    _lab_session.requests_off_loopback.clear()
    yield _lab_session
    _lab_session.close_pages()


@pytest.fixture
def project(lab):
    """The lab with the lessons and their data in its folder; nothing may have failed or left this machine at the end."""
    root = Path(__file__).resolve().parents[2]
    for name in ("notebooks", "data"):
        shutil.copytree(root / name, lab.folder / name, dirs_exist_ok=True)
    yield lab
    assert lab.errors == []
    assert lab.requests_off_loopback == []
