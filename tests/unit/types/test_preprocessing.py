"""Preprocessing travels in the model file and comes back the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from saccade.errors import BadConfig
from saccade.types.preprocessing import Preprocessing


def test_it_survives_json() -> None:
    value = Preprocessing((32, 48), 3, (0.5, 0.25, 0.125), (0.1, 0.2, 0.3), "pad")
    assert Preprocessing.from_dict(json.loads(json.dumps(value.to_dict()))) == value


def test_what_is_scaled_first_and_how_survives_json_too() -> None:
    value = Preprocessing((224, 224), 1, (0.5,), (0.25,), scaled=(256, 256), resampling="bicubic")
    assert Preprocessing.from_dict(json.loads(json.dumps(value.to_dict()))) == value


def test_a_file_of_before_has_neither() -> None:
    values = Preprocessing((32, 32), 1, (0.5,), (0.25,)).to_dict()
    del values["scaled"], values["resampling"]
    assert Preprocessing.from_dict(values) == Preprocessing((32, 32), 1, (0.5,), (0.25,))


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"size": (0, 5)}, r"got size=\(0, 5\)"),
        ({"mean": (0.5, 0.5)}, "got 2 means and 1 deviations for 1 channels"),
        ({"std": (0.0,)}, r"got std=\(0\.0,\); taken are numbers above 0"),
        ({"resampling": "nearest"}, "got resampling='nearest'; taken are bilinear, bicubic"),
        ({"scaled": (31, 64)}, r"got scaled=\(31, 64\) with size=\(32, 32\)"),
        ({"scaled": (64, 64), "fit": "pad"}, "fit='pad'; taken is .* with crop or stretch"),
        ({"fit": "zoom"}, "got fit='zoom'; taken are crop, pad, stretch"),
    ],
)
def test_what_means_nothing_is_refused(changes: dict[str, Any], said: str) -> None:
    values = {"size": (32, 32), "channels": 1, "mean": (0.5,), "std": (0.25,), "fit": "crop"}
    with pytest.raises(BadConfig, match=said):
        Preprocessing(**{**values, **changes})
