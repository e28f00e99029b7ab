"""Annotations: everything that is known of a picture moves together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from saccade.errors import BadLabel
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.keypoints import Keypoints
from saccade.types.pixel_map import PixelMap
from saccade.types.polygons import Polygons
from saccade.types.warp import Warp

SIZE = (10, 20)


@pytest.fixture
def two() -> Annotations:
    """A diamond and a square, each with an outline, a mask, a box, two points, a weight and a sentence."""
    rings = ([(4.0, 2.0), (6.0, 4.0), (4.0, 6.0), (2.0, 4.0)], [(10.0, 5.0), (14.0, 5.0), (14.0, 9.0), (10.0, 9.0)])
    polygons = Polygons(tuple((torch.tensor(ring, dtype=torch.float64),) for ring in rings), SIZE)
    points = torch.tensor([[[4.0, 2.0], [4.0, 6.0]], [[10.0, 5.0], [14.0, 9.0]]])
    return Annotations(
        SIZE,
        torch.tensor([7, 2]),
        polygons.boxes(),
        polygons,
        polygons.masks(),
        Keypoints(points, torch.full((2, 2), 2), SIZE, ((0, 1),)),
        torch.tensor([False, True]),
        {"weight": torch.tensor([0.5, 2.0])},
        ("a diamond", "a square"),
        PixelMap(polygons.masks().pixels[1].to(torch.uint8)),
        captions=("two things",),
    )


def test_classes_are_of_things_and_regions(two: Annotations) -> None:
    assert two.classes == (0, 1, 2, 7)


def test_a_choice_takes_everything_of_a_thing(two: Annotations) -> None:
    one = two.select(torch.tensor([1]))
    assert (len(one), one.class_ids.tolist(), one.phrases) == (1, [2], ("a square",))
    assert one.boxes.coordinates.tolist() == [[10, 5, 14, 9]]
    assert one.crowd.tolist() == [True]
    assert one.attributes["weight"].tolist() == [2]
    assert one.captions == ("two things",)


def test_everything_is_mirrored(two: Annotations) -> None:
    mirrored = two.mirror()
    assert mirrored.boxes.coordinates.tolist() == [[14, 2, 18, 6], [6, 5, 10, 9]]
    assert mirrored.polygons.boxes().coordinates.tolist() == mirrored.boxes.coordinates.tolist()
    assert mirrored.masks.boxes().coordinates[1].tolist() == [6, 5, 10, 9]
    assert mirrored.keypoints.points[0].tolist() == [[16, 6], [16, 2]]
    assert mirrored.regions.values.argwhere().amin(0).tolist() == [5, 6]


def test_a_turned_box_stays_tight_around_its_outline(two: Annotations) -> None:
    """The diamond, turned by 45°, is a square of side √8; its box by itself would be one of side 4 · √2."""
    half = np.sqrt(0.5)
    turn = Warp(np.array([[half, -half, 5], [half, half, 0], [0, 0, 1]]), SIZE, (20, 20))
    tight = two.warp(turn).boxes.coordinates[0]
    assert (tight[2:] - tight[:2]).tolist() == pytest.approx([8**0.5, 8**0.5])
    loose = replace(two, polygons=None, masks=None).warp(turn).boxes.coordinates[0]
    assert (loose[2:] - loose[:2]).tolist() == pytest.approx([32**0.5, 32**0.5])


def test_what_is_cropped_away_is_not_present(two: Annotations) -> None:
    left = two.crop(0, 0, (10, 8))
    assert left.present().tolist() == [True, False]
    assert replace(left, boxes=None).present().tolist() == [True, False]
    assert replace(left, boxes=None, masks=None, polygons=None).present().tolist() == [True, False]
    assert len(left.select(left.present())) == 1


def test_a_thing_without_an_outline_keeps_its_box() -> None:
    crowd = Annotations(
        SIZE, torch.tensor([0]), Boxes(torch.tensor([[2.0, 2.0, 8.0, 8.0]]), SIZE), Polygons(((),), SIZE)
    )
    assert crowd.crop(0, 4, (10, 10)).boxes.coordinates.tolist() == [[0, 2, 4, 8]]


def test_the_digest_tells_any_change(two: Annotations) -> None:
    others = [
        replace(two, class_ids=torch.tensor([7, 3])),
        replace(two, phrases=("a diamond", "a box")),
        replace(two, attributes={"weight": torch.tensor([0.5, 2.5])}),
        two.mirror(),
        replace(two, captions=()),
    ]
    digests = {one.digest() for one in [two, *others]}
    assert len(digests) == 6
    assert replace(two, phrases=two.phrases).digest() == two.digest()


def test_a_picture_without_things_is_fine() -> None:
    none = Annotations(SIZE)
    assert (len(none), none.classes, none.mirror().size, none.present().tolist()) == (0, (), SIZE, [])


@pytest.mark.bad_input
def test_parts_that_do_not_belong_together_are_refused(two: Annotations) -> None:
    with pytest.raises(BadLabel, match=r"got 2 boxes.*for 1 class ids"):
        replace(two, class_ids=torch.tensor([1]))
    with pytest.raises(BadLabel, match="regions on 3 × 3"):
        replace(two, regions=PixelMap(torch.zeros(3, 3)))
