"""Pictures in the rows of Parquet files, as a source: a group of rows is read when one of them is asked for.

Source: the documentation of Apache Parquet, and of the image columns of Hugging Face's datasets.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from jaxtyping import Int64

from saccade.data.files import as_text
from saccade.data.labels.domains import png_of
from saccade.data.labels.text_files import read_bytes
from saccade.data.labels.writing import picture_path
from saccade.data.reading import read_image
from saccade.errors import BadData, BadImage, MissingExtra, printable
from saccade.types.sample import Sample, Source

_EDGE = 1 << 16
_KEPT_BYTES, _MOST_PICTURE = 1 << 28, 1 << 28
_FEWEST_KEPT = 2
_ROWS = 100  # in a group that is written: small groups are read in any order sooner


class GroupCache:
    """The groups of rows that were read last, bounded; a copy in another process begins empty.

    Source: ours.
    """

    def __init__(self) -> None:
        self._groups: OrderedDict[tuple[str, int], tuple[int, Any]] = OrderedDict()
        self._files: dict[str, Any] = {}
        self._owner = os.getpid()

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy none of it."""
        return GroupCache, ()

    def column(self, path: str, group: int, name: str) -> Any:
        """Give one column of a group of rows.

        Args:
            path: The file.
            group: The number of the group.
            name: The column.

        Returns:
            A pyarrow ChunkedArray.

        Raises:
            BadData: If it cannot be read.

        Source: ours.
        """
        if self._owner != os.getpid():  # a fork shares the place in a file with its parent
            self.__init__()
        if (path, group) in self._groups:
            self._groups.move_to_end((path, group))
            return self._groups[path, group][1]
        if path not in self._files:
            self._files[path] = opened_parquet(Path(path))
        pyarrow = _pyarrow()
        try:
            column = self._files[path].read_row_group(group, columns=[name]).column(0)
        except (pyarrow.ArrowException, OSError) as error:
            raise _unreadable(path, error) from error
        self._groups[path, group] = column.nbytes, column
        while len(self._groups) > _FEWEST_KEPT and sum(size for size, _ in self._groups.values()) > _KEPT_BYTES:
            self._groups.popitem(last=False)
        return column


@dataclass(frozen=True, eq=False)
class ParquetRows:
    """Pictures in the rows of Parquet files.

    Args:
        root: The folder of the files.
        files: Their paths, relative to it.
        ends: For each file the number of rows up to the end of each group.
        column: The name of the column of pictures.
        rows: (file, row) of each sample.
        targets: What is known of each.
        cache: What was read last.

    Source: ours.
    """

    root: str
    files: tuple[str, ...]
    ends: tuple[Int64[np.ndarray, " groups"], ...]
    column: str
    rows: Int64[np.ndarray, "samples 2"]
    targets: tuple[Any, ...]
    cache: GroupCache = field(default_factory=GroupCache)

    def __len__(self) -> int:
        """Count the samples."""
        return len(self.rows)

    def read(self, index: int) -> Sample:
        """Decode the picture of one row.

        Args:
            index: Which sample.

        Returns:
            The picture with its label.

        Raises:
            BadImage: If there is none, or it is broken.

        Source: ours.
        """
        file, row = self.rows[index].tolist()
        group = int(np.searchsorted(self.ends[file], row, side="right"))
        first = int(self.ends[file][group - 1]) if group else 0
        try:
            column = self.cache.column(str(Path(self.root, self.files[file])), group, self.column)
        except BadData as error:
            raise BadImage(str(error), self.key(index)) from error
        cell = column[row - first].as_py()
        try:
            return Sample(
                read_image(picture_of(cell, Path(self.root, self.files[file]).parent)),
                self.targets[index],
                self.key(index),
            )
        except BadImage as error:
            raise BadImage(error.reason, self.key(index)) from error.__cause__

    def key(self, index: int) -> str:
        """Name one sample: its file and its row."""
        file, row = self.rows[index].tolist()
        return f"{as_text(self.files[file])}[{row}]"

    def target(self, index: int) -> Any:
        """Give one sample's target."""
        return self.targets[index]

    def pick(self, rows: Sequence[int]) -> ParquetRows:
        """Keep some samples, in the order given; the cache is shared."""
        return replace(self, rows=self.rows[list(rows)], targets=tuple(self.targets[row] for row in rows))

    def fingerprint(self) -> str:
        """Hash the size and the first and last 64 kB of each file, and which rows are meant, with their labels."""
        found = hashlib.sha256(repr((self.files, self.column, self.rows.tolist(), self.targets)).encode())
        for name in self.files:
            with Path(self.root, name).open("rb") as file:
                found.update(file.read(_EDGE))
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - _EDGE))
                found.update(f"{size}".encode() + file.read(_EDGE))
        return found.hexdigest()


def picture_of(cell: Any, folder: Path) -> bytes | Path:
    """Find the picture in a cell: its bytes, or the path of its file.

    Args:
        cell: Bytes, a path, or a mapping with "bytes" and "path" as Hugging Face's datasets write it.
        folder: What paths are relative to; they do not lead out of it.

    Returns:
        What `read_image` takes.

    Raises:
        BadImage: If there is neither, or the path leads out of the folder.

    Source: the documentation of the image columns of Hugging Face's datasets.

    Example:
        >>> picture_of({"bytes": None, "path": "a/1.jpg"}, Path("data")).as_posix()
        'data/a/1.jpg'
    """
    if isinstance(cell, dict):
        cell = cell.get("bytes") or cell.get("path")
    if isinstance(cell, bytes) and cell:
        return cell
    if not isinstance(cell, str) or not cell:
        raise BadImage("got a row without a picture; taken are its bytes, or the path of a file; fill it in")
    parts = cell.replace("\\", "/").split("/")
    if cell[0] in "/\\" or ".." in parts or ":" in parts[0] or "\0" in cell:
        raise BadImage(f"got the path {printable(cell[:80])}; taken are paths below the file of the table; mend it")
    return folder.joinpath(*parts)


def opened_parquet(path: Path) -> Any:
    """Open a Parquet file, reading its end only.

    Args:
        path: The file.

    Returns:
        A pyarrow ParquetFile.

    Raises:
        MissingExtra: If pyarrow is not installed.
        BadData: If it is no Parquet file.

    Source: ours.
    """
    pyarrow = _pyarrow()
    try:
        return pyarrow.parquet.ParquetFile(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise _unreadable(str(path), error) from error


def write_parquet(path: Path, source: Source, labels: Sequence[str], *, several: bool = False) -> None:
    """Write the pictures of a source with their labels, as Hugging Face's datasets do; what has no file becomes PNG.

    Args:
        path: The file.
        source: Its targets are class ids, or tuples of them.
        labels: The names of the classes.
        several: Whether a picture may have several labels.

    Raises:
        MissingExtra: If pyarrow is not installed.
        BadImage: If a picture must be decoded and is none.

    Source: the documentation of Hugging Face's datasets.
    """
    pyarrow = _pyarrow()
    label: dict[str, Any] = {"names": list(labels), "_type": "ClassLabel"}
    features = {"image": {"_type": "Image"}, "label": {"feature": label, "_type": "Sequence"} if several else label}
    image = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    number = pyarrow.list_(pyarrow.int64()) if several else pyarrow.int64()
    about = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    schema = pyarrow.schema([("image", image), ("label", number)], metadata=about)
    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        for start in range(0, len(source), _ROWS):
            numbers = range(start, min(start + _ROWS, len(source)))
            cells = [{"bytes": _bytes_of(source, row), "path": PurePath(source.key(row)).name} for row in numbers]
            targets = [list(source.target(row)) if several else source.target(row) for row in numbers]
            writer.write_table(pyarrow.table([pyarrow.array(cells, image), targets], schema=schema))


def _bytes_of(source: Source, row: int) -> bytes:
    place = picture_path(source, row)
    return read_bytes(place, _MOST_PICTURE) if place else png_of(source.read(row).image)


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra("reading Parquet", "parquet") from None
    return pyarrow


def _unreadable(path: str, error: Exception) -> BadData:
    return BadData(
        f"got {printable(path)}, which cannot be read ({printable(str(error))[:150]}); taken are whole Parquet files; "
        "fetch it again"
    )
