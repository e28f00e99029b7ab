"""Look at data sets, check, mend, convert and cut them."""
