"""What is wrong with a data set, as a page: one HTML file that opens offline, with the pictures it speaks of.

Source: ours.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from jaxtyping import Shaped
from PIL import Image, features

from saccade import __version__
from saccade.data.checking.check import Sighting
from saccade.data.checking.codes import Code, code_of
from saccade.errors import BadImage, BadLabel, MissingExtra, printable
from saccade.reporting.page import TEMPLATES, page_style, write_page
from saccade.reporting.phrases import counted
from saccade.reporting.thumbnails import displayable
from saccade.types.annotations import Annotations
from saccade.types.finding import Finding
from saccade.types.sample import DataSet

_SIDE = 240
SHOWN_A_CODE, SHOWN, _LINES = 60, 400, 200
_MOST_BOXES = 100
_NUMBER = r"(-?\d+\.?\d*(?:e[+-]?\d+)?)"
_BOX = re.compile(rf"\({_NUMBER}, {_NUMBER}, {_NUMBER}, {_NUMBER}\)")


@dataclass(frozen=True)
class CheckFacts:
    """What a page of findings tells.

    Args:
        name: Of the data set.
        task: What its labels suit.
        images: How many pictures each split has.
        findings: In the order in which they are told.
        when: When they were found.
        notes: What to know about the check itself.
        dataset: Gives the pictures; None when there are none to show.

    Source: ours.
    """

    name: str
    task: str
    images: dict[str, int]
    findings: tuple[Finding, ...]
    when: datetime
    notes: tuple[str, ...] = ()
    dataset: DataSet | None = None


@dataclass(frozen=True)
class Thumbnail:
    """A picture on the page: its id, its size as it is, the bytes that stand for it, and its boxes."""

    id: str
    width: int
    height: int
    uri: str
    boxes: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True)
class Shown:
    """A picture where it is shown: its thumbnail, its name, and what to draw around on it, as (x, y, width, height)."""

    thumbnail: Thumbnail | None
    name: str
    split: str
    boxes: tuple[tuple[float, float, float, float], ...] = ()


@dataclass(frozen=True)
class Case:
    """One finding with its pictures, side by side where there are several."""

    finding: Finding
    shown: tuple[Shown, ...]


@dataclass(frozen=True)
class Section:
    """All findings of one code: those that are shown with pictures, those that are listed, how many more there are."""

    code: str
    about: Code
    counts: str
    severity: str
    cases: tuple[Case, ...]
    lines: tuple[Finding, ...]
    more: int


def write_check_page(facts: CheckFacts, path: Path) -> Path:
    """Write the page as one HTML file, whole or not at all.

    Args:
        facts: What to tell.
        path: The file.

    Returns:
        The same path.

    Raises:
        StorageFull: If the disk is full.

    Source: ours.
    """
    return write_page(render_check_page(facts), path)


def render_check_page(facts: CheckFacts) -> str:
    """Lay out the page: a summary, then each code with what it means and the pictures it is about.

    Args:
        facts: What to tell. At most 60 pictures or pairs are shown for a code and 400 pictures in all; 200 more
            findings of a code are listed without one.

    Returns:
        A page that asks nothing of the network and runs no script.

    Source: ours.

    Example:
        >>> from datetime import UTC
        >>> facts = CheckFacts("photos", "classification", {"train": 3}, (), datetime(2026, 1, 1, tzinfo=UTC))
        >>> "<h1>photos</h1>" in render_check_page(facts)
        True
    """
    style, digest = page_style("card.css", "check_page.css")
    album = Gallery(facts.dataset)
    sections = _sections(facts.findings, album)
    severities = [one.severity for one in facts.findings]
    totals = {kind: severities.count(kind) for kind in ("error", "warning", "note")}
    page = _environment().get_template("check_page.html")
    return page.render(
        facts=facts, sections=sections, pictures=album.pictures, totals=totals, total=sum(facts.images.values()),
        style=style, style_hash=digest, version=__version__,
    )  # fmt: skip


class Gallery:
    """The pictures of a page, each stored once; full after 400.

    Args:
        dataset: Gives the pictures; None when there are none.

    Source: ours.
    """

    def __init__(self, dataset: DataSet | None) -> None:
        self._dataset = dataset
        self._rows: dict[tuple[str, str], tuple[str, int]] = {}
        self._thumbnails: dict[tuple[str, str], Thumbnail | None] = {}
        if dataset is not None:
            for split, source in dataset.splits.items():
                for index in range(len(source)):
                    place = (split, index)
                    self._rows[split, source.key(index)] = place
                    self._rows.setdefault(("", source.key(index)), place)

    @property
    def pictures(self) -> list[Thumbnail]:
        """What has been added so far."""
        return [one for one in self._thumbnails.values() if one is not None]

    def add(self, split: str, key: str) -> Thumbnail | None:
        """Add a picture.

        Args:
            split: Its split; "" where that is not known.
            key: Its name.

        Returns:
            Its thumbnail; None when it cannot be read or the page is full.
        """
        place = self._rows.get((split, key))
        if place is None or self._dataset is None:
            return None
        name = (place[0], key)
        if name not in self._thumbnails:
            if len(self.pictures) >= SHOWN:
                return None
            try:
                sample = self._dataset.splits[place[0]].read(place[1])
            except (BadImage, BadLabel, MissingExtra):
                self._thumbnails[name] = None
            else:
                self._thumbnails[name] = _thumbnail(f"p{len(self.pictures) + 1}", sample.image, sample.target)
        return self._thumbnails[name]


def _sections(findings: Sequence[Finding], album: Gallery) -> list[Section]:
    by_code: dict[str, list[Finding]] = {}
    for one in findings:
        by_code.setdefault(one.code, []).append(one)
    sections = []
    for code, several in by_code.items():
        cases = []
        for one in several[:SHOWN_A_CODE]:
            shown = _shown(one, album)
            if any(part.thumbnail for part in shown):
                cases.append(Case(one, shown))
        pictured = {id(case.finding) for case in cases}
        rest = [one for one in several if id(one) not in pictured]
        kinds = [kind for kind in ("error", "warning", "note") if any(one.severity == kind for one in several)]
        told = ", ".join(counted(sum(one.severity == kind for one in several), kind) for kind in kinds)
        about = code_of(code)
        sections.append(
            Section(code, about, told, kinds[0], tuple(cases), tuple(rest[:_LINES]), max(0, len(rest) - _LINES))
        )
    return sections


def _shown(finding: Finding, album: Gallery) -> tuple[Shown, ...]:
    """The picture of a finding and those beside it."""
    split = finding.split if isinstance(finding, Sighting) else ""
    boxes = finding.boxes if isinstance(finding, Sighting) else ()
    thumbnail = album.add(split, finding.key)
    least = 0.03 * max(thumbnail.width, thumbnail.height) if thumbnail else 0.0
    own = Shown(thumbnail, finding.key, split, _drawable(boxes or _boxes_in(finding), least))
    others = finding.others if isinstance(finding, Sighting) else ()
    return own, *(Shown(album.add(where, key), key, where) for where, key in others[:3])


def _boxes_in(finding: Finding) -> list[list[float]]:
    """The box that the message of a finding about a box gives, when it was found before there was a picture."""
    found = _BOX.search(finding.message) if finding.code.startswith("box-") else None
    if found is None:
        return []
    x1, y1, x2, y2 = map(float, found.groups())
    return [[min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)]]


def _drawable(boxes: Sequence[Sequence[float]], least: float = 0.0) -> tuple[tuple[float, float, float, float], ...]:
    """Boxes as x, y, width and height; one that is smaller than can be seen becomes a larger one around it."""
    drawn = []
    for x1, y1, x2, y2 in boxes:
        width, height = max(x2 - x1, least), max(y2 - y1, least)
        drawn.append(((x1 + x2 - width) / 2, (y1 + y2 - height) / 2, width, height))
    return tuple(drawn)


def _thumbnail(name: str, image: Shaped[np.ndarray, "height width channels"], target: Any) -> Thumbnail:
    pixels = displayable(image)
    height, width = pixels.shape[:2]
    small = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    if max(height, width) > _SIDE:
        scale = _SIDE / max(height, width)
        small = small.resize((max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BOX)
    stream, kind = io.BytesIO(), "webp" if features.check("webp") else "jpeg"
    small.save(stream, kind.upper(), quality=70)
    encoded = base64.b64encode(stream.getvalue()).decode()
    boxes = target.boxes.coordinates.tolist() if isinstance(target, Annotations) and target.boxes is not None else []
    return Thumbnail(name, width, height, f"data:image/{kind};base64,{encoded}", _drawable(boxes[:_MOST_BOXES]))


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({"counted": counted, "printable": printable})
    return environment
