"""The network in whose eyes a picture is made: a model of saccade, one without classes, or any module.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade import catalog
from saccade.api.building import network_kind
from saccade.api.pictures import image_of, name_of
from saccade.api.predictor import Predictor, load
from saccade.api.published import create_with
from saccade.api.run import Run
from saccade.data.preprocess import preprocess, to_images
from saccade.errors import BadConfig
from saccade.training.execution import Execution, choose_device
from saccade.types.preprocessing import Preprocessing
from saccade.types.task import Task

_GREY = {1: (0.449,), 3: (0.485, 0.456, 0.406)}  # the mean colour of ImageNet's photographs
_SIDE = 224


@dataclass(frozen=True, eq=False)
class Eyes:
    """A network that looks at pictures in [0, 1].

    Args:
        network: Itself.
        name: What it is called on what it makes.
        size: (height, width) that it is used to.
        grey: The colour that stands for nothing.
        device: Where it is.
        task: What it answers, where that is known.
        memory_format: How its images lie in memory.

    Source: ours.
    """

    network: nn.Module
    name: str
    size: tuple[int, int]
    grey: Float[Tensor, " channels"]
    device: torch.device
    task: Task | None = None
    memory_format: torch.memory_format = torch.contiguous_format

    def picture(self, thing: Any, side: int = 0, size: tuple[int, int] | None = None) -> Float[Tensor, "1 _ _ _"]:
        """Read a picture as the network takes them, in its own shape.

        Args:
            thing: In any form.
            side: Pixels of its longer side; a larger one is made smaller, a smaller one stays. 0: as it is.
            size: (height, width) instead.

        Returns:
            The picture in [0, 1], on the device of the network.

        Raises:
            BadImage: If it is none, or its channels do not suit the network.

        Source: ours.
        """
        image = image_of(thing, name_of(thing, 0))
        height, width = image.shape[:2]
        share = min(1.0, side / max(height, width)) if side else 1.0
        taken = size or (max(1, round(height * share)), max(1, round(width * share)))
        channels = len(self.grey)
        plain = Preprocessing(taken, channels, (0.0,) * channels, (1.0,) * channels, "stretch")
        return to_images([preprocess(image, plain)]).to(self.device, memory_format=self.memory_format)


Model = str | Path | Run | Predictor | Eyes | nn.Module
"""A network in whose eyes pictures can be made."""


def eyes_of(
    model: Model, *, weights: str | Path | None = None, device: str = "auto", commercial_only: bool | None = None
) -> Eyes:
    """Open the network in whose eyes a picture is made.

    Args:
        model: What `load` takes; the name of a network without classes, such as "vgg19_normalised", with weights; or
            any module, which takes images in [0, 1] where it is. What this gave is given back as it is.
        weights: For a name: a tag or a .safetensors file.
        device: "auto", "cpu", "cuda" or "mps".
        commercial_only: As for `load`.

    Returns:
        The network.

    Raises:
        BadCheckpoint: If there is no model there, or it cannot be trusted.
        BadConfig: If a network without classes comes without weights, or the device is not here.
        UnknownName: If no architecture, or no weights, have that name.
        Denied: If the licence of the weights is refused.
        Unreachable: If the weights cannot be fetched.

    Source: ours.
    """
    if isinstance(model, Eyes):
        return model
    if isinstance(model, nn.Module):
        first = next((part.in_channels for part in model.modules() if isinstance(part, nn.Conv2d)), 3)
        at = next((one.device for one in model.parameters()), torch.device("cpu"))
        return Eyes(model, type(model).__name__, (_SIDE, _SIDE), _grey(first).to(at), at)
    if isinstance(model, str) and model in catalog.offers("architectures") and network_kind(model) == "features":
        if weights is None:
            raise BadConfig(f"got {model} without weights; taken is it with a file of them; name one with --weights")
        place = torch.device(choose_device(device))
        network = create_with(model, weights, commercial_only=commercial_only)
        execution = Execution(place.type, memory_format="channels_last")
        return Eyes(
            execution.placed(network.eval()), model, (_SIDE, _SIDE), _grey(3).to(place), place, None,
            execution.torch_memory_format,
        )  # fmt: skip
    known = load(model, weights=weights, device=device, commercial_only=commercial_only)
    described = known.description
    grey = torch.tensor(described.preprocessing.mean, device=known.device)
    return Eyes(
        known.network, described.architecture or "a module of your own", described.preprocessing.size, grey,
        torch.device(known.device), known.task, known.execution.torch_memory_format,
    )  # fmt: skip


def _grey(channels: int) -> Float[Tensor, " channels"]:
    values = _GREY.get(channels, (0.5,) * channels)
    return torch.tensor(values)
