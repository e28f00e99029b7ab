import pytest
import torch

from saccade.errors import BadConfig, BadLabel, BadShape
from saccade.inspect.traces.roi_align import BOX, EXAMPLE, roi_align
from saccade.inspect.tracing.panels import Formula, Grid, Scene, Sum, Table
from saccade.ops.roi_align import roi_align as computed

RAMP = [[0.0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23], [30, 31, 32, 33]]


def panels_of(step, kind):
    return [panel for row in step.panels for panel in row if isinstance(panel, kind)]


def of_ops(matrix, box, **options):
    features = torch.tensor(matrix, dtype=torch.float64)[None, None]
    return computed(features, [torch.tensor(box, dtype=torch.float64)], **options)[0, 0]


def test_the_example_has_a_step_for_the_region_the_points_one_point_and_each_bin():
    shown = roi_align()
    assert [step.title for step in shown.steps] == [
        "the region on the map", "the points in the bins", "one point", "bin row 1, column 1", "bin row 1, column 2",
        "bin row 2, column 1", "bin row 2, column 2",
    ]  # fmt: skip
    (formula,) = panels_of(shown.steps[0], Formula)
    assert formula.lines[:4] == (
        "x1 = 6 × 0.125 = 0.75",
        "x2 = 38 × 0.125 = 4.75",
        "width = max(4.75 − 0.75, 1) = 4",
        "width of a bin = 4 / 2 = 2",
    )


def test_a_map_that_rises_evenly_is_read_where_the_middle_of_each_bin_lies():
    """10 y + x: the mean of a bin is what is at its middle."""
    assert roi_align(RAMP, box="0 0 4 4", scale=1, aligned=True).result == [[5.5, 7.5], [25.5, 27.5]]
    assert roi_align(RAMP, box="0 0 2 2", scale=1).result == [[5.5, 6.5], [15.5, 16.5]]


def test_one_point_has_four_neighbours_whose_weights_sum_to_one():
    step = roi_align().steps[2]
    (grid,), (total,) = panels_of(step, Grid), panels_of(step, Sum)
    assert grid.marked("window") == {(1, 1), (1, 2), (2, 1), (2, 2)}
    assert total.rows == (((4, 0.28125), (6, 0.09375)), ((6, 0.46875), (9, 0.15625)))
    assert total.result == 5.90625
    assert sum(weight for row in total.rows for _, weight in row) == 1
    (formula,) = panels_of(step, Formula)
    assert formula.lines[0] == "share of the line below = 1.625 − 1 = 0.625"
    assert formula.lines[2] == "above, left: (1 − 0.625) × (1 − 0.25) ≈ 0.2812"


def test_a_bin_is_the_mean_of_its_points():
    step = roi_align().steps[3]
    (table,), (formula,) = panels_of(step, Table), panels_of(step, Formula)
    assert table.rows == ((1.625, 1.25, 5.90625), (1.625, 2.25, 7.875), (2.375, 1.25, 6.75), (2.375, 2.25, 9.0))
    assert formula.lines == ("(5.906 + 7.875 + 6.75 + 9) / 4 ≈ 7.383",)


def test_the_drawing_has_the_region_where_its_pixels_are():
    (plain,), (moved,) = (panels_of(roi_align(aligned=aligned).steps[0], Scene) for aligned in (True, False))
    assert plain.size == (6, 6)
    assert plain.boxes[0].corners == (0.75, 1.25, 4.75, 4.25)
    assert moved.boxes[0].corners == (1.25, 1.75, 5.25, 4.75)
    (points,) = panels_of(roi_align().steps[1], Scene)
    assert [box.state for box in points.boxes].count("kept") == 16


def test_a_point_beyond_the_map_reads_its_edge_and_further_out_nothing():
    edge = roi_align(RAMP, box="-1 0 0 1", scale=1, output_size=1, sampling_ratio=1)
    assert edge.result == [[5.0]]
    assert "It lies beyond the numbers at the edge" in edge.steps[2].text
    outside = roi_align(RAMP, box="-4 0 0 1", scale=1, output_size=1)
    assert outside.result == [[(0 + 2.5 + 0 + 7.5) / 4]]
    assert "2 of them lie more than a pixel beyond the map" in outside.steps[-1].text
    nowhere = roi_align(RAMP, box="50 50 60 60", scale=1)
    assert nowhere.result == [[0, 0], [0, 0]]
    assert "one point" not in [step.title for step in nowhere.steps]


def test_a_region_without_size_reads_nothing_when_points_are_counted_by_pixels():
    shown = roi_align(RAMP, box="1 1 1 1", scale=1, sampling_ratio=None, aligned=True)
    assert shown.result == [[0, 0], [0, 0]]
    assert shown.steps[-1].text == "The region has no size, so there is no point in it: 0 is written."


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("sampling_ratio", [1, 2, 3, None])
@pytest.mark.parametrize(
    "box", [BOX[0], (0, 0, 48, 48), (-20, -9, 11, 60), (9, 9, 9, 9), (9, 9, 10, 47), (40, 40, 90, 90)]
)
def test_the_result_is_what_ops_compute(box, sampling_ratio, aligned):
    options = {"output_size": 2, "scale": 0.125, "sampling_ratio": sampling_ratio, "aligned": aligned}
    shown = torch.tensor(roi_align(EXAMPLE, box=[box], **options).result, dtype=torch.float64)
    torch.testing.assert_close(shown, of_ops(EXAMPLE, [box], **options), rtol=0, atol=1e-12)


def test_what_is_worked_out_of_rounded_numbers_is_never_called_equal():
    (formula,) = panels_of(roi_align(scale=1 / 9).steps[0], Formula)
    assert formula.lines[0] == "x1 = 6 × 0.1111 ≈ 0.6667"
    assert formula.lines[2] == "width = max(4.222 − 0.6667, 1) ≈ 3.556"


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"box": "1 1 2 2; 3 3 4 4"}, BadShape, "got 2 boxes"),
        ({"box": "1 1 2"}, BadShape, "got box of 3 numbers"),
        ({"box": "2 2 1 1"}, BadLabel, "got box 1"),
        ({"matrix": [[1.0] * 19]}, BadShape, "19 numbers"),
        ({"output_size": 0}, BadConfig, "output_size=0"),
        ({"output_size": 10}, BadShape, "20 × 20"),
        ({"sampling_ratio": 0}, BadConfig, "sampling_ratio=0"),
        ({"sampling_ratio": None, "box": "0 0 1e12 1e12"}, BadShape, "points"),
        ({"scale": 0.0}, BadConfig, "scale=0.0"),
        ({"scale": float("nan")}, BadConfig, "scale=nan"),
    ],
    ids=str,
)
def test_what_is_no_region_is_refused(arguments, error, words):
    with pytest.raises(error) as caught:
        roi_align(**arguments)
    assert words in str(caught.value)
