import numpy as np
import pytest

import format_examples
from format_examples import write_pts
from pictures import write_picture
from saccade import catalog
from saccade.data.format import contents
from saccade.data.labels.face_points import FACE_68_NAMES
from saccade.data.opening import open_data
from saccade.data.splitting import Splitting
from saccade.errors import BadData, BadLabel


@pytest.fixture
def root(tmp_path):
    return format_examples.landmarks(tmp_path / "faces")


@pytest.fixture
def table(tmp_path):
    """Opens a CSV of points beside twelve pictures."""

    def opened(text):
        for index in range(12):
            write_picture(tmp_path / "a" / f"{index}.png", (30, 40), shade=index)
        (tmp_path / "points.csv").write_text(text)
        return catalog.find("data.formats", "landmarks")().open(
            str(tmp_path / "points.csv"), Splitting(shares=(1, 0, 0))
        )

    return opened


def rows(cells=lambda index: f"{index},1.5,20,2.25"):
    return "".join(f"a/{index}.png,{cells(index)}\n" for index in range(12))


def codes(dataset):
    return [(finding.code, finding.line, finding.severity) for finding in dataset.findings]


def test_a_pixel_that_is_counted_from_1_has_its_middle_at_one_half(root):
    dataset = open_data(root, shares=(1, 0, 0))
    assert (dataset.task, dataset.labels, dataset.keypoint_names) == ("keypoints", ("face",), FACE_68_NAMES)
    target = dataset.splits["train"].target(0)
    assert target.keypoints.points[0, :3].tolist() == [[0.5, 0.75], [1, 0.75], [1.5, 0.75]]
    assert bool((target.keypoints.visibility == 2).all())


def test_a_mirror_takes_the_right_eye_to_the_left(root):
    target = open_data(root, shares=(1, 0, 0)).splits["train"].target(1)
    before, after = target.keypoints.points[0], target.mirror().keypoints.points[0]
    assert after[45].tolist() == [40 - before[36, 0], before[36, 1]]


def test_folders_say_splits(root):
    for split in ("trainset", "testset"):
        picture = write_picture(root / "lfpw" / split / "1.png", shade=len(split))
        write_pts(picture.with_suffix(".pts"), [(1, 1)] * 68)
    assert open_data(root, shares=(1, 0, 0)).counts() == {"train": 13, "test": 1}


def test_files_that_are_wrong_lost_or_of_another_scheme_are_told(root):
    (root / "helen" / "0.pts").unlink()
    (root / "helen" / "1.pts").write_text("n_points: 68\n{\n1 2\n}")
    write_pts(root / "helen" / "2.pts", [(1, 1)] * 5)
    dataset = open_data(root, shares=(1, 0, 0))
    assert {(finding.code, finding.file, finding.severity) for finding in dataset.findings} == {
        ("missing-label", "helen/0.pts", "warning"), ("bad-keypoints", "helen/1.pts", "error"),
        ("bad-keypoints", "helen/2.pts", "error"),
    }  # fmt: skip
    assert contents(dataset) == {"images": 12, "things": 9, "keypoints": 9 * 68}


def test_a_table_is_taken_as_it_stands(table):
    dataset = table("image,left_eye_x,left_eye_y,right_eye_x,right_eye_y\n" + rows())
    target = dataset.splits["train"].target(3)
    assert (dataset.keypoint_names, dataset.labels, dataset.findings) == (("left_eye", "right_eye"), ("face",), ())
    assert target.keypoints.points.tolist() == [[[3, 1.5], [20, 2.25]]]
    assert target.mirror().keypoints.points.tolist() == [[[20, 2.25], [37, 1.5]]]


def test_empty_cells_are_points_without_a_label_and_empty_lines_background(table):
    dataset = table("image,a_x,a_y,b_x,b_y\n" + rows(lambda index: ",,1,2" if index else ",,,"))
    assert contents(dataset) == {"images": 12, "things": 11, "keypoints": 11}
    assert dataset.findings == ()


def test_several_lines_are_several_things(table):
    assert contents(table("image,x1,y1,x2,y2\n" + rows() + rows()))["things"] == 24


def test_wrong_lines_are_told_and_left_out(table):
    text = "image,x1,y1,x2,y2\n" + rows(lambda index: "x,1,2,3" if index == 1 else "1,2,3,4")
    dataset = table(text + "gone.png,1,2,3,4\n../a.png,1,2,3,4\n/a.png,1,2,3,4\n")
    assert codes(dataset) == [
        ("bad-keypoints", 3, "error"), ("missing-image", 14, "error"), ("path-outside", 15, "error"),
        ("path-outside", 16, "error"),
    ]  # fmt: skip
    assert contents(dataset) == {"images": 12, "things": 12, "keypoints": 23}


def test_faces_are_written_as_pts_and_read_the_same(root, tmp_path):
    dataset = open_data(root)
    counts = catalog.find("data.formats", "landmarks")().write(dataset, tmp_path / "out")
    again = open_data(tmp_path / "out")
    assert counts == contents(dataset) == contents(again)
    assert not (tmp_path / "out" / "landmarks.csv").exists()
    for split, source in dataset.splits.items():
        same = [(again.splits[split].target(row).digest(), source.target(row).digest()) for row in range(len(source))]
        assert all(one == other for one, other in same)


def test_other_things_are_written_as_a_table_and_read_the_same(table, tmp_path):
    numbers = np.random.default_rng(0).uniform(0, 30, (12, 4))
    text = "image,left_x,left_y,left_v,right_x,right_y,right_v\n" + rows(
        lambda index: "{!r},{!r},1,{!r},{!r},{}".format(*numbers[index].tolist(), index % 3)
    )
    dataset = table(text)
    counts = catalog.find("data.formats", "landmarks")().write(dataset, tmp_path / "out")
    again = open_data(tmp_path / "out", shares=(1, 0, 0))
    assert counts == contents(dataset) == contents(again)
    assert again.keypoint_names == ("left", "right")
    first = {
        dataset.splits["train"].key(row).split("/")[-1]: dataset.splits["train"].target(row).digest()
        for row in range(12)
    }
    second = {
        again.splits["train"].key(row).split("/")[-1]: again.splits["train"].target(row).digest() for row in range(12)
    }
    assert first == second


@pytest.mark.bad_input
def test_what_has_no_points_is_refused(table):
    with pytest.raises(BadData, match="without a picture that has points"):
        table("image,x1,y1\n" + "gone.png,1,2\n")
    with pytest.raises(BadData, match="without columns of points"):
        table("image,label\na/0.png,1\n")
    with pytest.raises(BadLabel, match="with the split 'later'"):
        table("image,x1,y1,split\na/0.png,1,2,later\n")
