import math

import numpy as np
import torch
from PIL import Image

from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.keypoints import Keypoints
from saccade.types.masks import Masks
from saccade.types.mesh import Mesh
from saccade.types.overlay import colour_of, draw_annotations, draw_boxes, picture_beside
from saccade.types.paired_image import PairedImage
from saccade.types.pixel_map import PixelMap
from saccade.types.polygons import Polygons

BLACK = (0, 0, 0)
ONE = torch.tensor([0])


def drawn(found, **options):
    """At ten times the size of a picture of 4 × 4."""
    picture = Image.new("RGB", (40, 40))
    result = draw_annotations(picture, found, **options)
    assert picture.getbbox() is None, "the picture that was given has changed"
    return result


def test_neighbouring_classes_have_colours_far_apart():
    colours = np.array([colour_of(number) for number in range(12)])
    assert (np.abs(np.diff(colours, axis=0)).max(1) > 100).all()
    assert len({tuple(colour) for colour in colours.tolist()}) == 12


def test_a_box_follows_the_picture_and_is_empty_within():
    result = drawn(Annotations((4, 4), torch.tensor([1]), Boxes(torch.tensor([[1.0, 1.0, 3.0, 4.0]]), (4, 4))))
    assert result.getpixel((10, 20)) == result.getpixel((29, 39)) == colour_of(1)
    assert result.getpixel((20, 20)) == result.getpixel((30, 20)) == BLACK


def test_a_mask_is_half_seen_through():
    pixels = torch.zeros(1, 4, 4, dtype=torch.bool)
    pixels[0, 1:3, 1:3] = True
    result = drawn(Annotations((4, 4), ONE, masks=Masks(pixels)))
    assert result.getpixel((10, 10)) == colour_of(0)
    assert 90 < result.getpixel((20, 20))[0] < 140
    assert result.getpixel((5, 5)) == BLACK


def test_regions_called_ground_stay_as_they_are():
    values = torch.tensor([[0, 0, 1, 1]] * 4, dtype=torch.uint8)
    found = Annotations((4, 4), regions=PixelMap(values))
    assert drawn(found, labels=("ground", "star")).getpixel((5, 20)) == BLACK
    assert drawn(found, labels=("road", "star")).getpixel((5, 20)) != BLACK
    assert drawn(found, labels=("ground", "star")).getpixel((35, 20)) != BLACK


def test_outlines_are_drawn():
    square = torch.tensor([[1.0, 1.0], [3.0, 1.0], [3.0, 3.0], [1.0, 3.0]])
    result = drawn(Annotations((4, 4), ONE, polygons=Polygons(((square,),), (4, 4))))
    assert result.getpixel((20, 10)) == colour_of(0)
    assert result.getpixel((20, 20)) == BLACK


def test_points_that_are_seen_are_full_and_those_that_are_not_labelled_are_not_drawn():
    points = torch.tensor([[[1.0, 1.0], [3.0, 3.0], [3.0, 1.0]]])
    found = Annotations((4, 4), ONE, keypoints=Keypoints(points, torch.tensor([[2, 1, 0]]), (4, 4)))
    result = drawn(found, skeleton=((0, 1), (1, 2)))
    assert result.getpixel((10, 10)) == (255, 255, 255)
    assert result.getpixel((30, 30)) == colour_of(0)  # the line ends there; the ring is around it
    assert result.getpixel((20, 20)) == colour_of(0)
    assert result.getpixel((30, 10)) == BLACK


def test_depth_is_bright_where_it_is_near():
    depth = PixelMap(torch.tensor([[1.0, 2.0, math.inf]]), math.inf)
    beside = picture_beside(Annotations((1, 3), depth=depth))
    levels = [beside.getpixel((column, 0))[0] for column in range(3)]
    assert levels == [250, 60, 0]


def test_a_mesh_and_a_paired_picture_are_drawn_beside_and_other_things_are_not():
    tetrahedron = Mesh(np.eye(4, 3), np.array([[0, 1, 2], [0, 3, 1], [1, 3, 2], [2, 3, 0]]))
    assert np.asarray(picture_beside(tetrahedron)).min() < 100
    nothing = Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int64))
    assert np.asarray(picture_beside(nothing)).min() == 255
    assert picture_beside(PairedImage(np.full((2, 3, 1), 7, np.uint8))).getpixel((2, 1)) == (7, 7, 7)
    assert picture_beside(3) is None
    assert picture_beside(Annotations((2, 2))) is None


def test_boxes_found_have_the_colour_of_their_class_and_the_surest_lies_on_top():
    boxes = np.array([[20.0, 20, 60, 60], [20, 20, 90, 60]])
    picture = draw_boxes(Image.new("RGB", (100, 100)), boxes, np.array([1, 0]))
    assert picture.getpixel((20, 40)) == colour_of(1)
    assert picture.getpixel((89, 40)) == colour_of(0)
    assert picture.getpixel((40, 40)) == (0, 0, 0)


def test_what_is_written_at_a_box_stays_on_the_picture():
    box = np.array([[186.0, 50, 198, 80]])
    picture = draw_boxes(Image.new("RGB", (200, 100)), box, np.array([2]), ["cat 0.90"])
    row = [picture.getpixel((x, 52)) for x in range(200)]
    first = row.index(colour_of(2))
    assert first < 180
    assert row[-1] == (0, 0, 0)


def test_what_is_too_long_for_the_picture_begins_at_its_edge():
    picture = draw_boxes(Image.new("RGB", (40, 40)), np.array([[30.0, 5, 38, 20]]), np.array([0]), ["a very long name"])
    assert picture.getpixel((0, 10)) == colour_of(0)
