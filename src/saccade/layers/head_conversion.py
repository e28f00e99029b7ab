"""The rewriting of a traced classifier: its dense head becomes convolutions, node by node.

A node of the graph that gives flat features (batch, features) is written as maps, of which the features are a window:
as large as the maps that were flattened, until a dense layer has looked through it; one place from then on.

Source: Sermanet et al., "OverFeat", arXiv 1312.6229, section 3.5.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Shaped
from torch import Tensor, nn
from torch.fx import Graph, GraphModule, Interpreter, Node

from saccade.errors import BadConfig
from saccade.layers.sliding import AtEveryPlace

Window = tuple[int, int]
_ONE = (1, 1)

_VIEWS = {"flatten", "view", "reshape", "squeeze", "unsqueeze", "contiguous", "Flatten"}
_AVERAGES = {"mean", "adaptive_avg_pool2d", "AdaptiveAvgPool2d", "avg_pool2d", "AvgPool2d"}
_MAXIMA = {"amax", "adaptive_max_pool2d", "AdaptiveMaxPool2d"}
_ADAPTIVE = {"adaptive_avg_pool2d", "AdaptiveAvgPool2d", "adaptive_max_pool2d", "AdaptiveMaxPool2d"}
_ALONG_CHANNELS = {"softmax", "log_softmax", "cat", "concat"}
_NUMBER_BY_NUMBER = {
    *("relu", "relu_", "relu6", "leaky_relu", "leaky_relu_", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus"),
    *("sigmoid", "sigmoid_", "tanh", "tanh_", "hardtanh", "hardsigmoid", "hardswish", "dropout", "alpha_dropout"),
    *("add", "add_", "iadd", "sub", "sub_", "isub", "mul", "mul_", "imul", "div", "div_", "truediv", "itruediv", "neg"),
    *("pow", "square", "sqrt", "exp", "log", "abs", "clamp", "clamp_", "float", "double", "clone", "detach"),
    *("ReLU", "ReLU6", "LeakyReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "Softplus", "Softsign", "Sigmoid"),
    *("LogSigmoid", "Tanh", "Hardtanh", "Hardsigmoid", "Hardswish", "Dropout", "AlphaDropout", "Identity"),
}


def shaped(network: GraphModule, images: Shaped[Tensor, "batch channels height width"]) -> Any:
    """Run a traced network, and note the shape of what each node gives.

    Args:
        network: As `saccade.layers.tracing.traced` gives it; `node.meta["shape"]` is filled in.
        images: What it takes. More than one, so that no batch of one is squeezed away.

    Returns:
        What it gives.

    Source: ours.
    """
    with torch.no_grad():
        return _Shapes(network).run(images)


def converted(network: GraphModule, name: str) -> GraphModule:
    """Write a traced network anew, its dense head as convolutions.

    Args:
        network: With the shapes of its nodes, by `shaped`.
        name: What it is called in messages.

    Returns:
        A network of the same layers, but for those of the head, which gives maps.

    Raises:
        BadConfig: If it has no dense head, or does something in it that no convolution does.

    Source: Sermanet et al. 2013, section 3.5.
    """
    return _Conversion(network, name).run()


class _Shapes(Interpreter):
    def run_node(self, n: Node) -> Any:
        given = super().run_node(n)
        if isinstance(given, Tensor):
            n.meta["shape"] = tuple(given.shape)
        return given


class _Conversion:
    """A new graph that grows beside the old one, and the modules that are new in it."""

    def __init__(self, network: GraphModule, name: str) -> None:
        self.network, self.name = network, name
        self.parts = dict(network.named_modules())
        self.graph = Graph()
        self.new: dict[Node, Node] = {}
        self.windows: dict[Node, Window] = {}  # of the old nodes that are flat: what they are of the new node's maps

    def run(self) -> GraphModule:
        for node in self.network.graph.nodes:
            self.new[node] = self.output(node) if node.op == "output" else self.node(node)
        converted = GraphModule(self.network, self.graph, self.name)
        converted.graph.eliminate_dead_code()
        converted.recompile()
        converted.delete_all_unused_submodules()
        return converted

    def node(self, node: Node) -> Node:
        """Write one node anew."""
        flat = [source for source in node.all_input_nodes if source in self.windows]
        kind, shape = self.kind(node), _shape(node)
        if not flat and self.ends_maps(node, kind):
            return self.end_of_maps(node, kind)
        if not flat or shape is None:  # a shape is None of what is no tensor, such as a batch size
            return self.graph.node_copy(node, self.new.__getitem__)
        source, window = flat[0], self.windows[flat[0]]
        before = _shape(source) or shape
        if kind in _VIEWS and shape[:2] == (before[0], math.prod(before[1:])):
            return self.flat(node, self.new[source], window)
        part = self.parts.get(str(node.target)) if node.op == "call_module" else None
        if isinstance(part, nn.Linear) and len(shape) == 2:
            return self.flat(node, self.insert(node, _as_convolution(part, window), source), _ONE)
        if kind in _NUMBER_BY_NUMBER and self.is_uniform(node, flat):
            return self.flat(node, self.graph.node_copy(node, self.new.__getitem__), window)
        if kind in _ALONG_CHANNELS and self.is_uniform(node, flat) and window == _ONE:
            return self.flat(node, _along_channels(self.graph.node_copy(node, self.new.__getitem__)), _ONE)
        if part is not None and len(node.all_input_nodes) == 1 and len(shape) == 2:
            return self.flat(node, self.insert(node, AtEveryPlace(part, window), source), _ONE)
        raise BadConfig(
            f"got a {self.name} whose head has {self.words(node)}; taken are dense layers, activations, dropout, and "
            "modules that map (batch, features) to (batch, features); put it into such a module"
        )

    def ends_maps(self, node: Node, kind: str) -> bool:
        """Whether the head begins here: maps go in, and nothing larger than what comes out ever comes of it.

        The second keeps a squeeze-and-excitation out, whose squeezed maps are multiplied with the maps again.
        """
        shape, before = _shape(node), _shape(node.all_input_nodes[0]) if node.all_input_nodes else None
        if shape is None or before is None or len(before) != 4 or kind not in _VIEWS | _AVERAGES | _MAXIMA:
            return False
        if kind in _VIEWS:
            flattens = shape == (before[0], math.prod(before[1:]))
            begins = flattens or (before[2:] == _ONE and len(shape) < 4 and math.prod(shape) == math.prod(before))
        elif kind in ("mean", "amax"):
            begins = {axis % 4 for axis in _axes(node)} == {2, 3}
        else:
            begins = kind in _ADAPTIVE or self.covers(node, before[2:])
        return begins and all(_pixels(later) <= _pixels(node) for later in _later(node))

    def covers(self, node: Node, size: tuple[int, ...]) -> bool:
        """Whether an average is meant as a global one: its window is as large as the maps, and it is flattened then."""
        part = self.parts.get(str(node.target)) if node.op == "call_module" else None
        window = node.kwargs.get("kernel_size", (*node.args, None)[1]) if part is None else part.kernel_size
        pair = tuple(window) if isinstance(window, tuple | list) else (window, window)
        return pair == size and all(self.kind(user) in _VIEWS for user in node.users)

    def end_of_maps(self, node: Node, kind: str) -> Node:
        """Write the flattening of maps, or the pooling of all of them."""
        source = node.all_input_nodes[0]
        rows, columns = (_shape(source) or _ONE * 2)[2:]
        if kind in _VIEWS:
            return self.flat(node, self.new[source], (rows, columns))
        size = (_shape(node) or ())[2:] or _ONE
        window = (rows // size[0], columns // size[1])
        if (window[0] * size[0], window[1] * size[1]) != (rows, columns):
            raise BadConfig(
                f"got a {self.name} that pools {rows} × {columns} maps to {size[0]} × {size[1]}; taken are sides that "
                "divide; make it for a larger or smaller size of images"
            )
        pooled = self.new[source]
        if window != _ONE:
            stride = 1 if size == _ONE else window
            pool = nn.AvgPool2d(window, stride) if kind in _AVERAGES else nn.MaxPool2d(window, stride)
            pooled = self.insert(node, pool, source)
        return self.flat(node, pooled, _ONE) if len(_shape(node) or ()) == 2 else pooled

    def output(self, node: Node) -> Node:
        """Write the output, which must be logits: flat, and no window pending."""
        given = node.args[0]
        if not isinstance(given, Node) or self.windows.get(given) != _ONE:
            raise BadConfig(
                f"got a {self.name} that ends in no dense layer on flattened or globally pooled maps; taken is one "
                "that gives (batch, classes) so; if it gives maps, use it as it is"
            )
        return self.graph.node_copy(node, self.new.__getitem__)

    def flat(self, node: Node, new: Node, window: Window) -> Node:
        """Note what window of the new node's maps an old flat node is."""
        self.windows[node] = window
        return new

    def insert(self, node: Node, part: nn.Module, source: Node) -> Node:
        """Call a new module in the place of an old node, under the name of what it replaces."""
        name = str(node.target) if node.op == "call_module" else node.name
        runs = sum(other.op == "call_module" and other.target == node.target for other in self.network.graph.nodes)
        name = f"{name}_{node.name}" if runs > 1 else name
        while node.op != "call_module" and hasattr(self.network, name):
            name += "_"
        self.network.add_submodule(name, part)
        return self.graph.call_module(name, (self.new[source],))

    def kind(self, node: Node) -> str:
        """What a node does: the name of its class, function or method."""
        if node.op == "call_module":
            return type(self.parts[str(node.target)]).__name__
        return str(node.target) if node.op == "call_method" else getattr(node.target, "__name__", str(node.target))

    def words(self, node: Node) -> str:
        kind = self.kind(node)
        return f"{kind} ({node.target})" if node.op == "call_module" else f"a call of {kind} ({node.name})"

    def is_uniform(self, node: Node, flat: list[Node]) -> bool:
        """Whether all tensors that go in are flat, of one window."""
        others = [source for source in node.all_input_nodes if source not in flat and _shape(source) != ()]
        return not others and len({self.windows[source] for source in flat}) == 1


def _shape(node: Node) -> tuple[int, ...] | None:
    return node.meta.get("shape")


def _pixels(node: Node) -> int:
    """Places of what a node gives; 1 if it is flat, or no tensor."""
    return math.prod((_shape(node) or ())[2:])


def _axes(node: Node) -> tuple[int, ...]:
    """The axes that a node averages or takes the largest over."""
    axes = node.kwargs.get("dim", (*node.args, None)[1])
    return tuple(axis for axis in axes if isinstance(axis, int)) if isinstance(axes, tuple | list) else ()


def _later(node: Node) -> Iterator[Node]:
    """All nodes that something of a node reaches."""
    seen, waiting = set(), list(node.users)
    while waiting:
        user = waiting.pop()
        if user not in seen:
            seen.add(user)
            waiting.extend(user.users)
            yield user


def _as_convolution(layer: nn.Linear, window: Window) -> nn.Conv2d:
    """The convolution that computes a dense layer on a window of maps."""
    channels = layer.in_features // math.prod(window)
    convolution = nn.Conv2d(channels, layer.out_features, window, bias=layer.bias is not None)
    weight, wants = layer.weight.detach(), layer.weight.requires_grad
    convolution.weight = nn.Parameter(weight.unflatten(1, (channels, *window)).clone(), requires_grad=wants)
    if layer.bias is not None:
        convolution.bias = nn.Parameter(layer.bias.detach().clone(), requires_grad=layer.bias.requires_grad)
    return convolution


def _along_channels(node: Node) -> Node:
    """Let what went along the features go along the channels."""
    if "dim" in node.kwargs:
        node.update_kwarg("dim", 1)
    elif len(node.args) > 1:
        node.update_arg(1, 1)
    return node
