from dataclasses import replace

import numpy as np
import pytest

from saccade.errors import BadConfig, BadShape, UnknownName
from saccade.ops.region_features import KINDS, describe_regions, likeness
from saccade.ops.region_grouping import group


def three():
    """A dark region, one almost as dark, a bright one, side by side."""
    labels = np.array([0, 0, 0, 1, 1, 1, 2, 2])[None].repeat(4, 0)
    return labels, np.array([50, 55, 240], np.uint8)[labels][..., None]


def plain_grouping(labels, image, kinds):
    """The slow obvious way: after each merge the image is measured anew."""
    names, merged = list(range(labels.max() + 1)), []
    labels, columns = labels.copy(), [KINDS.index(kind) for kind in kinds]
    while len(names) > 1:
        regions, best = describe_regions(labels, image), (-1.0, 0, 0)
        for one, other in regions.neighbours.tolist():
            alike = likeness(regions, one, np.array([other]))[0, columns].sum()
            best = max(best, (alike, one, other))
        alike, one, other = best
        merged.append((*sorted((names[one], names[other])), round(alike, 4)))
        names = [name for place, name in enumerate(names) if place not in (one, other)] + [max(names) + 1]
        labels = np.unique(np.where((labels == one) | (labels == other), 99, labels), return_inverse=True)[1]
        labels = labels.reshape(image.shape[:2])
    return merged


def test_the_two_of_one_colour_become_one_first():
    found = group(describe_regions(*three()), ["colour"])
    assert found.merged.tolist() == [[0, 1], [2, 3]]
    assert found.alike.tolist() == [0.0, 0.0]  # 50 and 55 are of different bins: the lower numbers go first
    labels, image = three()
    image[labels == 1] = 50
    found = group(describe_regions(labels, image), ["colour"])
    assert found.merged.tolist() == [[0, 1], [2, 3]]
    assert found.alike.tolist() == [1.0, 0.0]
    image[labels == 1] = 240
    assert group(describe_regions(labels, image), ["colour"]).merged.tolist() == [[1, 2], [0, 3]]


def test_small_ones_go_first_and_the_rest_follows():
    found = group(describe_regions(*three()), ["size"])
    assert found.merged.tolist() == [[1, 2], [0, 3]]
    assert found.alike.tolist() == [1 - 20 / 32, 0]
    assert found.regions.sizes.tolist() == [12, 12, 8, 20, 32]
    assert found.regions.boxes[3:].tolist() == [[3, 0, 8, 4], [0, 0, 8, 4]]


def test_what_fits_into_each_other_goes_first():
    labels = np.array([[0, 0, 0, 2], [0, 1, 0, 2], [0, 0, 0, 2]])
    found = group(describe_regions(labels, np.zeros((3, 4, 1), np.uint8)), ["fill"])
    assert found.merged.tolist() == [[0, 1], [2, 3]]
    assert found.alike.tolist() == [1, 1]


@pytest.mark.parametrize("kinds", [KINDS, KINDS[1:], ("colour", "fill")])
def test_it_is_the_slow_way_that_measures_the_image_anew(kinds):
    generator = np.random.default_rng(1)
    labels = np.arange(12).reshape(3, 4).repeat([4, 5, 7], 0).repeat([5, 3, 6, 8], 1)  # so that none are equally alike
    image = generator.integers(0, 256, (12, 1), np.uint8)[labels] // 2 + generator.integers(
        0, 99, (*labels.shape, 1), np.uint8
    )
    found = group(describe_regions(labels, image), kinds)
    told = [(*pair, round(alike, 4)) for pair, alike in zip(found.merged.tolist(), found.alike.tolist(), strict=True)]
    assert [row[:2] for row in told] == [row[:2] for row in plain_grouping(labels, image, kinds)]
    assert [row[2] for row in told] == pytest.approx([row[2] for row in plain_grouping(labels, image, kinds)], abs=2e-4)


def test_one_region_is_the_whole_already():
    found = group(describe_regions(np.zeros((2, 3), np.intp), np.zeros((2, 3, 3), np.uint8)))
    assert found.merged.shape == (0, 2)
    assert found.regions.boxes.tolist() == [[0, 0, 3, 2]]


def test_what_is_given_stays_as_it_was():
    regions = describe_regions(*three())
    before = regions.colours.copy()
    group(regions)
    assert len(regions.sizes) == 3
    assert np.array_equal(regions.colours, before)


@pytest.mark.bad_input
def test_what_cannot_be_grouped_is_refused():
    regions = describe_regions(*three())
    with pytest.raises(UnknownName, match="colour"):
        group(regions, ["color"])
    with pytest.raises(BadConfig, match="no kind"):
        group(regions, [])
    with pytest.raises(BadShape, match="hang together"):
        group(replace(regions, neighbours=regions.neighbours[:1]))
