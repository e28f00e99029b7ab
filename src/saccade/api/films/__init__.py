"""Films and cameras: their frames, what is said of them, and films with that drawn."""
