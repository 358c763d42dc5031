"""What a page shows of a widget where no kernel runs: a picture and one sentence beside the widget's own view."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

__all__ = ["MAX_PICTURE_BYTES", "with_still"]

#: A larger picture is left out, so that notebooks stay small.
MAX_PICTURE_BYTES = 50_000


def with_still(bundle: Any, words: str, draw: Callable[[], Any]) -> Any:
    """Add a picture and its words to what a notebook keeps of a cell.

    Parameters
    ----------
    bundle : object
        What the widget itself gives; None and pairs of data and metadata are understood.
    words : str
        One sentence; the text alternative.
    draw : callable
        Makes the matplotlib figure.
    """
    import matplotlib as mpl

    if bundle is None:
        return None
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    extra: dict[str, Any] = {"text/plain": words}
    stream = io.StringIO()
    # letters stay letters: small, searchable, and read aloud
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "emgwidgets"}):
        draw().savefig(stream, format="svg", metadata={"Date": None})
    # comments and names of groups say nothing to a reader
    picture = re.sub(r"<!--.*?-->|(?<=>)\s+(?=<)|<g id=\"[a-z]+_\d+\"\s*/>", "", stream.getvalue(), flags=re.DOTALL)
    picture = re.sub(r"font-family: [^;\"]*", "font-family: sans-serif", picture)
    picture = re.sub(r" transform=\"rotate\(-0 [^)]*\)\"", "", picture)
    if len(picture.encode()) <= MAX_PICTURE_BYTES:
        extra["image/svg+xml"] = picture
    return data | extra, metadata
