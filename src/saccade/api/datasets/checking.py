"""The verb check_data: what is wrong with a data set, as a value, a page, and a repaired copy.

Source: ours.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from saccade.api.datasets.label_doubts import label_findings
from saccade.api.predictor import Predictor, load
from saccade.api.run import Run
from saccade.data.checking.engine import Checked, check, in_order, summary
from saccade.data.checking.mending import mend, refuse_place, writing_format
from saccade.data.opening import open_data
from saccade.errors import BadConfig, BadData, printable
from saccade.reporting.check_page import CheckFacts, write_check_page
from saccade.training.execution import available_cores
from saccade.types.finding import Finding
from saccade.types.sample import DataSet

_ALL = (1.0, 0.0, 0.0)
_CAVEAT = (
    "a model that learnt from these very pictures has learnt their wrong labels by heart: believe its doubts only "
    "about pictures that it did not learn from"
)


@dataclass(frozen=True, eq=False, repr=False)
class CheckReport:
    """What a data set was found to be like.

    Args:
        name: Of the data set.
        task: What its labels suit.
        images: How many pictures each split has.
        findings: What is wrong or worth knowing: errors first, then by code.
        seconds: How long it took.
        notes: What to know about the check itself.
        checked: What was kept of every picture, for the page and the repair.

    Source: ours.
    """

    name: str
    task: str
    images: dict[str, int]
    findings: tuple[Finding, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    checked: Checked | None = field(default=None)

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """For each code the numbers of its errors, warnings and notes."""
        return summary(self.findings)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What cannot be right, or had to be left out."""
        return tuple(one for one in self.findings if one.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is used as it is, but should be looked at."""
        return tuple(one for one in self.findings if one.severity == "warning")

    @property
    def clean(self) -> bool:
        """Whether there is no error."""
        return not self.errors

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {
            "name": self.name,
            "task": self.task,
            "images": self.images,
            "clean": self.clean,
            "counts": self.counts,
            "findings": [one.to_dict() for one in self.findings],
            "notes": list(self.notes),
            "seconds": round(self.seconds, 3),
        }

    def page(self, path: str | Path) -> Path:
        """Write everything as one HTML file that opens offline, with the pictures that findings are about.

        Args:
            path: The file.

        Returns:
            The same path.

        Raises:
            StorageFull: If the disk is full.
        """
        dataset = self.checked.gathered.dataset if self.checked else None
        facts = CheckFacts(
            self.name, self.task, self.images, self.findings, datetime.now().astimezone(), self.notes, dataset
        )
        return write_check_page(facts, Path(path).expanduser())

    def fix(self, out: str | Path) -> tuple[str, ...]:
        """Write a repaired copy of the data set; pictures are copied byte for byte, the data themselves stay as is.

        Args:
            out: A folder that is empty or not there, outside the data.

        Returns:
            What was done, a line for each thing.

        Raises:
            BadData: If the folder is not empty or lies inside the data, or they cannot be mended.

        Source: ours; see `saccade.data.checking.mending.mend` for what is mended and how.
        """
        if self.checked is None:
            raise BadData("got a report without its data; taken is what check_data gave; check again")
        dataset, place = self.checked.gathered.dataset, Path(out).expanduser()
        refuse_place(place, str((dataset.origin or {}).get("data", "")))
        mended = mend(self.checked)
        name, format_ = writing_format(dataset)
        assert format_.write is not None
        counts = format_.write(mended.dataset, place)
        told = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
        return (*mended.deeds, f"wrote {told} to {printable(str(place))} as {name}")

    def __repr__(self) -> str:
        total = sum(self.images.values())
        return (
            f"CheckReport({printable(self.name)}: {total:,} images, {len(self.errors):,} errors, "
            f"{len(self.warnings):,} warnings)"
        )


def check_data(
    data: Any,
    *,
    model: str | Path | Run | Predictor | None = None,
    workers: int | None = None,
    device: str = "auto",
    progress: Callable[[int, int], None] | None = None,
) -> CheckReport:
    """Read a whole data set and say what is wrong with it; no file is changed.

    Data without splits of their own are checked as one, so that what is called a leak is one in the data, not in a
    cut that was made here.

    Args:
        data: What `open_data` takes: a path, a name, arrays, or a data set.
        model: A classifier whose doubts about labels are told too: a run, its folder, or a model file.
        workers: Processes that decode; by default one for each core, and 0 is none beside this one.
        device: For the model: "auto", "cpu", "cuda" or "mps".
        progress: Told now and then how many pictures of how many are done.

    Returns:
        The report.

    Raises:
        BadData: If nothing there can be used as a data set, or the model is for another task or other classes.
        BadConfig: If workers is below 0.

    Source: ours.

    Example:
        >>> check_data("synthetic:count=20,size=16", workers=0)
        CheckReport(synthetic: 20 images, 0 errors, 0 warnings)
    """
    count = available_cores() if workers is None else workers
    if count < 0:
        raise BadConfig(f"got workers={workers}; taken is 0 or more; leave it out for one for each core")
    predictor = None if model is None else load(model, device=device)
    start = time.perf_counter()
    dataset = open_whole(data)
    checked = check(dataset, workers=count, progress=progress)
    findings, notes = checked.findings, ()
    if predictor is not None:
        findings = in_order((*findings, *label_findings(checked.gathered, predictor)))
        notes = (_CAVEAT,)
    seconds = time.perf_counter() - start
    return CheckReport(dataset.name, dataset.task, dataset.counts(), findings, seconds, notes, checked)


def open_whole(data: Any) -> DataSet:
    """Open a data set with the splits that it has itself, and none that are cut here.

    Args:
        data: What `open_data` takes.

    Returns:
        The data set; all of it is "train" where it says nothing of splits.

    Raises:
        BadData: If nothing there can be used as a data set.

    Source: ours.

    Example:
        >>> open_whole("digits").counts()
        {'train': 1797}
    """
    return open_data(data if not isinstance(data, os.PathLike) else os.fspath(data), shares=_ALL)
