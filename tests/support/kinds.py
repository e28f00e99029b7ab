"""The names of the catalogue by what their networks are made for."""

from __future__ import annotations

import pytest

from saccade import catalog
from saccade.api.building import network_kind

CARDS = catalog.cards("architectures")
CLASSIFIERS = {name: card for name, card in CARDS.items() if network_kind(name) == "classification"}
DETECTORS = {name: card for name, card in CARDS.items() if network_kind(name) == "detection"}
ENCODERS = {name: card for name, card in CARDS.items() if network_kind(name) == "features"}
PAINTERS = {name: card for name, card in CARDS.items() if network_kind(name) in ("translation", "style")}
_HOMES = catalog.offers("architectures")
SMALLEST = {min((name for name in CARDS if _HOMES[name] == home), key=lambda name: CARDS[name]["macs"])
            for home in _HOMES.values()}  # fmt: skip

each_family = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in SMALLEST else [pytest.mark.full]) for name in CARDS]
)
"""The smallest network of each file; all of them under --full."""
