"""Other people's classes as a model's own: names come from the model, numbers are looked up by name.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from saccade.errors import BadData, offer, printable
from saccade.types.annotations import Annotations
from saccade.types.sample import DataSet, Sample, Source, classes_of, targets_of

_BOXED = ("detection", "localisation")


@dataclass(frozen=True, eq=False)
class Relabelled:
    """A source whose classes have other numbers.

    Args:
        source: The samples.
        ids: The new number of each class that occurs.
        several: Whether a single class becomes a tuple of one, for a model that knows several in each image.

    Source: ours.
    """

    source: Source
    ids: Mapping[int, int]
    several: bool = False

    def __len__(self) -> int:
        """Count the samples."""
        return len(self.source)

    def read(self, index: int) -> Sample:
        """Decode one sample; raises BadImage when it is no picture."""
        sample = self.source.read(index)
        return replace(sample, target=self._renamed(sample.target))

    def key(self, index: int) -> str:
        """Name one sample."""
        return self.source.key(index)

    def target(self, index: int) -> Any:
        """Give one sample's target, in the model's numbers."""
        return self._renamed(self.source.target(index))

    def _renamed(self, target: Any) -> Any:
        if isinstance(target, Annotations):
            ids = torch.tensor([self.ids[one] for one in target.class_ids.tolist()], dtype=torch.int64)
            return replace(target, class_ids=ids)
        if isinstance(target, tuple):
            return tuple(self.ids[one] for one in target)
        return (self.ids[target],) if self.several else self.ids[target]

    def fingerprint(self) -> str:
        """Hash the content as it was."""
        return self.source.fingerprint()


def relabelled(dataset: DataSet, split: str, labels: Sequence[str], task: str) -> Source:
    """Give a split in the numbers of a model's classes.

    Args:
        dataset: The data; its classes may be in another order, and some may be missing.
        split: Which of its splits.
        labels: The names of the model's classes, in the order of their ids.
        task: What the model does.

    Returns:
        The split itself where nothing is other; else one whose targets are the model's numbers.

    Raises:
        BadData: If an image is of a class that the model does not know, or has several where the model tells one; or
            the labels are boxes and the model finds none, or the reverse.

    Source: ours.
    """
    source = dataset.splits[split]
    targets = targets_of(source)
    boxed = any(isinstance(target, Annotations) for target in targets)
    if boxed != (task in _BOXED):
        kinds = "boxes", "classes of whole images"
        got, taken = kinds if boxed else kinds[::-1]
        raise BadData(f"got data with {got} for a model for {task}; taken are data with {taken}; give it such data")
    if dataset.labels == tuple(labels) and (boxed or dataset.task == task):
        return source
    if dataset.task == "multi_label" and task != dataset.task:
        raise BadData(
            "got data with several labels for an image; taken are data with one, as this model tells one; "
            "give each image its one class"
        )
    ids = _ids(dataset, labels)
    occurring = {one for target in targets for one in classes_of(target)}
    unknown = [dataset.labels[number] for number in sorted(occurring - ids.keys())]
    if unknown:
        shown = ", ".join(printable(name) for name in unknown[:5]) + (", …" if len(unknown) > 5 else "")
        raise BadData(
            f"got images of {len(unknown)} classes that the model does not know ({shown}); {offer(unknown[0], labels)}"
        )
    return Relabelled(source, ids, several=task == "multi_label" and dataset.task != task)


def _ids(dataset: DataSet, labels: Sequence[str]) -> dict[int, int]:
    """The model's number of each class that it knows; arrays with numbers and no names mean the model's numbers."""
    known = {name: number for number, name in enumerate(labels)}
    if dataset.origin is None:
        known = {str(number): number for number in range(len(labels))} | known
    return {number: known[name] for number, name in enumerate(dataset.labels) if name in known}
