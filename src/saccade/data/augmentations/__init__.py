"""The augmentations: one file for each family."""
