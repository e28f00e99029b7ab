"""Very large pictures: windows over them, and what is found in the windows brought together."""
