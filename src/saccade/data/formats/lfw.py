"""LFW: pictures of people in folders, and pairs of them that show the same person or two.

    lfw/Ada_Lovelace/Ada_Lovelace_0001.jpg
    pairs.txt              10 folds of 300 equal and 300 unequal pairs, one fold after the other
    pairsDevTrain.txt      pairs to develop with; peopleDevTrain.txt names the same people
    pairsDevTest.txt       pairs to choose with

    Ada_Lovelace  1  4                       the first and the fourth picture of one person
    Ada_Lovelace  1  Alan_Turing  2          pictures of two

The target of a picture is its person; `pairs` has the pairs of each split, in the order of the file. "test" is the
pictures that pairs.txt names, "train" and "val" those of the people of the two development lists; without these lists
"train" is the people whom pairs.txt does not name. The published development lists share people with pairs.txt.

Source: Huang et al., "Labeled faces in the wild" (2007), the readme of its lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from saccade.data.files import Files, as_text, has_picture, ignored_of, list_pictures, sub_folders
from saccade.data.format import Format
from saccade.data.labels.text_files import read_lines
from saccade.data.splitting import Splitting
from saccade.errors import BadData, printable
from saccade.types.finding import Finding
from saccade.types.sample import DataSet, Pair

__all__ = ["lfw"]

_PAIRS = {"train": "pairsDevTrain.txt", "val": "pairsDevTest.txt", "test": "pairs.txt"}
_PEOPLE = {"train": "peopleDevTrain.txt", "val": "peopleDevTest.txt"}


def lfw() -> Format:
    """Pictures of people, with a list of pairs."""
    return Format(
        "a folder with one folder for each person and pairs.txt, as LFW has them", _open, _recognises, arranges=True
    )


@dataclass(frozen=True)
class _Pictures:
    """Where the pictures are: the root of all paths, the path of picture n of a person, and what was left out."""

    root: Path
    paths: Mapping[tuple[str, int], str]
    ignored: Mapping[str, int]


@dataclass
class _Split:
    """The people that a split learns from, and the pairs that judge it, by the paths of their pictures."""

    people: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str, bool]] = field(default_factory=list)


def _recognises(path: Path) -> bool:
    return path.is_dir() and any((path / name).is_file() for name in _PAIRS.values()) and _faces(path) is not None


def _faces(root: Path) -> Path | None:
    """The folder that has the folders of people: the root, or one in it."""
    for place in (root, *sub_folders(root)):
        people = sub_folders(place)
        if any(_number(picture.name, folder.name) for folder in people[:20] for picture in folder.glob("*_0*")):
            return place
    return None


def _number(name: str, person: str) -> int:
    """4 of "Ada_Lovelace_0004.jpg"; 0 where it is not called so."""
    stem = name.rpartition(".")[0]
    digits = stem.removeprefix(f"{person}_")
    return int(digits) if stem != digits and digits.isdecimal() and len(digits) < 9 else 0


def _open(place: str, splitting: Splitting) -> DataSet:
    del splitting  # who is in which split, the lists say
    root = Path(place)
    found, findings = _pictures(root), []
    parts = {split: _part(root, split, found, findings) for split in _PAIRS}
    persons = sorted({person for person, _ in found.paths})
    if not parts["train"].people and not parts["train"].pairs:
        judged = {path for part in parts.values() for pair in part.pairs for path in pair[:2]}
        named = {person for (person, _), path in found.paths.items() if path in judged}
        parts["train"].people = [person for person in persons if person not in named | set(parts["val"].people)]
    ids = {person: number for number, person in enumerate(persons)}
    splits, pairs = {}, {}
    for split, part in parts.items():
        people, judged = set(part.people), {path for pair in part.pairs for path in pair[:2]}
        rows = sorted((path, ids[one]) for (one, _), path in found.paths.items() if one in people or path in judged)
        if rows:
            splits[split] = Files(str(found.root), tuple(path for path, _ in rows), tuple(target for _, target in rows))
            at = {path: row for row, (path, _) in enumerate(rows)}
            pairs[split] = tuple(Pair(at[first], at[second], same) for first, second, same in part.pairs)
    if not any(pairs.values()):
        raise BadData(
            f"got {printable(place)} without a pair whose pictures are there; taken are lists such as pairs.txt beside "
            f"the folders of people{': ' + printable(str(findings[0])) if findings else ''}; check that they belong "
            "together"
        )
    labels = tuple(as_text(person) for person in persons)
    return DataSet(
        root.name or "lfw",
        labels,
        splits,
        "verification",
        origin=ignored_of(found.ignored),
        findings=tuple(findings),
        pairs={split: several for split, several in pairs.items() if several},
    )


def _pictures(root: Path) -> _Pictures:
    faces, ignored = _faces(root) or root, Counter[str]()
    prefix = "" if faces == root else f"{faces.name}/"
    paths = {}
    for folder in sub_folders(faces):
        if not has_picture(folder):
            continue
        for path in list_pictures(folder, ignored):
            number = _number(path, folder.name)
            if number:
                paths[folder.name, number] = f"{prefix}{folder.name}/{path}"
            else:
                ignored["pictures without a number"] += 1
    return _Pictures(root, paths, ignored)


def _part(root: Path, split: str, found: _Pictures, findings: list[Finding]) -> _Split:
    part, known = _Split(), {person for person, _ in found.paths}
    if split in _PEOPLE and (root / _PEOPLE[split]).is_file():
        lines = [line.split() for line in read_lines(root / _PEOPLE[split])]
        part.people = sorted({words[0] for words in lines if len(words) == 2 and words[0] in known})
    file = root / _PAIRS[split]
    for number, line in enumerate(read_lines(file) if file.is_file() else (), 1):
        words = line.split()
        if len(words) in (3, 4):
            pair = _pair(words, found, (file.name, number), findings)
            part.pairs += [pair] if pair else []
            if split in _PEOPLE:
                part.people += {words[0], words[2] if len(words) == 4 else words[0]} & known
        elif words and not (number == 1 and len(words) < 3):
            message = f"got {len(words)} columns; taken are 3 for one person and 4 for two; mend the line"
            findings.append(Finding("wrong-columns", message, file.name, number))
    return part


def _pair(
    words: list[str], found: _Pictures, place: tuple[str, int], findings: list[Finding]
) -> tuple[str, str, bool] | None:
    """The paths of two pictures, and whether they show the same; a finding where one is not there."""
    same = len(words) == 3
    ends = [(words[0], words[1]), (words[0], words[2])] if same else [(words[0], words[1]), (words[2], words[3])]
    paths = []
    for person, text in ends:
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
        if not number:
            message = (
                f"got {printable(text[:40])!r} as the number of a picture; taken are whole numbers from 1; mend it"
            )
            findings.append(Finding("not-a-number", message, *place))
            return None
        if (person, number) not in found.paths:
            message = (
                f"got picture {number} of {printable(person)}, which is not there; taken are pictures that are; the "
                "pair is left out"
            )
            findings.append(Finding("missing-image", message, *place))
            return None
        paths.append(found.paths[person, number])
    return paths[0], paths[1], same
