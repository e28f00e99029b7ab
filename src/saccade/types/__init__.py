"""The values that flow from file to report: samples, batches, geometry, predictions, and the Task protocol."""
