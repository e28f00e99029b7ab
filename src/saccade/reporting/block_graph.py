"""What is inside a block: which layer follows which, seen by running it.

Source: ours, on PyTorch's modes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Shaped
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

_JOINS = {"add": "+", "cat": "join", "mul": "×"}
_SIGNS = {"iadd": "add", "radd": "add", "imul": "mul", "rmul": "mul", "concat": "cat", "concatenate": "cat"}
_PLACES = (("stride", 1), ("groups", 4))  # among the arguments of a convolution after its weights
_AVERAGES = ("mean", "adaptive_avg_pool2d")


@dataclass(frozen=True)
class Node:
    """A layer, or a place where ways come together.

    Args:
        kind: "input", "conv", "dense", "pool" or "join".
        label: Such as "3×3 conv", or "+".
        channels: That it gives; 0 where that says nothing.
        sources: The numbers of the nodes before it.

    Source: ours.
    """

    kind: str
    label: str
    channels: int
    sources: tuple[int, ...]


def block_graph(block: nn.Module, *inputs: Shaped[Tensor, ...]) -> list[Node]:
    """Run a block and note its convolutions, dense layers, poolings, and where ways come together.

    Args:
        block: Any module, in evaluation mode.
        inputs: What it takes; on PyTorch's meta device nothing is computed.

    Returns:
        Nodes in the order of running, the inputs first; what changes no shape, as norms and activations, is left out.

    Source: ours.

    Example:
        >>> from saccade.layers.residual import BasicBlock
        >>> [(node.label, node.sources) for node in block_graph(BasicBlock(8, 8).eval(), torch.zeros(1, 8, 6, 6))]
        [('', ()), ('3×3 conv', (0,)), ('3×3 conv', (1,)), ('+', (2, 0))]
    """
    watch = _Watch(inputs)
    with torch.no_grad(), watch:
        block(*inputs)
    return watch.nodes


class _Watch(TorchFunctionMode):
    """Told of every call of a function of PyTorch, outermost ones alone."""

    def __init__(self, inputs: Sequence[Tensor]) -> None:
        super().__init__()
        self.nodes = [Node("input", "", each.shape[1], ()) for each in inputs]
        self._places = {id(each): place for place, each in enumerate(inputs)}
        self._kept: list[Tensor] = [*inputs]  # so that no other tensor gets the number of one that has gone

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        given = [*_tensors(args), *_tensors((kwargs or {}).values())]
        sources = tuple(dict.fromkeys(self._places[id(each)] for each in given if id(each) in self._places))
        if isinstance(result, Tensor) and sources:
            kind, label = _described(func.__name__.strip("_"), args, kwargs or {}, len(sources))
            if kind:
                self.nodes.append(Node(kind, label, result.shape[1] if result.dim() > 1 else 0, sources))
            self._places[id(result)] = len(self.nodes) - 1 if kind else sources[0]
            self._kept.append(result)
        return result


def _described(word: str, args: Any, named: dict[str, Any], ways: int) -> tuple[str, str]:
    """Give the kind and label of a call; no kind for what is left out."""
    word = _SIGNS.get(word, word)
    if word == "conv2d":
        return "conv", _convolution(*args, **named)
    if word == "linear":
        return "dense", "dense"
    if word in _JOINS and ways > 1:
        return "join", _JOINS[word]
    if word in _AVERAGES:
        return "pool", "average"
    if "pool2d" in word:
        kernel, stride = (*args, *named.values())[1:3]
        return "pool", f"{_sides(kernel)} {'max' if 'max' in word else 'average'} pool{_steps(stride or kernel)}"
    return "", ""


def _convolution(images: Tensor, weight: Tensor, *rest: Any, **named: Any) -> str:
    stride, groups = (named.get(name, rest[place] if place < len(rest) else 1) for name, place in _PLACES)
    sides = _sides(tuple(weight.shape[2:]))
    if groups == images.shape[1] > 1:
        return f"{sides} depthwise{_steps(stride)}"
    return f"{sides} conv{_steps(stride)}" + (f" in {groups} groups" if groups > 1 else "")


def _sides(kernel: Any) -> str:
    return "×".join(map(str, kernel)) if isinstance(kernel, tuple) else f"{kernel}×{kernel}"


def _steps(stride: Any) -> str:
    step = stride[0] if isinstance(stride, tuple) else stride
    return f" /{step}" if step > 1 else ""


def _tensors(values: Any) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)
