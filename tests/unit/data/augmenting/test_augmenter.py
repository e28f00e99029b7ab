import numpy as np
import pytest
import torch

from saccade.data.augmentations.colours import Brightness
from saccade.data.augmentations.cropping import RandomResizedCrop
from saccade.data.augmentations.mixing import CutMix, Mosaic
from saccade.data.augmentations.placing import Mirror, PaddedCrop
from saccade.data.augmentations.turning import Rotation, Scale
from saccade.data.augmenting.augmenter import Augmenter, augment
from saccade.data.augmenting.following import followed, preprocessed
from saccade.data.loading.making import Maker
from saccade.data.randomness import Draws
from saccade.errors import BadConfig
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.paired_image import PairedImage
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Sample
from saccade.types.soft_label import SoftLabel
from saccade.types.warp import Warp

GREY = Preprocessing((16, 16), 1, (0.0,), (1.0,))


class Photographs:
    """Pictures of a random size, with a bright rectangle and its box."""

    def __init__(self, count, classes=False):
        self.count, self.only_classes = count, classes

    def __len__(self):
        return self.count

    def read(self, index):
        random = np.random.default_rng(index)
        height, width = random.integers(30, 50, 2)
        image = np.zeros((height, width, 1), np.uint8)
        top, left = random.integers(5, 10, 2)
        image[top : top + 15, left : left + 18] = 255
        box = torch.tensor([[left, top, left + 18, top + 15]], dtype=torch.float64)
        found = Annotations((int(height), int(width)), torch.tensor([index]), Boxes(box, (int(height), int(width))))
        return Sample(image, index % 3 if self.only_classes else found, f"k{index}")

    def key(self, index):
        return f"k{index}"

    def target(self, index):
        return self.read(index).target

    def fingerprint(self):
        return ""


def box_of(image):
    bright = image[..., 0] > 127
    rows, columns = np.flatnonzero(bright.any(1)), np.flatnonzero(bright.any(0))
    return [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("seed", [None, 0])
@pytest.mark.parametrize("augmentations", [(), (PaddedCrop(0.125), Mirror()), (Rotation(0.0), Mirror())])
def test_boxes_are_where_their_things_are_whatever_is_made_of_the_picture(fit, seed, augmentations):
    plain = Preprocessing((32, 32), 1, (0.0,), (1.0,), fit)
    maker = Maker(Photographs(6), plain, augmentations if seed is not None else (), batch_size=6, seed=seed)
    for epoch in range(3):  # from the second on pictures are kept
        made = maker.make(epoch, 0, keep=True)
        for image, target in zip(made.pictures, made.targets, strict=True):
            assert target.size == (32, 32)
            assert target.boxes.coordinates[0].tolist() == pytest.approx(box_of(image), abs=1.01)


def test_batches_are_the_same_each_time_and_differ_by_epoch():
    changes = (RandomResizedCrop(0.3), Rotation(20.0), Brightness(), Mirror(), CutMix())
    first, second = (Maker(Photographs(9, True), GREY, changes, batch_size=4, seed=3) for _ in range(2))
    second.make(0, 0, keep=True)
    one, other, later = first.make(0, 1, keep=True), second.make(0, 1, keep=True), first.make(1, 1, keep=True)
    assert np.array_equal(one.pictures, other.pictures)
    assert one.targets == other.targets
    assert not np.array_equal(one.pictures, later.pictures)
    assert all(isinstance(target, SoftLabel) for target in one.targets)


def test_mosaics_come_out_of_the_maker():
    made = Maker(Photographs(8), GREY, (Mosaic(),), batch_size=8, seed=0).make(0, 0, keep=True)
    assert made.pictures.shape == (8, 16, 16, 1)
    assert max(len(target) for target in made.targets) > 1
    assert all(target.size == (16, 16) for target in made.targets)


def test_what_is_kept_is_not_read_again():
    class Counted(Photographs):
        reads = 0

        def read(self, index):
            Counted.reads += 1
            return super().read(index)

        def target(self, index):
            return index % 3

    for changes in ((Mirror(), PaddedCrop(), Brightness(), CutMix()), (RandomResizedCrop(),)):
        for keep, expected in ((True, 4), (False, 12)):
            Counted.reads = 0
            maker = Maker(Counted(4, True), GREY, changes, batch_size=4, seed=0)
            for epoch in range(3):
                maker.make(epoch, 0, keep=keep)
            assert Counted.reads == expected


def test_a_picture_must_be_decoded_as_large_as_its_smallest_window_needs():
    assert Augmenter([Mirror()]).at_least(GREY) == (16, 16)
    assert Augmenter([RandomResizedCrop(0.25, stretch=1.0)]).at_least(GREY) == (32, 32)
    assert Augmenter([RandomResizedCrop(0.25, stretch=1.0), Scale(0.5, 2.0)]).at_least(GREY) == (64, 64)
    assert Augmenter([Scale(0.1, 0.5)]).at_least(GREY) == (16, 16)


def test_a_grey_picture_for_three_channels_stays_grey():
    image = np.random.default_rng(0).integers(0, 256, (30, 40, 1), dtype=np.uint8)
    colours = Preprocessing((16, 16), 3, (0.0,) * 3, (1.0,) * 3)
    placed = Augmenter([RandomResizedCrop(), Brightness()]).placed(Sample(image), colours, Draws(0)).image
    assert placed.shape == (16, 16, 3)
    assert (placed == placed[..., :1]).all()


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_finer_levels_stay_fine(dtype):
    image = (np.random.default_rng(0).random((30, 40, 1)) * (65535 if dtype == np.uint16 else 1)).astype(dtype)
    placed = Augmenter([RandomResizedCrop(), Brightness()]).placed(Sample(image), GREY, Draws(0)).image
    assert placed.dtype == np.float32
    assert 0 <= placed.min() < placed.max() <= 1
    assert len(np.unique(placed)) > 200


def test_a_paired_picture_moves_alike():
    image = np.random.default_rng(0).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    moved = augment(Sample(image, PairedImage(image)), [Rotation(30.0), Mirror()], Draws(0))
    assert np.array_equal(moved.image, moved.target.pixels)
    small = PairedImage(np.repeat(np.repeat(image, 2, 0), 2, 1))  # twice as large: the same places of it
    moved = augment(Sample(image, small), [Mirror(1.0)], Draws(0))
    assert moved.target.pixels.shape == (20, 20, 3)


def test_what_has_no_place_is_as_it_was():
    warp = Warp(np.eye(3), (4, 4), (4, 4))
    for target in (None, 3, (1, 2), "a cat", SoftLabel({0: 1.0})):
        assert followed(target, warp) is target
        assert preprocessed(target, GREY) is target
    kept = {"label": 3, "boxes": Boxes(torch.tensor([[0.0, 0.0, 2.0, 2.0]]), (8, 8))}
    assert preprocessed(kept, GREY)["boxes"].coordinates.tolist() == [[0, 0, 4, 4]]


@pytest.mark.bad_input
def test_what_does_not_go_together_is_refused():
    with pytest.raises(BadConfig, match="got RandomResizedCrop and RandomResizedCrop together"):
        Augmenter([RandomResizedCrop(), RandomResizedCrop(0.5)])
    plain = Preprocessing((8, 8), 4, (0.0,) * 4, (1.0,) * 4)
    with pytest.raises(BadConfig, match="for pictures of 4 channels"):
        Maker(Photographs(3), plain, [Brightness()], batch_size=2, seed=0)
