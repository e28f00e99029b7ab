"""Intersection over union of two boxes."""

from __future__ import annotations

from saccade.errors import BadShape
from saccade.inspect.tracing.boxes import Corners, Overlap, canvas_of, overlap, read_boxes
from saccade.inspect.tracing.inputs import Rows
from saccade.inspect.tracing.numbers import equals, factor, number
from saccade.inspect.tracing.panels import Box, Formula, Picture, Scene
from saccade.inspect.tracing.trace import Step, Trace

__all__ = ["iou"]

EXAMPLE = ((20.0, 20.0, 100.0, 80.0), (40.0, 30.0, 100.0, 90.0))


def iou(boxes: Rows = EXAMPLE, *, picture: Picture | None = None) -> Trace:
    """Show how much two boxes have in common: intersection over union.

    Args:
        boxes: Two rows x1 y1 x2 y2 in pixels; by default two that share five ninths.
        picture: What the boxes are drawn over.

    Returns:
        Four steps; the result is a number from 0 to 1.

    Raises:
        BadShape: If there are not two boxes of four numbers.
        BadConfig: If a number is not finite.
        BadLabel: If a box is turned inside out.

    Source: the notes; Everingham et al., 2010, equation 4.

    Example:
        >>> round(iou().result, 4)
        0.5556
    """
    corners = [box for box, _ in read_boxes(boxes, 4)]
    if len(corners) != 2:
        raise BadShape(f"got {len(corners)} boxes; taken are two; write 'x1 y1 x2 y2; x1 y1 x2 y2'")
    common = overlap(*corners)
    return Trace(
        name="iou",
        title="Intersection over union",
        about="How well do two boxes agree? Divide what they share by what they cover together: 1 when they are the "
        "same, 0 when they share nothing.",
        steps=_steps(corners, common, picture),
        result=common.iou,
        source="Everingham et al., 2010, The PASCAL Visual Object Classes (VOC) Challenge, equation 4",
    )


def _steps(corners: list[Corners], common: Overlap, picture: Picture | None) -> tuple[Step, ...]:
    size = picture.size if picture else canvas_of(corners)
    first, second = (Box(box, name) for box, name in zip(corners, "AB", strict=True))
    shade = (Box(common.corners, "", "shade"),) if common.intersection else ()

    def scene(*more: Box) -> Scene:
        return Scene(size, (first, second, *more), "two boxes", picture=picture.data if picture else b"")

    areas = tuple(map(number, common.areas))
    union = f"{areas[0]} + {areas[1]} − {number(common.intersection)} {equals(common.union)}"
    share = f"{number(common.intersection)} / {number(common.union)} {equals(common.iou)}" if common.union else "0 = 0"
    return (
        Step(
            "two boxes",
            ((scene(), Formula((_area("A", corners[0]), _area("B", corners[1])), "their areas")),),
            "A box is left, top, right, bottom. Its area is width times height.",
        ),
        Step(
            "intersection",
            ((scene(*shade), Formula(_intersection(*corners), "what they share")),),
            "It begins at the later of the two beginnings and ends at the earlier of the two ends. When an end comes "
            "before its beginning they share nothing.",
        ),
        Step(
            "union",
            ((scene(*shade), Formula((union,), "what either covers")),),
            "Both areas together count the shared part twice, so it is taken off once.",
        ),
        Step("intersection over union", ((scene(*shade), Formula((share,), "IoU")),), _verdict(common.iou)),
    )


def _area(name: str, box: Corners) -> str:
    x1, y1, x2, y2 = box
    return (
        f"area {name} = ({number(x2)} − {factor(x1)}) × ({number(y2)} − {factor(y1)}) {equals((x2 - x1) * (y2 - y1))}"
    )


def _intersection(first: Corners, second: Corners) -> tuple[str, ...]:
    left, top = max(first[0], second[0]), max(first[1], second[1])
    right, bottom = min(first[2], second[2]), min(first[3], second[3])
    width, height = max(right - left, 0.0), max(bottom - top, 0.0)
    return (
        f"left = max({number(first[0])}, {number(second[0])}) {equals(left)}",
        f"top = max({number(first[1])}, {number(second[1])}) {equals(top)}",
        f"right = min({number(first[2])}, {number(second[2])}) {equals(right)}",
        f"bottom = min({number(first[3])}, {number(second[3])}) {equals(bottom)}",
        f"width = max({number(right)} − {factor(left)}, 0) {equals(width)}",
        f"height = max({number(bottom)} − {factor(top)}, 0) {equals(height)}",
        f"intersection = {number(width)} × {number(height)} {equals(width * height)}",
    )


def _verdict(value: float) -> str:
    if value == 0:
        return "They share nothing."
    if value == 1:
        return "They are the same box."
    side = "above" if value > 0.5 else "not above"
    return f"{number(value)} is {side} 0.5, the line that is usually drawn between found and missed."
