from dataclasses import dataclass, replace

import torch

from faulty_data import boxed, save
from saccade.data.checking.engine import check
from saccade.data.files import Files
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes


def codes(dataset):
    return [one.code for one in check(dataset).findings]


@dataclass(frozen=True)
class Stated:
    """Labels that say the size of their picture."""

    box: tuple
    stated_size: tuple | None
    classes: tuple = (0,)

    def placed(self, root, size):
        return Annotations(size, torch.zeros(1, dtype=torch.int64), Boxes(torch.tensor([self.box]).double(), size))

    def digest(self, root):
        return ""


def with_label(folder, label, exif=0):
    save(folder / "a.jpg", 1, exif=exif)
    dataset = boxed(folder, [], exif=exif)
    return replace(dataset, splits={"train": Files(str(folder), ("a.jpg",), (label,))})


def test_labels_of_another_size_are_found(tmp_path):
    assert codes(with_label(tmp_path, Stated((1.0, 1.0, 9.0, 9.0), (96, 128)))) == []
    assert codes(with_label(tmp_path, Stated((1.0, 1.0, 9.0, 9.0), (192, 256)))) == ["size-mismatch"]


def test_labels_of_the_picture_before_it_was_turned_are_found(tmp_path):
    """The file is 96 × 128 and says that it is to be turned by a quarter; upright it is 128 × 96."""
    box = (100.0, 10.0, 125.0, 60.0)  # on the stored picture; on the upright one it reaches beyond the width of 96
    assert "orientation" in codes(with_label(tmp_path, Stated(box, None), exif=6))
    assert codes(with_label(tmp_path, Stated((1.0, 1.0, 9.0, 9.0), (96, 128)), exif=6)) == ["orientation"]
    assert codes(with_label(tmp_path, Stated((1.0, 1.0, 9.0, 120.0), (128, 96)), exif=6)) == []
    assert "orientation" not in codes(with_label(tmp_path, Stated(box, None), exif=1))
