import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from saccade.data.augmentations import bending, colours, cropping, placing, retouching, tones, turning
from saccade.data.augmentations.mixing import CutMix, Mosaic
from saccade.data.augmentations.recipes import standard
from saccade.data.augmenting.augmenter import Augmenter, augment
from saccade.data.augmenting.colouring import after, recoloured
from saccade.data.randomness import Draws
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.keypoints import Keypoints
from saccade.types.masks import Masks
from saccade.types.pixel_map import PixelMap
from saccade.types.polygons import Polygons
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Sample

images = arrays.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.sampled_from([1, 3])))
words = st.integers(0, 2**63)
MOVES = [
    placing.Mirror(1.0), placing.MirrorUpDown(1.0), placing.PaddedCrop(0.2), turning.Rotation(180.0),
    turning.Shear(20.0, 10.0), turning.Scale(0.7, 1.4), turning.Translation(), turning.Perspective(0.1),
    bending.Elastic(0.1), cropping.RandomResizedCrop(0.4),
]  # fmt: skip
EVERYTHING = [
    *MOVES, colours.Brightness(), colours.Contrast(), colours.Hue(), tones.Gamma(), tones.Autocontrast(),
    retouching.Noise(), retouching.Blur(), retouching.Cutout(),
]  # fmt: skip


@given(images, words)
def test_mirroring_twice_changes_nothing(image, word):
    for mirror in (placing.Mirror(1.0), placing.MirrorUpDown(1.0)):
        once = augment(Sample(image, 1, "k"), [mirror], Draws(word))
        assert np.array_equal(augment(once, [mirror], Draws(word)).image, image)
        assert np.array_equal(augment(Sample(image), [mirror, mirror], Draws(word)).image, image)


@given(images, words, st.floats(0, 1))
def test_a_crop_is_a_window_of_the_padded_picture(image, word, rate):
    height, width, _ = image.shape
    margin = int(rate * height + 0.5)
    across = min(margin, width)
    padded = np.pad(image, ((margin, margin), (across, across), (0, 0)))
    moved = augment(Sample(image), [placing.PaddedCrop(rate)], Draws(word)).image
    assert any(
        np.array_equal(moved, padded[top : top + height, left : left + width])
        for top in range(2 * margin + 1)
        for left in range(2 * across + 1)
    )


@given(images, words, st.lists(st.sampled_from(EVERYTHING), max_size=6, unique_by=type))
def test_the_same_words_change_it_the_same_way_and_leave_it_alone(image, word, changes):
    before = image.copy()
    for steps in (changes, standard(mirror=True, crop_rate=0.25)):
        first, second = (augment(Sample(image), steps, Draws(word)).image.copy() for _ in range(2))
        assert np.array_equal(first, second)
        assert np.array_equal(image, before)
        assert (first.shape, first.dtype) == (image.shape, image.dtype)


@given(st.integers(2, 16), st.integers(2, 16), words, st.data())
def test_a_box_follows_its_picture(height, width, word, data):
    top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    bottom, right = data.draw(st.integers(top + 1, height)), data.draw(st.integers(left + 1, width))
    image = np.zeros((height, width, 1), np.uint8)
    image[top:bottom, left:right] = 255
    boxes = Boxes(torch.tensor([[left, top, right, bottom]], dtype=torch.float32), (height, width))
    moved = augment(Sample(image, boxes), standard(mirror=True, crop_rate=0.5), Draws(word))
    x1, y1, x2, y2 = moved.target.coordinates[0].int().tolist()
    expected = np.zeros((height, width), bool)
    expected[y1:y2, x1:x2] = True
    assert np.array_equal(moved.image[..., 0] > 0, expected)


def a_rectangle(top, left, bottom, right, size):
    """A bright rectangle, and everything that can be said of it."""
    image = np.zeros((*size, 1), np.uint8)
    image[top:bottom, left:right] = 255
    corners = torch.tensor([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=torch.float64)
    steps = torch.linspace(0, 1, 9, dtype=torch.float64)[:-1, None]  # an outline bends at its points alone
    outline = torch.cat([a + (b - a) * steps for a, b in zip(corners, corners.roll(-1, 0), strict=True)])
    pixels = torch.from_numpy(image[..., 0] > 0)
    annotations = Annotations(
        size, torch.tensor([5]),
        boxes=Boxes(torch.tensor([[left, top, right, bottom]], dtype=torch.float64), size),
        polygons=Polygons(((outline,),), size), masks=Masks(pixels[None]),
        keypoints=Keypoints(corners[None], torch.full((1, 4), 2), size, ((0, 1), (2, 3))),
        regions=PixelMap(pixels.long()), depth=PixelMap(pixels.float() + 1, float("inf")),
    )  # fmt: skip
    return Sample(image, annotations)


@settings(max_examples=40)
@given(st.sampled_from(MOVES), st.sampled_from(MOVES), words, st.data())
def test_all_that_lies_on_a_picture_follows_it(one, other, word, data):
    size = (48, 64)
    top, left = data.draw(st.integers(4, 20)), data.draw(st.integers(4, 30))
    sample = a_rectangle(top, left, top + data.draw(st.integers(12, 24)), left + data.draw(st.integers(12, 28)), size)
    steps = [one] if type(one) is type(other) else [one, other]
    moved = Augmenter(steps, least_visible=0.0).changed(sample, Draws(word))
    bright, target = moved.image[..., 0] > 127, moved.target
    assert len(target) == 1
    assert (bright ^ target.masks.pixels[0].numpy()).sum() <= 0.04 * bright.sum() + 12
    assert (bright ^ (target.regions.values.numpy() == 1)).sum() <= 0.04 * bright.sum() + 12
    assert (bright ^ target.polygons.masks().pixels[0].numpy()).sum() <= 0.05 * bright.sum() + 14
    if bright.sum() < 30:
        return
    rows, columns = np.flatnonzero(bright.any(1)), np.flatnonzero(bright.any(0))
    seen = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    # a pointed corner is dark at its tip, since it fills little of its pixels
    assert target.boxes.coordinates[0].tolist() == pytest.approx(seen, abs=2.5)
    shown = target.keypoints.points[0][target.keypoints.visibility[0] > 0]
    for x, y in shown.tolist():
        near = bright[max(0, int(y) - 3) : int(y) + 4, max(0, int(x) - 3) : int(x) + 4]
        assert near.any()


@given(st.sampled_from([0, 1]), words)
def test_points_change_names_in_every_mirror(both, word):
    """The first point is at the left of the thing as it is seen; mirrored both ways it is turned, not mirrored."""
    sample = a_rectangle(10, 10, 20, 30, (48, 64))
    steps = [placing.Mirror(1.0), placing.MirrorUpDown(1.0)][: both + 1]
    target = augment(sample, steps, Draws(word)).target
    first, second = target.keypoints.points[0, :2, 0].tolist()
    assert (first, second) == ((54.0, 34.0) if both else (34.0, 54.0))


@given(st.lists(st.sampled_from(MOVES[3:8]), min_size=2, max_size=3, unique_by=type), words)
def test_moves_at_once_are_moves_one_after_the_other(steps, word):
    y, x = np.mgrid[:64, :64]
    image = np.clip(128 + 60 * np.sin(x / 9) + 60 * np.cos(y / 7), 0, 255).astype(np.uint8)[..., None]
    mild = [turning.Rotation(20.0) if isinstance(step, turning.Rotation) else step for step in steps]
    at_once = augment(Sample(image), mild, Draws(word)).image
    draws, sample = Draws(word), Sample(image)
    for step in mild:
        sample = augment(sample, [step], draws)
    both = (at_once > 0) & (sample.image > 0)
    difference = np.abs(at_once.astype(int) - sample.image)[both]
    assert both.sum() > 500
    assert np.median(difference) <= 3


@given(arrays.arrays(np.uint8, (3, 4, 3), elements=st.integers(60, 190)), words)
def test_colours_at_once_are_colours_one_after_the_other(image, word):
    first = colours.Saturation(0.2).colours(Draws(word))
    then = colours.ColourShift(0.02).colours(Draws(word, 1))
    one_by_one = recoloured(recoloured(image, first), then)
    assert np.abs(recoloured(image, after(first, then)).astype(int) - one_by_one).max() <= 3


@given(words)
def test_a_picture_placed_by_nothing_random_is_placed_as_preprocessing_places_it(word):
    """With a turn of nothing, straight from the decoded picture, within what differs between two antialiased ways."""
    from saccade.data.preprocess import preprocess

    y, x = np.mgrid[:90, :120]
    image = np.clip(128 + 60 * np.sin(x / 9) + 60 * np.cos(y / 7), 0, 255).astype(np.uint8)[..., None]
    for fit in ("crop", "pad", "stretch"):
        plain = Preprocessing((32, 32), 1, (0.0,), (1.0,), fit)
        placed = Augmenter([turning.Rotation(0.0)]).placed(Sample(image), plain, Draws(word)).image
        assert np.abs(placed.astype(int) - preprocess(image, plain))[4:-4, 4:-4].max() <= 12


@settings(max_examples=20)
@given(words, st.integers(2, 6))
def test_a_mosaic_shows_its_things_where_they_are(word, count):
    samples = [a_rectangle(10 + 2 * number, 8 + number, 30 + number, 40, (48, 64)) for number in range(count)]
    for mixed in Mosaic().mix(samples, Draws(word)):
        bright, target = mixed.image[..., 0] > 127, mixed.target
        assert np.array_equal(bright, target.regions.values.numpy() == 1)
        drawn = np.zeros_like(bright)
        for x1, y1, x2, y2 in target.boxes.coordinates.int().tolist():
            drawn[y1:y2, x1:x2] = True
        assert not (drawn & ~bright).any()
        assert (bright & ~drawn).sum() < 0.1 * 4 * 32 * 24  # what is dropped is nearly out of sight
        assert np.array_equal(target.masks.pixels.any(0).numpy(), drawn)


@given(words, st.floats(0.05, 5))
def test_shares_are_those_of_the_pixels(word, alpha):
    samples = [Sample(np.full((9, 7, 1), 255 * number, np.uint8), number) for number in range(2)]
    for mixed in CutMix(alpha).mix(samples, Draws(word)):
        assert mixed.target.shares.get(1, 0.0) == pytest.approx(float((mixed.image > 0).mean()))
