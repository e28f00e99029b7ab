"""Methods that say what in an image made a network answer as it did, one file each."""
