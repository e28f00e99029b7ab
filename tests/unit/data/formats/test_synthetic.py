import pytest

from saccade.data.opening import open_data
from saccade.data.scenes import SHAPES
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


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("cuont=3,size=big", "(?s)got option 'cuont'.*did you mean 'count'.*got size=big; taken is a whole number"),
        ("size=3,difficulty=2", "got size=3; taken is 8 to 2048; got difficulty=2.0; taken is 0 to 1"),
        ("size", "got size=; taken is a whole number"),
        ("difficulty=nan", "got difficulty=nan"),
    ],
)
def test_wrong_options_are_all_listed(options, message):
    with pytest.raises(BadConfig, match=message):
        open_data(f"synthetic:{options}")
