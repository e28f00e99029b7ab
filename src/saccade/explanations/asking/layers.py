"""The maps of one layer, and how the score depends on them; and which layer, when nobody named one.

Source: ours.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig
from saccade.explanations.asking.question import Question, differentiate
from saccade.inspect.layer_maps import FINE, checked_maps, hooked, layer_named, maps_gathered, shown_name

_LEAST = 2


@dataclass(frozen=True, eq=False)
class Seen:
    """What a layer gave for several images, and how the score depends on it.

    Args:
        maps: Its activations.
        gradients: Of the score, with respect to each activation.
        runs: How many times the layer ran on the way to the score; the maps are those of the last.

    Source: ours.
    """

    maps: Float[Tensor, "batch channels rows columns"]
    gradients: Float[Tensor, "batch channels rows columns"]
    runs: int = 1


def chosen_layer(question: Question, layer: str = "") -> str:
    """Choose the layer whose maps are explained.

    Args:
        question: With the network borrowed.
        layer: A name; "" for the last that has maps of 4 by 4 at least, or else of 2 by 2, on which the score depends;
            of the part called backbone if there is one.

    Returns:
        Its name, as in `named_modules()`.

    Raises:
        UnknownName: If there is no layer of that name.
        BadConfig: If no layer has such maps.

    Source: ours; the last maps are what Selvaraju et al. take, arXiv 1610.02391, section 3.
    """
    if layer:
        return layer_named(question.network, layer)
    score, maps = _maps_by_layer(question.only(0))
    candidates = [name for name in maps if "backbone" in name.split(".")] or list(maps)
    gradients = dict(zip(maps, differentiate(score, list(maps.values())), strict=True)) if maps else {}
    for least in (FINE, _LEAST):
        for name in reversed(candidates):
            if min(maps[name].shape[2:]) >= least and bool(gradients[name].any()):
                return name
    raise BadConfig(
        "got a network in which the score depends on no layer with maps of 2 × 2 or more, one for each image; taken "
        "are networks with convolutions; use gradient, occlusion or rise, which need none"
    )


def seen(question: Question, layer: str) -> Seen:
    """Run the network once, and differentiate the score with respect to the maps of a layer.

    What comes before the layer runs without a graph, so this costs little more than a prediction.

    Args:
        question: With the network borrowed.
        layer: Its name, as in `named_modules()`.

    Returns:
        Maps and gradients. Of a layer that runs several times those of the last time.

    Raises:
        BadConfig: If the layer does not run, or gives no maps, one for each image; or the score cannot be
            differentiated.

    Source: ours.
    """
    maps, gradients, runs = [], [], 1
    for start in range(0, len(question), question.batch_size):
        rows = range(start, min(start + question.batch_size, len(question)))
        cut = _Cut(layer, len(rows))
        with hooked(question.network.get_submodule(layer), cut):
            score = question.run(question.images[start : rows.stop], rows)
        leaf, runs = cut.leaf(), cut.runs
        maps.append(leaf.detach())
        gradients += differentiate(score, [leaf])
    return Seen(_joined(maps), _joined(gradients), runs)


@contextmanager
def put_in_place(
    network: nn.Module, layer: str, maps: Float[Tensor, "batch channels rows columns"], *, run: int = 1
) -> Iterator[None]:
    """Let a layer give other maps than it would, as long as this lasts.

    Args:
        network: That is borrowed.
        layer: Its name, as in `named_modules()`.
        maps: What it gives, for as many images as the network then gets.
        run: At which of its runs, counted from 1.

    Returns:
        A context manager, for one pass of the network.

    Source: ours.

    Example:
        >>> network = nn.Sequential(nn.ReLU(), nn.Sigmoid())
        >>> with put_in_place(network, "0", torch.zeros(1, 1, 1, 1)):
        ...     network(torch.ones(1, 1, 1, 1)).item()
        0.5
    """
    runs = itertools.count(1)

    def replace(_module: nn.Module, _inputs: Any, output: Any) -> Any:
        return maps.clone() if next(runs) == run else output

    with hooked(network.get_submodule(layer), replace):
        yield


def _joined(parts: list[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(parts)  # a copy of maps takes as long as a layer


class _Cut:
    """A hook that lets the graph begin with what a layer gives."""

    def __init__(self, layer: str, count: int) -> None:
        self.layer, self.count = layer, count
        self.kept: Tensor | None = None
        self.runs = 0

    def __call__(self, _module: nn.Module, _inputs: Any, output: Any) -> Tensor:
        self.runs += 1
        self.kept = checked_maps(output, self.layer, self.count).detach().requires_grad_()
        return self.kept.clone()  # what follows may change it in place

    def leaf(self) -> Tensor:
        if self.kept is None:
            raise BadConfig(
                f"got layer {shown_name(self.layer)!r}, which did not run; taken are layers that run; choose another"
            )
        return self.kept


def _maps_by_layer(question: Question) -> tuple[Tensor, dict[str, Tensor]]:
    """The score, and the maps that it can be differentiated by."""
    with maps_gathered(question.network, len(question)) as found:
        images = question.images.detach().clone().requires_grad_()
        score = question.run(images, range(len(question)))
    usable = {name: maps for name, maps in found.items() if min(maps.shape[2:]) >= _LEAST and maps.requires_grad}
    return score, usable
