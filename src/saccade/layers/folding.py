"""Batch normalisation folded into the layer before it: the same outputs, with fewer layers.

In evaluation, batch normalisation is γ · (z − μ) / √(σ² + ε) + β with fixed numbers, and z = w · x + b is linear; so
both together are one layer, with the weight s · w and the bias s · (b − μ) + β, where s = γ / √(σ² + ε).

Source: Ioffe & Szegedy, "Batch Normalization", arXiv 1502.03167, section 3.1; the folding is folklore.
"""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from typing import NamedTuple, TypeGuard

import torch
from torch import nn
from torch.fx import Graph, GraphModule, Node

from saccade.errors import BadConfig, BadShape
from saccade.layers.normalised import Normalised
from saccade.layers.tracing import traced

Convolution = nn.Conv1d | nn.Conv2d | nn.Conv3d
Transposed = nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d
Linear = Convolution | Transposed | nn.Linear
Norm = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.SyncBatchNorm
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_LINEAR = (nn.Conv1d, nn.Conv2d, nn.Conv3d, *_TRANSPOSED, nn.Linear)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)


class Folded(NamedTuple):
    """A network without the batch normalisations that could be folded.

    Args:
        network: In evaluation mode, with the layers that are left under their names.
        pairs: The names of each layer and of the norm that is in it now; as many as were folded.
        kept: The names of the norms that are left.

    Source: ours.
    """

    network: nn.Module
    pairs: tuple[tuple[str, str], ...]
    kept: tuple[str, ...]


def fold(module: nn.Module) -> Folded:
    """Fold every batch normalisation that directly follows a convolution or a dense layer into it.

    The copy computes what the module computes in evaluation mode, but for rounding. Left alone is a norm in front of
    its convolution, one without running statistics, one after a layer whose output someone else uses too, or that runs
    twice, and anything with hooks. A dense layer in front of a norm must give (batch, features).

    Args:
        module: Any module that can be traced; it stays as it is. Around the network of a `Normalised`, that stays.

    Returns:
        The copy, and what was folded and kept. The copy has `forward`, and no other method of the module; what the
        module checks of its input it does not check.

    Raises:
        BadConfig: If the module cannot be traced.

    Example:
        >>> network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 1))
        >>> folded = fold(network)
        >>> folded.pairs, len(list(folded.network.children()))
        ((('0', '1'),), 3)
    """
    copied = deepcopy(module).eval()
    if isinstance(copied, Normalised):
        inside = fold(copied.network)
        copied.network = inside.network
        pairs = tuple((f"network.{layer}", f"network.{norm}") for layer, norm in inside.pairs)
        return Folded(copied, pairs, tuple(f"network.{name}" for name in inside.kept))
    network = traced(copied)
    pairs = tuple(_fold_all(network))
    network.delete_all_unused_submodules()
    network.recompile()
    kept = tuple(name for name, part in network.named_modules() if type(part) in _NORMS)
    return Folded(network, pairs, kept)


def fold_batch_norm(layer: Linear, norm: Norm) -> Linear:
    """Make the one layer that computes what a layer and the batch normalisation after it compute in evaluation mode.

    Args:
        layer: A convolution, transposed or not, grouped or not, or a dense layer.
        norm: With running statistics, of as many channels as the layer gives.

    Returns:
        A layer of the same kind, with a bias.

    Raises:
        BadConfig: If the layer or the norm is of another kind, or the norm has no running statistics.
        BadShape: If the channels differ.

    Example:
        >>> layer, norm = nn.Linear(1, 1), nn.BatchNorm1d(1, eps=0.0).eval()
        >>> _ = norm.running_mean.fill_(2), norm.running_var.fill_(4)
        >>> _ = layer.weight.data.fill_(6), layer.bias.data.fill_(0)
        >>> folded = fold_batch_norm(layer, norm)
        >>> folded.weight.item(), folded.bias.item()
        (3.0, -1.0)
    """
    if not _is_linear(layer) or not _is_norm(norm):
        raise BadConfig(
            f"got a {type(layer).__name__} and a {type(norm).__name__}; taken are a convolution or a dense layer of "
            "PyTorch's, and a batch normalisation; give these two"
        )
    if norm.running_mean is None or norm.running_var is None:
        raise BadConfig(
            f"got a {type(norm).__name__} without running statistics; taken is one that keeps them; "
            "make it with track_running_stats=True, and train it"
        )
    channels = _channels(layer)
    if norm.num_features != channels:
        raise BadShape(
            f"got a layer of {channels} channels and a norm of {norm.num_features}; taken are equally many; "
            "give the norm that follows the layer"
        )
    scale = (norm.running_var.double() + norm.eps).rsqrt()
    scale = scale if norm.weight is None else scale * norm.weight.detach().double()
    shift = 0 if norm.bias is None else norm.bias.detach().double()
    before = 0 if layer.bias is None else layer.bias.detach().double()
    folded = deepcopy(layer)
    weight, wants = layer.weight.detach(), layer.weight.requires_grad
    bias = (before - norm.running_mean.double()) * scale + shift
    folded.weight = nn.Parameter((weight.double() * _along_filters(layer, scale)).to(weight), requires_grad=wants)
    folded.bias = nn.Parameter(bias.to(weight), requires_grad=wants)
    return folded.eval()


def _channels(layer: Linear) -> int:
    return layer.out_features if isinstance(layer, nn.Linear) else layer.out_channels


def _along_filters(layer: Linear, scale: torch.Tensor) -> torch.Tensor:
    """Lay one number for each filter along the weight of a layer."""
    ones = [1] * (layer.weight.ndim - 1)
    if isinstance(layer, _TRANSPOSED):  # (in, out / groups, …): a group of filters for each group of inputs
        in_group = layer.in_channels // layer.groups
        return scale.reshape(layer.groups, -1).repeat_interleave(in_group, 0).reshape(layer.in_channels, -1, *ones[1:])
    return scale.reshape(-1, *ones)


def _fold_all(network: GraphModule) -> list[tuple[str, str]]:
    """Fold in place; give the names of what was folded."""
    pairs = []
    for node in list(network.graph.nodes):
        source = node.args[0] if node.op == "call_module" and len(node.args) == 1 else None
        if not isinstance(source, Node) or source.op != "call_module":
            continue
        layer, norm = network.get_submodule(str(source.target)), network.get_submodule(str(node.target))
        if _is_linear(layer) and _is_norm(norm) and _fit(layer, norm) and _is_alone(network.graph, source):
            network.set_submodule(str(source.target), fold_batch_norm(layer, norm))
            pairs.append((str(source.target), str(node.target)))
            node.replace_all_uses_with(source)
            network.graph.erase_node(node)
    return pairs


def _is_linear(part: nn.Module) -> TypeGuard[Linear]:
    """Whether it is just that: a subclass may do something else with its weight."""
    return type(part) in _LINEAR


def _is_norm(part: nn.Module) -> TypeGuard[Norm]:
    return type(part) in _NORMS


def _fit(layer: Linear, norm: Norm) -> bool:
    hooks = [*layer._forward_hooks, *layer._forward_pre_hooks, *norm._forward_hooks, *norm._forward_pre_hooks]
    return not hooks and norm.running_var is not None and norm.num_features == _channels(layer)


def _is_alone(graph: Graph, source: Node) -> bool:
    """Whether a layer runs once, its output goes to one place, and nobody reads its weights."""
    runs = Counter(node.target for node in graph.nodes if node.op == "call_module")
    reads = [str(node.target) for node in graph.nodes if node.op == "get_attr"]
    read = any(name.startswith(f"{source.target}.") for name in reads)
    return len(source.users) == 1 and runs[source.target] == 1 and not read
