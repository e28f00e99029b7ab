"""One file per data-set format; each has `recognises(path)`, `open_...(path)` and offers its name."""
