"""Pictures with what was said of them drawn on them, in a folder.

Source: ours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saccade.api.pictures import image_of
from saccade.errors import BadConfig, printable
from saccade.training.folder import safe_name
from saccade.types.sample import Sample
from saccade.types.task import Task
from saccade.weights.files import write_whole

_QUALITY = 92


class Drawings:
    """A folder of drawings, one for each prediction; each is there whole or not at all.

    Args:
        folder: Where they go; it is made. What is there already stays, so it must be empty.
        task: Draws a prediction on its picture.

    Raises:
        BadConfig: If the folder holds something, or is a file.

    Source: ours.
    """

    def __init__(self, folder: str | Path, task: Task) -> None:
        self.folder, self._task = Path(folder).expanduser(), task
        self._taken = set[str]()
        if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            raise BadConfig(
                f"got {printable(str(folder))} for drawings, where something is already; taken is a new or empty "
                "folder; name another"
            )
        self.folder.mkdir(parents=True, exist_ok=True)

    def add(self, prediction: Any, image: Any = None) -> Path:
        """Draw a prediction.

        Args:
            prediction: With the path of its picture as `key`.
            image: The picture; None: it is read again, as it was.

        Returns:
            The file: the name of the picture, with a number where two have one name.

        Raises:
            BadImage: If the picture cannot be read any more.
            StorageFull: If the disk is full.

        Source: ours.
        """
        pixels = image_of(prediction.key if image is None else image, prediction.key)
        drawn = self._task.draw(Sample(pixels, None, prediction.key), prediction)
        path = self.folder / self._free(safe_name(Path(prediction.key).stem))
        write_whole(path, lambda file: drawn.convert("RGB").save(file, "JPEG", quality=_QUALITY))
        return path

    def _free(self, stem: str) -> str:
        """The first name of that stem that is not taken."""
        name, number = f"{stem}.jpg", 1
        while name.lower() in self._taken:
            number += 1
            name = f"{stem}-{number}.jpg"
        self._taken.add(name.lower())
        return name
