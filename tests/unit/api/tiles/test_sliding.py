"""A classifier that slides over pictures."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import saccade
from bright_things import BrightThings, BrightWindows, with_things
from saccade.api.tiles.sliding import Sliding, sliding
from saccade.errors import BadConfig, BadImage
from saccade.types.bad_file import BadFile


def test_a_thing_of_the_size_of_a_window_is_found_where_it_is():
    image = with_things((100, 120), (24, 16, 40, 32))
    image[64:80, 8:24, 1] = 255
    found = Sliding(BrightWindows(), [16], stride=0.5)(image)
    assert found.names == ("red", "green")
    assert sorted(zip(found.labels, found.boxes.tolist(), strict=True)) == [
        ("green", [8, 64, 24, 80]), ("red", [24, 16, 40, 32]),
    ]  # fmt: skip
    assert found.confidence.tolist() == [1, 1]
    assert found.size == (100, 120)


@pytest.mark.parametrize("size", [(40, 56), (41, 59), (16, 100)])
def test_windows_are_those_of_two_plain_loops_and_the_last_ends_at_the_edge(size):
    model = Sliding(BrightWindows(), [16, (8, 12)], stride=0.25)
    wanted = set()
    for height, width in ((16, 16), (8, 12)):
        for top in [*range(0, size[0] - height + 1, height // 4), size[0] - height]:
            for left in [*range(0, size[1] - width + 1, width // 4), size[1] - width]:
                wanted.add((left, top, left + width, top + height))
    rows = model.windows(size)
    assert {tuple(map(int, row)) for row in rows} == wanted
    assert len(rows) == len(wanted)


def test_what_is_found_is_what_a_slow_loop_finds():
    """Each window named by itself; then, while any is left, the surest is taken and those on it go."""
    image = with_things((60, 60), (11, 14, 30, 30), (35, 35, 49, 51))
    model = BrightWindows()
    left, taken = [], []
    for side in (16, 24):
        for top in range(0, 60 - side + 1, side // 4):
            for start in range(0, 60 - side + 1, side // 4):
                share = (image[top : top + side, start : start + side, 0] > 128).mean()
                left.append((share, (start, top, start + side, top + side)))
        left = [one for one in left if one[0] >= 0.6]
    while left:
        best = max(left, key=lambda one: one[0])
        taken.append(best)
        left = [one for one in left if _iou(one[1], best[1]) <= 0.3]
    found = Sliding(model, [16, 24], confidence=0.6)(image)
    assert [tuple(map(int, box)) for box in found.boxes] == [box for _, box in taken]
    assert found.confidence == pytest.approx([share for share, _ in taken])


def _iou(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    across = max(0, min(one[2], other[2]) - max(one[0], other[0]))
    down = max(0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = ((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return across * down / (sum(areas) - across * down)


def test_scales_make_windows_smaller_or_larger():
    model = Sliding(BrightWindows(), [32, (16, 24)], scales=(1, 2, 0.5))
    assert model.sides == ((32, 32), (16, 24), (16, 16), (8, 12), (64, 64), (32, 48))
    found = model(with_things((100, 120), (24, 16, 40, 32)))
    assert found.boxes[0].tolist() == [24, 16, 40, 32]  # the largest that shows nothing else


def test_windows_come_in_batches():
    slides = Sliding(model := BrightWindows(), [20], stride=1)
    slides(np.zeros((40, 100, 3), np.uint8), batch_size=4)
    assert model.batches == [4, 4, 2]


def test_windows_that_do_not_fit_are_left_out_and_a_picture_without_any_is_named():
    slides = Sliding(BrightWindows(), [16, 64])
    assert slides(with_things((40, 50), (0, 0, 16, 16))).boxes.tolist() == [[0, 0, 16, 16]]
    fine, small = slides([np.zeros((70, 70, 3), np.uint8), np.zeros((9, 90, 3), np.uint8)]), None
    assert len(fine) == 1
    (small,) = fine.bad
    assert isinstance(small, BadFile)
    assert "9 × 90 pixels and windows of 16 × 16, 64 × 64; taken is a window that fits" in small.reason


def test_a_real_classifier_slides(tmp_path):
    crops = saccade.crop_things("synthetic:task=detection,count=40,size=48,classes=circle+star", tmp_path / "crops")
    settings = {"epochs": 1, "batch_size": 16, "threads": 1, "height": 24}
    run = saccade.train(str(crops.path), model="resnet8", settings=settings, out=tmp_path / "run", listeners=[])
    slides = sliding(run, (16, 24), confidence=0.0)
    assert slides.shown.labels == ("circle", "star")
    image = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    found = slides(image)
    alone = saccade.load(run)(image[:16, :16])
    box = np.flatnonzero((found.boxes == [0, 0, 16, 16]).all(1))
    if alone.label != "background" and len(box):
        assert found.confidence[box[0]] == pytest.approx(alone.confidence, abs=1e-6)
    Image.fromarray(image).save(tmp_path / "a.png")
    assert slides(str(tmp_path / "a.png")).boxes.tolist() == found.boxes.tolist()


@pytest.mark.bad_input
def test_what_cannot_slide_is_refused():
    with pytest.raises(BadConfig, match="classifiers of one label"):
        Sliding(BrightThings(), [16])
    with pytest.raises(BadConfig, match=r"(?s)sides of 2 pixels.*stride=0.*scales=\[0\]"):
        Sliding(BrightWindows(), [1], stride=0, scales=[0])
    with pytest.raises(BadConfig, match="confidence=2"):
        Sliding(BrightWindows(), [16], confidence=2)
    with pytest.raises(BadConfig, match="batch_size=0"):
        Sliding(BrightWindows(), [16])(np.zeros((40, 40, 3), np.uint8), batch_size=0)
    with pytest.raises(BadConfig, match="1,000,000 at most"):
        Sliding(BrightWindows(), [2]).windows((4000, 4000))
    with pytest.raises(BadImage, match="4 channels"):
        Sliding(BrightWindows(), [16])(np.zeros((40, 40, 4), np.uint8))
