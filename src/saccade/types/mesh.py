"""The surface of a thing in space, as triangles."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int

from saccade.errors import BadLabel


@dataclass(frozen=True, eq=False)
class Mesh:
    """The surface of a thing in space, as triangles.

    It lies in space and not on a picture, so it does not follow a picture that is mirrored or cut.

    Args:
        vertices: (x, y, z) of each corner, finite.
        faces: For each triangle the numbers of its three corners, in the order that is counter-clockwise from outside.
        class_id: What it is a mesh of; −1 where that is not known.
        view: Where a picture of it was taken from: azimuth, elevation and in-plane rotation in degrees, distance, field
            of view in degrees. Empty where that is not known.

    Raises:
        BadLabel: If a coordinate is not finite, or a face names a corner that is not there; both are named by number.

    Source: ours; the view as in "3D-R2N2" (Choy et al., 2016).

    Example:
        >>> tetrahedron = Mesh(np.eye(4, 3), np.array([[0, 1, 2], [0, 3, 1], [1, 3, 2], [2, 3, 0]]))
        >>> len(tetrahedron), round(tetrahedron.area(), 3)
        (4, 2.366)
    """

    vertices: Float[np.ndarray, "vertices 3"]
    faces: Int[np.ndarray, "faces 3"]
    class_id: int = -1
    view: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for name, array, kind in (("vertices", self.vertices, "f"), ("faces", self.faces, "iu")):
            if array.ndim != 2 or array.shape[1] != 3 or array.dtype.kind not in kind:
                raise BadLabel(
                    f"got {name} of shape {array.shape} and type {array.dtype}; taken are floats (vertices, 3) and "
                    "whole numbers (faces, 3); cut polygons into triangles first"
                )
        wrong = np.flatnonzero(~np.isfinite(self.vertices).all(1))
        if len(wrong):
            raise BadLabel(
                f"got vertex {wrong[0]} = {self.vertices[wrong[0]].tolist()}, one of {len(wrong)} such; taken are "
                "finite coordinates; mend the mesh"
            )
        wrong = np.flatnonzero(((self.faces < 0) | (self.faces >= len(self.vertices))).any(1))
        if len(wrong):
            raise BadLabel(
                f"got face {wrong[0]} = {self.faces[wrong[0]].tolist()}, one of {len(wrong)} such; taken are corners "
                f"from 0 to {len(self.vertices) - 1}; mend the mesh"
            )

    def __len__(self) -> int:
        """Count the triangles."""
        return len(self.faces)

    @property
    def classes(self) -> tuple[int, ...]:
        """Its class, where that is known."""
        return () if self.class_id < 0 else (self.class_id,)

    @cached_property
    def _areas(self) -> Float[np.ndarray, " faces"]:
        first, second, third = self.vertices[self.faces].transpose(1, 0, 2)
        return np.linalg.norm(np.cross(second - first, third - first), axis=1) / 2

    def area(self) -> float:
        """Measure its surface, in squares of the unit of its coordinates."""
        return float(self._areas.sum())

    def digest(self) -> str:
        """Hash everything, so that one can tell whether it has changed."""
        about = f"{self.vertices.shape}{self.vertices.dtype}{self.faces.shape}{self.class_id}{self.view}"
        found = hashlib.sha256(about.encode())
        found.update(np.ascontiguousarray(self.vertices).tobytes())
        found.update(np.ascontiguousarray(self.faces, np.int64).tobytes())
        return found.hexdigest()
