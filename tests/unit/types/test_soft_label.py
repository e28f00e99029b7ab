import pytest

from saccade.errors import BadLabel
from saccade.tasks.classification import classification
from saccade.types.sample import classes_of
from saccade.types.soft_label import SoftLabel, shares_of


def test_shares_become_rows():
    assert shares_of([SoftLabel({2: 0.25, 0: 0.75}), 1], "abc").tolist() == [[0.75, 0, 0.25], [0, 1, 0]]
    assert classes_of(SoftLabel({2: 0.25, 0: 0.75})) == (0, 2)


def test_classification_takes_them():
    task = classification(["cat", "dog"])
    assert task.targets([1, 0]).tolist() == [1, 0]
    assert task.targets([SoftLabel({0: 0.5, 1: 0.5}), 0]).tolist() == [[0.5, 0.5], [1, 0]]


@pytest.mark.bad_input
@pytest.mark.parametrize("shares", [{0: 0.5}, {0: 1.5, 1: -0.5}, {}, {0: float("nan")}])
def test_shares_that_are_none_are_refused(shares):
    with pytest.raises(BadLabel, match="that sum to 1"):
        SoftLabel(shares)


@pytest.mark.bad_input
def test_classes_that_are_none_are_refused():
    with pytest.raises(BadLabel, match="from 0 to 1"):
        shares_of([SoftLabel({2: 1.0})], ["cat", "dog"])
    with pytest.raises(BadLabel, match="no names of classes"):
        shares_of([SoftLabel({2: 1.0})], [])
