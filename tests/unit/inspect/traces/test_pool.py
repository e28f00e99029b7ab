import pytest
import torch

from saccade.errors import BadConfig, BadShape, UnknownName
from saccade.inspect.traces.pool import pool
from saccade.inspect.tracing.panels import Formula, Grid
from saccade.ops.pooling import average_pool, max_pool, min_pool

NUMBERS = [[float((7 * y + 3 * x * x) % 11 - 4) for x in range(5)] for y in range(5)]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("max", [[9, 2], [6, 3]]), ("average", [[3.75, 1.25], [3.75, 2]]), ("min", [[1, 1], [1, 1]])],
)
def test_the_notes_four_by_four(kind, expected):
    assert pool(kind=kind).result == expected


def test_a_step_shows_which_number_decided():
    (image, output), (formula,) = pool().steps[0].panels
    assert isinstance(image, Grid)
    assert isinstance(output, Grid)
    assert image.marked("chosen") == {(1, 1)}
    assert formula == Formula(("max(1, 3, 2, 9) = 9",))
    assert output.values == ((9, None), (None, None))


def test_an_average_shows_its_sum_and_has_no_single_number_that_decides():
    (image, _), (formula,) = pool(kind="average").steps[0].panels
    assert isinstance(image, Grid)
    assert image.marked("chosen") == frozenset()
    assert formula == Formula(("(1 + 3 + 2 + 9) / 4 = 3.75",))


@pytest.mark.parametrize(
    ("window", "stride", "padding"), [(2, None, 0), (3, 1, 1), (3, 2, "same"), (2, 3, 1), (5, 1, 2), (2, 1, "full")]
)
def test_the_result_is_what_ops_compute(window, stride, padding):
    tensor = torch.tensor([[NUMBERS]], dtype=torch.float64)
    for kind, operation in (("max", max_pool), ("average", average_pool), ("min", min_pool)):
        expected = operation(tensor, window, stride=stride, padding=padding)[0, 0]
        found = pool(NUMBERS, kind=kind, window=window, stride=stride, padding=padding).result
        torch.testing.assert_close(torch.tensor(found, dtype=torch.float64), expected, rtol=0, atol=1e-12)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"kind": "mx"}, UnknownName, "did you mean 'max'"),
        ({"window": 5}, BadShape, "covers 5 pixels"),
        ({"window": 0}, BadConfig, "window=0"),
        ({"window": 2, "padding": 2}, BadShape, "at most half of the window"),
        ({"stride": -1}, BadConfig, "stride=-1"),
    ],
    ids=str,
)
def test_what_cannot_be_pooled_is_refused(arguments, error, words):
    with pytest.raises(error) as caught:
        pool(**arguments)
    assert words in str(caught.value)
