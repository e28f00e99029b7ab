"""Looks into a network that are no map of one answer: its weights, its maps, what excites it, what is alike to it."""
