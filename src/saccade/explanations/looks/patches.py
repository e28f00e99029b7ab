"""The parts of many pictures that excite each unit of a layer most, cut out as large as the unit can see."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from saccade.errors import BadConfig
from saccade.explanations.asking.looking import Look, Looked, View
from saccade.inspect.layer_field import field_of
from saccade.inspect.layer_maps import checked_maps, layer_with_maps, shown_name
from saccade.inspect.receptive_field import AxisField
from saccade.inspect.taps import activations
from saccade.training.settings import knob
from saccade.types.sheet import Sheet, Tile

__all__ = ["patches"]

CARDS: dict[str, dict[str, Any]] = {
    "patches": {
        "paper": "Visualizing and understanding convolutional networks", "year": 2013, "arxiv": "1311.2901",
        "about": "the parts of many images that excite each unit most, as large as it sees",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Patches(Look):
    """Find the pictures, and the places on them, at which each channel of a layer answers most.

    Raises:
        BadConfig: If a knob has the wrong type or is out of range.

    Source: Zeiler & Fergus, arXiv 1311.2901, section 4.1 and figure 2.

    Example:
        >>> Patches(each=4).each
        4
    """

    layer: str = knob("", "whose units are asked; none: the last with maps of 4 × 4 or more")
    units: tuple[int, ...] = knob((), "which channels; none: those that answer most", 0)
    rows: int = knob(8, "how many channels, where none are named", 1)
    each: int = knob(8, "patches of each, of different images", 1)

    def see(self, view: View) -> Sheet:
        """Go through the pictures, and keep the best places of each channel.

        Args:
            view: With pictures.

        Returns:
            A row of tiles for each channel, the highest answer first. A patch is what the unit sees, its receptive
            field, cut off at the edges of the image.

        Raises:
            UnknownName: If there is no such layer; the nearest are offered.
            BadConfig: If it gives no maps or has no such channel, its receptive field is unknown, or there is no
                picture.

        Source: Zeiler & Fergus, arXiv 1311.2901, section 4.1.
        """
        layer, best = "", dict[int, list[tuple[float, int, tuple[int, int], Looked]]]()
        for number, one in enumerate(view.one_by_one()):
            layer = layer or layer_with_maps(view.network, one.images, self.layer)
            maps = self._checked(activations(view.network, one.images, [layer])[layer], layer)[0]
            places = maps.flatten(1).argmax(1).tolist()
            for channel in self.units or range(len(maps)):
                row, column = divmod(places[channel], maps.shape[2])
                found = (float(maps[channel, row, column]), -number, (row, column), one)
                kept = best.setdefault(channel, [])
                (heapq.heappush if len(kept) < self.each else heapq.heappushpop)(kept, found)
        units = self.units or sorted(best, key=lambda channel: -max(best[channel])[0])[: self.rows]
        field = field_of(view.network, layer, view.size)
        tiles = tuple(
            Tile(_cut(one.picture, place, field), f"{channel}: {value:.3g}", one.key)
            for channel in units
            for value, _, place, one in sorted(best[channel], key=lambda found: found[:2], reverse=True)
        )
        sides = " × ".join(side.word() for side in field)
        notes = (f"layer {shown_name(layer)}", f"a unit sees {sides} pixels", f"{len(view.seen)} images")
        return Sheet("patches that excite each unit most", tiles, columns=min(self.each, len(view.seen)), notes=notes)

    def _checked(self, maps: Tensor, layer: str) -> Tensor:
        checked_maps(maps, layer, 1)
        if self.units and max(self.units) >= maps.shape[1]:
            raise BadConfig(
                f"got unit {max(self.units)} of layer {shown_name(layer)!r}; taken are 0 to {maps.shape[1] - 1}; "
                "choose one of them"
            )
        return maps


def _cut(picture: np.ndarray, place: tuple[int, int], field: tuple[AxisField, AxisField]) -> np.ndarray:
    """What the unit at a place sees of a picture."""
    spans = []
    for length, index, side in zip(picture.shape[:2], place, field, strict=True):
        if side.kind != "window" or side.field is None or side.start is None:
            spans.append(slice(0, length))
            continue
        first = side.start + index * (side.jump or 0) - side.field / 2
        start, stop = max(0, round(first)), min(length, round(first + side.field))
        spans.append(slice(min(start, length - 1), max(stop, start + 1)))
    return np.ascontiguousarray(picture[tuple(spans)])


patches = Patches
