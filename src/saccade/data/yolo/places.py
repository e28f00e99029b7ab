"""Where the parts of a YOLO data set lie: its data.yaml, the pictures of each split, and the labels of each picture.

Everything that a file names must lie in the folder of the data or in the one above it, where many data.yaml have it.

Source: Ultralytics' documentation of its dataset formats; Roboflow's and labelImg's layouts.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from saccade.data.files import list_pictures, sub_folders
from saccade.data.labels.text_files import decoded, read_bytes
from saccade.errors import BadData, printable
from saccade.types.finding import Finding, Severity

_YAML_BYTES = 1 << 20
_LIST_BYTES = 1 << 28
_SPLITS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
_NAME_FILES = ("classes.txt", "obj.names", "labels/classes.txt", "labels.txt", "predefined_classes.txt")


@dataclass
class YoloPlaces:
    """What was found of a data set.

    Args:
        root: The folder that everything lies below.
        base: The folder of its data.yaml, or its own.
        settings: What the data.yaml says; empty where there is none.
        pictures: For each split the paths of its pictures, relative to the root.
        findings: What was wrong on the way.

    Source: ours.
    """

    root: Path
    base: Path
    settings: Mapping[str, Any]
    pictures: dict[str, list[str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def say(self, code: str, message: str, severity: Severity, file: str = "") -> None:
        """Note what is wrong."""
        self.findings.append(Finding(code, message, file, severity=severity))


def is_yolo(path: Path) -> bool:
    """Tell whether a path seems to be a YOLO data set.

    Args:
        path: A folder, or a data.yaml.

    Returns:
        Whether it has a data.yaml with splits, or labels in text files beside images.

    Source: ours.
    """
    if path.is_file():
        return path.suffix.lower() in (".yaml", ".yml") and "train" in _settings_or_none(path)
    if not path.is_dir():
        return False
    return _yaml_in(path) is not None or any(True for _ in _label_folders(path))


def yolo_places(path: Path) -> YoloPlaces:
    """Find everything of a data set.

    Args:
        path: A folder, or a data.yaml.

    Returns:
        Its parts.

    Raises:
        BadData: If the data.yaml is none, or the pictures that it names are nowhere.

    Source: ours.
    """
    file = path if path.is_file() else _yaml_in(path)
    if file is None:
        return _without_yaml(path)
    settings = yolo_settings(file)
    base = _base(file, settings)
    wanted = {_SPLITS[name]: settings[name] for name in _SPLITS if settings.get(name)}
    found = {split: [*_resolved(given, base, file, split)] for split, given in wanted.items()}
    root = file.parent if _all_below(found, file.parent) else file.parent.parent
    places = YoloPlaces(root, file.parent, settings)
    for split, tops in found.items():
        listed = [name for top in tops for name in _pictures(top, places)]
        places.pictures[split] = list(dict.fromkeys(listed))
    return places


def yolo_settings(file: Path) -> Mapping[str, Any]:
    """Read a data.yaml.

    Args:
        file: The file.

    Returns:
        What it says, as plain values.

    Raises:
        BadData: If it is no YAML, or no mapping.

    Source: ours, on PyYAML's safe loader.
    """
    try:
        values = yaml.safe_load(decoded(read_bytes(file, _YAML_BYTES)))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, BadData):
            raise
        said = " ".join(printable(str(error)).split())[:120]
        raise BadData(
            f"got {printable(str(file))}, which is no YAML ({said}); taken is a data.yaml; mend it"
        ) from error
    except (TypeError, AttributeError, LookupError) as error:  # keys and tags that no mapping can have
        raise BadData(f"got {printable(str(file))}, which is no YAML; taken is a data.yaml; mend it") from error
    if not isinstance(values, dict):
        raise BadData(f"got {printable(str(file))} of another form; taken is train: …, names: …; mend it")
    return {str(name): value for name, value in values.items()}


def yolo_names(places: YoloPlaces) -> dict[int, str]:
    """Give the names of the classes by the numbers that stand in the label files.

    Args:
        places: The data set.

    Returns:
        Names by number; none where the data do not say.

    Source: ours.
    """
    given, count = places.settings.get("names"), places.settings.get("nc")
    if isinstance(given, list):
        return {number: _name(one) for number, one in enumerate(given)}
    if isinstance(given, dict):
        return {number: _name(one) for number, one in given.items() if type(number) is int and number >= 0}
    for name in _NAME_FILES:
        file = places.base / name
        if file.is_file():
            content = read_bytes(file, _YAML_BYTES)
            if _is_mojibake(content):
                places.say("not-utf8", "got names that are no UTF-8; they are read as Latin-1", "warning", name)
            lines = [line.strip() for line in decoded(content).splitlines()]
            return dict(enumerate(line for line in lines if line))
    return {number: str(number) for number in range(count)} if type(count) is int and 0 < count < 100_000 else {}


def label_path(picture: str) -> str:
    """Say where the labels of a picture lie: labels/ instead of the last images/, or beside it.

    Args:
        picture: The path of the picture, with "/" between folders.

    Returns:
        The path of its labels.

    Source: Ultralytics' convention.

    Example:
        >>> label_path("images/train/1.jpg"), label_path("a/1.jpg")
        ('labels/train/1.txt', 'a/1.txt')
    """
    path = PurePosixPath(picture)
    parts = list(path.with_suffix(".txt").parts)
    places = [number for number, part in enumerate(parts[:-1]) if part == "images"]
    if places:
        parts[places[-1]] = "labels"
    return "/".join(parts)


def _is_mojibake(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return not content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return False


def _name(given: Any) -> str:
    return given if isinstance(given, str) else str(given)[:100] if isinstance(given, int | float) else "?"


def _settings_or_none(file: Path) -> Mapping[str, Any]:
    try:
        return yolo_settings(file)
    except BadData:
        return {}


def _yaml_in(folder: Path) -> Path | None:
    files = sorted(entry for entry in folder.iterdir() if entry.suffix.lower() in (".yaml", ".yml") and entry.is_file())
    return next((file for file in files[:20] if "train" in _settings_or_none(file)), None)


def _base(file: Path, settings: Mapping[str, Any]) -> Path:
    """The folder to which the paths of the splits are relative."""
    given = settings.get("path")
    if not isinstance(given, str):
        return file.parent
    place = Path(os.path.normpath(file.parent / given))
    return place if place.is_dir() and place.is_relative_to(file.parent.parent) else file.parent


def _resolved(given: Any, base: Path, file: Path, split: str) -> Iterator[Path]:
    """The folders and lists that a split names."""
    texts = given if isinstance(given, list) else [given]
    for text in texts:
        if not isinstance(text, str) or not text or "\0" in text:
            raise BadData(
                f"got {split}: {printable(repr(text))[:60]} in {printable(file.name)}; taken are paths; mend it"
            )
        plain = text.replace("\\", "/")
        shorter = plain
        while shorter.startswith("../"):  # Roboflow writes ../train/images for train/images
            shorter = shorter[3:]
        tried = [base / plain, file.parent / plain, base / shorter, file.parent / shorter, file.parent.parent / shorter]
        tried = [Path(os.path.normpath(place)) for place in tried]
        inside = [place for place in tried if place.is_relative_to(file.parent.parent)]
        found = next((place for place in inside if place.exists()), None)
        if found is None:
            raise BadData(
                f"got {split}: {printable(text)} in {printable(str(file))}, which is not there; taken are folders or "
                "lists below the folder of the file or the one above; move the data there, or mend the path"
            )
        yield found


def _all_below(found: Mapping[str, Sequence[Path]], folder: Path) -> bool:
    return all(place.is_relative_to(folder) for places in found.values() for place in places)


def _pictures(top: Path, places: YoloPlaces) -> list[str]:
    """The pictures of a folder, or of a list of paths, relative to the root."""
    if top.is_dir():
        prefix = top.relative_to(places.root).as_posix()
        return [name if prefix == "." else f"{prefix}/{name}" for name in list_pictures(top, Counter())]
    name, found = top.relative_to(places.root).as_posix(), []
    for number, line in enumerate(decoded(read_bytes(top, _LIST_BYTES)).splitlines(), 1):
        text = line.strip().replace("\\", "/")
        tried = [top.parent / text, places.base / text, places.root / text] if text and "\0" not in text else []
        inside = [place for place in map(Path, map(os.path.normpath, tried)) if place.is_relative_to(places.root)]
        if inside:
            there = next((place for place in inside if place.is_file()), None)
            if there is not None:
                found.append(there.relative_to(places.root).as_posix())
                continue
        if text:
            code = "missing-image" if inside else "path-outside"
            ends = "is not there" if inside else "leads out of the data"
            places.findings.append(
                Finding(
                    code, f"got {printable(text)[:200]}, which {ends}; taken are pictures of the data", name, number
                )
            )
    return found


def _label_folders(root: Path) -> Iterator[tuple[str, Path]]:
    """The folders of pictures of each split that have labels in text files: images/ beside labels/."""
    for split, folder in [("train", root), *((_SPLITS.get(one.name.lower(), ""), one) for one in sub_folders(root))]:
        images, labels = folder / "images", folder / "labels"
        if not split or not images.is_dir() or not labels.is_dir():
            continue
        inner = {_SPLITS[one.name.lower()]: one for one in sub_folders(images) if one.name.lower() in _SPLITS}
        inner = {name: one for name, one in inner.items() if _has_text(labels / one.name)}
        if inner:
            yield from inner.items()
        elif _has_text(labels):
            yield split, images


def _has_text(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    with os.scandir(folder) as entries:
        return any(entry.name.endswith(".txt") and entry.name != "classes.txt" for entry in entries)


def _without_yaml(root: Path) -> YoloPlaces:
    places = YoloPlaces(root, root, {})
    for split, folder in _label_folders(root):
        places.pictures.setdefault(split, []).extend(_pictures(folder, places))
    return places
