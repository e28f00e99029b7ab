"""Measure ways of training on your own images."""
