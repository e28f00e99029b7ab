"""Formats of pictures: what each says of itself in its header, and the way to its pixels."""
