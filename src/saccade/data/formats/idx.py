"""IDX: the format of MNIST and its family (Fashion-MNIST, KMNIST, EMNIST), gzipped or not.

    train-images-idx3-ubyte.gz  train-labels-idx1-ubyte.gz
    t10k-images-idx3-ubyte.gz   t10k-labels-idx1-ubyte.gz

Source: the description on Yann LeCun's page of MNIST: two zero bytes, the type, the number of dimensions, each
dimension as a big-endian 32-bit number, then the values, last dimension fastest.
"""

from __future__ import annotations

import gzip
import io
import math
import re
import struct
import zlib
from pathlib import Path

import numpy as np
from jaxtyping import Shaped, UInt8

from saccade.data.arrays import open_arrays
from saccade.data.format import Format
from saccade.data.labels.writing import make_folders
from saccade.data.splitting import Splitting
from saccade.errors import BadData, printable
from saccade.types.sample import DataSet
from saccade.weights.files import storage_checked

__all__ = ["idx"]

_NAME = re.compile(
    r"(?P<set>.*?)(?P<split>train|t10k|test|valid|val)[-_.]images[-_.]idx[34]-ubyte(\.gz)?", re.IGNORECASE
)
_SPLITS = {"train": "train", "t10k": "test", "test": "test", "valid": "val", "val": "val"}
_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_LARGEST = 1 << 34


def idx() -> Format:
    """MNIST's own format: a folder with the four files, or one file of images."""
    about = "a folder with train-images-idx3-ubyte and its like, as MNIST has them"
    return Format(about, _open, lambda path: bool(_image_files(path)), _write)


def _image_files(path: Path) -> list[tuple[str, str, Path]]:
    """Find the files of images as (set, split, path); the plain one where a gzipped one lies beside it."""
    folder, wanted = (path, "") if path.is_dir() else (path.parent, path.name)
    if not folder.is_dir() or (wanted and not _NAME.fullmatch(wanted)):
        return []
    found = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.suffix == ".gz", reverse=True):
        match = _NAME.fullmatch(file.name)
        if match and file.is_file():
            found[match["set"], _SPLITS[match["split"].lower()]] = file
    chosen = _NAME.fullmatch(wanted)
    return sorted((name, split, file) for (name, split), file in found.items() if not chosen or chosen["set"] == name)


def _open(place: str, splitting: Splitting) -> DataSet:
    files = _image_files(Path(place))
    sets = sorted({name for name, _, _ in files})
    if len(sets) != 1:
        raise BadData(
            f"got {len(sets)} data sets in one folder ({', '.join(map(printable, sets))}); taken is one at a time; "
            f"give one of its files, such as {printable(str(files[0][2] if files else place))}"
        )
    data = {split: (read_idx(file), read_idx(_labels_beside(file))) for _, split, file in files}
    if "train" not in data and len(data) == 1:
        data = {"train": next(iter(data.values()))}
    return open_arrays(data, splitting, sets[0].strip("-_.") or Path(place).absolute().name)


def _labels_beside(images: Path) -> Path:
    name = re.sub(r"idx[34]", "idx1", re.sub("images", "labels", images.name))
    plain = name.removesuffix(".gz")
    for candidate in (name, plain, f"{plain}.gz"):
        if (images.parent / candidate).is_file():
            return images.parent / candidate
    raise BadData(
        f"got {printable(str(images))} without its labels; taken is {printable(name)} beside it; add that file"
    )


def read_idx(path: Path) -> Shaped[np.ndarray, " *shape"]:
    """Read one IDX file, gzipped or not.

    Args:
        path: The file.

    Returns:
        Its array, in this machine's byte order.

    Raises:
        BadData: If it is no IDX file, is cut off, or has bytes left over.

    Source: the page named above.
    """
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            return _read(file, path)
    except (OSError, EOFError, zlib.error, MemoryError) as error:
        raise _unreadable(path, printable(str(error)) or type(error).__name__) from error


def _read(file: gzip.GzipFile | io.BufferedReader, path: Path) -> np.ndarray:
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _TYPES or not 1 <= magic[3] <= 4:
        raise _unreadable(path, f"it begins with {magic.hex(' ') or 'nothing'}")
    header = file.read(4 * magic[3])
    if len(header) < 4 * magic[3]:
        raise _unreadable(path, "it ends within its header")
    shape = struct.unpack(f">{magic[3]}I", header)
    kind = np.dtype(_TYPES[magic[2]])
    expected = math.prod(shape) * kind.itemsize
    if expected > _LARGEST:
        raise _unreadable(path, f"it claims the shape {shape}")
    values = file.read(expected)
    if len(values) < expected or file.read(1):
        more = "more" if len(values) == expected else f"only {len(values):,}"
        raise _unreadable(path, f"its header says {expected:,} bytes of values, there are {more}")
    return np.frombuffer(values, kind).reshape(shape).astype(kind.newbyteorder("="))


def _unreadable(path: Path, reason: str) -> BadData:
    return BadData(
        f"got {printable(str(path))}, which cannot be read ({reason}); taken are whole IDX files; fetch it again"
    )


def _write(dataset: DataSet, folder: Path) -> dict[str, int]:
    """Write pictures of one size with their class ids; the names of the classes have no place."""
    pairs = {split: _stacked(dataset, split) for split in dataset.splits}
    make_folders(folder)
    for split, (images, labels) in pairs.items():
        name = {"test": "t10k"}.get(split, split)
        for what, array in (("images", images[..., 0] if images.shape[3] == 1 else images), ("labels", labels)):
            path = folder / f"{name}-{what}-idx{array.ndim}-ubyte"
            with storage_checked(path):
                path.write_bytes(bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape))
                with path.open("ab") as file:
                    file.write(np.ascontiguousarray(array).data)
    count = sum(len(labels) for _, labels in pairs.values())
    return {"images": count, "labels": count}


def _stacked(dataset: DataSet, split: str) -> tuple[UInt8[np.ndarray, "images _ _ _"], UInt8[np.ndarray, " images"]]:
    source = dataset.splits[split]
    samples = [source.read(index) for index in range(len(source))]
    forms = {(sample.image.shape, str(sample.image.dtype)) for sample in samples}
    if dataset.task != "classification" or len(dataset.labels) > 256 or len(forms) > 1 or "uint8" not in str(forms):
        shown = ", ".join(sorted(f"{shape} of {kind}" for shape, kind in forms)[:3])
        raise BadData(
            f"got {len(dataset.labels)} classes for {dataset.task}, and pictures {shown} in {split}; an IDX file holds "
            "pictures of one size and 8 bits, with one of up to 256 classes each; resize them, or choose another format"
        )
    return np.stack([sample.image for sample in samples]), np.array([sample.target for sample in samples], np.uint8)
