import pytest

from saccade.inspect.tracing.regions import Axis, read_between, region_axes

MAP = [[1.0, 2.0], [3.0, 4.0]]


def test_points_are_spread_evenly_inside_each_bin():
    axis = Axis(start=1.0, length=6.0, bins=2, count=3)
    assert axis.step == 3
    assert axis.inside(1) == [4.5, 5.5, 6.5]
    assert axis.points == [1.5, 2.5, 3.5, 4.5, 5.5, 6.5]


def test_a_box_is_scaled_and_shifted_by_half_a_pixel_only_where_aligned():
    down, across = region_axes((6, 10, 38, 34), 2, 0.125, sampling_ratio=2, aligned=True)
    assert (down.start, down.length, across.start, across.length) == (0.75, 3.0, 0.25, 4.0)
    down, across = region_axes((6, 10, 6, 34), 2, 0.125, sampling_ratio=2, aligned=False)
    assert (down.start, down.length, across.start, across.length) == (1.25, 3.0, 0.75, 1.0)


def test_points_are_as_many_as_pixels_when_none_are_asked_for():
    down, across = region_axes((0, 0, 41, 32), 2, 0.125, sampling_ratio=None, aligned=True)
    assert (down.count, across.count) == (2, 3)


@pytest.mark.parametrize(
    ("point", "value"),
    [((0, 0), 1), ((1, 1), 4), ((0.5, 0.5), 2.5), ((-1, 0), 1), ((2, 2), 4), ((-1.1, 0), 0), ((0, 2.1), 0)],
)
def test_what_lies_between_is_weighted_and_what_lies_beyond_is_nothing(point, value):
    assert read_between(MAP, point).value == value


def test_the_weights_of_a_point_are_those_of_its_line_times_those_of_its_column():
    reading = read_between(MAP, (0.25, 0.5))
    assert reading.cells == ((0, 0), (0, 1), (1, 0), (1, 1))
    assert reading.weights == (0.375, 0.375, 0.125, 0.125)
    assert reading.shares == (0.25, 0.5)
    assert read_between(MAP, (5, 5)).cells == ()
