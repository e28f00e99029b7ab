import pytest
import torch
from torch.nn import functional

from saccade.errors import BadConfig, BadShape, UnknownName
from saccade.inspect.traces.sliding_window import sliding_window
from saccade.inspect.tracing.panels import Formula, Grid, Sum, Table

NUMBERS = [[float((7 * y + 3 * x * x) % 11 - 4) for x in range(9)] for y in range(8)]
KERNEL = [[1.0, 2.0, -1.0], [0.0, -3.0, 1.0]]
DENSE = [[1.0, -2.0], [0.5, 1.0], [2.0, -1.0]]


def asked_one_by_one(picture, kernel, dense, pool):
    """The classifier as torch has it, on each window that is cut out."""
    numbers, weights, last = (torch.tensor(rows, dtype=torch.float64) for rows in (picture, kernel, dense))
    high, wide = (last.shape[side] * pool + weights.shape[side] - 1 for side in (0, 1))
    scores = []
    for top in range(0, len(picture) - high + 1, pool):
        line = []
        for left in range(0, len(picture[0]) - wide + 1, pool):
            window = numbers[top : top + high, left : left + wide][None, None]
            map_ = functional.max_pool2d(functional.conv2d(window, weights[None, None]).relu(), pool)
            line.append(float((map_[0, 0] * last).sum()))
        scores.append(line)
    return scores


@pytest.mark.parametrize("pool", [1, 2])
def test_one_pass_gives_what_each_window_gives_alone(pool):
    shown = sliding_window(NUMBERS, kernel=KERNEL, dense=DENSE, pool=pool)
    assert shown.result == asked_one_by_one(NUMBERS, KERNEL, DENSE, pool)
    assert len(shown.steps) == len(shown.result) * len(shown.result[0]) + 3


def test_the_small_cross_is_where_the_highest_score_is():
    result = sliding_window().result
    assert max(max(row) for row in result) == result[1][2] == 4


def test_a_window_shows_which_features_are_new_and_how_they_add_up():
    (picture, features, output), (total, work) = sliding_window().steps[5].panels
    assert isinstance(picture, Grid)
    assert sorted(picture.marked("window")) == [(y, x) for y in (1, 2, 3) for x in (1, 2, 3)]
    assert features.values == ((0, 2), (1, 0))
    assert features.marked("fresh") == {(1, 1)}
    assert output.values == ((-1, 3, -3, 2), (1, -3, None, None), (None,) * 4)
    assert isinstance(total, Sum)
    assert total.result == -3
    assert work == Formula(("6 × (16 + 4) = 120",), "products by now")


def test_the_work_is_counted_by_hand():
    # 12 windows of 4 features of 4 products, and 4 of the dense layer; once: 20 features of 4, and 12 × 4
    ((table, lines),) = sliding_window().steps[-1].panels
    assert isinstance(table, Table)
    assert table.rows == (("12 windows", 192, 48, 240), ("one pass", 80, 48, 128))
    assert lines.lines[-1] == "240 / 128 = 1.875"


def test_pooling_leaves_fewer_windows_that_stand_further_apart():
    shown = sliding_window(NUMBERS, pool=2)
    assert (len(shown.result), len(shown.result[0])) == (2, 3)
    assert min(shown.steps[1].panels[0][0].marked("window")) == (0, 2)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"matrix": "1 2; 3 4"}, BadShape, "smaller than one window, which is 3 × 3"),
        ({"matrix": NUMBERS, "pool": 5}, BadShape, "which is 11 × 11"),
        ({"pool": 0}, BadConfig, "pool=0"),
        ({"dense": "1 x; 2 3"}, BadConfig, "dense"),
        ({"kernel": "sobelll"}, UnknownName, "sobel"),
        ({"matrix": [[0.0] * 30] * 30}, BadShape, "take a crop of it"),
        ({"matrix": [[0.0] * 18] * 18, "pool": 1, "dense": "1"}, BadShape, "steps"),
    ],
    ids=str,
)
def test_what_cannot_be_shown_is_refused(given, error, message):
    with pytest.raises(error, match=message):
        sliding_window(**given)
