"""A small data set with one fault of each kind, whose every finding is known."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from saccade.data.files import Files
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.sample import DataSet


def photograph(number: int, size: tuple[int, int] = (96, 128)) -> np.ndarray:
    """A picture with coarse structure of its own: blocks of colour, smoothed."""
    blocks = np.random.default_rng(number).integers(0, 256, (6, 8, 3), np.uint8)
    return np.array(Image.fromarray(blocks).resize(size[::-1], Image.Resampling.BICUBIC))


def save(path: Path, number: int, quality: int = 95, exif: int = 0) -> Path:
    """Write such a picture as a JPEG, with an orientation if one is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tags = Image.Exif()
    if exif:
        tags[274] = exif
    Image.fromarray(photograph(number)).save(path, quality=quality, exif=tags)
    return path


def faulty_folders(root: Path) -> Path:
    """Class folders: 8 good pictures, one cut short, one copied, one leaked, one nearly leaked, one of two labels."""
    for number in range(4):
        save(root / "train" / "ant" / f"{number}.jpg", number)
        save(root / "train" / "bee" / f"{number}.jpg", 10 + number)
    save(root / "test" / "ant" / "0.jpg", 20)
    save(root / "test" / "bee" / "0.jpg", 21)
    whole = save(root / "train" / "ant" / "cut.jpg", 30).read_bytes()
    (root / "train" / "ant" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    shutil.copy(root / "train" / "ant" / "0.jpg", root / "train" / "ant" / "copy.jpg")
    shutil.copy(root / "test" / "ant" / "0.jpg", root / "train" / "ant" / "leak.jpg")
    save(root / "train" / "bee" / "near.jpg", 21, quality=40)
    shutil.copy(root / "train" / "ant" / "1.jpg", root / "train" / "bee" / "other.jpg")
    return root


def boxed(root: Path, boxes: list[list[float]], size: tuple[int, int] = (96, 128), exif: int = 0) -> DataSet:
    """One picture with boxes of class 0, as detection data."""
    save(root / "a.jpg", 1, exif=exif)
    target = Annotations(
        size, torch.zeros(len(boxes), dtype=torch.int64), Boxes(torch.tensor(boxes).reshape(-1, 4).double(), size)
    )
    return DataSet("boxes", ("thing",), {"train": Files(str(root), ("a.jpg",), (target,))}, "detection")
