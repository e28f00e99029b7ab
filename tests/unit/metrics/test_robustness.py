"""What is left of a figure: told in lines and in plain values."""

from __future__ import annotations

import json

from saccade.metrics.robustness import Point, Robustness

NONE = (float("nan"), float("nan"), float("nan"))
FOUND = Robustness(
    "accuracy",
    (0.8, 0.7, 0.9),
    (Point("noise", 0.1, (0.5, 0.4, 0.6)), Point("noise", 0.2, NONE), Point("jpeg", 5, (0.6, 0.5, 0.7))),
    40, 300, 0,
)  # fmt: skip


def test_kinds_keep_their_order_and_the_worst_is_known() -> None:
    assert FOUND.kinds == ("noise", "jpeg")
    assert [point.strength for point in FOUND.along("noise")] == [0.1, 0.2]
    assert FOUND.worst == FOUND.points[0]
    assert Robustness("map", NONE, (Point("noise", 0.1, NONE),), 1, 1, 0).worst is None


def test_it_is_plain_for_json_and_readable() -> None:
    told = json.loads(json.dumps(FOUND.to_dict()))
    assert told["undisturbed"] == {"value": 0.8, "low": 0.7, "high": 0.9}
    assert told["points"][1] == {"kind": "noise", "strength": 0.2, "value": None, "low": None, "high": None}
    assert (told["images"], told["of"], told["seed"]) == (40, 300, 0)
    lines = str(FOUND).splitlines()
    assert lines[0] == "accuracy of 40 images, a sample of 300, disturbed"
    assert lines[2].split() == ["noise", "0.1", "0.5000", "(0.4000", "to", "0.6000)"]
