"""Files to and from the model, one module per format."""
