"""Whether models go together, and can be shown the views that are asked for: said before pictures are read.

Source: ours.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from saccade.api.predictor import Predictor
from saccade.errors import BadConfig, BadShape, printable
from saccade.ops.opinions import mean_choice, mean_presence

MEANS: dict[str, Callable[[Tensor], Tensor]] = {"classification": mean_choice, "multi_label": mean_presence}
"""How each task that there are ensembles for averages its answers."""


class ViewsWarning(UserWarning):
    """A model is shown what it never saw while it learnt."""


def check_together(models: Mapping[str, Predictor]) -> None:
    """Refuse models of another task or of other classes than the first.

    Args:
        models: By name, at least one.

    Raises:
        BadConfig: If they do not go together, or their task is one whose answers have no mean.

    Source: ours.
    """
    (name, first), *others = models.items()
    for one, model in models.items():
        if model.task.name not in MEANS:
            raise BadConfig(
                f"got {printable(one)}, a model for {model.task.name}; taken are those for {' and '.join(MEANS)}, "
                "whose probabilities can be averaged; use it alone, with one view"
            )
    for other, model in others:
        if model.task.name != first.task.name:
            raise BadConfig(
                f"got {printable(name)} for {first.task.name} and {printable(other)} for {model.task.name}; taken are "
                "models for the same task; leave one out"
            )
        differing = sorted(set(first.labels) ^ set(model.labels))
        if differing:
            shown = ", ".join(map(printable, differing[:5])) + (", …" if len(differing) > 5 else "")
            raise BadConfig(
                f"got {printable(name)} and {printable(other)}, of which only one knows {shown}; taken are models of "
                "the same classes, by name; leave one out, or train it on the same classes"
            )


def columns_of(model: Predictor, labels: Sequence[str]) -> tuple[int, ...]:
    """Say which of a model's outputs each class is.

    Args:
        model: It knows all of the classes.
        labels: The names of the classes, in the order that is wanted.

    Returns:
        The number of an output for each.

    Source: ours.
    """
    places = {name: number for number, name in enumerate(model.labels)}
    return tuple(places[name] for name in labels)


def check_mirrors(name: str, told: Mapping[str, Any]) -> None:
    """Refuse mirror images where training was told that they mean something else; warn where it never showed one.

    Args:
        name: What to call the model.
        told: What is known of its training: the settings of its run, or what its file says of its origin.

    Raises:
        BadConfig: If it was trained with mirroring turned off.

    Source: ours.
    """
    if told.get("mirror") is False:
        raise BadConfig(
            f"got mirror images for {printable(name)}, which was trained without them (mirror is off); taken are "
            "models to which left and right mean the same; leave flips out, or take 5 crops instead of 10"
        )
    if told.get("augment") == "none":
        warnings.warn(
            f"got mirror images for {printable(name)}, which was trained without augmentation and never saw one; taken "
            "are views like the images it learnt from; look whether they help",
            ViewsWarning,
            stacklevel=3,
        )


def check_sizes(name: str, model: Predictor, sizes: Sequence[tuple[int, int]]) -> None:
    """Refuse sizes that a network cannot take; a blank image of each other size than its own goes through it.

    Args:
        name: What to call the model.
        model: It shall be shown images of these sizes.
        sizes: Each (height, width).

    Raises:
        BadConfig: If its network does not take one of them.

    Source: ours.
    """
    taken = model.description.preprocessing
    for height, width in sizes:
        if (height, width) == taken.size:
            continue
        blank = torch.zeros(1, taken.channels, height, width, device=model.device)
        try:
            with torch.inference_mode():
                model.network(blank)
        except (BadShape, RuntimeError) as error:
            raise BadConfig(
                f"got a scale at which {printable(name)} is shown images of {height} × {width} pixels; its network "
                f"takes {taken.size[0]} × {taken.size[1]}, and said: {printable(str(error)).partition(';')[0][:200]}; "
                "leave scales out, or take crops"
            ) from error
