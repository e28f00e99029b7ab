"""Traces: one file each, found by its `__all__`; a new file is a new trace, in Python and on the command line."""
