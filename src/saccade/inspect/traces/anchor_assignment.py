"""Anchors and the objects that they answer for, one anchor after the other."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

from saccade.errors import BadConfig, BadShape
from saccade.inspect.tracing.boxes import Corners, Overlap, canvas_of, overlap, read_boxes
from saccade.inspect.tracing.inputs import Rows
from saccade.inspect.tracing.numbers import equals, number
from saccade.inspect.tracing.panels import Box, Cell, Formula, Picture, Scene, Table
from saccade.inspect.tracing.trace import Step, Trace

__all__ = ["anchor_assignment"]

ANCHORS = (
    (24.0, 32.0, 84.0, 92.0),
    (40.0, 30.0, 100.0, 90.0),
    (10.0, 80.0, 70.0, 140.0),
    (130.0, 40.0, 190.0, 100.0),
    (100.0, 10.0, 160.0, 70.0),
    (90.0, 90.0, 150.0, 150.0),
)
OBJECTS = ((20.0, 30.0, 80.0, 90.0), (120.0, 20.0, 180.0, 100.0))
_BACKGROUND, _BETWEEN = -1, -2  # as in saccade.ops.matching
_MOST_OBJECTS = 9


def anchor_assignment(
    anchors: Rows = ANCHORS,
    *,
    objects: Rows = OBJECTS,
    background_below: float = 0.3,
    object_from: float = 0.7,
    thresholds_only: bool = False,
    picture: Picture | None = None,
) -> Trace:
    """Show which object each anchor answers for while a detector learns, and which anchors learn nothing.

    Args:
        anchors: Rows x1 y1 x2 y2 in pixels; by default six.
        objects: Rows x1 y1 x2 y2 in pixels; by default two.
        background_below: An anchor whose best IoU is below this is background.
        object_from: An anchor whose best IoU reaches this shows that object.
        thresholds_only: Leave the other rule out: that the best anchor of an object shows one, whatever its IoU.
        picture: What the boxes are drawn over.

    Returns:
        A step for the boxes, one for each anchor, one for each object, and one for what is learned; the result is the
        number of each anchor's object, counted from 0, −1 for background, −2 for what is left out.

    Raises:
        BadShape: If a row has not four numbers, or there are more than 26 anchors or 9 objects.
        BadConfig: If a number is not finite, or the thresholds are not 0 ≤ background_below ≤ object_from.
        BadLabel: If a box is turned inside out.

    Source: Ren et al., 2015, arXiv 1506.01497, section 3.1.2.

    Example:
        >>> anchor_assignment().result, anchor_assignment(thresholds_only=True).result
        ([0, -2, -1, 1, -2, -1], [0, -2, -1, -2, -2, -1])
    """
    if not 0 <= background_below <= object_from:
        raise BadConfig(
            f"got background_below={background_below!r} and object_from={object_from!r}; taken are two thresholds, the "
            "first not above the second; 0.3 and 0.7 are usual"
        )
    read = [
        [box for box, _ in read_boxes(rows, 4, name)] for rows, name in ((anchors, "anchors"), (objects, "objects"))
    ]
    for boxes, most, name in zip(read, (len(ascii_uppercase), _MOST_OBJECTS), ("anchors", "objects"), strict=True):
        if len(boxes) > most:
            raise BadShape(f"got {len(boxes)} {name}; a trace shows up to {most}; leave some out")
    film = _Film(read[0], read[1], (background_below, object_from), picture)
    steps = [film.start(), *(film.judge(anchor) for anchor in range(len(read[0])))]
    if not thresholds_only:
        steps += [film.rescue(place) for place in range(len(read[1]))]
    rule = "" if thresholds_only else " The best anchor of each object shows one whatever its IoU."
    return Trace(
        name="anchor_assignment",
        title="Anchors and their objects",
        about="Each anchor is compared with every object, and the highest IoU counts. From "
        f"{number(object_from)} on the anchor shows that object; below {number(background_below)} it is background; "
        f"between them nothing is learned from it.{rule}",
        steps=(*steps, film.end()),
        result=film.matches,
        source="Ren et al., 2015, Faster R-CNN, arXiv 1506.01497, section 3.1.2",
    )


class _Film:
    """Anchors and objects, how much they overlap, and what each anchor shows by now."""

    def __init__(
        self, anchors: list[Corners], objects: list[Corners], thresholds: tuple[float, float], picture: Picture | None
    ) -> None:
        self.anchors, self.objects, self.thresholds, self.picture = anchors, objects, thresholds, picture
        self.overlaps = [[overlap(thing, anchor) for thing in objects] for anchor in anchors]
        self.best = [max(range(len(objects)), key=[one.iou for one in row].__getitem__) for row in self.overlaps]
        self.matches: list[int] = []

    def start(self) -> Step:
        """Show the boxes."""
        text = f"Filled: {_counted(len(self.objects), 'object')}. Outlined: {_counted(len(self.anchors), 'anchor')}."
        return Step("anchors and objects", ((self._scene(),),), text)

    def judge(self, anchor: int) -> Step:
        """Compare an anchor with every object, and its best IoU with the thresholds."""
        low, high = self.thresholds
        name, best, value = ascii_uppercase[anchor], self.best[anchor], self._best_of(anchor)
        if value < low:
            self.matches.append(_BACKGROUND)
            said = f"That is below {number(low)}: {name} is background"
        elif value < high:
            self.matches.append(_BETWEEN)
            said = f"That is not below {number(low)} and does not reach {number(high)}: {name} lies between"
        else:
            self.matches.append(best)
            said = f"That reaches {number(high)}: {name} shows object {best + 1}"
        lines = tuple(f"{name} and {thing + 1}: {_share(one)}" for thing, one in enumerate(self.overlaps[anchor]))
        rows = tuple(self._row(place) for place in range(anchor + 1))
        states = (*self._states()[:anchor], "chosen")
        head = ("anchor", *(f"object {thing + 1}" for thing in range(len(self.objects))), "shows")
        text = f"The highest IoU of {name} is {number(value)}, with object {best + 1}. {said}."
        if not value:
            text = f"{name} has nothing in common with any object: its highest IoU is 0. {said}."
        panels = (self._scene((anchor,)), Formula(lines, "shared / union"))
        return Step(f"anchor {name}", (panels, (Table(head, rows, "IoU", states),)), text)

    def rescue(self, thing: int) -> Step:
        """Give an object the anchors that no other surpasses for it."""
        values = [row[thing].iou for row in self.overlaps]
        most = max(values)
        unsurpassed = [anchor for anchor, value in enumerate(values) if value == most and most > 0]
        before = list(self.matches)
        for anchor in unsurpassed:
            self.matches[anchor] = self.best[anchor]
        rows = tuple(
            (ascii_uppercase[anchor], value, _word(before[anchor]), _word(self.matches[anchor]))
            for anchor, value in enumerate(values)
        )
        states = tuple("chosen" if anchor in unsurpassed else "plain" for anchor in range(len(values)))
        table = Table(("anchor", "IoU", "showed", "shows"), rows, f"with object {thing + 1}", states)
        text = f"No anchor touches object {thing + 1}: it is left without one."
        if unsurpassed:
            names = " and ".join(ascii_uppercase[anchor] for anchor in unsurpassed)
            text = f"No anchor overlaps object {thing + 1} more than {names}, with {number(most)}. "
            text += " ".join(self._rescued(anchor, before[anchor], thing) for anchor in unsurpassed)
        return Step(f"the best anchor of object {thing + 1}", ((self._scene(unsurpassed), table),), text)

    def end(self) -> Step:
        """Show what each anchor learns."""
        rows = tuple((ascii_uppercase[at], _word(match), _learned(match)) for at, match in enumerate(self.matches))
        table = Table(("anchor", "shows", "learns"), rows, "what is learned", self._states())
        shown = sum(match >= 0 for match in self.matches)
        left_out = self.matches.count(_BETWEEN)
        text = f"{_counted(shown, 'anchor')} with an object, {self.matches.count(_BACKGROUND)} with background, "
        return Step("what is learned", ((self._scene(), table),), f"{text}{left_out} left out.")

    def _best_of(self, anchor: int) -> float:
        return self.overlaps[anchor][self.best[anchor]].iou

    def _rescued(self, anchor: int, before: int, thing: int) -> str:
        name, now = ascii_uppercase[anchor], self.matches[anchor]
        if before == now:
            return f"{name} shows object {now + 1} already."
        if now == thing:
            return f"So {name} shows it, whatever the thresholds say."
        return f"So {name} shows an object: the one that it overlaps most, which is object {now + 1}."

    def _row(self, anchor: int) -> tuple[Cell, ...]:
        return (
            ascii_uppercase[anchor], *(one.iou for one in self.overlaps[anchor]), _word(self.matches[anchor]),
        )  # fmt: skip

    def _states(self) -> tuple[str, ...]:
        states = ["kept" if match >= 0 else "dropped" if match == _BACKGROUND else "plain" for match in self.matches]
        return (*states, *("plain",) * (len(self.anchors) - len(states)))

    def _scene(self, chosen: Sequence[int] = ()) -> Scene:
        things = tuple(Box(box, f"{place + 1}", "shade") for place, box in enumerate(self.objects))
        states = ["chosen" if place in chosen else state for place, state in enumerate(self._states())]
        outlines = tuple(Box(box, ascii_uppercase[place], states[place]) for place, box in enumerate(self.anchors))
        size = self.picture.size if self.picture else canvas_of([*self.anchors, *self.objects])
        return Scene(size, (*things, *outlines), "boxes", picture=self.picture.data if self.picture else b"")


def _share(common: Overlap) -> str:
    first, second = (number(area) for area in common.areas)
    if not common.union:
        return "0 = 0"
    shared = number(common.intersection)
    return f"{shared} / ({first} + {second} − {shared}) {equals(common.iou)}"


def _word(match: int) -> str:
    return {_BACKGROUND: "background", _BETWEEN: "neither"}.get(match, f"object {match + 1}")


def _learned(match: int) -> str:
    return {_BACKGROUND: "that nothing is there", _BETWEEN: "nothing"}.get(match, "the object, and where it is")


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"
