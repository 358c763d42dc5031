"""Live display and sound for widgets: see feed.py (kernel side), ../_js/live_sweep.js and ../_js/live_sound.js."""

from emgwidgets.widgets.live.feed import LiveFeed
from emgwidgets.widgets.live.history import History
from emgwidgets.widgets.live.sources import channel_rows, describe_channels, engine_of

__all__ = ["History", "LiveFeed", "channel_rows", "describe_channels", "engine_of"]
