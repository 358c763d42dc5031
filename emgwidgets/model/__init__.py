"""Frozen data: anatomy, signals, studies, cases."""
