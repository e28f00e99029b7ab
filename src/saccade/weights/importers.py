"""Weights from elsewhere, brought to the names and the arithmetic of networks here.

Each function takes the tensors of one layout and gives a state dict that loads unmodified. What the other framework
computes in another way is folded into the numbers, exactly.

Source: ours; the layouts are those of the files that are named.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from saccade.errors import BadCheckpoint

DARKNET_LINE = (
    "conv 16 3 batchnorm leaky, pool 2, conv 32 3 batchnorm leaky, pool 2, "
    "conv 16 1 batchnorm leaky, conv 128 3 batchnorm leaky, conv 16 1 batchnorm leaky, conv 128 3 batchnorm leaky, "
    "pool 2, conv 32 1 batchnorm leaky, conv 256 3 batchnorm leaky, conv 32 1 batchnorm leaky, "
    "conv 256 3 batchnorm leaky, pool 2, conv 64 1 batchnorm leaky, conv 512 3 batchnorm leaky, "
    "conv 64 1 batchnorm leaky, conv 512 3 batchnorm leaky, conv 128 1 batchnorm leaky, conv 1000 1, gap"
)
"""Tiny Darknet (pjreddie.com/darknet/tiny-darknet) as a line for the builder."""

_KERAS_EPSILON = 1e-3
_VGG19_PLACES = {"2": "features.0", "5": "features.2", "9": "features.5", "12": "features.7", "16": "features.10"}


def darknet_tiny(tensors: Mapping[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """Import Tiny Darknet from the names and layouts of Keras.

    Keras keeps filters as (rows, columns, channels, filters), and adds 1e-3 to variances where PyTorch adds 1e-5.

    Args:
        tensors: `conv2d_N/kernel`, `batch_normalization_N/gamma` …
        network: The builder's, made from `DARKNET_LINE`.

    Returns:
        The state dict of the network.

    Raises:
        BadCheckpoint: If a tensor is missing.

    Source: the layout of Keras 2 in TensorFlow.js, as in ml5's `darknettiny`.
    """
    state = dict(network.state_dict())
    convolutions = [(name, part) for name, part in network.named_modules() if isinstance(part, nn.Conv2d)]
    norms = [(name, part) for name, part in network.named_modules() if isinstance(part, nn.BatchNorm2d)]
    for number, (name, part) in enumerate(convolutions, 1):
        state[f"{name}.weight"] = _taken(tensors, f"conv2d_{number}/kernel").permute(3, 2, 0, 1).contiguous()
        if part.bias is not None:
            state[f"{name}.bias"] = _taken(tensors, f"conv2d_{number}/bias")
    for number, (name, part) in enumerate(norms, 1):
        before = f"batch_normalization_{number}"
        state[f"{name}.weight"] = _taken(tensors, f"{before}/gamma")
        state[f"{name}.bias"] = _taken(tensors, f"{before}/beta")
        state[f"{name}.running_mean"] = _taken(tensors, f"{before}/moving_mean")
        state[f"{name}.running_var"] = _taken(tensors, f"{before}/moving_variance") + (_KERAS_EPSILON - part.eps)
    return state


def vgg19_normalised(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Import the encoder of universal style transfer: VGG-19 up to relu3_1, its activations scaled to a mean of 1.

    Its first layer, a 1×1 convolution that turns RGB in [0, 1] into Caffe's images, is folded into the next. That is
    exact with the reflected borders it was made for: set `padding_mode = "reflect"` on the convolutions.

    Args:
        tensors: By their place in the sequence, as in `vgg_normalised_conv3_1`; shorter encoders fit too.

    Returns:
        Weights under VGG-19's names: `features.0.weight` … `features.10.bias`.

    Raises:
        BadCheckpoint: If the first two layers are not there.

    Source: Li et al., "Universal style transfer via feature transforms", arXiv 1705.08086; the layout of its
        Torch files.

    Example:
        >>> layers = {"0.weight": 255 * torch.eye(3)[:, :, None, None], "0.bias": torch.zeros(3)}
        >>> layers |= {"2.weight": torch.ones(64, 3, 3, 3), "2.bias": torch.zeros(64)}
        >>> vgg19_normalised(layers)["features.0.weight"].unique()
        tensor([255.])
    """
    turn, shift = _taken(tensors, "0.weight")[:, :, 0, 0], _taken(tensors, "0.bias")
    first, bias = _taken(tensors, "2.weight"), _taken(tensors, "2.bias")
    state = {
        "features.0.weight": torch.einsum("oirc,ij->ojrc", first, turn),
        "features.0.bias": bias + torch.einsum("oirc,i->o", first, shift),
    }
    for place, name in list(_VGG19_PLACES.items())[1:]:
        if f"{place}.weight" in tensors:
            state[f"{name}.weight"] = tensors[f"{place}.weight"]
            state[f"{name}.bias"] = _taken(tensors, f"{place}.bias")
    return state


def engstrom_style(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Import a network of Engstrom's "Fast style transfer" for `style_network_transposed`.

    TensorFlow keeps filters as (rows, columns, channels, filters), those of a transposed convolution as (rows, columns,
    filters, channels). Each convolution is followed by the shift and the scale of its normalisation.

    Args:
        tensors: `Variable`, `Variable_1` … `Variable_47`, in the order in which they were made.

    Returns:
        The state dict of the network.

    Raises:
        BadCheckpoint: If a tensor is missing.

    Source: the checkpoints of github.com/lengstrom/fast-style-transfer.
    """
    pairs = [(f"conv{number}.conv2d", f"in{number}") for number in (1, 2, 3)]
    pairs += [(f"res{number}.conv{part}.conv2d", f"res{number}.in{part}") for number in range(1, 6) for part in (1, 2)]
    pairs += [("deconv1", "in4"), ("deconv2", "in5"), ("deconv3.conv2d", "in6")]
    state: dict[str, Tensor] = {}
    for place, (convolution, norm) in enumerate(pairs):
        numbers = range(3 * place, 3 * place + 3)
        filters, shift, scale = (_taken(tensors, f"Variable_{number}" if number else "Variable") for number in numbers)
        state[f"{convolution}.weight"] = filters.permute(3, 2, 0, 1).contiguous()
        state[f"{norm}.weight"], state[f"{norm}.bias"] = scale, shift
    return state


def bgr_to_rgb(tensors: Mapping[str, Tensor], first: str) -> dict[str, Tensor]:
    """Let a network that was trained on blue, green, red, as Caffe's were, take red, green, blue.

    Args:
        tensors: By name.
        first: The name of the first layer's weights.

    Returns:
        The same, the channels of that layer turned round.

    Raises:
        BadCheckpoint: If there is no such layer.

    Source: ours.

    Example:
        >>> bgr_to_rgb({"w": torch.tensor([[[[1.0]], [[2.0]], [[3.0]]]])}, "w")["w"].flatten().tolist()
        [3.0, 2.0, 1.0]
    """
    return {**tensors, first: _taken(tensors, first).flip(1)}


def _taken(tensors: Mapping[str, Tensor], name: str) -> Tensor:
    if name not in tensors:
        raise BadCheckpoint(
            f"got weights without {name}; taken is the layout that the importer is for; look at what the file holds: "
            "saccade info FILE"
        )
    return tensors[name]
