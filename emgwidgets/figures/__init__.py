"""Pictures of model objects; draws, never computes."""
