"""The virtual patient."""
