"""One task, one file: targets, loss, decoding, metric, score, drawing."""
