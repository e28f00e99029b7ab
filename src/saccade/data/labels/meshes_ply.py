"""PLY: meshes as text or as bytes, with a header that says what each corner and face holds.

Source: Greg Turk, "The PLY polygon file format" (1994).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from jaxtyping import Float, Int64

from saccade.data.labels.text_files import number_of
from saccade.errors import BadLabel, printable
from saccade.types.mesh import Mesh

_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2", "ushort": "u2",
    "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4", "float": "f4", "float32": "f4",
    "double": "f8", "float64": "f8",
}  # fmt: skip
_ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
_LISTS = ("vertex_indices", "vertex_index")
_HEADER_BYTES, _MOST_CORNERS = 1 << 16, 1 << 16


@dataclass
class _Element:
    """A kind of rows: its name, how many, and the (name, type of the count or "", type) of each of its properties."""

    name: str
    count: int
    properties: list[tuple[str, str, str]] = field(default_factory=list)


def read_ply(content: bytes) -> Mesh:
    """Read a mesh from the bytes of a PLY file, text or binary.

    Args:
        content: The whole file.

    Returns:
        Its corners and triangles.

    Raises:
        BadLabel: If it is no mesh, or it is cut short.

    Source: Turk, 1994.

    Example:
        >>> print(len(read_ply(write_ply(Mesh(np.eye(3), np.array([[0, 1, 2]]))))))
        1
    """
    order, elements, start = _header(content)
    rows = _Text(content[start:]) if not order else _Bytes(content, start, order)
    corners, triangles = None, None
    for element in elements:
        if element.name == "vertex":
            corners = _corners(rows, element)
        elif element.name == "face":
            triangles = _triangles(rows, element)
            break  # what comes after is not read
        else:
            rows.skip(element)
    if corners is None or triangles is None:
        raise BadLabel("got a PLY without corners or without faces; taken is a mesh with both; export it again")
    return Mesh(corners, triangles)


def write_ply(mesh: Mesh) -> bytes:
    """Write a mesh as a binary PLY, little end first.

    Args:
        mesh: The mesh.

    Returns:
        The bytes of the file.

    Source: Turk, 1994.
    """
    kind = "float" if mesh.vertices.dtype == np.float32 else "double"
    header = (
        f"ply\nformat binary_little_endian 1.0\nelement vertex {len(mesh.vertices)}\n"
        + "".join(f"property {kind} {axis}\n" for axis in "xyz")
        + f"element face {len(mesh.faces)}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    faces = np.zeros(len(mesh.faces), np.dtype([("count", "u1"), ("corners", "<i4", 3)]))
    faces["count"], faces["corners"] = 3, mesh.faces
    return header.encode() + mesh.vertices.astype("<f4" if kind == "float" else "<f8").tobytes() + faces.tobytes()


def _header(content: bytes) -> tuple[str, list[_Element], int]:
    """The byte order ("" for text), the elements, and where the header ends."""
    end = content.find(b"end_header", 0, _HEADER_BYTES)
    first = content.find(b"\n", end)
    if not content.startswith(b"ply") or end < 0 or first < 0:
        raise BadLabel("got no PLY with a whole header; taken are files that begin with ply; export it again")
    order, elements = None, []
    for line, text in enumerate(content[:end].decode("latin-1").splitlines(), 1):
        words = text.split()
        match words:
            case ["format", name, _] if name in _ORDERS:
                order = _ORDERS[name]
            case ["element", name, count] if count.isdecimal() and len(count) < 10:
                elements.append(_Element(name, int(count)))
            case ["property", "list", counter, kind, name] if elements and counter in _TYPES and kind in _TYPES:
                elements[-1].properties.append((name, _TYPES[counter], _TYPES[kind]))
            case ["property", kind, name] if elements and kind in _TYPES:
                elements[-1].properties.append((name, "", _TYPES[kind]))
            case ["ply"] | ["comment", *_] | ["obj_info", *_] | []:
                pass
            case _:
                raise BadLabel(
                    f"got {printable(text[:80])} in line {line}; taken are format, element and property; export it "
                    "again"
                )
    if order is None:
        raise BadLabel("got a PLY that does not say its format; taken is ascii or binary; export it again")
    return order, elements, first + 1


def _corners(rows: _Text | _Bytes, element: _Element) -> Float[np.ndarray, "vertices 3"]:
    names = [name for name, counter, _ in element.properties if not counter]
    if len(names) < len(element.properties) or not {"x", "y", "z"} <= set(names):
        raise BadLabel("got corners without x, y and z; taken are corners in space; export it again")
    return rows.columns(element, [names.index(axis) for axis in "xyz"])


def _triangles(rows: _Text | _Bytes, element: _Element) -> Int64[np.ndarray, "faces 3"]:
    """The faces, each cut into triangles from its first corner."""
    which = next((row for row, (name, _, _) in enumerate(element.properties) if name in _LISTS), None)
    if which is None:
        raise BadLabel("got faces without vertex_indices; taken are faces that list their corners; export it again")
    found = rows.triangles(element)
    if found is not None:
        return found
    triangles: list[tuple[int, int, int]] = []
    for _ in range(element.count):
        ring = rows.row(element)[which]
        if len(ring) < 3:
            raise BadLabel(f"got a face of {len(ring)} corners; taken are three at least; export it again")
        triangles += [(ring[0], second, third) for second, third in pairwise(ring[1:])]
    return np.asarray(triangles, np.int64).reshape(-1, 3)


def _short() -> BadLabel:
    return BadLabel("got a PLY that is cut short; taken are whole files; copy it again")


class _Text:
    """The rows of a PLY of text."""

    def __init__(self, content: bytes) -> None:
        self._words, self._at = content.decode("latin-1").split(), 0

    def _take(self, count: int) -> list[str]:
        words = self._words[self._at : self._at + count]
        if len(words) < count:
            raise _short()
        self._at += count
        return words

    def columns(self, element: _Element, which: list[int]) -> Float[np.ndarray, "rows columns"]:
        """Some properties of every row."""
        width = len(element.properties)
        words = self._take(element.count * width)
        numbers = [[number_of(word) for word in words[column::width]] for column in which]
        return np.asarray(numbers, np.float64).reshape(len(which), element.count).T.copy()

    def row(self, element: _Element) -> list[list[int]]:
        """The properties of the next row, each as a list."""
        return [self._whole(self._whole(1)[0] if counter else 1) for _, counter, _ in element.properties]

    def _whole(self, count: int) -> list[int]:
        if not 0 <= count <= _MOST_CORNERS:
            raise BadLabel(f"got a face of {count} corners; taken are at most {_MOST_CORNERS:,}; export it again")
        numbers = [number_of(word) for word in self._take(count)]
        if any(not abs(number) < 2**40 for number in numbers):
            raise BadLabel("got a face whose corners are no numbers; taken are whole numbers; export it again")
        return [int(number) for number in numbers]

    def triangles(self, element: _Element) -> Int64[np.ndarray, "faces 3"] | None:
        """All faces at once, where each is a triangle and nothing else."""
        words = self._words[self._at : self._at + 4 * element.count]
        if len(element.properties) > 1 or len(words) < 4 * element.count or set(words[::4]) - {"3"}:
            return None
        if not all(word.isdecimal() and len(word) < 12 for word in words):
            return None
        return np.asarray(words, dtype=np.int64).reshape(-1, 4)[:, 1:].copy()

    def skip(self, element: _Element) -> None:
        """Pass over every row."""
        for _ in range(element.count):
            self.row(element)


class _Bytes:
    """The rows of a binary PLY."""

    def __init__(self, content: bytes, start: int, order: str) -> None:
        self._content, self._at, self._order = content, start, order

    def _take(self, kind: np.dtype, count: int) -> np.ndarray:
        size = kind.itemsize * count
        if self._at + size > len(self._content):
            raise _short()
        found = np.frombuffer(self._content, kind, count, self._at)
        self._at += size
        return found

    def columns(self, element: _Element, which: list[int]) -> Float[np.ndarray, "rows columns"]:
        """Some properties of every row."""
        kind = np.dtype([(str(row), self._order + one) for row, (_, _, one) in enumerate(element.properties)])
        rows = self._take(kind, element.count)
        found = np.stack([rows[str(column)] for column in which], 1)
        return found.astype(np.float32 if found.dtype.itemsize == 4 and found.dtype.kind == "f" else np.float64)

    def row(self, element: _Element) -> list[list[int]]:
        """The properties of the next row, each as a list."""
        found = []
        for _, counter, kind in element.properties:
            count = int(self._take(np.dtype(self._order + counter), 1)[0]) if counter else 1
            if not 0 <= count <= _MOST_CORNERS:
                raise BadLabel(f"got a face of {count} corners; taken are at most {_MOST_CORNERS:,}; export it again")
            values = self._take(np.dtype(self._order + kind), count)
            found.append(np.nan_to_num(values, posinf=-1, neginf=-1).astype(np.int64).tolist())
        return found

    def triangles(self, element: _Element) -> Int64[np.ndarray, "faces 3"] | None:
        """All faces at once, where each is a triangle and nothing else."""
        if len(element.properties) > 1:
            return None
        (_, counter, kind), start = element.properties[0], self._at
        row = np.dtype([("count", self._order + counter), ("corners", self._order + kind, 3)])
        if not counter or np.dtype(kind).kind == "f" or start + row.itemsize * element.count > len(self._content):
            return None
        rows = self._take(row, element.count)
        if (rows["count"] != 3).any():
            self._at = start
            return None
        return rows["corners"].astype(np.int64)

    def skip(self, element: _Element) -> None:
        """Pass over every row."""
        for _ in range(element.count):
            self.row(element)
