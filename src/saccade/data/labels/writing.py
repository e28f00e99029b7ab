"""What every writer of data sets needs: safe names, pictures copied as they are, and a count of what was written.

A picture that lies in a file is copied byte for byte, whatever its orientation tag says: sizes that are written beside
it are those of the upright picture, as every reader here sees it. A picture that lives only in memory is written
without loss: PNG for whole numbers, TIFF for floats.

Source: ours.
"""

from __future__ import annotations

import shutil
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import numpy as np
from jaxtyping import Shaped

from saccade.data.files import Files
from saccade.data.format import contents
from saccade.data.reading import IMAGE_SUFFIXES, read_size
from saccade.errors import BadData, BadImage
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.sample import DataSet, Source
from saccade.weights.files import storage_checked

_LONGEST = 100
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{kind}{one}" for kind in ("com", "lpt") for one in range(1, 10))}
)


@dataclass
class Names:
    """Names for files that any system takes, each given once.

    Args:
        used: The names that are gone, without their suffix, in small letters.

    Source: ours.

    Example:
        >>> names = Names()
        >>> names.unique("a/1.jpg"), names.unique("b/1.png"), names.unique("../*?.jpg")
        ('1.jpg', '1_2.png', '__.jpg')
    """

    used: set[str] = field(default_factory=set)

    def unique(self, key: str) -> str:
        """Give a name like that of a file.

        Args:
            key: A path with "/" between folders, or any text.

        Returns:
            Its last part, made safe; numbered where it was given before, with whatever suffix.
        """
        path = PurePosixPath(key.replace("\\", "/"))
        suffix = path.suffix.lower() if path.suffix.lower() in IMAGE_SUFFIXES else ""
        stem = safe_name(path.name[: len(path.name) - len(suffix)])
        name, number = stem, 1
        while name.casefold() in self.used:
            number += 1
            name = f"{stem}_{number}"
        self.used.add(name.casefold())
        return name + (path.suffix if suffix else "")


def safe_name(text: str) -> str:
    """Make a text fit for the name of a file or folder on any system.

    Args:
        text: Any text.

    Returns:
        Its letters and digits of any script, "-", "_" and "."; everything else becomes "_".

    Source: ours.

    Example:
        >>> safe_name("Räder 1"), safe_name("..")
        ('Räder_1', '_')
    """
    plain = unicodedata.normalize("NFC", text)
    name = "".join(char if char.isalnum() or char in "-_." else "_" for char in plain)[:_LONGEST].strip(".")
    while len(name.encode()) > 2 * _LONGEST:
        name = name[:-1]
    return f"{name}_" if name.split(".")[0].lower() in _RESERVED else name or "_"


@dataclass
class Written:
    """Counts what is written, in the words of `contents`.

    Args:
        counts: By kind.

    Source: ours.
    """

    counts: Counter[str] = field(default_factory=lambda: Counter({"images": 0}))

    def add(self, target: Any) -> None:
        """Count one picture with what was written of it."""
        self.counts.update(contents(DataSet("", (), {"": _One(target)})))

    def result(self) -> Mapping[str, int]:
        """Give the counts, without kinds of which there is nothing."""
        return {name: count for name, count in self.counts.items() if count or name == "images"}


@dataclass(frozen=True, eq=False)
class _One:
    """A source of one target without a picture."""

    only: Any

    def __len__(self) -> int:
        return 1

    def read(self, index: int) -> Any:
        raise IndexError(index)

    def key(self, index: int) -> str:
        return str(index)

    def target(self, index: int) -> Any:
        del index
        return self.only

    def fingerprint(self) -> str:
        return ""


def copy_picture(source: Source, index: int, folder: Path, names: Names) -> str:
    """Write one picture of a source into a folder.

    Args:
        source: Where it comes from.
        index: Its number.
        folder: Where to, which is there.
        names: Gives it a name.

    Returns:
        The name of the file.

    Raises:
        BadImage: If it lives in memory only, and has a number of channels that no file holds; or cannot be read.

    Source: ours.
    """
    place = picture_path(source, index)
    if place is not None and place.suffix.lower() in IMAGE_SUFFIXES:
        name = names.unique(place.name)
        with storage_checked(folder / name):
            try:
                shutil.copyfile(place, folder / name)
            except (FileNotFoundError, PermissionError, shutil.SpecialFileError) as error:
                raise BadImage("got a file that cannot be copied; taken are readable files", str(place)) from error
        return name
    image = source.read(index).image
    suffix, encoded = _encoded(image, source.key(index))
    name = names.unique(source.key(index) + suffix)
    with storage_checked(folder / name):
        (folder / name).write_bytes(encoded)
    return name


def picture_path(source: Source, index: int) -> Path | None:
    """Say in which file a picture of a source lies.

    Args:
        source: The source.
        index: The number of the picture.

    Returns:
        The path; None where it does not lie in a file of its own.

    Source: ours.
    """
    return Path(source.root, source.paths[index]) if isinstance(source, Files) else None


def picture_size(source: Source, index: int) -> tuple[int, int]:
    """Say how large a picture of a source is when it stands upright.

    Args:
        source: The source.
        index: The number of the picture.

    Returns:
        (height, width) in pixels.

    Raises:
        BadImage: If it cannot be read.

    Source: ours.
    """
    place = picture_path(source, index)
    if place is not None:
        return read_size(place)
    height, width = source.read(index).image.shape[:2]
    return height, width


def annotated(dataset: DataSet, name: str) -> Iterator[tuple[str, int, Source, Annotations]]:
    """Walk through a data set whose pictures have things in them.

    Args:
        dataset: The data set.
        name: Of the format that is to be written, for the message.

    Yields:
        Split, number, source and labels of each picture.

    Raises:
        BadData: If a picture has something else, such as a class.

    Source: ours.
    """
    for split, source in dataset.splits.items():
        for index in range(len(source)):
            target = source.target(index)
            if not isinstance(target, Annotations):
                raise BadData(
                    f"got data of the task {dataset.task}, whose pictures have no boxes; {name} holds boxes and "
                    "outlines; choose class_folders or manifest"
                )
            yield split, index, source, target


def boxes_of(target: Annotations) -> Boxes | None:
    """Give the boxes of a picture's things, drawn around outlines or masks where there are no others.

    Args:
        target: The labels.

    Returns:
        One for each thing, of float64; None where things have no place at all.

    Source: ours.
    """
    shape = target.polygons if target.polygons is not None else target.masks
    if target.boxes is None and shape is None:
        return None
    drawn = target.boxes if shape is None or target.boxes is not None else shape.boxes()
    return None if drawn is None else Boxes(drawn.coordinates.double(), target.size)


def make_folders(root: Path, *inner: str) -> None:
    """Make folders below a root.

    Args:
        root: The root; made too.
        inner: Paths relative to it.

    Source: ours.
    """
    with storage_checked(root):
        for one in ("", *inner):
            (root / one).mkdir(parents=True, exist_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8 with plain line ends, the same on every system.

    Args:
        path: The file.
        text: What is in it; bytes of names that were no text become escapes.

    Source: ours.
    """
    with storage_checked(path):
        path.write_bytes(text.encode("utf-8", "backslashreplace"))


def digits_of(value: float) -> str:
    """Write a number with as many digits as it takes to read the same number again; whole numbers without a point.

    Args:
        value: A finite number.

    Returns:
        The text.

    Source: ours.

    Example:
        >>> digits_of(3.0), digits_of(0.1)
        ('3', '0.1')
    """
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))


def _encoded(image: Shaped[np.ndarray, "height width channels"], key: str) -> tuple[str, bytes]:
    """A picture as the bytes of a file, without loss."""
    if image.shape[2] not in (1, 3):
        raise BadImage(f"got {image.shape[2]} channels; taken are 1 or 3 for a file; choose channels first", key)
    suffix = ".png" if image.dtype in (np.uint8, np.uint16) else ".tiff"
    turned = image[:, :, ::-1] if image.shape[2] == 3 else image
    _, encoded = cv2.imencode(suffix, np.ascontiguousarray(turned))
    return suffix, encoded.tobytes()
