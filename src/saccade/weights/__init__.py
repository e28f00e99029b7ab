"""Files of weights: reading and writing them whole or not at all, and never executing what is in them."""
