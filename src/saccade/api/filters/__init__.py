"""Filters over pictures, given and learned."""
