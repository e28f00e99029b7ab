import numpy as np
import pytest

from format_examples import CUBE
from saccade.data.labels.meshes import read_mesh, write_mesh
from saccade.errors import BadData, BadInput, BadLabel
from saccade.types.mesh import Mesh


@pytest.fixture
def put(tmp_path):
    def write(text, name="a.obj"):
        content = text if isinstance(text, bytes) else text.encode()
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


def test_a_cube_has_8_corners_12_triangles_and_area_6(put):
    mesh = read_mesh(put(CUBE))
    assert (len(mesh.vertices), len(mesh)) == (8, 12)
    assert mesh.area() == pytest.approx(6)


def test_faces_are_fanned_and_negative_numbers_count_backwards(put):
    mesh = read_mesh(put("v 0 0 0\nv 1 0 0\nv 1 1 0\nf -3/1 -2/1/1 -1//1\nv 0 1 0\nf 1 2 3 4\n"))
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 1, 2], [0, 2, 3]]


def test_line_ends_comments_colours_and_long_lines_are_read(put):
    text = "v 0 0 0 1 0 0 # red\r\nv 1 \\\r\n0 0\r\nv 0 1 0\r\nusemtl x\r\nf 1 \\\r\n 2 3\r\n"
    assert read_mesh(put(text)).vertices.tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize("header", ["OFF\n4 2 0\n", "# x\nOFF 4 2 0\n", "OFF4 2 0\n", "OFF\n# y\n4 2\n"])
def test_off_is_read_whatever_its_header(put, header):
    mesh = read_mesh(put(header + "0 0 0\n2 0 0\n2 2 0\n0 2 0\n3 0 1 2\n3 0 2 3 255 0 0\n", "a.off"))
    assert mesh.area() == pytest.approx(4)


@pytest.mark.parametrize("suffix", ["obj", "off", "ply"])
def test_what_is_written_is_read_exactly(tmp_path, suffix):
    random = np.random.default_rng(0)
    mesh = Mesh(random.normal(size=(20, 3)) * 10.0 ** random.integers(-9, 9, (20, 1)), random.integers(0, 20, (30, 3)))
    write_mesh(mesh, tmp_path / f"a.{suffix}")
    again = read_mesh(tmp_path / f"a.{suffix}")
    assert again.digest() == mesh.digest()


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("v 0 0\n", 1),
        ("v 0 0 0\nv 0 nan 0\n", 2),
        ("v 1e999 0 0\n", 1),
        ("v 1_0 0 0\n", 1),
        ("v 0 0 0\n\nf 1 1\n", 3),
        ("v 0 0 0\nf 1 1 2\n", 2),
        ("v 0 0 0\nf 0 1 1\n", 2),
        ("v 0 0 0\nf 1 1 -2\n", 2),
        ("v 0 0 0\nf 1 1 x\n", 2),
        ("v 0 0 0\nf 1 1 99999999999999999999\n", 2),
    ],
)
def test_what_means_nothing_is_refused_with_its_line(put, text, line):
    with pytest.raises(BadLabel, match=rf"a\.obj: got .* in line {line}; taken is"):
        read_mesh(put(text))


@pytest.mark.bad_input
@pytest.mark.parametrize("text", ["", "OFX\n", "OFF\n2 1 0\n0 0 0\n", "OFF\n1 999999999999 0\n0 0 0\n", "OFF\n-1 2\n"])
def test_an_off_that_is_cut_short_or_none_is_refused(put, text):
    with pytest.raises(BadLabel, match="taken are"):
        read_mesh(put(text, "a.off"))


@pytest.mark.bad_input
def test_other_files_are_refused(put, tmp_path):
    with pytest.raises(BadData, match=r"taken are \.obj, \.off, \.ply"):
        read_mesh(put("", "a.stl"))
    with pytest.raises(BadData, match=r"taken are \.obj, \.off, \.ply"):
        write_mesh(Mesh(np.zeros((1, 3)), np.zeros((0, 3), int)), tmp_path / "a.stl")
    with pytest.raises(BadData, match="cannot be read"):
        read_mesh(tmp_path / "gone.obj")


@pytest.mark.bad_input
@pytest.mark.parametrize("suffix", ["obj", "off", "ply"])
def test_broken_files_are_refused_or_read_and_nothing_else(tmp_path, suffix):
    path, random = tmp_path / f"a.{suffix}", np.random.default_rng(1)
    write_mesh(Mesh(random.normal(size=(8, 3)), random.integers(0, 8, (12, 3))), path)
    content = path.read_bytes()
    for trial in range(300):
        broken = bytearray(content[: random.integers(1, len(content)) if trial % 2 else len(content)])
        for _ in range(trial % 7):
            broken[random.integers(len(broken))] = random.integers(256)
        path.write_bytes(bytes(broken))
        try:
            assert isinstance(read_mesh(path), Mesh)
        except BadInput as error:
            assert "; taken" in str(error)  # noqa: PT017
