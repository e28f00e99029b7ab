"""The chain that a network is: its activations and blocks in the order in which they run, grouped by resolution.

Source: ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig, UnknownName
from saccade.inspect.layer_maps import layer_named, maps_gathered, shown_name

_PLAIN = re.compile(r"(relu|conv)(\d+)_(\d+)")
_ACTIVATIONS = tuple(getattr(nn.modules.activation, name) for name in nn.modules.activation.__all__)


@dataclass(frozen=True)
class Link:
    """A layer of the chain: what comes out of it has passed a non-linearity.

    Args:
        name: As in `named_modules()`.
        shown: What the field calls it: relu1_1 in a plain network, else its own name.
        size: (rows, columns) of its maps.
        before: Of a plain network the convolution before it; else "".

    Source: ours.
    """

    name: str
    shown: str
    size: tuple[int, int]
    before: str = ""


def chain(network: nn.Module, images: Float[Tensor, "batch channels height width"]) -> list[list[Link]]:
    """Follow a network from its first activation on.

    Args:
        network: That is borrowed.
        images: Of the kind that it takes.

    Returns:
        Its links, those of one resolution together. In a network of nothing but convolutions, activations and poolings
        they are called relu1_1, relu1_2, relu2_1, … as those of VGG are: resolution, then place.

    Raises:
        BadConfig: If no layer has maps.

    Source: ours; the names are those of Simonyan & Zisserman's networks as Gatys et al. use them.

    Example:
        >>> plain = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(2, 2, 3), nn.ReLU())
        >>> [link.shown for group in chain(plain, torch.zeros(1, 1, 16, 16)) for link in group]
        ['relu1_1', 'relu2_1']
    """
    with torch.no_grad(), maps_gathered(network, len(images)) as maps:
        network(images)
    parts = dict(network.named_modules())
    links = [name for name in _links(network) if name in maps]
    kept = [name for name in links if _passed(parts[name])] or list(maps)
    if not kept:
        raise BadConfig("got a network without maps; taken are networks with convolutions; choose another one")
    plain = all(not list(parts[name].children()) for name in kept)
    groups: list[list[Link]] = []
    for name in kept:
        size = maps[name].shape[2], maps[name].shape[3]
        if not groups or groups[-1][0].size != size:
            groups.append([])
        before = next((one for one in reversed(links[: links.index(name)]) if isinstance(parts[one], nn.Conv2d)), "")
        called = f"relu{len(groups)}_{len(groups[-1]) + 1}" if plain and name in links else shown_name(name)
        groups[-1].append(Link(name, called, size, before if plain else ""))
    return groups


def link_named(network: nn.Module, groups: list[list[Link]], word: str) -> str:
    """Find a layer by its name, or by what the field calls it.

    Args:
        network: Whose chain it is.
        groups: Of `chain`.
        word: Such as "layer3", "relu3_1" or "conv4_2".

    Returns:
        Its name as in `named_modules()`.

    Raises:
        UnknownName: If there is no such layer; the nearest are offered.

    Source: ours.
    """
    links = [link for group in groups for link in group]
    known = {link.shown: link.name for link in links}
    known |= {link.shown.replace("relu", "conv"): link.before for link in links if link.before}
    if word in known:
        return known[word]
    if _PLAIN.fullmatch(word):
        raise UnknownName("layer", word, known)
    return layer_named(network, word)


def _links(module: nn.Module, prefix: str = "", *, top: bool = True) -> Iterator[str]:
    """The names along the chain; blocks are not entered, what only holds others in a row is."""
    for name, child in module.named_children():
        full = f"{prefix}{name}"
        alone = top and full == "network" and len(list(module.children())) == 1
        if isinstance(child, nn.Sequential | nn.ModuleList) or alone:
            yield from _links(child, f"{full}.", top=alone)
        else:
            yield full


def _passed(module: nn.Module) -> bool:
    """Whether what comes out of a module has passed a non-linearity: it is one, or a block."""
    return isinstance(module, _ACTIVATIONS) or bool(list(module.children()))
