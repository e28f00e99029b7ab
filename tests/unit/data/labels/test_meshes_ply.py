import numpy as np
import pytest

from saccade.data.labels.meshes_ply import read_ply, write_ply
from saccade.errors import BadLabel
from saccade.types.mesh import Mesh

HEADER = """ply
format {form} 1.0
comment made by hand
element vertex 4
property uchar red
property float x
property float y
property float z
element face 2
property uchar flag
property list uchar int vertex_index
end_header
"""
CORNERS = [(0, 0, 0), (2, 0, 0), (2, 2, 0), (0, 2, 0)]
RINGS = [(0, 1, 2), (0, 1, 2, 3)]


def text() -> bytes:
    rows = [" ".join(map(str, (7, *corner))) for corner in CORNERS]
    rows += [" ".join(map(str, (1, len(ring), *ring))) for ring in RINGS]
    return (HEADER.format(form="ascii") + "\n".join(rows) + "\n").encode()


def binary(order: str) -> bytes:
    form = "binary_little_endian" if order == "<" else "binary_big_endian"
    content = HEADER.format(form=form).encode()
    for corner in CORNERS:
        content += b"\7" + np.array(corner, f"{order}f4").tobytes()
    for ring in RINGS:
        content += bytes((1, len(ring))) + np.array(ring, f"{order}i4").tobytes()
    return content


@pytest.mark.parametrize("content", [text(), binary("<"), binary(">")], ids=["text", "little", "big"])
def test_all_three_forms_say_the_same(content):
    mesh = read_ply(content)
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 1, 2], [0, 2, 3]]
    assert mesh.vertices.tolist() == [list(map(float, corner)) for corner in CORNERS]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_writing_keeps_numbers_and_their_type(kind):
    mesh = Mesh(np.random.default_rng(0).normal(size=(5, 3)).astype(kind), np.array([[0, 1, 2], [2, 3, 4]]))
    again = read_ply(write_ply(mesh))
    assert again.vertices.dtype == kind
    assert again.digest() == mesh.digest()


def test_triangles_alone_are_read_at_once_in_text_too():
    content = (
        b"ply\nformat ascii 1.0\nelement vertex 3\nproperty double x\nproperty double y\nproperty double z\n"
        b"element face 2\nproperty list uchar int vertex_indices\nend_header\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n3 2 1 0\n"
    )
    assert read_ply(content).faces.tolist() == [[0, 1, 2], [2, 1, 0]]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"ply\n", b"plx\n"),
        (b"end_header", b"end_heade"),
        (b"ascii", b"utf8"),
        (b"vertex 4", b"vertex 4000000"),
        (b"vertex 4", b"vertex 99999999999"),
        (b"face 2", b"face -1"),
        (b"property float z", b"property float w"),
        (b"list uchar int", b"list uchar text"),
        (b"vertex_index", b"corners"),
        (b"1 3 0 1 2", b"1 2 0 1 2"),
        (b"1 3 0 1 2", b"1 3 0 1 9"),
        (b"1 3 0 1 2", b"1 -3 0 1 2"),
        (b"1 3 0 1 2", b"1 1e300 0 1 2"),
        (b"7 2 0 0", b"7 nan 0 0"),
    ],
)
def test_what_means_nothing_is_refused(old, new):
    assert old in text()
    with pytest.raises(BadLabel, match="taken"):
        read_ply(text().replace(old, new))


@pytest.mark.bad_input
@pytest.mark.parametrize("order", "<>")
def test_a_binary_file_that_is_cut_short_is_refused(order):
    content = binary(order)
    for end in range(len(content)):
        with pytest.raises(BadLabel, match="taken"):
            read_ply(content[:end])
