"""A set of simulated items to be judged, with feedback from what was measured."""

from emgwidgets.widgets.exercise.widget import Exercise

__all__ = ["Exercise"]
