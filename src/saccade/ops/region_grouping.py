"""Regions that grow together: the neighbours that are most alike become one, again and again, until one is left.

Each region that ever was is kept, with the box around it: things of every size are among them.

Source: Uijlings et al., "Selective search for object recognition", IJCV 104:154-171, 2013, algorithm 1.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from saccade.errors import BadConfig, BadShape, UnknownName
from saccade.ops.region_features import KINDS, Regions, shared_histograms, sizes_and_fill

_AT_ONCE = 256  # pairs compared at a time: what is computed of them stays in the nearest caches


@dataclass(frozen=True, eq=False)
class Grouping:
    """Regions, those that came of them, and how.

    Args:
        regions: First those that were there, in their order, then one for each merge; the last is the whole.
        merged: For each merge the numbers of the two regions, the lower one first.
        alike: How alike they were.

    Source: section 3.1 of the paper.
    """

    regions: Regions
    merged: NDArray[np.intp]
    alike: NDArray[np.float64]


def group(regions: Regions, kinds: Sequence[str] = KINDS) -> Grouping:
    """Merge the two neighbours that are most alike, until one region is left.

    A merged region's histograms are the means of its two's, weighted by size: those of all its pixels. Of pairs that
    are equally alike the one with the lower numbers goes first.

    Args:
        regions: At least one; they must hang together.
        kinds: Which of "colour", "texture", "size" and "fill" are added up.

    Returns:
        All regions, and the merges in their order: one fewer than there were regions.

    Raises:
        BadConfig: If there is no kind.
        UnknownName: If one is unknown.

    Source: Uijlings et al., 2013, algorithm 1 and section 3.2.

    Example:
        >>> from saccade.ops.region_features import describe_regions
        >>> labels = np.array([[0, 0, 1, 2, 2, 2]])
        >>> grey = np.array([[9, 9, 200, 250, 250, 250]], np.uint8)[..., None]
        >>> group(describe_regions(labels, grey), ["size"]).merged.tolist()
        [[0, 1], [2, 3]]
    """
    for kind in kinds:
        if kind not in KINDS:
            raise UnknownName("kind of likeness", kind, KINDS)
    if not kinds:
        raise BadConfig(f"got no kind of likeness; taken are {', '.join(KINDS)}; choose one or more")
    return _Growth(regions, frozenset(kinds)).run()


class _Growth:
    """Regions while they grow together: a heap of pairs, in which those of regions that are gone stay until they rise.

    Rows for all regions to come are there from the start.
    """

    def __init__(self, regions: Regions, kinds: frozenset[str]) -> None:
        self.number, self.kinds = len(regions.sizes), kinds
        more = self.number - 1
        sizes, boxes = _longer(regions.sizes, more), _longer(regions.boxes, more)
        colours, textures = _longer(regions.colours, more), _longer(regions.textures, more)
        self.regions = Regions(sizes, boxes, colours, textures, regions.neighbours, regions.area)
        self.touching: list[set[int]] = [set() for _ in range(self.number + more)]
        self.heap: list[tuple[float, int, int]] = []
        for one, other in regions.neighbours.tolist():
            self.touching[one].add(other)
            self.touching[other].add(one)
        for start in range(0, len(regions.neighbours), _AT_ONCE):
            ones, others = regions.neighbours[start : start + _AT_ONCE].T
            alike = self._alike(ones, others)
            self.heap += zip((-value for value in alike), ones.tolist(), others.tolist(), strict=True)
        heapq.heapify(self.heap)

    def run(self) -> Grouping:
        """Merge until one is left."""
        there = bytearray([1]) * self.number + bytearray(self.number - 1)
        merged, alike = [], []
        while self.heap and len(merged) < self.number - 1:
            less, one, other = heapq.heappop(self.heap)
            if there[one] and there[other]:
                new = self.number + len(merged)
                merged.append((one, other))
                alike.append(-less)
                there[one] = there[other] = 0
                there[new] = 1
                self._merge(one, other, new)
        if len(merged) < self.number - 1:
            raise BadShape("got regions that do not hang together; taken are those of one image; name their neighbours")
        return Grouping(self.regions, np.array(merged, np.intp).reshape(-1, 2), np.array(alike, np.float64))

    def _merge(self, one: int, other: int, new: int) -> None:
        rows = self.regions
        size, more = rows.sizes[one], rows.sizes[other]
        rows.sizes[new] = size + more
        np.minimum(rows.boxes[one, :2], rows.boxes[other, :2], out=rows.boxes[new, :2])
        np.maximum(rows.boxes[one, 2:], rows.boxes[other, 2:], out=rows.boxes[new, 2:])
        for histograms in (rows.colours, rows.textures):
            histograms[new] = (size * histograms[one] + more * histograms[other]) / (size + more)
        around = (self.touching[one] | self.touching[other]) - {one, other}
        for place in around:
            near = self.touching[place]
            near.discard(one)
            near.discard(other)
            near.add(new)
        self.touching[new] = around
        self.touching[one] = self.touching[other] = set()
        others = list(around)
        for alike, place in zip(self._alike(new, np.array(others, np.intp)), others, strict=True):
            heapq.heappush(self.heap, (-alike, place, new))

    def _alike(self, one: int | NDArray[np.intp], others: NDArray[np.intp]) -> list[float]:
        """Add up the kinds that count, and compute no other histogram."""
        size, fill = sizes_and_fill(self.regions, one, others)
        total = size * ("size" in self.kinds) + fill * ("fill" in self.kinds)
        if "colour" in self.kinds:
            total += shared_histograms(self.regions.colours, one, others)
        if "texture" in self.kinds:
            total += shared_histograms(self.regions.textures, one, others)
        return total.tolist()


def _longer(rows: NDArray, more: int) -> NDArray:
    return np.concatenate([rows, np.zeros((more, *rows.shape[1:]), rows.dtype)])
