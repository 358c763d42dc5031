"""Nerves, muscles, sites, roots and levels as tables."""
