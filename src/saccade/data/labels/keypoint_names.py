"""Which keypoints change places in a mirror, by their names: "left_eye" with "right_eye", "LElbow" with "RElbow".

Source: ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SIDES = {"left": "right", "l": "r"}


def swaps_of(names: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Find the pairs that differ in their side alone.

    Args:
        names: Of the keypoints, in order.

    Returns:
        Pairs of numbers (left, right); none for names that have no sides.

    Source: ours.

    Example:
        >>> swaps_of(["nose", "left_eye", "right_eye", "LHip", "RHip"])
        ((1, 2), (3, 4))
    """
    split = [_split(name) for name in names]
    places = {words: number for number, words in reversed(list(enumerate(split)))}
    pairs = []
    used: set[int] = set()
    for number, words in enumerate(split):
        for at, word in enumerate(words):
            other = places.get((*words[:at], _SIDES.get(word, ""), *words[at + 1 :]))
            if other is not None and number != other and not {number, other} & used:
                pairs.append((number, other))
                used |= {number, other}
    return tuple(pairs)


def _split(name: str) -> tuple[str, ...]:
    """The words of a name, in small letters; a capital L or R in front of a word is a word."""
    spaced = re.sub(r"\b([LR])(?=[A-Z][a-z])", r"\1 ", name)
    return tuple(word.lower() for word in _WORDS.findall(spaced))
