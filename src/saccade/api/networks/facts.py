"""The facts of the architectures, computed anew: what the paper reports, what the card says, what comes out.

Source: ours.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from saccade import catalog
from saccade.errors import BadShape, UnknownName
from saccade.inspect.layer_table import layer_table
from saccade.inspect.receptive_field import AxisField
from saccade.layers.backbone import Backbone
from saccade.layers.detector import Detector
from saccade.layers.picture_network import PictureNetwork
from saccade.reporting.stages import Staged, StageRow, stage_table

Size = tuple[int, int]
_LARGEST = 1024


@dataclass(frozen=True)
class Fact:
    """One thing that can be said of an architecture.

    Args:
        what: Such as "parameters".
        paper: What the paper reports, which nobody has asserted; None where it is not noted.
        card: What the card, or the network itself, states; None where it states nothing.
        computed: What came out; None for what only training could tell.

    Source: ours.
    """

    what: str
    paper: Any
    card: Any
    computed: Any

    @property
    def agrees(self) -> bool:
        """Whether the card is right, as far as it can be computed."""
        return self.card is None or self.card == self.computed

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values that JSON can hold."""
        return {"paper": self.paper, "card": self.card, "computed": self.computed, "agrees": self.agrees}


@dataclass(frozen=True)
class ArchitectureFacts:
    """The facts of one architecture.

    Args:
        name: In the catalogue.
        paper: Its title.
        year: Of the paper.
        facts: Each of them.

    Source: ours.
    """

    name: str
    paper: str
    year: int
    facts: tuple[Fact, ...]

    @property
    def differences(self) -> tuple[Fact, ...]:
        """List the facts of which the card is wrong, or the network."""
        return tuple(fact for fact in self.facts if not fact.agrees)

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values that JSON can hold."""
        return {
            "paper": self.paper,
            "year": self.year,
            "facts": {fact.what: fact.to_dict() for fact in self.facts},
            "differences": [fact.what for fact in self.differences],
        }


def facts(pattern: str = "*") -> dict[str, ArchitectureFacts]:
    """Compute anew what the cards of the architectures state: size, cost, stages, what a unit sees.

    Nothing is allocated, and no image is looked at: a few tenths of a second for each.

    Args:
        pattern: Shell-style wildcards, such as "*resnet*".

    Returns:
        The facts of each architecture by name; see `differences` of each.

    Raises:
        UnknownName: If none is meant by the pattern; the nearest are offered.

    Source: ours.

    Example:
        >>> found = facts("lenet5")["lenet5"]
        >>> found.differences, [fact.computed for fact in found.facts if fact.what == "parameters"]
        ((), [61706])
    """
    return {found.name: found for found in each(pattern)}


def each(pattern: str = "*") -> Iterator[ArchitectureFacts]:
    """Compute the facts of one architecture after the other, as `facts` does.

    Args:
        pattern: Shell-style wildcards.

    Yields:
        The facts of an architecture, as soon as they are there.

    Raises:
        UnknownName: If none is meant by the pattern; the nearest are offered.

    Source: ours.
    """
    cards = catalog.cards("architectures", pattern)
    if not cards:
        raise UnknownName("architecture", pattern, catalog.offers("architectures"))
    for name, card in cards.items():
        yield ArchitectureFacts(name, card.get("paper", ""), card.get("year", 0), tuple(_facts(name, card)))


def _facts(name: str, card: dict[str, Any]) -> Iterator[Fact]:
    """Compare what a card states with what comes out."""
    network, native = _make(name), card["native_size"]
    told = {key.removeprefix("paper_"): value for key, value in card.items() if key.startswith("paper_")}
    yield Fact("parameters", told.get("parameters"), card["parameters"], _count(network))
    if "parameters_with_auxiliaries" in card:
        with_them = _count(_make(name, auxiliary=True))
        yield Fact("with auxiliary classifiers", None, card["parameters_with_auxiliaries"], with_them)
    if isinstance(network, Detector | PictureNetwork):
        yield from _facts_without_stages(network, card, told)
        return
    try:
        rows, table = stage_table(network, native)
    except BadShape as error:
        yield Fact("native size", told.get("native_size"), list(native), str(error).split("; ")[0])
        return
    *stages, head = rows
    yield Fact("multiply-adds", told.get("macs"), card["macs"], table.macs)
    yield Fact("channels", None, card["channels"], network.in_channels)
    yield Fact("classes", None, card["classes"], head.shape[0])
    yield Fact("native size", told.get("native_size"), list(native), list(table.shape[2:]))
    smallest = card["smallest_size"]
    for what, size in zip(("smallest size", "refused below"), _smallest(network, smallest), strict=True):
        yield Fact(what, None, list(smallest), list(size))
    strides = _strides(network, stages)
    yield Fact("stages", None, len(network.stages), len({*strides}))
    yield Fact("strides of stages", None, [stage.stride for stage in network.stages], strides)
    yield Fact("widths of stages", None, [stage.width for stage in network.stages], [row.shape[0] for row in stages])
    yield Fact("receptive field", told.get("receptive_field"), card.get("receptive_field"), _field(stages[-1]))
    if "result" in told:
        yield Fact("result", told["result"], None, None)


def _facts_without_stages(
    network: Detector | PictureNetwork, card: dict[str, Any], told: dict[str, Any]
) -> Iterator[Fact]:
    """Compare what the card of a detector, or of a network that makes pictures, states beside its parameters."""
    native, smallest = card["native_size"], card["smallest_size"]
    table = layer_table(network, native, in_channels=network.in_channels)
    yield Fact("multiply-adds", told.get("macs"), card["macs"], table.macs)
    yield Fact("channels", None, card["channels"], network.in_channels)
    if isinstance(network, Detector):
        yield Fact("classes", None, card["classes"], network.num_classes)
    yield Fact("native size", told.get("native_size"), list(native), list(table.shape[2:]))
    fewer = [(smallest[0] - 1, smallest[1])] * (smallest[0] > 1) + [(smallest[0], smallest[1] - 1)] * (smallest[1] > 1)
    works = _outcome(network, smallest) == "answers" and all(_outcome(network, size) == "refused" for size in fewer)
    yield Fact("smallest size", None, list(smallest), list(smallest) if works else list(network.smallest_size))
    if "result" in told:
        yield Fact("result", told["result"], None, None)


def _make(name: str, **arguments: bool) -> Backbone | Detector | PictureNetwork:
    with torch.device("meta"):
        return catalog.find("architectures", name)(**arguments).eval()


def _count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def _smallest(network: Backbone, stated: Size) -> tuple[Size, Size]:
    """Find the smallest size that the arithmetic allows, and the one below which the network refuses images in words.

    Both are the stated one, if it gives answers, and one pixel less along a side is refused and would have failed.
    """
    works = _outcome(network, stated)
    fewer = [(stated[0] - 1, stated[1])] * (stated[0] > 1) + [(stated[0], stated[1] - 1)] * (stated[1] > 1)
    refused = works != "refused" and all(_outcome(network, size) == "refused" for size in fewer)
    door = stated if refused else network.smallest_size
    open_door = Staged(network)
    if works == "answers" and not any(_outcome(open_door, size) == "answers" for size in fewer):
        return stated, door
    side = 1 + bisect_left(range(1, _LARGEST), True, key=lambda side: _outcome(open_door, (side, side)) == "answers")
    return (side, side), door


def _outcome(module: Backbone | Staged | Detector | PictureNetwork, size: Size) -> str:
    """Say what becomes of images of a size: "answers", "refused" or "failed"."""
    network = module.network if isinstance(module, Staged) else module
    images = torch.empty(1, network.in_channels, *size, device="meta")
    try:
        with torch.no_grad():
            said = module(images)
            if isinstance(network, PictureNetwork):
                made = said["picture" if "picture" in said else "to_b"]
                return "answers" if made.shape == images.shape else "failed"
            last = said["scores"].shape[-1] if isinstance(said, dict) else said.shape[-1]
            return "answers" if last == network.num_classes else "failed"
    except BadShape:
        return "refused"
    except (RuntimeError, ValueError):  # PyTorch's own words for a window that does not fit
        return "failed"


def _strides(network: Backbone, stages: list[StageRow]) -> list[int | float]:
    """The jump of each stage; one that has a single place has none, and keeps what the network states."""
    found = []
    for stage, row in zip(network.stages, stages, strict=True):
        jumps = {axis.jump for axis in (row.field.height, row.field.width)}
        jump = jumps.pop() if len(jumps) == 1 else None
        found.append(stage.stride if jump is None else int(jump) if jump == int(jump) else jump)
    return found


def _field(row: StageRow) -> Any:
    """What a unit of the last stage sees along a side, "all" for the whole image."""
    sides: list[AxisField] = [row.field.height, row.field.width]
    words = [side.field if side.kind == "window" else side.word() for side in sides]
    return words[0] if words[0] == words[1] else words
