"""Which shapes anchors should have for a data set: k-means on the overlap of its boxes.

Source: Redmon and Farhadi, 2017, "YOLO9000", arXiv 1612.08242, section 2, "dimension clusters".
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Float64, Int, Shaped
from torch import Tensor

from saccade.errors import BadConfig, BadData, BadShape


def cluster_shapes(
    sizes: Shaped[Tensor, "boxes 2"], clusters: int, *, seed: int = 0, steps: int = 300
) -> Float64[Tensor, "clusters 2"]:
    """Find the shapes that most overlap with boxes, all with their centre at one point.

    k-means with 1 − IoU as the distance and the mean as the middle. It begins with boxes that are drawn one after the
    other, likelier the farther they are from those before; a cluster that loses all its boxes gets the one that is
    farthest from its middle. Of all steps the best is given.

    Args:
        sizes: Rows (width, height), above 0, in any unit.
        clusters: How many shapes; at most as many as there are different sizes.
        seed: Of the draws; the same seed gives the same shapes.
        steps: At most so many.

    Returns:
        Rows (width, height), the smallest area first.

    Raises:
        BadShape: If the rows have not two numbers.
        BadData: If a size is not above 0, or fewer differ than clusters are wanted.
        BadConfig: If clusters or steps are no whole numbers ≥ 1.

    Source: as the file; Arthur and Vassilvitskii, 2007, "k-means++", for the beginning.

    Example:
        >>> sizes = torch.tensor([[10.0, 10], [40, 20], [10, 10]])
        >>> cluster_shapes(sizes, 2).tolist()
        [[10.0, 10.0], [40.0, 20.0]]
    """
    rows = _checked(sizes)
    if type(clusters) is not int or type(steps) is not int or min(clusters, steps) < 1:
        raise BadConfig(
            f"got clusters={clusters!r} and steps={steps!r}; taken are whole numbers ≥ 1; 9 shapes are usual"
        )
    different = len(rows.unique(dim=0))
    if different < clusters:
        raise BadData(
            f"got {len(rows)} boxes of {different} different sizes for {clusters} clusters; taken are as many sizes at "
            "least; ask for fewer"
        )
    middles = _begin(rows, clusters, torch.Generator().manual_seed(seed))
    best, best_fit, nearest = middles, -1.0, None
    for _ in range(steps):
        overlap, now = shape_overlaps(rows, middles).max(1)
        if overlap.mean() > best_fit:
            best, best_fit = middles, float(overlap.mean())
        if nearest is not None and torch.equal(now, nearest):
            break
        nearest, middles = now, _means(rows, now, overlap, middles)
    return best[best.prod(1).argsort(stable=True)]


def shape_fit(sizes: Shaped[Tensor, "boxes 2"], shapes: Shaped[Tensor, "shapes 2"]) -> float:
    """Measure how well shapes suit boxes: the mean IoU of each with the best of them.

    Args:
        sizes: Rows (width, height), above 0.
        shapes: Rows (width, height), in the same unit.

    Returns:
        In (0, 1].

    Raises:
        BadShape: If the rows have not two numbers.
        BadData: If a size is not above 0, or there are none.

    Source: Redmon and Farhadi, 2017, table 1.

    Example:
        >>> shape_fit(torch.tensor([[10.0, 10], [10, 20]]), torch.tensor([[10.0, 10]]))
        0.75
    """
    return float(shape_overlaps(_checked(sizes), _checked(shapes)).amax(1).mean())


def shape_overlaps(sizes: Float[Tensor, "sizes 2"], shapes: Float[Tensor, "shapes 2"]) -> Float[Tensor, "sizes shapes"]:
    """Measure the overlap of every pair of shapes whose middles are laid on one point.

    Args:
        sizes: Rows (width, height), above 0.
        shapes: Rows (width, height), above 0, in the same unit.

    Returns:
        Numbers in (0, 1].

    Source: as the file.

    Example:
        >>> shape_overlaps(torch.tensor([[10.0, 20]]), torch.tensor([[10.0, 10], [20, 20]])).tolist()
        [[0.5, 0.5]]
    """
    shapes = shapes.to(sizes)
    shared = sizes[:, None].minimum(shapes).prod(-1)
    return shared / (sizes.prod(-1)[:, None] + shapes.prod(-1) - shared)


def _checked(sizes: Tensor) -> Float64[Tensor, "boxes 2"]:
    if sizes.ndim != 2 or sizes.shape[1] != 2:
        raise BadShape(
            f"got sizes of shape {tuple(sizes.shape)}; taken are rows (width, height); give one for each box"
        )
    rows = sizes.detach().double().cpu()
    wrong = ~((rows > 0) & rows.isfinite()).all(1)
    if wrong.any() or not len(rows):
        raise BadData(
            f"got {len(rows)} sizes, of which {int(wrong.sum())} are not above 0; taken is at least one, all above 0; "
            "leave out the boxes without area"
        )
    return rows


def _begin(
    rows: Float64[Tensor, "boxes 2"], clusters: int, generator: torch.Generator
) -> Float64[Tensor, "clusters 2"]:
    chances = torch.ones(len(rows), dtype=torch.float64)
    chosen = []
    for _ in range(clusters):
        chosen.append(_draw(chances, generator))
        farther = (1 - shape_overlaps(rows, rows[chosen[-1:]])[:, 0]) ** 2
        farther[(rows == rows[chosen[-1]]).all(1)] = 0
        chances = farther if len(chosen) == 1 else chances.minimum(farther)
    return rows[chosen]


def _draw(chances: Float64[Tensor, " boxes"], generator: torch.Generator) -> int:
    summed = chances.cumsum(0)
    at = torch.rand(1, generator=generator, dtype=torch.float64) * summed[-1]
    drawn = int(torch.searchsorted(summed, at, right=True).clamp(max=len(chances) - 1))
    return drawn if chances[drawn] > 0 else int(chances.argmax())


def _means(
    rows: Float64[Tensor, "boxes 2"],
    nearest: Int[Tensor, " boxes"],
    overlap: Float64[Tensor, " boxes"],
    middles: Float64[Tensor, "clusters 2"],
) -> Float64[Tensor, "clusters 2"]:
    many = nearest.bincount(minlength=len(middles))
    means = torch.zeros_like(middles).index_add(0, nearest, rows) / many.clamp(min=1)[:, None]
    empty = (many == 0).nonzero()[:, 0]
    means[empty] = rows[overlap.argsort(stable=True)[: len(empty)]]
    return means
