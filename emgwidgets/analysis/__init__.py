"""Waveforms to measures."""
