"""Traces: what an operation does, step by step, as values, text, a drawing or a page."""
