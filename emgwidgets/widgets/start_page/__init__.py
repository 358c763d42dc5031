"""The start page."""

from emgwidgets.widgets.start_page.widget import StartPage

__all__ = ["StartPage"]
