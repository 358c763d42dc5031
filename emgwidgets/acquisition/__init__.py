"""Devices to the model, receive-only: drivers, a live engine, triggered sweeps, and a recorder that loses nothing."""
