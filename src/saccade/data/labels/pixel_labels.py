"""Labels in pixels, as formats read them: kept small, and made into annotations once the size of a picture is known.

Source: ours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float64, Int64, Shaped

from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.keypoints import Keypoints


@dataclass(frozen=True, eq=False)
class BoxLabels:
    """The boxes on one picture, each of class 0.

    Args:
        boxes: (x1, y1, x2, y2) in continuous pixels, checked.
        attributes: What else is known of each box.
        phrases: A sentence about each box, or none at all.

    Source: ours.

    Example:
        >>> len(BoxLabels(np.array([[1.0, 2.0, 3.0, 4.0]])).placed("", (8, 8)))
        1
    """

    boxes: Float64[np.ndarray, "boxes 4"]
    attributes: Mapping[str, Shaped[np.ndarray, " boxes"]] = field(default_factory=dict)
    phrases: tuple[str, ...] = ()

    @property
    def classes(self) -> tuple[int, ...]:
        """The different classes in it."""
        return (0,) if len(self.boxes) else ()

    def placed(self, root: str, size: tuple[int, int]) -> Annotations:
        """Give the annotations of a picture of a size.

        Args:
            root: Not used.
            size: (height, width) of the picture.

        Returns:
            Its boxes.

        Source: ours.
        """
        del root
        return Annotations(
            size,
            torch.zeros(len(self.boxes), dtype=torch.int64),
            Boxes(torch.from_numpy(self.boxes), size),
            attributes={name: torch.from_numpy(values) for name, values in self.attributes.items()},
            phrases=self.phrases,
        )

    def digest(self, root: str) -> str:
        """Hash what it says; `root` is not used."""
        del root
        found = hashlib.sha256(self.boxes.tobytes())
        for name in sorted(self.attributes):
            found.update(name.encode() + self.attributes[name].tobytes())
        found.update(repr(self.phrases).encode("utf-8", "backslashreplace"))
        return found.hexdigest()


@dataclass(frozen=True, eq=False)
class PointLabels:
    """The keypoints of the things on one picture, each thing of class 0.

    Args:
        points: (x, y) in continuous pixels, finite.
        visibility: 0 not labelled, 1 labelled but hidden, 2 seen.
        swaps: Pairs of points that change names in a mirror.

    Source: ours.

    Example:
        >>> eye = PointLabels(np.array([[[1.0, 2.0]]]), np.array([[2]]))
        >>> eye.placed("", (4, 4)).keypoints.points.tolist()
        [[[1.0, 2.0]]]
    """

    points: Float64[np.ndarray, "things points 2"]
    visibility: Int64[np.ndarray, "things points"]
    swaps: tuple[tuple[int, int], ...] = ()

    @property
    def classes(self) -> tuple[int, ...]:
        """The different classes in it."""
        return (0,) if len(self.points) else ()

    def placed(self, root: str, size: tuple[int, int]) -> Annotations:
        """Give the annotations of a picture of a size.

        Args:
            root: Not used.
            size: (height, width) of the picture.

        Returns:
            Its keypoints.

        Source: ours.
        """
        del root
        keypoints = Keypoints(torch.from_numpy(self.points), torch.from_numpy(self.visibility), size, self.swaps)
        return Annotations(size, torch.zeros(len(self.points), dtype=torch.int64), keypoints=keypoints)

    def digest(self, root: str) -> str:
        """Hash what it says; `root` is not used."""
        del root
        return hashlib.sha256(self.points.tobytes() + self.visibility.tobytes()).hexdigest()
