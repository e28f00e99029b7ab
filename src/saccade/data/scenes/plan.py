"""What synthetic data were asked for, what a kind of scene is, and the source that draws scenes when they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from jaxtyping import UInt8

from saccade import catalog
from saccade.data.randomness import Draws
from saccade.data.splitting import Divisible
from saccade.errors import BadConfig, offer
from saccade.types.sample import Pair, Sample, Source, classes_of

ROOM = "data.scenes"
RANGES = {
    "count": (1, 10_000_000),
    "size": (8, 2048),
    "difficulty": (0, 1),
    "shapes": (1, 8),
    "people": (2, 1_000_000),
    "paired": (0, 1),
    "outlines": (0, 1),
}


@dataclass(frozen=True)
class Plan:
    """What was asked for.

    Args:
        task: The kind of scene, a name that this room offers.
        count: How many there are.
        size: Height and width in pixels.
        difficulty: From 0 (one large thing in the middle of a plain ground) to 1 (any place, turn and size, little
            contrast, things that hide each other, clutter, noise).
        seed: Another seed draws other scenes.
        shapes: How many shapes there are in a scene at most.
        classes: The classes that there are, where not all.
        people: How many different faces there are.
        paired: 1: each picture comes with its own translation.
        outlines: 1: things have outlines instead of masks.

    Raises:
        BadConfig: If a value is out of its range; all are listed.

    Source: ours.

    Example:
        >>> Plan("detection", count=10).size
        64
    """

    task: str
    count: int = 2000
    size: int = 64
    difficulty: float = 0.5
    seed: int = 0
    shapes: int = 5
    classes: tuple[str, ...] = ()
    people: int = 20
    paired: int = 0
    outlines: int = 0

    def __post_init__(self) -> None:
        values = [(name, getattr(self, name), *ends) for name, ends in RANGES.items()]
        wrong = [
            f"got {name}={value}; taken is {low} to {high}"
            for name, value, low, high in values
            if not low <= value <= high
        ]
        if wrong:
            raise BadConfig("; ".join(wrong) + "; change it")


@dataclass(frozen=True)
class Kind:
    """One kind of scene: what it can be asked for, and how its pictures and labels are made.

    Args:
        about: What is drawn and what the labels are, in a few words.
        task: The task that its targets suit, a word of `DataSet.task`.
        labels: Names the classes of a plan.
        source: Makes the source of some rows of a plan.
        options: Its own options beside count, size, difficulty and seed, each with its default; a default for one of
            those four may be among them.
        least_size: The smallest size in pixels at which its labels make sense.
        keypoint_names: What each keypoint is.
        skeleton: Which keypoints a drawing joins by a line.
        pairs: Chooses pairs of samples that a split is judged by.

    Source: ours.
    """

    about: str
    task: str
    labels: Callable[[Plan], tuple[str, ...]]
    source: Callable[[Plan, Sequence[int]], Divisible]
    options: Mapping[str, Any] = field(default_factory=dict)
    least_size: int = 16
    keypoint_names: tuple[str, ...] = ()
    skeleton: tuple[tuple[int, int], ...] = ()
    pairs: Callable[[Source, int], tuple[Pair, ...]] | None = None


@dataclass(frozen=True)
class Pen:
    """How a kind of scene is drawn and labelled; functions at the top of a file, so that a source pickles.

    Args:
        draw: Gives the pixels of a scene.
        target: Gives its target, without drawing it.
        classes: Gives its classes, sooner than its target could.

    Source: ours.
    """

    draw: Callable[[Plan, int], UInt8[np.ndarray, "size size 3"]]
    target: Callable[[Plan, int], Any]
    classes: Callable[[Plan, int], tuple[int, ...]] | None = None


@dataclass(frozen=True, eq=False)
class Rendered:
    """Scenes of one plan as a source; a scene is drawn when it is read.

    Args:
        plan: What was asked for.
        rows: Which of them belong to this source.
        pen: How they are drawn and labelled.

    Source: ours.
    """

    plan: Plan
    rows: Sequence[int]
    pen: Pen

    def __len__(self) -> int:
        """Count the scenes."""
        return len(self.rows)

    def read(self, index: int) -> Sample:
        """Draw one scene."""
        return Sample(self.pen.draw(self.plan, self.rows[index]), self.target(index), self.key(index))

    def key(self, index: int) -> str:
        """Name one scene."""
        return f"synthetic[{self.rows[index]}]"

    def target(self, index: int) -> Any:
        """Give one scene's labels, without drawing it."""
        return self.pen.target(self.plan, self.rows[index])

    def classes(self, index: int) -> tuple[int, ...]:
        """Give one scene's classes."""
        if self.pen.classes:
            return self.pen.classes(self.plan, self.rows[index])
        return classes_of(self.target(index))

    def pick(self, rows: Sequence[int]) -> Rendered:
        """Keep some scenes, in the order given."""
        return replace(self, rows=tuple(self.rows[row] for row in rows))

    def fingerprint(self) -> str:
        """Hash what was asked for, and eight scenes as this machine draws them."""
        digest = hashlib.sha256(repr((self.plan, tuple(self.rows))).encode())
        for row in self.rows[:: max(1, len(self.rows) // 8)][:8]:
            digest.update(self.pen.draw(self.plan, row).tobytes())
        return digest.hexdigest()


def kind_of(task: str) -> Kind:
    """Find the kind of scene for a task.

    Args:
        task: A name that this room offers.

    Returns:
        It.

    Raises:
        BadConfig: If there is none; the nearest are offered.

    Source: ours.

    Example:
        >>> kind_of("detection").task
        'detection'
    """
    names = catalog.offers(ROOM)
    if task not in names:
        raise BadConfig(f"got task={task!r}; {offer(task, names)}")
    return catalog.find(ROOM, task)()


def shuffled(count: int, draws: Draws) -> list[int]:
    """Shuffle the numbers 0 … count − 1.

    Args:
        count: How many.
        draws: A generator, used up by count − 1 draws.

    Returns:
        The numbers.

    Source: Fisher and Yates; Durstenfeld, 1964.

    Example:
        >>> sorted(shuffled(4, Draws(1)))
        [0, 1, 2, 3]
    """
    numbers = list(range(count))
    for last in range(count - 1, 0, -1):
        other = draws.below(last + 1)
        numbers[last], numbers[other] = numbers[other], numbers[last]
    return numbers


def in_turn(plan: Plan, index: int, classes: int) -> int:
    """Choose the class of a scene so that each occurs once in each `classes` scenes, in an order that changes.

    Args:
        plan: What was asked for.
        index: Which scene.
        classes: How many there are.

    Returns:
        Its class.

    Source: ours.

    Example:
        >>> sorted(in_turn(Plan("letters"), index, 3) for index in range(3))
        [0, 1, 2]
    """
    block, place = divmod(index, classes)
    return shuffled(classes, Draws(plan.seed, 1, block))[place]
