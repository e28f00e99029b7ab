"""The filters of the first convolution as pictures: what the network looks for before anything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import nn

from saccade.errors import BadConfig
from saccade.explanations.asking.looking import Look, View
from saccade.inspect.layer_maps import layer_named, shown_name
from saccade.training.settings import knob
from saccade.types.sheet import Sheet, Tile

__all__ = ["weights"]

CARDS: dict[str, dict[str, Any]] = {
    "weights": {
        "paper": "ImageNet classification with deep convolutional neural networks", "year": 2012, "arxiv": "",
        "about": "the filters of the first convolution as pictures; needs no image",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Weights(Look):
    """Draw each filter of a convolution; grey is zero, and all have one scale.

    Raises:
        BadConfig: If a knob has the wrong type or is out of range.

    Source: Krizhevsky et al., 2012, figure 3.

    Example:
        >>> Weights(most=16).most
        16
    """

    layer: str = knob("", "a convolution; none: the first")
    most: int = knob(64, "filters that are drawn at most", 1)

    def see(self, view: View) -> Sheet:
        """Draw the filters.

        Args:
            view: Its pictures are not looked at.

        Returns:
            A tile for each filter. One of red, green and blue has colours, one of a single channel is grey; of others
            the mean over channels is drawn.

        Raises:
            UnknownName: If there is no such layer; the nearest are offered.
            BadConfig: If it is no convolution, or there is none.

        Source: Krizhevsky et al., 2012, figure 3.
        """
        layer, convolution = self._chosen(view.network)
        filters = convolution.weight.detach().float().cpu().numpy()[: self.most]
        channels = filters.shape[1]
        shown = filters if channels == 3 else filters.mean(1, keepdims=True).repeat(3, 1)
        reach = float(np.abs(shown).max()) or 1.0
        tiles = tuple(
            Tile(np.rint(127.5 + 127.5 * one.transpose(1, 2, 0) / reach).astype(np.uint8), str(number))
            for number, one in enumerate(shown)
        )
        sides = " × ".join(map(str, filters.shape[2:]))
        notes = [
            f"layer {shown_name(layer)}",
            f"{len(filters)} of {len(convolution.weight)} filters of {sides} × {channels}",
        ]
        if channels not in (1, 3):
            notes.append("the mean of their channels")
        return Sheet("weights", tiles, notes=tuple(notes))

    def _chosen(self, network: nn.Module) -> tuple[str, nn.Conv2d]:
        named = dict(network.named_modules())
        layer = layer_named(network, self.layer) if self.layer else ""
        found = {name: part for name, part in named.items() if isinstance(part, nn.Conv2d)}
        if layer and layer not in found:
            raise BadConfig(
                f"got layer {shown_name(layer)!r}, a {type(named[layer]).__name__}; taken are convolutions, such as "
                f"{shown_name(next(iter(found), 'none'))!r}; choose one of them"
            )
        if not found:
            raise BadConfig("got a network without a convolution; taken is one with; there is nothing to draw")
        layer = layer or next(iter(found))
        return layer, found[layer]


weights = Weights
