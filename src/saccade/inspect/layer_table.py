"""What a network is made of, layer by layer: output shape, parameters, multiply-adds.

The network runs once on images that have a shape but no content (PyTorch's fake tensors): nothing of its activations is
allocated, its weights are neither copied nor changed, and constants made on the way need no care. A network whose way
depends on what it sees cannot be tabulated like this.

Source: ours.
"""

from __future__ import annotations

import html
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

from saccade.errors import BadInput, BadShape, printable
from saccade.inspect.taps import borrowed

HEADINGS = ("layer", "kind", "output", "parameters", "trainable", "multiply-adds")


@dataclass(frozen=True)
class LayerRow:
    """One run of one layer.

    Args:
        name: As in `module.named_modules()`; "" for the module itself.
        kind: The name of its class.
        outputs: The shape of each tensor that it gave, the batch first; () for a layer that did not run.
        parameters: Its own, each counted only where it is met first.
        trainable: How many of them want a gradient.
        macs: Multiply-adds of convolutions and matrix products, its own, for the whole batch.
        again: Whether it has parameters, but all of them have been counted before.

    Source: ours.
    """

    name: str
    kind: str
    outputs: tuple[tuple[int, ...], ...]
    parameters: int
    trainable: int
    macs: int
    again: bool = False

    def cells(self) -> tuple[str, str, str, str, str, str]:
        """Write each column of the table."""
        output = " + ".join(" × ".join(map(str, shape)) or "1" for shape in self.outputs) or "not run"
        share = {0: "no", self.parameters: "yes"}.get(self.trainable, f"{self.trainable:,}") if self.parameters else "–"
        parameters = "again" if self.again else f"{self.parameters:,}" if self.parameters else "–"
        name = self.name or "(itself)"
        return name, self.kind, output, parameters, share, f"{self.macs:,}" if self.macs else "–"


@dataclass(frozen=True)
class LayerTable:
    """The layers of a network, in the order in which they run.

    Args:
        network: The name of its class.
        shape: Of the images: (batch, channels, height, width), the batch being 1.
        rows: One for each run of a layer; parts with parameters that did not run come last.

    Source: ours.
    """

    network: str
    shape: tuple[int, ...]
    rows: tuple[LayerRow, ...]

    @property
    def parameters(self) -> int:
        """Count all parameters, each once."""
        return sum(row.parameters for row in self.rows)

    @property
    def trainable(self) -> int:
        """Count the parameters that want a gradient, each once."""
        return sum(row.trainable for row in self.rows)

    @property
    def macs(self) -> int:
        """Count all multiply-adds for one image; FLOPs are twice as many."""
        return sum(row.macs for row in self.rows)

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values that JSON can hold."""
        totals = {"parameters": self.parameters, "trainable": self.trainable, "macs": self.macs, "flops": 2 * self.macs}
        return {
            "network": self.network,
            "shape": list(self.shape),
            "rows": [asdict(row) for row in self.rows],
            **totals,
        }

    def to_text(self) -> str:
        """Write the table in columns, and the totals below."""
        lines = [HEADINGS, *(row.cells() for row in self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
        text = [
            "  ".join(
                cell.ljust(width) if column < 3 else cell.rjust(width) for column, (cell, width) in enumerate(pairs)
            )
            for pairs in (zip(line, widths, strict=True) for line in lines)
        ]
        return "\n".join([*(line.rstrip() for line in text), "", self.summary()])

    def to_html(self) -> str:
        """Write an HTML table without a style of its own: its class is "layers", that of numbers "number"."""
        opening = ["<td>"] * 3 + ['<td class="number">'] * 3
        rows = (
            "".join(tag + html.escape(cell) + "</td>" for tag, cell in zip(opening, row.cells(), strict=True))
            for row in self.rows
        )
        body = "\n".join(f"<tr>{row}</tr>" for row in rows)
        head = "".join(f"<th>{heading}</th>" for heading in HEADINGS)
        caption = f"<caption>{html.escape(self.summary())}</caption>"
        return f'<table class="layers">{caption}\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>'

    def _repr_html_(self) -> str:
        return self.to_html()

    def summary(self) -> str:
        """Write the totals in one line."""
        return (
            f"{self.network}: {self.parameters:,} parameters ({self.trainable:,} trainable), "
            f"{self.macs:,} multiply-adds ({2 * self.macs:,} FLOPs) for {' × '.join(map(str, self.shape))}"
        )


def layer_table(module: nn.Module, size: tuple[int, int], *, in_channels: int | None = None) -> LayerTable:
    """Tabulate the layers of any module that takes a batch of images, with branches, reuse and functional calls.

    A row is a layer without parts, or one that has parameters or multiply-adds of its own beside its parts.

    Args:
        module: Any module; it is put back as it was, after an error too.
        size: (height, width) of the images.
        in_channels: Channels of the images; None: as the first part that states `in_channels`, else 3.

    Returns:
        The table, for a batch of one image in evaluation mode.

    Raises:
        BadShape: If the module cannot run at that size, or its way depends on the content of the images.

    Source: ours; multiply-adds by PyTorch's FlopCounterMode.

    Example:
        >>> layer_table(nn.Sequential(nn.Conv2d(3, 10, 3), nn.ReLU()), (39, 39)).rows[0].outputs
        ((1, 10, 37, 37),)
    """
    shape = (1, _channels(module) if in_channels is None else in_channels, *size)
    if len(shape) != 4 or min(shape) < 1:
        raise BadShape(f"got size={size} and {shape[1]} channels; taken is (height, width), all ≥ 1; change them")
    recorder = _Recorder(module)
    first = next((tensor for tensor in module.parameters() if tensor.is_floating_point()), torch.empty(0))
    try:
        with _quiet(), borrowed(module), torch.no_grad(), FakeTensorMode(allow_non_fake_inputs=True), recorder.counter:
            recorder.listen()
            module(torch.empty(shape, dtype=first.dtype, device=first.device))
    except BadInput:
        raise
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        reason = printable(str(error).strip().partition("\n")[0])[:200]
        raise BadShape(
            f"got a {type(module).__name__} that does not run on images of shape {shape} without content ({reason}); "
            "taken is any module that does; try another size or number of channels"
        ) from error
    return LayerTable(type(module).__name__, shape, (*recorder.rows(), *recorder.idle()))


class _Recorder:
    """Hooks on every part of a module that note when it runs, what it gives and what it costs."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self.counter = FlopCounterMode(display=False)
        self.found: list[LayerRow | None] = []
        self.open: list[tuple[int, int]] = []  # of each part that is running: its place in `found`, FLOPs at its start
        self.inside: list[int] = [0]  # FLOPs of the parts of each part that is running
        self.ran: set[nn.Module] = set()
        self.counted: set[nn.Parameter] = set()

    def listen(self) -> None:
        """Put the hooks on; `borrowed` takes them off."""
        for name, part in self.module.named_modules():
            part.register_forward_pre_hook(self._starts)
            part.register_forward_hook(partial(self._ends, name))

    def rows(self) -> list[LayerRow]:
        """Give what ran, in the order of starting."""
        return [row for row in self.found if row]

    def idle(self) -> list[LayerRow]:
        """Give the parts that have parameters of their own and did not run."""
        parts = [(name, part) for name, part in self.module.named_modules() if part not in self.ran]
        return [
            self._row(name, part, (), 0) for name, part in parts if any(True for _ in part.parameters(recurse=False))
        ]

    def _starts(self, _part: nn.Module, _inputs: Any) -> None:
        self.open.append((len(self.found), self.counter.get_total_flops()))
        self.inside.append(0)
        self.found.append(None)

    def _ends(self, name: str, part: nn.Module, _inputs: Any, output: Any) -> None:
        place, start = self.open.pop()
        cost = self.counter.get_total_flops() - start
        own = cost - self.inside.pop()
        self.inside[-1] += cost
        leaf = next(part.children(), None) is None
        if leaf or own or next(part.parameters(recurse=False), None) is not None:
            self.found[place] = self._row(name, part, tuple(_shapes(output)), own // 2)
        self.ran.add(part)

    def _row(self, name: str, part: nn.Module, outputs: tuple[tuple[int, ...], ...], macs: int) -> LayerRow:
        own = list(part.parameters(recurse=False))
        new = [parameter for parameter in own if parameter not in self.counted]
        self.counted.update(own)
        parameters = sum(parameter.numel() for parameter in new)
        trainable = sum(parameter.numel() for parameter in new if parameter.requires_grad)
        return LayerRow(name, type(part).__name__, outputs, parameters, trainable, macs, again=bool(own) and not new)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep PyTorch from logging a traceback of what is raised here as an error in words."""
    logger = logging.getLogger("torch._subclasses.fake_tensor")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _shapes(output: Any) -> Iterator[tuple[int, ...]]:
    """Give the shape of every tensor in what a module gave."""
    if isinstance(output, Tensor):
        yield tuple(output.shape)
    elif isinstance(output, Mapping):
        yield from (shape for value in output.values() for shape in _shapes(value))
    elif isinstance(output, list | tuple):
        yield from (shape for value in output for shape in _shapes(value))


def _channels(module: nn.Module) -> int:
    stated = (getattr(part, "in_channels", None) for part in module.modules())
    return next((channels for channels in stated if isinstance(channels, int)), 3)
