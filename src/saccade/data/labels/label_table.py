"""The labels of many pictures in a few arrays: a row for each thing, so that a million of them stay small in memory.

Source: ours.
"""

from __future__ import annotations

import hashlib
import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Bool, Float64, Int64

from saccade.data.labels.run_lengths import RunLengths
from saccade.errors import BadLabel
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.keypoints import Keypoints
from saccade.types.masks import Masks
from saccade.types.polygons import Polygons

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Outlines:
    """Rings of points, several for a thing.

    Args:
        points: (x, y) of all rings, one after the other.
        rings: Where each ring begins in `points`, and the end of the last.
        things: Where each thing begins in `rings`, and the end of the last.

    Source: ours.
    """

    points: Float64[np.ndarray, "points 2"]
    rings: Int64[np.ndarray, " rings_and_one"]
    things: Int64[np.ndarray, " things_and_one"]

    def of(self, thing: int) -> tuple[Float64[np.ndarray, "_ 2"], ...]:
        """Give the rings of one thing; they share memory."""
        numbers = range(self.things[thing], self.things[thing + 1])
        return tuple(self.points[self.rings[ring] : self.rings[ring + 1]] for ring in numbers)


@dataclass(frozen=True, eq=False)
class LabelTable:
    """The labels of many pictures.

    Args:
        starts: The row of the first thing of each picture, and the end of the last.
        class_ids: Of each thing.
        boxes: (x1, y1, x2, y2) of each thing.
        shares: Whether all places are shares of the width and height, and not pixels.
        crowd: Whether each thing is a crowd; None where none is.
        attributes: Numbers by name; NaN where nothing is said.
        outlines: None where no thing has any.
        keypoints: (x, y, visibility) of each point of each thing; None where no thing has any.
        swaps: Pairs of points that change names in a mirror.
        masks: By the row of a thing; a thing with an outline has none.
        captions: By the row of a picture.

    Source: ours.
    """

    starts: Int64[np.ndarray, " pictures_and_one"]
    class_ids: Int64[np.ndarray, " things"]
    boxes: Float64[np.ndarray, "things 4"]
    shares: bool = False
    crowd: Bool[np.ndarray, " things"] | None = None
    attributes: Mapping[str, Float64[np.ndarray, " things"]] = field(default_factory=dict)
    outlines: Outlines | None = None
    keypoints: Float64[np.ndarray, "things points 3"] | None = None
    swaps: tuple[tuple[int, int], ...] = ()
    masks: Mapping[int, RunLengths] = field(default_factory=dict)
    captions: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def annotations(self, row: int, size: tuple[int, int]) -> Annotations:
        """Give the labels of one picture, in memory of their own.

        Args:
            row: Its number.
            size: Its (height, width) in pixels.

        Returns:
            Its things, with float64 places. Where a thing has a mask and no outline, all have masks.

        Raises:
            BadLabel: If a mask is not of that size.
        """
        rows = slice(int(self.starts[row]), int(self.starts[row + 1]))
        scale = np.array([size[1], size[0]] if self.shares else [1, 1], np.float64)
        polygons = self._polygons(rows, scale, size)
        return Annotations(
            size,
            torch.from_numpy(self.class_ids[rows].copy()),
            Boxes(torch.from_numpy(self.boxes[rows] * np.tile(scale, 2)), size),
            polygons,
            self._masks(rows, polygons, size),
            self._keypoints(rows, scale, size),
            None if self.crowd is None else torch.from_numpy(self.crowd[rows].copy()),
            {name: torch.from_numpy(values[rows].copy()) for name, values in self.attributes.items()},
            captions=self.captions.get(row, ()),
        )

    def digest(self, row: int) -> str:
        """Hash the labels of one picture.

        Args:
            row: Its number.

        Returns:
            The hash, which does not depend on the other pictures.
        """
        rows = slice(int(self.starts[row]), int(self.starts[row + 1]))
        found = hashlib.sha256(repr((self.shares, self.captions.get(row, ()), self.swaps)).encode("utf-8", "replace"))
        parts = {"class": self.class_ids, "box": self.boxes, "crowd": self.crowd, "points": self.keypoints}
        for name, values in [*parts.items(), *sorted(self.attributes.items())]:
            if values is not None:
                found.update(f"{name}{values[rows].shape}".encode())
                found.update(np.ascontiguousarray(values[rows]).tobytes())
        for thing in range(rows.start, rows.stop):
            rings = self.outlines.of(thing) if self.outlines else ()
            for ring in rings:
                found.update(f"{thing - rows.start} ring {len(ring)}".encode() + ring.tobytes())
            if thing in self.masks:
                found.update(f"{thing - rows.start} {self.masks[thing]}".encode())
        return found.hexdigest()

    def _polygons(self, rows: slice, scale: np.ndarray, size: tuple[int, int]) -> Polygons | None:
        if self.outlines is None:
            return None
        things = range(rows.start, rows.stop)
        rings = (tuple(torch.from_numpy(ring * scale) for ring in self.outlines.of(thing)) for thing in things)
        return Polygons(tuple(rings), size)

    def _masks(self, rows: slice, polygons: Polygons | None, size: tuple[int, int]) -> Masks | None:
        given = [thing for thing in range(rows.start, rows.stop) if thing in self.masks]
        if not given:
            return None
        if polygons is None:
            pixels = np.zeros((rows.stop - rows.start, *size), bool)
        else:
            pixels = polygons.masks().pixels.numpy()
        for thing in given:
            mask = self.masks[thing]
            if mask.size != size:
                raise BadLabel(
                    f"got a mask of {mask.size[0]} × {mask.size[1]} for a picture of {size[0]} × {size[1]} pixels "
                    "(height × width); taken is one size for both; mend the labels, or restore the picture"
                )
            pixels[thing - rows.start] = mask.pixels()
        return Masks(torch.from_numpy(pixels))

    def _keypoints(self, rows: slice, scale: np.ndarray, size: tuple[int, int]) -> Keypoints | None:
        if self.keypoints is None:
            return None
        found = self.keypoints[rows]
        visibility = torch.from_numpy(found[..., 2].astype(np.int64))
        return Keypoints(torch.from_numpy(found[..., :2] * scale), visibility, size, self.swaps)


@dataclass(frozen=True, slots=True, eq=False)
class TableRow:
    """The labels of one picture in a table, as a target that is placed when it is asked for.

    Args:
        table: The table.
        row: The number of the picture.
        stated_size: (height, width) that the labels state; None where they state none.

    Source: ours.
    """

    table: LabelTable
    row: int
    stated_size: tuple[int, int] | None = None

    @property
    def classes(self) -> tuple[int, ...]:
        """The different classes in the picture."""
        starts = self.table.starts
        return tuple(sorted(set(self.table.class_ids[starts[self.row] : starts[self.row + 1]].tolist())))

    def placed(self, root: str, size: tuple[int, int]) -> Annotations:
        """Give the labels of a picture of a size; raises BadLabel if a mask is of another."""
        del root
        return self.table.annotations(self.row, size)

    def digest(self, root: str) -> str:
        """Hash the labels."""
        del root
        return self.table.digest(self.row)


class TableBuilder:
    """Makes a table thing by thing and picture by picture.

    Args:
        points: How many keypoints a thing has.
        swaps: Pairs of them that change names in a mirror.
        shares: Whether all places are shares of the width and height.

    Source: ours.

    Example:
        >>> builder = TableBuilder()
        >>> builder.add(3, (1.0, 2.0, 4.0, 6.0))
        >>> builder.close()
        0
        >>> builder.table().annotations(0, (10, 20)).boxes.area().tolist()
        [12.0]
    """

    def __init__(self, points: int = 0, *, swaps: Sequence[tuple[int, int]] = (), shares: bool = False) -> None:
        self._width, self._swaps, self._shares = points, tuple(swaps), shares
        self._starts, self._ids, self._boxes = array("q", [0]), array("q"), array("d")
        self._points, self._rings, self._things = array("d"), array("q", [0]), array("q", [0])
        self._keypoints, self._crowds = array("d"), array("b")
        self._attributes: dict[str, array[float]] = {}
        self._masks: dict[int, RunLengths] = {}
        self._captions: dict[int, tuple[str, ...]] = {}

    def add(
        self,
        class_id: int,
        box: Sequence[float],
        *,
        rings: Iterable[Float64[np.ndarray, "_ 2"]] = (),
        mask: RunLengths | None = None,
        keypoints: Float64[np.ndarray, "points 3"] | None = None,
        crowd: bool = False,
        attributes: Mapping[str, float] | None = None,
    ) -> None:
        """Add a thing to the picture that is open; everything in it is checked already."""
        row = len(self._ids)
        self._ids.append(class_id)
        self._boxes.extend(box)
        self._crowds.append(crowd)
        for ring in rings:
            self._points.frombytes(ring.astype(np.float64, copy=False).tobytes())
            self._rings.append(len(self._points) // 2)
        self._things.append(len(self._rings) - 1)
        if mask is not None:
            self._masks[row] = mask
        if self._width:
            given = np.zeros((self._width, 3)) if keypoints is None else keypoints
            self._keypoints.frombytes(np.ascontiguousarray(given, np.float64).tobytes())
        for name, value in (attributes or {}).items():
            values = self._attributes.get(name)
            if values is None:
                values = self._attributes[name] = array("d")
            if len(values) < row:
                values.extend([math.nan] * (row - len(values)))
            values.append(value)

    def close(self, captions: Sequence[str] = ()) -> int:
        """End the picture that is open, which may have no things, and begin the next; gives its number."""
        row = len(self._starts) - 1
        self._starts.append(len(self._ids))
        if captions:
            self._captions[row] = tuple(captions)
        return row

    def table(self) -> LabelTable:
        """Give all that was added."""
        things = len(self._ids)
        for values in self._attributes.values():
            values.extend([math.nan] * (things - len(values)))
        outlines = Outlines(_array(self._points).reshape(-1, 2), _array(self._rings), _array(self._things))
        crowd = np.array(self._crowds, bool)
        seen = bool(self._width) and bool(_array(self._keypoints).reshape(-1, 3)[:, 2].any())
        return LabelTable(
            _array(self._starts),
            _array(self._ids),
            _array(self._boxes).reshape(-1, 4),
            self._shares,
            crowd if crowd.any() else None,
            {name: _array(values) for name, values in self._attributes.items()},
            outlines if len(outlines.rings) > 1 else None,
            _array(self._keypoints).reshape(things, self._width, 3) if seen else None,
            self._swaps if seen else (),
            self._masks,
            self._captions,
        )


def _array(values: array[float] | array[int]) -> np.ndarray:
    return np.array(values, np.float64 if values.typecode == "d" else np.int64)
