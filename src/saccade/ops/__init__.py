"""Pure functions on tensors and numbers, one subject per file."""
