"""Training that begins with weights, and training within a budget of time."""
