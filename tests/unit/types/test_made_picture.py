"""A picture that was made, and what is said of it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from saccade.errors import BadData
from saccade.types.made_picture import MadePicture, as_pixels


def test_it_says_what_it_is_without_its_pixels():
    made = MadePicture("a.jpg", np.zeros((4, 6, 3), np.uint8), "zebra", 0.756)
    assert json.loads(json.dumps(made.to_dict())) == {"key": "a.jpg", "kind": "zebra", "size": [4, 6], "opinion": 0.756}
    assert str(made) == "a.jpg: zebra, 4 × 6 (the critic takes 76 % of it for real)"
    assert str(MadePicture("", made.pixels)) == "a picture, 4 × 6"
    assert "data:image/png;base64," in made._repr_html_()


def test_levels_are_rounded_and_cut():
    assert as_pixels(np.array([[[-1.0, 0.5, 2.0]]]), "a").ravel().tolist() == [0, 128, 255]


@pytest.mark.bad_input
def test_numbers_that_are_not_finite_are_refused_by_name():
    with pytest.raises(BadData, match=r"not finite for a\.jpg"):
        as_pixels(np.array([[[np.nan]]]), "a.jpg")
