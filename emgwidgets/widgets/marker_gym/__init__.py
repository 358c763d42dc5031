"""Place the marker: a landmark of a response, placed by hand and held against the truth."""

from emgwidgets.widgets.marker_gym.widget import MarkerGym

__all__ = ["MarkerGym"]
