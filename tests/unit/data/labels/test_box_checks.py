import math

import pytest

from saccade.data.labels.box_checks import box_finding


@pytest.mark.parametrize(
    ("box", "code", "severity"),
    [
        ((1, 2, 3, 4), None, None),
        ((-1, -1, 21, 11), None, None),
        ((0, 0, 0.01, 0.01), None, None),
        ((1, 2, 1, 4), "box-empty", "error"),
        ((3, 2, 1, 4), "box-inside-out", "error"),
        ((math.nan, 2, 3, 4), "box-not-finite", "error"),
        ((1, 2, math.inf, 4), "box-not-finite", "error"),
        ((20, 2, 23, 4), "box-outside", "error"),
        ((-5, 2, 0, 4), "box-outside", "error"),
        ((1, 10, 3, 10.5), "box-outside", "error"),
        ((1, 2, 22, 4), "box-outside", "warning"),
        ((1, -2, 3, 4), "box-outside", "warning"),
    ],
)
def test_a_box_is_judged(box, code, severity):
    found = box_finding(box, (10, 20), file="a.json", key="a.jpg")
    assert (found and found.code, found and found.severity) == (code, severity)
    assert found is None or (found.file, found.key) == ("a.json", "a.jpg")


def test_without_a_size_nothing_is_outside():
    assert box_finding((-100, 0, 1e6, 1e9), None) is None
