"""Batch normalisation whose statistics count over several processes, on any way that tensors travel between them.

Each process works out count, mean and sum of squared deviations of its own part; all get everyone's, and merge them. So
one value a channel and process travels, and nothing cancels where the mean is large, as it does in a sum of squares:

    n = Σ nᵢ      μ = Σ nᵢ μᵢ / n      n σ² = Σ (Mᵢ + nᵢ (μᵢ − μ)²)
    ∂L/∂x = γ/σ · (∂L/∂z − Σ ∂L/∂z / n − x̂ · Σ (x̂ ∂L/∂z) / n)      with both sums over all processes

Source: Ioffe & Szegedy, "Batch Normalization", arXiv 1502.03167, section 3; merging as in Chan, Golub & LeVeque,
"Algorithms for computing the sample variance", 1983.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from saccade.layers.settled_norm import SettledBatchNorm


@runtime_checkable
class Together(Protocol):
    """What the layer asks of the processes that work together."""

    def rows(self, row: Tensor) -> Tensor:
        """Give everyone's row, one below the other, in the order of the processes."""
        ...

    def add_up(self, tensor: Tensor) -> None:
        """Add everyone's tensor up, in place."""
        ...


class Synchronised:
    """The batch normalisations of a network that count over several processes.

    Args:
        together: The processes.
        layers: How many batch normalisations there are.

    Source: ours.
    """

    def __init__(self, together: Together, layers: int) -> None:
        self.together, self.layers, self.counted = together, layers, True

    @contextlib.contextmanager
    def uncounted(self) -> Iterator[None]:
        """Let the layers take part for the duration, and what goes through them here count for nothing."""
        self.counted = False
        try:
            yield
        finally:
            self.counted = True


class _Synchronised:
    """What the three layers have in common; mixed into those of torch, whose weights and statistics they keep."""

    _shared: Synchronised | None = None

    def forward(self: Any, input: Float[Tensor, "batch channels *size"]) -> Float[Tensor, "batch channels *size"]:  # noqa: A002
        """Normalise with mean and variance over all processes, and follow them; in evaluation, or alone, as torch."""
        if not self.training or self._shared is None:
            return super().forward(input)  # pyright: ignore[reportAttributeAccessIssue]
        self._check_input_dim(input)
        result, mean, variance, count = _Normalisation.apply(input, self.weight, self.bias, self._shared, self.eps)
        if self.track_running_stats:
            with torch.no_grad():
                self.num_batches_tracked.add_(1)
                rate = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
                unbiased = variance * (count / (count - 1).clamp(min=1))
                self.running_mean.lerp_(mean.to(self.running_mean), rate)
                self.running_var.lerp_(unbiased.to(self.running_var), rate)
        return result


class SynchronisedBatchNorm1d(_Synchronised, nn.BatchNorm1d):
    """`nn.BatchNorm1d` over several processes; see `synchronised`."""


class SynchronisedBatchNorm2d(_Synchronised, nn.BatchNorm2d):
    """`nn.BatchNorm2d` over several processes; see `synchronised`."""


class SynchronisedBatchNorm3d(_Synchronised, nn.BatchNorm3d):
    """`nn.BatchNorm3d` over several processes; see `synchronised`."""


class SynchronisedSettledBatchNorm(SettledBatchNorm):
    """`SettledBatchNorm` over several processes; see `synchronised`."""

    _shared: Synchronised | None = None

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, x: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels _ _"]:
        """Normalise with mean and variance over all processes, and follow them; in evaluation, or alone, as ever."""
        if not self.training or self._shared is None:
            return super().forward(x)
        result, mean, variance, count = _Normalisation.apply(x, self.weight, self.bias, self._shared, self.epsilon)
        with torch.no_grad():
            unbiased = variance * (count / (count - 1).clamp(min=1)) + self.epsilon
            self.running_mean.lerp_(mean.to(self.running_mean), self.rate)
            self.running_var.lerp_(unbiased.to(self.running_var), self.rate)
        return result


_FORMS: dict[type[nn.Module], type[nn.Module]] = {
    nn.BatchNorm1d: SynchronisedBatchNorm1d,
    nn.BatchNorm2d: SynchronisedBatchNorm2d,
    nn.BatchNorm3d: SynchronisedBatchNorm3d,
    SettledBatchNorm: SynchronisedSettledBatchNorm,
}


@contextlib.contextmanager
def synchronised(network: nn.Module, together: Together) -> Iterator[Synchronised]:
    """Let the batch normalisations of a network count over several processes for the duration.

    They stay the objects that they are, with their weights, statistics and names, and only behave differently: what
    holds them, such as an optimiser, a hook or a state dict, sees no change. In the end they are as before.

    Args:
        network: Any module; kinds of batch normalisation other than torch's own three are left alone.
        together: The processes.

    Returns:
        A context manager that gives the layers as a whole.

    Source: ours.

    Example:
        >>> class Alone:
        ...     def rows(self, row): return row[None]
        ...     def add_up(self, tensor): pass
        >>> network = nn.Sequential(nn.BatchNorm2d(2))
        >>> with synchronised(network, Alone()) as norms:
        ...     type(network[0]).__name__, norms.layers
        ('SynchronisedBatchNorm2d', 1)
        >>> type(network[0]).__name__
        'BatchNorm2d'
    """
    before = {module: type(module) for module in network.modules() if type(module) in _FORMS}
    shared = Synchronised(together, len(before))
    try:
        for module, kind in before.items():
            module.__class__ = _FORMS[kind]
            module.__dict__["_shared"] = shared
        yield shared
    finally:
        for module, kind in before.items():
            module.__class__ = kind
            module.__dict__.pop("_shared", None)


class _Normalisation(Function):
    """The arithmetic, forward and backward."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, weight: Tensor | None, bias: Tensor | None, shared: Synchronised, eps: float):
        wide = images if images.dtype.itemsize > 2 else images.float()
        dims = [dim for dim in range(wide.ndim) if dim != 1]
        row = wide.new_zeros(1 + 2 * wide.shape[1], dtype=torch.float64)
        if shared.counted and wide.numel():
            count = wide.numel() // wide.shape[1]
            variance, mean = torch.var_mean(wide, dims, correction=0)
            row = torch.cat([row.new_full((1,), count), mean.double(), variance.double() * count])
        rows = shared.together.rows(row)
        counts, (means, squares) = rows[:, :1], rows[:, 1:].chunk(2, dim=1)
        total = counts.sum().clamp(min=1)
        mean = (counts * means).sum(0) / total
        variance = (squares + counts * (means - mean) ** 2).sum(0) / total
        shape = [1, -1] + [1] * (wide.ndim - 2)
        scale = (variance + eps).rsqrt().to(wide.dtype).view(shape)
        normal = (wide - mean.to(wide.dtype).view(shape)) * scale
        result = normal if weight is None else normal * weight.view(shape)
        result = result if bias is None else result + bias.view(shape)
        ctx.save_for_backward(normal, scale if weight is None else scale * weight.view(shape), total)
        ctx.shared, ctx.dims, ctx.affine = shared, dims, (weight is not None, bias is not None)
        ctx.mark_non_differentiable(mean, variance, total)
        return result.to(images.dtype), mean, variance, total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Any):  # pyright: ignore[reportIncompatibleMethodOverride]
        given: Tensor = grads[0]
        normal, scale, total = ctx.saved_tensors
        wide = given.to(normal.dtype)
        sums = torch.cat([wide.sum(ctx.dims), (wide * normal).sum(ctx.dims)])
        shift, slope = sums.clone().chunk(2)
        back = None
        if ctx.needs_input_grad[0]:
            ctx.shared.together.add_up(sums)
            shape = [1, -1] + [1] * (wide.ndim - 2)
            over_all, along = ((part / total).to(wide.dtype).view(shape) for part in sums.chunk(2))
            back = (scale * (wide - over_all - normal * along)).to(given.dtype)
        affine, biased = ctx.affine
        return back, slope if affine else None, shift if biased else None, None, None
