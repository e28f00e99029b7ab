import numpy as np
import pytest
import torch

from saccade.api.filters.kernels import as_kernel
from saccade.errors import BadConfig, BadData, BadShape
from saccade.ops.kernels import named_kernel


@pytest.mark.parametrize(
    "form",
    [
        "sobel",
        "1 0 -1; 2 0 -2; 1 0 -1",
        [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
        np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]]),
        torch.tensor([[1, 0, -1], [2, 0, -2], [1, 0, -1]], dtype=torch.float64),
    ],
)
def test_every_form_gives_the_same_kernel(form):
    assert as_kernel(form).equal(named_kernel("sobel"))
    assert as_kernel(form, angle=30).equal(named_kernel("sobel", angle=30))


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("form", "error", "wanted"),
    [
        ([[1, 2], [3]], BadShape, "got a kernel of list"),
        ([[1, "x"]], BadShape, "got a kernel of list"),
        (None, BadShape, "got a kernel of NoneType"),
        ([1, 2, 3], BadShape, r"got a kernel of shape \(3,\)"),
        (np.zeros((1, 1, 3)), BadShape, r"got a kernel of shape \(1, 1, 3\)"),
        ([[1, float("nan")]], BadData, "got a kernel with nan in row 1, column 2"),
    ],
)
def test_what_is_no_kernel_is_refused(form, error, wanted):
    with pytest.raises(error, match=wanted):
        as_kernel(form)


@pytest.mark.bad_input
def test_numbers_without_direction_are_not_turned():
    with pytest.raises(BadConfig, match="got an angle of 10° with a kernel of no direction"):
        as_kernel([[1, 1]], angle=10)
