"""A small network that learns CIFAR-10 in a few epochs, made for the shortest training there is.

Patches of 2 × 2 pixels are whitened by filters that are computed from the training images and then stay; three blocks
of two convolutions follow, the largest of a few numbers is kept early, and the logits are made small. Normalisations
have a shift and no scale, convolutions begin as the identity where they can, and GELU stands where ReLU did.

Taught: how much of training is the beginning. With whitened patches, identities and quick shifts ten epochs do what
took two hundred.

Source: Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU", arXiv 2404.00498, section 3; the layout is after
Page, "How to train your ResNet" (2018), and tysam-code's hlb-CIFAR10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.backbone import Backbone, Step
from saccade.ops.images import check_counts

__all__ = ["airbench94"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "airbench94": {
        "paper": "94% on CIFAR-10 in 3.29 seconds on a single GPU", "year": 2024, "arxiv": "2404.00498",
        "parameters": 1_971_352, "macs": 118_147_360, "classes": 10, "channels": 3,
        "native_size": (32, 32), "smallest_size": (9, 9),
        "paper_result": "94 % on CIFAR-10 after 9.9 epochs, six views of each test image averaged",
        "deviates": "the bias behind the whitening filters learns all the time, not for three epochs; of maps of other "
        "sizes the largest number is taken too",
        "recipe": {
            "settings": {
                "epochs": 10, "batch_size": 1024, "optimizer": "nesterov", "learning_rate": 1.5, "momentum": 0.85,
                "weight_decay": 0.00133, "decay_all": True, "bias_rate": 64.0, "schedule": "triangle",
                "label_smoothing": 0.2, "lookahead": 5, "augment": "standard", "mirror": True,
                "alternate_mirror": True, "crop_rate": 0.0625, "crop_padding": "reflect",
            },
            "source": "section 3 and the listing, airbench94.py in KellerJordan/cifar10-airbench; its rate, 11.5 for a "
            "sum over 1,024 images, and its decay, 0.0153, are divided by 1 + 1 / (1 - 0.85), what Nesterov momentum "
            "makes of a gradient, and written for a mean",
            "deviates": "9.9 epochs there",
        },
    },
}
# fmt: on

_PATCH, _EPSILON = 2, 5e-4


class ShiftNorm(nn.BatchNorm2d):
    """Batch normalisation with a shift and without a scale, which soon forgets what it has seen.

    Args:
        channels: Of the maps.

    Source: Jordan 2024, section 3.1: momentum 0.6 in the paper's sense, what stays of the running statistics.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=1e-12, momentum=0.4)
        del self.weight
        self.register_buffer("weight", torch.ones(channels))


class WhiteningConv(nn.Conv2d):
    """A convolution whose filters are computed from images and do not learn; its bias does.

    There are two filters for each number in a patch: an eigenvector of the patches' second moments, divided by the
    root of its eigenvalue, and the same with the other sign. What comes out has nearly the identity as its second
    moments.

    Args:
        in_channels: Of the images.

    Source: Jordan 2024, section 3.2; Page 2018.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__(in_channels, 2 * in_channels * _PATCH**2, _PATCH)
        drawn = self.weight.detach().clone()
        del self.weight
        self.register_buffer("weight", drawn)
        nn.init.zeros_(self.bias)  # pyright: ignore[reportArgumentType]

    @torch.no_grad()
    def fit(self, images: Float[Tensor, "batch channels height width"]) -> None:
        """Compute the filters.

        Args:
            images: As the network sees them; each as good as thousands of patches.
        """
        patches = images.unfold(2, _PATCH, 1).unfold(3, _PATCH, 1).permute(0, 2, 3, 1, 4, 5).flatten(0, 2).flatten(1)
        patches = patches.double()
        values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
        filters = (vectors / (values.clamp(min=0) + _EPSILON).sqrt()).T.flip(0).unflatten(1, self.weight.shape[1:])
        self.weight.copy_(torch.cat([filters, -filters]))


class AirBlock(nn.Module):
    """Two convolutions, the first of which is pooled before it is normalised.

    Args:
        in_channels: Of the maps that come in.
        width: Of those that go out.

    Source: Jordan 2024, section 3.1, and 3.3 on the identities that convolutions begin with.
    """

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.conv1, self.norm1 = _identity_conv(in_channels, width), ShiftNorm(width)
        self.conv2, self.norm2 = _identity_conv(width, width), ShiftNorm(width)
        self.pool, self.activation = nn.MaxPool2d(2), nn.GELU()

    def forward(self, x: Float[Tensor, "batch channels rows columns"]) -> Float[Tensor, "batch _ _ _"]:
        """Halve the maps, and look at them twice."""
        x = self.activation(self.norm1(self.pool(self.conv1(x))))
        return self.activation(self.norm2(self.conv2(x)))


class Airbench(Backbone):
    """Whitened patches, three blocks, the largest number of each map, one dense layer with small logits.

    Args:
        name: What it is called in messages.
        widths: Channels of the three blocks.
        num_classes: Logits.
        in_channels: Channels of the images.
        scale: What the logits are multiplied by.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: Jordan 2024, section 3.1.
    """

    def __init__(
        self, name: str, *, widths: tuple[int, int, int], num_classes: int, in_channels: int, scale: float
    ) -> None:
        check_counts(name, num_classes=num_classes, in_channels=in_channels)
        patch = 2 * _PATCH**2
        stages = list(zip((1, 2, 4, 8), (patch * in_channels, *widths), strict=True))
        super().__init__(name, stages, num_classes=num_classes, in_channels=in_channels, smallest_size=(9, 9))
        self.whiten, self.activation = WhiteningConv(in_channels), nn.GELU()
        self.block1 = AirBlock(patch * in_channels, widths[0])
        self.block2 = AirBlock(widths[0], widths[1])
        self.block3 = AirBlock(widths[1], widths[2])
        self.pool = nn.AdaptiveMaxPool2d(1)
        self.linear = nn.Linear(widths[2], num_classes, bias=False)
        self.scale = scale

    def steps(self) -> Sequence[Step]:
        """Give the whitened patches and the three blocks."""
        return (lambda images: self.activation(self.whiten(images)), self.block1, self.block2, self.block3)

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Take the largest number of each map, and weigh them."""
        return self.linear(self.pool(features).flatten(1)) * self.scale

    def prepare(self, images: Float[Tensor, "batch channels height width"]) -> None:
        """Compute the whitening filters; training calls it once, before the first step.

        Args:
            images: Some of the training images, as the network sees them.
        """
        self.whiten.fit(images)


def airbench94(*, num_classes: int = 10, in_channels: int = 3) -> Airbench:
    """Make the network of airbench94: blocks of 64, 256 and 256 channels; 1,971,352 parameters.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which may have any size; it was made for 32 × 32.

    Returns:
        The network; its whitening filters are random until `prepare`.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: Jordan 2024, section 3.1.

    Example:
        >>> airbench94()(torch.zeros(1, 3, 32, 32)).shape
        torch.Size([1, 10])
    """
    return Airbench("airbench94", widths=(64, 256, 256), num_classes=num_classes, in_channels=in_channels, scale=1 / 9)


def _identity_conv(in_channels: int, out_channels: int) -> nn.Conv2d:
    """A convolution of 3×3 whose first filters give back the channels that come in."""
    made = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
    with torch.no_grad():
        nn.init.dirac_(made.weight[:in_channels])
    return made
