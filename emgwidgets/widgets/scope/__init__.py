"""The live scope."""

from emgwidgets.widgets.scope.widget import Scope

__all__ = ["Scope"]
