import pytest

from saccade.errors import BadShape, UnknownName
from saccade.inspect.tracing.kernels import kernel_of, kernels_of


def test_a_kernel_is_a_name_or_numbers():
    assert kernel_of(" sobel ") == kernel_of("1 0 -1; 2 0 -2; 1 0 -1") == [[1, 0, -1], [2, 0, -2], [1, 0, -1]]
    assert len(kernels_of("1 0 | 0 1")) == 2


@pytest.mark.bad_input
def test_an_unknown_filter_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'sobel'"):
        kernel_of("sobl")
    with pytest.raises(BadShape, match="2 channels"):
        kernel_of("1 | 2")
