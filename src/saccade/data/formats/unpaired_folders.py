"""Unpaired folders: two heaps of pictures, between whose kinds a network is to translate.

    horses/trainA/n02381460_2.jpg   horses/trainB/n02391049_2.jpg
    horses/testA/n02381460_20.jpg   horses/testB/n02391049_80.jpg

The target of a picture is the kind that it is of: 0 for A, 1 for B. Where every picture has a partner of the same name,
they are paired folders.

Source: the layout of CycleGAN (Zhu et al., "Unpaired image-to-image translation", 2017).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from saccade.data.files import Files, ignored_of
from saccade.data.format import Format
from saccade.data.labels.domains import DOMAINS, are_pairs, domain_folders, domain_pictures, missing_domain
from saccade.data.labels.writing import Names, Written, copy_picture, make_folders
from saccade.data.splitting import Splitting, complete
from saccade.errors import BadData, printable
from saccade.types.sample import DataSet

__all__ = ["unpaired_folders"]


def unpaired_folders() -> Format:
    """Pictures of two kinds in two folders, without partners."""
    about = "a folder with trainA and trainB, whose images have no partners"
    return Format(
        about, _open, _recognises, _write, lambda path: bool(domain_folders(path, outright=True)), arranges=True
    )


def _recognises(path: Path) -> bool:
    folders = domain_folders(path)
    return bool(missing_domain(path)) if not folders else not are_pairs(path, folders)


def _open(place: str, splitting: Splitting) -> DataSet:
    root, ignored = Path(place), Counter[str]()
    folders = domain_folders(root, outright=True)
    if not folders:
        told = missing_domain(root)
        raise BadData(
            f"got {printable(place)} with {told}; taken are trainA and trainB, each with pictures; add them"
            if told
            else f"got {printable(place)} without two folders of pictures for each split; taken are trainA and trainB; "
            "call them so"
        )
    given = {
        split: Files(str(root), (*first, *second), (0,) * len(first) + (1,) * len(second))
        for split, (first, second) in domain_pictures(root, folders, ignored).items()
    }
    return DataSet(
        root.name or "folder", DOMAINS, complete(given, splitting), "translation", origin=ignored_of(ignored)
    )


def _write(dataset: DataSet, folder: Path) -> Mapping[str, int]:
    """Write each picture into the folder of its kind; what is of neither is left out."""
    written = Written()
    for split, source in dataset.splits.items():
        make_folders(folder, *(f"{split}{domain}" for domain in DOMAINS))
        names = [Names() for _ in DOMAINS]
        for index in range(len(source)):
            target = source.target(index)
            if isinstance(target, int) and 0 <= target < len(DOMAINS):
                copy_picture(source, index, folder / f"{split}{DOMAINS[target]}", names[target])
                written.add(target)
    return written.result()
