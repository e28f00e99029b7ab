"""The files of a Pascal VOC data set put together.

Source: ours, on the development kit of Pascal VOC.
"""

from __future__ import annotations

from pathlib import Path

from saccade.data.files import as_text
from saccade.data.labels.label_table import TableBuilder, TableRow
from saccade.data.labels.text_files import read_bytes, read_lines
from saccade.data.voc.labels import VocLabels
from saccade.data.voc.places import VocPlace
from saccade.data.voc.xml import VocFile, read_voc
from saccade.errors import BadData, BadLabel, printable
from saccade.types.finding import Finding, Severity

VOC_CLASSES = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog",
    "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip
BACKGROUND = "background"
_XML_BYTES, _MAP_BYTES = 1 << 24, 1 << 20


class VocReader:
    """Reads the folders of a data set one after the other.

    Args:
        root: The folder that all of them are, or lie below.

    Source: ours.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.paths: dict[str, list[str]] = {}
        self.findings: list[Finding] = []
        self.poses: list[str] = []
        self.unused = self.parts = 0
        self._read: dict[str, list[tuple[VocFile | None, str, str]]] = {}
        self._named: list[str] = []

    def read(self, place: VocPlace) -> None:
        """Take in one folder."""
        prefix = "" if place.folder == self._root else f"{place.folder.relative_to(self._root).as_posix()}/"
        members = place.members()
        for split, names in members.items():
            for name in names:
                self._add(place, prefix, split, name)
        used = {name for names in members.values() for name in names}
        self.unused += sum(name not in used for name in place.texts)
        file = place.folder / "labelmap.txt"
        if file.is_file():
            lines = (line.strip() for line in read_lines(file, _MAP_BYTES))
            names = [
                line.rsplit(":", 3)[0] if line.count(":") > 2 else line for line in lines if line[:1] not in ("#", "")
            ]
            self._named += [name for name in dict.fromkeys(names) if name not in self._named]

    def finish(self) -> tuple[tuple[str, ...], dict[str, list[VocLabels]], str]:
        """Give the names of the classes, the labels of each picture by split, and the task."""
        rows = [row for rows in self._read.values() for row in rows]
        masked = any(mask for _, mask, _ in rows)
        labels = self._labels(masked)
        ids, builder = {name: number for number, name in enumerate(labels)}, TableBuilder()
        made: dict[str, list[tuple[int, VocFile | None, str, str]]] = {}
        for split, several in self._read.items():
            for file, class_mask, object_mask in several:
                for thing in file.things if file else ():
                    pose = {"pose": float(self._pose(thing.pose))} if thing.pose else {}
                    builder.add(ids[thing.name], thing.box, attributes={**thing.flags, **pose})
                made.setdefault(split, []).append((builder.close(), file, class_mask, object_mask))
        table = builder.table()
        targets = {
            split: [
                VocLabels(
                    TableRow(table, row, file.size if file else None),
                    tuple(thing.number for thing in file.things) if file else None,
                    class_mask,
                    object_mask,
                    len(labels),
                )
                for row, file, class_mask, object_mask in several
            ]
            for split, several in made.items()
        }
        return labels, targets, self._task(rows)

    def _add(self, place: VocPlace, prefix: str, split: str, name: str) -> None:
        text = place.texts.get(name, "")
        file = self._file(place, prefix, name, text)
        stem = Path(file.filename.replace("\\", "/")).stem if file else ""
        picture = place.pictures.get(name) or place.pictures.get(stem)
        if picture is None:
            told = f"got {printable(name)[:100]} in the {split} list, and no picture of that name; it is left out"
            self._say("missing-image", told, "error", prefix + text)
            return
        if not text and not place.segmented and place.texts:
            self._say("missing-label", "got no XML; it counts as background", "warning", key=prefix + picture)
        self.parts += file.parts if file else 0
        class_mask, object_mask = (
            prefix + masks[name] if name in masks else "" for masks in (place.class_masks, place.object_masks)
        )
        self.paths.setdefault(split, []).append(prefix + picture)
        self._read.setdefault(split, []).append((file, class_mask, object_mask))

    def _file(self, place: VocPlace, prefix: str, name: str, text: str) -> VocFile | None:
        if not text:
            return None
        key = prefix + place.pictures.get(name, "")

        def say(code: str, message: str, severity: Severity) -> None:
            self._say(code, message, severity, prefix + text, key)

        try:
            return read_voc(read_bytes(place.folder / text, _XML_BYTES), say)
        except (BadLabel, BadData) as error:
            say("bad-xml", str(error), "error")
            return VocFile("", None, ())

    def _labels(self, masked: bool) -> tuple[str, ...]:
        """Names in the order of their ids: that of labelmap.txt, or of VOC's own classes, or sorted."""
        files = (file for rows in self._read.values() for file, _, _ in rows if file)
        found = {thing.name for file in files for thing in file.things}
        if self._named:
            named = [name for name in self._named if masked or name != BACKGROUND or name in found]
            return (*named, *sorted(found - set(named)))
        if not masked:
            return tuple(sorted(found))
        return (BACKGROUND, *(VOC_CLASSES if found <= set(VOC_CLASSES) else sorted(found - {BACKGROUND})))

    def _pose(self, word: str) -> int:
        if word not in self.poses:
            self.poses.append(word)
        return self.poses.index(word)

    def _say(self, code: str, message: str, severity: Severity, file: str = "", key: str = "") -> None:
        self.findings.append(Finding(code, message, as_text(file), 0, as_text(key), severity))

    @staticmethod
    def _task(rows: list[tuple[VocFile | None, str, str]]) -> str:
        """What most pictures have: masks of objects, masks of classes alone, or boxes."""
        with_classes = sum(bool(mask) for _, mask, _ in rows)
        with_objects = sum(bool(mask) for _, _, mask in rows)
        if 2 * with_objects > len(rows):
            return "instance_segmentation"
        return "segmentation" if 2 * with_classes > len(rows) else "detection"
