"""Explanations and looks as a page: one HTML file that opens offline, in which a reader can look closer.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from saccade import __version__
from saccade.errors import printable
from saccade.reporting.page import TEMPLATES, page_script, page_style, write_page
from saccade.reporting.phrases import counted, decimal
from saccade.reporting.thumbnails import Album
from saccade.types.drawing import as_picture
from saccade.types.explanation import Explanation
from saccade.types.heat import coloured, overlaid
from saccade.types.overlay import colour_of
from saccade.types.sheet import Sheet

_SIDE, _MOST, _CHARACTERS = 480, 3000, 40_000_000
_SPREAD, _MARGIN = 1200, 30


@dataclass(frozen=True)
class Drawn:
    """An explanation as the page shows it.

    Args:
        picture: The id of its picture; "" where the page is full.
        heat: The id of the map over it.
        colours: The id of what the method gives for each channel, or "".
        size: (width, height) of the picture, in which the box is.
        box: What was asked about: x, y, width and height; None without one.
        title: What was asked about, and how sure the model was.
        lines: The score, and what a reader must know.
        trust: What was measured of it, or "".
        problems: What speaks against it.
        key: Which picture.

    Source: ours.
    """

    picture: str
    heat: str
    colours: str
    size: tuple[int, int]
    box: tuple[float, float, float, float] | None
    title: str
    lines: tuple[str, ...]
    trust: str
    problems: tuple[str, ...]
    key: str


@dataclass(frozen=True)
class DrawnTile:
    """A small picture as the page shows it: a number, an id, a label, its group and its colour, where it is strewn."""

    number: int
    picture: str
    label: str
    group: str
    colour: str
    place: tuple[float, float] | None


def write_explanation_page(found: Sequence[Explanation], path: Path) -> Path:
    """Write explanations as one HTML file, whole or not at all.

    Args:
        found: At least one.
        path: The file.

    Returns:
        The same path.

    Raises:
        StorageFull: If the disk is full.

    Source: ours.
    """
    return write_page(render_explanation_page(found), path)


def render_explanation_page(found: Sequence[Explanation]) -> str:
    """Lay out explanations: each picture with its map over it, as strong as a slider says.

    Args:
        found: At least one.

    Returns:
        A page that asks nothing of the network. Its one script, which moves the maps' strength, is in it, and its
        content policy forbids all others.

    Source: ours.
    """
    album = Album(None, _MOST, side=_SIDE, characters=_CHARACTERS)
    drawn = [_drawn(one, number, album) for number, one in enumerate(found)]
    methods = " and ".join(dict.fromkeys(one.method for one in found))
    return _page("explanation.html", f"{methods} of {_images(len(found))}", album, {
        "found": drawn, "signed": any(one.signed for one in found), "methods": methods,
    })  # fmt: skip


def write_sheet_page(sheet: Sheet, path: Path) -> Path:
    """Write small pictures as one HTML file, whole or not at all.

    Args:
        sheet: What was seen.
        path: The file.

    Returns:
        The same path.

    Raises:
        StorageFull: If the disk is full.

    Source: ours.
    """
    return write_page(render_sheet_page(sheet), path)


def render_sheet_page(sheet: Sheet) -> str:
    """Lay out small pictures, in rows or strewn; each opens large.

    Args:
        sheet: What was seen.

    Returns:
        A page that asks nothing of the network.

    Source: ours.
    """
    album = Album(None, _MOST, side=_SIDE, characters=_CHARACTERS)
    groups = list(dict.fromkeys(one.group for one in sheet.tiles if one.group)) if sheet.places is not None else []
    colours = {group: f"rgb{colour_of(number)}" for number, group in enumerate(groups)}
    room = _SPREAD - sheet.side - 2 * _MARGIN
    tiles = [
        DrawnTile(
            number, album.put(str(number), "tile", one.picture), one.label, one.group, colours.get(one.group, ""),
            None if sheet.places is None else _place(sheet.places[number], room),
        )
        for number, one in enumerate(sheet.tiles)
    ]  # fmt: skip
    return _page("sheet.html", sheet.title, album, {
        "sheet": sheet, "tiles": tiles, "spread": _SPREAD, "colours": colours,
        "columns": min(12, sheet.columns) if len(sheet.tiles) >= sheet.columns else len(sheet.tiles),
    })  # fmt: skip


def _images(count: int) -> str:
    return counted(count, "image").replace("\xa0", " ")  # a title shows what a stranger might have hidden in it


def _place(place: Any, room: int) -> tuple[float, float]:
    x, y = (round(_MARGIN + float(one) * room, 1) for one in place)
    return x, y


def _page(template: str, title: str, album: Album, contents: dict[str, Any]) -> str:
    style, style_hash = page_style("card.css", "explanation.css")
    script, script_hash = page_script("explanation.js")
    return _environment().get_template(template).render(
        title=title, style=style, style_hash=style_hash, script=script, script_hash=script_hash,
        pictures=album.pictures, version=__version__, **contents,
    )  # fmt: skip


def _drawn(found: Explanation, number: int, album: Album) -> Drawn:
    plain, faith = as_picture(found.picture), found.faithfulness
    picture = album.put(str(number), "picture", np.asarray(plain))
    heat = np.asarray(overlaid(plain, found.heat, signed=found.signed))
    colours = "" if found.colours is None else album.put(str(number), "colours", np.asarray(coloured(found.colours)))
    x1, y1, x2, y2 = found.box or (0.0, 0.0, 0.0, 0.0)
    return Drawn(
        picture, album.put(str(number), "heat", heat), colours, plain.size,
        None if found.box is None else (round(x1, 2), round(y1, 2), round(x2 - x1, 2), round(y2 - y1, 2)),
        f"{found.method} of {found.asked}, {found.confidence:.2f}",
        (f"score {decimal(found.score)}", *found.notes), "" if faith is None else str(faith),
        () if faith is None else tuple(faith.problems), found.key,
    )  # fmt: skip


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(printable=printable, counted=counted)
    return environment
