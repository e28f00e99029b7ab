"""What is in which folder, each folder read once, however many files are asked for.

Source: ours.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Listing:
    """The names of the files in each folder, each folder read once.

    Args:
        known: By folder.

    Source: ours.
    """

    known: dict[str, frozenset[str]] = field(default_factory=dict)

    def names(self, folder: Path) -> frozenset[str]:
        """Give what is in a folder; nothing where it cannot be read."""
        place = str(folder)
        if place not in self.known:
            try:
                with os.scandir(place) as entries:
                    self.known[place] = frozenset(entry.name for entry in entries)
            except (OSError, ValueError):
                self.known[place] = frozenset()
        return self.known[place]

    def has(self, folder: Path, path: str) -> bool:
        """Say whether a folder has a file at a relative path."""
        inner, _, name = path.rpartition("/")
        return name in self.names(folder / inner)
