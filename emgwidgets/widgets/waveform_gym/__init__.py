"""The waveform gym: name what is seen and heard, and place markers; why, how often, and what comes back when."""

from emgwidgets.widgets.waveform_gym.widget import WaveformGym

__all__ = ["WaveformGym"]
