"""A question answered before any number is shown; the choice is kept and shown again."""

from emgwidgets.widgets.prediction.widget import Prediction

__all__ = ["Prediction"]
