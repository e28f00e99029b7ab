"""The labels of one picture of Pascal VOC: its objects, and the masks in files of their own, read when the picture is.

In a mask of classes each pixel is the number of a class, 0 the background and 255 none of them. In a mask of objects it
is the number of the object in the XML, from 1.

Source: the development kit of Pascal VOC.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Shaped

from saccade.data.labels.index_masks import read_indices
from saccade.data.labels.label_table import TableRow
from saccade.errors import BadLabel, printable
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.masks import Masks
from saccade.types.pixel_map import IGNORED, PixelMap


@dataclass(frozen=True, eq=False)
class VocLabels:
    """The labels of one picture.

    Args:
        row: Its objects.
        numbers: Which object of the XML each is, from 1; None where there is no XML.
        class_mask: The path of its mask of classes, relative to the root; "" for none.
        object_mask: The path of its mask of objects; "" for none.
        num_classes: How many classes a mask may have.

    Source: ours.
    """

    row: TableRow
    numbers: tuple[int, ...] | None
    class_mask: str = ""
    object_mask: str = ""
    num_classes: int = IGNORED

    @property
    def stated_size(self) -> tuple[int, int] | None:
        """The (height, width) that the XML states."""
        return self.row.stated_size

    @property
    def classes(self) -> tuple[int, ...]:
        """The different classes of its objects; those of its masks are known only when they are read."""
        return self.row.classes

    def placed(self, root: str, size: tuple[int, int]) -> Annotations:
        """Give the labels of a picture of a size.

        Args:
            root: The folder that the masks lie below.
            size: (height, width) of the picture.

        Returns:
            Its things and regions.

        Raises:
            BadLabel: If a mask is of another size, or has other classes.
            BadImage: If a mask is no picture.
        """
        found = self.row.placed(root, size)
        regions = _mask(root, self.class_mask, size) if self.class_mask else None
        objects = _mask(root, self.object_mask, size) if self.object_mask else None
        if regions is not None:
            strangers = np.setdiff1d(np.unique(regions), np.append(np.arange(self.num_classes), IGNORED))
            if len(strangers):
                raise BadLabel(
                    f"got {printable(self.class_mask)} with class {strangers[0]}; taken are 0 to "
                    f"{self.num_classes - 1} and 255; mend the mask, or name the class in labelmap.txt"
                )
        if objects is not None and self.numbers is None and regions is not None:
            found = _things(objects, regions, size)
        elif objects is not None and self.numbers is not None:
            stack = np.array([objects == number for number in self.numbers], bool).reshape(-1, *size)
            found = replace(found, masks=Masks(torch.from_numpy(stack)))
        if regions is None:
            return found
        return replace(found, regions=PixelMap(torch.from_numpy(regions.astype(np.uint8))))

    def digest(self, root: str) -> str:
        """Hash objects and masks."""
        found = hashlib.sha256(f"{self.row.digest(root)} {self.numbers}".encode())
        for path in (self.class_mask, self.object_mask):
            if path:
                try:
                    found.update(hashlib.sha256(Path(root, path).read_bytes()).digest())
                except OSError:
                    found.update(b"gone")
        return found.hexdigest()


def _mask(root: str, path: str, size: tuple[int, int]) -> Shaped[np.ndarray, "height width"]:
    values = read_indices(Path(root, path))
    if values.shape != size:
        raise BadLabel(
            f"got the mask {printable(path)} of {values.shape[0]} × {values.shape[1]} for a picture of {size[0]} × "
            f"{size[1]} pixels (height × width); taken is one size for both; export it again"
        )
    if values.max() > IGNORED:
        raise BadLabel(f"got the mask {printable(path)} with numbers above 255; taken are 8 bits; export it again")
    return values


def _things(objects: np.ndarray, regions: np.ndarray, size: tuple[int, int]) -> Annotations:
    """Where no XML says what the objects are: each has the class that most of its pixels have, and a box around it."""
    stacked, ids = [], []
    for number in np.unique(objects):
        mask = objects == number
        classes = np.bincount(regions[mask].astype(np.int64), minlength=IGNORED + 1)[:IGNORED]
        if 0 < number < IGNORED and classes[1:].any():
            stacked.append(mask)
            ids.append(1 + int(classes[1:].argmax()))
    masks = Masks(torch.from_numpy(np.array(stacked, bool).reshape(-1, *size)))
    boxes = Boxes(masks.boxes().coordinates.double(), size)
    return Annotations(size, torch.tensor(ids, dtype=torch.int64), boxes, masks=masks)
