"""Recordings made for practice: one item for each kind of waveform, planted faults, the loudspeaker."""
