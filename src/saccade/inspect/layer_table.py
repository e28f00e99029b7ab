"""What a network is made of, layer by layer: output shape, parameters, multiply-adds, memory, receptive field.

The network runs once on images that have a shape but no content (see `saccade.inspect.without_content`, and why).
Hooks tell which part is running, and PyTorch's modes tell what it does, so that the cost of a functional call belongs
to the part that makes it. A network whose way depends on what it sees runs on a black image instead, really.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import flop_registry, sdpa_flop_count, shape_wrapper

from saccade.errors import BadInput
from saccade.inspect.fields.circular import CircularPadding
from saccade.inspect.layer_rows import LayerRow, LayerTable, Part
from saccade.inspect.memory_use import Ledger, MemoryUse, bytes_of
from saccade.inspect.receptive_field import FieldTracker, receptive_field
from saccade.inspect.taps import borrowed
from saccade.inspect.without_content import (
    FAILURES,
    LOOKS,
    Watching,
    images_for,
    lies_on_meta,
    on_meta_alone,
    plain_attention,
    refusal,
    shape_for,
    tensors_in,
    without_content,
)


def layer_table(module: nn.Module, size: tuple[int, int], *, in_channels: int | None = None) -> LayerTable:
    """Tabulate the layers of any module that takes a batch of images, with branches, reuse and functional calls.

    A row is a layer without parts, or one that has parameters of its own, multiplies or makes tensors beside its parts.

    Args:
        module: Any module; it is put back as it was, after an error too.
        size: (height, width) of the images.
        in_channels: Channels of the images; None: as the first part that states `in_channels`, else 3.

    Returns:
        The table, for a batch of one image in evaluation mode.

    Raises:
        BadShape: If the module cannot run at that size.

    Source: ours; multiply-adds by the formulas of PyTorch's FlopCounterMode, which count two FLOPs for each.

    Example:
        >>> layer_table(nn.Sequential(nn.Conv2d(3, 10, 3), nn.ReLU()), (39, 39)).rows[0].outputs
        ((1, 10, 37, 37),)
    """
    shape = shape_for(module, size, in_channels)
    try:
        if lies_on_meta(module):
            with suppress(*FAILURES):
                return _tabulate(module, shape, on_meta_alone())
        try:
            return _tabulate(module, shape, without_content())
        except LOOKS:
            if any(weight.is_meta for weight in [*module.parameters(), *module.buffers()]):
                raise
            return _tabulate(module, shape, plain_attention(), real=True)
    except BadInput:
        raise
    except FAILURES as error:
        raise refusal(module, shape, error) from error


def _tabulate(
    module: nn.Module, shape: tuple[int, ...], world: AbstractContextManager[Any], *, real: bool = False
) -> LayerTable:
    recorder = _Recorder(module, (shape[2], shape[3]))
    with ExitStack() as stack:
        stack.enter_context(world)
        stack.enter_context(borrowed(module))
        stack.enter_context(torch.no_grad())
        stack.enter_context(Watching(recorder.count, recorder.ledger.note, recorder.tracker.note))
        stack.enter_context(CircularPadding(recorder.tracker.padded))
        recorder.listen()
        images = images_for(module, shape, zeros=real)
        recorder.tracker.begin(images)
        module(images)
    rows, parts = recorder.rows_and_parts()
    ledger = recorder.ledger
    memory = MemoryUse(bytes_of(module.parameters()), bytes_of(module.buffers()), ledger.peak, ledger.at)
    content = "zeros" if real else "none"
    return LayerTable(type(module).__name__, shape, (*rows, *recorder.idle()), parts, memory, content)


class _Recorder:
    """Hooks on every part of a module that note when it runs, what it gives and what it costs."""

    def __init__(self, module: nn.Module, size: tuple[int, int]) -> None:
        self.module, self.size = module, size
        self.flops = 0
        self.tracker = FieldTracker()
        self.ledger = Ledger(lambda: self.names[-1] if self.names else "")
        self.names: list[str] = []  # of the parts that are running
        self.found: list[tuple[LayerRow, bool] | None] = []  # each run of each part, and whether it is a row
        self.ends: dict[int, int] = {}  # after which run each of them ended
        self.open: list[tuple[int, int, int]] = []  # of each running part: its place, FLOPs and bytes at its start
        self.inside: list[tuple[int, int]] = [(0, 0)]  # FLOPs and bytes of the parts of each part that is running
        self.ran: set[nn.Module] = set()
        self.counted: set[nn.Parameter] = set()

    def count(self, func: Any, args: Any, kwargs: Any, result: Any) -> None:
        """Add what one operation costs, where PyTorch's list has a formula for it."""
        formula = _FORMULAS.get(getattr(func, "overloadpacket", None))
        if formula:
            self.flops += formula(*args, **kwargs, out_val=result)

    def listen(self) -> None:
        """Put the hooks on; `borrowed` takes them off."""
        for name, part in self.module.named_modules():
            part.register_forward_pre_hook(partial(self._starts, name))
            part.register_forward_hook(partial(self._ends, name))

    def rows_and_parts(self) -> tuple[list[LayerRow], tuple[Part, ...]]:
        """Give what ran, in the order of starting, and which part holds which rows."""
        rows, before, parts = [], [0], []
        for found in self.found:
            rows += [found[0]] if found and found[1] else []
            before.append(len(rows))
        for place, found in enumerate(self.found):
            if found and before[self.ends[place]] - before[place] > found[1]:
                parts.append(Part(found[0], before[place], before[self.ends[place]]))
        return rows, tuple(parts)

    def idle(self) -> Iterator[LayerRow]:
        """Give the parts that have parameters of their own and did not run."""
        for name, part in self.module.named_modules():
            if part not in self.ran and next(part.parameters(recurse=False), None) is not None:
                yield self._row(name, part, None, 0, 0)

    def _starts(self, name: str, _part: nn.Module, _inputs: Any) -> None:
        self.names.append(name)
        self.open.append((len(self.found), self.flops, self.ledger.made))
        self.inside.append((0, 0))
        self.found.append(None)

    def _ends(self, name: str, part: nn.Module, _inputs: Any, output: Any) -> None:
        place, flops, made = self.open.pop()
        cost, size = self.flops - flops, self.ledger.made - made
        inner_cost, inner_size = self.inside.pop()
        outer_cost, outer_size = self.inside[-1]
        self.inside[-1] = outer_cost + cost, outer_size + size
        own, bytes_made = cost - inner_cost, size - inner_size
        leaf = next(part.children(), None) is None
        shown = bool(leaf or own or bytes_made or next(part.parameters(recurse=False), None) is not None)
        self.found[place] = self._row(name, part, output, own // 2, bytes_made), shown
        self.ends[place] = len(self.found)
        self.ran.add(part)
        self.names.pop()

    def _row(self, name: str, part: nn.Module, output: Any, macs: int, made: int) -> LayerRow:
        own = list(part.parameters(recurse=False))
        new = [parameter for parameter in own if parameter not in self.counted]
        self.counted.update(own)
        outputs = list(tensors_in(output))
        return LayerRow(
            name,
            type(part).__name__,
            tuple(tuple(tensor.shape) for tensor in outputs),
            sum(parameter.numel() for parameter in new),
            sum(parameter.numel() for parameter in new if parameter.requires_grad),
            macs,
            again=bool(own) and not new,
            weight_bytes=sum(parameter.numel() * parameter.element_size() for parameter in new),
            activation_bytes=made,
            fields=tuple(receptive_field(tensor, self.size) for tensor in outputs),
        )


def _attention_flops(query: Any, key: Any, value: Any, *_: Any, out_val: Any = None, **__: Any) -> int:
    """Count the two products of attention as PyTorch does for its other forms."""
    del out_val
    return sdpa_flop_count(query, key, value)


_FORMULAS = dict(flop_registry)
# the processor's own form of attention is not in PyTorch's list, though it multiplies as the others do
_FORMULAS |= {
    attention: shape_wrapper(_attention_flops)
    for attention in [getattr(torch.ops.aten, "_scaled_dot_product_flash_attention_for_cpu", None)]
    if attention is not None
}
