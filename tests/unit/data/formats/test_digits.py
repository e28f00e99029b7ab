import numpy as np
import pytest

from saccade.data.opening import open_data
from saccade.errors import BadConfig


def test_the_digits_are_there():
    dataset = open_data("digits")
    assert dataset.counts() == {"train": 1438, "val": 180, "test": 179}
    assert dataset.labels == tuple("0123456789")
    assert dataset.origin == {"data": "digits", "seed": 0, "shares": [0.8, 0.1, 0.1]}


def test_their_17_levels_are_kept():
    source = open_data("digits", shares=(1, 0, 0)).splits["train"]
    levels = np.unique([source.read(index).image for index in range(200)])
    assert len(levels) == 17
    assert (levels[0], levels[-1]) == (0, 255)
    assert source.read(0).image.shape == (8, 8, 1)
    assert source.key(12) == "digits[12]"


@pytest.mark.bad_input
def test_options_are_refused():
    with pytest.raises(BadConfig, match="digits alone"):
        open_data("digits:size=3")
