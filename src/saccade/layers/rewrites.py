"""A network with some of its layers in a cheaper form, to be trained again.

Source: see `saccade.ops.rewrites`.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

from torch import nn

from saccade.errors import BadConfig, UnknownName
from saccade.layers.pooling import GlobalAveragePool
from saccade.ops.rewrites import Convolution, Rewrite


def rewritten(module: nn.Module, changes: Mapping[str, Rewrite]) -> nn.Module:
    """Copy a module, and put cheaper forms in the place of some of its layers.

    The parts of a form have fresh weights, on the device and of the type of the layer. Between them stands a ReLU, but
    not inside a separable one.

    Args:
        module: Any module; it is left as it is.
        changes: The name of a layer as in `module.named_modules()`, and its form: a convolution takes all but "pooled",
            a dense layer only that.

    Returns:
        The copy. What shares a layer in two places shares its new form.

    Raises:
        UnknownName: If there is no such layer; the nearest are offered.
        BadConfig: If a form does not go with a layer.

    Source: ours.

    Example:
        >>> from saccade.ops.rewrites import separable
        >>> network = nn.Sequential(nn.Conv2d(64, 128, 3, padding=1, bias=False), nn.ReLU())
        >>> cheaper = rewritten(network, {"0": separable(Convolution(64, 128, (3, 3), padding=(1, 1)))})
        >>> sum(weight.numel() for weight in network.parameters()), sum(w.numel() for w in cheaper.parameters())
        (73728, 8768)
    """
    known = dict(module.named_modules())
    for name in changes:
        if name not in known:
            raise UnknownName("layer", name, [word for word in known if word])
    forms = {known[name]: _form(name, known[name], rewrite) for name, rewrite in changes.items()}
    if module in forms:
        return forms[module]
    result = copy.deepcopy(module)
    for name, layer in module.named_modules(remove_duplicate=False):
        if layer in forms:
            above, _, last = name.rpartition(".")
            result.get_submodule(above)._modules[last] = forms[layer]
    return result


def _form(name: str, layer: nn.Module, rewrite: Rewrite) -> nn.Module:
    if isinstance(layer, nn.Linear) and rewrite.averaged:
        part = rewrite.parts[0]
        dense = nn.Linear(
            part.in_channels, part.out_channels, part.bias, device=layer.weight.device, dtype=layer.weight.dtype
        )
        if part.in_channels * rewrite.averaged[0] * rewrite.averaged[1] == layer.in_features:
            return nn.Sequential(nn.Unflatten(1, (part.in_channels, *rewrite.averaged)), GlobalAveragePool(), dense)
    if isinstance(layer, nn.Conv2d) and not rewrite.averaged:
        first, last = rewrite.parts[0], rewrite.parts[-1]
        if (first.in_channels, last.out_channels) == (layer.in_channels, layer.out_channels):
            return _stacked(layer, rewrite)
    raise BadConfig(
        f"got layer {name!r}, a {layer}, to become {rewrite}; taken is a form of that very layer; "
        "make it with a function of saccade.ops.rewrites from the layer's own numbers"
    )


def _stacked(layer: nn.Conv2d, rewrite: Rewrite) -> nn.Sequential:
    """One part after the other."""
    steps: list[nn.Module] = []
    for part in rewrite.parts:
        if steps and rewrite.name != "separable":
            steps.append(nn.ReLU())
        steps.append(_convolution(layer, part))
    return nn.Sequential(*steps)


def _convolution(layer: nn.Conv2d, part: Convolution) -> nn.Conv2d:
    return nn.Conv2d(
        part.in_channels,
        part.out_channels,
        part.kernel_size,
        stride=part.stride,
        padding=part.padding,
        dilation=part.dilation,
        groups=part.groups,
        bias=part.bias,
        padding_mode=layer.padding_mode,
        device=layer.weight.device,
        dtype=layer.weight.dtype,
    )
