"""Mask folders: a folder of pictures, and beside it a folder of masks with the same names.

    city/images/1.jpg      city/images/train/1.jpg      city/train/images/1.jpg      city/train/1.jpg
    city/masks/1.png       city/masks/train/1.png       city/train/masks/1.png       city/train_labels/1_L.png
    city/classes.txt       one name a line; or labels.json; or class_dict.csv with the columns name,r,g,b

A mask holds the number of a class in every pixel, as grey level or number of a palette; 255 is no class and never
counts. With a table of colours it is read as colours. Where no file names the classes, there are as many as the first
masks have (500 of them, spread evenly). A picture without a mask is left out.

Source: ours; the layouts are those of ADE20K, CamVid and of most labelling tools.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from saccade.data.files import Files, as_text, has_picture, ignored_of, list_pictures, sub_folders
from saccade.data.format import Format
from saccade.data.labels.index_masks import MaskFile, mask_header, read_indices, write_indices
from saccade.data.labels.split_names import SPLIT_NAMES, split_of
from saccade.data.labels.text_files import decoded, number_of, read_bytes, read_lines, read_table
from saccade.data.labels.writing import Names, copy_picture, make_folders, write_text
from saccade.data.reading import read_size
from saccade.data.splitting import Splitting, complete
from saccade.errors import BadData, BadImage, BadLabel, printable
from saccade.types.annotations import Annotations
from saccade.types.finding import Finding
from saccade.types.pixel_map import IGNORED
from saccade.types.sample import DataSet

__all__ = ["mask_folders"]

_PICTURES = ("images", "image", "imgs", "img")
_MASKS = ("masks", "mask", "labels", "label", "annotations", "annotation", "segmentations", "segmentation", "gt")
_BESIDE = ("_labels", "_label", "_masks", "_mask", "_gt", "annot")
_ENDINGS = ("", "_L", "_mask", "_masks", "_label", "_labels", "_gt", "_segmentation")
_LISTS = ("classes.txt", "labels.txt", "codes.txt", "class_names.txt")
_TABLES = ("class_dict.csv", "colors.csv", "colours.csv", "classes.csv")
_SAMPLED, _EDGE = 500, 1 << 16

Colours = tuple[tuple[int, int, int], ...]


def mask_folders() -> Format:
    """Pictures and masks in two folders, with the same names."""
    return Format("a folder with images and masks of the same names", _open, _recognises, _write, arranges=True)


@dataclass(frozen=True)
class _Pair:
    """A picture and its mask, both relative to the root."""

    split: str
    picture: str
    mask: str


def _recognises(path: Path) -> bool:
    return any(has_picture(masks) and has_picture(pictures) for _, pictures, masks in _places(path))


def _places(root: Path) -> Iterator[tuple[str | None, Path, Path]]:
    """Folders of pictures with their folders of masks, and which split they are, where the name says so."""
    if not root.is_dir():
        return
    folders = {folder.name.lower(): folder for folder in sub_folders(root)}
    both = _two_of(folders)
    if both:
        yield None, *both
        return
    for name, folder in folders.items():
        if name not in SPLIT_NAMES:
            continue
        inside = _two_of({inner.name.lower(): inner for inner in sub_folders(folder)})
        beside = next((folders[name + ending] for ending in _BESIDE if name + ending in folders), None)
        if inside:
            yield SPLIT_NAMES[name], *inside
        elif beside:
            yield SPLIT_NAMES[name], folder, beside


def _two_of(folders: Mapping[str, Path]) -> tuple[Path, Path] | None:
    pictures = [folders[name] for name in _PICTURES if name in folders]
    masks = [folders[name] for name in _MASKS if name in folders]
    return (pictures[0], masks[0]) if pictures and masks else None


def _open(place: str, splitting: Splitting) -> DataSet:
    root, ignored = Path(place), Counter()
    findings: list[Finding] = []
    pairs = [pair for found in _places(root) for pair in _paired(root, found, ignored, findings)]
    names, colours = _classes(root)
    pairs = _fitting(root, pairs, coloured=bool(colours), findings=findings)
    if not names and pairs:
        names = _numbered(root, pairs, findings)
    if not pairs or not 0 < len(names) <= IGNORED:
        raise BadData(
            f"got {len(pairs)} masks that can be used in {printable(place)}, with {len(names)} classes"
            f"{': ' + printable(str(findings[0])) if findings else ''}; taken are masks of 1 to 255 classes; mend them"
        )
    given = {}
    for split in {pair.split for pair in pairs}:
        rows = [pair for pair in pairs if pair.split == split]
        targets = tuple(MaskFile(pair.mask, len(names), colours) for pair in rows)
        given[split] = Files(str(root), tuple(pair.picture for pair in rows), targets)
    return DataSet(
        root.name or "folder",
        names,
        complete(given, splitting),
        "segmentation",
        origin=ignored_of(ignored),
        findings=tuple(findings),
    )


def _paired(
    root: Path, place: tuple[str | None, Path, Path], ignored: Counter[str], findings: list[Finding]
) -> Iterator[_Pair]:
    """Join pictures and masks by their names."""
    split, pictures, masks = place
    above, beside = (folder.relative_to(root).as_posix() for folder in (pictures, masks))
    there: dict[str, str] = {}
    twice = [path for path in list_pictures(masks, ignored) if there.setdefault(_without_suffix(path), path) != path]
    message = "got two masks of one name; taken is the first; take the other away"
    findings += [Finding("duplicate-label", message, _shown(beside, path)) for path in twice]
    used = set()
    for path in list_pictures(pictures, ignored):
        stem = _without_suffix(path)
        mask = next((stem + ending for ending in _ENDINGS if stem + ending in there), None)
        if mask is None:
            message = "got a picture without a mask; taken are pictures with one; it is left out"
            findings.append(Finding("missing-label", message, key=_shown(above, path), severity="warning"))
            continue
        used.add(mask)
        yield _Pair(split or split_of(path) or "train", f"{above}/{path}", f"{beside}/{there[mask]}")
    message = "got a mask without a picture; taken are both; add the picture, or take the mask away"
    findings += [
        Finding("missing-image", message, _shown(beside, path)) for stem, path in there.items() if stem not in used
    ]


def _without_suffix(path: str) -> str:
    return str(PurePosixPath(path).with_suffix(""))


def _shown(folder: str, path: str) -> str:
    return as_text(f"{folder}/{path}")


def _fitting(root: Path, pairs: list[_Pair], *, coloured: bool, findings: list[Finding]) -> list[_Pair]:
    """Leave out masks that cannot be of their picture, as their headers say."""
    with ThreadPoolExecutor(8) as pool:
        wrong = list(pool.map(lambda pair: _misfit(root, pair, coloured=coloured), pairs))
    findings += [finding for finding in wrong if finding]
    return [pair for pair, finding in zip(pairs, wrong, strict=True) if not finding]


def _misfit(root: Path, pair: _Pair, *, coloured: bool) -> Finding | None:
    file, key = as_text(pair.mask), as_text(pair.picture)
    try:
        mask, colours = mask_header(root / pair.mask)
    except BadImage as error:
        return Finding("image-broken", error.reason, file, key=key)
    try:
        picture = _size(root / pair.picture)
    except BadImage:  # that the picture is broken is said where it is read
        return None
    if colours and not coloured and not _is_grey(root / pair.mask):
        message = (
            "got a mask in colours; taken are class numbers, or colours with a table; write class_dict.csv with the "
            "columns name,r,g,b beside the folders"
        )
        return Finding("mask-colours", message, file, key=key)
    if mask == picture:
        return None
    turned = mask == picture[::-1]
    message = (
        f"got a mask of {mask[0]} × {mask[1]} pixels for a picture of {picture[0]} × {picture[1]} (height × width)"
        f"{', which its camera had turned' if turned else ''}; taken is one size for both; make the mask again"
    )
    return Finding("orientation" if turned else "mask-size", message, file, key=key)


def _size(path: Path) -> tuple[int, int]:
    """The size of a picture, from the beginning of its file where that is enough."""
    try:
        with path.open("rb") as file:
            return read_size(file.read(_EDGE))
    except (BadImage, OSError):
        return read_size(path)


def _is_grey(path: Path) -> bool:
    try:
        read_indices(path)
    except (BadLabel, BadImage, BadData):
        return False
    return True


def _classes(root: Path) -> tuple[tuple[str, ...], Colours]:
    """The names of the classes, and the colour of each, as far as a file says."""
    for name in _TABLES:
        if (root / name).is_file():
            return _table(root / name)
    names: list[str] = []
    for name in _LISTS:
        if (root / name).is_file():
            names = [line.strip() for line in read_lines(root / name, 1 << 20)]
            names = names if all(names) else [line for line in names if line]
            break
    for name in ("labels.json", "classes.json"):
        if not names and (root / name).is_file():
            names = _named(root / name)
    if len(set(names)) < len(names):
        twice = next(name for name, count in Counter(names).items() if count > 1)
        raise BadLabel(
            f"got the class {printable(twice)} twice in {printable(root.name)}; taken are different names; rename one"
        )
    return tuple(names), ()


def _named(file: Path) -> list[str]:
    """Names from JSON: a list, {"0": "road"} or {"road": 0}."""
    try:
        found = json.loads(decoded(read_bytes(file, 1 << 20)))
        if isinstance(found, dict):
            pairs = [(key, name) if isinstance(name, str) else (name, key) for key, name in found.items()]
            numbered = {int(number): str(name) for number, name in pairs}
            return [numbered.get(number, str(number)) for number in range(min(max(numbered) + 1, IGNORED))]
        if isinstance(found, list) and all(isinstance(name, str) for name in found):
            return found
    except (ValueError, TypeError, RecursionError):
        pass
    raise BadLabel(
        f'got {printable(file.name)}, which names no classes; taken are a list of names, or {{"0": "road"}}; mend it'
    )


def _table(file: Path) -> tuple[tuple[str, ...], Colours]:
    """Names and colours, as CamVid's class_dict.csv has them."""
    header, rows = read_table(file)
    columns = {name.lower(): column for column, name in enumerate(header)}
    wanted = [next((columns[name] for name in names if name in columns), None) for names in
              (("name", "class", "label"), ("r", "red"), ("g", "green"), ("b", "blue"))]  # fmt: skip
    if None in wanted:
        raise BadLabel(
            f"got the columns {printable(', '.join(header))} in {printable(file.name)}; taken are name, r, g and b; "
            "rename them"
        )
    names, colours = [], []
    for line, cells in rows:
        name, *levels = (cells[column].strip() for column in wanted if column is not None)
        numbers = [number_of(level) for level in levels]
        if not all(0 <= number <= 255 and number == int(number) for number in numbers):
            raise BadLabel(
                f"got {printable(file.name)}:{line} with the colour {printable(', '.join(levels))}; taken are three "
                "whole numbers from 0 to 255; mend it"
            )
        names.append(name)
        colours.append((int(numbers[0]), int(numbers[1]), int(numbers[2])))
    if len(set(names)) < len(names) or len(set(colours)) < len(colours):
        raise BadLabel(f"got {printable(file.name)} with a name or a colour twice; taken are different ones; mend it")
    return tuple(names), tuple(colours)


def _numbered(root: Path, pairs: list[_Pair], findings: list[Finding]) -> tuple[str, ...]:
    """Name the classes by their numbers, as many as some masks have."""
    chosen = [pairs[row] for row in np.linspace(0, len(pairs) - 1, min(_SAMPLED, len(pairs))).astype(int)]
    with ThreadPoolExecutor(8) as pool:
        present = set().union(*pool.map(lambda pair: _values(root / pair.mask), chosen))
    if IGNORED in present and max(present - {IGNORED}, default=0) == 0:
        message = (
            "got masks of 0 and 255 alone; taken is 255 as no class, so that nothing but class 0 is left; write 1 "
            "instead of 255, or class_dict.csv with the lines background,0,0,0 and thing,255,255,255"
        )
        findings.append(Finding("mask-class", message, as_text(chosen[0].mask), severity="warning"))
    return tuple(str(number) for number in range(min(max(present - {IGNORED}, default=0) + 1, IGNORED)))


def _values(path: Path) -> set[int]:
    try:
        return set(np.unique(read_indices(path)).tolist())
    except (BadImage, BadLabel, BadData):
        return set()


def _write(dataset: DataSet, folder: Path) -> dict[str, int]:
    """Write images, masks as numbers, and the names; what has no regions is left out."""
    written = 0
    make_folders(folder)
    for split, source in dataset.splits.items():
        images, masks, names = folder / "images" / split, folder / "masks" / split, Names()
        make_folders(folder, f"images/{split}", f"masks/{split}")
        for index in range(len(source)):
            target = source.target(index)
            if isinstance(target, Annotations) and target.regions is not None:
                stem = PurePosixPath(copy_picture(source, index, images, names)).stem
                write_indices(target.regions.values.cpu().numpy().astype(np.uint8), masks / f"{stem}.png")
                written += 1
    lines = [" ".join(printable(name).split()) or str(number) for number, name in enumerate(dataset.labels)]
    write_text(folder / "classes.txt", "".join(f"{line}\n" for line in lines))
    return {"images": written, "regions": written}
