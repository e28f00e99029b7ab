"""Opening a data set, whatever its form: a path, a name, or arrays.

Each file in `formats` says which paths it recognises; the first word of "name:rest" may name a format outright. So a
new format is a new file, and nothing here changes.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from saccade import catalog
from saccade.data.arrays import open_arrays
from saccade.data.files import sub_folders
from saccade.data.format import Format
from saccade.data.reading import is_image_name
from saccade.data.splitting import Splitting
from saccade.errors import BadData, BadLabel, nearest, printable
from saccade.types.sample import DataSet, Source, class_lists

_ROOM = "data.formats"
_ARCHIVES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar")


def open_data(
    data: Any, *, seed: int = 0, shares: tuple[float, float, float] = (0.8, 0.1, 0.1), strict: bool = False
) -> DataSet:
    """Open a data set; nothing is ever written to where it lies.

    A bare name such as "digits" means that data set even where a folder has the same name; write "./digits" for the
    folder. "class_folders:photos" reads a path as one format, where two would recognise it.

    Args:
        data: A path (a folder of class folders, a CSV, an .npz, the folder of MNIST or CIFAR), a name ("digits",
            "synthetic", "synthetic:count=500,size=64"), arrays (images, labels), a mapping from splits to such
            pairs, or a data set, which is given back.
        seed: Of the cut into splits, where the data have none of their own.
        shares: Of train, val and test in that cut.
        strict: Refuse labels that are wrong, instead of leaving them out and listing them in the set's `findings`.

    Returns:
        The data set.

    Raises:
        BadData: If nothing there can be used as a data set.
        BadLabel: If labels mean nothing, or with `strict` if one of them is wrong.
        BadConfig: If the shares or a name's options are wrong.

    Source: ours.

    Example:
        >>> open_data("digits").counts()
        {'train': 1438, 'val': 180, 'test': 179}
    """
    splitting = Splitting(seed, (float(shares[0]), float(shares[1]), float(shares[2])))
    if isinstance(data, DataSet):
        return data
    if isinstance(data, Mapping | tuple | list):
        return _checked(open_arrays(data, splitting))
    if not isinstance(data, str | os.PathLike):
        raise BadData(
            f"got {type(data).__name__}; taken are a path, a name such as 'digits', or arrays (images, labels); "
            "give one of these"
        )
    found, place, where = _resolved(data)
    opened = found.open(place, splitting)
    wrong = [finding for finding in opened.findings if finding.severity == "error"]
    if strict and wrong:
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise BadLabel(f"got {printable(str(wrong[0]))}{more}; taken with strict is no wrong label; mend them")
    origin = {"data": where, "seed": seed, "shares": list(splitting.shares), **(opened.origin or {})}
    return _checked(replace(opened, origin=origin))


def as_pictures(data: Any) -> Any:
    """Say that a folder is nothing but pictures, whatever folders are in it.

    Args:
        data: What `open_data` takes.

    Returns:
        "pictures:" and the path, of a folder that comes without the name of a format; all else as it is.

    Source: ours.

    Example:
        >>> as_pictures("digits")
        'digits'
    """
    path = Path(data).expanduser() if isinstance(data, str | os.PathLike) else None
    named = isinstance(data, str) and data.partition(":")[0] in catalog.offers(_ROOM)
    return f"pictures:{path}" if path is not None and not named and path.is_dir() else data


def reopen(origin: Mapping[str, Any]) -> DataSet:
    """Open again what was opened before.

    Args:
        origin: Of that data set.

    Returns:
        The data set, with the same splits if the data are still the same.

    Raises:
        BadData: If it is no longer there.

    Source: ours.

    Example:
        >>> reopen(open_data("digits", seed=3).origin).counts()
        {'train': 1438, 'val': 180, 'test': 179}
    """
    train, val, test = origin["shares"]
    return open_data(origin["data"], seed=int(origin["seed"]), shares=(train, val, test))


def _resolved(data: str | os.PathLike[str]) -> tuple[Format, str, str]:
    """Find the format, what it is to open, and how to say both again in one string."""
    name, _, rest = data.partition(":") if isinstance(data, str) else ("", "", "")
    formats: dict[str, Format] = {known: catalog.find(_ROOM, known)() for known in catalog.offers(_ROOM)}
    if name in formats and formats[name].made:
        return formats[name], rest, f"{name}:{rest}" if rest else name
    if name in formats and rest:
        path = _existing(rest, formats)
        takes = formats[name].takes or formats[name].recognises
        if takes is None or not takes(path):
            raise BadData(
                f"got {printable(str(path))} to be read as {name}; taken is {formats[name].about}; check the path, or "
                f"leave {name}: out"
            )
        return formats[name], str(path), f"{name}:{path}"
    path = _existing(os.fspath(data), formats)
    matching = _matching(path, formats)
    if len(matching) > 1:
        offers = " or ".join(f"{name}:{printable(str(path))}" for name in matching)
        raise BadData(
            f"got {printable(str(path))}, which can be read in {len(matching)} ways; taken is one; write {offers}"
        )
    if not matching:
        raise BadData(_explained(path, formats))
    return formats[matching[0]], str(path), str(path)


def _matching(path: Path, formats: Mapping[str, Format]) -> list[str]:
    return [name for name, form in formats.items() if form.recognises is not None and form.recognises(path)]


def _existing(text: str, formats: Mapping[str, Format]) -> Path:
    path = Path(os.path.abspath(Path(text).expanduser()))  # noqa: PTH100 (links are kept as they are)
    if text.strip() and (path.exists() or ("{" in text and _matching(path, formats))):
        return path
    names = [name for name, form in formats.items() if form.made]
    close = nearest(text.partition(":")[0], names)
    cure = f"did you mean {' or '.join(map(repr, close))}?" if close else "check the path"
    raise BadData(
        f"got '{printable(text)}', which is neither a path that is there nor a name; taken are paths, and the names "
        f"{' and '.join(names)}; {cure}"
    )


def _explained(path: Path, formats: Mapping[str, Format]) -> str:
    """Say why a path is no data set, and what to do about it."""
    got = f"got {printable(str(path))}"
    if path.is_file():
        if path.suffix.lower() in _ARCHIVES:
            return f"{got}, an archive; taken are folders and files that are unpacked; unpack it first"
        if is_image_name(path.name):
            return f"{got}, a single image; taken are data sets of many; give the folder, or use predict"
    else:
        names = sorted(entry.name for entry in path.iterdir())
        tables = [name for name in names if name.lower().endswith((".csv", ".tsv"))]
        if tables:
            return f"{got}, a folder with a table; taken is the table itself; give {printable(str(path / tables[0]))}"
        images = sum(map(is_image_name, names))
        if images:
            return (
                f"{got}, a folder with {images} images and no labels; taken is one folder for each class; sort the "
                "images into folders named by their class, or write a CSV with the columns path and label, or learn a "
                "style on them (--task style)"
            )
        suffixes = Counter(
            file.suffix.lower() for folder in sub_folders(path) for file in folder.iterdir() if file.is_file()
        )
        if suffixes:
            suffix, count = suffixes.most_common(1)[0]
            return (
                f"{got}, a folder of folders without an image ({count} files end in {printable(suffix) or 'nothing'}); "
                "taken are JPEG, PNG, WebP, GIF, BMP and TIFF; convert them, or give another folder"
            )
    forms = "; ".join(f"{name}: {form.about}" for name, form in formats.items())
    return f"{got}, which is no data set that saccade knows; taken are {forms}; bring it into one of these forms"


def _checked(dataset: DataSet) -> DataSet:
    """Refuse data from which nothing can be learnt, or not what is to be judged."""
    if "train" not in dataset.splits:
        return dataset
    present = {split: _classes_in(source) for split, source in dataset.splits.items()}
    if dataset.task == "classification" and len(present["train"]) < 2:
        only = printable(dataset.labels[min(present["train"])])
        raise BadData(f"got images of one class only ({only}); taken are two classes at least; add another class")
    strangers = sorted(set().union(*present.values()) - present["train"])
    if strangers and dataset.task in ("classification", "multi_label"):
        shown = ", ".join(printable(dataset.labels[number]) for number in strangers[:5])
        raise BadData(
            f"got images in val or test of classes that have none in train ({shown}); taken are classes that can be "
            "learnt; add training images, or take those images away"
        )
    return dataset


def _classes_in(source: Source) -> set[int]:
    return {one for several in class_lists(source) for one in several}
