"""A network written as one line of text: the grammar of the builder, and its typed layers.

    conv 32 3, conv 32 3, pool 2, conv 64 3, gap, dense 10

| layer | words | options |
|---|---|---|
| `conv` | filters, kernel (`3`, `3x5`) | `stride 2` · `same` (default), `valid` · `dilation 2` · `groups 4` · |
| | | `norm` · an activation |
| `pool`, `avgpool` | size | `stride 1` (default: the size) |
| `dense` | units | `norm` · an activation |
| `dropout` | rate | |
| `gap`, `flatten`, `norm`, an activation | | |

The activations are `relu leaky tanh sigmoid silu linear` (`leaky` has the slope 0.1 below zero). A conv or dense has
`relu` unless one is named, the last has `linear`. A `norm` (or `batchnorm`) or an activation that is a layer of its own
belongs to the conv or dense directly before it. A dense layer flattens what is not flat. Anything in brackets can be
repeated: `[conv 32 3, conv 32 3, pool 2] x3`. A line ends in a dense layer, or in a conv and `gap`; its outputs are
logits.

Source: ours, after the notes' pattern [(conv + non-linearity)^n → pool]^m → (dense + non-linearity)^k.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from saccade.errors import BadConfig, offer

ACTIVATIONS = ("relu", "leaky", "tanh", "sigmoid", "silu", "linear")
MOST_LAYERS = 1000
MOST_BRACKETS = 100
LARGEST_NUMBER = 1_000_000


@dataclass(frozen=True)
class Item:
    """A layer, and where it stands in the line: the number of its item, from 1, and its words."""

    number: int = field(default=0, compare=False, kw_only=True)
    text: str = field(default="", compare=False, kw_only=True)


@dataclass(frozen=True)
class Conv(Item):
    """A convolution; activation "" means the usual one."""

    filters: int
    kernel_size: tuple[int, int]
    stride: int = 1
    padding: str = "same"
    dilation: int = 1
    groups: int = 1
    norm: bool = False
    activation: str = ""


@dataclass(frozen=True)
class Pool(Item):
    """A pooling, "max" or "average", without padding."""

    kind: str
    size: int
    stride: int


@dataclass(frozen=True)
class Dense(Item):
    """A dense layer; activation "" means the usual one."""

    units: int
    norm: bool = False
    activation: str = ""


@dataclass(frozen=True)
class Dropout(Item):
    """Dropout, with the share that is dropped."""

    rate: float


@dataclass(frozen=True)
class Plain(Item):
    """A layer without numbers: "gap", "flatten", "norm" or an activation."""

    kind: str


Layer = Conv | Pool | Dense | Dropout | Plain

_ALIASES = {"batchnorm": "norm", "maxpool": "pool"}
_EXAMPLES = {
    "conv": "conv 32 3",
    "pool": "pool 2",
    "avgpool": "avgpool 2",
    "dense": "dense 10",
    "dropout": "dropout 0.5",
}
_TIMES = re.compile(r"[xX×]([1-9][0-9]{0,3})")
_PLAIN = ("gap", "flatten", "norm", *ACTIVATIONS)
_FLAGS: dict[str, tuple[str, Any]] = {
    "same": ("padding", "same"),
    "valid": ("padding", "valid"),
    "norm": ("norm", True),
    **{word: ("activation", word) for word in ACTIVATIONS},
}


def parse(line: str) -> tuple[Layer, ...]:
    """Read a network from a line of text.

    Args:
        line: In the grammar at the top of this file.

    Returns:
        Its layers in order: repetitions written out, norms and activations merged into the layer they belong to, and
        "" for an activation that was not named.

    Raises:
        BadConfig: If anything is wrong; everything wrong is listed, each with its item and word.

    Source: ours.

    Example:
        >>> [type(layer).__name__ for layer in parse("[conv 8 3, pool 2] x2, gap, dense 10")]
        ['Conv', 'Pool', 'Conv', 'Pool', 'Plain', 'Dense']
    """
    problems: list[str] = []
    items, order = _items(line, problems)
    read = {number: _layer(number, words, problems) for number, words in items.items()}
    layers = _merged([layer for number in order if (layer := read[number])])
    problems += dict.fromkeys(_misplaced(layers))
    if not problems:
        problems += _bad_end(layers)
    if problems:
        raise BadConfig("\n".join(problems))
    return tuple(layers)


def _items(line: str, problems: list[str]) -> tuple[dict[int, list[str]], list[int]]:
    """Split a line into its items by number, and give the order in which they come, repetitions written out."""
    pieces = deque(re.findall(r"[\[\],]|[^\s\[\],]+", line))
    items: dict[int, list[str]] = {}
    if line.count("[") > MOST_BRACKETS:
        problems.append(f"got more than {MOST_BRACKETS} brackets; taken are fewer; write the line more simply")
        return {}, []
    order = _sequence(pieces, items, problems)
    while pieces:
        problems.append(
            f"got {pieces[0]!r} after item {len(items)}; taken is a comma or the end there; mend the brackets"
        )
        while pieces and (pieces[0] == "]" or _TIMES.fullmatch(pieces[0])):
            pieces.popleft()
        if pieces and pieces[0] == ",":
            pieces.popleft()
        order += _sequence(pieces, items, problems) if pieces else []
    if len(order) > MOST_LAYERS:
        problems.append(f"got more than {MOST_LAYERS} layers; taken are 1 to {MOST_LAYERS}; repeat fewer times")
    return items, order[:MOST_LAYERS]


def _sequence(pieces: deque[str], items: dict[int, list[str]], problems: list[str]) -> list[int]:
    """Take items with commas between them from the pieces."""
    order = _element(pieces, items, problems)
    while pieces and pieces[0] == ",":
        pieces.popleft()
        order += _element(pieces, items, problems)
    return order


def _element(pieces: deque[str], items: dict[int, list[str]], problems: list[str]) -> list[int]:
    """Take one item from the pieces, or one pair of brackets with what it holds, repeated."""
    if not pieces or pieces[0] != "[":
        words = []
        while pieces and pieces[0] not in "[],":
            words.append(pieces.popleft())
        items[len(items) + 1] = words
        return [len(items)]
    pieces.popleft()
    order = _sequence(pieces, items, problems)
    if pieces and pieces[0] == "]":
        pieces.popleft()
    else:
        problems.append(f"got a [ without a ] by item {len(items)}; taken are pairs of brackets; add a ]")
    times = _TIMES.fullmatch(pieces[0]) if pieces else None
    if times is None:
        return order
    pieces.popleft()
    return order * min(int(times[1]), MOST_LAYERS // len(order) + 1)


class _Words:
    """The words of one item, read from left to right; whatever is wrong is noted in the list of problems."""

    def __init__(self, number: int, words: list[str], problems: list[str]) -> None:
        self.number, self.words, self.problems = number, words, problems
        self.next, self.right = 1, True

    def wrong(self, at: int, clauses: str) -> None:
        """Note that a word, or the lack of one, is not what is taken."""
        text = " ".join(self.words)
        if at < len(self.words):
            got = f"got word {at + 1} of item {self.number}, {self.words[at]!r}, in {text!r}"
        else:
            got = f"got item {self.number}, {text!r}, which ends after word {at}"
        self.problems.append(f"{got}; {clauses}")
        self.right = False

    def read(self, meaning: str, pattern: str, make: Callable[[str], Any]) -> Any:
        """Read one word that a pattern matches and that means something; else note it, and give None."""
        word = self.words[self.next].lower() if self.next < len(self.words) else ""
        value = make(word) if re.fullmatch(pattern, word) else None
        if value is None:
            self.wrong(self.next, f"taken is {meaning}; write it as in {_EXAMPLES[_name(self.words[0])]!r}")
        self.next += 1
        return value

    def whole(self, meaning: str) -> Any:
        """Read a whole number."""
        return self.read(f"{meaning}, a whole number from 1 to {LARGEST_NUMBER:,}", r"[0-9]{1,9}", _whole)

    def options(self, *names: str) -> dict[str, Any]:
        """Read all that follows: flags, and names with a number after them."""
        found: dict[str, Any] = {}
        while self.next < len(self.words):
            at, word = self.next, _name(self.words[self.next])
            self.next += 1
            if word in _FLAGS and word in names:
                key, value = _FLAGS[word]
                found[key] = value
            elif word in names:
                found[word] = self.whole(f"the {word}")
            elif word.isdigit() and "stride" in names:
                self.wrong(at, f"taken are the options {', '.join(names)}; for a stride write: stride {word}")
            else:
                self.wrong(at, offer(word, names) if names else "taken is nothing more; leave it out")
                self.next += self.next < len(self.words) and self.words[self.next].isdigit()
        return found


def _layer(number: int, words: list[str], problems: list[str]) -> Layer | None:
    """Read one item; None when it is wrong."""
    if not words:
        problems.append(
            f"got nothing as item {number}; taken is a layer such as conv 32 3; write one or remove a comma"
        )
        return None
    item, name = _Words(number, words, problems), _name(words[0])
    make: Callable[..., Layer] = Conv
    values: list[Any] = []
    options: dict[str, Any] = {}
    if name == "conv":
        values = [item.whole("the number of filters"), item.read("the kernel, such as 3 or 3x5", *_KERNEL)]
        options = item.options("stride", "same", "valid", "dilation", "groups", "norm", *ACTIVATIONS)
    elif name in ("pool", "avgpool"):
        size = item.whole("the size of the window")
        make, values = Pool, ["max" if name == "pool" else "average", size]
        options = {"stride": size, **item.options("stride")}
    elif name == "dense":
        make, values = Dense, [item.whole("the number of units")]
        options = item.options("norm", *ACTIVATIONS)
    elif name == "dropout":
        make, values = Dropout, [item.read("the share to drop, at least 0 and below 1", r"0|0?[.][0-9]{1,9}", float)]
        item.options()
    elif name in _PLAIN:
        make, values = Plain, [name]
        item.options()
    elif name == "softmax":
        item.wrong(0, "taken is a line whose outputs are logits; leave it out: loss and predictions apply it")
    else:
        item.wrong(0, offer(name, [*_EXAMPLES, *_PLAIN]))
    return make(*values, **options, number=number, text=" ".join(words)) if item.right else None


def _kernel(word: str) -> tuple[int, int] | None:
    sides = [int(side) for side in re.split("[x×]", word)]
    return (sides[0], sides[-1]) if min(sides) >= 1 else None


_KERNEL = (r"[0-9]{1,5}(?:[x×][0-9]{1,5})?", _kernel)


def _whole(word: str) -> int | None:
    return int(word) if 1 <= int(word) <= LARGEST_NUMBER else None


def _name(word: str) -> str:
    return _ALIASES.get(word.lower(), word.lower())


def _merged(layers: list[Layer]) -> list[Layer]:
    """Give a norm or an activation that directly follows a conv or a dense to it."""
    merged: list[Layer] = []
    for layer in layers:
        before = merged[-1] if merged else None
        if isinstance(layer, Plain) and isinstance(before, Conv | Dense) and not before.activation:
            if layer.kind == "norm" and not before.norm:
                merged[-1] = replace(before, norm=True)
                continue
            if layer.kind in ACTIVATIONS:
                merged[-1] = replace(before, activation=layer.kind)
                continue
        merged.append(layer)
    return merged


def _misplaced(layers: list[Layer]) -> list[str]:
    """Name the layers that need maps and come after what has none left."""
    problems, flat = [], None
    for layer in layers:
        if flat and (isinstance(layer, Conv | Pool) or (isinstance(layer, Plain) and layer.kind == "gap")):
            problems.append(
                f"got item {layer.number}, {layer.text!r}, after {flat.text!r}, which leaves no maps; "
                "taken are conv, pool and gap before that; move it forward"
            )
        elif isinstance(layer, Dense) or (isinstance(layer, Plain) and layer.kind in ("gap", "flatten")):
            flat = flat or layer
    return problems


def _bad_end(layers: list[Layer]) -> list[str]:
    """Say what is wrong with the end of a line that does not give one number for each class."""
    learned = [layer for layer in layers if isinstance(layer, Conv | Dense)]
    pooled = any(isinstance(layer, Plain) and layer.kind == "gap" for layer in layers)
    if learned and (isinstance(learned[-1], Dense) or pooled):
        return []
    last = f"item {layers[-1].number}, {layers[-1].text!r}" if layers else "nothing"
    return [
        f"got a line that ends in {last}; taken are lines that end in a dense, or in a conv and gap; add: gap, dense 10"
    ]
