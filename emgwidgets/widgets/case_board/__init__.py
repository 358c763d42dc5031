"""The page of one case."""

from emgwidgets.widgets.case_board.widget import CaseBoard

__all__ = ["CaseBoard"]
