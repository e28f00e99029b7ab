"""Layers that take or give several things at once, as one module from maps to maps."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from saccade.layers.region_head import RegionHead
from saccade.layers.region_proposals import RegionProposals
from saccade.layers.searched_regions import SearchedRegions
from saccade.ops.roi_align import roi_align


class OfTwoScales(nn.Module):
    """What takes maps of two scales; the last map, or all that it says of both."""

    def __init__(self, inside: nn.Module) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, x: Tensor) -> Tensor:
        maps = self.inside([x, x[..., ::2, ::2]])
        return torch.cat([maps[0], maps[1].flatten(2)], 2) if isinstance(maps, tuple) else maps[-1]


class BothAsOne(OfTwoScales):
    """All that it says of both, behind each other."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat(self.inside([x, x[..., ::2, ::2]]), 2)


class AllFlat(nn.Module):
    """What gives several maps, or numbers, by name or in a row: all numbers of an item in one row."""

    def __init__(self, inside: nn.Module) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, x: Tensor) -> Tensor:
        given = self.inside(x)
        parts = given.values() if isinstance(given, dict) else given
        return torch.cat([one.reshape(len(one), -1) for one in parts], 1)


class LevelsFlat(AllFlat):
    """The same of what takes maps of two scales."""

    def forward(self, x: Tensor) -> Tensor:
        given = self.inside([x, x[..., ::2, ::2]])
        parts = given.values() if isinstance(given, dict) else [part for group in given for part in group]
        return torch.cat([part.flatten(1) for part in parts], 1)


class OfTwoCrops(AllFlat):
    """The same of what takes crops of as many pixels: one, and one that is turned around."""

    def forward(self, x: Tensor) -> Tensor:
        given = self.inside([x, x.flip(2)])
        parts = [part for group in given for part in group] if isinstance(given, tuple) else given
        return torch.cat([part.flatten(1) for part in parts], 1)


class Proposing(nn.Module):
    """What is said of the anchors of two scales."""

    def __init__(self, inside: RegionProposals) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, x: Tensor) -> Tensor:
        said = self.inside([x, x[..., ::2, ::2]], (8 * x.shape[2], 8 * x.shape[3]))
        return torch.cat([said.logits, said.codes.flatten(1)], 1)


class OfOneRegion(nn.Module):
    """What is said of one region of each image."""

    def __init__(self, inside: RegionHead) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, x: Tensor) -> Tensor:
        logits, codes = self.inside([x], [torch.tensor([[4.0, 8.0, 60.0, 50.0]]) for _ in x])
        return torch.cat([logits, codes.flatten(1)], 1)


class ReadWhereSearched(nn.Module):
    """The first region of each image that is found, read from it: the search itself passes no gradient."""

    def __init__(self, inside: SearchedRegions) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, x: Tensor) -> Tensor:
        boxes = [one[:1].to(x) for one in self.inside(x)]
        return roi_align(x, boxes, output_size=2, scale=1.0, aligned=True).flatten(1)
