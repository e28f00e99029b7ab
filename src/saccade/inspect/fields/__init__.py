"""What each operation does to the receptive field of what goes through it."""
