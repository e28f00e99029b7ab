"""The door of every network: what is no batch of images is refused here, in words.

Source: ours.
"""

from __future__ import annotations

import torch
from jaxtyping import Shaped
from torch import Tensor
from torch.fx import Proxy

from saccade.errors import BadConfig, BadShape


def check_images(
    images: Shaped[Tensor, "*shape"], name: str, *, in_channels: int, smallest: tuple[int, int] = (1, 1)
) -> None:
    """Refuse what a network cannot take, before it fails somewhere inside.

    Costs a few comparisons of whole numbers. While a graph is being traced it looks at nothing.

    Args:
        images: What should be floats of shape (batch, channels, height, width).
        name: The network, for the message.
        in_channels: Channels that it takes.
        smallest: (height, width) below which its last map would be empty.

    Raises:
        BadShape: If the rank, the channels, the size or the type does not fit.

    Source: ours.

    Example:
        >>> check_images(torch.zeros(1, 3, 64, 64), "resnet18", in_channels=3)
    """
    if isinstance(images, Proxy) or torch.jit.is_tracing():  # pyright: ignore[reportPrivateImportUsage]
        return
    shape = tuple(images.shape)
    taken = f"{name} takes (batch, {in_channels}, height, width)"
    if len(shape) != 4:
        cure = "add images[None]" if len(shape) == 3 else "stack images of one size"
        raise BadShape(f"got images of shape {shape}; {taken}; {cure}")
    if shape[1] != in_channels:
        raise BadShape(f"got images of shape {shape}; {taken}; {_channel_cure(shape, in_channels)}")
    if shape[2] < smallest[0] or shape[3] < smallest[1]:
        raise BadShape(
            f"got images of {shape[2]} × {shape[3]} pixels; {name} takes {smallest[0]} × {smallest[1]} or more; "
            "enlarge them"
        )
    if not images.is_floating_point():
        raise BadShape(f"got images of {images.dtype}; {name} takes floats in [0, 1]; use images.float() / 255")


def check_maps(
    features: Shaped[Tensor, "batch channels rows columns"], name: str, *, maps: tuple[int, int], size: tuple[int, int]
) -> None:
    """Refuse maps of another size than a flattening head was made for.

    Args:
        features: The last maps, (batch, channels, height, width).
        name: The network, for the message.
        maps: (height, width) that the head was made for.
        size: (height, width) of the images that lead to such maps.

    Raises:
        BadShape: If the maps have another size.

    Source: ours.

    Example:
        >>> check_maps(torch.zeros(1, 8, 4, 4), "dcnn", maps=(4, 4), size=(32, 32))
    """
    if isinstance(features, Proxy) or torch.jit.is_tracing():  # pyright: ignore[reportPrivateImportUsage]
        return
    if tuple(features.shape[2:]) != maps:
        rows, columns = features.shape[2:]
        raise BadShape(
            f"got images that leave maps of {rows} × {columns} pixels; {name} was made for images of "
            f"{size[0]} × {size[1]}, which leave {maps[0]} × {maps[1]}; resize them, or make it with another size"
        )


def check_counts(name: str, *, num_classes: int, in_channels: int) -> None:
    """Refuse a network without classes or channels; both are named if both are wrong.

    Args:
        name: The network, for the message.
        num_classes: Logits that it shall give.
        in_channels: Channels that it shall take.

    Raises:
        BadConfig: If either is not a whole number of 1 or more.

    Source: ours.

    Example:
        >>> check_counts("lenet5", num_classes=10, in_channels=1)
    """
    wrong = [
        f"{word}={number!r}"
        for word, number in (("num_classes", num_classes), ("in_channels", in_channels))
        if isinstance(number, bool) or not isinstance(number, int) or number < 1
    ]
    if wrong:
        taken = "a whole number ≥ 1" if len(wrong) == 1 else "whole numbers ≥ 1"
        raise BadConfig(f"got {' and '.join(wrong)}; {name} takes {taken}; give as many as your data have")


def _channel_cure(shape: tuple[int, ...], in_channels: int) -> str:
    if shape[3] == in_channels:
        return "the channels come last here: use images.permute(0, 3, 1, 2)"
    if (shape[1], in_channels) == (1, 3):
        return "repeat the grey channel: images.expand(-1, 3, -1, -1)"
    return f"make the network with in_channels={shape[1]}"
