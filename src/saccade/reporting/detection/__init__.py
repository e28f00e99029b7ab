"""What the model card says of a detector: figures, curves, classes, mistakes, pictures with boxes."""
