"""One file per form in which a trained model leaves: so far the one-file safetensors model."""
