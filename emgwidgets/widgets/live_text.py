"""A line of text that follows another widget: feedback that changes as the reader drags a cursor or sets a mark."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from emgwidgets.errors import EmgError

__all__ = ["live_text"]

#: Traits of a viewer that change by the reader's hand.
FOLLOWED = ("cursors_s", "_marks")


def live_text(source: Any, make: Callable[[], object], names: Sequence[str] = FOLLOWED) -> ipywidgets.HTML:
    """Show ``str(make())``, or the table it returns, and renew it whenever a trait of ``source`` changes.

    Parameters
    ----------
    source : widget, or sequence of widgets
        What is followed, such as a TraceViewer.
    make : callable
        Returns what is shown, text or a pandas table; it is called without arguments.
    names : sequence of str
        Traits of ``source`` to follow; those it does not have are passed over.

    Returns
    -------
    ipywidgets.HTML
        Its ``value`` holds the text; an error of the package shows as its sentence.
    """
    view = ipywidgets.HTML()
    view.add_class("emg-live-text")

    def renew(_change: object = None) -> None:
        try:
            made = make()
            shown = made.to_html(border=0, header=False) if hasattr(made, "to_html") else html.escape(str(made))
        except EmgError as error:
            shown = html.escape(error.sentence)
        view.value = (
            '<div role="status" style="white-space:pre-wrap;font-size:13px;line-height:18px;border-left:3px solid '
            f'var(--jp-border-color0,#737d87);padding:4px 12px;overflow-x:auto">{shown}</div>'
        )

    for one in source if isinstance(source, Sequence) else (source,):
        one.observe(renew, [name for name in names if one.has_trait(name)])
    renew()
    return view
