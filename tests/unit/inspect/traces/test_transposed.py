import pytest
import torch

from saccade.errors import BadConfig, BadShape
from saccade.inspect.traces.transposed import EXAMPLE, KERNEL, transposed
from saccade.inspect.tracing.panels import Formula, Grid
from saccade.ops.convolution import transposed_convolve


@pytest.mark.parametrize("settings", [{}, {"stride": 1}, {"stride": 3}, {"stride": 2, "padding": 1}], ids=str)
def test_the_result_is_what_ops_compute(settings):
    inputs, weight = (torch.tensor([[rows]], dtype=torch.float64) for rows in (EXAMPLE, KERNEL))
    expected = transposed_convolve(inputs, weight, **{"stride": 2, **settings})[0, 0].tolist()
    assert transposed(**settings).result == expected


def test_stamps_add_up_where_they_overlap_and_say_so():
    panels, (overlaps,) = transposed().steps[1].panels
    stamp, output = panels[2:]
    assert isinstance(stamp, Grid)
    assert isinstance(output, Grid)
    assert stamp.values == KERNEL
    assert output.values[0] == (2, 4, 3, 2, 1)
    assert isinstance(overlaps, Formula)
    assert overlaps.lines == ("row 1, column 3: 2 + 1 = 3", "row 2, column 3: 2 + 2 = 4")


def test_padding_is_cut_off_in_a_step_of_its_own():
    assert transposed(padding=1).steps[-1].title == "cut off"
    assert len(transposed(padding=1).steps) == len(transposed().steps) + 1


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"stride": 0}, BadConfig, "stride=0"),
        ({"padding": 3}, BadShape, "padding 3 on 5 × 5"),
        ({"matrix": [[1] * 9] * 2}, BadShape, "5 × 19"),
        ({"matrix": "1 | 2"}, BadShape, "2 channels"),
    ],
    ids=str,
)
def test_what_cannot_be_stamped_is_refused(arguments, error, words):
    with pytest.raises(error) as caught:
        transposed(**arguments)
    assert words in str(caught.value)
