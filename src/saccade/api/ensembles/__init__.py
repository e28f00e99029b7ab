"""Several models, or several views of a picture, that answer together."""
