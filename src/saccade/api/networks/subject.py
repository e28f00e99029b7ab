"""What a question is asked about: a network, from any of the words by which a user may call it.

Source: ours.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from saccade import catalog
from saccade.api.kinds import arguments_of
from saccade.api.networks.importing import imported
from saccade.api.predictor import Predictor, load
from saccade.api.run import Run
from saccade.errors import BadConfig, BadShape, UnknownName

Model = nn.Module | Predictor | Run | Path | str
"""What `subject_of` takes."""


@dataclass(frozen=True)
class Subject:
    """A network and what is known of the images that it takes.

    Args:
        module: The bare network.
        name: What the user called it; for a run or a model file, its architecture.
        size: (height, width) that was asked for, or for which it was made; None when nobody said.
        in_channels: Channels of its images.

    Source: ours.
    """

    module: nn.Module
    name: str
    size: tuple[int, int] | None
    in_channels: int


def subject_of(
    model: Model,
    *,
    size: tuple[int, int] | None = None,
    num_classes: int | None = None,
    in_channels: int | None = None,
    weights: bool = False,
) -> Subject:
    """Find or make the network that is meant.

    Args:
        model: A module as it is; a name in the catalogue; a line for the builder, such as "conv 32 3, gap, dense 10";
            "package.module:name", imported from the current folder too; a run, its folder, or a model file; a
            predictor. What is both a name and a folder is the name; write ./resnet18 for the folder.
        size: (height, width) of the images; None: as in its card or file. A line that flattens maps needs it.
        num_classes: Of a name or a line; None: as in its card, or as the line says.
        in_channels: Channels of the images; None: as in its card or file, as its first convolution says, or 3.
        weights: Whether a name or a line gets real weights, drawn from a fixed seed. Otherwise they have a shape but no
            content (PyTorch's meta device), which is quick and takes no memory.

    Returns:
        The network, its name, and the size and channels of its images.

    Raises:
        UnknownName: If the name is in no catalogue; the nearest are offered.
        BadConfig: If it is nothing of all that, cannot be imported or made, or an argument does not go with it.
        BadShape: If the size is none.
        BadCheckpoint: If the file or the folder is no model that can be trusted.

    Source: ours.

    Example:
        >>> subject_of("lenet5").size, subject_of("lenet5").in_channels
        ((32, 32), 1)
    """
    _refuse_numbers(size, num_classes, in_channels)
    fresh = isinstance(model, str) and _kind(model) in ("name", "line")
    if num_classes is not None and not fresh:
        raise BadConfig(
            f"got num_classes={num_classes} for a network that is there already; taken is it with a name in the "
            "catalogue or a line of layers; leave it out"
        )
    if isinstance(model, nn.Module):
        return Subject(model, type(model).__name__, size, in_channels or _channels(model))
    if isinstance(model, str) and fresh:
        wanted = {key: value for key, value in (("num_classes", num_classes), ("in_channels", in_channels)) if value}
        return (_named if _kind(model) == "name" else _built)(model, size, wanted, weights)
    if isinstance(model, str) and _kind(model) == "import":
        module = imported(model)
        return Subject(module, model, size, in_channels or _channels(module))
    if isinstance(model, str | os.PathLike | Run | Predictor):
        return _loaded(model, size, in_channels)
    raise _refused(model)


def _refused(model: object) -> BadConfig:
    given, cure = f"a model of type {type(model).__name__}", "give one of them"
    if isinstance(model, type):
        given, cure = f"the class {model.__name__}", f"make one with {model.__name__}(...)"
    return BadConfig(
        f"got {given}; taken are a module, a name, a line of layers, package.module:name, a run, a model file or a "
        f"predictor; {cure}"
    )


def _kind(word: str) -> str:
    """Tell what a word is: "name", "file", "line" or "import"."""
    if word in catalog.offers("architectures"):
        return "name"
    if _is_there(word) or word.endswith(".safetensors") or (os.sep in word and ":" not in word):
        return "file"
    if any(sign in word for sign in " ,"):
        return "line"
    if ":" in word:
        return "import"
    raise UnknownName("model", word, catalog.offers("architectures"))


def _is_there(word: str) -> bool:
    """Whether there is a file or folder of that name; a long line of layers is no name of a file."""
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        return bool(word) and Path(word).expanduser().exists()
    return False


def _named(name: str, size: tuple[int, int] | None, wanted: dict[str, int], weights: bool) -> Subject:
    card = catalog.cards("architectures")[name]
    arguments = arguments_of(name, num_classes=wanted.get("num_classes"), in_channels=wanted.get("in_channels"))
    module = _made(name, arguments, weights)
    return Subject(module, name, size or card.get("native_size"), arguments["in_channels"])


def _built(line: str, size: tuple[int, int] | None, wanted: dict[str, int], weights: bool) -> Subject:
    module = _made("dcnn", {"line": line, "size": size, **wanted}, weights)
    return Subject(module, line, size, wanted.get("in_channels", 3))


def _made(name: str, arguments: dict[str, Any], weights: bool) -> nn.Module:
    """Call an architecture, with weights from a fixed seed, or without content."""
    make = catalog.find("architectures", name)
    if not weights:
        with torch.device("meta"):
            return make(**arguments)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return make(**arguments)


def _loaded(model: Any, size: tuple[int, int] | None, in_channels: int | None) -> Subject:
    predictor = load(model, device="cpu")
    description, network = predictor.description, predictor.network
    channels = description.preprocessing.channels
    if in_channels not in (None, channels):
        raise BadConfig(
            f"got in_channels={in_channels} for a model that was trained on {channels}; taken is that number; "
            "leave it out"
        )
    module = network.network
    name = description.architecture or type(module).__name__
    return Subject(module, name, size or description.preprocessing.size, channels)


def _channels(module: nn.Module) -> int:
    """The channels that the first part which states any takes; 3 if none does."""
    stated = (getattr(part, "in_channels", None) for part in module.modules())
    return next((channels for channels in stated if isinstance(channels, int)), 3)


def _refuse_numbers(size: tuple[int, int] | None, num_classes: int | None, in_channels: int | None) -> None:
    if size is not None and not (
        isinstance(size, tuple | list) and len(size) == 2 and all(isinstance(side, int) and side > 0 for side in size)
    ):
        raise BadShape(f"got size={size}; taken is (height, width) in pixels, both ≥ 1; change the size")
    if any(number is not None and number < 1 for number in (num_classes, in_channels)):
        raise BadConfig(
            f"got num_classes={num_classes}, in_channels={in_channels}; taken are numbers above zero; change them"
        )
