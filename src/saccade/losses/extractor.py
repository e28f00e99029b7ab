"""A network that looks at pictures for a loss, and does not learn: what style and content are read from.

Source: Gatys et al., arXiv 1508.06576, section 2; Johnson et al., arXiv 1603.08155, section 3.2.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade import catalog
from saccade.errors import BadCheckpoint, BadConfig, printable
from saccade.inspect.reading import Reader
from saccade.layers.backbone import Backbone
from saccade.layers.normalised import Normalised
from saccade.weights.files import load_state, read_tensors


class Extractor:
    """The maps of a network that stays as it is.

    Of a classifier the maps are those of its stages; of any other network those behind each ReLU. Content is read from
    the last but one.

    Args:
        name: An architecture, or a model file of one, such as a run's best.safetensors.
        weights: A .safetensors file with weights for the architecture; "" for a model file, which has its own; for an
            architecture they are then drawn from a fixed seed: it knows nothing, but tells textures apart.

    Raises:
        UnknownName: If there is no such architecture.
        BadConfig: If it is one without maps to read, or there is no file.
        BadCheckpoint: If the file cannot be used.

    Source: as the file; textures by weights that are drawn: He et al., arXiv 1606.04801.

    Example:
        >>> list(Extractor("resnet8")(torch.rand(1, 3, 16, 16)))
        ['stem', 'stage1', 'stage2']
    """

    def __init__(self, name: str, weights: str = "") -> None:
        self.network = _frozen(name, weights)
        bare = self.network.network if isinstance(self.network, Normalised) else self.network
        self.in_channels = int(getattr(bare, "in_channels", 3))
        self._stages = isinstance(bare, Backbone)
        layers = [key for key, part in self.network.named_modules() if isinstance(part, nn.ReLU)]
        if not self._stages and not layers:
            raise BadConfig(
                f"got the extractor {printable(name)!r}, which has neither stages nor ReLUs; taken are networks that "
                "classify, or give features; choose another, such as vgg19_normalised"
            )
        self._reader = None if self._stages else Reader(self.network, layers)
        if self._reader is not None:
            # it learns the order of the layers from the first images, which must not come in inference mode
            height, width = getattr(bare, "smallest_size", (32, 32))
            with torch.inference_mode(False), torch.no_grad():
                self._reader(torch.zeros(1, self.in_channels, height, width))

    def __call__(self, images: Float[Tensor, "batch channels height width"]) -> dict[str, Tensor]:
        """Look at images.

        Args:
            images: In [0, 1]; grey ones become colour ones where the network takes those.

        Returns:
            The maps by name, in the order of the layers.

        Raises:
            BadShape: If the images are smaller than the network takes.

        Source: ours.
        """
        self.network.to(images.device)
        if images.shape[1] == 1 != self.in_channels:
            images = images.expand(-1, self.in_channels, -1, -1)
        if self._reader is not None:
            return self._reader(images)
        return self.network.forward_features(images)  # pyright: ignore[reportCallIssue]

    def content(self, maps: dict[str, Tensor]) -> Tensor:
        """Choose the map that content is read from.

        Args:
            maps: As a call gives them.

        Returns:
            The last but one; of a single map that one.

        Source: ours.
        """
        return list(maps.values())[-2 if len(maps) > 1 else -1]


def _frozen(name: str, weights: str) -> nn.Module:
    """The network in evaluation mode, without gradients for its weights."""
    tensors, description = _read(weights or name) if weights or name.endswith(".safetensors") else ({}, {})
    architecture = str(description.get("architecture", "")) if name.endswith(".safetensors") else name
    if not architecture:
        raise BadConfig(
            f"got the extractor {printable(name)}, whose file names no architecture; taken is a model file that does; "
            "name the architecture, and the file as extractor_weights"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network: nn.Module = catalog.find("architectures", architecture)(**_arguments(architecture, description))
    if tensors:
        load_state(network, tensors, weights or name)
    seen: dict[str, Any] = description.get("preprocessing") or {}
    if seen:
        network = Normalised(network, seen["mean"], seen["std"])
    return network.eval().requires_grad_(False)


def _arguments(architecture: str, description: dict[str, Any]) -> dict[str, Any]:
    if description.get("architecture") == architecture and "arguments" in description:
        return dict(description["arguments"])
    return {"in_channels": 3}


def _read(path: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    if not Path(path).expanduser().is_file():
        raise BadConfig(
            f"got weights of an extractor in {printable(path)}, where no file is; taken is a .safetensors file; check "
            "the path"
        )
    try:
        return read_tensors(Path(path).expanduser())
    except ValueError as error:
        if isinstance(error, BadCheckpoint):
            raise
        raise BadCheckpoint(str(error)) from error
