"""NPZ: numpy's file of several arrays, as Keras, MedMNIST and many courses hand data sets out.

    x_train y_train x_val y_val x_test y_test     or train_images train_labels …, or images labels, or x y
    classes                                       the names, if they are known

Source: numpy's format; the names of arrays as found in Keras' and MedMNIST's files. Pickled objects are refused.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from saccade.data.arrays import open_arrays
from saccade.data.format import Format
from saccade.data.splitting import Splitting
from saccade.errors import BadData, printable
from saccade.types.sample import DataSet

__all__ = ["npz"]

_IMAGES = {
    "train": ("x_train", "train_x", "train_images", "images_train", "images", "x", "data"),
    "val": ("x_val", "val_x", "val_images", "images_val", "x_valid", "valid_images"),
    "test": ("x_test", "test_x", "test_images", "images_test"),
}
_LABELS = {
    "train": ("y_train", "train_y", "train_labels", "labels_train", "labels", "y", "targets", "target"),
    "val": ("y_val", "val_y", "val_labels", "labels_val", "y_valid", "valid_labels"),
    "test": ("y_test", "test_y", "test_labels", "labels_test"),
}
_CLASSES = ("classes", "class_names", "label_names", "names")


def npz() -> Format:
    """Numpy's file of several arrays, or a folder with one such file."""
    return Format("an .npz file with arrays such as x_train and y_train", _open, lambda path: _file(path) is not None)


def _file(path: Path) -> Path | None:
    if path.is_dir():
        inside = sorted(path.glob("*.npz"))
        return inside[0] if len(inside) == 1 else None
    return path if path.suffix.lower() == ".npz" and path.is_file() else None


def _open(place: str, splitting: Splitting) -> DataSet:
    path = _file(Path(place)) or Path(place)
    try:
        found, data, classes = _read(path)
    except (OSError, ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        reason = printable(str(error)) or type(error).__name__
        raise BadData(
            f"got {printable(str(path))}, which cannot be read ({reason}); taken are .npz files of plain arrays, never "
            "pickled objects; write it again with numpy.savez"
        ) from error
    if "train" not in data:
        raise BadData(
            f"got arrays {', '.join(map(printable, found.values())) or 'none'}; taken are pairs such as x_train and "
            "y_train, or images and labels; rename them"
        )
    return open_arrays(data, splitting, path.stem, classes)


def _read(path: Path) -> tuple[dict[str, str], dict[str, Any], Sequence[str]]:
    """Give the names of the arrays, the pairs of images and labels that are there, and the names of the classes."""
    if not zipfile.is_zipfile(path):
        raise zipfile.BadZipFile("it is no zip file")
    with np.load(path, allow_pickle=False) as file:
        found = {name.lower(): name for name in file.files}
        pairs = {split: _pair(found, split) for split in _IMAGES}
        data = {split: (file[pair[0]], file[pair[1]]) for split, pair in pairs.items() if pair}
        classes = next((file[found[name]].astype(str).tolist() for name in _CLASSES if name in found), ())
    return found, data, classes


def _pair(found: dict[str, str], split: str) -> tuple[str, str] | None:
    images = next((found[name] for name in _IMAGES[split] if name in found), None)
    labels = next((found[name] for name in _LABELS[split] if name in found), None)
    return (images, labels) if images and labels else None
