"""Judgement of facts against limits and criteria; it never sees a sample."""
