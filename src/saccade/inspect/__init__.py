"""What can be asked of any module, ours or not: its layer table, its taps, its size."""
