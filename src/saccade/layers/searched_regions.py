"""Regions that nothing learns: selective search as the first layer of a detector.

The search takes seconds where the network takes milliseconds, so what it finds is kept: an image that comes again costs
a checksum.

Source: Girshick et al., "Rich feature hierarchies", arXiv 1311.2524, section 2.1; Girshick, "Fast R-CNN", arXiv
1504.08083, for the search in front of one network.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from threading import Lock
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor, nn

from saccade.errors import BadShape
from saccade.ops.selective_search import Mode, check_search, selective_search

KEPT = 4096  # images, of at most 32 kB each at 2,000 boxes


class SearchedRegions(nn.Module):
    """Proposes boxes in each image by selective search, and keeps those of the last 4,096 images in memory.

    Images are taken as a network takes them, normalised or not: each is stretched to 0..255 by its own least and
    largest number. One that is not finite gets one box, the whole. What is kept is no part of the state dict, copies
    in the process share it, and it is left behind when the layer is pickled.

    On the meta device there are as many boxes as there may be, and no search.

    Args:
        most: Boxes of an image, at most.
        mode: "single", which takes less than a second for 500 pixels, or "fast", which takes some, and finds more.
        smallest: A box with a side below this many pixels is left out.

    Raises:
        BadConfig: If a number is out of range.
        UnknownName: If the mode is unknown.

    Source: Uijlings et al., IJCV 104:154-171, 2013.

    Example:
        >>> images = torch.zeros(1, 3, 60, 80)
        >>> images[:, :, 20:50, 10:40] = 1
        >>> (boxes,) = SearchedRegions()(images)
        >>> [10, 20, 40, 50] in boxes.tolist()
        True
    """

    def __init__(self, *, most: int = 2000, mode: Mode = "single", smallest: float = 8.0) -> None:
        super().__init__()
        check_search(most=most, mode=mode, smallest=smallest)
        self.most, self.smallest = most, smallest
        self.mode: Mode = mode
        self._store = _Store()

    @torch.no_grad()
    def forward(self, images: Float[Tensor, "batch channels height width"]) -> list[Float[Tensor, "_ 4"]]:
        """Give the boxes of each image, rows (x1, y1, x2, y2) in pixels, the best first, float32 on its device."""
        if images.ndim != 4 or not images.is_floating_point():
            raise BadShape(
                f"got images of shape {tuple(images.shape)} and {images.dtype}; SearchedRegions takes floats of shape "
                "(batch, channels, height, width); add images[None] to a single one"
            )
        if images.is_meta:
            return [images.new_empty((self.most, 4), dtype=torch.float32) for _ in images]
        return [torch.from_numpy(self._boxes(image)).to(images.device) for image in images.detach().float().cpu()]

    def extra_repr(self) -> str:
        """Say what is in the brackets when the layer is printed."""
        return f"most={self.most}, mode={self.mode!r}, smallest={self.smallest:g}"

    def _boxes(self, image: Tensor) -> NDArray[np.float32]:
        plain = _stretched(image)
        if plain is None:
            return np.array([[0, 0, image.shape[2], image.shape[1]]], np.float32)
        settings = f"{plain.shape} {self.most} {self.mode} {self.smallest}".encode()
        key = hashlib.blake2b(plain.tobytes() + settings, digest_size=16).digest()
        found = self._store.get(key)
        if found is None:
            found = selective_search(plain, most=self.most, mode=self.mode, smallest=self.smallest)
            self._store.put(key, found)
        return found.copy()


class _Store:
    """Boxes by the checksum of what they were searched in; the ones that were not asked for longest go first."""

    def __init__(self) -> None:
        self.lock, self.rows = Lock(), OrderedDict[bytes, NDArray[np.float32]]()

    def __deepcopy__(self, memo: dict[int, Any]) -> _Store:
        return self

    def __reduce__(self) -> tuple[type[_Store], tuple[()]]:
        return _Store, ()

    def get(self, key: bytes) -> NDArray[np.float32] | None:
        with self.lock:
            found = self.rows.get(key)
            if found is not None:
                self.rows.move_to_end(key)
            return found

    def put(self, key: bytes, boxes: NDArray[np.float32]) -> None:
        with self.lock:
            self.rows[key] = boxes
            while len(self.rows) > KEPT:
                self.rows.popitem(last=False)


def _stretched(image: Tensor) -> NDArray[np.uint8] | None:
    """An image as bytes, its channels last; nothing where a number is not finite."""
    least, largest = image.aminmax() if image.numel() else (torch.zeros(()), torch.zeros(()))
    if not bool(torch.isfinite(largest - least)):
        return None
    wide = (image - least) * (255 / (largest - least).clamp(min=1e-12))
    return np.ascontiguousarray(wide.round().to(torch.uint8).permute(1, 2, 0).numpy())
