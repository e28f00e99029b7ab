"""Functions that tell how wrong outputs are, as scalars to differentiate."""
