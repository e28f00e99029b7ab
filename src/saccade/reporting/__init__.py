"""The model card: what a run did, how good it is, and where it fails, in one page."""
