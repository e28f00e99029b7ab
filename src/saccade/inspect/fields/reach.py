"""What the elements of a tensor can see of an image, one side at a time.

A tensor's elements are told apart by their indices, and some of its dimensions run along the image. What is seen along
such a dimension is a regular pattern, or, where an operation is too strange to be followed, irregular; a mean over a
map sees the same from all its elements. Several of that at once are united: a map that is scaled by its own mean sees
its neighbourhood and everything.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from saccade.inspect.fields.pattern import MOST_PHASES, Pattern, Span


@dataclass(frozen=True)
class Term:
    """One way in which the elements of a tensor see the image.

    Args:
        dims: The dimensions that tell apart what is seen; none if all elements see the same.
        span: What all elements see together.
        pattern: For one dimension: what its places see. None: that is irregular.
        count: Places along the dimension.
        inner: Neighbouring indices that are one place: place = index // inner mod count.

    Source: ours.
    """

    dims: tuple[int, ...]
    span: Span
    pattern: Pattern | None = None
    count: int = 1
    inner: int = 1

    @property
    def fixed(self) -> bool:
        """Whether all elements see the same."""
        return not self.dims

    def unrolled(self) -> Pattern | None:
        """Give what is seen index by index, where several indices are one place."""
        if self.pattern is None or self.inner == 1:
            return self.pattern
        if len(self.pattern.spans) * self.inner > MOST_PHASES:
            return None
        return Pattern(tuple(span for span in self.pattern.spans for _ in range(self.inner)), self.pattern.step)

    def loose(self, *dims: int) -> Term:
        """Forget how what is seen depends on the place.

        Args:
            dims: Dimensions on which it depends, beside its own.

        Returns:
            The term, irregular.

        Source: ours.
        """
        return Term(tuple(sorted({*self.dims, *dims})), self.span)


Reach = tuple[Term, ...] | None
"""What a tensor sees along one side of the image: all its terms at once, () for nothing; None: that is unknown."""


def regular(dim: int, pattern: Pattern, count: int, inner: int = 1) -> Reach:
    """Make the reach of a tensor that sees a regular pattern along one dimension.

    Args:
        dim: The dimension.
        pattern: What its places see.
        count: How many places there are.
        inner: Neighbouring indices that are one place.

    Returns:
        The reach.

    Source: ours.

    Example:
        >>> regular(2, Pattern(((0, 1),), 1), 5)[0].span
        (0, 5)
    """
    span = pattern.over(count)
    return (Term((dim,), span, pattern, count, inner),) if span else ()


def united(reaches: Iterable[Reach]) -> Reach:
    """Give what a tensor sees whose elements are made from those of several, at the same indices.

    Args:
        reaches: Of each of them, their dimensions numbered as those of the result.

    Returns:
        The reach.

    Source: ours.

    Example:
        >>> united([regular(1, Pattern(((0, 1),), 1), 5), (), regular(1, Pattern(((-1, 2),), 1), 5)])[0].pattern
        Pattern(spans=((-1, 2),), step=1)
    """
    found: list[Term] = []
    for reach in reaches:
        if reach is None:
            return None
        for term in reach:
            same = next((other for other in found if other.dims == term.dims), None)
            if same is None:
                found.append(term)
            elif same != term:
                found[found.index(same)] = _joined(same, term)
    whole = next((term.span for term in found if term.fixed), None)
    return tuple(term for term in found if term.fixed or term.pattern or not (whole and holds(whole, term.span)))


def holds(outer: Span, inner: Span) -> bool:
    """Tell whether one span lies in another.

    Args:
        outer: The one that may be larger.
        inner: The other.

    Returns:
        Whether nothing of it is outside.

    Source: ours.

    Example:
        >>> holds((0, 5), (1, 6))
        False
    """
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def mixed(reach: Reach, dims: Iterable[int]) -> Reach:
    """Give what a tensor sees of which every element is made from all along some dimensions.

    Args:
        reach: Of the tensor that it is made from.
        dims: Those dimensions; they stay.

    Returns:
        The reach.

    Source: ours.

    Example:
        >>> mixed(regular(2, Pattern(((0, 3),), 2), 5), [2, 3])
        (Term(dims=(), span=(0, 11), pattern=None, count=1, inner=1),)
    """
    gone = set(dims)
    return reach and united(
        (Term(tuple(dim for dim in term.dims if dim not in gone), term.span) if gone & set(term.dims) else term,)
        for term in reach
    )


def renumbered(reach: Reach, place: Callable[[int], int]) -> Reach:
    """Number the dimensions anew.

    Args:
        reach: Of a tensor.
        place: The new number of each dimension on which it depends.

    Returns:
        The same with the new numbers.

    Source: ours.

    Example:
        >>> renumbered(regular(2, Pattern(((0, 1),), 1), 5), lambda dim: dim - 2)[0].dims
        (0,)
    """
    return reach and tuple(replace(term, dims=tuple(sorted(map(place, term.dims)))) for term in reach)


def reshaped(reach: Reach, before: Sequence[int], after: Sequence[int]) -> Reach:
    """Give what a tensor sees after a change of its shape that keeps the order of its elements.

    Args:
        reach: Of the tensor.
        before: Its shape.
        after: Its new shape.

    Returns:
        The reach; irregular where a side of the image is cut into several dimensions.

    Source: ours.

    Example:
        >>> reshaped(regular(2, Pattern(((0, 1),), 1), 5), (1, 3, 5, 7), (1, 3, 35))[0].inner
        7
    """
    if reach is None or tuple(before) == tuple(after):
        return reach
    strides, others = _strides(before), _strides(after)

    def moved(term: Term) -> Term:
        if term.pattern is None or term.count * term.inner == 0 or before[term.dims[0]] % (term.count * term.inner):
            return _irregular(term, [strides[dim] for dim in term.dims], [before[dim] for dim in term.dims])
        if term.count == 1:
            return Term((), term.span)
        stride = strides[term.dims[0]] * term.inner
        for dim, (length, step) in enumerate(zip(after, others, strict=True)):
            if length > 1 and stride % step == 0 and (step * length) % (stride * term.count) == 0:
                return replace(term, dims=(dim,), inner=stride // step)
        return _irregular(term, [strides[term.dims[0]]], [before[term.dims[0]]])

    def _irregular(term: Term, steps: list[int], lengths: list[int]) -> Term:
        dims = {
            dim
            for low, length in zip(steps, lengths, strict=True)
            for dim, (size, step) in enumerate(zip(after, others, strict=True))
            if size > 1 and step < low * length and low < step * size
        }
        return Term(tuple(sorted(dims)), term.span)

    return united((moved(term),) for term in reach)


def _strides(shape: Sequence[int]) -> list[int]:
    return [math.prod(shape[dim + 1 :]) for dim in range(len(shape))]


def _joined(one: Term, other: Term) -> Term:
    """Lay two terms along the same dimensions over each other."""
    span = (min(one.span[0], other.span[0]), max(one.span[1], other.span[1]))
    if one.pattern and other.pattern and (one.count, one.inner) == (other.count, other.inner):
        pattern = one.pattern.together(other.pattern)
        if pattern:
            return replace(one, span=span, pattern=pattern)
    return Term(one.dims, span)
