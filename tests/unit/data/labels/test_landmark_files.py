import numpy as np
import pytest

from saccade.data.labels.face_points import FACE_68_NAMES
from saccade.data.labels.landmark_files import columns_of, read_pts, table_of, write_pts, write_table
from saccade.errors import BadLabel


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("image,x1,y1,x2,y2", ("point 1", "point 2")),
        ("path,x_0,y_0", ("point 0",)),
        ("Image,left_eye_center_x,left_eye_center_y,nose_tip_x,nose_tip_y", ("left_eye_center", "nose_tip")),
        ("file,nose.x,nose.y,nose.v,split", ("nose",)),
        ("image,x,y", ("point",)),
        ("image," + ",".join(f"x{n},y{n}" for n in range(1, 69)), FACE_68_NAMES),
    ],
)
def test_columns_of_points_are_found_by_their_names(header, names):
    assert columns_of(header.split(",")).names == names


@pytest.mark.parametrize(
    "header", ["image,label", "x1,y1,x2,y2", "image,x1,x2", "image,x1,y1,x2,y2,class", "image,index,box_max"]
)
def test_other_tables_are_no_points(header):
    assert columns_of(header.split(",")) is None


def test_split_and_visibility_have_columns(tmp_path):
    (tmp_path / "a.csv").write_text("split;file;nose_x;nose_y;nose_v\n")
    found = table_of(tmp_path / "a.csv")
    assert (found.path, found.points, found.split) == (1, ((2, 3, 4),), 0)
    assert table_of(tmp_path / "gone.csv") is None


def test_pts_keeps_numbers_exactly(tmp_path):
    points = np.random.default_rng(0).normal(200, 100, (68, 2))
    write_pts(points, tmp_path / "a.pts")
    assert np.array_equal(read_pts(tmp_path / "a.pts"), points)


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nn_points:  2\n{\n1 2\n3.5 4\n}\n",
        "n_points: 2\r\n{\r\n1 2\r\n3.5 4}\r\n",
        "// made\nn_points: 2\n{ 1 2\n3.5 4\n}",
    ],
)
def test_pts_is_read_as_people_write_it(tmp_path, text):
    (tmp_path / "a.pts").write_bytes(text.encode())
    assert read_pts(tmp_path / "a.pts").tolist() == [[1, 2], [3.5, 4]]


def test_an_unlabelled_point_is_an_empty_cell(tmp_path):
    points = np.array([[[1.5, 2, 2], [9, 9, 0]]])
    write_table(tmp_path / "a.csv", ("nose", "left, eye"), [("x.jpg", "train", points), ("y.jpg", "val", points[:0])])
    assert (tmp_path / "a.csv").read_text().splitlines() == [
        'path,split,nose_x,nose_y,nose_v,"left, eye_x","left, eye_y","left, eye_v"',
        "x.jpg,train,1.5,2,2,,,",
        "y.jpg,val,,,,,,",
    ]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 2\n3 4\n",
        "n_points: 2\n{\n1 2\n}",
        "n_points: 1\n{\n1 x\n}",
        "n_points: 1\n{\n1 2 3\n}",
        "n_points: 0\n{\n}",
        "n_points: 1\n{\n1 inf\n}",
        "n_points: 99999999\n{\n1 2\n}",
        "n_points: 1\n}\n1 2\n{",
    ],
)
def test_a_pts_that_means_nothing_is_refused(tmp_path, text):
    (tmp_path / "a.pts").write_text(text)
    with pytest.raises(BadLabel, match=r"a\.pts.*; taken are"):
        read_pts(tmp_path / "a.pts")
