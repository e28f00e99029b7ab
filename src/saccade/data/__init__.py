"""From files to batches: reading pictures, one file per format, augmentation, the loader, synthetic scenes."""
