"""One file per form in which a trained model, or what it found, leaves: the one-file model, COCO's results."""
