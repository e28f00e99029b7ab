import pytest

from saccade.data.opening import open_data
from saccade.data.scenes.outlines import SHAPES
from saccade.errors import BadConfig


def test_options_follow_the_name():
    dataset = open_data("synthetic:count=80, size=16,difficulty=0")
    assert dataset.counts() == {"train": 64, "val": 8, "test": 8}
    assert dataset.splits["train"].read(0).image.shape == (16, 16, 3)
    assert (dataset.labels, dataset.task) == (SHAPES, "classification")
    assert dataset.origin["data"] == "synthetic:count=80, size=16,difficulty=0"


def test_several_shapes_make_several_labels():
    dataset = open_data("synthetic:count=80,shapes=3")
    assert dataset.task == "multi_label"
    assert {len(dataset.splits["train"].target(index)) for index in range(64)} == {1, 2, 3}


def test_a_task_and_its_classes_can_be_chosen():
    dataset = open_data("synthetic:task=detection,count=60,classes=star+ring")
    assert (dataset.task, dataset.labels) == ("detection", ("star", "ring"))
    dataset = open_data("synthetic:task=multi_label,count=60,classes=star+ring")
    assert set(map(dataset.splits["train"].target, range(40))) == {(0,), (1,), (0, 1)}


def test_naming_the_task_changes_nothing():
    plain, named = open_data("synthetic:count=40"), open_data("synthetic:count=40,task=classification")
    assert plain.splits["train"].fingerprint() == named.splits["train"].fingerprint()


def test_the_fingerprint_is_that_of_the_first_release():
    """Runs on synthetic data go on only with the data that they began with; Pillow 13.0 and NumPy 2.4 draw these."""
    source = open_data("synthetic:count=40,size=16").splits["train"]
    assert source.fingerprint()[:16] == "652ee4f197aaf335"


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("cuont=3,size=big", "(?s)got option 'cuont'.*did you mean 'count'.*got size=big; taken is a whole number"),
        ("size=3,difficulty=2", "got size=3; taken is 8 to 2048; got difficulty=2.0; taken is 0 to 1"),
        ("size", "got size=; taken is a whole number"),
        ("difficulty=nan", "got difficulty=nan"),
        ("task=detction,cuont=3", "(?s)got task=detction.*did you mean 'detection'.*got option 'cuont'"),
        ("task=detection,people=3", "got option 'people'; taken are classes, count, difficulty"),
        ("task=detection,classes=strar+ring", "got class 'strar'; .*did you mean 'star'"),
        ("task=letters,classes=A+A", r"got classes=A\+A; taken are different names joined by \+"),
        ("task=classification,shapes=3", "got shapes=3 with one class; taken is 1; write task=multi_label"),
        ("shapes=9", "got shapes=9; taken is 1 to 8"),
        ("shapes=3,classes=star+ring", "got shapes=3; taken is 1 to 2"),
        ("task=keypoints,size=16", "got size=16; taken is 32 to 2048"),
        ("task=translation,paired=2", "got paired=2; taken is 0 to 1"),
    ],
)
def test_wrong_options_are_all_listed(options, message):
    with pytest.raises(BadConfig, match=message):
        open_data(f"synthetic:{options}")
