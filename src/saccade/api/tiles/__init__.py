"""Windows over pictures: what is found in them, brought together."""
