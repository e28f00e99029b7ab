"""From a source to batches: order, workers, what is kept, and where batches go."""
