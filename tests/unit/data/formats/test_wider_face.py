import pytest

import format_examples
from saccade import catalog
from saccade.data.format import contents
from saccade.data.opening import open_data
from saccade.errors import BadData


@pytest.fixture
def root(tmp_path):
    return format_examples.wider_face(tmp_path / "wider")


def rewritten(root, text):
    (root / "wider_face_split" / "wider_face_train_bbx_gt.txt").write_text(text)
    return open_data(root)


def first(dataset):
    source = dataset.splits["train"]
    return [(source.key(row), source.target(row).boxes.coordinates.tolist()) for row in range(len(source))]


def test_boxes_and_attributes_are_read(root):
    dataset = open_data(root)
    assert (dataset.task, dataset.labels, dataset.counts()) == ("detection", ("face",), {"train": 12, "val": 4})
    target = dataset.splits["train"].target(3)
    assert target.boxes.coordinates.tolist() == [[0, 0, 5, 8], [1, 2, 7, 10], [2, 4, 9, 12]]
    assert {name: values.tolist() for name, values in target.attributes.items()} == {
        "blur": [0, 1, 2], "expression": [0, 0, 0], "illumination": [1, 1, 1], "invalid": [0, 1, 0],
        "occlusion": [2, 2, 2], "pose": [0, 0, 0],
    }  # fmt: skip
    assert target.size == (40, 60)


def test_a_picture_of_no_faces_is_background(root):
    source = open_data(root).splits["train"]
    assert (source.key(0), len(source.target(0)), source.classes(0)) == (
        "WIDER_train/images/0--Parade/0_Parade_0.jpg",
        0,
        (),
    )


def test_no_faces_may_come_without_the_row_of_zeros(root):
    dataset = rewritten(root, "0--Parade/0_Parade_0.jpg\n0\n1--Parade/1_Parade_1.jpg\n1\n1 2 3 4 0 0 0 0 0 0\n")
    assert [boxes for _, boxes in first(dataset)] == [[], [[1, 2, 4, 6]]]
    assert dataset.findings == ()


def test_wrong_rows_are_told_with_their_line_and_the_others_kept(root):
    dataset = rewritten(
        root,
        "0--Parade/0_Parade_0.jpg\n5\n1 2 3 4 0 0 0 0 0 0\n1 2 0 4 0 0 0 0 0 0\n1 2 3\n1 nan 3 4 0 0 0 0 0 0\n"
        "1 2 -3 4 0 0 0 0 0 0\n",
    )
    assert [(finding.code, finding.line) for finding in dataset.findings] == [
        ("box-empty", 4), ("wrong-columns", 5), ("not-a-number", 6), ("box-inside-out", 7),
    ]  # fmt: skip
    assert first(dataset)[0][1] == [[1, 2, 4, 6]]


def test_wrong_counts_names_and_paths_are_told(root):
    dataset = rewritten(
        root,
        "0--Parade/0_Parade_0.jpg\n3\n1 2 3 4 0 0 0 0 0 0\n"
        "0--Parade/gone.jpg\n1\n1 2 3 4 0 0 0 0 0 0\n"
        "../../secret.jpg\n1\n1 2 3 4 0 0 0 0 0 0\n"
        "0--Parade/0_Parade_0.jpg\n1\n1 2 3 4 0 0 0 0 0 0\n"
        "1--Parade/1_Parade_1.jpg\n1--Parade/1_Parade_3.jpg\n1\n1 2 3 4 0 0 0 0 0 0\n",
    )
    assert [(finding.code, finding.line) for finding in dataset.findings] == [
        ("wrong-columns", 2), ("missing-image", 4), ("path-outside", 7), ("duplicate-label", 10), ("not-a-number", 14),
    ]  # fmt: skip
    assert len(first(dataset)) == 3


def test_what_is_written_reads_exactly_the_same(root, tmp_path):
    dataset = open_data(root)
    counts = catalog.find("data.formats", "wider_face")().write(dataset, tmp_path / "out")
    again = open_data(tmp_path / "out")
    assert counts == contents(dataset) == contents(again)
    for split, source in dataset.splits.items():
        assert [again.splits[split].key(row) for row in range(len(source))] == [
            source.key(row) for row in range(len(source))
        ]
        assert again.splits[split].fingerprint() == source.fingerprint()


@pytest.mark.bad_input
def test_lists_without_pictures_are_refused(root):
    import shutil

    shutil.rmtree(root / "WIDER_train")
    shutil.rmtree(root / "WIDER_val")
    with pytest.raises(BadData, match="taken are WIDER_train/images"):
        open_data(root)
