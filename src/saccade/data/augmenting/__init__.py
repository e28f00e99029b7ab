"""Playing augmentations: one resampling, one change of colours, and what follows the picture."""
