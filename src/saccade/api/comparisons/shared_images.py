"""The very same images for several models: found, answered by each, and looked for among what each has learnt from.

Source: ours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int

from saccade.api.comparisons.contestants import Member
from saccade.api.ensembles.agreement import columns_of
from saccade.api.evaluation import data_for, split_of
from saccade.api.origin import opened_again
from saccade.api.relabelling import relabelled
from saccade.data.checking.check import file_of
from saccade.data.checks.copies import file_digest
from saccade.data.loading.loader import Loader
from saccade.errors import BadData, BadImage, BadLabel, MissingExtra, printable
from saccade.metrics.inputs import check_finite
from saccade.types.bad_file import BadFile
from saccade.types.sample import DataSet, Source


@dataclass(frozen=True, eq=False)
class Answers:
    """What several networks said of the same images.

    Args:
        keys: Where each image comes from.
        targets: The class of each image; or whether it has each class, where several can be true at once.
        logits: What each network said, in the order of the first one's classes.
        bad: Files that one of them could not read; they are left out for all.

    Source: ours.
    """

    keys: tuple[str, ...]
    targets: Int[np.ndarray, " images"] | Bool[np.ndarray, "images classes"]
    logits: tuple[Float[np.ndarray, "images classes"], ...]
    bad: tuple[BadFile, ...] = ()


def find_data(members: Sequence[Member], data: Any, split: str) -> tuple[DataSet, str, list[str]]:
    """Open what all are judged on.

    Args:
        members: The networks.
        data: What `open_data` takes; None for the own data of the runs, which must have held out the same images.
        split: "train", "val" or "test"; without a test split the val split is used.

    Returns:
        The data, the split, and what a reader must know about it.

    Raises:
        BadData: If there are no data, or no such split, or the runs hold out different images.

    Source: ours.
    """
    if data is not None:
        found = [data_for(data, member.predictor) for member in members]
        dataset, own = next((one for one in found if one[1]), found[0])
        chosen, note = split_of(dataset, split, own)
        return dataset, chosen, [note] if note else []
    first = next((member for member in members if member.run is not None), None)
    if first is None or first.run is None:
        raise BadData(
            "got model files and no data; taken are runs, which know their data, or data to judge on; name the data "
            "with --data"
        )
    dataset = opened_again(first.run)
    chosen, note = split_of(dataset, split, True)
    for other in members:
        if other.fingerprints and other.fingerprints.get(chosen) != first.fingerprints.get(chosen):
            raise BadData(_different(first, other, chosen))
    return dataset, chosen, [note] if note else []


def _different(first: Member, other: Member, split: str) -> str:
    seeds = first.seed != other.seed and None not in (first.seed, other.seed)
    why = f" (their data were cut by seed {first.seed} and by seed {other.seed})" if seeds else ""
    cure = "cut the data once with saccade data split and train all of them on that" if seeds else "train them on one"
    return (
        f"got {printable(first.name)} and {printable(other.name)}, whose {split} images are not the same{why}; taken "
        "are models judged on the very same images, which none has learnt from; name such images with --data, or "
        f"{cure}"
    )


def answers_of(members: Sequence[Member], dataset: DataSet, split: str, *, batch_size: int = 64) -> Answers:
    """Let every network answer every image, each in its own way of preparing it.

    Args:
        members: The networks, of one task and of the same classes.
        dataset: Its classes may be in another order, and some may be missing.
        split: Which of its splits.
        batch_size: Pictures that go through a network together.

    Returns:
        The answers to all images that every network could read.

    Raises:
        BadData: If no image is left, an image has a class that the models do not know, or a network says NaN.

    Source: ours.
    """
    said = [_said(member, dataset, split, batch_size) for member in members]
    bad = {file.key: file for one in said for file in one.bad}
    kept = [[row for row, key in enumerate(one.keys) if key not in bad] for one in said]
    if not kept[0]:
        raise BadData("got no images to judge; taken is at least one; check the split, and what was set aside")
    labels = members[0].predictor.labels
    logits = []
    for member, one, rows in zip(members, said, kept, strict=True):
        ordered = one.logits[0][rows][:, list(columns_of(member.predictor, labels))]
        check_finite(ordered, [one.keys[row] for row in rows])
        logits.append(ordered)
    keys = tuple(said[0].keys[row] for row in kept[0])
    return Answers(keys, said[0].targets[kept[0]], tuple(logits), tuple(bad.values()))


def learnt_warnings(members: Sequence[Member], dataset: DataSet, split: str) -> list[str]:
    """Say which networks have learnt from images that they are judged on, or of which it cannot be told.

    Splits are compared by their fingerprints; where those do not settle it, single images by their content.

    Args:
        members: The networks.
        dataset: What they are judged on.
        split: Which of its splits.

    Returns:
        A sentence for each such network, or for all together.

    Source: ours.
    """
    judged = dataset.splits[split]
    fingerprint = judged.fingerprint()
    told, opened = [], {}
    for member in members:
        known = member.fingerprints
        if known.get("train") == fingerprint:
            told.append(f"{member.name} has learnt from these very images, so it looks better than it is")
        elif fingerprint not in known.values():
            name = str(known.get("train", member.name))
            if name not in opened:
                opened[name] = _learnt(member, judged)
            count = opened[name]
            if count is None:
                told.append(f"whether {member.name} has learnt from these images is not known: its data are not there")
            elif count:
                several = "image" if count == 1 else "images"
                told.append(
                    f"{member.name} has learnt from {count:,} of these {several}, so it looks better than it is"
                )
        elif known.get("val") == fingerprint:
            told.append(f"these images chose the epoch of {member.name}, so its figures run high")
    return told


def shared_count(judged: Source, learnt: Source) -> int:
    """Count the pictures of one source that are in another too: the same file, or the same pixels.

    Args:
        judged: Whose pictures are counted.
        learnt: Where they are looked for.

    Returns:
        How many; files are compared with files as bytes, anything else as pixels.

    Source: ours.
    """
    files = [_files(source) for source in (judged, learnt)]
    if all(files):
        sizes = {_size(path) for path in files[0]}
        known = {file_digest(path) for path in files[1] if _size(path) in sizes} - {""}
        return sum(file_digest(path) in known for path in files[0])
    known = set(_pixel_digests(learnt))
    return sum(digest in known for digest in _pixel_digests(judged))


def _said(member: Member, dataset: DataSet, split: str, batch_size: int) -> Answers:
    predictor, task = member.predictor, member.predictor.task
    source = relabelled(dataset, split, predictor.labels, task.name)
    bad: dict[str, BadFile] = {}
    keys: list[str] = []
    targets, logits = [], []
    with Loader(source, predictor.description.preprocessing, task.targets, batch_size=batch_size) as loader:
        for batch in loader.epoch(0):
            bad.update({key: BadFile(key, reason) for key, reason in batch.set_aside})
            if len(batch):
                moved = batch.to(torch.device(predictor.device), predictor.execution.torch_memory_format)
                with torch.inference_mode(), predictor.execution.autocast():
                    outputs = predictor.network(moved.images)
                keys += batch.keys
                targets.append(batch.targets.numpy())
                logits.append(outputs.float().cpu().numpy())
    if not keys:
        return Answers((), np.zeros(0, np.int64), (np.zeros((0, len(predictor.labels)), np.float32),), (*bad.values(),))
    true = np.concatenate(targets)
    return Answers(tuple(keys), true if true.ndim == 1 else true > 0.5, (np.concatenate(logits),), (*bad.values(),))


def _learnt(member: Member, judged: Source) -> int | None:
    """How many of the images a network has learnt from; None where its data are not there any more."""
    if member.run is None:
        return None
    try:
        own = opened_again(member.run)
    except BadData:
        return None
    return shared_count(judged, own.splits["train"])


def _files(source: Source) -> list[Path]:
    """The files of a source; none if one of its pictures lies in none."""
    paths = [file_of(source, index) for index in range(len(source))]
    found = [path for path in paths if path is not None]
    return found if len(found) == len(paths) else []


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _pixel_digests(source: Source) -> Iterator[str]:
    read: Callable[[int], Any] = source.read
    for index in range(len(source)):
        try:
            image = read(index).image
        except (BadImage, BadLabel, MissingExtra):
            continue
        content = hashlib.sha256(f"{image.shape}{image.dtype}".encode())
        content.update(np.ascontiguousarray(image).data)
        yield content.hexdigest()
