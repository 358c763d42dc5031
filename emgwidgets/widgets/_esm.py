"""Joins the plain ES modules of a widget into the one module that anywidget loads; no bundler, no network.

The files stay ordinary modules that a browser could load by itself.  To be joined they keep to a small part of the
language, which is checked here: ``import { a, b } from "./file.js";`` on one line, and ``export`` before ``function``,
``async function``, ``class`` or ``const``.  Each file becomes a function scope of its own, so names never collide.
"""

from __future__ import annotations

import re
from pathlib import Path

from emgwidgets.errors import InputError

__all__ = ["join_css", "join_modules"]

_IMPORT = re.compile(r"^import\s*\{\s*([^}]*?)\s*\}\s*from\s*\"(\.[^\"]+)\";[ \t]*$", re.MULTILINE)
_EXPORT = re.compile(r"^export (async function|function|class|const) ([A-Za-z_$][\w$]*)", re.MULTILINE)
_LEFT_OVER = re.compile(r"^[ \t]*(import|export)\b[^\n]*", re.MULTILINE)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _scope(path: Path, order: list[Path], pending: tuple[Path, ...], scopes: dict[Path, str]) -> None:
    path = path.resolve()
    if path in scopes:
        return
    if path in pending:
        raise InputError(
            "script files import one another in a circle", got=path.name, way_out="move the shared part out"
        )
    text = path.read_text(encoding="utf-8")
    lines: list[str] = []
    for found in _IMPORT.finditer(text):
        other = (path.parent / found.group(2)).resolve()
        _scope(other, order, (*pending, path), scopes)
        missing = set(_names(found.group(1))) - set(_EXPORT_NAMES[other])
        if missing:
            raise InputError(
                f"{path.name} imports what {other.name} does not export",
                got=", ".join(sorted(missing)),
                expected=", ".join(_EXPORT_NAMES[other]),
            )
        lines.append(f"const {{ {', '.join(_names(found.group(1)))} }} = module_{order.index(other)};")
    names = [found.group(2) for found in _EXPORT.finditer(text)]
    body = _EXPORT.sub(r"\1 \2", _IMPORT.sub("", text))
    left_over = _LEFT_OVER.search(body)
    if left_over:
        raise InputError(
            f"{path.name} uses a form of import or export that cannot be joined",
            got=left_over.group(0).strip(),
            expected='import { a } from "./file.js"; or export function, class, const',
        )
    _EXPORT_NAMES[path] = names
    order.append(path)
    head = "\n".join(lines)
    scopes[path] = (
        f"/* {path.name} */\nconst module_{len(order) - 1} = (() => {{\n{head}\n{body}\nreturn {{ {', '.join(names)} }};\n}})();"
    )


_EXPORT_NAMES: dict[Path, list[str]] = {}


def join_modules(entry: Path) -> str:
    """Join a module and what it imports into one module whose default export is ``{ render }`` of the entry.

    Raises
    ------
    InputError
        If a file uses a form that cannot be joined, imports a missing name, or takes part in a circle.
    """
    order: list[Path] = []
    scopes: dict[Path, str] = {}
    _scope(entry, order, (), scopes)
    text = "\n".join(scopes[path] for path in order)
    return f"{text}\nexport default {{ render: module_{len(order) - 1}.render }};\n"


def join_css(*paths: Path) -> str:
    """Join style sheets in order."""
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)
