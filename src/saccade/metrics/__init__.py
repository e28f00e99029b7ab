"""Functions that tell how good predictions are, as figures with intervals."""
