"""The block of ResNeXt in its three forms, which compute the same, and how weights go from one to another.

    SplitTransformMerge   C paths of a 1×1, a 3×3 and a 1×1 convolution; their outputs are added
    EarlyConcatenation    C paths of a 1×1 and a 3×3; their outputs are joined for one 1×1 convolution
    Bottleneck            a 1×1 convolution, a 3×3 one in C groups, a 1×1 one: `saccade.layers.residual`

Convolutions side by side are one convolution in groups, and the sum of convolutions is one convolution of their joined
inputs: that is all there is to it. Multiply-adds and weights are the same too; the form with groups is the fast one.

Source: Xie, Girshick, Dollár, Tu & He, "Aggregated residual transformations for deep neural networks",
    arXiv 1611.05431, figure 3.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig
from saccade.layers.residual import Attention, Bottleneck, Shortcut

State = Mapping[str, Tensor]


class EarlyConcatenation(Bottleneck):
    """The block as paths of two convolutions that are joined for a common third; figure 3b.

    Args:
        in_channels: Channels of the input.
        width: The width of the plain bottleneck; the output has four times as many channels.
        stride: Of the 3×3 convolutions.
        shortcut: One of "A", "B", "C", "none".
        groups: How many paths, C.
        width_per_group: Channels of each path at a width of 64, in proportion at others.
        attention: Makes what weighs the channels before they are added; None for nothing.

    Raises:
        BadConfig: If the shortcut is none of the four, a number is below 1, or paths are left without channels.

    Source: Xie et al. 2017, figure 3b.

    Example:
        >>> EarlyConcatenation(256, 64)(torch.zeros(1, 256, 8, 8)).shape
        torch.Size([1, 256, 8, 8])
    """

    split_parts = ("conv1", "bn1", "conv2", "bn2")

    def __init__(
        self,
        in_channels: int,
        width: int,
        *,
        stride: int = 1,
        shortcut: Shortcut = "B",
        groups: int = 32,
        width_per_group: int = 4,
        attention: Attention | None = None,
    ) -> None:
        super().__init__(
            in_channels,
            width,
            stride=stride,
            shortcut=shortcut,
            groups=groups,
            width_per_group=width_per_group,
            attention=attention,
        )
        channels = self.conv2.out_channels // groups
        for part in (*self.split_parts, "relu1", "relu2"):
            delattr(self, part)
        self.paths = nn.ModuleList(self._path(channels) for _ in range(groups))

    def branch(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch more rows columns"]:
        """Join what the paths give, and convolve it."""
        return self.conv3(torch.cat([path(x) for path in self.paths], dim=1))

    def _path(self, channels: int) -> nn.Sequential:
        path = nn.Sequential()
        path.conv1 = nn.Conv2d(self.in_channels, channels, 1, bias=False)
        path.bn1 = nn.BatchNorm2d(channels)
        path.relu1 = nn.ReLU(inplace=True)
        path.conv2 = nn.Conv2d(channels, channels, 3, stride=self.stride, padding=1, bias=False)
        path.bn2 = nn.BatchNorm2d(channels)
        path.relu2 = nn.ReLU(inplace=True)
        return path


class SplitTransformMerge(EarlyConcatenation):
    """The block as paths of three convolutions that are added; figure 3a. Arguments as for `EarlyConcatenation`.

    The norm of the third convolutions comes after the sum, before the shortcut, as the paper says.

    Source: Xie et al. 2017, figures 1 and 3a, equation 2.

    Example:
        >>> SplitTransformMerge(256, 64)(torch.zeros(1, 256, 8, 8)).shape
        torch.Size([1, 256, 8, 8])
    """

    split_parts = (*EarlyConcatenation.split_parts, "conv3")

    def branch(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch more rows columns"]:
        """Add what the paths give."""
        return torch.stack([path(x) for path in self.paths]).sum(0)

    def _path(self, channels: int) -> nn.Sequential:
        path = super()._path(channels)
        path.conv3 = nn.Conv2d(channels, self.out_channels, 1, bias=False)
        return path


FORMS = (Bottleneck, EarlyConcatenation, SplitTransformMerge)
Form = TypeVar("Form", bound=Bottleneck)


def converted(block: Bottleneck, form: type[Form]) -> Form:
    """Make the same block in another form, with a copy of its weights.

    Args:
        block: A block in one of the three forms; it stays as it is.
        form: `Bottleneck`, `EarlyConcatenation` or `SplitTransformMerge`.

    Returns:
        A new block that computes the same, to rounding.

    Raises:
        BadConfig: If the block or the form is none of the three.

    Source: Xie et al. 2017, section 3.3.

    Example:
        >>> block = Bottleneck(256, 64, groups=32, width_per_group=4).eval()
        >>> images = torch.rand(1, 256, 8, 8)
        >>> torch.allclose(converted(block, SplitTransformMerge)(images), block(images), atol=1e-5)
        True
    """
    for kind in (type(block), form):
        if kind not in FORMS:
            raise BadConfig(
                f"got {kind.__name__}; taken are {', '.join(one.__name__ for one in FORMS)}; use one of these classes"
            )
    with torch.device("meta"):
        made = form(
            block.in_channels,
            block.width,
            stride=block.stride,
            shortcut=block.shortcut,
            groups=block.groups,
            width_per_group=block.width_per_group,
        )
    if block.attends:
        made.attends = True
        made.add_module(made.attention_name, copy.deepcopy(block.get_submodule(block.attention_name)))
    made.load_state_dict(_split(_joined(block.state_dict()), _split_parts(form), block.groups), assign=True)
    return made.train(block.training)


def _split_parts(form: type[Bottleneck]) -> tuple[str, ...]:
    return form.split_parts if issubclass(form, EarlyConcatenation) else ()


def _split(state: State, parts: tuple[str, ...], groups: int) -> dict[str, Tensor]:
    """Cut what a form has in each path out of the grouped form's weights; everything is copied."""
    found: dict[str, Tensor] = {}
    for key, value in state.items():
        if key.partition(".")[0] in parts:
            pieces = value.chunk(groups, _axis(key)) if value.ndim else (value,) * groups
            found |= {f"paths.{path}.{key}": piece.clone() for path, piece in enumerate(pieces)}
        else:
            found[key] = value.clone()
    return found


def _joined(state: State) -> dict[str, Tensor]:
    """Put the weights of all paths together again."""
    found: dict[str, list[Tensor]] = {}
    for key, value in state.items():
        found.setdefault(key.split(".", 2)[2] if key.startswith("paths.") else key, []).append(value)
    return {key: torch.cat(values, _axis(key)) if values[0].ndim else values[0] for key, values in found.items()}


def _axis(key: str) -> int:
    """Along which a path's share lies: of the last convolution it is the inputs, of all others the outputs."""
    return 1 if key.startswith("conv3") else 0
