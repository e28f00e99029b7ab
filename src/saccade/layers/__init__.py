"""Building blocks of networks, one idea per file."""
