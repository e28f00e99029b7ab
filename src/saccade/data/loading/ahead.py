"""Batches on their way to a device while the ones before are used there.

    processor   batch 2 pinned ──────────────► batch 3 pinned ─────────► …
    side stream              copy of batch 2 ─────────────►
    main stream  step 1 ─────────────────► step 2 (waits for the copy's event only)

A copy runs beside the arithmetic when it starts from pinned memory and on a stream of its own. Pixels of 8 bits travel
as they are, a quarter of the bytes, and become floats over there: the same bits as here, since the division by 255 is
rounded in the same way.

Source: ours; "CUDA C++ programming guide", asynchronous concurrent execution.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Shaped
from torch import Tensor

from saccade.types.geometry import unchecked

_AHEAD = 2


@dataclass(frozen=True)
class Parcel:
    """What of a batch goes to a device.

    Args:
        pictures: Of 8 bits, to become floats on arrival, or floats.
        targets: What the task's loss compares with.
        rest: Whatever else belongs to the batch and stays here.

    Source: ours.
    """

    pictures: Shaped[Tensor, "batch channels height width"]
    targets: Any
    rest: Any = None


@runtime_checkable
class Lane(Protocol):
    """The way to a device."""

    def send(self, parcel: Parcel) -> Any:
        """Begin to copy a parcel; gives what `receive` takes."""
        ...

    def receive(self, sent: Any) -> Parcel:
        """Give the copied parcel, to be used at once."""
        ...


class CudaLane:
    """The way to a CUDA device: pinned memory, and a stream of its own.

    Args:
        device: Such as "cuda:0".

    Source: ours.
    """

    def __init__(self, device: str) -> None:
        self._device = torch.device(device)
        self._stream = torch.cuda.Stream(self._device)

    def send(self, parcel: Parcel) -> tuple[Parcel, Any]:
        """Begin to copy a parcel."""
        pinned = mapped((parcel.pictures, parcel.targets), lambda tensor: tensor.pin_memory())
        with torch.cuda.stream(self._stream):
            pictures, targets = mapped(pinned, lambda tensor: tensor.to(self._device, non_blocking=True))
            moved = Parcel(floats(pictures), targets, parcel.rest)
            return moved, self._stream.record_event()

    def receive(self, sent: tuple[Parcel, Any]) -> Parcel:
        """Let the arithmetic wait for the copy, and the allocator know who uses it."""
        parcel, event = sent
        current = torch.cuda.current_stream(self._device)
        current.wait_event(event)
        mapped((parcel.pictures, parcel.targets), lambda tensor: _used(tensor, current))
        return parcel


def lane_to(device: str) -> Lane | None:
    """Find the way to a device.

    Args:
        device: As torch names it.

    Returns:
        The way; None where batches are handed over as they are.

    Source: ours.

    Example:
        >>> lane_to("cpu") is None
        True
    """
    return CudaLane(device) if torch.device(device).type == "cuda" and torch.cuda.is_available() else None


def carried_ahead(parcels: Iterable[Parcel], lane: Lane) -> Iterator[Parcel]:
    """Send parcels to a device, each one step before it is wanted.

    Args:
        parcels: In their order; each is taken one step early.
        lane: The way.

    Returns:
        The same parcels, on the device.

    Source: ours.
    """
    under_way: collections.deque[Any] = collections.deque()
    for parcel in parcels:
        under_way.append(lane.send(parcel))
        if len(under_way) == _AHEAD:
            yield lane.receive(under_way.popleft())
    while under_way:
        yield lane.receive(under_way.popleft())


def floats(pictures: Shaped[Tensor, "batch channels height width"]) -> Shaped[Tensor, "batch channels height width"]:
    """Turn levels of 8 bits into floats in [0, 1], where they are; floats stay.

    Args:
        pictures: uint8 or float32.

    Returns:
        float32.

    Source: ours.

    Example:
        >>> floats(torch.full((1, 1, 1, 1), 51, dtype=torch.uint8)).item()
        0.20000000298023224
    """
    return pictures.to(torch.float32).div_(255) if pictures.dtype == torch.uint8 else pictures


def mapped(value: Any, change: Any) -> Any:
    """Change every tensor in a value made of tensors: lists, tuples, mappings, dataclasses such as `Annotations`.

    Args:
        value: The value.
        change: Gives another tensor of the same shape.

    Returns:
        The same structure; what is no tensor is as it was.

    Source: ours.

    Example:
        >>> mapped({"a": [torch.tensor(2), "text"]}, lambda tensor: tensor * 3)
        {'a': [tensor(6), 'text']}
    """
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, dict):
        return {name: mapped(item, change) for name, item in value.items()}
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return type(value)(mapped(item, change) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {one.name: mapped(getattr(value, one.name), change) for one in fields(value)}
        return unchecked(value, changes)
    return value


def _used(tensor: Tensor, stream: torch.cuda.Stream) -> Tensor:
    tensor.record_stream(stream)
    return tensor
