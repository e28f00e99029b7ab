"""The knobs of training: one frozen value whose every field is also a flag on the command line."""

from __future__ import annotations

import functools
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any, Literal

from saccade.errors import BadConfig, offer


def _knob(default: Any, text: str, low: float | None = None, high: float | None = None) -> Any:
    return field(default=default, metadata={"help": text, "low": low, "high": high})


@dataclass(frozen=True)
class TrainingSettings:
    """Everything about how to train, nothing about what.

    Each field's own help text says what it means; `saccade train --help` prints them. A value outside its range is
    refused when the settings are made, every wrong one at once.

    Raises:
        BadConfig: If any field has the wrong type or is out of range; all of them are listed.

    Source: ours.

    Example:
        >>> TrainingSettings(epochs=3).batch_size
        64
    """

    epochs: int = _knob(10, "passes over the training images", 0)
    batch_size: int = _knob(64, "images in a step", 1)
    accumulate: int = _knob(1, "batches whose gradients are added up before one step of the optimiser", 1)
    optimizer: Literal["sgd", "momentum", "nesterov", "adam", "adamw"] = _knob("adamw", "how weights move")
    learning_rate: float = _knob(2e-3, "the peak learning rate", 0)
    momentum: float = _knob(0.9, "of momentum and nesterov; the first beta of adam and adamw", 0, 1)
    weight_decay: float = _knob(0.05, "pull of weights to zero; norms and biases are spared", 0)
    schedule: Literal["constant", "cosine", "linear", "step"] = _knob("cosine", "how the rate falls after warm-up")
    warmup_epochs: float = _knob(0.5, "epochs over which the rate rises from zero", 0)
    label_smoothing: float = _knob(0.0, "share of the target spread over all classes", 0, 1)
    class_weights: Literal["none", "balanced"] = _knob("none", "balanced: a rare class counts as much as a common one")
    clip_norm: float = _knob(0.0, "largest norm of the gradient; 0: no limit", 0)
    ema_decay: float = _knob(0.0, "moving average of the weights, used to judge and predict; 0: none", 0, 1)
    patience: int = _knob(0, "stop after so many epochs without a better validation; 0: never", 0)
    height: int = _knob(0, "rows of pixels that the network gets; 0: chosen from the pictures, at most 128", 0)
    width: int = _knob(0, "columns of pixels that the network gets; 0: as many as rows", 0)
    fit: Literal["crop", "pad", "stretch"] = _knob("crop", "how a picture comes to that size")
    mirror: bool = _knob(True, "mirror half of the images left to right (turn off for digits and letters)")
    crop_rate: float = _knob(0.125, "share of the height padded with zeros before a random crop; 0: no crop", 0, 1)
    workers: int = _knob(0, "processes that read images beside training; 0: the training process itself", 0)
    seed: int = _knob(0, "where all randomness comes from", 0)
    device: Literal["auto", "cpu", "cuda", "mps"] = _knob("auto", "where to train")
    precision: Literal["auto", "float32", "bfloat16", "float16"] = _knob(
        "auto", "auto: bfloat16 where the processor multiplies it itself and the network gains by it, else float32"
    )
    memory_format: Literal["auto", "contiguous", "channels_last"] = _knob("auto", "how images lie in memory")
    threads: int = _knob(0, "threads of the processor; part of what makes a run repeatable; 0: all cores", 0)
    deterministic: bool = _knob(False, "refuse operations whose result is not the same each time")
    checkpoint_steps: int = _knob(0, "save after so many steps too; 0: only after each epoch and when stopped", 0)

    def __post_init__(self) -> None:
        problems = [problem for knob in fields(self) if (problem := _problem(knob, getattr(self, knob.name)))]
        if problems:
            raise BadConfig("\n".join(problems))

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainingSettings:
        """Make settings from names and values, such as a file or a run's description holds.

        Args:
            values: Some of the fields; the rest keep their defaults.

        Returns:
            The settings.

        Raises:
            BadConfig: If any name is unknown (the nearest is offered), or any value is wrong; all are listed.

        Source: ours.

        Example:
            >>> TrainingSettings.from_dict({"epochs": 2}).epochs
            2
        """
        knobs = {knob.name: knob for knob in fields(cls)}
        problems = [f"got setting {name!r}; {offer(name, knobs)}" for name in values if name not in knobs]
        known = {name: value for name, value in values.items() if name in knobs}
        problems += [problem for name, value in known.items() if (problem := _problem(knobs[name], value))]
        if problems:
            raise BadConfig("\n".join(problems))
        return cls(**known)


def choices_of(annotation: Any) -> tuple[str, ...]:
    """List the words that a field of type Literal takes; () for any other type.

    Args:
        annotation: A type, as `typing.get_type_hints` gives it.

    Returns:
        The words.

    Source: ours.

    Example:
        >>> choices_of(Literal["a", "b"])
        ('a', 'b')
    """
    return typing.get_args(annotation) if typing.get_origin(annotation) is Literal else ()


@functools.cache
def field_types() -> Mapping[str, Any]:
    """Give the type of each setting by name.

    Returns:
        A read-only mapping.

    Source: ours.
    """
    return types.MappingProxyType(typing.get_type_hints(TrainingSettings))


def _problem(knob: Field[Any], value: Any) -> str:
    """Say what is wrong with one value, or ""."""
    expected = field_types()[knob.name]
    words = choices_of(expected)
    if words:
        return "" if value in words else f"got {knob.name}={value!r}; {offer(str(value), words)}"
    kinds = int if expected is int else (expected, int)
    if isinstance(value, bool) != (expected is bool) or not isinstance(value, kinds):
        return f"got {knob.name}={value!r}; taken is {_article(expected)}; {knob.metadata['help']}"
    low, high = knob.metadata["low"], knob.metadata["high"]
    if math.isnan(value) or (low is not None and value < low) or (high is not None and value > high):
        span = f"{low} or more" if high is None else f"from {low} to {high}"
        return f"got {knob.name}={value!r}; taken is {span}; {knob.metadata['help']}"
    return ""


def _article(expected: type) -> str:
    return {int: "a whole number", float: "a number", bool: "true or false"}.get(expected, expected.__name__)
