"""Predictions that are kept in files, and read from them one after the other.

Source: ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from saccade.api.many.job import read_record
from saccade.api.many.parts import PATTERN, bad_in
from saccade.errors import printable
from saccade.types.bad_file import BadFile


class StoredPredictions:
    """Predictions for a great many pictures, in the files of one folder; memory holds one of them at a time.

    Args:
        path: The folder that `predict_many`, or `saccade predict --out`, made.

    Raises:
        BadData: If it is none.

    Source: ours.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser()
        self._images: int = read_record(self.path)["images"]

    def __len__(self) -> int:
        """Count the pictures of the job, also those that could not be read or are still to come."""
        return self._images

    @property
    def files(self) -> list[Path]:
        """The files of the parts that are done, in order: a JSON object a line, as `saccade predict --json` has it."""
        return sorted(self.path.glob(PATTERN))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Read the rows in the order of the pictures: what `to_dict` of a prediction gives, or `key` and `error`."""
        for path in self.files:
            with path.open("rb") as file:
                yield from map(json.loads, file)

    @property
    def bad(self) -> list[BadFile]:
        """The pictures that could not be read, each with the reason."""
        return [bad for path in self.files for bad in bad_in(path)]

    def __repr__(self) -> str:
        return f"StoredPredictions({printable(str(self.path))}, {len(self):,} pictures in {len(self.files):,} files)"
