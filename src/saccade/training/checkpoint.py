"""The state of a run as one file: weights, their average, optimisers, scaler, and the place in the data.

What a network remembers only while it trains, such as the pictures that critics have seen, are buffers that are no part
of its state dict: a checkpoint holds them, a model file does not.

Nothing else is needed to go on bit for bit: the order of the images and every augmentation are functions of seed, epoch
and index (data.loading.loader), dropout's random numbers of seed and step (training.loop), the learning rate of the
step.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from saccade.errors import BadCheckpoint, Diverged, printable
from saccade.training.averaging import MovingAverage
from saccade.weights.files import load_state, non_finite, read_tensors, write_tensors

FORMAT = 1


@dataclass
class Place:
    """How far a run is.

    Args:
        epoch: The epoch under way, from 0.
        batch: Batches of it that are done; all of them: the epoch waits for its validation.
        step: Steps of the optimiser in all.
        best_epoch: The best epoch so far, -1 before the first.
        best_score: Its headline figure.
        since_best: Epochs since then.
        loss_sums: Sum over the images of this epoch of each loss term.
        images: Images of this epoch so far.
        seconds: Of this epoch so far.
        waited: Of those, spent waiting for data.
        events: Length of the event stream in bytes.

    Source: ours.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    best_epoch: int = -1
    best_score: float = 0.0
    since_best: int = 0
    loss_sums: dict[str, float] = field(default_factory=dict)
    images: int = 0
    seconds: float = 0.0
    waited: float = 0.0
    events: int = 0


@dataclass(frozen=True)
class Moving:
    """Everything that moves while a run trains.

    Args:
        network: The network.
        optimizers: By group of parameters.
        average: The moving average of the weights.
        scaler: Of the gradient, for float16.
        place: How far the run is.

    Source: ours.
    """

    network: nn.Module
    optimizers: dict[str, Optimizer]
    average: MovingAverage
    scaler: torch.amp.GradScaler
    place: Place


def save_checkpoint(path: Path, moving: Moving) -> None:
    """Write the state of a run, whole or not at all.

    Args:
        path: The file.
        moving: The state.

    Raises:
        Diverged: If a weight is not finite; the file that is there stays.
        StorageFull: If the disk is full; the file that is there stays.

    Source: ours.
    """
    tensors = {f"network.{name}": value for name, value in moving.network.state_dict().items()}
    bad = non_finite(tensors)
    if bad:
        raise Diverged(
            f"got weights that are not finite in {', '.join(bad[:3])} after step {moving.place.step}; taken are finite "
            "ones; lower the learning rate (the last saved state stays as it was)"
        )
    tensors |= {f"average.{name}": value for name, value in moving.average.weights.items()}
    tensors |= {f"memory.{name}": value for name, value in _memory(moving.network).items() if value.numel()}
    described = {}
    for group, optimizer in moving.optimizers.items():
        state = optimizer.state_dict()
        described[group] = {"groups": state["param_groups"], "values": {}}
        for index, values in state["state"].items():
            for name, value in values.items():
                if isinstance(value, Tensor):
                    tensors[f"optimizer.{group}.{index}.{name}"] = value
                else:
                    described[group]["values"][f"{index}.{name}"] = value
    description = {
        "kind": "checkpoint",
        "format": FORMAT,
        "place": asdict(moving.place),
        "optimizers": described,
        "scaler": moving.scaler.state_dict(),
    }
    write_tensors(path, tensors, description)


def read_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read a checkpoint and check that it is one.

    Args:
        path: A file that `save_checkpoint` wrote.

    Returns:
        Its tensors and its description.

    Raises:
        BadCheckpoint: If it is broken, no checkpoint, or of a format that this version does not know.

    Source: ours.
    """
    tensors, description = read_tensors(path)
    if description.get("kind") != "checkpoint" or description.get("format") != FORMAT:
        raise BadCheckpoint(
            f"got {path}, a file of kind {description.get('kind')!r} and format {description.get('format')!r}; "
            f"taken is a checkpoint of format {FORMAT}; use the last.safetensors of a run"
        )
    return tensors, description


def restore_checkpoint(path: Path, moving: Moving) -> None:
    """Put a saved state back, exactly.

    Args:
        path: A file that `save_checkpoint` wrote.
        moving: A state made for the same network and settings; it is changed.

    Raises:
        BadCheckpoint: If the file is broken or for another network.

    Source: ours.
    """
    tensors, description = read_checkpoint(path)
    load_state(moving.network, _part(tensors, "network."), str(path))
    try:
        _restore_average(moving.average, _part(tensors, "average."))
        _restore_memory(moving.network, _part(tensors, "memory."))
        for group, optimizer in moving.optimizers.items():
            _restore_optimizer(optimizer, group, tensors, description["optimizers"][group])
        moving.scaler.load_state_dict(description["scaler"])
        place = Place(**description["place"])
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, RuntimeError) as error:
        raise BadCheckpoint(
            f"got {printable(str(path))}, a state of other settings ({printable(str(error) or type(error).__name__)}); "
            "taken is the state of this very run; restore its own last.safetensors"
        ) from error
    vars(moving.place).update(vars(place))


def _restore_average(average: MovingAverage, saved: Mapping[str, Tensor]) -> None:
    if saved.keys() != average.weights.keys():
        raise ValueError(f"{len(saved)} averaged weights, wanted {len(average.weights)}")
    for name, value in average.weights.items():  # into the tensors that are there: they lie on the run's device
        value.copy_(saved[name])


def _memory(network: nn.Module) -> dict[str, Tensor]:
    """The buffers that are no part of the state dict."""
    kept = network.state_dict().keys()
    return {name: value for name, value in network.named_buffers() if name not in kept}


def _restore_memory(network: nn.Module, saved: Mapping[str, Tensor]) -> None:
    """Put them back, of whatever size they were; checkpoints of earlier versions have none."""
    own = _memory(network)
    for name, value in saved.items():
        module, _, leaf = name.rpartition(".")
        setattr(network.get_submodule(module), leaf, value.to(own[name].device, own[name].dtype, copy=True))


def _restore_optimizer(optimizer: Optimizer, group: str, tensors: Mapping[str, Tensor], saved: dict[str, Any]) -> None:
    for one, other in zip(optimizer.param_groups, saved["groups"], strict=True):
        other.setdefault("share", 1.0)  # checkpoints of version 0.1.0 have none
        if one.keys() != other.keys():
            raise ValueError(f"an optimiser with {', '.join(other)}, wanted {', '.join(one)}")
    parameters = [parameter for one in optimizer.param_groups for parameter in one["params"]]
    state: dict[int, dict[str, Any]] = {}
    for name, value in _part(tensors, f"optimizer.{group}.").items():
        index, key = name.split(".", 1)
        like = parameters[int(index)]
        # the fused step wants moments that lie in memory as their weights do
        placed = torch.empty_like(like, dtype=value.dtype).copy_(value) if value.shape == like.shape else value.clone()
        state.setdefault(int(index), {})[key] = placed
    for name, value in saved["values"].items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({"state": state, "param_groups": saved["groups"]})


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
