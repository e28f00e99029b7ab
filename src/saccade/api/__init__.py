"""The verbs, and what they return."""
