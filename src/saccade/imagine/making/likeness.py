"""What a picture costs beside another's content and a third's style, and how that changes with each pixel.

On the whole picture, or tile by tile: the cost is of sums over places, so a first round over the tiles adds up the Gram
matrices, and a second one brings back the gradient, exactly that of the whole.

Source: Gatys, Ecker & Bethge, "A neural algorithm of artistic style", arXiv 1508.06576; the tiles are ours.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.imagine.making.tiles import Tile, reach, side_within, tiles_of
from saccade.inspect.reading import Reader
from saccade.losses.style import content_cost, style_cost
from saccade.losses.total_variation import total_variation
from saccade.ops.gram import gram_matrix

Maps = dict[str, Tensor]
_TINY = 1e-20


@dataclass(frozen=True)
class Wanted:
    """Which layers are compared, and what that weighs.

    Args:
        content: Layers whose maps are kept.
        style: Layers whose Gram matrices are matched, each with its weight λ.
        content_weight: α.
        style_weight: β.
        smoothness: What the total variation weighs.
        form: Of the content cost: "mean" is the sum of squared differences over 4 n_H n_W n_C, "sum" is half of it.
        even: Whether the weight of each layer is counted in what it would cost to have nothing there, so that no layer
            drowns the others, and the same weights suit every network.

    Source: Gatys et al., arXiv 1508.06576, equations 1, 4, 5 and 7.
    """

    content: tuple[str, ...]
    style: Mapping[str, float]
    content_weight: float = 1.0
    style_weight: float = 1.0
    smoothness: float = 0.0
    form: Literal["mean", "sum"] = "mean"
    even: bool = True


class Likeness:
    """The cost of a picture, with its gradient.

    Args:
        network: That is borrowed.
        wanted: Layers and weights.
        content: Whose content is kept.
        style: Whose style is wanted, of any size.
        memory: Bytes that a gradient may take; what needs more goes through the network in tiles. 0: no limit.
        side: Pixels of a side of a tile, instead.

    Raises:
        UnknownName: If there is no such layer; the nearest are offered.
        BadConfig: If a layer gives no maps, or tiles are wanted and it cannot be followed what its units see.

    Source: Gatys et al., arXiv 1508.06576.
    """

    def __init__(
        self,
        network: nn.Module,
        wanted: Wanted,
        *,
        content: Float[Tensor, "1 channels height width"],
        style: Float[Tensor, "1 channels rows columns"],
        memory: int = 0,
        side: int = 0,
    ) -> None:
        self.wanted, self.reader = wanted, Reader(network, [*wanted.content, *wanted.style])
        self._jumps: Mapping[str, int] = {}
        self.tiles = self._tiles(content, memory, side)
        self._kept, self._places = list[Maps](), Counter[str]()
        with torch.no_grad():
            for tile in self.tiles:
                maps = self._maps(content, tile)
                self._kept.append({name: maps[name].clone() for name in wanted.content})
                self._places.update({name: one.shape[2] * one.shape[3] for name, one in maps.items()})
            maps = self.reader(_by_pixels(style))
            self._style = {
                name: gram_matrix(maps[name]) * (self._places[name] / (maps[name].shape[2] * maps[name].shape[3]))
                for name in wanted.style
            }
            worth = {**self._content_worth(), **self._style_worth()} if wanted.even else {}
            self._worth = {key: value for key, value in worth.items() if value > _TINY}  # what is nothing has no unit

    def __call__(
        self, picture: Float[Tensor, "1 channels height width"]
    ) -> tuple[dict[str, float], Float[Tensor, "1 channels height width"]]:
        """Take the cost of a picture.

        Args:
            picture: Of the size of the content.

        Returns:
            Its terms "content", "style" and "smoothness", with their weights; the gradient of their sum.

        Source: Gatys et al., arXiv 1508.06576, equation 7.
        """
        picture = picture.detach()
        terms, gradient = self._at_once(picture) if len(self.tiles) == 1 else self._by_tiles(picture)
        if self.wanted.smoothness:
            leaf = picture.clone().requires_grad_()
            rough = self.wanted.smoothness * total_variation(leaf)
            gradient = gradient + torch.autograd.grad(rough, leaf)[0]
            terms["smoothness"] = float(rough.detach())
        return terms, gradient

    def _at_once(self, picture: Tensor) -> tuple[dict[str, float], Tensor]:
        leaf = picture.clone().requires_grad_()
        maps = self._maps(leaf, self.tiles[0])
        content, style = self._content_cost(maps, self._kept[0]), self._style_cost(self._grams(maps))
        (gradient,) = torch.autograd.grad(content + style, leaf)
        return {"content": float(content.detach()), "style": float(style.detach())}, gradient

    def _by_tiles(self, picture: Tensor) -> tuple[dict[str, float], Tensor]:
        """Two rounds: Gram matrices without gradients; then, with what each of their numbers is worth, gradients."""
        grams = {name: torch.zeros_like(gram) for name, gram in self._style.items()}
        with torch.no_grad():
            for tile in self.tiles:
                for name, gram in self._grams(self._maps(picture, tile)).items():
                    grams[name] += gram
        leaves = {name: gram.requires_grad_() for name, gram in grams.items()}
        style = self._style_cost(leaves)
        worth = dict(zip(leaves, torch.autograd.grad(style, list(leaves.values())), strict=True))
        gradient, content = torch.zeros_like(picture), 0.0
        for tile, kept in zip(self.tiles, self._kept, strict=True):
            leaf = tile.of(picture).clone().requires_grad_()
            maps = {name: tile.inner(one, self._jumps[name]) for name, one in self.reader(_by_pixels(leaf)).items()}
            own = self._content_cost(maps, kept)
            content += float(own.detach())
            shares = [(gram * worth[name]).sum() for name, gram in self._grams(maps).items()]
            (found,) = torch.autograd.grad(torch.stack([own, *shares]).sum(), leaf)
            tile.of(gradient).add_(found)
        return {"content": content, "style": float(style.detach())}, gradient

    def _content_cost(self, maps: Maps, kept: Maps) -> Tensor:
        costs = []
        for name in self.wanted.content:
            cost = self._share(name, maps[name]) * content_cost(maps[name], kept[name])
            costs.append(cost / self._worth.get(("content", name), 1.0))
        return self.wanted.content_weight * torch.stack(costs).sum()

    def _style_cost(self, grams: Maps) -> Tensor:
        costs = []
        for name, gram in grams.items():
            cost = self.wanted.style[name] * style_cost(gram, self._style[name], places=self._places[name])
            costs.append(cost / self._worth.get(("style", name), 1.0))
        return self.wanted.style_weight * torch.stack(costs).sum()

    def _share(self, name: str, maps: Tensor) -> float:
        """What of half the sum of squares the content costs: all, or that over 2 n_H n_W n_C."""
        return 1.0 if self.wanted.form == "sum" else 0.5 / (maps.shape[1] * self._places[name])

    def _content_worth(self) -> dict[tuple[str, str], float]:
        """What each layer of content costs where it gives nothing."""
        return {
            ("content", name): sum(
                self._share(name, kept[name]) * float(content_cost(torch.zeros_like(kept[name]), kept[name]))
                for kept in self._kept
            )
            for name in self.wanted.content
        }

    def _style_worth(self) -> dict[tuple[str, str], float]:
        """What each layer of style costs where it gives nothing."""
        return {
            ("style", name): float(style_cost(torch.zeros_like(gram), gram, places=self._places[name]))
            for name, gram in self._style.items()
        }

    def _grams(self, maps: Maps) -> Maps:
        return {name: gram_matrix(maps[name]) for name in self.wanted.style}

    def _maps(self, picture: Tensor, tile: Tile) -> Maps:
        """The maps of a tile; of a picture that is one tile all of them."""
        maps = self.reader(_by_pixels(tile.of(picture)))
        return {name: tile.inner(one, self._jumps[name]) if self._jumps else one for name, one in maps.items()}

    def _tiles(self, content: Tensor, memory: int, side: int) -> tuple[Tile, ...]:
        size = content.shape[2], content.shape[3]
        if not memory and not side:
            return tiles_of(size, 0, 0, 1)
        margin, jumps = reach(self.reader.network, self.reader.layers, size)
        side = side or side_within(self.reader, content, memory, margin)
        if not side or side >= max(size):
            return tiles_of(size, 0, 0, 1)
        self._jumps = jumps
        return tiles_of(size, side, margin, math.lcm(*jumps.values()))


def _by_pixels(picture: Tensor) -> Tensor:
    """The channels of a pixel side by side, as convolutions on a processor like it."""
    return picture.contiguous(memory_format=torch.channels_last)
