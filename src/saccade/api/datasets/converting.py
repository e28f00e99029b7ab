"""The verb convert: a data set in another form, and the proof that nothing was dropped on the way.

What was written is opened again and counted. Whatever there was before and is not there afterwards is named.

Source: ours.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from saccade import catalog
from saccade.data.files import Files
from saccade.data.format import Format, contents
from saccade.data.opening import open_data
from saccade.data.place import lies_at, lies_in
from saccade.data.splitting import Divisible
from saccade.errors import BadConfig, BadData, BadImage, BadLabel, UnknownName, printable
from saccade.types.annotations import Annotations
from saccade.types.bad_file import BadFile
from saccade.types.finding import Finding
from saccade.types.sample import DataSet
from saccade.weights.files import storage_checked

_ROOM = "data.formats"
_WHOLE = (1.0, 0.0, 0.0)  # what has no splits of its own is not cut
_NEAR = 1e-6
_PROVEN = ("images", "labels", "things", "boxes", "regions", "captions")
_Write = Callable[[DataSet, Path], Mapping[str, int]]


@dataclass(frozen=True)
class Converted:
    """What came of a conversion.

    Args:
        format: What was written.
        path: What to open: the folder, or a file in it.
        task: Of the data that were written.
        before: What there was, by kind.
        after: What there is, by kind: what was written was opened again and counted.
        left_out: How much has no place in the new format, by kind: "crowds", "attribute difficult", "classes".
        bad: Pictures that could not be read, and were left out.
        findings: Labels that were wrong when the data were opened; those with severity "error" were left out.

    Source: ours.
    """

    format: str
    path: str
    task: str
    before: Mapping[str, int]
    after: Mapping[str, int]
    left_out: Mapping[str, int]
    bad: tuple[BadFile, ...] = ()
    findings: tuple[Finding, ...] = ()

    def lines(self) -> list[str]:
        """Say in a line each what has no place in the new format, and what was left out as wrong."""
        said = []
        for name, count in self.left_out.items():
            whole = _PART_OF.get(name, "")
            if count == self.left_out.get(whole):  # 3 crowds are 3 things with 3 boxes; to name the crowds is enough
                continue
            one = count == 1
            thing = f"attribute {name.partition(' ')[2]!r} of {count:,} {'thing' if one else 'things'}"
            plain = f"{count:,} {_SINGULAR.get(name, name) if one else name}"
            text = printable(thing) if name.startswith("attribute ") else plain
            single = one or name.startswith("attribute ")
            said.append(f"{text} {'has' if single else 'have'} no place in {self.format}, left out")
        said += [f"cannot read {printable(one.key)}, left out: {one.reason}" for one in self.bad]
        wrong = sum(finding.severity == "error" for finding in self.findings)
        if wrong:
            said.append(
                f"{wrong:,} wrong label{'' if wrong == 1 else 's'} left out while opening (see saccade data check)"
            )
        return said

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {
            "format": self.format,
            "path": self.path,
            "task": self.task,
            "before": dict(self.before),
            "after": dict(self.after),
            "left_out": dict(self.left_out),
            "bad": [one.to_dict() for one in self.bad],
            "findings": [one.to_dict() for one in self.findings],
        }


_SINGULAR = {
    "things": "thing", "boxes": "box", "polygons": "outline", "outlines": "outline", "masks": "mask", "crowds": "crowd",
    "keypoints": "keypoint", "regions": "map of regions", "phrases": "phrase", "captions": "caption",
    "lines of the skeleton": "line of the skeleton", "classes": "class", "images": "image", "labels": "label",
    "rings": "ring",
}  # fmt: skip
_PART_OF = {"things": "crowds", "boxes": "things", "rings": "outlines"}


def convert(data: Any, format: str, out: str | Path, *, strict: bool = False) -> Converted:  # noqa: A002
    """Write a data set in another form into a new folder; the data themselves are never touched.

    Pictures are copied byte for byte. Splits stay as they are; data without any are not cut. Either everything is
    written or nothing: until it is whole, it has another name.

    Args:
        data: What `saccade.train` takes: a path, a name, arrays, a data set.
        format: The name of a format that can be written: "coco", "voc", "yolo", "class_folders", "manifest" …
        out: A folder that is empty or not there yet, outside the data.
        strict: Refuse when anything would be left out, be it wrong or without a place.

    Returns:
        What was written, with the counts before and after.

    Raises:
        UnknownName: If no such format can be written; the nearest are offered.
        BadConfig: If `out` is not empty, or lies inside the data.
        BadData: If the data are of a kind that the format does not hold, or with `strict` anything would be left out.
        BadLabel: With `strict`, if a label is wrong.
        StorageFull: If the disk is full; nothing is left behind.

    Source: ours.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     convert("synthetic:count=12,size=16", "manifest", f"{folder}/new").after
        {'images': 12, 'labels': 12}
    """
    (form, write), target = _writable(format), Path(out).expanduser()
    dataset = data if isinstance(data, DataSet) else open_data(data, shares=_WHOLE, strict=strict)
    refuse_used(target, dataset)
    dataset, bad = readable(dataset)
    if strict and bad:
        raise BadData(
            f"got {printable(bad[0].key)}, which cannot be read, one of {len(bad)}; taken with strict is none"
        )
    with unfinished(target) as folder:
        written = write(dataset, folder)
        path = _entry(folder, form)
        again = open_data(f"{format}:{path}", shares=_WHOLE)
        _check_written(written, contents(again), format)
        result = _compared(dataset, again, format, str(target / path.relative_to(folder)))
        result = replace(result, bad=bad, findings=dataset.findings)
        if strict and result.left_out:
            raise BadData(
                f"got data that {format} cannot hold whole: {', '.join(result.lines())}; taken with strict is nothing "
                "left out; choose another format, or do without strict"
            )
    return result


@contextlib.contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """Give a folder beside the target, which becomes it when all went well, and is gone otherwise.

    Args:
        target: Empty or not there yet.

    Returns:
        A context manager that gives the folder to write into.

    Raises:
        StorageFull: If the disk is full.

    Source: ours.
    """
    with storage_checked(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    with contextlib.ExitStack() as unless_done:
        unless_done.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder
        if target.exists():
            target.rmdir()
        folder.chmod(0o755)
        folder.rename(target)
        unless_done.pop_all()


def writable_formats() -> list[str]:
    """List the formats that can be written.

    Returns:
        Their names, sorted.

    Source: ours.

    Example:
        >>> {"coco", "voc", "yolo"} <= set(writable_formats())
        True
    """
    return sorted(name for name in catalog.offers(_ROOM) if catalog.find(_ROOM, name)().write is not None)


def _writable(name: str) -> tuple[Format, _Write]:
    form: Format | None = catalog.find(_ROOM, name)() if name in catalog.offers(_ROOM) else None
    if form is None or form.write is None:
        raise UnknownName("format to write", name, writable_formats())
    return form, form.write


def _check_written(written: Mapping[str, int], read: Mapping[str, int], name: str) -> None:
    """Stop when what was written cannot be read again: that would be a mistake of ours, and is never passed over."""
    wrong = [kind for kind in _PROVEN if kind in written and written[kind] != read.get(kind, 0)]
    if wrong:
        told = ", ".join(f"{written[kind]:,} {kind} and {read.get(kind, 0):,} read again" for kind in wrong)
        raise BadData(f"got {told} as {name}; taken is what reads as it was written; please report this")


def refuse_used(out: Path, dataset: DataSet) -> None:
    """Refuse a folder that something is in, or that lies within the data.

    Args:
        out: Where something is to be written.
        dataset: What it is made of.

    Raises:
        BadConfig: If it is such a folder.

    Source: ours.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadConfig(
            f"got {printable(str(out))}, which is not empty; taken is a folder that is empty or not there yet; give "
            "another"
        )
    place = out.resolve()
    above = [lies_in(dataset), *(Path(source.root) for source in dataset.splits.values() if isinstance(source, Files))]
    at = lies_at(dataset.origin or {})
    above += [at] if at is not None and at.is_dir() else []
    for folder in above:
        if folder is not None and place.is_relative_to(folder.resolve()):
            raise BadConfig(
                f"got {printable(str(out))}, inside the folder of the data; taken is a place outside it, since data "
                "are never written to; give another"
            )


def readable(dataset: DataSet) -> tuple[DataSet, tuple[BadFile, ...]]:
    """Set aside the pictures whose size or labels cannot be read.

    Args:
        dataset: Any.

    Returns:
        The data set without them, and what is wrong with each.

    Raises:
        BadData: If none can be read.

    Source: ours.
    """
    bad: list[BadFile] = []
    splits = {}
    for split, source in dataset.splits.items():
        good = []
        for index in range(len(source)):
            try:
                source.target(index)
                good.append(index)
            except (BadImage, BadLabel) as error:
                bad.append(BadFile(source.key(index), getattr(error, "reason", str(error))))
        if len(good) == len(source):
            splits[split] = source
        elif good and isinstance(source, Divisible):
            splits[split] = source.pick(good)
    if not splits:
        raise BadData(f"got {len(bad)} images, none of which can be read; taken are some that can; see the first: "
                      f"{printable(bad[0].key) if bad else 'none'}")  # fmt: skip
    return replace(dataset, splits=splits), tuple(bad)


def _entry(folder: Path, form: Format) -> Path:
    """What to open of what was written: the folder, or the file in it that the format knows."""
    known = form.recognises
    if known is None or known(folder):
        return folder
    return next((path for path in sorted(folder.iterdir()) if path.is_file() and known(path)), folder)


def _compared(before: DataSet, after: DataSet, name: str, path: str) -> Converted:
    there, here = _inventory(before), _inventory(after)
    lost = {kind: count - here[kind] for kind, count in there.items() if count > here[kind]}
    missing = len(set(before.labels) - set(after.labels))
    if missing:
        lost["classes"] = missing
    if before.skeleton and not after.skeleton and after.keypoint_names:
        lost["lines of the skeleton"] = len(before.skeleton)
    return Converted(name, path, before.task, contents(before), contents(after), lost)


def _inventory(dataset: DataSet) -> Counter[str]:
    """Count what must not get lost: the things, their parts each once, and each attribute that has a value."""
    found: Counter[str] = Counter()
    for source in dataset.splits.values():
        for index in range(len(source)):
            target = source.target(index)
            found["images"] += 1
            if isinstance(target, Annotations):
                found.update(_parts(target))
            elif isinstance(target, tuple):
                found["labels"] += len(target)
            elif isinstance(target, int):
                found["labels"] += 1
    return found


def _said(target: Annotations) -> list[tuple[str, Tensor]]:
    """The attributes, but for an area that anyone can measure again: that of an outline, a mask, or the box itself."""
    shaped = target.polygons is not None or target.masks is not None
    area = target.attributes.get("area")
    if area is None or (target.boxes is None and not shaped):
        return list(target.attributes.items())
    plain = shaped or target.boxes is None or bool(((area - target.boxes.area()).abs() <= _NEAR * area.abs()).all())
    return [(name, values) for name, values in target.attributes.items() if name != "area" or not plain]


def _parts(target: Annotations) -> dict[str, int]:
    rings = target.polygons.rings if target.polygons is not None else ((),) * len(target)
    masks = target.masks.pixels.flatten(1).any(1).tolist() if target.masks is not None else [False] * len(target)
    crowd = target.crowd.tolist() if target.crowd is not None else [False] * len(target)
    shown = target.keypoints.visibility > 0 if target.keypoints is not None else None
    told = {
        name: ~values.isnan() if values.is_floating_point() else values.new_ones(len(values))
        for name, values in _said(target)
    }
    attributes = {f"attribute {name}": int(values.sum()) for name, values in told.items()}
    return {
        "things": len(target),
        "crowds": sum(crowd),
        "boxes": len(target.boxes) if target.boxes is not None else 0,
        "outlines": sum(map(bool, rings)),
        "rings": sum(map(len, rings)),
        "masks": sum(mask and not thing for mask, thing in zip(masks, rings, strict=True)),
        "keypoints": int(shown.sum()) if shown is not None else 0,
        "regions": int(target.regions is not None),
        "depth": int(target.depth is not None),
        "phrases": len(target.phrases),
        "captions": len(target.captions),
        **attributes,
    }
