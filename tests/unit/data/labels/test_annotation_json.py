import json
import math

import pytest
import torch

from saccade.data.labels.annotation_json import from_dict, read_json, to_dict
from saccade.errors import BadLabel
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.keypoints import Keypoints
from saccade.types.masks import Masks
from saccade.types.pixel_map import PixelMap
from saccade.types.polygons import Polygons

SIZE = (6, 10)


def everything():
    generator = torch.Generator().manual_seed(0)
    corners = torch.rand(2, 2, generator=generator, dtype=torch.float64) * 3
    rings = ((torch.rand(4, 2, generator=generator),), ())
    points = torch.rand(2, 3, 2, generator=generator)
    return Annotations(
        SIZE,
        torch.tensor([3, 0]),
        Boxes(torch.cat([corners, corners + 0.1], 1), SIZE),
        Polygons(rings, SIZE),
        Masks(torch.rand(2, *SIZE, generator=generator) > 0.5),
        Keypoints(points, torch.tensor([[0, 1, 2], [2, 2, 0]]), SIZE, ((0, 1),)),
        torch.tensor([False, True]),
        {"area": torch.tensor([0.1, math.nan]), "pose": torch.tensor([[1, 2], [3, 4]], dtype=torch.int32)},
        ("a thing", "žluťoučký kůň"),
        PixelMap(torch.arange(60).reshape(SIZE).to(torch.uint8)),
        PixelMap(torch.full(SIZE, math.inf), math.inf),
        ("two things",),
    )


def through(annotations):
    return from_dict(read_json(json.dumps(to_dict(annotations), allow_nan=False).encode()))


def test_everything_comes_back_to_the_last_bit():
    assert through(everything()).digest() == everything().digest()


def test_nothing_comes_back_as_nothing():
    empty = Annotations(SIZE)
    assert through(empty).digest() == empty.digest()
    none = Annotations(SIZE, torch.zeros(0, dtype=torch.int64), Boxes(torch.zeros(0, 4), SIZE))
    assert through(none).boxes.coordinates.shape == (0, 4)
    assert through(none).digest() == none.digest()


def test_numbers_can_be_read_by_people():
    boxes = Boxes(torch.tensor([[0.5, 1.0, 2.0, 3.0]]), SIZE)
    assert to_dict(Annotations(SIZE, torch.tensor([1]), boxes))["boxes"]["values"] == [0.5, 1.0, 2.0, 3.0]


def spoilt(path, value):
    values = to_dict(everything())
    inner = values
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return values


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "values",
    [
        {},
        [],
        {"size": [6]},
        {"size": [0, 10], "class_ids": {"type": "int64", "shape": [0], "values": []}},
        spoilt(["class_ids", "type"], "object"),
        spoilt(["class_ids", "shape"], [1 << 40]),
        spoilt(["class_ids", "shape"], [-1, -2]),
        spoilt(["class_ids", "values"], [1, 2, 3]),
        spoilt(["class_ids", "values"], ["cat", "dog"]),
        spoilt(["boxes", "values"], [1.0]),
        spoilt(["masks", "packed"], "no base 64 é"),
        spoilt(["masks", "packed"], "AAAA"),
        spoilt(["regions", "values", "shape"], [6, 9]),
        spoilt(["regions", "values", "shape"], [60_000, 60_000]),
        spoilt(["regions", "outside"], "text"),
        spoilt(["keypoints", "swaps"], [[1]]),
        spoilt(["polygons"], 3),
        spoilt(["attributes"], [1]),
        spoilt(["crowd"], None),
    ],
)
def test_what_means_nothing_is_refused(values):
    with pytest.raises(BadLabel, match="taken"):
        from_dict(values)


@pytest.mark.bad_input
@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_refused(data):
    with pytest.raises(BadLabel, match="taken is UTF-8 JSON"):
        read_json(data)
