"""What holds of selective search whatever the image."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from saccade.ops.region_features import describe_regions
from saccade.ops.region_grouping import group
from saccade.ops.selective_search import segment, selective_search


@st.composite
def images(draw: st.DrawFn) -> np.ndarray:
    """Patches of a few colours, some of them noisy."""
    rows, columns, channels, side = (draw(st.integers(1, most)) for most in (4, 4, 4, 12))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    patches = generator.integers(0, 5, (rows, columns, channels)) * 50
    image = patches.repeat(side, 0).repeat(side, 1)
    noise = generator.normal(0, draw(st.sampled_from([0, 5, 40])), image.shape)
    return (image + noise).clip(0, 255).astype(np.uint8)


@settings(max_examples=30)
@given(images(), st.integers(1, 50), st.integers(0, 9))
def test_boxes_lie_in_the_image_and_none_comes_twice(image: np.ndarray, most: int, seed: int) -> None:
    boxes = selective_search(image, most=most, seed=seed)
    height, width, _ = image.shape
    assert 1 <= len(boxes) <= most
    assert len(np.unique(boxes, axis=0)) == len(boxes)
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= (width, height)).all()
    assert (boxes[:, :2] < boxes[:, 2:]).all()
    assert min(height, width) < 8 or (boxes[:, 2:] - boxes[:, :2]).min() >= 8
    assert np.array_equal(boxes, selective_search(image, most=most, seed=seed))


@settings(max_examples=30)
@given(images())
def test_a_merge_is_what_measuring_all_its_pixels_gives(image: np.ndarray) -> None:
    labels = segment(image, 20)
    found = group(describe_regions(labels, image))
    members = [{number} for number in range(labels.max() + 1)]
    for one, other in found.merged.tolist():
        assert not members[one] & members[other]
        members.append(members[one] | members[other])
        inside = np.isin(labels, list(members[-1]))
        measured = describe_regions(1 - inside.astype(np.intp), image)
        for rows, own in ((found.regions.colours, measured.colours), (found.regions.textures, measured.textures)):
            np.testing.assert_allclose(rows[len(members) - 1], own[0], atol=1e-5)
        assert found.regions.boxes[len(members) - 1].tolist() == measured.boxes[0].tolist()
        assert found.regions.sizes[len(members) - 1] == inside.sum()
    assert len(members[-1]) == labels.max() + 1
