"""Exercises and feedback: what a learner did, held against the truth."""
