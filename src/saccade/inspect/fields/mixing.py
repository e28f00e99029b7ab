"""How operations that mix whole dimensions change what is seen: sums, matrix products, normalisation, attention.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import Tensor

from saccade.inspect.fields.call import Call, Rule
from saccade.inspect.fields.reach import Reach, mixed, renumbered, united
from saccade.inspect.fields.shapes import irregular, placewise, spread

ATTENTION = "_scaled_dot_product"
"""How the names of all forms of attention begin."""


def _reduction(call: Call) -> Reach:
    """Sum, mean, maximum and their like."""
    tensor, given = call.first, call.given
    if isinstance(given.get("other"), Tensor):
        return placewise(call)
    dims = given.get("dim")
    rank = tensor.dim()
    gone = {dim % rank for dim in _listed(dims, rank)} if rank else set()
    reach = mixed(call.reach(tensor), gone)
    if given.get("keepdim"):
        return reach
    return renumbered(reach, lambda dim: dim - sum(other < dim for other in gone))


def _listed(dims: Any, rank: int) -> Iterable[int]:
    if dims is None or dims == []:
        return range(rank)
    return [dims] if isinstance(dims, int) else dims


def _along(call: Call) -> Reach:
    """Softmax, sorting: each element is made from all along one dimension, which stays."""
    return mixed(call.reach(call.first), [call.given.get("dim", -1) % max(1, call.first.dim())])


def _so_far(call: Call) -> Reach:
    return irregular(call.reach(call.first), [call.given.get("dim", -1) % call.first.dim()])


def _product(call: Call) -> Reach:
    """A product of matrices: the last dimension of one and the last but one of the other are summed over."""
    bias, left, right = _factors(call.given)
    rank = call.outputs[0].dim()
    one = renumbered(mixed(call.reach(left), [left.dim() - 1]), lambda dim: dim)
    shared = max(0, right.dim() - 2)
    other = renumbered(mixed(call.reach(right), [shared]), lambda dim: dim if dim < shared else rank - 1)
    added = () if bias is None else spread(call.reach(bias), bias.shape, call.outputs[0].shape)
    return united([one, other, added])


def _factors(given: dict[str, Any]) -> tuple[Tensor | None, Tensor, Tensor]:
    for left, right in (("mat1", "mat2"), ("batch1", "batch2"), ("mat", "vec")):
        if left in given and right in given:
            return given["self"], given[left], given[right]
    left, right = [value for value in given.values() if isinstance(value, Tensor)][:2]
    return None, left, right


def _dense(call: Call) -> Reach:
    features, weight = call.first, call.given["weight"]
    reach = mixed(call.reach(features), [features.dim() - 1])
    return united([reach, mixed(call.reach(weight), range(weight.dim()))])


def _batch_norm(call: Call) -> list[Reach]:
    """Only the statistics of the batch itself look further than a place."""
    images, reach = call.first, call.reach(call.first)
    own = bool(call.given.get("training", "no_training" not in call.name))
    seen = united([reach, mixed(reach, [0, *range(2, images.dim())])]) if own else reach
    return [seen, *[()] * (len(call.outputs) - 1)]


def _layer_norm(call: Call) -> list[Reach]:
    features, reach = call.first, call.reach(call.first)
    rank = features.dim()
    seen = united([reach, mixed(reach, range(rank - len(call.given["normalized_shape"]), rank))])
    return [seen, *[()] * (len(call.outputs) - 1)]


def _group_norm(call: Call) -> list[Reach]:
    images, reach = call.first, call.reach(call.first)
    return [united([reach, mixed(reach, range(1, images.dim()))]), *[()] * (len(call.outputs) - 1)]


def attention(call: Call) -> list[Reach]:
    """Give what is seen after attention: each query sees itself, and all keys and values.

    Args:
        call: Any form of scaled dot-product attention.

    Returns:
        The reach of the output, and that of everything else it gives, which is not known.

    Source: ours.
    """
    query, *others = [call.given[name] for name in ("query", "key", "value")]
    rank = query.dim()
    seen = united([
        mixed(call.reach(query), [rank - 1]),
        *(mixed(call.reach(tensor), [rank - 2, rank - 1]) for tensor in others),
    ])  # fmt: skip
    return [seen, *[None] * (len(call.outputs) - 1)]


MIXING_RULES: dict[str, Rule] = {
    **dict.fromkeys(("sum", "mean", "amax", "amin", "max", "min", "argmax", "argmin", "prod", "any", "all", "norm",
                     "linalg_vector_norm", "var", "std", "var_mean", "std_mean", "logsumexp", "nansum", "median",
                     "count_nonzero"), _reduction),
    **dict.fromkeys(("softmax", "_softmax", "log_softmax", "_log_softmax", "_safe_softmax", "sort", "topk"), _along),
    **dict.fromkeys(("cumsum", "cumprod", "glu"), _so_far),
    **dict.fromkeys(("mm", "addmm", "bmm", "baddbmm", "mv", "addmv", "dot"), _product),
    **dict.fromkeys(("native_batch_norm", "cudnn_batch_norm", "batch_norm", "_native_batch_norm_legit",
                     "_native_batch_norm_legit_no_training", "_batch_norm_no_update", "_batch_norm_with_update"),
                    _batch_norm),
    "linear": _dense,
    "native_layer_norm": _layer_norm,
    "native_group_norm": _group_norm,
}  # fmt: skip
