"""Pascal VOC: an XML file for each picture, lists of the splits, and masks with a palette.

    VOCdevkit/VOC2012/Annotations/1.xml                 Annotations/1.xml        train/1.jpg
    VOCdevkit/VOC2012/JPEGImages/1.jpg                  images/1.jpg             train/1.xml
    VOCdevkit/VOC2012/ImageSets/Main/train.txt                                   valid/2.jpg
    VOCdevkit/VOC2012/SegmentationClass/1.png                                    valid/2.xml

Pixels are counted from 1 with both ends in the box, so boxes begin at xmin − 1 and ymin − 1. A picture with masks has
regions (255 is no class) and a mask for each object; VOC2012/ImageSets/Segmentation opens those pictures alone. Where
there are masks of classes, class 0 is the background. `difficult`, `truncated`, `occluded` and `pose` are attributes;
a pose is the number of its word in the data set's origin. Parts of objects are counted and left out.

Source: Everingham et al., "The Pascal visual object classes challenge", 2010, and its development kit.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from saccade.data.files import Files, ignored_of
from saccade.data.format import Format
from saccade.data.splitting import Divisible, Splitting, complete
from saccade.data.voc.places import voc_places
from saccade.data.voc.reading import VocReader
from saccade.data.voc.writing import write_voc
from saccade.errors import BadData, printable
from saccade.types.sample import DataSet

__all__ = ["voc"]


def voc() -> Format:
    """An XML file for each picture."""
    about = "a folder with Annotations/*.xml and JPEGImages, in the form of Pascal VOC"
    return Format(about, _open, lambda path: bool(voc_places(path)), write_voc, arranges=True)


def _open(place: str, splitting: Splitting) -> DataSet:
    path = Path(place)
    places = voc_places(path)
    if not places:
        raise BadData(f"got {printable(place)}; taken is {voc().about}; check the path")
    root = places[0].folder if len(places) == 1 else path
    reader = VocReader(root)
    for one in places:
        reader.read(one)
    labels, targets, task = reader.finish()
    given: dict[str, Divisible] = {
        split: Files(str(root), tuple(names), tuple(targets[split])) for split, names in reader.paths.items()
    }
    outside = Counter({"labels in no split": reader.unused, "parts of objects": reader.parts})
    origin = {"poses": list(reader.poses), **ignored_of(+outside)}
    return DataSet(path.name or "folder", labels, complete(given, splitting), task, origin, tuple(reader.findings))
