import pytest
import torch

from saccade.errors import BadConfig, BadShape, UnknownName
from saccade.inspect.traces.conv import EXAMPLE, conv
from saccade.inspect.tracing.panels import Grid, Sum
from saccade.ops.convolution import convolve, cross_correlate

COUNT = [[float(6 * y + x) for x in range(6)] for y in range(5)]
KERNEL = [[1.0, 2.0, -1.0], [0.0, 3.0, 1.0]]


def computed(operation, matrix, kernel, **settings):
    """What `ops` gives for one matrix, or several channels."""
    inputs, weight = (torch.tensor(rows, dtype=torch.float64) for rows in (matrix, kernel))
    inputs, weight = (tensor[None] if tensor.dim() == 3 else tensor[None, None] for tensor in (inputs, weight))
    return operation(inputs, weight, **settings)[0, 0].tolist()


def test_the_half_bright_example_has_thirty_in_the_middle():
    shown = conv()
    assert shown.result == [[0, 30, 30, 0]] * 4
    assert len(shown.steps) == 16


def test_a_step_shows_the_window_its_products_and_their_sum():
    (image, kernel, products, output), (total,) = conv().steps[5].panels
    assert isinstance(image, Grid)
    assert sorted(image.marked("window")) == [(y, x) for y in (1, 2, 3) for x in (1, 2, 3)]
    assert (image.colour, kernel.values) == ("grey", ((1, 0, -1),) * 3)
    assert products.values == ((10, 0, 0),) * 3
    assert isinstance(total, Sum)
    assert total.result == 30
    assert output.values[1] == (0, 30, None, None)
    assert output.marked("fresh") == {(1, 1)}


def test_a_dark_to_bright_edge_answers_below_zero():
    assert conv([row[::-1] for row in EXAMPLE]).result == [[0, -30, -30, 0]] * 4


@pytest.mark.parametrize(
    "settings",
    [{}, {"stride": 2}, {"padding": "same"}, {"padding": "full"}, {"padding": 1, "stride": 3}, {"dilation": 2}],
    ids=str,
)
def test_the_result_is_what_ops_compute(settings):
    assert conv(COUNT, kernel=KERNEL, **settings).result == computed(cross_correlate, COUNT, KERNEL, **settings)
    assert conv(COUNT, kernel=KERNEL, flip=True, **settings).result == computed(convolve, COUNT, KERNEL, **settings)


def test_channels_add_up_each_with_its_own_kernel():
    matrices, kernels = [COUNT, COUNT[::-1], EXAMPLE[:5]], [KERNEL, KERNEL[::-1], KERNEL]
    shown = conv(matrices, kernel=kernels)
    assert shown.result == computed(cross_correlate, matrices, kernels)
    assert [len(row) for row in shown.steps[0].panels] == [3, 3, 3, 2]
    assert conv(matrices, kernel=KERNEL).result == computed(cross_correlate, matrices, [KERNEL] * 3)


def test_a_kernel_has_a_name_and_padding_is_marked():
    shown = conv(kernel="sobel", padding=1)
    image, kernel = shown.steps[0].panels[0][:2]
    assert isinstance(image, Grid)
    assert isinstance(kernel, Grid)
    assert kernel.values[1] == (2, 0, -2)
    assert len(image.marked("padding")) == 8 * 8 - 36


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"kernel": "sobl"}, UnknownName, "did you mean 'sobel'"),
        ({"kernel": "1 nan"}, BadConfig, "finite"),
        ({"kernel": [[1] * 7] * 7}, BadShape, "covers 7 pixels"),
        ({"stride": 0}, BadConfig, "stride=0"),
        ({"matrix": [[0] * 19] * 3}, BadShape, "3 × 19"),
        ({"matrix": [[[1]]] * 5, "kernel": "1"}, BadShape, "5 channels"),
        ({"matrix": "1 | 2 | 3", "kernel": "1 | 2"}, BadShape, "kernel of 2"),
    ],
    ids=str,
)
def test_what_cannot_be_traced_is_refused_in_three_clauses(arguments, error, words):
    with pytest.raises(error) as caught:
        conv(**arguments)
    assert words in str(caught.value)
    assert str(caught.value).count("; ") >= 2
