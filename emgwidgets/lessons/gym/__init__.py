"""The waveform gym: which item comes next, what an answer is told, and how far each class is known.  It draws nothing."""
