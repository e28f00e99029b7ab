"""What is written reads exactly the same, whatever it is: masks, faces, points, meshes."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from saccade.data.labels.index_masks import read_indices, write_indices
from saccade.data.labels.landmark_files import read_pts, read_table_of_points, table_of, write_pts, write_table
from saccade.data.labels.meshes import MESH_SUFFIXES, read_mesh, write_mesh
from saccade.types.mesh import Mesh
from saccade.types.paired_image import PairedImage

COORDINATES = st.floats(-1e4, 1e4, allow_subnormal=False)
SIDES = st.integers(1, 12)


@given(hnp.arrays(np.uint8, st.tuples(SIDES, SIDES)))
@settings(max_examples=30, deadline=None)
def test_masks_keep_every_number(values):
    with tempfile.TemporaryDirectory() as folder:
        write_indices(values, Path(folder, "a.png"))
        assert np.array_equal(read_indices(Path(folder, "a.png")), values)


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 80), st.just(2)), elements=COORDINATES))
@settings(max_examples=30, deadline=None)
def test_pts_files_keep_every_number(points):
    with tempfile.TemporaryDirectory() as folder:
        write_pts(points, Path(folder, "a.pts"))
        assert np.array_equal(read_pts(Path(folder, "a.pts")), points)


@given(
    hnp.arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 5), st.just(2)), elements=COORDINATES), st.data()
)
@settings(max_examples=30, deadline=None)
def test_tables_of_points_keep_every_number_and_what_is_seen(points, data):
    seen = data.draw(hnp.arrays(np.int64, points.shape[:2], elements=st.integers(0, 2)))
    seen[:, 0] = 2  # a line without any point is a picture of nothing
    given = np.concatenate([points * (seen[..., None] > 0), seen[..., None]], 2)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "x.png").write_bytes(b"")
        write_table(Path(folder, "a.csv"), (), [("x.png", "train", given)])
        table = table_of(Path(folder, "a.csv"))
        assert table is not None
        findings = []
        ((path, split, found),) = read_table_of_points(Path(folder, "a.csv"), table, findings)
    assert (path, split, findings) == ("x.png", "train", [])
    assert np.array_equal(found, given)


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 9), st.just(3)), elements=st.floats(-1e300, 1e300)), st.data())
@settings(max_examples=30, deadline=None)
def test_meshes_keep_every_number_in_every_form(vertices, data):
    faces = data.draw(
        hnp.arrays(np.int64, st.tuples(st.integers(1, 9), st.just(3)), elements=st.integers(0, len(vertices) - 1))
    )
    with tempfile.TemporaryDirectory() as folder:
        for suffix in MESH_SUFFIXES:
            write_mesh(Mesh(vertices, faces), Path(folder, f"a{suffix}"))
            again = read_mesh(Path(folder, f"a{suffix}"))
            assert np.array_equal(again.vertices, vertices)
            assert np.array_equal(again.faces, faces)


@given(hnp.arrays(np.uint8, st.tuples(SIDES, SIDES, st.sampled_from([1, 3]))), SIDES, SIDES)
@settings(max_examples=30, deadline=None)
def test_a_partner_mirrored_twice_is_itself_and_an_even_one_stays_even(pixels, height, width):
    paired = PairedImage(pixels)
    assert np.array_equal(paired.mirror().mirror().pixels, pixels)
    even = PairedImage(np.full_like(pixels, 77)).scale((height, width)).pixels
    assert even.shape == (height, width, pixels.shape[2])
    assert (even == 77).all()
