"""A real JupyterLab and a real Chromium for tests: starts the server, opens notebooks made for a test, runs their cells."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
LOOPBACK = ("http://127.0.0.1", "ws://127.0.0.1", "http://localhost", "ws://localhost", "blob:", "data:")


def find_chromium() -> str | None:
    """Return a Chromium: EMGWIDGETS_CHROMIUM, then the path, then playwright's own; None when there is none."""
    named = os.environ.get("EMGWIDGETS_CHROMIUM")
    if named:
        return named
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    home = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    places = sorted(home.glob("chromium-*/chrome-linux*/chrome")) + sorted(
        home.glob("chromium-*/chrome-mac*/*/Contents/MacOS/*")
    )
    return str(places[-1]) if places else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def lab_server(folder: Path, home: Path, *, python: str = sys.executable) -> Iterator[str]:
    """Run JupyterLab of an interpreter on ``folder`` with empty settings in ``home``; yields its address."""
    port = _free_port()
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR")
    environment = {**os.environ, **{name: str(home / name.lower()) for name in names}}
    for name in names:
        (home / name.lower()).mkdir(parents=True, exist_ok=True)
    command = [
        python, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser", f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0", "--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={folder}",
        "--ServerApp.disable_check_xsrf=True", "--ServerApp.allow_root=True", "--LabApp.extension_manager=readonly",
    ]  # fmt: skip
    with (home / "lab.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, process, home / "lab.log")
            yield address
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"JupyterLab ended: {log.read_text(errors='replace')[-2000:]}")
        try:
            with urllib.request.urlopen(f"{address}/api/status", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError("JupyterLab did not answer within 90 s")


class Lab:
    """One server and one browser; opens a fresh page for each notebook.

    ``errors`` and ``requests_off_loopback`` collect what the pages of this lab met; a test asserts they are empty.
    """

    def __init__(self, address: str, folder: Path, browser: object) -> None:
        self.address = address
        self.folder = folder
        self.browser = browser
        self.errors: list[str] = []
        self.requests_off_loopback: list[str] = []
        self._n = 0
        self._contexts: list[object] = []

    def open_notebook(
        self, cells: Sequence[str], *, width: int = 1440, height: int = 1300, dark: bool = False, run: bool = True
    ):
        """Write a notebook of code cells, open it in a new page, run all, and return the playwright page."""
        import nbformat

        self._n += 1
        name = f"made_{self._n}.ipynb"
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.folder / name)
        return self.open_file(name, width=width, height=height, dark=dark, run=run)

    def open_file(self, name: str, *, width: int = 1440, height: int = 1300, dark: bool = False, run: bool = True):
        """Open a notebook of the lab's folder in a new page; runs all cells unless told otherwise."""
        context = self.browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith(LOOPBACK) else self.requests_off_loopback.append(request.url)
            ),
        )
        page.goto(f"{self.address}/lab/tree/{name}?reset")
        page.wait_for_function("() => window.jupyterapp && window.jupyterapp.shell.currentWidget")
        page.evaluate("async () => { await window.jupyterapp.restored; }")
        set_theme(page, dark=dark)
        if page.locator("#jp-left-stack").is_visible():
            command(page, "application:toggle-left-area")
        if run:
            wait_for_kernel(page)
            page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        return page

    def close_pages(self) -> None:
        """Shut the kernels down and close every page."""
        for context in self._contexts:
            for page in context.pages:
                with suppress(Exception):  # the page may be gone already
                    page.evaluate(
                        "async () => { const s = window.jupyterapp.shell.currentWidget.sessionContext; await s.shutdown(); }"
                    )
            context.close()
        self._contexts.clear()


def wait_for_kernel(page) -> None:
    """Wait until the page's notebook is drawn and its kernel is connected."""
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.connectionStatus === 'connected'",
        timeout=60000,
    )


def command(page, name: str, arguments: dict[str, object] | None = None) -> None:
    """Run a command of JupyterLab and wait for it."""
    page.evaluate(
        "async ([name, args]) => { await window.jupyterapp.commands.execute(name, args); }", [name, arguments or {}]
    )


def set_theme(page, *, dark: bool) -> None:
    """Put JupyterLab's light or dark theme in force; the choice is kept by the server, so every page states its own."""
    command(page, "apputils:change-theme", {"theme": "JupyterLab Dark" if dark else "JupyterLab Light"})
    page.wait_for_function("(dark) => document.body.dataset.jpThemeLight === String(!dark)", arg=dark)
