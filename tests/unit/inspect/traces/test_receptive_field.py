import pytest

from saccade.errors import BadConfig, BadShape
from saccade.inspect.traces.receptive_field import receptive_field
from saccade.inspect.tracing.panels import Formula, Grid
from saccade.ops.receptive_field import Window, receptive_fields


def test_two_small_kernels_see_what_a_large_one_sees():
    assert [row[0] for row in receptive_field().result] == [3, 5, 7]
    assert receptive_field("3 1 0 2").result == [[5, 1, 2.5]]


@pytest.mark.parametrize("layers", [[(3, 1)] * 4, [(7, 2, 3), (3, 2, 1), (3, 1, 1, 2)], [(2, 2), (5, 1, 2)], [(1,)]])
def test_the_result_is_what_ops_compute(layers):
    rows = [[*layer, *(1, 0, 1)[len(layer) - 1 :]] for layer in layers]
    expected = [list(field[1:4]) for field in receptive_fields([Window(*row) for row in rows])]
    assert receptive_field(rows).result == expected


def test_the_picture_counts_the_paths_to_each_pixel():
    picture = receptive_field().steps[1].panels[0][0]
    assert isinstance(picture, Grid)
    assert picture.values[3] == (0, 3, 6, 9, 6, 3, 0)
    assert sum(value or 0 for row in picture.values for value in row) == 81
    assert len(picture.marked("window")) == 25


def test_a_field_too_large_to_draw_is_still_computed():
    shown = receptive_field("7 2; 3 2; 3 2; 3 2")
    assert shown.result[-1][0] == 35
    assert [type(panel) for panel in shown.steps[0].panels[0]] == [Formula]
    assert receptive_field([[3, 2]] * 64).result[-1][1] == 2**64


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("layers", "error", "words"),
    [
        ("3 1 0 1 1", BadShape, "5 numbers"),
        ([[3, 1]] * 65, BadShape, "65 layers"),
        ("2.5 1", BadConfig, "kernel 2.5 in layer 1"),
        ("3 0", BadConfig, "stride of layer 1=0"),
        ("3 1; 3", BadShape, "rows of [1, 2] numbers"),
    ],
)
def test_what_is_no_stack_of_layers_is_refused(layers, error, words):
    with pytest.raises(error) as caught:
        receptive_field(layers)
    assert words in str(caught.value)
