"""An unknown case as a room: choose tests, see what each moved and cost, conclude."""

from emgwidgets.widgets.case_room.widget import CaseRoom

__all__ = ["CaseRoom"]
