"""The second step of detectors that look at regions: what is learnt on their features when the last epoch is done."""
