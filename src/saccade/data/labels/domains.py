"""Two kinds of pictures in two folders: trainA and trainB, as translation between them is published.

    trainA trainB testA testB        A/train B/train A/test B/test        A B (only where asked outright)

Where every picture has a partner of the same name they are pairs, otherwise two heaps.

Source: the layouts of pix2pix (Isola et al., 2017) and CycleGAN (Zhu et al., 2017).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
from jaxtyping import UInt8

from saccade.data.files import has_picture, list_pictures, sub_folders
from saccade.data.labels.split_names import SPLIT_NAMES
from saccade.data.reading import read_image
from saccade.errors import BadImage, BadLabel, printable
from saccade.types.paired_image import PairedImage

DOMAINS = ("A", "B")


@dataclass(frozen=True, eq=False)
class PairedFile:
    """The partner of a picture, in a file of its own, read when the picture is.

    Args:
        path: The file, relative to the root of the data.

    Source: ours.
    """

    path: str

    @property
    def classes(self) -> tuple[int, ...]:
        """None: a picture is no class."""
        return ()

    def placed(self, root: str, size: tuple[int, int]) -> PairedImage:
        """Read the partner of a picture.

        Args:
            root: The folder of the data.
            size: (height, width) of the picture.

        Returns:
            The partner.

        Raises:
            BadLabel: If it is no picture of 8 bits, or of another size.

        Source: ours.
        """
        try:
            pixels = read_image(Path(root, self.path))
        except BadImage as error:
            raise BadLabel(f"{printable(self.path)}: {error.reason}") from error
        if pixels.shape[:2] != size:
            raise BadLabel(
                f"got {printable(self.path)} of {pixels.shape[0]} × {pixels.shape[1]} pixels for a picture of "
                f"{size[0]} × {size[1]} (height × width); taken are partners of one size; make both anew"
            )
        return PairedImage(pixels)

    def digest(self, root: str) -> str:
        """Hash the file."""
        try:
            return hashlib.sha256(Path(root, self.path).read_bytes()).hexdigest()
        except OSError:
            return ""


def domain_folders(root: Path, *, outright: bool = False) -> dict[str, tuple[Path, Path]]:
    """Find the two folders of each split.

    Args:
        root: Where they lie.
        outright: Whether plain folders A and B count too, which look like two classes.

    Returns:
        (folder of A, folder of B) by split; empty where there are none, or where they do not come in twos.

    Source: ours.
    """
    folders = {folder.name.lower(): folder for folder in sub_folders(root)} if root.is_dir() else {}
    found: dict[str, dict[str, Path]] = {}
    for name, folder in folders.items():
        split = SPLIT_NAMES.get(name[:-1].rstrip("_-"))
        if split and name[-1] in "ab":
            found.setdefault(split, {}).setdefault(name[-1], folder)
    if not found and set(folders) == {"a", "b"}:
        for domain, folder in folders.items():
            for inner in sub_folders(folder):
                if inner.name.lower() in SPLIT_NAMES:
                    found.setdefault(SPLIT_NAMES[inner.name.lower()], {}).setdefault(domain, inner)
        if not found and outright:
            found["train"] = folders
    several = found.values()
    if not found or any(set(one) != {"a", "b"} or not all(map(has_picture, one.values())) for one in several):
        return {}
    return {split: (one["a"], one["b"]) for split, one in found.items()}


def missing_domain(root: Path) -> str:
    """Say what a folder lacks that is laid out for two kinds of pictures: every folder in it is of a split and a kind.

    Args:
        root: Any path.

    Returns:
        Such as "no pictures in trainB"; "" where nothing is missing, or the layout is another.

    Source: ours.
    """
    folders = {folder.name.lower(): folder for folder in sub_folders(root)} if root.is_dir() else {}
    splits = {SPLIT_NAMES.get(name[:-1].rstrip("_-")) for name in folders if name[-1] in "ab"}
    if not folders or None in splits or not all(name[-1] in "ab" for name in folders):
        return ""
    wanted = {f"{name[:-1]}{domain}" for name in folders for domain in "ab"}
    poor = sorted(name for name in wanted if name not in folders or not has_picture(folders[name]))
    shown = [folders[name].name if name in folders else f"{name[:-1]}{name[-1].upper()}" for name in poor]
    return f"no pictures in {' and '.join(map(printable, shown))}" if poor else ""


def domain_pictures(root: Path, folders: Mapping[str, tuple[Path, Path]], ignored: Counter[str]) -> Pictures:
    """List the pictures of both kinds.

    Args:
        root: What paths are relative to.
        folders: From `domain_folders`.
        ignored: Counts files that are no pictures; added to.

    Returns:
        The paths of A and of B by split.

    Source: ours.
    """
    found = {}
    for split, two in folders.items():
        first, second = (
            [f"{folder.relative_to(root).as_posix()}/{path}" for path in list_pictures(folder, ignored)]
            for folder in two
        )
        found[split] = (first, second)
    return found


Pictures = dict[str, tuple[list[str], list[str]]]


def are_pairs(root: Path, folders: Mapping[str, tuple[Path, Path]]) -> bool:
    """Say whether every picture has one partner of the same name, whatever its suffix.

    Args:
        root: What paths are relative to.
        folders: From `domain_folders`.

    Returns:
        Whether they are pairs.

    Source: ours.
    """
    return all(
        partner_names(first, folders[split][0].relative_to(root).as_posix()).keys()
        == partner_names(second, folders[split][1].relative_to(root).as_posix()).keys()
        and len(first) == len(second)
        for split, (first, second) in domain_pictures(root, folders, Counter()).items()
    )


def partner_names(paths: list[str], folder: str) -> dict[str, str]:
    """Give pictures by what they share with their partners: the path in their folder, without the suffix.

    Args:
        paths: Of pictures in a folder.
        folder: That folder.

    Returns:
        Paths by name.

    Source: ours.

    Example:
        >>> partner_names(["trainA/x/1.jpg"], "trainA")
        {'x/1': 'trainA/x/1.jpg'}
    """
    return {str(PurePosixPath(path).relative_to(folder).with_suffix("")): path for path in paths}


def png_of(pixels: UInt8[np.ndarray, "height width channels"]) -> bytes:
    """Write a picture as PNG.

    Args:
        pixels: One channel, or red, green and blue.

    Returns:
        The bytes of the file.

    Raises:
        BadImage: If it has another number of channels.

    Source: ours.
    """
    if pixels.shape[2] not in (1, 3):
        raise BadImage(f"got {pixels.shape[2]} channels; taken are 1 or 3 for a file; choose channels first")
    return cv2.imencode(".png", np.ascontiguousarray(pixels[..., ::-1]))[1].tobytes()
