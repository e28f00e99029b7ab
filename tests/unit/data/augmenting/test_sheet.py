import numpy as np
import pytest
import torch

from saccade.data.arrays import Arrays
from saccade.data.augmentations.mixing import CutMix
from saccade.data.augmentations.placing import Mirror
from saccade.data.augmenting.sheet import Draw, augmentation_sheet
from saccade.errors import BadConfig, BadData, BadImage
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.overlay import colour_of
from saccade.types.sample import DataSet, Sample


def halves(count=3):
    """Dark at the left, bright at the right."""
    images = np.zeros((count, 40, 40, 3), np.uint8)
    images[:, :, 20:] = 250
    return DataSet("halves", ("a", "b"), {"train": Arrays(images, tuple([0] * count), "x", np.arange(count))})


def test_before_is_at_the_left_and_after_beside_it():
    sheet = augmentation_sheet(halves(), [Mirror(1.0)], draw=Draw(2, 3, tile=40))
    assert sheet.mode == "RGB"
    assert sheet.getpixel((8 + 5, 30)) == (0, 0, 0)
    assert sheet.getpixel((8 + 35, 30)) == (250, 250, 250)
    for column in range(3):
        left = 16 + 48 * (column + 1)
        assert sheet.getpixel((left + 5, 30)) == (250, 250, 250)
        assert sheet.getpixel((left + 35, 30)) == (0, 0, 0)


def test_the_same_seed_draws_the_same():
    one, same, other = (augmentation_sheet(halves(), [Mirror()], draw=Draw(3, 6, 40, seed)) for seed in (1, 1, 2))
    assert one.tobytes() == same.tobytes()
    assert one.tobytes() != other.tobytes()


def test_mixed_pictures_are_drawn():
    assert augmentation_sheet(halves(), [CutMix()], draw=Draw(3, 2, 40)).size == (166, 230)


class Boxed:
    def __init__(self, broken=()):
        self.broken = broken

    def __len__(self):
        return 4

    def read(self, index):
        if index in self.broken:
            raise BadImage(f"k{index}", "cut off")
        box = Boxes(torch.tensor([[10.0, 10.0, 50.0, 50.0]]), (100, 100))
        return Sample(np.zeros((100, 100, 1), np.uint8), Annotations((100, 100), torch.tensor([0]), box))

    def key(self, index):
        return f"k{index}"

    def target(self, index):
        return None

    def fingerprint(self):
        return ""


def test_boxes_are_drawn_where_they_have_gone():
    data = DataSet("boxed", ("a",), {"train": Boxed()}, "detection")
    sheet = np.asarray(augmentation_sheet(data, [Mirror(1.0)], draw=Draw(1, 1, tile=100)))
    before, after = sheet[24:124, 8:108], sheet[24:124, 124:224]
    coloured = [np.flatnonzero((tile == colour_of(0)).all(2).any(0)) for tile in (before, after)]
    assert coloured[0].min() == pytest.approx(10, abs=2)
    assert coloured[1].max() == pytest.approx(89, abs=2)


def test_broken_pictures_are_passed_over():
    data = DataSet("boxed", ("a",), {"train": Boxed(broken=(0, 2))}, "detection")
    assert augmentation_sheet(data, [], draw=Draw(4, 1, tile=40)).height == 24 + 2 * 66 + 8


@pytest.mark.bad_input
def test_what_cannot_be_drawn_is_refused():
    data = DataSet("boxed", ("a",), {"train": Boxed(broken=range(4))}, "detection")
    with pytest.raises(BadData, match="no readable picture in 'train'"):
        augmentation_sheet(data, [])
    with pytest.raises(BadConfig, match="got pictures=0"):
        Draw(pictures=0)
