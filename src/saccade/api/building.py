"""From a model's name and a data set to a network that fits it.

Source: ours.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Shaped
from torch import nn

from saccade import catalog
from saccade.data.preprocess import preprocess, to_images
from saccade.errors import BadConfig, BadData, BadImage, BadShape, MissingExtra
from saccade.layers.backbone import Backbone
from saccade.layers.detector import Detector
from saccade.layers.normalised import Normalised
from saccade.layers.picture_network import TASKS as PICTURE_TASKS
from saccade.layers.picture_network import PictureNetwork
from saccade.training.settings import TrainingSettings
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Source

_PROBED, _READERS = 256, 4
_PROBED_SIDE = 256
_LARGEST_DEFAULT, _SMALLEST_DEFAULT = 128, 24
_LARGEST_FOR_BOXES, _STRIDE, _ALIKE = 416, 32, 1.25


@dataclass(frozen=True)
class Plan:
    """A network to be made: everything but its weights.

    Args:
        architecture: A name in the catalogue, or "" for a module of the user's own.
        arguments: With which it is called.
        preprocessing: How a picture becomes what it takes.

    Source: ours.
    """

    architecture: str
    arguments: dict[str, Any]
    preprocessing: Preprocessing

    def make(self, seed: int, module: nn.Module | None = None) -> Normalised:
        """Make the network, with weights drawn from a seed.

        Args:
            seed: Of the weights.
            module: The user's own module, used as it is instead.

        Returns:
            The network, taking images in [0, 1].

        Source: ours.
        """
        if module is None:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                module = catalog.find("architectures", self.architecture)(**self.arguments)
        assert module is not None
        return Normalised(module, self.preprocessing.mean, self.preprocessing.std)


def plan(
    model: str | nn.Module,
    source: Source,
    *,
    classes: int,
    settings: TrainingSettings,
    published: Preprocessing | None = None,
) -> Plan:
    """Fit a model to the pictures: its size, its channels, its normalisation.

    Args:
        model: A name in the catalogue, a line for the builder such as "conv 32 3, pool 2, gap", or a module.
        source: The training pictures; up to 256 of them are looked at.
        classes: How many classes the network tells apart.
        settings: `height`, `width`, `fit` and `backbone`.
        published: What pictures the weights have seen that the network begins with. Its size, unless the settings have
            one, its mean, its deviation and its resampling are taken instead of those of the pictures.

    Returns:
        The plan.

    Raises:
        UnknownName: If no architecture has that name.
        BadConfig: If the model is neither a name, nor a line, nor a module; or takes no backbone, and one is named.
        BadData: If none of the pictures looked at can be read.

    Source: ours.
    """
    refuse_unknown(model)
    probes = _probe(source)
    if not probes:
        raise BadData(
            "got no readable picture among those looked at; taken are sets with pictures; see `saccade data info`"
        )
    channels = _common_channels(probes)
    if isinstance(model, nn.Module):
        name, arguments, channels = "", {}, _channels_of(model, channels)
    else:
        name, arguments = _called(model, classes, channels, settings.backbone)
    # a line of the user's own has no size that it was made for, whatever the card of the builder says
    card = {} if arguments.get("line") else catalog.cards("architectures").get(name, {})
    size = _size(settings, probes, card, published)
    if name and "size" in inspect.signature(catalog.find("architectures", name)).parameters:
        arguments["size"] = list(size)
    if card.get("task") in PICTURE_TASKS or isinstance(model, PictureNetwork):
        return Plan(name, arguments, as_they_are(size, channels, settings.fit))
    if published is not None:
        mean, std = (_for_channels(values, channels) for values in (published.mean, published.std))
        seen = Preprocessing(size, channels, mean, std, settings.fit, resampling=published.resampling)
        return Plan(name, arguments, seen)
    blank = as_they_are(size, channels, settings.fit)
    images = to_images(_prepared(probes, blank))
    means, deviations = images.mean((0, 2, 3)).tolist(), images.std((0, 2, 3)).clamp(min=1e-3).tolist()
    rounded = tuple(round(mean, 4) for mean in means), tuple(round(deviation, 4) for deviation in deviations)
    return Plan(name, arguments, Preprocessing(size, channels, rounded[0], rounded[1], settings.fit))


def as_they_are(size: tuple[int, int], channels: int, fit: str) -> Preprocessing:
    """Make a preprocessing that leaves the levels of a picture in [0, 1].

    Args:
        size: (height, width) in pixels.
        channels: That the network takes.
        fit: How a picture comes to that size.

    Returns:
        One whose mean is 0 and whose deviation is 1.

    Source: ours.

    Example:
        >>> as_they_are((8, 8), 1, "crop").std
        (1.0,)
    """
    return Preprocessing(size, channels, (0.0,) * channels, (1.0,) * channels, fit)


def refuse_unknown(model: Any) -> None:
    """Refuse what is no model, before anything else is done.

    Args:
        model: What the user gave; None: it will be chosen.

    Raises:
        UnknownName: If no architecture has that name.
        BadConfig: If it is neither a name, nor a line, nor a module.

    Source: ours.
    """
    if model is None or isinstance(model, nn.Module):
        return
    if not isinstance(model, str):
        told = model.__name__ if isinstance(model, type) else type(model).__name__
        cure = f"make one with {told}(...)" if isinstance(model, type) else "see saccade.models()"
        raise BadConfig(f"got a model of type {told}; taken are a name, a line of layers, or a module; {cure}")
    if not is_line(model):
        catalog.find("architectures", model)


def network_kind(name: str) -> str:
    """Say what an architecture is made for.

    Args:
        name: In the catalogue.

    Returns:
        "classification", "detection", or, of networks that make pictures, "translation" or "style".

    Source: ours.

    Example:
        >>> network_kind("resnet18"), network_kind("yolo_nano")
        ('classification', 'detection')
    """
    return str(catalog.cards("architectures").get(name, {}).get("task", "classification"))


def refuse_small(network: Normalised, size: tuple[int, int]) -> None:
    """Refuse pictures of a size of which a network would leave nothing.

    Args:
        network: With its normalisation.
        size: (height, width) that it will get.

    Raises:
        BadShape: If a side is smaller than the smallest that the network takes, where it says that.

    Source: ours.
    """
    bare = network.network
    if isinstance(bare, Backbone | Detector | PictureNetwork) and any(map(operator.lt, size, bare.smallest_size)):
        least = f"{bare.smallest_size[0]} × {bare.smallest_size[1]}"
        raise BadShape(
            f"got pictures of {size[0]} × {size[1]} pixels; {bare.name} takes {least} or more; set height and width to "
            "that, or choose another network"
        )


@dataclass(frozen=True)
class _Probe:
    """A picture that was looked at: its true (height, width), and it itself, made smaller if it was large."""

    size: tuple[int, int]
    image: Shaped[np.ndarray, "height width channels"]


def _probe(source: Source) -> list[_Probe]:
    """Read up to 256 pictures, spread over the source; large ones are not kept large."""
    rows = np.linspace(0, len(source) - 1, min(_PROBED, len(source))).round().astype(int).tolist()

    def read(row: int) -> _Probe | None:
        try:
            image = source.read(row).image
        except (BadImage, MissingExtra):
            return None
        return _Probe((image.shape[0], image.shape[1]), _smaller(image))

    with ThreadPoolExecutor(_READERS) as pool:
        return [probe for probe in pool.map(read, rows) if probe is not None]


def _prepared(probes: Sequence[_Probe], preprocessing: Preprocessing) -> list[Shaped[np.ndarray, "_ _ _"]]:
    """Bring what was looked at to what the network gets; a picture of other channels is set aside in training too."""
    images, reason = [], ""
    for probe in probes:
        try:
            images.append(preprocess(probe.image, preprocessing))
        except BadImage as error:
            reason = error.reason
    if not images:
        raise BadData(reason)
    return images


def _smaller(image: Shaped[np.ndarray, "height width channels"]) -> Shaped[np.ndarray, "new_height new_width channels"]:
    height, width, channels = image.shape
    scale = _PROBED_SIDE / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(height * scale)), max(1, round(width * scale))
    return preprocess(image, Preprocessing(size, channels, (0.0,) * channels, (1.0,) * channels, "stretch"))


def is_line(model: str) -> bool:
    """Tell a line for the builder, which has blanks or commas, from a name.

    Args:
        model: What the user gave.

    Returns:
        Whether it is a line.

    Source: ours.

    Example:
        >>> is_line("conv 32 3, gap"), is_line("resnet18")
        (True, False)
    """
    return any(char in model for char in " ,")


def _called(model: str, classes: int, channels: int, backbone: str) -> tuple[str, dict[str, Any]]:
    """Name the architecture and its arguments."""
    arguments: dict[str, Any] = {"num_classes": classes, "in_channels": channels}
    if backbone:
        name = "dcnn" if is_line(model) else model
        if "backbone" not in inspect.signature(catalog.find("architectures", name)).parameters:
            raise BadConfig(
                f"got backbone={backbone!r} for {model!r}, which stands on no other network; taken is it for "
                "detectors; leave it out, or name a detector such as yolo_nano"
            )
        arguments["backbone"] = backbone
    if network_kind(model) in PICTURE_TASKS:
        del arguments["num_classes"]
    return ("dcnn", {"line": model, **arguments}) if is_line(model) else (model, arguments)


def _common_channels(probes: Sequence[_Probe]) -> int:
    """1 when every picture is grey, 3 as soon as one has colours; other numbers only when all agree on them."""
    counts = {probe.image.shape[2] for probe in probes}
    if counts <= {1, 2}:
        return 1
    if len(counts) == 1 and (only := counts.pop()) != 4:
        return only
    return 3


def _channels_of(module: nn.Module, found: int) -> int:
    """Grey pictures become colour ones, or the reverse, where the user's first convolution takes those."""
    first = next((part.in_channels for part in module.modules() if isinstance(part, nn.Conv2d)), found)
    return first if {first, found} <= {1, 3} else found


def _for_channels(values: tuple[float, ...], channels: int) -> tuple[float, ...]:
    """Fit a mean or a deviation for each channel to other channels, as `saccade.weights.adapting.spread` does."""
    if channels == 1:
        return (round(sum(values) / len(values), 4),)
    return tuple(values[channel % len(values)] for channel in range(channels))


def _size(
    settings: TrainingSettings, probes: Sequence[_Probe], card: Mapping[str, Any], published: Preprocessing | None
) -> tuple[int, int]:
    if settings.height or settings.width:
        height = settings.height or settings.width
        return height, settings.width or height
    if published is not None:
        return published.size
    if card.get("task") == "detection":
        return _size_for_boxes(probes, card)
    native, smallest = (int(np.max(card.get(key, 0))) for key in ("native_size", "smallest_size"))
    sides = [side for probe in probes for side in probe.size]
    highest = max(smallest, min(native or _LARGEST_DEFAULT, _LARGEST_DEFAULT))
    side = int(np.clip(np.median(sides), max(smallest, _SMALLEST_DEFAULT), highest))
    return side, side


def _size_for_boxes(probes: Sequence[_Probe], card: Mapping[str, Any]) -> tuple[int, int]:
    """Large enough for small things, of the shape of the pictures where they are alike; whole cells of every map."""
    sizes = np.array([probe.size for probe in probes], float)
    slant = sizes[:, 0] / sizes[:, 1]
    low, high = np.quantile(slant, [0.05, 0.95])
    shape = np.array([np.median(slant), 1.0]) if high < _ALIKE * low else np.ones(2)
    longest = min(float(np.median(sizes.max(1))), _LARGEST_FOR_BOXES, max(card["native_size"]))
    wanted = (shape / shape.max() * longest).clip(min=card["smallest_size"])
    height, width = (np.ceil(wanted / _STRIDE - 1e-9) * _STRIDE).astype(int).tolist()
    return height, width
