"""Whether a network suits the data, tried with blank pictures before anything is written.

Source: ours.
"""

from __future__ import annotations

import copy

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from saccade.api.choosing import training_changes
from saccade.data.augmenting.augmenter import Augmenter
from saccade.errors import BadConfig, BadShape
from saccade.inspect.taps import borrowed
from saccade.layers.normalised import Normalised
from saccade.training.settings import TrainingSettings
from saccade.types.batch import Batch
from saccade.types.preprocessing import Preprocessing
from saccade.types.task import Task


def refuse_unfit(network: Normalised, preprocessing: Preprocessing, task: Task) -> None:
    """Run two blank pictures through a module of the user's own, and see that the task understands what it gives.

    Args:
        network: The module with its normalisation; left as it was.
        preprocessing: What pictures it will get.
        task: What will read its outputs.

    Raises:
        BadShape: If the module cannot take such pictures, or gives something else than the task takes.

    Source: ours.
    """
    blank = _blank(network, preprocessing, 2)
    shape = tuple(blank.shape)
    try:
        with borrowed(network), torch.no_grad():
            outputs = network(blank)
    except RuntimeError as error:  # what torch raises where shapes do not fit
        told = " ".join(str(error).split())[:200]
        raise BadShape(
            f"got a module that cannot take images of shape {shape} ({told}); taken are modules that can; "
            "change the module, or set height and width to what it takes"
        ) from error
    if isinstance(outputs, Tensor) and tuple(outputs.shape) != (2, len(task.labels)):
        raise BadShape(
            f"got a module that gives {tuple(outputs.shape)} for images of shape {shape}; taken is "
            f"(2, {len(task.labels)}), one number for each class; end it with nn.Linear(…, {len(task.labels)})"
        )
    task.decode(outputs, Batch(blank, torch.tensor([preprocessing.size] * 2)))


def refuse_lone_pictures(network: Normalised, preprocessing: Preprocessing, batch_size: int) -> None:
    """See that a network can learn from one picture at a time, if that is what it will get.

    Args:
        network: The network; left as it was.
        preprocessing: What pictures it will get.
        batch_size: Pictures in a batch.

    Raises:
        BadConfig: If it has a batch normalisation that would see a single value.

    Source: ours.
    """
    if batch_size > 1 or not any(isinstance(module, _BatchNorm) for module in network.modules()):
        return
    tried = copy.deepcopy(network).train()  # a step in training mode moves running statistics
    try:
        with torch.no_grad():
            tried(_blank(network, preprocessing, 1))
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        height, width = preprocessing.size
        raise BadConfig(
            f"got batch_size=1 for a network whose batch normalisation is left with one value of a {height} × {width} "
            "picture; taken are 2 or more there; set batch_size to 2 or more, or height and width to more"
        ) from error


def _blank(
    network: nn.Module, preprocessing: Preprocessing, count: int
) -> Float[Tensor, "count channels height width"]:
    first = next(iter(network.parameters()), torch.zeros(()))
    return torch.zeros(count, preprocessing.channels, *preprocessing.size, device=first.device)


def refuse_changes(settings: TrainingSettings, task: str, channels: int) -> None:
    """Refuse random changes of the training images that do not suit the task or the channels.

    Args:
        settings: Those that `training_changes` takes.
        task: Its name.
        channels: What the network takes.

    Raises:
        BadConfig: If colours are to change where there are none, or images are to be mixed in a way that their labels
            cannot follow.

    Source: ours.

    Example:
        >>> refuse_changes(TrainingSettings(), "classification", 3)
    """
    suits = "detection" if settings.mixing == "mosaic" else "classification"
    if settings.mixing != "none" and task != suits:
        told = "images with boxes" if settings.mixing == "mosaic" else "images of one class each"
        raise BadConfig(f"got mixing={settings.mixing!r} for {task}; taken is it for {told}; leave it out")
    Augmenter(training_changes(settings)).check(channels)
