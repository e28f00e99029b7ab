"""A backbone taken stage by stage: what each gives, sees, costs and is made of, without computing anything.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from saccade.inspect.layer_rows import LayerRow, LayerTable, Part
from saccade.inspect.layer_table import layer_table
from saccade.inspect.receptive_field import ReceptiveField
from saccade.inspect.without_content import shape_for
from saccade.layers.backbone import Backbone
from saccade.ops.images import check_images

_WHOLE = "network."


@dataclass(frozen=True)
class Item:
    """A layer or a block that runs in a stage.

    Args:
        name: As in `network.named_modules()`.
        kind: The name of its class.
        shape: (channels, rows, columns) of what it gives, or what is left of them in a head.
        block: Whether it has parts.

    Source: ours.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    block: bool


@dataclass(frozen=True)
class StageRow:
    """A stage of a backbone, or its head.

    Args:
        name: "stem", "stage1" …, "head".
        shape: (channels, rows, columns) of what it gives; (classes,) for the head.
        field: What one output sees of the image.
        parameters: Its own.
        macs: Multiply-adds for one image.
        items: What runs in it, in order.

    Source: ours.
    """

    name: str
    shape: tuple[int, ...]
    field: ReceptiveField
    parameters: int
    macs: int
    items: tuple[Item, ...]


class Staged(nn.Module):
    """A backbone whose stages are parts of a module, so that hooks can tell one from another.

    It takes any images: the door that refuses those that are too small is not asked.

    Args:
        network: The backbone.

    Source: ours.
    """

    def __init__(self, network: Backbone) -> None:
        super().__init__()
        self.network = network
        for stage, step in zip(network.stages, network.steps(), strict=True):
            self.add_module(stage.name, _Run(step))
        self.head = _Run(network.logits_of)

    def forward(self, images: Tensor) -> Tensor:
        """Run the stages and the head."""
        features, x = dict[str, Tensor](), images
        for stage in self.network.stages:
            features[stage.name] = x = self.get_submodule(stage.name)(x)
        return self.head(features)


class _Run(nn.Module):
    def __init__(self, step: Callable[[Any], Tensor]) -> None:
        super().__init__()
        self._step = (step,)  # in a tuple, so that a step that is a module does not become a part twice

    def forward(self, x: Any) -> Tensor:
        return self._step[0](x)


def stage_table(network: Backbone, size: tuple[int, int]) -> tuple[list[StageRow], LayerTable]:
    """Run a backbone on images without content, and sum up each of its stages.

    Args:
        network: The backbone; on PyTorch's meta device nothing is allocated.
        size: (height, width) of the images.

    Returns:
        A row for each stage and one for the head; and the whole table that they come from.

    Raises:
        BadShape: If the network refuses that size, or cannot run at it.

    Source: ours.

    Example:
        >>> from saccade.architectures.lenet import lenet5
        >>> rows, table = stage_table(lenet5(), (32, 32))
        >>> [(row.name, row.shape, row.field.height.field) for row in rows[:3]], table.macs
        ([('stem', (6, 28, 28), 5), ('stage1', (16, 10, 10), 14), ('stage2', (120, 1, 1), 32)], 416520)
    """
    images = torch.empty(shape_for(network, size, network.in_channels), device="meta")
    check_images(images, network.name, in_channels=network.in_channels, smallest=network.smallest_size)
    staged = Staged(network)
    table = layer_table(staged, size, in_channels=network.in_channels)
    names = [name for name, _ in staged.named_children() if name != "network"]
    whole = {part.row.name: part for part in table.parts}
    return [_stage_row(whole[name], table, network) for name in names], table


def _stage_row(whole: Part, table: LayerTable, network: Backbone) -> StageRow:
    rows = table.rows[whole.first : whole.after]
    parameters, macs = sum(row.parameters for row in rows), sum(row.macs for row in rows)
    items = tuple(_items(whole.first, whole.after, table, dict(network.named_modules())))
    return StageRow(whole.row.name, whole.row.outputs[0][1:], whole.row.fields[0], parameters, macs, items)


def _items(place: int, after: int, table: LayerTable, modules: dict[str, nn.Module]) -> Iterator[Item]:
    """Give what runs from one row to another: blocks as a whole, what only holds them one by one."""
    while place < after:
        holding = (part for part in table.parts if part.first == place and part.after <= after)
        block = next((part for part in holding if _is_block(modules.get(_own(part.row)))), None)
        row = block.row if block else table.rows[place]
        part = modules.get(_own(row))
        if part is not None and (block or not any(part.children())):
            yield Item(_own(row), row.kind, row.outputs[0][1:] if row.outputs else (), block is not None)
        place = block.after if block else place + 1


def _own(row: LayerRow) -> str:
    return row.name.removeprefix(_WHOLE) if row.name.startswith(_WHOLE) else "·"


def _is_block(part: nn.Module | None) -> bool:
    """Whether a part is a block, rather than a row of blocks."""
    if part is None or type(part) in (nn.Sequential, nn.ModuleList, nn.ModuleDict):
        return False
    inside = list(part.children())
    row_of_blocks = len(inside) > 1 and len({type(each) for each in inside}) == 1 and any(inside[0].children())
    return bool(inside) and not row_of_blocks
