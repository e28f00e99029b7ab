"""Writing a data set as shards: tar archives of a bounded size, the same bytes for the same data, each with an index.

Files of pictures are copied as they are; what lives only in memory is written without loss.

Source: ours; the layout is WebDataset's (Aizman et al., 2019), readable by its library.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np

from saccade.data.labels.annotation_json import to_dict
from saccade.data.labels.writing import Written, picture_path, safe_name
from saccade.data.shards.index import SUFFIX, Entry, Index
from saccade.data.shards.members import BLOCK
from saccade.errors import BadConfig, BadData, BadImage
from saccade.types.annotations import Annotations
from saccade.types.sample import DataSet, Source
from saccade.weights.files import storage_checked

ABOUT = "dataset.json"
MOST_BYTES = 256 * 2**20
_LEAST_BYTES = 1 << 16


def write_shards(dataset: DataSet, folder: Path, *, most_bytes: int = MOST_BYTES) -> Mapping[str, int]:
    """Write a data set as shards.

    Args:
        dataset: Its targets are classes, several classes, or annotations.
        folder: Where to; made if it is not there.
        most_bytes: A shard ends before the sample that would make it larger; one sample may be larger alone.

    Returns:
        What was written by kind, as `contents` counts it.

    Raises:
        BadConfig: If shards shall be smaller than 64 KiB.
        BadData: If a target has no form here, such as a mesh.
        BadImage: If a picture can neither be copied nor written.
        StorageFull: If the disk is full; only whole shards are there then.

    Source: ours.
    """
    if most_bytes < _LEAST_BYTES:
        raise BadConfig(f"got shards of {most_bytes:,} bytes; taken are at least {_LEAST_BYTES:,}; make them larger")
    written = Written()
    with storage_checked(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for split, source in dataset.splits.items():
        _write_split(source, folder, split, most_bytes, written)
    values = {
        "name": dataset.name, "labels": list(dataset.labels), "task": dataset.task,
        "keypoint_names": list(dataset.keypoint_names), "skeleton": [list(bone) for bone in dataset.skeleton],
    }  # fmt: skip
    with storage_checked(folder / ABOUT):
        (folder / ABOUT).write_bytes(json.dumps(values, indent=1, ensure_ascii=True).encode() + b"\n")
    return written.result()


@dataclass
class _Shard:
    """An archive that is being written."""

    file: BinaryIO
    entries: list[Entry] = field(default_factory=list)
    size: int = 0

    def add(self, stem: str, suffix: str, picture: bytes, kind: str, label: bytes) -> None:
        places = [self._put(f"{stem}{suffix}", picture), self._put(f"{stem}.{kind}", label)]
        self.entries.append(Entry(f"{stem}{suffix}", places[0], places[1], kind))

    def end(self) -> Index:
        self.file.write(bytes(2 * BLOCK))
        return Index(self.size + 2 * BLOCK, tuple(self.entries))

    def _put(self, name: str, body: bytes) -> tuple[int, int]:
        about = tarfile.TarInfo(name)
        about.size, about.mode, about.mtime = len(body), 0o644, 0
        head = about.tobuf(tarfile.USTAR_FORMAT)
        start = self.size + len(head)
        self.file.write(head + body + bytes(-len(body) % BLOCK))
        self.size = start + len(body) + -len(body) % BLOCK
        return start, len(body)


def _write_split(source: Source, folder: Path, split: str, most: int, written: Written) -> None:
    index, number = 0, 0
    while index < len(source):
        with _shard(folder / f"{split}-{number:06}.tar") as shard:
            while index < len(source):
                suffix, picture = _picture(source, index)
                target = source.target(index)
                kind, label = _label(target, source.key(index))
                if shard.entries and shard.size + len(picture) + len(label) + 6 * BLOCK > most:
                    break
                shard.add(_stem(source.key(index), index), suffix, picture, kind, label)
                written.add(target)
                index += 1
        number += 1


@contextmanager
def _shard(path: Path) -> Iterator[_Shard]:
    """Write an archive beside its place; it and its index are there whole, or not at all."""
    part = path.with_name(f".{path.name}.tmp")
    try:
        with storage_checked(path):
            with part.open("wb") as file:
                shard = _Shard(file)
                yield shard
                index = shard.end()
            part.replace(path)
            path.with_name(path.name + SUFFIX).write_bytes(index.to_json())
    finally:
        part.unlink(missing_ok=True)


def _stem(key: str, index: int) -> str:
    """A name without a dot, that sorts as the samples do and still says where they came from."""
    last = key.rpartition("/")[2].rpartition(".")[0] or key
    plain = safe_name(last).replace(".", "_").encode("ascii", "replace").decode().replace("?", "_")
    return f"{index:08}_{plain[:60]}"


def _picture(source: Source, index: int) -> tuple[str, bytes]:
    path = picture_path(source, index)
    if path is not None:
        try:
            return path.suffix.lower(), path.read_bytes()
        except OSError as error:
            raise BadImage("got a file that cannot be copied; taken are readable files", str(path)) from error
    image = source.read(index).image
    if image.shape[2] not in (1, 3):
        raise BadImage(
            f"got {image.shape[2]} channels; taken are 1 or 3 for a file; choose channels first", source.key(index)
        )
    suffix = ".png" if image.dtype in (np.uint8, np.uint16) else ".tiff"
    turned = image[:, :, ::-1] if image.shape[2] == 3 else image
    return suffix, cv2.imencode(suffix, np.ascontiguousarray(turned))[1].tobytes()


def _label(target: Any, key: str) -> tuple[str, bytes]:
    if isinstance(target, int | np.integer):
        return "cls", str(int(target)).encode()
    if isinstance(target, tuple):
        values: dict[str, Any] = {"labels": [int(one) for one in target]}
    elif isinstance(target, Annotations):
        values = {"annotations": to_dict(target)}
    else:
        raise BadData(
            f"got a target of {type(target).__name__} for {key!r}; taken are classes and annotations; choose another "
            "format"
        )
    return "json", json.dumps(values, separators=(",", ":"), ensure_ascii=True).encode()
