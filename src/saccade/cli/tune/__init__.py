"""Find a learning rate, or the best of a few settings."""
