"""What labels in files are made of, whatever the format: tables, masks, meshes, names, and writing them."""
