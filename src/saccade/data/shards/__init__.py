"""Shards: samples in tar archives, found without unpacking."""
