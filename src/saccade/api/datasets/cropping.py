"""Cutting the things out of the pictures of a data set, into class folders.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade.api.datasets.converting import readable, refuse_used, unfinished
from saccade.data.crops import CropSettings, crops_of
from saccade.data.labels.writing import Names, copy_picture, make_folders
from saccade.data.labels.writing_classes import folder_names
from saccade.data.opening import open_data
from saccade.errors import BadImage, MissingExtra
from saccade.types.bad_file import BadFile
from saccade.types.sample import DataSet


@dataclass(frozen=True)
class Cropped:
    """What was cut out.

    Args:
        path: The folder, which `saccade.train` takes.
        counts: Crops by split and class.
        bad: Pictures that could not be read, of which nothing was cut out.

    Source: ours.
    """

    path: Path
    counts: Mapping[str, Mapping[str, int]]
    bad: tuple[BadFile, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {
            "path": str(self.path),
            "counts": {split: dict(counts) for split, counts in self.counts.items()},
            "bad": [one.to_dict() for one in self.bad],
        }


def crop_things(data: Any, out: str | Path, *, settings: CropSettings | None = None) -> Cropped:
    """Write the things on the pictures of a data set, and places without things, as class folders.

    A classifier that is trained on them can be slid over pictures: see `saccade.sliding`.

    Args:
        data: What `saccade.train` takes; its pictures have boxes. Data without splits are cut as for training.
        out: A folder that is empty or not there yet, outside the data.
        settings: How things are cut out; None for the usual.

    Returns:
        What was written.

    Raises:
        BadConfig: If `out` is not empty, or lies inside the data.
        BadData: If its pictures have no boxes, or a class is called "background" already.
        StorageFull: If the disk is full; nothing is left behind.

    Source: ours.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     done = crop_things("synthetic:task=detection,count=10,size=48", f"{folder}/crops")
        ...     sorted(done.counts)
        ['test', 'train', 'val']
    """
    dataset, target = data if isinstance(data, DataSet) else open_data(data), Path(out).expanduser()
    refuse_used(target, dataset)
    dataset, unread = readable(dataset)
    crops, bad = crops_of(dataset, settings), {one.key: one for one in unread}
    counts = {split: dict.fromkeys(crops.labels, 0) for split in crops.splits}
    with unfinished(target) as folder:
        places = folder_names(crops.labels)
        for split, source in crops.splits.items():
            class_ids = [source.target(index) for index in range(len(source))]
            make_folders(folder, *(f"{split}/{places[class_id]}" for class_id in sorted(set(class_ids))))
            names = [Names() for _ in places]
            for index, class_id in enumerate(class_ids):
                try:
                    copy_picture(source, index, folder / split / places[class_id], names[class_id])
                    counts[split][crops.labels[class_id]] += 1
                except (BadImage, MissingExtra) as error:
                    key = source.key(index).rpartition("#")[0]
                    bad[key] = BadFile(key, error.reason if isinstance(error, BadImage) else str(error))
    return Cropped(target, counts, tuple(bad.values()))
