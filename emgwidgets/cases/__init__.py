"""Annotations and case folders."""
