"""A network that paints in one style: a photograph goes in, and comes out as a painting, in one pass.

Gatys et al. change the pixels of each picture for minutes, until its maps in a classifier tell of the one picture's
content and the other's style. This network learns to do at once what that search would find, for any content and one
style: the two costs are its loss, and the classifier that they are read from stays as it is.

    picture ▶ 9×9 ▶ halved ▶ halved ▶ five residual blocks ▶ doubled ▶ doubled ▶ 9×9 ▶ picture

Taught: what an optimisation finds slowly, a network can learn to give at once; and a loss may be read from the maps of
another network, instead of being a difference of pixels.

Source: Johnson, Alahi & Fei-Fei, "Perceptual losses for real-time style transfer and super-resolution", arXiv
1603.08155; instance normalisation: Ulyanov et al., arXiv 1607.08022; the doubling by neighbours before a convolution
against checkerboards: Odena et al., "Deconvolution and checkerboard artifacts", Distill, 2016.
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.layers.arguments import check_counts
from saccade.layers.picture_network import PictureNetwork, padded_to

__all__ = ["style_network", "style_network_transposed"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "style_network": {
        "task": "style", "paper": "Perceptual losses for real-time style transfer and super-resolution", "year": 2016,
        "arxiv": "1603.08155", "parameters": 1_679_235, "macs": 10_078_912_512, "channels": 3,
        "native_size": (256, 256), "smallest_size": (8, 8),
        "deviates": "instance normalisation, and doubling by neighbours before a convolution, where the paper has "
        "batch normalisation and transposed convolutions; edges are reflected in every layer; the last layer is a "
        "plain convolution, whose levels are cut to [0, 1] when it predicts, where the paper has a scaled tanh: the "
        "form and the names of PyTorch's own example, so that its weights fit; sides that are no multiple of 4 are "
        "reflected to the next and cut again",
    },
    "style_network_transposed": {
        "task": "style", "paper": "Perceptual losses for real-time style transfer and super-resolution", "year": 2016,
        "arxiv": "1603.08155", "parameters": 1_677_638, "macs": 8_266_973_184, "channels": 3,
        "native_size": (256, 256), "smallest_size": (8, 8),
        "deviates": "instance normalisation, where the paper has batch normalisation; zeros around every map, where "
        "the paper reflects the picture once and lets maps shrink: the form of Engstrom's networks, whose weights fit; "
        "sides that are no multiple of 4 are reflected to the next and cut again",
    },
}
# fmt: on

_STRIDE, _LEVELS = 4, 255.0
_REFLECTED_EPSILON, _ZEROS_EPSILON = 1e-5, 1e-3


class _Convolved(nn.Module):
    """A convolution that divides the size by its stride, with edges reflected, or zeros as TensorFlow has them."""

    def __init__(
        self, inside: int, outside: int, kernel: int, *, stride: int = 1, doubled: bool = False, reflected: bool
    ) -> None:
        super().__init__()
        middle = kernel // 2
        self._pad = (middle, middle) if reflected or stride == 1 else (0, kernel - stride)
        self._mode, self.doubled = "reflect" if reflected else "constant", doubled
        self.conv2d = nn.Conv2d(inside, outside, kernel, stride=stride, bias=reflected)

    def forward(self, x: Float[Tensor, "batch inside height width"]) -> Float[Tensor, "batch outside rows columns"]:
        if self.doubled:
            x = F.interpolate(x, scale_factor=2, mode="nearest")
        return self.conv2d(F.pad(x, self._pad * 2, mode=self._mode))


class _Doubled(nn.ConvTranspose2d):
    """A transposed convolution to twice the size."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__(inside, outside, 3, stride=2, bias=False)

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:  # noqa: A002 (torch's name)
        height, width = input.shape[2:]
        return super().forward(input, output_size)[:, :, : 2 * height, : 2 * width]


class _Residual(nn.Module):
    """Two convolutions of 3×3, normalised, on top of what comes in."""

    def __init__(self, width: int, *, reflected: bool) -> None:
        super().__init__()
        epsilon = _REFLECTED_EPSILON if reflected else _ZEROS_EPSILON
        self.conv1 = _Convolved(width, width, 3, reflected=reflected)
        self.in1 = nn.InstanceNorm2d(width, epsilon, affine=True)
        self.conv2 = _Convolved(width, width, 3, reflected=reflected)
        self.in2 = nn.InstanceNorm2d(width, epsilon, affine=True)

    def forward(self, x: Float[Tensor, "batch width height columns"]) -> Float[Tensor, "batch width height columns"]:
        return x + self.in2(self.conv2(self.in1(self.conv1(x)).relu()))


class StyleNetwork(PictureNetwork):
    """A network that paints in one style.

    Args:
        name: What it is called in messages.
        in_channels: Channels of the pictures.
        width: Channels of the first convolution; twice and four times as many behind each halving.
        blocks: Residual blocks.
        transposed: Whether it doubles by transposed convolutions, with zeros around every map and a scaled tanh at the
            end; else by neighbours and a convolution, with edges reflected.

    Raises:
        BadConfig: If a number is below 1.

    Source: Johnson et al. 2016, supplementary material, table 1.
    """

    def __init__(self, name: str, *, in_channels: int, width: int, blocks: int, transposed: bool) -> None:
        check_counts(name, {"in_channels": in_channels, "width": width, "blocks": blocks})
        super().__init__(name, in_channels=in_channels, smallest_size=(8, 8), task="style")
        reflected, epsilon = not transposed, _ZEROS_EPSILON if transposed else _REFLECTED_EPSILON

        def norm(channels: int) -> nn.Module:
            return nn.InstanceNorm2d(channels, epsilon, affine=True)

        self.blocks, self.transposed = blocks, transposed
        self.conv1, self.in1 = _Convolved(in_channels, width, 9, reflected=reflected), norm(width)
        self.conv2, self.in2 = _Convolved(width, 2 * width, 3, stride=2, reflected=reflected), norm(2 * width)
        self.conv3, self.in3 = _Convolved(2 * width, 4 * width, 3, stride=2, reflected=reflected), norm(4 * width)
        for number in range(1, blocks + 1):
            self.add_module(f"res{number}", _Residual(4 * width, reflected=reflected))
        for number, inside in ((1, 4 * width), (2, 2 * width)):
            outside = inside // 2
            double = (
                _Doubled(inside, outside)
                if transposed
                else _Convolved(inside, outside, 3, doubled=True, reflected=True)
            )
            self.add_module(f"deconv{number}", double)
            self.add_module(f"in{number + 3}", norm(outside))
        self.deconv3 = _Convolved(width, in_channels, 9, reflected=reflected)
        self.in6 = norm(in_channels) if transposed else nn.Identity()

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> dict[str, Tensor]:
        """Paint images.

        Args:
            images: In [0, 1].

        Returns:
            "images" as they are, since a metric compares with them; "picture", each painted: in [0, 1] but while the
            network learns, when levels beyond are not cut, since nothing could be learnt from those.

        Raises:
            BadShape: If the images are not of the rank, channels or size that the network takes.

        Source: Johnson et al. 2016.
        """
        self.check(images)
        height, width = images.shape[2:]
        x = padded_to(images, _STRIDE) * _LEVELS
        for number in (1, 2, 3):
            x = self._normalised(f"conv{number}", f"in{number}", x)
        for number in range(1, self.blocks + 1):
            x = self.get_submodule(f"res{number}")(x)
        for number in (1, 2):
            x = self._normalised(f"deconv{number}", f"in{number + 3}", x)
        x = self.in6(self.deconv3(x))
        x = torch.tanh(x) * 150 + _LEVELS / 2 if self.transposed else x
        picture = x[:, :, :height, :width] / _LEVELS
        return {"images": images, "picture": picture if self.training else picture.clamp(0, 1)}

    def _normalised(self, convolution: str, norm: str, x: Tensor) -> Tensor:
        return self.get_submodule(norm)(self.get_submodule(convolution)(x)).relu()


def style_network(*, in_channels: int = 3, width: int = 32, blocks: int = 5) -> StyleNetwork:
    """Make a network that paints in one style, without checkerboards.

    Args:
        in_channels: Channels of the pictures, which may have any size from 8 × 8 on.
        width: Channels of the first convolution.
        blocks: Residual blocks.

    Returns:
        A network of 1,679,235 parameters.

    Raises:
        BadConfig: If a number is no whole number of 1 or more.

    Source: Johnson et al. 2016; the doubling is Odena et al.'s.

    Example:
        >>> style_network(width=4).eval()(torch.zeros(1, 3, 30, 45))["picture"].shape
        torch.Size([1, 3, 30, 45])
    """
    return StyleNetwork("style_network", in_channels=in_channels, width=width, blocks=blocks, transposed=False)


def style_network_transposed(*, in_channels: int = 3, width: int = 32, blocks: int = 5) -> StyleNetwork:
    """Make the form with transposed convolutions that Engstrom published. Arguments as for `style_network`.

    Source: Johnson et al. 2016, with instance normalisation as by Engstrom, "Fast style transfer", 2016.
    """
    network = StyleNetwork(
        "style_network_transposed", in_channels=in_channels, width=width, blocks=blocks, transposed=True
    )
    for part in network.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(part.weight, 0.0, 0.1)
    return network
