"""Which input pixels the outputs of any module can see: followed tensor by tensor, operation by operation.

Along each side of the image, with pixel k covering k to k + 1:

* `field`: how many pixels in a row one output sees, padding counted, so that it may exceed the image;
* `jump`: input pixels from one output to its neighbour;
* `start`: the centre of the first output's field, the centre of the first pixel being 0.5.

Where outputs see differently (after a transposed convolution or an enlargement), `field` is the widest and `start` that
of the first; of a map whose channels see differently it is what they see together. What mixes a whole map (a global
mean, attention, statistics of the map itself as in group normalisation) sees the whole image from there on. An
operation that cannot be followed makes the field unknown, and everything behind it.

Source: ours; for a line of layers it agrees with Araujo, Norris & Sim, Distill 2019.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor

from saccade.inspect.fields.call import Call, Rule
from saccade.inspect.fields.mixing import ATTENTION, MIXING_RULES, attention
from saccade.inspect.fields.pattern import Pattern, Span, cover
from saccade.inspect.fields.reach import Reach, holds, regular, united
from saccade.inspect.fields.shapes import SHAPE_RULES, placewise
from saccade.inspect.fields.windows import WINDOW_RULES

RULES: dict[str, Rule] = {**SHAPE_RULES, **WINDOW_RULES, **MIXING_RULES}
_NOTHING: tuple[Reach, Reach] = ((), ())


@dataclass(frozen=True)
class AxisField:
    """What one output sees along one side of the image.

    Args:
        kind: "window": some pixels in a row; "whole": the whole side; "none": nothing of the image; "unknown".
        field: Pixels in a row; the side for "whole", None where there is none or it is unknown.
        jump: Pixels from one output to the next; None if all see the same.
        start: The centre of the first output's field, in pixels; None where there is none.

    Source: ours.
    """

    kind: Literal["window", "whole", "none", "unknown"]
    field: int | None = None
    jump: float | None = None
    start: float | None = None

    def word(self) -> str:
        """Write the field in one short word."""
        return {"whole": "all", "none": "–", "unknown": "?"}.get(self.kind, str(self.field))


@dataclass(frozen=True)
class ReceptiveField:
    """What one output sees of the image.

    Args:
        height: Along the height.
        width: Along the width.

    Source: ours.
    """

    height: AxisField
    width: AxisField

    def words(self) -> tuple[str, str, str]:
        """Write field, jump and start, each as height×width where the two differ."""
        sides = (self.height, self.width)
        jumps, starts = ([_written(getattr(side, name)) for side in sides] for name in ("jump", "start"))
        columns = ([side.word() for side in sides], jumps, starts)
        one, two, three = ("×".join(dict.fromkeys(column) if len({*column}) == 1 else column) for column in columns)
        return one, two, three

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values that JSON can hold."""
        return asdict(self)


class FieldTracker:
    """Follows what tensors see, while a module runs under a mode that reports every operation.

    Source: ours.
    """

    def __init__(self) -> None:
        self._sharing: dict[int, list[weakref.ref[Tensor]]] = {}

    def begin(self, images: Tensor) -> None:
        """Take a tensor of (batch, channels, height, width) as the image: each element sees its own pixel.

        Args:
            images: The tensor.

        Source: ours.
        """
        height, width = (regular(dim, Pattern(((0, 1),), 1), images.shape[dim]) for dim in (2, 3))
        self._keep(images, (height, width))

    def note(self, func: Any, args: Sequence[Any], kwargs: dict[str, Any], result: Any) -> None:
        """Follow one operation.

        Args:
            func: What PyTorch called.
            args: Its arguments.
            kwargs: Those that go by name.
            result: What it returned.

        Source: ours.
        """
        about = _about(func)
        if about is None:
            return
        given = {**dict(zip(about.names, args, strict=False)), **kwargs}
        outputs = tuple(_tensors(result))
        if all(_reaches(tensor) == _NOTHING for tensor in _tensors(given.values())):
            found = [_NOTHING] * len(outputs)
        else:
            sides = [self._one_side(about, given, outputs, side) for side in (0, 1)]
            found = list(zip(*sides, strict=True))
        for tensor, reaches in zip(outputs, found, strict=True):
            if about.writes and any(tensor is given.get(name) for name in about.writes):
                self._overwrite(tensor, reaches)
            else:
                self._keep(tensor, reaches)

    def padded(self, images: Tensor, pads: Sequence[int], result: Tensor) -> None:
        """Follow padding that PyTorch does in several steps.

        Args:
            images: What is padded.
            pads: (before, after) of each dimension, the last one first.
            result: What came out.

        Source: ours.
        """
        about = _About("pad", (), (), WINDOW_RULES["constant_pad_nd"])
        sides = [self._one_side(about, {"self": images, "pad": pads}, [result], side)[0] for side in (0, 1)]
        self._keep(result, (sides[0], sides[1]))

    def _one_side(self, about: _About, given: dict[str, Any], outputs: Sequence[Tensor], side: int) -> list[Reach]:
        if about.rule is None or not outputs:
            return [None] * len(outputs)
        call = Call(about.name, given, tuple(outputs), lambda tensor: _reaches(tensor)[side])
        try:
            found = about.rule(call)
        except (KeyError, IndexError, TypeError, ValueError):  # a form of the operation with arguments of its own
            found = None
        return found if isinstance(found, list) else [found] * len(outputs)

    def _keep(self, tensor: Tensor, reaches: tuple[Reach, Reach]) -> None:
        vars(tensor)["_reaches"] = reaches
        self._sharing.setdefault(tensor.untyped_storage()._cdata, []).append(weakref.ref(tensor))

    def _overwrite(self, tensor: Tensor, reaches: tuple[Reach, Reach]) -> None:
        """Change what a tensor sees, and with it all that lie in the same memory."""
        if reaches == _reaches(tensor):
            return
        for reference in self._sharing.get(tensor.untyped_storage()._cdata, ()):
            other = reference()
            if other is not None and other is not tensor:
                sides = zip(_reaches(other), reaches, strict=True)
                vars(other)["_reaches"] = tuple(_partly(old, new, other, tensor) for old, new in sides)
        vars(tensor)["_reaches"] = reaches


def receptive_field(tensor: Tensor, size: tuple[int, int]) -> ReceptiveField:
    """Read what the elements of a tensor see, that a `FieldTracker` has followed.

    Args:
        tensor: Any tensor that was made while it followed.
        size: (height, width) of the image.

    Returns:
        The field.

    Source: ours.
    """
    reaches = _reaches(tensor)
    tokens = len({term.dims for reach in reaches for term in reach or () if term.dims}) == 1 and all(reaches)
    height, width = (_axis_field(reach, side, tokens) for reach, side in zip(reaches, size, strict=True))
    return ReceptiveField(height, width)


def seen_by(tensor: Tensor, place: tuple[int, int]) -> tuple[Span | None, Span | None]:
    """Give the pixels that one output of a map sees, those of padding too.

    Args:
        tensor: A map (batch, channels, height, width) that a `FieldTracker` has followed.
        place: (row, column) of the output.

    Returns:
        (first, after the last) along height and width; None along a side that it does not see, or if that is unknown.

    Source: ours.
    """
    found = []
    for reach, index in zip(_reaches(tensor), place, strict=True):
        patterns = [(term, term.unrolled()) for term in reach or ()]
        spans = [pattern.at(index) if pattern and term.dims else term.span for term, pattern in patterns]
        found.append(cover(spans))
    return found[0], found[1]


class _About(NamedTuple):
    """What is to be known of an operation: its name, its arguments, those it writes to, its rule."""

    name: str
    names: tuple[str, ...]
    writes: tuple[str, ...]
    rule: Rule | None


@functools.cache
def _about(func: Any) -> _About | None:
    schema = getattr(func, "_schema", None)
    if schema is None or schema.name.startswith("prim"):
        return None
    full = schema.name.partition("::")[2]
    writes = tuple(each.name for each in schema.arguments if each.alias_info is not None and each.alias_info.is_write)
    name = full[:-1] if writes and full.endswith("_") else full
    return _About(name, tuple(each.name for each in schema.arguments), writes, _rule(func, name))


def _rule(func: Any, name: str) -> Rule | None:
    if name in RULES:
        return RULES[name]
    if name.startswith(ATTENTION):
        return attention
    if name == "copy":
        return _copied
    if name in ("zero", "fill", "normal", "uniform") or name.startswith(("new_", "empty_like")):
        return lambda _: ()
    return placewise if torch.Tag.pointwise in getattr(func, "tags", ()) else None


def _copied(call: Call) -> Reach:
    """What is copied replaces what was there."""
    return placewise(Call(call.name, {"src": call.given["src"]}, call.outputs, call.reach))


def _reaches(tensor: Any) -> tuple[Reach, Reach]:
    return getattr(tensor, "_reaches", _NOTHING)


def _tensors(values: Any) -> Iterator[Tensor]:
    if isinstance(values, Tensor):
        yield values
    elif not isinstance(values, str | torch.Size | dict) and hasattr(values, "__iter__"):
        for value in values:
            if value is not None and not isinstance(value, int | float | str):
                yield from _tensors(value)


def _partly(old: Reach, new: Reach, whole: Tensor, part: Tensor) -> Reach:
    """What a tensor sees of which a part has been overwritten: both, if the part is as long along the image."""
    if old is None or new is None or whole.dim() != part.dim():
        return None
    fits = all(whole.shape[dim] == part.shape[dim] for term in new for dim in term.dims)
    return united([old, new]) if fits else None


def _axis_field(reach: Reach, side: int, tokens: bool) -> AxisField:
    """Read one side; in a row of tokens, which is both sides of a map one after the other, a place is a token."""
    if not reach:
        return AxisField("unknown" if reach is None else "none")
    fixed = [term.span for term in reach if term.fixed or (term.pattern and term.count == 1)]
    moving = [
        pattern
        for term in reach
        if (term.count > 1 or len(reach) == 1) and (pattern := term.pattern if tokens else term.unrolled())
    ]
    jump, start = _advance(moving[0]) if len(moving) == 1 else (None, None)
    if any(holds(span, (0, side)) for span in fixed) and not (len(reach) == 1 and moving):
        return AxisField("whole", side, jump, start)
    if len(reach) > 1 or not (fixed or moving):
        return AxisField("unknown")
    if not moving:
        return AxisField("window", fixed[0][1] - fixed[0][0], None, sum(fixed[0]) / 2)
    return AxisField("window", max(high - low for low, high in filter(None, moving[0].spans)), jump, start)


def _advance(pattern: Pattern) -> tuple[float, float | None]:
    """The jump, and the centre of what the first place sees."""
    first = next((span for span in pattern.spans if span), None)
    return pattern.step / len(pattern.spans), first and sum(first) / 2


def _written(number: float | None) -> str:
    return "–" if number is None else f"{number:g}" if abs(number) < 1e5 else f"{number:.0f}"
