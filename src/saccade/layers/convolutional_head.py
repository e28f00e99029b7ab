"""A whole classifier made convolutional: it slides over any image, and shares all work that windows have in common.

A dense layer on flattened maps is a convolution whose kernel is as large as the maps; a dense layer after it is a 1×1
convolution; a global average is an average over a window of that size. Written so, the network takes images of any
size from its own on, and gives logits for every window at once.

Source: Sermanet et al., "OverFeat", arXiv 1312.6229, section 3.5; Long et al., "Fully convolutional networks", arXiv
1411.4038, section 3.1.
"""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from saccade.errors import BadConfig, BadInput, BadShape, printable
from saccade.layers.head_conversion import converted, shaped
from saccade.layers.normalised import Normalised
from saccade.layers.sliding import SlidingNetwork
from saccade.layers.tracing import traced

_FAILURES = (RuntimeError, ValueError, TypeError, IndexError)


def convolutional(
    module: nn.Module, size: tuple[int, int], *, in_channels: int | None = None
) -> SlidingNetwork | Normalised:
    """Make a classifier of one size of image into one that slides over images of any size from that on.

    Flattening and the dense layer after it become a convolution as large as the maps, later dense layers 1×1
    convolutions, a global pooling in front of them one over windows of the maps' size; activations and dropout stay,
    and whatever else is in the head runs place by place. Logits lie as many pixels of the image apart as the strides of
    the maps multiply to.

    At its own size the copy gives what the network gives, on one place; that is checked. On a larger image it gives
    what the network gives for each window, if no layer pads. With padding (as in a ResNet) they differ: inside a large
    image a layer sees the neighbours where the network, on the window alone, sees zeros.

    Args:
        module: A network that gives (batch, classes) and can be traced; it stays as it is. Around the network of a
            `Normalised`, that stays.
        size: (height, width) of the images that it was made for.
        in_channels: Channels of the images; None: as the first part that states `in_channels`, else 3.

    Returns:
        A copy in evaluation mode that gives (batch, classes, rows, columns).

    Raises:
        BadConfig: If the module cannot be traced, has no dense head, or does something in it that no convolution does.
        BadShape: If it does not run at that size.

    Example:
        >>> network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 3 * 3, 4))
        >>> sliding = convolutional(network, (8, 8))
        >>> sliding(torch.zeros(1, 3, 8, 8)).shape, sliding(torch.zeros(1, 3, 10, 12)).shape
        (torch.Size([1, 4, 1, 1]), torch.Size([1, 4, 2, 3]))
    """
    copied = deepcopy(module).eval()
    channels = _channels(copied) if in_channels is None else in_channels
    if len(size) != 2 or min(*size, channels) < 1:
        raise BadShape(f"got size={size} and {channels} channels; taken is (height, width), all ≥ 1; change them")
    if isinstance(copied, Normalised):
        copied.network = convolutional(copied.network, size, in_channels=channels)
        return copied
    network = traced(copied)
    name, images = type(module).__name__, _images(copied, (2, channels, *size))
    try:
        logits = shaped(network, images)
    except BadInput:
        raise
    except _FAILURES as error:
        reason = printable(str(error).strip().partition("\n")[0])[:200]
        raise BadShape(
            f"got a {name} that does not run on images of shape (batch, {channels}, {size[0]}, {size[1]}) ({reason}); "
            "taken is the size that it was made for; give that size, and in_channels"
        ) from error
    sliding = SlidingNetwork(converted(network, name), size, in_channels=channels).eval()
    _check_same(name, sliding, images, logits)
    return sliding


def _channels(module: nn.Module) -> int:
    stated = (getattr(part, "in_channels", None) for part in module.modules())
    return next((channels for channels in stated if isinstance(channels, int)), 3)


def _images(module: nn.Module, shape: tuple[int, ...]) -> Tensor:
    """Draw images of noise, always the same, of the type of the weights."""
    first = next((tensor for tensor in module.parameters() if tensor.is_floating_point()), torch.empty(0))
    return torch.rand(shape, generator=torch.Generator().manual_seed(0)).to(first)


def _check_same(name: str, sliding: SlidingNetwork, images: Tensor, logits: Tensor) -> None:
    """Refuse a copy that gives something else at its own size than the network, or does not run at twice that."""
    tolerance = torch.finfo(logits.dtype).eps ** 0.5
    room = tolerance * float(logits.abs().max())
    try:
        with torch.no_grad():
            given = sliding(images).flatten(1)
            torch.testing.assert_close(given, logits, rtol=tolerance, atol=room, equal_nan=True)
            sides = (2 * side for side in images.shape[2:])
            with FakeTensorMode(allow_non_fake_inputs=True):  # shapes alone
                sliding(torch.empty(*images.shape[:2], *sides, dtype=images.dtype, device=images.device))
    except (AssertionError, *_FAILURES) as error:
        raise BadConfig(
            f"got a {name} that, with its head as convolutions, gives something else or takes no larger images; taken "
            "is a head of dense layers on flattened or globally pooled maps; write it so"
        ) from error
