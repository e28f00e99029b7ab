"""Checking and counting a data set: reading all of it once, comparing, and mending."""
