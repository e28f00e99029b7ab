"""Non-maximum suppression, one kept box after the other."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

from saccade.errors import BadConfig, BadShape
from saccade.inspect.tracing.boxes import Corners, canvas_of, overlap, read_boxes
from saccade.inspect.tracing.inputs import Rows
from saccade.inspect.tracing.numbers import number
from saccade.inspect.tracing.panels import Box, Cell, Picture, Scene, Table
from saccade.inspect.tracing.trace import Step, Trace

__all__ = ["nms"]

EXAMPLE = (
    (22.0, 38.0, 92.0, 88.0, 0.8),
    (30.0, 44.0, 104.0, 94.0, 0.7),
    (128.0, 40.0, 200.0, 92.0, 0.9),
    (136.0, 34.0, 206.0, 84.0, 0.7),
    (120.0, 52.0, 192.0, 100.0, 0.6),
    (60.0, 20.0, 110.0, 60.0, 0.3),
    (168.0, 62.0, 214.0, 112.0, 0.65),
)


def nms(
    boxes: Rows = EXAMPLE,
    *,
    iou_threshold: float = 0.5,
    confidence_threshold: float = 0.6,
    picture: Picture | None = None,
) -> Trace:
    """Show non-maximum suppression: which box is kept, and why each other one goes.

    Args:
        boxes: Rows x1 y1 x2 y2 confidence, in pixels, and a class if there are several: boxes of different classes
            never meet; by default seven boxes around three things.
        iou_threshold: A box that shares more than this with a kept one goes.
        confidence_threshold: A box that is less sure than this goes at once.
        picture: What the boxes are drawn over.

    Returns:
        A step for what goes at once, one for each box that is kept, and one for all that stay; the result is their
        numbers, counted from 0, the surest first.

    Raises:
        BadShape: If a row has not five or six numbers, or there are more than 26 boxes.
        BadConfig: If a number is not finite, a class not whole, or a threshold outside [0, 1].
        BadLabel: If a box is turned inside out.

    Source: the notes: discard P_c < 0.6; take the surest; discard what overlaps it by more than N; repeat; each class
        by itself.

    Example:
        >>> nms().result
        [2, 0, 6]
        >>> nms("0 0 9 9 0.9 1; 0 0 9 9 0.8 2; 0 0 9 8 0.7 1").result
        [0, 1]
    """
    for name, value in (("iou_threshold", iou_threshold), ("confidence_threshold", confidence_threshold)):
        if not 0 <= value <= 1:
            raise BadConfig(f"got {name}={value!r}; taken is a number from 0 to 1; change it")
    read = read_boxes(boxes, 5, most=6)
    if len(read) > len(ascii_uppercase):
        raise BadShape(f"got {len(read)} boxes; a trace shows up to {len(ascii_uppercase)}; leave the least sure out")
    film = _Film([box for box, _ in read], [rest[0] for _, rest in read], _classes([rest for _, rest in read]), picture)
    steps = [film.start(confidence_threshold)]
    kept: list[int] = []
    while film.left:
        kept.append(film.left[0])
        steps.append(film.keep(iou_threshold))
    steps.append(film.end(kept))
    names = ", ".join(ascii_uppercase[place] for place in kept)
    apart = " Boxes of different classes never meet." if film.classes else ""
    return Trace(
        name="nms",
        title="Non-maximum suppression",
        about=f"A detector finds the same thing several times. Boxes below {number(confidence_threshold)} go first. "
        "Then, again and again: the surest box that is left is kept, and every other one whose IoU with it is above "
        f"{number(iou_threshold)} goes.{apart} Of {len(read)} boxes {len(kept)} stay{': ' + names if names else ''}.",
        steps=tuple(steps),
        result=kept,
        source="Greedy suppression as taught with YOLO; Redmon et al., 2016, arXiv 1506.02640",
    )


def _classes(rests: list[tuple[float, ...]]) -> list[int]:
    """The class of each box, or nothing where none has any."""
    classes = [value for rest in rests for value in rest[1:]]
    for count, value in enumerate(classes, 1):
        if value != round(value):
            raise BadConfig(f"got class {value:g} of box {count}; taken is a whole number; give its number")
    return [round(value) for value in classes]


class _Film:
    """The boxes, and what has become of each by now."""

    def __init__(
        self, corners: list[Corners], confidences: list[float], classes: list[int], picture: Picture | None
    ) -> None:
        self.corners, self.confidences, self.classes, self.picture = corners, confidences, classes, picture
        self.states = ["plain"] * len(corners)
        self.left: list[int] = []

    def start(self, threshold: float) -> Step:
        """Discard what is not sure enough, and put the others in order."""
        order = sorted(range(len(self.corners)), key=lambda place: -self.confidences[place])
        self.left = [place for place in order if self.confidences[place] >= threshold]
        rows: list[tuple[Cell, ...]] = []
        for place in order:
            sure = place in self.left
            self.states[place] = "plain" if sure else "dropped"
            sign, verdict = ("≥", "stays") if sure else ("<", "goes")
            rows.append((*self._named(place), self.confidences[place], f"{sign} {number(threshold)}", verdict))
        gone = len(order) - len(self.left)
        head = (*self._head(), "confidence", "", "")
        table = Table(head, tuple(rows), "the boxes, the surest first", self._told(order))
        told = "1 box goes" if gone == 1 else f"{gone} boxes go" if gone else "None goes"
        text = f"What is less sure than {number(threshold)} is discarded at once. {told}."
        return Step("discard what is not sure", ((self._scene(), table),), text)

    def keep(self, threshold: float) -> Step:
        """Keep the surest box, and discard what overlaps it too much."""
        best, *others = self.left
        name = ascii_uppercase[best]
        rows: list[tuple[Cell, ...]] = []
        dropped = []
        for other in others:
            if self.classes and self.classes[other] != self.classes[best]:
                rows.append((*self._named(other), None, None, None, "another class: stays"))
                continue
            common = overlap(self.corners[best], self.corners[other])
            goes = common.iou > threshold
            dropped += [other] * goes
            verdict = f"> {number(threshold)}: goes" if goes else f"≤ {number(threshold)}: stays"
            rows.append((*self._named(other), common.intersection, common.union, common.iou, verdict))
        for other in dropped:
            self.states[other] = "dropped"
        self.left = [other for other in others if other not in dropped]
        self.states[best] = "chosen"
        scene, told = self._scene(), self._told(others)
        self.states[best] = "kept"
        table = Table((*self._head(), "shared", "union", "IoU", ""), tuple(rows), f"against {name}", told)
        gone = ", ".join(ascii_uppercase[other] for other in dropped)
        of_class = f" of class {self.classes[best]}" if self.classes else ""
        text = f"{name}{of_class} is the surest that is left, with {number(self.confidences[best])}: it is kept."
        text += f" {gone} {'goes' if len(dropped) == 1 else 'go'}." if gone else " Nothing else goes."
        return Step(f"keep {name}", ((scene, table) if rows else (scene,),), text)

    def end(self, kept: list[int]) -> Step:
        """Show what stays."""
        rows = tuple((*self._named(place), self.confidences[place]) for place in kept)
        table = Table((*self._head(), "confidence"), rows, "what stays", self._told(kept))
        scene = self._scene(kept)
        return Step("what stays", ((scene, table) if rows else (scene,),), f"{len(kept)} of {len(self.states)} boxes.")

    def _head(self) -> tuple[str, ...]:
        return ("box", "class") if self.classes else ("box",)

    def _named(self, place: int) -> tuple[Cell, ...]:
        return (ascii_uppercase[place], self.classes[place]) if self.classes else (ascii_uppercase[place],)

    def _told(self, places: list[int]) -> tuple[str, ...]:
        return tuple(self.states[place] for place in places)

    def _scene(self, places: Sequence[int] | None = None) -> Scene:
        boxes = tuple(
            Box(self.corners[place], f"{ascii_uppercase[place]} {number(self.confidences[place])}", self.states[place])
            for place in (range(len(self.corners)) if places is None else places)
        )
        size = self.picture.size if self.picture else canvas_of(self.corners)
        return Scene(size, boxes, "boxes", picture=self.picture.data if self.picture else b"")
