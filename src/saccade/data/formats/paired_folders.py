"""Paired folders: each picture of one kind has a partner of the other kind, pixel for pixel.

    maps/trainA/1.jpg  maps/trainB/1.jpg      maps/A/train/1.jpg  maps/B/train/1.jpg
    maps/testA/2.jpg   maps/testB/2.jpg       maps/A/test/2.jpg   maps/B/test/2.jpg

Every picture must have its partner, of the same name; where one has not, they are unpaired folders. Written outright
as paired_folders:maps, plain folders A and B are taken too, and pictures of A on the left half and B on the right.

Source: the layouts of pix2pix (Isola et al., "Image-to-image translation with conditional adversarial networks", 2017).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from saccade.data.files import Files, has_picture, ignored_of, list_pictures
from saccade.data.format import Format
from saccade.data.labels.domains import (
    DOMAINS,
    PairedFile,
    are_pairs,
    domain_folders,
    domain_pictures,
    partner_names,
    png_of,
)
from saccade.data.labels.split_names import split_of
from saccade.data.labels.text_files import read_bytes
from saccade.data.labels.writing import Names, copy_picture, make_folders
from saccade.data.reading import read_size
from saccade.data.splitting import Divisible, Splitting, complete
from saccade.errors import BadData, BadImage, printable
from saccade.types.paired_image import PairedImage
from saccade.types.sample import DataSet, Sample, Source
from saccade.weights.files import storage_checked

__all__ = ["paired_folders"]


def paired_folders() -> Format:
    """Pictures of two kinds in two folders, paired by their names."""
    about = "a folder with trainA and trainB, whose images have the same names"
    return Format(about, _open, _recognises, _write, lambda path: path.is_dir() and has_picture(path), arranges=True)


@dataclass(frozen=True, eq=False)
class Halves:
    """Pictures that show a pair side by side: the left half is the picture, the right half its partner.

    Args:
        files: The pictures, twice as wide as what is on them.

    Source: ours, as pix2pix publishes its data.
    """

    files: Files

    def __len__(self) -> int:
        """Count the samples."""
        return len(self.files)

    def read(self, index: int) -> Sample:
        """Decode one file and cut it.

        Args:
            index: Which sample.

        Returns:
            The left half, with the right half as its target.

        Raises:
            BadImage: If it is no picture, or not even in width.

        Source: ours.
        """
        sample = self.files.read(index)
        width = sample.image.shape[1]
        if width % 2:
            raise BadImage(
                f"got a picture {width} pixels wide; taken are two side by side, of one width; cut it anew",
                self.key(index),
            )
        left, right = sample.image[:, : width // 2], sample.image[:, width // 2 :]
        return replace(sample, image=left.copy(), target=PairedImage(right.copy()))

    def key(self, index: int) -> str:
        """Name one sample."""
        return self.files.key(index)

    def target(self, index: int) -> PairedImage:
        """Give one sample's partner, for which its file is decoded."""
        return self.read(index).target

    def classes(self, index: int) -> tuple[int, ...]:
        """None: a picture is no class."""
        del index
        return ()

    def pick(self, rows: Sequence[int]) -> Halves:
        """Keep some samples, in the order given."""
        return Halves(self.files.pick(rows))

    def fingerprint(self) -> str:
        """Hash names and contents."""
        return self.files.fingerprint()


def _recognises(path: Path) -> bool:
    folders = domain_folders(path)
    return bool(folders) and are_pairs(path, folders)


def _open(place: str, splitting: Splitting) -> DataSet:
    root, ignored = Path(place), Counter[str]()
    folders = domain_folders(root, outright=True)
    given: dict[str, Divisible] = {}
    if folders and are_pairs(root, folders):
        for split, (first, second) in domain_pictures(root, folders, ignored).items():
            above, beside = (folder.relative_to(root).as_posix() for folder in folders[split])
            partners = partner_names(second, beside)
            targets = tuple(PairedFile(partners[name]) for name in partner_names(first, above))
            given[split] = Files(str(root), tuple(first), targets)
    else:
        paths = list_pictures(root, ignored) if has_picture(root) else []
        _refuse_narrow(root, paths)
        for split in {split_of(path) or "train" for path in paths}:
            rows = tuple(path for path in paths if (split_of(path) or "train") == split)
            given[split] = Halves(Files(str(root), rows, (None,) * len(rows)))
    return DataSet(
        root.name or "folder", DOMAINS, complete(given, splitting), "translation", origin=ignored_of(ignored)
    )


def _refuse_narrow(root: Path, paths: Sequence[str]) -> None:
    """Refuse pictures that cannot be two side by side, from the first that can be read."""
    for path in paths[:20]:
        try:
            _, width = read_size(root / path)
        except BadImage:
            continue
        if width % 2 == 0:
            return
    raise BadData(
        f"got {printable(str(root))} without two folders of partners, and without pictures that are two side by side; "
        "taken are trainA and trainB with the same names, or pictures of an even width; sort them so"
    )


def _write(dataset: DataSet, folder: Path) -> dict[str, int]:
    """Write both pictures of each pair; what has no partner is left out."""
    written = 0
    for split, source in dataset.splits.items():
        make_folders(folder, f"{split}A", f"{split}B")
        names = Names()
        for index in range(len(source)):
            target = source.target(index)
            if isinstance(target, PairedImage):
                stem = PurePosixPath(copy_picture(source, index, folder / f"{split}A", names)).stem
                _write_partner(source, index, target, folder / f"{split}B" / stem)
                written += 1
    return {"images": written}


def _write_partner(source: Source, index: int, target: PairedImage, place: Path) -> None:
    """Copy the file of a partner, or write its pixels as PNG; the place lacks its suffix."""
    partner = source.targets[index] if isinstance(source, Files) else None
    if isinstance(source, Files) and isinstance(partner, PairedFile):
        file = Path(source.root, partner.path)
        content, suffix = read_bytes(file), file.suffix
    else:
        content, suffix = png_of(target.pixels), ".png"
    path = place.with_name(place.name + suffix)
    with storage_checked(path):
        path.write_bytes(content)
