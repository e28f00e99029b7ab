"""Predictions for a great many pictures, kept in files part by part, here or on a cluster."""
