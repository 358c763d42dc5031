"""Electrodiagnosis in Jupyter."""
