"""Pictures in memory: arrays with their labels, as a source and as a data set."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Int64, Shaped

from saccade.data.labelling import encode_labels
from saccade.data.splitting import SPLITS, Splitting, complete
from saccade.errors import BadData, offer
from saccade.types.sample import DataSet, Sample

Stack = Shaped[np.ndarray, "stored height width channels"]


@dataclass(frozen=True, eq=False)
class Arrays:
    """Pictures in memory.

    Args:
        images: All of them as one array, or one array (height, width, channels) for each.
        targets: What is known of each.
        name: What to call the array; the key of its picture 12 is "name[12]".
        rows: Which of them belong to this source, in its order.

    Source: ours.

    Example:
        >>> Arrays(np.zeros((2, 4, 4, 1), np.uint8), (0, 1), "x", np.array([1])).read(0).key
        'x[1]'
    """

    images: Stack | tuple[Shaped[np.ndarray, "_ _ _"], ...]
    targets: tuple[Any, ...]
    name: str
    rows: Int64[np.ndarray, " rows"]

    def __len__(self) -> int:
        """Count the samples."""
        return len(self.rows)

    def read(self, index: int) -> Sample:
        """Give one sample; its image shares memory with the array."""
        row = int(self.rows[index])
        return Sample(self.images[row], self.targets[row], f"{self.name}[{row}]")

    def key(self, index: int) -> str:
        """Name one sample."""
        return f"{self.name}[{self.rows.item(index)}]"

    def target(self, index: int) -> Any:
        """Give one sample's target."""
        return self.targets[self.rows.item(index)]

    def pick(self, rows: Sequence[int]) -> Arrays:
        """Keep some samples, in the order given; the array is shared, not copied."""
        return replace(self, rows=self.rows[np.asarray(rows, dtype=np.int64)])

    def fingerprint(self) -> str:
        """Hash the pixels and the targets of these samples."""
        digest = hashlib.sha256()
        for start in range(0, len(self.rows), 1024):
            for part in self._block(self.rows[start : start + 1024]):
                digest.update(f"{part.shape}{part.dtype.str}".encode())
                digest.update(np.ascontiguousarray(part).data)
        digest.update(repr([self.targets[row] for row in self.rows]).encode())
        return digest.hexdigest()

    def _block(self, rows: np.ndarray) -> list[np.ndarray]:
        if isinstance(self.images, np.ndarray):
            return [self.images[rows]]
        return [self.images[row] for row in rows]


def open_arrays(data: Any, splitting: Splitting, name: str = "arrays", classes: Sequence[str] = ()) -> DataSet:
    """Make a data set of arrays.

    Args:
        data: (images, labels), or a mapping from "train", "val", "test" to such pairs. Images are an array of shape
            (images, height, width) or (images, height, width, channels), a tensor (images, channels, height, width),
            or a list of arrays (height, width, channels) of any size; uint8, uint16, or float in [0, 1].
        splitting: How to cut it where splits are missing.
        name: What to call it.
        classes: The names of the classes, in the order of their ids, if they are known.

    Returns:
        The data set.

    Raises:
        BadData: If shapes, types or ranges are not as said above, or numbers of images and labels differ.
        BadLabel: If a label means nothing.

    Source: ours.

    Example:
        >>> images, labels = np.zeros((20, 8, 8), np.uint8), [0, 1] * 10
        >>> open_arrays((images, labels), Splitting()).counts()
        {'train': 16, 'val': 2, 'test': 2}
    """
    pairs = dict(data) if isinstance(data, Mapping) else {"train": data}
    for split, pair in pairs.items():
        if split not in SPLITS:
            raise BadData(f"got split {split!r}; {offer(str(split), SPLITS)}")
        if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
            raise BadData(
                f"got {type(pair).__name__} for {split}; taken is a pair (images, labels); write ({split}_x, {split}_y)"
            )
    images = {split: as_images(pair[0], split) for split, pair in pairs.items()}
    for split, (_, labels) in pairs.items():
        if len(images[split]) != len(labels):
            raise BadData(
                f"got {len(images[split])} images and {len(labels)} labels for {split}; taken is one label for each "
                "image; check that they belong together"
            )
    coded = encode_labels({split: pair[1] for split, pair in pairs.items()}, classes)
    single = set(pairs) == {"train"}
    sources = {
        split: Arrays(stack, coded.targets[split], name if single else split, np.arange(len(stack)))
        for split, stack in images.items()
    }
    return DataSet(name, coded.labels, complete(sources, splitting), coded.task)


def as_images(images: Any, what: str) -> Stack | tuple[Shaped[np.ndarray, "_ _ _"], ...]:
    """Bring a stack of pictures to the form that a source holds.

    Args:
        images: See `open_arrays`.
        what: What to call it in a message.

    Returns:
        One array (images, height, width, channels) of uint8, uint16 or float32 in [0, 1]; or a tuple of such pictures
        where the sizes differ.

    Raises:
        BadData: If it is none of the forms taken.

    Source: ours.

    Example:
        >>> as_images(np.zeros((5, 8, 6), np.uint8), "train").shape
        (5, 8, 6, 1)
    """
    if hasattr(images, "detach"):
        images = images.detach().cpu().numpy()
        images = np.moveaxis(images, 1, -1) if images.ndim == 4 else images
    if not isinstance(images, np.ndarray):
        pictures = [as_images(np.asarray(picture)[None], f"{what}[{row}]")[0] for row, picture in enumerate(images)]
        if len({(picture.shape, picture.dtype) for picture in pictures}) != 1:
            return tuple(pictures)
        images = np.stack(pictures)
    _refuse_shapes(images.shape, what)
    return _as_pixels(images if images.ndim == 4 else images[..., None], what)


def _refuse_shapes(shape: tuple[int, ...], what: str) -> None:
    got, taken = f"got images of shape {shape} for {what}", "taken are (images, height, width[, channels])"
    if len(shape) == 2:
        raise BadData(f"{got}; {taken}; give flat rows their height and width with reshape")
    if len(shape) not in (3, 4) or 0 in shape:
        raise BadData(f"{got}; {taken}; check the array")
    if len(shape) == 4 and shape[1] in (1, 3, 4) and shape[3] not in (1, 2, 3, 4):
        raise BadData(f"{got}, channels first; {taken}; write images.transpose(0, 2, 3, 1)")


def _as_pixels(images: Stack, what: str) -> Stack:
    """Pixels as uint8, uint16 or float32, without a change of what they mean."""
    kind = images.dtype.kind
    if kind == "b":
        return images.astype(np.uint8) * np.uint8(255)
    if kind not in "uif":
        raise BadData(f"got images of type {images.dtype} for {what}; taken are whole numbers or floats; convert them")
    if images.dtype in (np.uint8, np.uint16):
        return images
    low, high = images.min(), images.max()
    if kind in "ui" and low >= 0 and high <= 65535:
        return images.astype(np.uint8 if high <= 255 else np.uint16)
    if kind == "f" and low >= 0 and high <= 1:
        return images.astype(np.float32, copy=False)
    span = "NaN" if np.isnan(low) else f"values from {low:g} to {high:g}"
    raise BadData(
        f"got {images.dtype} images with {span} for {what}; taken are uint8 in [0, 255], uint16 in [0, 65535] or "
        "floats in [0, 1]; scale them first, such as images / images.max()"
    )
