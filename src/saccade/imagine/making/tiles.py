"""A picture in tiles, each seen with as much around it as its maps see, so that they join without seams.

Source: ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig
from saccade.inspect.layer_field import field_of
from saccade.inspect.layer_maps import shown_name
from saccade.inspect.layer_table import layer_table
from saccade.inspect.reading import Reader
from saccade.inspect.receptive_field import AxisField

_LEAST, _OVERHEAD = 64, 1.6
_PROBED = 128


@dataclass(frozen=True)
class Span:
    """A stretch of one side of a picture, in pixels.

    Args:
        first: Where what counts begins.
        last: Where it ends.
        seen_first: Where what is seen begins.
        seen_last: Where that ends.
        ends: Whether the picture ends where what counts does.

    Source: ours.
    """

    first: int
    last: int
    seen_first: int
    seen_last: int
    ends: bool

    def inner(self, jump: int) -> slice:
        """Say which of the places of a map count, of a map whose places are so many pixels apart."""
        start = (self.first - self.seen_first) // jump
        return slice(start, None if self.ends else start + (self.last - self.first) // jump)


@dataclass(frozen=True)
class Tile:
    """A part of a picture.

    Args:
        rows: From top to bottom.
        columns: From left to right.

    Source: ours.
    """

    rows: Span
    columns: Span

    def of(self, picture: Float[Tensor, "1 channels height width"]) -> Float[Tensor, "1 channels _ _"]:
        """Cut out of a picture what is seen."""
        rows, columns = self.rows, self.columns
        return picture[:, :, rows.seen_first : rows.seen_last, columns.seen_first : columns.seen_last]

    def inner(self, maps: Float[Tensor, "1 _ _ _"], jump: int) -> Float[Tensor, "1 _ _ _"]:
        """Cut out of maps what counts."""
        return maps[:, :, self.rows.inner(jump), self.columns.inner(jump)]


def tiles_of(size: tuple[int, int], side: int, margin: int, multiple: int) -> tuple[Tile, ...]:
    """Cut a picture into tiles.

    Args:
        size: (height, width) of the picture.
        side: Pixels of a side of a tile, without what is around it; 0 for the whole.
        margin: Pixels seen around it, as far as the picture goes.
        multiple: Where tiles begin, and what they see, are multiples of this.

    Returns:
        The tiles, in rows; together they count each pixel once.

    Source: ours.

    Example:
        >>> [(tile.rows.seen_first, tile.rows.seen_last) for tile in tiles_of((10, 4), 6, 2, 2)]
        [(0, 8), (4, 10)]
    """
    return tuple(
        Tile(rows, columns)
        for rows in _spans(size[0], side, margin, multiple)
        for columns in _spans(size[1], side, margin, multiple)
    )


def reach(network: nn.Module, layers: tuple[str, ...], size: tuple[int, int]) -> tuple[int, dict[str, int]]:
    """Say how far around a place the maps of some layers see, and how far apart their places are.

    Args:
        network: That is borrowed.
        layers: Names as in `named_modules()`.
        size: (height, width) of a picture.

    Returns:
        Pixels to each side; of each layer, pixels from place to place.

    Raises:
        BadConfig: If the operations of a layer cannot be followed, its places see the whole picture, or the network
            enlarges maps.

    Source: ours.
    """
    margin, jumps = 0, dict[str, int]()
    if _enlarges(network, layers, size):
        raise BadConfig(
            "got a network that enlarges maps before these layers, for tiles; taken are those whose maps only shrink; "
            "choose earlier layers, or give memory for the whole"
        )
    for name in layers:
        for side in field_of(network, name, size):
            if side.field is None or side.start is None or not _steady(side, jumps.get(name)):
                raise BadConfig(
                    f"got layer {shown_name(name)!r} for tiles, whose places see the whole picture, or lie unevenly; "
                    "taken are layers that see windows of it; choose an earlier one, or give memory for the whole"
                )
            jumps[name] = round(side.jump or 1)
            # place number n counts to pixel n times jump, wherever the middle of what it sees is
            before, after = side.field / 2 - side.start, side.field / 2 + side.start - jumps[name]
            margin = max(margin, math.ceil(before), math.ceil(after))
    return margin, jumps


def side_within(reader: Reader, picture: Float[Tensor, "1 channels height width"], memory: int, margin: int) -> int:
    """Choose the side of tiles so that a gradient takes no more memory than is given.

    Args:
        reader: Of the layers that are compared.
        picture: The whole.
        memory: In bytes.
        margin: Pixels seen around a tile.

    Returns:
        Its side; 0 if the whole fits.

    Raises:
        BadConfig: If not even the smallest tile fits, with what its maps see around it.

    Source: ours; what a gradient keeps of each pixel is counted on a small part, and 1.6 of that is taken for what is
        there besides at the worst moment, as measured.
    """
    part = picture[:, :, :_PROBED, :_PROBED].detach().clone().requires_grad_()
    kept: dict[int, int] = {}

    def count(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
        maps = reader(part)
        sum(one.sum() for one in maps.values())
    each = _OVERHEAD * sum(kept.values()) / (part.shape[2] * part.shape[3])
    pixels = memory / each
    if picture.shape[2] * picture.shape[3] <= pixels:
        return 0
    side = int(math.sqrt(pixels)) - 2 * margin
    if side < _LEAST:
        wanted = math.ceil(each * (_LEAST + 2 * margin) ** 2 / 2**20)
        raise BadConfig(
            f"got memory={memory >> 20} MiB; taken is {wanted} or more, for tiles of {_LEAST} pixels with the {margin} "
            "around them that maps see; raise it, or name earlier layers"
        )
    return side


def _spans(length: int, side: int, margin: int, multiple: int) -> list[Span]:
    step = max(multiple, side // multiple * multiple) if side else length
    around = -(-margin // multiple) * multiple
    spans, first = list[Span](), 0
    while first < length:  # a rest that would have no place of its own goes to the tile before it
        last = first + step if length - first - step >= multiple else length
        spans.append(Span(first, last, max(0, first - around), min(last + around, length), last == length))
        first = last
    return spans


def _enlarges(network: nn.Module, layers: tuple[str, ...], size: tuple[int, int]) -> bool:
    """Whether places come to lie closer together somewhere: tiles would have to begin where the coarser ones do."""
    rows = layer_table(network, size).rows
    within = tuple(f"{layer}." for layer in layers)
    last = max((at for at, row in enumerate(rows) if f"{row.name}.".startswith(within)), default=len(rows))
    fields = [field.height for row in rows[: last + 1] for field in row.fields]
    jumps = [side.jump for side in fields if side.kind == "window" and side.jump]
    return any(later < earlier for earlier, later in pairwise(jumps))


def _steady(side: AxisField, jump: int | None) -> bool:
    """Whether places are whole pixels apart, and as many as along the other side."""
    return side.kind == "window" and bool(side.jump) and side.jump == round(side.jump or 0) == (jump or side.jump)
