"""How far pictures are from a content and from a style in the eyes of a network, one number for each picture.

The costs are those of `losses.style`, each over what the wanted content or style measures itself: 0 is the very same,
1 is as far away as a picture of which the network sees nothing. So the weights of the terms need not be found anew for
each network that they are read from, nor for each size of picture.

Source: Johnson et al., arXiv 1603.08155, equations 2 and 4; to divide by what is wanted is ours.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.ops.gram import gram_matrix

Maps = Mapping[str, Float[Tensor, "batch _ _ _"]]
Grams = Mapping[str, Float[Tensor, "one _ _"]]


def grams_of(maps: Maps) -> dict[str, Float[Tensor, "batch _ _"]]:
    """Give the Gram matrix of each layer, on the mean over its places, so that pictures of all sizes compare.

    Args:
        maps: By layer.

    Returns:
        The matrices by layer.

    Source: Johnson et al. 2016, equation 3, without the division by the channels.

    Example:
        >>> grams_of({"relu": torch.tensor([[[[1.0, 2.0]]]])})["relu"].tolist()  # (1·1 + 2·2) / 2
        [[[2.5]]]
    """
    return {layer: gram_matrix(value.float()) / (value.shape[2] * value.shape[3]) for layer, value in maps.items()}


def style_distances(maps: Maps, wanted: Grams) -> Float[Tensor, " batch"]:
    """Say how far each picture is from a style.

    Args:
        maps: Of the pictures, by layer.
        wanted: The Gram matrices of the style, as `grams_of` gives them.

    Returns:
        The squared difference of the matrices over the square of what is wanted, on the mean over the layers.

    Source: Johnson et al. 2016, equation 4; relative.

    Example:
        >>> maps = {"relu": torch.tensor([[[[1.0, 2.0]]]])}
        >>> style_distances(maps, {"relu": torch.tensor([[[5.0]]])}).tolist()  # (2.5 − 5)² / 5²
        [0.25]
    """
    found = grams_of(maps)
    apart = [(found[layer] - wanted[layer]).square().sum((1, 2)) / _size(wanted[layer]) for layer in wanted]
    return torch.stack(apart).mean(0)


def content_distances(
    maps: Float[Tensor, "batch channels height width"], wanted: Float[Tensor, "batch channels height width"]
) -> Float[Tensor, " batch"]:
    """Say how far each picture is from its content.

    Args:
        maps: Of the pictures that are made, of one layer.
        wanted: Of the pictures that they are made of.

    Returns:
        The squared difference over the square of what is wanted.

    Source: Johnson et al. 2016, equation 2; relative.

    Example:
        >>> content_distances(torch.tensor([[[[1.0, 3.0]]]]), torch.tensor([[[[1.0, 2.0]]]])).tolist()  # 1² / (1² + 2²)
        [0.20000000298023224]
    """
    return (maps.float() - wanted.float()).square().sum((1, 2, 3)) / _size(wanted.float())


def roughness(pictures: Float[Tensor, "batch channels height width"]) -> Float[Tensor, " batch"]:
    """Say how much neighbouring pixels differ: the mean square, over both directions.

    Args:
        pictures: In [0, 1], of two rows and two columns at least.

    Returns:
        One number for each picture.

    Source: total variation as in Mahendran & Vedaldi, arXiv 1412.0035, equation 4 with β = 2.

    Example:
        >>> roughness(torch.tensor([[[[0.0, 1.0], [0.0, 1.0]]]])).tolist()
        [1.0]
    """
    down = (pictures[:, :, 1:] - pictures[:, :, :-1]).float().square().mean((1, 2, 3))
    across = (pictures[:, :, :, 1:] - pictures[:, :, :, :-1]).float().square().mean((1, 2, 3))
    return down + across


def _size(values: Float[Tensor, "batch ..."]) -> Float[Tensor, " batch"]:
    return values.square().flatten(1).sum(1).clamp(min=1e-12)
