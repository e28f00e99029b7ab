"""Data looked at before training: checked, counted, cut, converted, timed."""
