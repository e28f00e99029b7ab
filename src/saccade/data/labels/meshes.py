"""Meshes in files: OBJ, PLY and OFF, read within bounds and written exactly.

Only the shape is read: corners and faces. Materials, colours, normals and texture coordinates are left out. A face of
more than three corners is cut into triangles from its first corner.

Source: Wavefront, "Object files (.obj)"; Princeton shape benchmark, "Object file format (.off)"; PLY: see `meshes_ply`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from jaxtyping import Float

from saccade.data.labels.meshes_ply import read_ply, write_ply
from saccade.data.labels.text_files import decoded, number_of, read_bytes
from saccade.errors import BadData, BadLabel, offer, printable
from saccade.types.mesh import Mesh
from saccade.weights.files import storage_checked

MESH_SUFFIXES = (".obj", ".off", ".ply")
_MOST_BYTES = 1 << 29


def read_mesh(path: Path) -> Mesh:
    """Read a mesh; what it is, its suffix says.

    Args:
        path: A file that ends in .obj, .ply or .off, of 512 MiB at most.

    Returns:
        Its corners and triangles.

    Raises:
        BadData: If it cannot be read, or ends in something else.
        BadLabel: If what it says is no mesh; the line is named.

    Source: ours.
    """
    suffix = path.suffix.lower()
    if suffix not in MESH_SUFFIXES:
        raise BadData(f"got {printable(path.name)}; {offer(suffix, MESH_SUFFIXES)}")
    content = read_bytes(path, _MOST_BYTES)
    try:
        if suffix == ".ply":
            return read_ply(content)
        text = decoded(content)
        return _read_obj(text) if suffix == ".obj" else _read_off(text)
    except BadLabel as error:
        raise BadLabel(f"{printable(path.name)}: {error}") from error.__cause__


def write_mesh(mesh: Mesh, path: Path) -> None:
    """Write the corners and triangles of a mesh, so that reading gives the same numbers.

    Args:
        mesh: The mesh.
        path: A file that ends in .obj, .ply or .off.

    Raises:
        BadData: If it ends in something else.

    Source: ours.
    """
    suffix = path.suffix.lower()
    if suffix not in MESH_SUFFIXES:
        raise BadData(f"got {printable(path.name)}; {offer(suffix, MESH_SUFFIXES)}")
    if suffix == ".ply":
        with storage_checked(path):
            path.write_bytes(write_ply(mesh))
        return
    obj = suffix == ".obj"
    corners, faces = mesh.vertices.astype(np.float64).tolist(), (mesh.faces.astype(np.int64) + int(obj)).tolist()
    lines = [] if obj else ["OFF", f"{len(corners)} {len(faces)} 0"]
    lines += [("v " if obj else "") + " ".join(map(repr, corner)) for corner in corners]
    lines += [("f " if obj else "3 ") + " ".join(map(str, face)) for face in faces]
    with storage_checked(path):
        path.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")


def _read_obj(text: str) -> Mesh:
    corners: list[float] = []
    faces: list[tuple[int, int, int]] = []
    lines: list[int] = []
    for line, words in _words(text):
        if words[0] == "v":
            corners += _corner(words[1:4], line)
        elif words[0] == "f":
            ring = [_reference(word, len(corners) // 3, line) for word in words[1:]]
            triangles = _fan(ring, line)
            faces += triangles
            lines += [line] * len(triangles)
    return _mesh(corners, faces, lines)


def _read_off(text: str) -> Mesh:
    rows = _words(text)
    counts: list[str] = []
    for line, words in rows:
        first = words[0].upper() == "OFF" and not counts
        counts += words[1:] if first else [words[0][3:], *words[1:]] if words[0].upper().startswith("OFF") else words
        if len(counts) >= 2 or line > 1000:
            break
    if len(counts) < 2 or not (counts[0].isdecimal() and counts[1].isdecimal()):
        raise BadLabel("got no OFF with its two counts; taken are files that begin with OFF; export it again")
    wanted, claimed = (int(count) if len(count) < 10 else 1 << 40 for count in counts[:2])
    corners: list[float] = []
    faces: list[tuple[int, int, int]] = []
    lines: list[int] = []
    rings = 0
    for line, words in rows:
        if len(corners) < 3 * wanted:
            corners += _corner(words[:3], line)
        elif rings < claimed:
            size = _whole(words[0], line)
            if size > len(words) - 1:
                raise _wrong(line, f"{len(words) - 1} corners", f"{size}")
            triangles = _fan([_whole(word, line) for word in words[1 : 1 + size]], line)
            faces += triangles
            lines += [line] * len(triangles)
            rings += 1
    if len(corners) < 3 * wanted or rings < claimed:
        raise BadLabel(
            f"got {len(corners) // 3} corners and {rings} faces where {wanted} and {claimed} are announced; taken are "
            "whole files; copy it again"
        )
    return _mesh(corners, faces, lines)


def _words(text: str) -> Iterator[tuple[int, list[str]]]:
    """The words of each line that has any, without comments; a line that ends in a backslash goes on."""
    before: list[str] = []
    for number, line in enumerate(text.replace("\r", "\n" if "\n" not in text else " ").split("\n"), 1):
        words = before + line.partition("#")[0].split()
        before = []
        if words and words[-1] == "\\":
            before = words[:-1]
        elif words:
            yield number, words


def _corner(words: Sequence[str], line: int) -> list[float]:
    numbers = [number_of(word) for word in words]
    if len(numbers) != 3 or any(map(math.isnan, numbers)):
        raise _wrong(line, f"the corner {' '.join(words)[:80] or 'without numbers'}", "three finite numbers")
    return numbers


def _whole(word: str, line: int) -> int:
    digits = word.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 12:
        raise _wrong(line, f"the corner number {word[:40]}", "a whole number")
    return int(word)


def _reference(word: str, before: int, line: int) -> int:
    """The number of a corner from 0, of "7", "7/1", "7/1/2" or "-1" (the last one so far)."""
    number = _whole(word.partition("/")[0], line)
    if not number or before + number < 0:
        raise _wrong(line, f"corner {number}", "a number from 1, or from −1 backwards")
    return number - 1 if number > 0 else before + number


def _fan(ring: Sequence[int], line: int) -> list[tuple[int, int, int]]:
    if len(ring) < 3:
        raise _wrong(line, f"a face of {len(ring)} corners", "three at least")
    return [(ring[0], second, third) for second, third in pairwise(ring[1:])]


def _mesh(corners: list[float], faces: list[tuple[int, int, int]], lines: list[int]) -> Mesh:
    vertices = np.asarray(corners, np.float64).reshape(-1, 3)
    triangles = np.asarray(faces, np.int64).reshape(-1, 3)
    beyond: Float[np.ndarray, " faces"] = np.maximum(triangles.max(1), -triangles.min(1) + len(vertices) - 1)
    wrong = np.flatnonzero(beyond >= len(vertices))
    if len(wrong):
        corner = triangles[wrong[0]]
        raise _wrong(lines[wrong[0]], f"a face of the corners {(corner + 1).tolist()}", f"1 to {len(vertices)}")
    return Mesh(vertices, triangles)


def _wrong(line: int, got: str, taken: str) -> BadLabel:
    return BadLabel(f"got {printable(got)} in line {line}; taken is {taken}; mend the line, or export it again")
