"""What is known of one picture beyond a class for all of it: the things in it, and maps that cover it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import torch
from jaxtyping import Bool, Int, Shaped
from torch import Tensor

from saccade.errors import BadLabel
from saccade.types.boxes import Boxes
from saccade.types.geometry import check_size, chosen_rows
from saccade.types.keypoints import Keypoints
from saccade.types.masks import Masks
from saccade.types.pixel_map import PixelMap
from saccade.types.polygons import Polygons
from saccade.types.warp import Warp

_PLACES = ("boxes", "polygons", "masks", "keypoints")
_MAPS = ("regions", "depth")


@dataclass(frozen=True, eq=False)
class Annotations:
    """What is known of one picture: its things, in one order throughout, and maps that cover all of it.

    Whatever has a place follows the picture. Where a thing has an outline or a mask, its box is drawn around that when
    the picture is turned or cut, so it stays as tight as it was.

    Args:
        size: (height, width) of the picture in pixels.
        class_ids: One for each thing.
        boxes: One for each thing.
        polygons: The outline of each thing.
        masks: The pixels of each thing.
        keypoints: The points of each thing.
        crowd: Whether each thing is a crowd, which is not to be told apart and never counts as missed.
        attributes: Anything else that is known of each thing, a tensor by name with a row for each.
        phrases: A sentence about each thing.
        regions: The class of each pixel (semantic segmentation).
        depth: How far away each pixel is.
        captions: Sentences about the whole picture.

    Raises:
        BadLabel: If the parts differ in their number of things, or in the size of their picture.

    Source: ours.

    Example:
        >>> boxes = Boxes(torch.tensor([[1.0, 2.0, 4.0, 6.0]]), size=(10, 20))
        >>> pets = Annotations((10, 20), torch.tensor([3]), boxes)
        >>> len(pets), pets.classes, pets.mirror().boxes.coordinates.tolist()
        (1, (3,), [[16.0, 2.0, 19.0, 6.0]])
    """

    size: tuple[int, int]
    class_ids: Int[Tensor, " things"] = field(default_factory=lambda: torch.zeros(0, dtype=torch.int64))
    boxes: Boxes | None = None
    polygons: Polygons | None = None
    masks: Masks | None = None
    keypoints: Keypoints | None = None
    crowd: Bool[Tensor, " things"] | None = None
    attributes: Mapping[str, Shaped[Tensor, "things ..."]] = field(default_factory=dict)
    phrases: tuple[str, ...] = ()
    regions: PixelMap | None = None
    depth: PixelMap | None = None
    captions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_size(self.size)
        counted = {name: len(part) for name, part in self._parts().items()} | {
            name: len(values) for name, values in self.attributes.items()
        }
        counted |= {"crowd": len(self)} if self.crowd is None else {"crowd": len(self.crowd)}
        counted |= {"phrases": len(self.phrases)} if self.phrases else {}
        wrong = {name: count for name, count in counted.items() if count != len(self)}
        if wrong:
            told = ", ".join(f"{count} {name}" for name, count in wrong.items())
            raise BadLabel(f"got {told} for {len(self)} class ids; taken is one of each for a thing; give as many")
        sizes = {name: part.size for name, part in {**self._parts(), **self._maps()}.items() if part.size != self.size}
        if sizes:
            told = ", ".join(f"{name} on {size[0]} × {size[1]}" for name, size in sizes.items())
            raise BadLabel(
                f"got {told} for a picture of {self.size[0]} × {self.size[1]} pixels (height × width); taken is one "
                "size for all; give the labels of this picture"
            )

    def __len__(self) -> int:
        """Count the things."""
        return len(self.class_ids)

    @cached_property
    def classes(self) -> tuple[int, ...]:
        """The different classes in the picture, sorted: of its things, and of its regions."""
        found = set(self.class_ids.tolist())
        return tuple(sorted(found | set(self.regions.classes))) if self.regions else tuple(sorted(found))

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Annotations:
        """Move every tensor to a device."""
        places = {name: part.to(device, non_blocking) for name, part in {**self._parts(), **self._maps()}.items()}
        return replace(
            self,
            class_ids=self.class_ids.to(device, non_blocking=non_blocking),
            crowd=None if self.crowd is None else self.crowd.to(device, non_blocking=non_blocking),
            attributes={name: values.to(device, non_blocking=non_blocking) for name, values in self.attributes.items()},
            **places,
        )

    def select(self, which: Bool[Tensor, " things"] | Int[Tensor, " chosen"]) -> Annotations:
        """Keep some things; maps and captions stay.

        Args:
            which: True for each thing to keep, or their numbers in the new order.

        Returns:
            Those things.

        Source: ours.
        """
        return replace(
            self,
            class_ids=self.class_ids[which],
            crowd=None if self.crowd is None else self.crowd[which],
            attributes={name: values[which] for name, values in self.attributes.items()},
            phrases=tuple(self.phrases[row] for row in chosen_rows(which)) if self.phrases else (),
            **{name: part.select(which) for name, part in self._parts().items()},
        )

    def mirror(self) -> Annotations:
        """Follow the picture when left and right change places."""
        return self._moved(lambda part: part.mirror(), self.size)

    def scale(self, size: tuple[int, int]) -> Annotations:
        """Follow the picture when it is stretched to another size.

        Args:
            size: The new (height, width) in pixels.

        Returns:
            The annotations of the stretched picture.

        Source: ours.
        """
        return self._moved(lambda part: part.scale(size), size)

    def crop(self, top: int, left: int, size: tuple[int, int]) -> Annotations:
        """Follow the picture when a window is cut out of it.

        Args:
            top: First row of the window; negative when rows are added above.
            left: First column of the window; negative when columns are added.
            size: (height, width) of the window.

        Returns:
            As many things as before, in their order; a box that is left outside has area 0 (see `present`).

        Source: ours.
        """
        return self._moved(lambda part: part.crop(top, left, size), size)._tightened()

    def warp(self, warp: Warp) -> Annotations:
        """Follow the picture wherever it goes.

        Args:
            warp: Where its points go.

        Returns:
            As many things as before, in their order; a box that is left outside has area 0 (see `present`).

        Source: ours.
        """
        return self._moved(lambda part: part.warp(warp), warp.size)._tightened()

    def present(self) -> Bool[Tensor, " things"]:
        """Say which things are still in the picture: something of their box, mask, outline or points is left."""
        if self.boxes is not None:
            return self.boxes.area() > 0
        for part in (self.masks, self.polygons):
            if part is not None:
                return part.area() > 0
        if self.keypoints is not None:
            return (self.keypoints.visibility > 0).any(1)
        return torch.ones(len(self), dtype=torch.bool)

    def digest(self) -> str:
        """Hash everything, so that one can tell whether labels have changed."""
        found = hashlib.sha256()
        for one in fields(self):
            _feed(found, getattr(self, one.name))
        return found.hexdigest()

    def _parts(self) -> dict[str, Any]:
        return {name: part for name in _PLACES if (part := getattr(self, name)) is not None}

    def _maps(self) -> dict[str, PixelMap]:
        return {name: part for name in _MAPS if (part := getattr(self, name)) is not None}

    def _moved(self, move: Callable[[Any], Any], size: tuple[int, int]) -> Annotations:
        parts = {name: move(part) for name, part in {**self._parts(), **self._maps()}.items()}
        return replace(self, size=size, **parts)

    def _tightened(self) -> Annotations:
        """Draw each box around what its outline or mask has become."""
        if self.boxes is None or (self.masks is None and self.polygons is None):
            return self
        shape = self.polygons if self.polygons is not None else self.masks
        assert shape is not None
        tight, loose = shape.boxes().coordinates, self.boxes.coordinates
        drawn = (tight[:, 2:] > tight[:, :2]).all(1)
        if self.polygons is not None:  # a thing without an outline, such as a crowd, keeps the box that it had
            drawn |= torch.tensor([bool(thing) for thing in self.polygons.rings], dtype=torch.bool)
        boxes = torch.where(drawn[:, None].to(loose.device), tight.to(loose), loose)
        return replace(self, boxes=Boxes(boxes, self.size))


def _feed(digest: Any, value: Any) -> None:
    """Hash a value and what it is made of, each with what tells it from its neighbours."""
    if isinstance(value, Tensor):
        digest.update(f"{tuple(value.shape)}{value.dtype}".encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    elif isinstance(value, Mapping):
        for name in sorted(value):
            digest.update(name.encode())
            _feed(digest, value[name])
    elif isinstance(value, tuple):
        digest.update(f"({len(value)}".encode())
        for item in value:
            _feed(digest, item)
    elif hasattr(value, "__dataclass_fields__"):
        for one in fields(value):
            _feed(digest, getattr(value, one.name))
    else:
        digest.update(repr(value).encode("utf-8", "surrogateescape"))
