"""Boxes, masks and keypoints follow their image: what is done to the image is done to them."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from saccade.types.boxes import Boxes
from saccade.types.keypoints import Keypoints
from saccade.types.masks import Masks

HEIGHT, WIDTH = 9, 12


@st.composite
def corners(draw: st.DrawFn) -> tuple[int, int, int, int]:
    x1, y1 = draw(st.integers(0, WIDTH - 1)), draw(st.integers(0, HEIGHT - 1))
    return x1, y1, draw(st.integers(x1 + 1, WIDTH)), draw(st.integers(y1 + 1, HEIGHT))


windows = st.tuples(st.integers(-4, 12), st.integers(-4, 12), st.tuples(st.integers(1, 15), st.integers(1, 15)))
numbers = st.floats(-50, 50, width=32)


def painted(box: tuple[int, int, int, int]) -> np.ndarray:
    """An image with ones inside a box."""
    x1, y1, x2, y2 = box
    image = np.zeros((HEIGHT, WIDTH), bool)
    image[y1:y2, x1:x2] = True
    return image


def window(image: np.ndarray, top: int, left: int, size: tuple[int, int]) -> np.ndarray:
    """The slow obvious crop: pixel by pixel, zeros outside."""
    inside = lambda row, column: 0 <= row < HEIGHT and 0 <= column < WIDTH and image[row, column]  # noqa: E731
    rows = range(top, top + size[0])
    return np.array([[inside(row, column) for column in range(left, left + size[1])] for row in rows], bool)


def around(image: np.ndarray) -> list[float]:
    """The box around the ones of an image."""
    return Masks(torch.from_numpy(image.copy())[None]).boxes().coordinates[0].tolist()


def one_box(box: tuple[int, int, int, int]) -> Boxes:
    return Boxes(torch.tensor([box], dtype=torch.float32), (HEIGHT, WIDTH))


@given(corners())
def test_a_box_follows_the_mirrored_image(box: tuple[int, int, int, int]) -> None:
    assert one_box(box).mirror().coordinates[0].tolist() == around(painted(box)[:, ::-1])


@given(corners(), windows)
def test_a_box_follows_the_cropped_image(
    box: tuple[int, int, int, int], crop: tuple[int, int, tuple[int, int]]
) -> None:
    seen, moved = window(painted(box), *crop), one_box(box).crop(*crop)
    if seen.any():
        assert moved.coordinates[0].tolist() == around(seen)
    else:
        assert moved.area().tolist() == [0]


@given(corners(), st.integers(1, 4), st.integers(1, 4))
def test_a_box_follows_the_enlarged_image(box: tuple[int, int, int, int], down: int, across: int) -> None:
    seen = painted(box).repeat(down, 0).repeat(across, 1)
    assert one_box(box).scale((HEIGHT * down, WIDTH * across)).coordinates[0].tolist() == around(seen)


@given(corners(), windows)
def test_masks_follow_their_image(box: tuple[int, int, int, int], crop: tuple[int, int, tuple[int, int]]) -> None:
    masks = Masks(torch.from_numpy(painted(box))[None])
    assert (masks.crop(*crop).pixels[0].numpy() == window(painted(box), *crop)).all()
    assert (masks.mirror().pixels[0].numpy() == painted(box)[:, ::-1]).all()


@given(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), windows)
def test_a_point_follows_its_pixel(x: int, y: int, crop: tuple[int, int, tuple[int, int]]) -> None:
    image = painted((x, y, x + 1, y + 1))
    point = Keypoints(torch.tensor([[[x + 0.5, y + 0.5]]]), torch.tensor([[2]]), (HEIGHT, WIDTH))
    seen, moved = window(image, *crop), point.crop(*crop)
    assert (moved.visibility.item() == 2) == seen.any()
    for image_now, now in ((seen, moved), (image[:, ::-1], point.mirror())):
        if image_now.any():
            column, row = (int(value) for value in now.points[0, 0].tolist())
            assert image_now[row, column]


@given(st.lists(st.tuples(numbers, numbers, numbers, numbers), max_size=5))
def test_boxes_come_back_from_centres_mirrors_and_scales(rows: list[tuple[float, float, float, float]]) -> None:
    pairs = torch.tensor(rows, dtype=torch.float32).reshape(-1, 2, 2)
    boxes = Boxes(torch.cat([pairs.min(1).values, pairs.max(1).values], 1), (HEIGHT, WIDTH))
    for back in (
        Boxes.from_cxcywh(boxes.cxcywh(), boxes.size),
        boxes.mirror().mirror(),
        boxes.scale((5, 31)).scale(boxes.size),
        boxes.shift(3, -2, (20, 20)).shift(-3, 2, boxes.size),
    ):
        torch.testing.assert_close(back.coordinates, boxes.coordinates, atol=2e-5, rtol=1e-5)
    assert torch.equal(boxes.clip().clip().coordinates, boxes.clip().coordinates)


@given(
    st.lists(st.tuples(numbers, numbers), min_size=3, max_size=3), st.lists(st.integers(0, 2), min_size=3, max_size=3)
)
def test_keypoints_mirrored_twice_are_the_same(points: list[tuple[float, float]], visibility: list[int]) -> None:
    before = Keypoints(torch.tensor([points]), torch.tensor([visibility]), (HEIGHT, WIDTH), ((2, 0),))
    after = before.mirror().mirror()
    torch.testing.assert_close(after.points, before.points, atol=1e-5, rtol=0)
    assert torch.equal(after.visibility, before.visibility)
