"""Experiments that compare; each is one file."""
