"""Labels drawn on their picture: boxes, masks, outlines, points, regions, for the eye.

Source: ours.
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from PIL import Image, ImageDraw, ImageFont

from saccade.errors import printable
from saccade.types.annotations import Annotations
from saccade.types.drawing import as_picture
from saccade.types.mesh import Mesh
from saccade.types.paired_image import PairedImage

_GROUNDS = ("ground", "background", "void", "unlabelled", "unlabeled", "__background__")
_SEEN, _HIDDEN = 2, 1


def colour_of(number: int) -> tuple[int, int, int]:
    """Give a colour to a class or a thing: neighbours differ much, and the same number has the same colour anywhere.

    Args:
        number: Of the class.

    Returns:
        Red, green, blue.

    Source: ours; hues a golden section apart.

    Example:
        >>> colour_of(0), colour_of(1)
        ((255, 61, 77), (61, 134, 255))
    """
    hue = (0.986 + 0.618034 * number) % 1
    red, green, blue = colorsys.hls_to_rgb(hue, 0.62, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)


def draw_annotations(
    picture: Image.Image,
    found: Annotations,
    *,
    labels: Sequence[str] = (),
    skeleton: Sequence[tuple[int, int]] = (),
) -> Image.Image:
    """Draw what is known of a picture onto it.

    Args:
        picture: The picture, at any scale; the annotations follow it.
        found: What is known of it.
        labels: The names of the classes; regions of a class called ground or background are left as they are.
        skeleton: Which keypoints to join by a line.

    Returns:
        A new picture of the same size, RGB. Boxes, masks and outlines have the colour of their class; a dot is a point
        that can be seen, a ring one that is hidden. Depth and sentences are not drawn.

    Source: ours.

    Example:
        >>> import torch
        >>> from saccade.types.boxes import Boxes
        >>> one = Annotations((4, 4), torch.tensor([0]), Boxes(torch.tensor([[1.0, 1.0, 3.0, 3.0]]), (4, 4)))
        >>> draw_annotations(Image.new("RGB", (40, 40)), one).getpixel((10, 20)) == colour_of(0)
        True
    """
    drawn = picture.convert("RGB")
    size = (drawn.height, drawn.width)
    found = found.to("cpu") if found.size == size else found.to("cpu").scale(size)
    width = max(1, round(min(size) / 64))
    _tint_regions(drawn, found, labels)
    _tint_masks(drawn, found)
    pen = ImageDraw.Draw(drawn)
    colours = [colour_of(number) for number in found.class_ids.tolist()]
    if found.polygons is not None:
        for rings, colour in zip(found.polygons.rings, colours, strict=True):
            for ring in rings:
                corners = [(x, y) for x, y in ring.tolist()]
                pen.line([*corners, *corners[:1]], colour, width, "curve")
    if found.boxes is not None:
        for (left, top, right, bottom), colour in zip(found.boxes.coordinates.tolist(), colours, strict=True):
            pen.rectangle((left, top, max(right - 1, left), max(bottom - 1, top)), outline=colour, width=width)
    if found.keypoints is not None:
        _draw_points(pen, found, skeleton, width)
    return drawn


def draw_boxes(
    picture: Image.Image,
    boxes: Float[np.ndarray, "boxes 4"],
    class_ids: Int[np.ndarray, " boxes"],
    captions: Sequence[str] = (),
) -> Image.Image:
    """Draw boxes in the colours of their classes, each with a line of text inside its upper edge.

    Args:
        picture: The picture.
        boxes: Rows (x1, y1, x2, y2) in its pixels, the most important first, which are drawn last.
        class_ids: Of each.
        captions: What to write at each; () for nothing.

    Returns:
        A new picture of the same size, RGB.

    Source: ours.

    Example:
        >>> drawn = draw_boxes(Image.new("RGB", (40, 40)), np.array([[4.0, 4, 20, 20]]), np.array([0]))
        >>> drawn.getpixel((4, 10)) == colour_of(0)
        True
    """
    drawn = picture.convert("RGB")
    pen, width = ImageDraw.Draw(drawn), max(1, round(min(drawn.size) / 256))
    font = ImageFont.load_default(max(10, round(min(drawn.size) / 36)))
    for number in reversed(range(len(boxes))):
        left, top, right, bottom = boxes[number].tolist()
        colour = colour_of(int(class_ids[number]))
        pen.rectangle((left, top, max(right - 1, left), max(bottom - 1, top)), outline=colour, width=width)
        if captions:
            text = printable(captions[number])
            left = max(0.0, min(left, drawn.width - pen.textlength(text, font) - 6))  # all of it is on the picture
            end, base = pen.textbbox((left + 2, top + 1), text, font)[2:]
            pen.rectangle((left, top, end + 2, base + 2), fill=colour)
            pen.text((left + 2, top + 1), text, _dark(colour), font)
    return drawn


def _dark(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """The ink that can be read on a colour."""
    red, green, blue = colour
    return (0, 0, 0) if 0.299 * red + 0.587 * green + 0.114 * blue > 128 else (255, 255, 255)


def picture_beside(target: Any) -> Image.Image | None:
    """Draw what is known of a picture but is better seen beside it than on it.

    Args:
        target: Any target.

    Returns:
        Its depth (near is bright), its mesh (from the front, as lines) or its paired picture; None where it has none.

    Source: ours.
    """
    if isinstance(target, PairedImage):
        return as_picture(target.pixels)
    if isinstance(target, Mesh):
        return _draw_mesh(target)
    if isinstance(target, Annotations) and target.depth is not None:
        return _draw_depth(target.depth.values.cpu().double().numpy())
    return None


def _draw_depth(depth: np.ndarray) -> Image.Image:
    known = np.isfinite(depth)
    near, far = (depth[known].min(), depth[known].max()) if known.any() else (0.0, 1.0)
    levels = np.where(known, 250 - 190 * (np.where(known, depth, far) - near) / max(far - near, 1e-9), 0)
    return Image.fromarray(np.round(levels).astype(np.uint8)).convert("RGB")


def _draw_mesh(mesh: Mesh, side: int = 256, most: int = 4000) -> Image.Image:
    """The triangles that face someone who looks along z, far ones first."""
    drawn = Image.new("RGB", (side, side), (255, 255, 255))
    if not len(mesh):
        return drawn
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    scale = 0.9 * side / max(float((high - low)[:2].max()), 1e-12)
    flat = (mesh.vertices[:, :2] - (low + high)[:2] / 2) * scale + side / 2
    faces = mesh.faces[:: -(-len(mesh) // most)]
    corners = flat[faces]
    one, other = (corners[:, 1] - corners[:, 0]).T, (corners[:, 2] - corners[:, 0]).T
    shown = np.flatnonzero(one[0] * other[1] - one[1] * other[0] < 0)
    pen = ImageDraw.Draw(drawn)
    for face in shown[np.argsort(-mesh.vertices[faces[shown]][:, :, 2].mean(1), kind="stable")].tolist():
        pen.polygon([(x, y) for x, y in corners[face].tolist()], fill=(225, 236, 245), outline=(35, 90, 140))
    return drawn


def _tint_regions(drawn: Image.Image, found: Annotations, labels: Sequence[str]) -> None:
    if found.regions is None:
        return
    values = found.regions.values.numpy()
    for number in found.regions.classes:
        if not (number < len(labels) and labels[number].lower() in _GROUNDS):
            _tint(drawn, values == number, colour_of(number))


def _tint_masks(drawn: Image.Image, found: Annotations) -> None:
    if found.masks is None:
        return
    for mask, class_id in zip(found.masks.pixels.numpy(), found.class_ids.tolist(), strict=True):
        _tint(drawn, mask, colour_of(class_id))


def _tint(drawn: Image.Image, mask: np.ndarray, colour: tuple[int, int, int]) -> None:
    """Half of a colour inside, all of it along the edge."""
    padded = np.pad(mask, 1)
    middle = mask & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    strength = np.where(mask, np.where(middle, 120, 255), 0).astype(np.uint8)
    drawn.paste(colour, (0, 0, *drawn.size), Image.fromarray(strength))


def _draw_points(pen: ImageDraw.ImageDraw, found: Annotations, skeleton: Sequence[tuple[int, int]], width: int) -> None:
    assert found.keypoints is not None
    for number, (points, visible) in enumerate(
        zip(found.keypoints.points.tolist(), found.keypoints.visibility.tolist(), strict=True)
    ):
        colour = colour_of(number)
        for start, end in skeleton:
            if visible[start] and visible[end]:
                pen.line([tuple(points[start]), tuple(points[end])], colour, width)
        radius = width * (1.2 if len(points) < 30 else 0.45)
        for (x, y), state in zip(points, visible, strict=True):
            place = (x - radius, y - radius, x + radius, y + radius)
            if state == _SEEN:
                pen.ellipse(place, fill=(255, 255, 255), outline=colour)
            elif state == _HIDDEN:
                pen.ellipse(place, outline=colour)
