"""What a layer gives for a picture: each of its maps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from saccade.explanations.asking.looking import Look, View
from saccade.inspect.layer_maps import checked_maps, layer_with_maps, shown_name
from saccade.inspect.taps import activations as activations_of
from saccade.training.settings import knob
from saccade.types.sheet import Sheet, Tile

__all__ = ["activations"]

CARDS: dict[str, dict[str, Any]] = {
    "activations": {
        "paper": "Understanding neural networks through deep visualization", "year": 2015, "arxiv": "1506.06579",
        "about": "the maps of a layer for one image, those that answer most first",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Activations(Look):
    """Draw the maps of a layer for one picture.

    Raises:
        BadConfig: If a knob has the wrong type or is out of range.

    Source: Yosinski et al., arXiv 1506.06579, section 2.

    Example:
        >>> Activations(layer="layer1").layer
        'layer1'
    """

    layer: str = knob("", "whose maps are drawn; none: the last with maps of 4 × 4 or more")
    most: int = knob(64, "maps that are drawn at most", 1)

    def see(self, view: View) -> Sheet:
        """Draw the maps for the first picture.

        Args:
            view: With a picture.

        Returns:
            The picture, and a tile for each map, the highest answer first; all have one scale: black is the lowest of
            zero and what there is, white the highest.

        Raises:
            UnknownName: If there is no such layer; the nearest are offered.
            BadConfig: If it gives no maps, or there is no picture.

        Source: Yosinski et al., arXiv 1506.06579, section 2.
        """
        first = next(view.one_by_one())
        layer = layer_with_maps(view.network, first.images, self.layer)
        maps = checked_maps(activations_of(view.network, first.images, [layer])[layer], layer, 1)
        values = maps[0].float().cpu().numpy()
        order = np.argsort(-values.max(axis=(1, 2)), kind="stable")[: self.most]
        low, high = min(0.0, float(values.min())), float(values.max())
        scale = 255 / ((high - low) or 1.0)
        tiles = [Tile(first.picture, "image")]
        for channel in order:
            grey = np.rint((values[channel] - low) * scale).astype(np.uint8)
            tiles.append(Tile(np.repeat(grey[..., None], 3, axis=2), str(channel)))
        count, *sides = values.shape
        told = f"{len(order)} of {count} maps of {' × '.join(map(str, sides))}, from {low:.3g} to {high:.3g}"
        return Sheet(f"activations of {Path(first.key).name}", tuple(tiles), notes=(f"layer {shown_name(layer)}", told))


activations = Activations
