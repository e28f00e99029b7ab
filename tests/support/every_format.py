"""An example of every format of data. A new file in `data/formats` needs one line here."""

from __future__ import annotations

import gzip
import shutil
import struct
from pathlib import Path

import numpy as np

import format_examples
import labelled_sets
from pictures import write_class_folders, write_picture
from saccade.data.opening import open_data
from saccade.data.shards.writing import write_shards

PIXELS = np.random.default_rng(0).integers(0, 256, (40, 6, 5), np.uint8)
LABELS = (np.arange(40) % 4).astype(np.uint8)


def _idx(array: np.ndarray) -> bytes:
    return bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def _mnist(place: Path) -> Path:
    place.mkdir()
    (place / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(_idx(PIXELS)))
    (place / "train-labels-idx1-ubyte").write_bytes(_idx(LABELS))
    return place


def _cifar(place: Path) -> Path:
    place.mkdir()
    records = np.random.default_rng(0).integers(0, 256, (40, 3073), np.uint8)
    records[:, 0] = LABELS
    (place / "data_batch_1.bin").write_bytes(records.tobytes())
    return place


def _npz(place: Path) -> Path:
    place.mkdir()
    np.savez(place / "some.npz", x_train=PIXELS, y_train=LABELS)
    return place / "some.npz"


def _manifest(place: Path) -> Path:
    write_class_folders(place, {"a": 20, "b": 20})
    rows = [f"{folder}/{index}.png,{folder}{index % 2}" for folder in "ab" for index in range(20)]
    (place / "labels.csv").write_text("path,label\n" + "\n".join(rows))
    return place / "labels.csv"


def _pictures(place: Path) -> str:
    for number in range(40):
        write_picture(place / f"{number}.png", shade=5 * number)
    return f"pictures:{place}"


def _web_dataset(place: Path) -> Path:
    folders = write_class_folders(place.with_name("folders"), dict.fromkeys("abcd", 10))
    write_shards(open_data(folders, shares=(1, 0, 0)), place)
    shutil.rmtree(folders)
    return place


EXAMPLES = {
    "cifar": _cifar,
    "class_folders": lambda place: write_class_folders(place, dict.fromkeys("abcd", 10)),
    "coco": labelled_sets.write_coco_set,
    "digits": "digits",
    "idx": _mnist,
    "landmarks": format_examples.landmarks,
    "lfw": format_examples.lfw,
    "manifest": _manifest,
    "mask_folders": format_examples.mask_folders,
    "npz": _npz,
    "paired_folders": format_examples.paired_folders,
    "parquet": format_examples.parquet,
    "pictures": _pictures,
    "shape_net": format_examples.shape_net,
    "synthetic": "synthetic:count=40,size=16",
    "unpaired_folders": format_examples.unpaired_folders,
    "voc": labelled_sets.write_voc_set,
    "visual_genome": format_examples.visual_genome,
    "wider_face": format_examples.wider_face,
    "web_dataset": _web_dataset,
    "yolo": labelled_sets.write_yolo_set,
}
