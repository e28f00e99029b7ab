"""Synthetic scenes with perfect labels: one file per family of tasks, each drawn from (seed, index) alone."""
