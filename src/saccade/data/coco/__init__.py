"""COCO: its files, what is in them, and writing them."""
