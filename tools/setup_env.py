"""Creates the virtual environment from the lock file; needs nothing but Python 3.11 or newer.

Usage: python tools/setup_env.py lab|test   (prints nothing when the environment is already right)
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENV = Path(os.environ.get("EMGWIDGETS_VENV", ROOT / ".venv"))
BIN = ENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")


def fail(sentence: str) -> None:
    """End with one sentence."""
    sys.exit(f"setup: {sentence}")


def fingerprint(kind: str) -> str:
    """Digest of everything the environment depends on."""
    digest = hashlib.sha256(f"{kind} {sys.version} {ROOT}".encode())
    for path in [
        ROOT / "pyproject.toml",
        ROOT / "requirements" / f"{kind}.lock.txt",
        *sorted((ROOT / "tools" / "jupyter").rglob("*.json")),
    ]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_ready(kind: str) -> bool:
    """Whether the environment fits; one made for the tests serves the lessons too."""
    kinds = ("lab", "test") if kind == "lab" else ("test",)
    stamps = [ENV / f".emgwidgets-{each}" for each in kinds]
    return PYTHON.exists() and any(
        s.exists() and s.read_text() == fingerprint(k) for s, k in zip(stamps, kinds, strict=True)
    )


def run(*command: str) -> bool:
    """Run a command, its output shown only when it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.stderr.write(done.stdout[-2000:] + done.stderr[-4000:])
    return done.returncode == 0


def make_environment() -> str:
    """Create the empty environment; returns the installer to use, uv or pip."""
    if not PYTHON.exists():
        uv = shutil.which("uv")
        try:
            venv.create(ENV, with_pip=True, clear=True)
        except (subprocess.CalledProcessError, OSError, SystemExit):
            if not uv or not run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(ENV)):
                fail(
                    "this Python cannot make virtual environments; install its venv module (Debian: python3-venv) and run the command again."
                )
    uv = shutil.which("uv")
    if uv:
        return uv
    own = BIN / ("uv.exe" if os.name == "nt" else "uv")
    if own.exists() or run(str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"):
        return str(own)
    return "pip"


def install(installer: str, kind: str) -> None:
    """Install the locked packages, then this project in place."""
    lock = f"requirements/{kind}.lock.txt"
    if installer == "pip":
        base = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        locked = [*base, "--require-hashes", "-r", lock]
        project = [*base, "--no-deps", "--no-build-isolation", "-e", "."]
    else:
        base = [installer, "pip", "install", "--quiet", "--python", str(PYTHON)]
        # pip compiles by itself, uv only when asked; without it the first lesson would wait for it
        locked = [*base, "--compile-bytecode", "--require-hashes", "-r", lock]
        project = [*base, "--no-deps", "--no-build-isolation", "--reinstall-package", "emgwidgets", "-e", "."]
    if not run(*locked):
        fail(
            "the locked packages could not be installed; check the connection to the package registry and run the command again."
        )
    if not run(*project):
        fail("the project could not be installed into its environment; delete .venv and run the command again.")


def main() -> None:
    """Make the environment right for a purpose."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "lab"
    if kind not in ("lab", "test"):
        fail(f"got {kind!r}; expected lab or test.")
    if sys.version_info < (3, 11):  # noqa: UP036 - this is the check
        fail(
            f"Python 3.11 or newer is needed and this is {sys.version.split()[0]}; name another with PYTHON=python3.12."
        )
    if is_ready(kind):
        return
    began_s = time.monotonic()
    print(f"setup: making the environment for {kind} in {ENV.name} (about a minute the first time)", flush=True)
    install(make_environment(), kind)
    (ENV / f".emgwidgets-{kind}").write_text(fingerprint(kind))
    print(f"setup: ready after {time.monotonic() - began_s:.0f} s", flush=True)


if __name__ == "__main__":
    main()
