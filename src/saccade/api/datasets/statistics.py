"""The verb data_stats: what a data set is made of, as values, a table and a page.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from saccade.data.checking.counting import Counts, count, quantiles, size_classes
from saccade.data.opening import open_data
from saccade.errors import BadConfig, printable
from saccade.reporting.stats_page import write_stats_page
from saccade.training.execution import available_cores

_FREQUENT = 5


@dataclass(frozen=True, eq=False, repr=False)
class DataStats:
    """What a data set is made of.

    Args:
        name: Of the data set.
        task: What its labels suit.
        counts: All the numbers.
        keypoint_names: What each keypoint is.

    Source: ours.
    """

    name: str
    task: str
    counts: Counts
    keypoint_names: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold; a part of which there is nothing is left out."""
        counts = self.counts
        read = sum(counts.sizes.values())
        values: dict[str, Any] = {
            "name": self.name,
            "task": self.task,
            "images": counts.images,
            "unreadable": counts.bad,
            "classes": {
                label: {split: several[number] for split, several in counts.per_class.items()}
                for number, label in enumerate(counts.labels)
            },
            "background": counts.background / read if read else 0.0,
            "heights": _spread([size[0] for size, times in counts.sizes.items() for _ in range(times)]),
            "widths": _spread([size[1] for size, times in counts.sizes.items() for _ in range(times)]),
            "sizes": {f"{height} × {width}": n for (height, width), n in counts.sizes.most_common(_FREQUENT)},
            "channels": dict(sorted(counts.channels.items())),
            "means": counts.means,
            "deviations": counts.deviations,
        }
        values |= self._things()
        return {name: value for name, value in values.items() if value not in ({}, None)}

    def _things(self) -> dict[str, Any]:
        counts = self.counts
        values: dict[str, Any] = {}
        if counts.things:
            things = [number for number, times in counts.things_per_image.items() for _ in range(times)]
            named = {label: counts.things[number] for number, label in enumerate(counts.labels)}
            values |= {"things": named, "things per image": _spread(things)}
        if counts.boxes:
            tall = [width / height for width, height in counts.boxes if height > 0]
            values["box sizes"] = size_classes(counts.boxes)
            values["box widths"] = _spread([width for width, _ in counts.boxes])
            values["box heights"] = _spread([height for _, height in counts.boxes])
            values["box aspect ratios"] = _spread(tall)
        points = sorted({number for number, _ in counts.points})
        if points:
            names = [self.keypoint_names[one] if one < len(self.keypoint_names) else f"point {one}" for one in points]
            values["keypoints visible"] = {
                name: counts.points[one, "seen"] / max(1, counts.points[one, "possible"])
                for name, one in zip(names, points, strict=True)
            }
        if counts.regions:
            total = sum(counts.regions.values())
            labels = dict(enumerate(counts.labels)) | {255: "does not count"}
            values["pixels"] = {labels.get(one, str(one)): n / total for one, n in sorted(counts.regions.items())}
        return values

    def page(self, path: str | Path) -> Path:
        """Write everything as one HTML file of small charts that opens offline.

        Args:
            path: The file.

        Returns:
            The same path.

        Raises:
            StorageFull: If the disk is full.
        """
        return write_stats_page(self.to_dict(), self.counts, datetime.now().astimezone(), Path(path).expanduser())

    def __repr__(self) -> str:
        return f"DataStats({printable(self.name)}: {sum(self.counts.images.values()):,} images)"


def data_stats(
    data: Any,
    *,
    seed: int = 0,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> DataStats:
    """Read a whole data set and count what is in it.

    Args:
        data: What `open_data` takes: a path, a name, arrays, or a data set.
        seed: Of the cut into splits, where the data have none of their own, as in training.
        workers: Processes that decode; by default one for each core, and 0 is none beside this one.
        progress: Told now and then how many pictures of how many are done.

    Returns:
        The numbers.

    Raises:
        BadData: If nothing there can be used as a data set.
        BadConfig: If workers is below 0.

    Source: ours.

    Example:
        >>> data_stats("synthetic:count=20,size=16", workers=0).to_dict()["channels"]
        {3: 20}
    """
    number = available_cores() if workers is None else workers
    if number < 0:
        raise BadConfig(f"got workers={workers}; taken is 0 or more; leave it out for one for each core")
    dataset = open_data(data, seed=seed)
    return DataStats(
        dataset.name, dataset.task, count(dataset, workers=number, progress=progress), dataset.keypoint_names
    )


def _spread(values: list[Any]) -> dict[str, float]:
    return quantiles(values) if values else {}
