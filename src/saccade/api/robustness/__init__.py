"""What a model still knows of pictures that were made worse."""
