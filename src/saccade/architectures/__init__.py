"""One paper, one file: every network of the canon as a plain module that stands on layers and ops alone."""
