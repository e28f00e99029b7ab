import numpy as np
import pytest

from saccade.data.scenes.covering import inside
from saccade.data.scenes.detection import boxes_of, draw_things, instances_of, regions_of
from saccade.data.scenes.outlines import SHAPES
from saccade.data.scenes.plan import Plan
from saccade.data.scenes.things import compose_things


def test_the_box_of_the_easiest_square_is_what_a_hand_computes():
    plan = Plan("detection", size=64, difficulty=0.0, classes=("square",))
    found = boxes_of(plan, 0)
    half = compose_things(plan, 0)[0].shape.radius / np.sqrt(2)
    expected = [round(32 - half), round(32 - half), round(32 + half), round(32 + half)]
    assert found.boxes.coordinates[0].tolist() == expected
    assert found.class_ids.tolist() == [0]


@pytest.mark.parametrize("kind", SHAPES)
def test_a_mask_is_what_was_drawn(kind):
    """Drawn alone on a plain ground, the pixels that changed by half or more are the mask."""
    plan = Plan("instance_segmentation", size=96, difficulty=0.0, classes=(kind,))
    pixels = draw_things(plan, 0).astype(int)
    colour = np.array(compose_things(plan, 0)[0].shape.colour)
    channel = np.abs(colour - 30).argmax()
    drawn = np.abs(pixels[..., channel] - 30) * 2 >= abs(colour[channel] - 30)
    mask = instances_of(plan, 0).masks.pixels[0].numpy()
    assert (mask & drawn).sum() / (mask | drawn).sum() >= 0.97


@pytest.mark.parametrize("difficulty", [0.5, 1.0])
def test_boxes_are_tight_and_masks_are_apart(difficulty):
    plan = Plan("instance_segmentation", size=64, difficulty=difficulty)
    for index in range(30):
        found = instances_of(plan, index)
        assert found.masks.pixels.sum(0).max() <= 1
        for box, mask in zip(found.boxes.coordinates.tolist(), found.masks.pixels.numpy(), strict=True):
            rows, columns = np.nonzero(mask)
            assert box == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def test_boxes_masks_outlines_and_regions_tell_the_same():
    for index in range(30):
        plan = Plan("instance_segmentation", difficulty=0.9)
        found, boxes, regions = instances_of(plan, index), boxes_of(plan, index), regions_of(plan, index)
        outlined = instances_of(Plan("instance_segmentation", difficulty=0.9, outlines=1), index)
        assert boxes.boxes.coordinates.equal(found.boxes.coordinates)
        assert outlined.masks is None
        assert outlined.polygons.masks().pixels.equal(found.masks.pixels)
        classes = (found.masks.pixels * (1 + found.class_ids)[:, None, None]).sum(0)
        assert regions.regions.values.long().equal(classes)


def test_what_stands_before_a_shape_is_no_part_of_it():
    plan = Plan("instance_segmentation", difficulty=1.0, size=96)
    hidden = 0
    for index in range(40):
        found, things = instances_of(plan, index), compose_things(plan, index)
        whole = np.stack([inside(thing.shape.points(), (96, 96)) for thing in things])
        seen = found.masks.pixels.numpy()
        assert not (seen & ~whole).any()
        hidden += int((seen.sum((1, 2)) < 0.9 * whole.sum((1, 2))).sum())
    assert hidden > 5
