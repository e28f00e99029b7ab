"""Knobs: frozen values whose every field is also a flag on the command line; first of all those of training."""

from __future__ import annotations

import functools
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any, Literal, TypeVar

from saccade.errors import BadConfig, offer

Kind = TypeVar("Kind", bound="Settings")


def knob(default: Any, text: str, low: float | None = None, high: float | None = None) -> Any:
    """Make a field of settings.

    Args:
        default: Its value when nothing is said.
        text: What it means, for the help of its flag.
        low: The least that is taken; of several numbers, for each.
        high: The most that is taken.

    Returns:
        The field of a frozen dataclass.

    Source: ours.
    """
    return field(default=default, metadata={"help": text, "low": low, "high": high})


@dataclass(frozen=True)
class Settings:
    """What every set of knobs can do; a subclass adds the fields, each made by `knob`.

    A field is a whole number, a number, true or false, one of some words, any text, or several whole numbers. A value
    outside its range is refused when the settings are made, every wrong one at once.

    Raises:
        BadConfig: If any field has the wrong type or is out of range; all of them are listed.

    Source: ours.
    """

    def __post_init__(self) -> None:
        problems = [told for one in fields(self) if (told := _problem(type(self), one, getattr(self, one.name)))]
        if problems := problems or self.contradictions():
            raise BadConfig("\n".join(problems))

    def contradictions(self) -> list[str]:
        """List what is wrong with values together, each of which is right by itself."""
        return []

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls: type[Kind], values: Mapping[str, Any]) -> Kind:
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
        knobs = {one.name: one for one in fields(cls)}
        problems = [f"got setting {name!r}; {offer(name, knobs)}" for name in values if name not in knobs]
        known = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items() if name in knobs
        }
        problems += [told for name, value in known.items() if (told := _problem(cls, knobs[name], value))]
        if problems:
            raise BadConfig("\n".join(problems))
        return cls(**known)


@dataclass(frozen=True)
class TrainingSettings(Settings):
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

    recipe: str = knob("", "settings of this name, for all that is not said otherwise; see saccade recipes")
    epochs: int = knob(10, "passes over the training images", 0)
    batch_size: int = knob(64, "images in a step", 1)
    accumulate: int = knob(1, "batches whose gradients are added up before one step of the optimiser", 1)
    weights: str = knob("", "begin with published weights, such as imagenet, or with those of a .safetensors file")
    commercial_only: bool = knob(False, "refuse weights to begin with that are not known to be free for commercial use")
    transfer: Literal["none", "auto", "features", "top", "all"] = knob(
        "none", "what of the weights to begin with is kept; auto: what suits the size of the data"
    )
    views: int = knob(1, "with --transfer features: how often each image is looked at, changed from the second on", 1)
    top: Literal["logistic", "network"] = knob("logistic", "with --transfer features: what learns on the features")
    backbone: str = knob("", "of a detector: the architecture under it, such as resnet18; none: its own")
    freeze: str = knob("", "keep the network as it is up to this stage, such as stage3")
    unfreeze_epochs: int = knob(0, "let the highest frozen stage learn too after each so many epochs; 0: never", 0)
    layer_decay: float = knob(1.0, "each stage learns at so many times the rate of the one above it", 0, 1)
    budget: str = knob("", "train, evaluate and report within this time, such as 60s or 10m, by what suits it")
    optimizer: Literal["sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop"] = knob("adamw", "how weights move")
    learning_rate: float = knob(2e-3, "the peak learning rate", 0)
    momentum: float = knob(0.9, "of momentum, nesterov and rmsprop; the first beta of adam and adamw", 0, 1)
    square_decay: float = knob(
        0.999, "how much of the mean of squared gradients a step keeps, with adam, adamw and rmsprop", 0, 1
    )
    epsilon: float = knob(1e-8, "what is added to the root of that mean", 0)
    weight_decay: float = knob(0.05, "pull of weights to zero; norms and biases are spared", 0)
    decay_all: bool = knob(False, "weight decay pulls norms and biases too")
    bias_rate: float = knob(1.0, "shifts of norms learn at so many times the rate; their decay stays as it is", 0.001)
    schedule: Literal[
        "constant", "cosine", "linear", "hold", "step", "milestones", "exponential", "triangle", "range"
    ] = knob(
        "cosine",
        "how the rate falls after warm-up; hold: not in the first half; triangle and range, which rises, need none",
    )
    milestones: tuple[int, ...] = knob((), "with --schedule milestones: epochs after which the rate falls", 1)
    rate_decay: float = knob(0.1, "with milestones and exponential: by which factor the rate falls each time", 0, 1)
    decay_epochs: float = knob(1.0, "with --schedule exponential: epochs from one fall to the next", 0.001)
    warmup_epochs: float = knob(0.5, "epochs over which the rate rises from zero", 0)
    label_smoothing: float = knob(0.0, "share of the target spread over all classes", 0, 1)
    class_weights: Literal["none", "balanced"] = knob("none", "balanced: a rare class counts as much as a common one")
    cycle_weight: float = knob(10.0, "of a translation: what a picture counts that does not come back as it went", 0)
    identity_weight: float = knob(
        0.5,
        "how much of that a picture counts that is of the wanted kind already and is changed; 0: it is not asked",
        0,
    )
    style_image: str = knob("", "of a style: the picture that is painted like")
    extractor: str = knob(
        "vgg19_normalised", "the network that style and content are read from: an architecture, or a model file"
    )
    extractor_weights: str = knob("", "a .safetensors file with its weights; none: drawn, or those of the model file")
    content_weight: float = knob(1.0, "how much it counts what is on a picture", 0)
    style_weight: float = knob(5.0, "how much the style counts", 0)
    smoothness_weight: float = knob(0.1, "how much it counts that neighbouring pixels are alike", 0)
    clip_norm: float = knob(0.0, "largest norm of the gradient; 0: no limit", 0)
    ema_decay: float = knob(0.0, "moving average of the weights, used to judge and predict; 0: none", 0, 1)
    lookahead: int = knob(0, "after so many steps each time, weights go back to their slow average; 0: never", 0)
    patience: int = knob(0, "stop after so many epochs without a better validation; 0: never", 0)
    height: int = knob(0, "rows of pixels that the network gets; 0: chosen from the pictures, at most 128", 0)
    width: int = knob(0, "columns of pixels that the network gets; 0: as many as rows", 0)
    fit: Literal["crop", "pad", "stretch"] = knob("crop", "how a picture comes to that size")
    augment: Literal["none", "standard", "strong", "boxes"] = knob(
        "standard",
        "random changes of training images; strong also zooms, turns and recolours, for long training; boxes does what "
        "boxes can follow",
    )
    mirror: bool = knob(True, "mirror half of the images left to right (turn off for digits and letters)")
    alternate_mirror: bool = knob(False, "mirror each image in every other epoch, instead of at random")
    crop_rate: float = knob(0.125, "share of the height that is padded before a random crop; 0: no crop", 0, 1)
    crop_padding: Literal["zeros", "reflect"] = knob("zeros", "what an image is padded with before a random crop")
    mixing: Literal["none", "mixup", "cutmix", "mosaic"] = knob(
        "none",
        "mix training images with each other: mixup and cutmix where each has a class, mosaic where it has boxes",
    )
    unmixed_epochs: int = knob(0, "the last so many epochs do not mix", 0)
    workers: int = knob(0, "processes that read images beside training; 0: the training process itself", 0)
    worker_kind: Literal["processes", "threads"] = knob("processes", "what workers are; threads start at once")
    cache: Literal["auto", "memory", "disk", "off"] = knob(
        "auto", "where images stay once they are read; auto: in memory, up to 512 MiB; disk: for later runs too"
    )
    seed: int = knob(0, "where all randomness comes from", 0)
    device: Literal["auto", "cpu", "cuda", "mps"] = knob("auto", "where to train")
    precision: Literal["auto", "float32", "bfloat16", "float16"] = knob(
        "auto", "auto: bfloat16 where the processor multiplies it itself and the network gains by it, else float32"
    )
    memory_format: Literal["auto", "contiguous", "channels_last"] = knob("auto", "how images lie in memory")
    threads: int = knob(0, "threads of the processor; part of what makes a run repeatable; 0: all cores", 0)
    deterministic: bool = knob(False, "refuse operations whose result is not the same each time")
    sync_batch_norm: bool = knob(True, "where several processes train, batch norms count over all of their images")
    checkpoint_steps: int = knob(0, "save after so many steps too; 0: only after each epoch and when stopped", 0)

    def contradictions(self) -> list[str]:
        """List what is wrong with values together, each of which is right by itself."""
        problems = []
        if self.lookahead and self.ema_decay:
            problems.append(
                f"got lookahead={self.lookahead} and ema_decay={self.ema_decay}; taken is one average of the weights; "
                "leave one out"
            )
        if self.schedule == "milestones" and not self.milestones:
            problems.append(
                "got schedule='milestones' without any; taken are epochs after which the rate falls; give milestones"
            )
        return problems


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
def field_types(kind: type[Settings] = TrainingSettings) -> Mapping[str, Any]:
    """Give the type of each setting by name.

    Args:
        kind: Which settings.

    Returns:
        A read-only mapping.

    Source: ours.
    """
    return types.MappingProxyType(typing.get_type_hints(kind))


def _problem(kind: type[Settings], one: Field[Any], value: Any) -> str:
    """Say what is wrong with one value, or ""."""
    expected = field_types(kind)[one.name]
    words = choices_of(expected)
    if expected is str:
        return "" if isinstance(value, str) else f"got {one.name}={value!r}; taken is text; {one.metadata['help']}"
    if words:
        return "" if value in words else f"got {one.name}={value!r}; {offer(str(value), words)}"
    if typing.get_origin(expected) is tuple:
        numbers = value if isinstance(value, tuple) and (value or not one.default) else ("",)
        taken = next(filter(None, (_wrong_number(number, int, one) for number in numbers)), "")
        return f"got {one.name}={value!r}; taken are numbers, each {taken}; {one.metadata['help']}" if taken else ""
    taken = _wrong_number(value, expected, one)
    return f"got {one.name}={value!r}; taken is {taken}; {one.metadata['help']}" if taken else ""


def _wrong_number(value: Any, expected: type, one: Field[Any]) -> str:
    """Say what is taken instead of one value, or "" where it will do."""
    kinds = int if expected is int else (expected, int)
    if isinstance(value, bool) != (expected is bool) or not isinstance(value, kinds):
        return {int: "a whole number", float: "a number", bool: "true or false"}.get(expected, expected.__name__)
    low, high = one.metadata["low"], one.metadata["high"]
    if math.isnan(value) or (low is not None and value < low) or (high is not None and value > high):
        return f"{low} or more" if high is None else f"from {low} to {high}"
    return ""
