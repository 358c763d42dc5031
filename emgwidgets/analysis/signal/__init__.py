"""Baseline, filters, detection, quality."""
