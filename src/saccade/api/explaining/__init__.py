"""The verb explain: what in pictures made a model answer as it did."""
