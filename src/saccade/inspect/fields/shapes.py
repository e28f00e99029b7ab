"""How operations that only move elements about change what is seen: views, slices, joins, what works place by place.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from torch import Tensor

from saccade.inspect.fields.call import Call, Rule
from saccade.inspect.fields.reach import Reach, Term, renumbered, reshaped, united
from saccade.inspect.fields.windows import windowed


def placewise(call: Call) -> Reach:
    """Give what is seen after an operation that makes each element from those at the same place.

    Args:
        call: The operation.

    Returns:
        The reach; tensors of fewer or shorter dimensions are repeated, as in all of PyTorch.

    Source: ours.
    """
    tensors = [value for value in call.given.values() if isinstance(value, Tensor)]
    return united(spread(call.reach(tensor), tensor.shape, call.outputs[0].shape) for tensor in tensors)


def spread(reach: Reach, before: Sequence[int], after: Sequence[int]) -> Reach:
    """Give what a tensor sees that is repeated to a larger shape.

    Args:
        reach: Of the tensor.
        before: Its shape.
        after: The larger one.

    Returns:
        The reach.

    Source: ours.

    Example:
        >>> from saccade.inspect.fields.pattern import Pattern
        >>> from saccade.inspect.fields.reach import regular
        >>> spread(regular(1, Pattern(((0, 1),), 1), 5), (3, 5), (2, 3, 5))[0].dims
        (2,)
    """
    if tuple(before) == tuple(after):
        return reach
    moved = renumbered(reach, lambda dim: dim + len(after) - len(before))
    return moved and united(
        (Term((), term.span) if term.pattern and term.count == 1 and after[term.dims[0]] > 1 else term,)
        for term in moved
    )


def _same(call: Call) -> Reach:
    return call.reach(call.first)


def _reshaping(call: Call) -> Reach:
    return reshaped(call.reach(call.first), call.first.shape, call.outputs[0].shape)


def _reordering(call: Call) -> Reach:
    rank, given = call.first.dim(), call.given
    order = list(range(rank))
    if "dims" in given:
        order = [dim % rank for dim in given["dims"]]
    elif rank > 1:
        one, other = given.get("dim0", 0) % rank, given.get("dim1", 1) % rank
        order[one], order[other] = order[other], order[one]
    return renumbered(call.reach(call.first), order.index)


def _expansion(call: Call) -> Reach:
    return spread(call.reach(call.first), call.first.shape, call.outputs[0].shape)


def _slice(call: Call) -> Reach:
    tensor, given = call.first, call.given
    dim = given.get("dim", 0) % tensor.dim()
    start, step = given.get("start") or 0, given.get("step", 1)
    start = max(0, start + tensor.shape[dim]) if start < 0 else start
    count = call.outputs[0].shape[dim]
    if (start, step, count) == (0, 1, tensor.shape[dim]):
        return call.reach(tensor)
    return windowed(call.reach(tensor), tensor, dim=dim, reads=[[start]], moves=step, count=count)


def _select(call: Call) -> Reach:
    tensor = call.first
    dim = call.given["dim"] % tensor.dim()
    return _dropped(_at(call.reach(tensor), dim, call.given["index"] % tensor.shape[dim]), dim)


def _at(reach: Reach, dim: int, index: int) -> Reach:
    """Take one index of a dimension."""
    return reach and united(_term_at(term, dim, index) for term in reach)


def _term_at(term: Term, dim: int, index: int) -> Reach:
    if dim not in term.dims:
        return (term,)
    if term.pattern is None or len(term.dims) > 1:
        return None
    span = term.pattern.at(index // term.inner % term.count)
    return (Term((), span),) if span else ()


def _dropped(reach: Reach, dim: int) -> Reach:
    return renumbered(reach, lambda place: place - (place > dim))


def _splitting(call: Call) -> list[Reach]:
    tensor, given = call.first, call.given
    dim, start, found = given.get("dim", 0) % tensor.dim(), 0, []
    for part in call.outputs:
        count = part.shape[dim]
        found.append(windowed(call.reach(tensor), tensor, dim=dim, reads=[[start]], moves=1, count=count))
        start += count
    return found


def _unbinding(call: Call) -> list[Reach]:
    tensor = call.first
    dim, reach = call.given.get("dim", 0) % tensor.dim(), call.reach(call.first)
    return [_dropped(_at(reach, dim, index), dim) for index in range(len(call.outputs))]


def _joining(call: Call) -> Reach:
    tensors, dim = call.given["tensors"], call.given.get("dim", 0)
    dim %= call.outputs[0].dim()
    reaches = [call.reach(tensor) for tensor in tensors]
    if call.name == "stack":
        reaches = [renumbered(reach, lambda place: place + (place >= dim)) for reach in reaches]
    if any(dim in term.dims for reach in reaches for term in reach or ()):
        reaches = [reach and tuple(term.loose(dim) for term in reach) for reach in reaches]
    return united(reaches)


def _flipping(call: Call) -> Reach:
    tensor, reach = call.first, call.reach(call.first)
    for dim in call.given["dims"]:
        length = tensor.shape[dim]
        reach = windowed(reach, tensor, dim=dim % tensor.dim(), reads=[[length - 1]], moves=-1, count=length)
    return reach


def _rolling(call: Call) -> Reach:
    rank = call.first.dim()
    return irregular(call.reach(call.first), [dim % rank for dim in call.given.get("dims") or range(rank)])


def irregular(reach: Reach, dims: Iterable[int]) -> Reach:
    """Forget how what is seen depends on the place along some dimensions.

    Args:
        reach: Of a tensor.
        dims: The dimensions.

    Returns:
        The reach.

    Source: ours.
    """
    moved = set(dims)
    return reach and united((term.loose() if moved & set(term.dims) else term,) for term in reach)


def _repetition(call: Call) -> Reach:
    before, after = call.first.shape, call.outputs[0].shape
    return renumbered(call.reach(call.first), lambda dim: dim + len(after) - len(before))


def _choosing(call: Call) -> Reach:
    """Elements chosen by one row of indices that do not themselves depend on the image."""
    given: dict[str, Any] = call.given
    if "indices" in given:
        chosen = [dim for dim, index in enumerate(given["indices"]) if index is not None]
        index = given["indices"][chosen[0]] if len(chosen) == 1 else None
    else:
        chosen, index = [given["dim"] % call.first.dim()], given["index"]
    if index is None or index.dim() != 1 or call.reach(index) != ():
        return None
    return irregular(call.reach(call.first), chosen)


SHAPE_RULES: dict[str, Rule] = {
    **dict.fromkeys(("alias", "clone", "contiguous", "detach", "lift_fresh", "_to_copy", "dropout", "native_dropout",
                     "native_channel_shuffle", "channel_shuffle", "bernoulli", "hardswish", "log_sigmoid_forward",
                     "rrelu_with_noise", "_conj", "resolve_conj", "fake_quantize_per_tensor_affine"), _same),
    **dict.fromkeys(("view", "_unsafe_view", "reshape", "_reshape_alias", "squeeze", "unsqueeze", "flatten",
                     "unflatten", "view_copy"), _reshaping),
    **dict.fromkeys(("permute", "transpose", "t", "numpy_T"), _reordering),
    **dict.fromkeys(("split", "split_with_sizes", "chunk"), _splitting),
    **dict.fromkeys(("cat", "stack", "concatenate"), _joining),
    **dict.fromkeys(("index", "index_select"), _choosing),
    **dict.fromkeys(("prelu", "_prelu_kernel", "where", "masked_fill", "clamp"), placewise),
    "expand": _expansion,
    "slice": _slice,
    "select": _select,
    "unbind": _unbinding,
    "flip": _flipping,
    "roll": _rolling,
    "repeat": _repetition,
}  # fmt: skip
