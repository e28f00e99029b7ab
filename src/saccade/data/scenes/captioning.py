"""Shapes in sentences: a phrase for each thing, and captions that say where things are to each other.

The grammar:

    caption  = phrase | phrase relation phrase
    phrase   = ("a" | "an") [size] colour shape
    size     = "small" | "large"
    relation = "left of" | "right of" | "above" | "below"

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from saccade.data.randomness import Draws
from saccade.data.scenes.detection import boxes_of, draw_things
from saccade.data.scenes.outlines import SHAPES
from saccade.data.scenes.plan import Kind, Pen, Plan, Rendered
from saccade.data.scenes.things import PALETTE, Thing, class_ids_of, compose_things, names_of
from saccade.errors import BadLabel, printable
from saccade.types.annotations import Annotations

__all__ = ["captioning"]

RELATIONS = ("left of", "right of", "above", "below")
SMALL, LARGE = 0.13, 0.22
_CAPTIONS = 5


class Said(NamedTuple):
    """What a phrase says of a thing.

    Args:
        size: "small", "large", or "" where nothing is said.
        colour: A name of a colour.
        shape: A name of a shape.

    Source: ours.
    """

    size: str
    colour: str
    shape: str


def captioning() -> Kind:
    """Shapes with a phrase for each and five captions for the whole."""
    return Kind("shapes with phrases and captions", "captioning", names_of, _said, {"shapes": 5, "classes": SHAPES})


def phrase_of(thing: Thing, size: int) -> str:
    """Say what a thing is.

    Args:
        thing: Where it is, how large, in what colour.
        size: Height and width of the picture in pixels.

    Returns:
        Such as "a small red ring".

    Source: ours.
    """
    share = thing.shape.radius / size
    words = ("small " if share < SMALL else "large " if share > LARGE else "") + thing.colour
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words} {SHAPES[thing.shape.kind]}"


def relations_of(one: Thing, other: Thing) -> tuple[str, ...]:
    """Say where a thing is to another, by their centres; what is unclear is not said.

    Args:
        one: What is spoken of.
        other: What it is compared with.

    Returns:
        One relation, or two where it is as far up or down as to the side; none where the centres are the same.

    Source: ours.
    """
    right, down = (there - here for here, there in zip(other.shape.centre, one.shape.centre, strict=True))
    sideways = (RELATIONS[int(right > 0)],) if 2 * abs(right) > abs(down) else ()
    upright = (RELATIONS[2 + int(down > 0)],) if 2 * abs(down) > abs(right) else ()
    return sideways + upright


def captions_of(plan: Plan, index: int) -> tuple[str, ...]:
    """Say five times what is in a scene.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        Captions, each of one thing or of two; the same one may come twice where there is little to say.

    Source: ours.
    """
    draws, things = Draws(plan.seed, 15, index), compose_things(plan, index)
    said = []
    for _ in range(_CAPTIONS):
        first = draws.below(len(things))
        second = (first + 1 + draws.below(len(things) - 1)) % len(things) if len(things) > 1 else first
        relations = relations_of(things[first], things[second]) if first != second else ()
        phrase = phrase_of(things[first], plan.size)
        if relations:
            chosen = relations[draws.below(len(relations))]
            phrase = f"{phrase} {chosen} {phrase_of(things[second], plan.size)}"
        said.append(phrase)
    return tuple(said)


def parse(caption: str) -> tuple[Said, str, Said | None]:
    """Read a caption back.

    Args:
        caption: As `captions_of` says it.

    Returns:
        The first thing, the relation ("" where there is none) and the second thing.

    Raises:
        BadLabel: If it does not follow the grammar.

    Source: ours.

    Example:
        >>> parse("a red ring left of a small blue star")
        (Said(size='', colour='red', shape='ring'), 'left of', Said(size='small', colour='blue', shape='star'))
    """
    for relation in RELATIONS:
        first, found, second = caption.partition(f" {relation} ")
        if found:
            return _parsed(first), relation, _parsed(second)
    return _parsed(caption), "", None


def _parsed(phrase: str) -> Said:
    words = phrase.split(" ")
    sizes = words[1:2] if words[1:2] in (["small"], ["large"]) else []
    rest = words[1 + len(sizes) :]
    if words[0] not in ("a", "an") or len(rest) != 2 or rest[0] not in PALETTE or rest[1] not in SHAPES:
        raise BadLabel(
            f"got {printable(phrase)!r}; taken is a or an, a size or none, a colour and a shape; write such as 'a red "
            "ring'"
        )
    return Said(sizes[0] if sizes else "", rest[0], rest[1])


def captioned(plan: Plan, index: int) -> Annotations:
    """Give the class, box and phrase of each thing, and the captions of the scene.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        The things from back to front.

    Source: ours.
    """
    phrases = tuple(phrase_of(thing, plan.size) for thing in compose_things(plan, index))
    return replace(boxes_of(plan, index), phrases=phrases, captions=captions_of(plan, index))


def _classes(plan: Plan, index: int) -> tuple[int, ...]:
    return tuple(sorted(set(class_ids_of(plan, index))))


def _said(plan: Plan, rows: Sequence[int]) -> Rendered:
    return Rendered(plan, rows, Pen(draw_things, captioned, _classes))
