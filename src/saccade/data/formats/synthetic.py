"""Synthetic: coloured shapes with perfect labels, drawn on demand.

    synthetic                                            2,000 pictures of 32×32 pixels, difficulty 0.5
    synthetic:count=500,size=64,difficulty=0.8           other ones
    synthetic:shapes=3                                   up to three different shapes in each: several labels

Source: ours.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from saccade.data.format import Format
from saccade.data.outlines import SHAPES
from saccade.data.scenes import Scenes, SceneSettings
from saccade.data.splitting import Splitting, complete
from saccade.errors import BadConfig, offer, printable
from saccade.types.sample import DataSet

__all__ = ["synthetic"]


def synthetic() -> Format:
    """Coloured shapes, as many, as large and as difficult as one likes."""
    return Format('"synthetic", or "synthetic:count=500,size=64,difficulty=0.8", for coloured shapes', _open)


def _open(options: str, splitting: Splitting) -> DataSet:
    settings = _settings(options)
    splits = complete({"train": Scenes(settings, range(settings.count))}, splitting)
    return DataSet("synthetic", SHAPES, splits, "classification" if settings.shapes == 1 else "multi_label")


def _settings(options: str) -> SceneSettings:
    """Read name=value pairs; every wrong one is listed."""
    defaults = dataclasses.asdict(SceneSettings())
    values: dict[str, Any] = {}
    problems = []
    for part in filter(None, options.split(",")):
        name, _, text = (piece.strip() for piece in part.partition("="))
        if name not in defaults:
            problems.append(f"got option {printable(name)!r}; {offer(name, defaults)}")
            continue
        try:
            values[name] = type(defaults[name])(text)
        except ValueError:
            wanted = "a whole number" if isinstance(defaults[name], int) else "a number"
            problems.append(f"got {name}={printable(text)}; taken is {wanted}; write {name}={defaults[name]}")
    if problems:
        raise BadConfig("\n".join(problems))
    return SceneSettings(**values)
