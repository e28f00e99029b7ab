"""Pascal VOC's XML: one file for each picture. It is read through defusedxml, which refuses entities and DTDs.

Pixels are counted from 1 and both ends belong to the box: xmin − 1 and xmax are where it begins and ends in continuous
pixels. A box from a pixel to the same pixel is a slip of the hand, and empty.

Source: Everingham et al., "The Pascal visual object classes challenge", 2010, and its development kit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import defusedxml
import defusedxml.ElementTree

from saccade.data.labels.box_checks import box_finding
from saccade.data.labels.text_files import number_of
from saccade.data.labels.writing import digits_of
from saccade.errors import BadLabel, printable
from saccade.types.finding import Severity

FLAGS = ("difficult", "truncated", "occluded")
_MOST_THINGS = 100_000
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Say = Callable[[str, str, Severity], None]


@dataclass(frozen=True)
class VocThing:
    """One object of a file.

    Args:
        name: Its class.
        box: (x1, y1, x2, y2) in continuous pixels.
        number: Which object of the file it is, from 1: its number in the mask of objects.
        flags: 0 or 1 of each of `FLAGS` that the file has.
        pose: A word, or "".

    Source: ours.
    """

    name: str
    box: tuple[float, float, float, float]
    number: int
    flags: dict[str, float] = field(default_factory=dict)
    pose: str = ""


@dataclass(frozen=True)
class VocFile:
    """What a file says.

    Args:
        filename: Of the picture; "" where it does not say.
        size: (height, width); None where it does not say.
        things: Its objects that are right.
        parts: How many parts of objects (hands, heads) were passed over.

    Source: ours.
    """

    filename: str
    size: tuple[int, int] | None
    things: tuple[VocThing, ...]
    parts: int = 0


def read_voc(content: bytes, say: Say) -> VocFile:
    """Read a file.

    Args:
        content: Its bytes.
        say: Takes what is wrong with single objects, which are left out.

    Returns:
        What it says.

    Raises:
        BadLabel: If it is no XML of this form, or defines entities.

    Source: ours.

    Example:
        >>> read_voc(b"<annotation><filename>1.jpg</filename></annotation>", print).filename
        '1.jpg'
    """
    root = _root(content)
    height, width = (number_of(_text(root, f"size/{name}")) for name in ("height", "width"))
    size = (int(height), int(width)) if 0 < height < 2**31 and 0 < width < 2**31 else None
    objects = root.findall("object")[:_MOST_THINGS]
    things = [_thing(one, number, size, say) for number, one in enumerate(objects, 1)]
    right = tuple(thing for thing in things if thing is not None)
    return VocFile(_text(root, "filename"), size, right, sum(len(one.findall("part")) for one in objects))


def voc_text(filename: str, size: tuple[int, int], channels: int, things: Sequence[VocThing], segmented: bool) -> str:
    """Write a file.

    Args:
        filename: Of the picture.
        size: (height, width).
        channels: 1 or 3.
        things: Its objects.
        segmented: Whether there are masks.

    Returns:
        The XML. Fractions of a pixel are kept.

    Source: ours.
    """
    lines = ["<annotation>", "\t<folder>JPEGImages</folder>", f"\t<filename>{_escaped(filename)}</filename>"]
    height, width = size
    lines.append(f"\t<size><width>{width}</width><height>{height}</height><depth>{channels}</depth></size>")
    lines.append(f"\t<segmented>{int(segmented)}</segmented>")
    for thing in things:
        lines += ["\t<object>", f"\t\t<name>{_escaped(thing.name)}</name>"]
        lines += [f"\t\t<pose>{_escaped(thing.pose)}</pose>"] if thing.pose else []
        lines += [f"\t\t<{name}>{digits_of(value)}</{name}>" for name, value in thing.flags.items()]
        x1, y1, x2, y2 = thing.box
        corners = zip(_CORNERS, (x1 + 1, y1 + 1, x2, y2), strict=True)
        lines += ["\t\t<bndbox>", *(f"\t\t\t<{name}>{digits_of(value)}</{name}>" for name, value in corners)]
        lines += ["\t\t</bndbox>", "\t</object>"]
    return "\n".join([*lines, "</annotation>", ""])


def _root(content: bytes) -> Element:
    try:
        root = defusedxml.ElementTree.fromstring(content, forbid_dtd=True)
    except defusedxml.DefusedXmlException as error:
        raise BadLabel(
            "got XML that defines entities or a document type; taken is plain XML, since such definitions can fill the "
            "memory or read other files; remove them"
        ) from error
    except (SyntaxError, ValueError, LookupError, RecursionError) as error:
        raise BadLabel(
            f"got no XML ({printable(str(error))[:80]}); taken is Pascal VOC's form; copy or export it again"
        ) from error
    if root.tag != "annotation":
        raise BadLabel(
            f"got XML of another form (<{printable(str(root.tag))[:40]}>); taken is <annotation>; leave it out"
        )
    return root


def _thing(given: Element, number: int, size: tuple[int, int] | None, say: Say) -> VocThing | None:
    name = " ".join(_text(given, "name").split())
    if not name:
        say("wrong-class", f"got object {number} without a name; taken is the name of its class; add it", "error")
        return None
    words = [_text(given, f"bndbox/{corner}") for corner in _CORNERS]
    corners = [number_of(word) for word in words]
    if any(map(math.isnan, corners)):
        shown, finite = (
            printable(", ".join(words))[:60],
            all(word.lower().lstrip("+-") not in _ENDLESS for word in words),
        )
        code = "not-a-number" if finite else "box-not-finite"
        say(code, f"got object {number} ({printable(name)}) with the box ({shown}); taken are four numbers", "error")
        return None
    left, top, right, bottom = corners
    box = (left - 1, top - 1, right, bottom)
    click = left == right and top == bottom
    wrong = box_finding((left, top, right, bottom) if click else box, size)
    if wrong is not None:
        say(wrong.code, f"object {number} ({printable(name)}): {wrong.message}", wrong.severity)
        if wrong.severity == "error":
            return None
    values = {flag: number_of(_text(given, flag)) for flag in FLAGS}
    flags = {flag: value for flag, value in values.items() if not math.isnan(value)}
    return VocThing(name, box, number, flags, " ".join(_text(given, "pose").split()))


_ENDLESS = ("nan", "inf", "infinity")


def _text(given: Element, path: str) -> str:
    return (given.findtext(path) or "").strip()


def _escaped(text: str) -> str:
    """Text for XML; letters that XML cannot hold become "?"."""
    plain = "".join(
        char if char >= " " and not "\ud800" <= char <= "\udfff" and char not in "\ufffe\uffff" else "?"
        for char in text
    )
    return escape(plain)
