"""One folder per widget."""
