"""What a line of layers gives and costs at one size, by arithmetic alone: no network is made, so none is too large.

Shapes are written as on paper: (height, width, channels), and (features,) once the maps are flat.

Source: ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from saccade.ops.costs import flops
from saccade.ops.footprint import TrainingMemory, tensor_bytes, training_memory
from saccade.ops.receptive_field import Field


@dataclass(frozen=True)
class LineRow:
    """One layer of a line.

    Args:
        layer: Its words.
        shape: Of its output: (height, width, channels) or (features,).
        size_formulas: How the height comes about, and the width where it comes about otherwise; () if it stays.
        parameters: Weights, biases, and the scales and shifts of its norm.
        parameter_formula: How they come about; "" if there are none.
        macs: Multiply-adds of its convolution or matrix product, for one image; biases are not counted.
        macs_formula: How they come about; "" if there are none.
        activations: Numbers kept for the backward pass: its output, and once more what goes into its norm.
        fields: The receptive field of its units, in height and in width.

    Source: ours.
    """

    layer: str
    shape: tuple[int, ...]
    size_formulas: tuple[str, ...] = ()
    parameters: int = 0
    parameter_formula: str = ""
    macs: int = 0
    macs_formula: str = ""
    activations: int = 0
    fields: tuple[Field, Field] = (Field(None), Field(None))

    @property
    def output(self) -> str:
        """The shape as on paper, such as "28 × 28 × 192"."""
        return " × ".join(map(str, self.shape))

    @property
    def flops(self) -> int:
        """Floating-point operations: twice the multiply-adds."""
        return flops(self.macs)

    @property
    def weight_bytes(self) -> int:
        """Bytes of its parameters as float32."""
        return tensor_bytes(self.parameters)

    @property
    def activation_bytes(self) -> int:
        """Bytes of its activations as float32, for one image."""
        return tensor_bytes(self.activations)

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values that JSON can hold."""
        names = ("height", "width")
        return {
            "layer": self.layer,
            "output": list(self.shape),
            "size_formulas": list(self.size_formulas),
            "parameters": self.parameters,
            "parameter_formula": self.parameter_formula,
            "macs": self.macs,
            "flops": self.flops,
            "macs_formula": self.macs_formula,
            "weight_bytes": self.weight_bytes,
            "activation_bytes": self.activation_bytes,
            "receptive_field": {name: field._asdict() for name, field in zip(names, self.fields, strict=True)},
        }


@dataclass(frozen=True)
class LineTable:
    """The layers of a line at one size.

    Args:
        line: As it was given.
        shape: Of one image: (height, width, channels).
        rows: One for each layer, repetitions written out.

    Source: ours.
    """

    line: str
    shape: tuple[int, int, int]
    rows: tuple[LineRow, ...]

    @property
    def parameters(self) -> int:
        """Sum the parameters."""
        return sum(row.parameters for row in self.rows)

    @property
    def macs(self) -> int:
        """Sum the multiply-adds for one image."""
        return sum(row.macs for row in self.rows)

    @property
    def flops(self) -> int:
        """Sum the floating-point operations for one image: twice the multiply-adds."""
        return flops(self.macs)

    @property
    def weight_bytes(self) -> int:
        """Sum the bytes of all parameters as float32."""
        return tensor_bytes(self.parameters)

    @property
    def activation_bytes(self) -> int:
        """Sum the bytes that one image leaves behind as float32: itself, and the activations of every layer."""
        return tensor_bytes(self.activations)

    @property
    def activations(self) -> int:
        """Sum the numbers that one image leaves behind: itself, and the activations of every layer."""
        return math.prod(self.shape) + sum(row.activations for row in self.rows)

    def inference_bytes(self, *, batch_size: int = 1) -> int:
        """Estimate the memory of using the network: its weights, and the largest input and output of a layer together.

        Args:
            batch_size: Images at once.

        Returns:
            Bytes, as float32.

        Source: ours.
        """
        numbers = [math.prod(self.shape), *(math.prod(row.shape) for row in self.rows)]
        largest = max(before + after for before, after in pairwise(numbers))
        return self.weight_bytes + tensor_bytes(batch_size, largest)

    def training_memory(self, *, batch_size: int = 1, optimizer: str = "adamw") -> TrainingMemory:
        """Estimate the memory of one training step; see `saccade.ops.footprint`.

        Args:
            batch_size: Images in a step.
            optimizer: As for `saccade.ops.footprint.training_memory`.

        Returns:
            Bytes by purpose, as float32.

        Raises:
            UnknownName: If there is no such optimiser.

        Source: ours.
        """
        return training_memory(self.parameters, self.activations, batch_size=batch_size, optimizer=optimizer)

    def costs(self, *, batch_size: int = 1, optimizer: str = "adamw") -> dict[str, int]:
        """Sum up everything that the line costs.

        Args:
            batch_size: Images in memory at once; the other figures are for one.
            optimizer: As for `saccade.ops.footprint.training_memory`.

        Returns:
            "parameters", "macs", "flops", "weight_bytes", "activation_bytes", "inference_bytes", "training_bytes".

        Raises:
            UnknownName: If there is no such optimiser.

        Source: ours.
        """
        names = ("parameters", "macs", "flops", "weight_bytes", "activation_bytes")
        return {
            **{name: getattr(self, name) for name in names},
            "inference_bytes": self.inference_bytes(batch_size=batch_size),
            "training_bytes": self.training_memory(batch_size=batch_size, optimizer=optimizer).total,
        }

    def to_dict(self, *, batch_size: int = 1, optimizer: str = "adamw") -> dict[str, Any]:
        """Give everything as plain values that JSON can hold; arguments as for `costs`."""
        return {
            "line": self.line,
            "input": list(self.shape),
            "layers": [row.to_dict() for row in self.rows],
            **self.costs(batch_size=batch_size, optimizer=optimizer),
        }


def cost_ratios(
    table: LineTable, other: LineTable, *, batch_size: int = 1, optimizer: str = "adamw"
) -> dict[str, float]:
    """Measure what one line costs against another.

    Args:
        table: What is measured.
        other: What it is measured against.
        batch_size: As for `LineTable.costs`.
        optimizer: As for `LineTable.costs`.

    Returns:
        For each of those costs, its share of the other's; infinite where that has none.

    Raises:
        UnknownName: If there is no such optimiser.

    Source: ours.
    """
    costs = table.costs(batch_size=batch_size, optimizer=optimizer)
    others = other.costs(batch_size=batch_size, optimizer=optimizer)
    return {name: _share(cost, others[name]) for name, cost in costs.items()}


def _share(part: int, whole: int) -> float:
    return part / whole if whole else (1.0 if part == whole else math.inf)
