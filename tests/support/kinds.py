"""The names of the catalogue by what their networks are made for."""

from __future__ import annotations

from saccade import catalog

CARDS = catalog.cards("architectures")
CLASSIFIERS = {name: card for name, card in CARDS.items() if card.get("task", "classification") == "classification"}
DETECTORS = {name: card for name, card in CARDS.items() if card.get("task") == "detection"}
