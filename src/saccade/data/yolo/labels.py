"""The label files of a YOLO data set, read one after the other; what is wrong is told with its line.

Source: ours.
"""

from __future__ import annotations

from saccade.data.files import as_text
from saccade.data.labels.label_table import TableBuilder
from saccade.data.labels.listing import Listing
from saccade.data.labels.text_files import decoded, read_bytes
from saccade.data.yolo.places import YoloPlaces, label_path
from saccade.data.yolo.rows import Refused, YoloKind, yolo_rows
from saccade.errors import BadData
from saccade.types.finding import Finding, Severity

_MOST_BYTES = 1 << 26
_NO_LABELS = frozenset(("classes.txt", "train.txt", "val.txt", "test.txt", "notes.txt", "readme.txt"))


class YoloLabels:
    """Finds and reads the labels of pictures.

    Args:
        places: Where everything lies; gets the findings.

    Source: ours.
    """

    def __init__(self, places: YoloPlaces) -> None:
        self._places, self._listing = places, Listing()
        self._used: set[str] = set()

    def numbers(self) -> dict[int, str]:
        """Name the classes by the numbers that occur, where nothing else names them: 0 to the highest."""
        highest = -1
        for picture in (name for names in self._places.pictures.values() for name in names):
            for line in (self._text(self._file(picture)) or "").splitlines():
                word = line.split(maxsplit=1)[:1]
                if word and word[0].isascii() and word[0].isdecimal() and len(word[0]) < 6:
                    highest = max(highest, int(word[0]))
        return {number: str(number) for number in range(highest + 1)}

    def add(self, picture: str, builder: TableBuilder, kind: YoloKind) -> int:
        """Add the things of a picture to a table; gives its row there."""
        file = self._file(picture)
        if file is None:
            self._say("missing-label", "got no label file; it counts as background", "warning", picture)
            return builder.close()
        self._used.add(file)
        try:
            text = self._text(file) or ""
        except BadData as error:
            self._say("missing-label", str(error), "error", picture, file)
            return builder.close()
        if not text.strip():
            self._say("empty-label", "got an empty label file: a picture of the background", "note", picture, file)
        for row in yolo_rows(text, kind):
            if isinstance(row, Refused):
                self._say(row.code, row.message, "error", picture, file, row.line)
            else:
                rings = () if row.ring is None else (row.ring,)
                builder.add(row.class_id, row.box, rings=rings, keypoints=row.keypoints)
        return builder.close()

    def tell_strangers(self) -> None:
        """Name the label files that belong to no picture."""
        root = self._places.root
        for folder in sorted({file.rpartition("/")[0] for file in self._used}):
            for name in sorted(self._listing.names(root / folder)):
                path = f"{folder}/{name}" if folder else name
                if name.endswith(".txt") and path not in self._used and name.lower() not in _NO_LABELS:
                    told = "got labels for a picture that is not there; taken are labels of pictures; remove them"
                    self._places.findings.append(Finding("missing-image", told, as_text(path), severity="warning"))

    def _file(self, picture: str) -> str | None:
        """The labels of a picture, relative to the root: where they should be, or the same below the data.yaml."""
        root, base = self._places.root, self._places.base
        wanted = [label_path(picture)]
        if base != root:
            wanted.append(f"{base.relative_to(root).as_posix()}/{wanted[0]}")
        return next((path for path in wanted if self._listing.has(root, path)), None)

    def _text(self, file: str | None) -> str | None:
        if file is None:
            return None
        content = read_bytes(self._places.root / file, _MOST_BYTES)
        return content.decode("ascii") if content.isascii() else decoded(content)

    def _say(self, code: str, message: str, severity: Severity, key: str, file: str = "", line: int = 0) -> None:
        self._places.findings.append(Finding(code, message, as_text(file), line, as_text(key), severity))
