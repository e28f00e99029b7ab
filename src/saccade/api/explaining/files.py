"""Explanations as files: pictures, numbers, what was cut out.

Source: ours.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from saccade.errors import BadConfig, printable
from saccade.reporting.explanation_page import write_explanation_page, write_sheet_page
from saccade.training.folder import safe_name
from saccade.types.drawing import as_picture
from saccade.types.explanation import Explanation
from saccade.types.sheet import Sheet
from saccade.weights.files import json_bytes, write_whole

_PAGE, _FORMATS = ".html", (".png", ".npy", ".json", ".html")


class ExplanationFiles:
    """Where explanations go: a file for one, a folder or a page for several; each is there whole or not at all.

    Args:
        out: A file that ends in .png, .npy or .json, for one; a folder, for several; a file that ends in .html, for one
            page with all, written by `finish`. None: beside where one works, by the name of its picture and its method.
        several: Whether there are several.

    Raises:
        BadConfig: If a file is given for several, or one of another kind.

    Source: ours.
    """

    def __init__(self, out: str | Path | None, *, several: bool) -> None:
        self._path = None if out is None else Path(out).expanduser()
        self._suffix = "" if self._path is None else self._path.suffix.lower()
        is_file = self._suffix in _FORMATS
        self._pages: list[Explanation] | None = [] if is_file and self._suffix == _PAGE else None
        if several and is_file and self._pages is None:
            raise BadConfig(
                f"got the file {printable(str(out))} for several images; taken is a folder, or a name that "
                "ends in .html; name one"
            )
        if self._path is not None and not is_file and (self._path.suffix or self._path.is_file()):
            raise BadConfig(
                f"got {printable(str(out))}; taken are names that end in {', '.join(_FORMATS)}, or a folder; change it"
            )
        self._whole = self._path if is_file else None

    def write(self, found: Explanation) -> Path:
        """Write one: a drawing, the map alone as an array, or everything but the pictures; or keep it for the page.

        Args:
            found: What was found.

        Returns:
            The file.

        Raises:
            StorageFull: If the disk is full; nothing half-written is left.

        Source: ours.
        """
        path = self._whole or self._free(found)
        if self._pages is not None:
            self._pages.append(found)
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix.lower() == ".npy":
            write_whole(path, lambda file: np.save(file, found.heat.astype(np.float32)))
        elif path.suffix.lower() == ".json":
            data = json_bytes(found.to_dict(), indent=1)
            write_whole(path, lambda file: file.write(data))
        else:
            write_whole(path, lambda file: found.draw().save(file, "PNG"))
        return path

    def finish(self) -> None:
        """Write the page, if one was asked for and there is something to show."""
        if self._pages and self._whole is not None:
            self._whole.parent.mkdir(parents=True, exist_ok=True)
            write_explanation_page(self._pages, self._whole)

    def cut_out(self, found: Explanation, path: str | Path) -> Path:
        """Write the picture with everything but the thing transparent.

        Args:
            found: What was found.
            path: A file that ends in .png.

        Returns:
            The file.

        Raises:
            BadData: If the map is the same nearly everywhere.
            StorageFull: If the disk is full.

        Source: Simonyan et al., arXiv 1312.6034, section 3.2.
        """
        pixels = np.asarray(as_picture(found.picture))
        whole = np.dstack([pixels, np.uint8(255) * found.segment().astype(np.uint8)])
        place = Path(path).expanduser()
        write_whole(place, lambda file: Image.fromarray(whole).save(file, "PNG"))
        return place

    def _free(self, found: Explanation) -> Path:
        """The first name of the picture and the method that is not taken."""
        folder, stem = self._path or Path(), f"{safe_name(Path(found.key).stem)}-{found.method}"
        path, number = folder / f"{stem}.png", 1
        while path.exists():
            number += 1
            path = folder / f"{stem}-{number}.png"
        return path


def write_sheet(sheet: Sheet, path: str | Path) -> Path:
    """Write a sheet of small pictures.

    Args:
        sheet: What was seen.
        path: A file that ends in .png, for the drawing, .html, for a page, or .json, for all but the pictures.

    Returns:
        The file.

    Raises:
        BadConfig: If its name ends in something else.
        StorageFull: If the disk is full; nothing half-written is left.

    Source: ours.
    """
    place = Path(path).expanduser()
    if place.suffix.lower() == ".json":
        data = json_bytes(sheet.to_dict(), indent=1)
        write_whole(place, lambda file: file.write(data))
    elif place.suffix.lower() == ".png":
        write_whole(place, lambda file: sheet.draw().save(file, "PNG"))
    elif place.suffix.lower() == _PAGE:
        write_sheet_page(sheet, place)
    else:
        raise BadConfig(f"got {printable(str(path))}; taken are names that end in .png, .html or .json; change it")
    return place
