"""A study planned on the body map: tests one after the other, what they leave open, and what they cost."""

from emgwidgets.widgets.study_planner.widget import StudyPlanner

__all__ = ["StudyPlanner"]
