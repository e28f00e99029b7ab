"""CIFAR: the binary version of CIFAR-10 and CIFAR-100.

    cifar-10-batches-bin/   data_batch_1.bin … data_batch_5.bin  test_batch.bin  batches.meta.txt
    cifar-100-binary/       train.bin  test.bin  fine_label_names.txt  coarse_label_names.txt

Each record is one byte for the label (two for CIFAR-100: coarse, fine) and 3 × 32 × 32 bytes, red, green, blue.
The python version of the same data is made of pickles, which can run code, so it is refused.

Source: the page of the CIFAR data sets (Krizhevsky, 2009).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from saccade.data.arrays import open_arrays
from saccade.data.format import Format
from saccade.data.splitting import Splitting
from saccade.errors import BadData, printable
from saccade.types.sample import DataSet

__all__ = ["cifar"]

_PIXELS = 3 * 32 * 32


def cifar() -> Format:
    """The binary version of CIFAR-10 or CIFAR-100."""
    return Format("the folder of CIFAR-10 or CIFAR-100, binary version", _open, _recognises)


def _recognises(path: Path) -> bool:
    return path.is_dir() and bool(_train_files(path) or _is_python_version(path))


def _train_files(path: Path) -> list[Path]:
    batches = sorted(path.glob("data_batch_*.bin"))
    hundred = path / "train.bin"
    is_hundred = hundred.is_file() and (path / "fine_label_names.txt").is_file()
    return batches or ([hundred] if is_hundred else [])


def _is_python_version(path: Path) -> bool:
    return any((path / name).is_file() for name in ("batches.meta", "data_batch_1")) or all(
        (path / name).is_file() for name in ("meta", "train", "test")
    )


def _open(place: str, splitting: Splitting) -> DataSet:
    path = Path(place)
    train = _train_files(path)
    if not train:
        raise BadData(
            f"got the python version of CIFAR in {printable(place)}, made of pickles, which can run code when opened; "
            "taken is the binary version; fetch cifar-10-binary.tar.gz (or cifar-100-binary.tar.gz) and unpack it"
        )
    hundred = train[0].name == "train.bin"
    test = path / ("test.bin" if hundred else "test_batch.bin")
    data = {"train": _records(train, hundred)}
    if test.is_file():
        data["test"] = _records([test], hundred)
    names = _names(path / ("fine_label_names.txt" if hundred else "batches.meta.txt"))
    return open_arrays(data, splitting, "cifar100" if hundred else "cifar10", names)


def _records(
    files: list[Path], hundred: bool
) -> tuple[UInt8[np.ndarray, "images 32 32 3"], UInt8[np.ndarray, " images"]]:
    """Read records as pictures and labels; of CIFAR-100 the fine labels."""
    skip, parts = (2 if hundred else 1), []
    for file in files:
        content = np.fromfile(file, np.uint8)
        if not len(content) or len(content) % (skip + _PIXELS):
            raise BadData(
                f"got {printable(str(file))} with {len(content):,} bytes; taken are records of {skip + _PIXELS:,}; "
                "fetch it again"
            )
        parts.append(content.reshape(-1, skip + _PIXELS))
    records = np.concatenate(parts)
    pictures = records[:, skip:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(pictures), records[:, skip - 1].copy()


def _names(path: Path) -> list[str]:
    if not path.is_file():
        return []
    return [line.strip() for line in path.read_text("utf-8", "replace").splitlines() if line.strip()]
