"""What a data set is checked for: one file, one check."""
