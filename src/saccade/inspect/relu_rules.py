"""Four rules for what a gradient does at a ReLU: plain, guided, that of deconvolutional networks, and to pass.

A rule holds where the operation runs, not where a module stands: a ReLU that is used twice, called as a function or
written in place obeys as well.

Source: Springenberg et al., "Striving for simplicity", arXiv 1412.6806, figure 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from saccade.errors import UnknownName

Rule = Literal["plain", "guided", "deconvnet", "open"]
RULES = ("plain", "guided", "deconvnet", "open")


@dataclass
class Met:
    """How many times a ReLU ran under a rule.

    Source: ours.
    """

    count: int = 0


@contextmanager
def relu_rule(rule: Rule) -> Iterator[Met]:
    """Let every ReLU that runs in between obey a rule when gradients come back to it.

    With "plain" a gradient passes where the input was above zero. With "deconvnet" it passes where the gradient is
    above zero. With "guided" it passes where both are. With "open" it passes everywhere, so that a unit which is silent
    can be woken. Max pooling needs no rule: its gradient goes to where the maximum was, which is what a deconvolutional
    network's switches do.

    Args:
        rule: One of the four.

    Returns:
        A context manager that gives a count of the ReLUs that ran. ReLU, ReLU6, `clamp(min=0)`, as modules, functions
        or methods, in place or not, are met; what runs inside a scripted module is not.

    Raises:
        UnknownName: If there is no such rule.

    Source: Springenberg et al., arXiv 1412.6806, section 3.4; Zeiler & Fergus, arXiv 1311.2901, section 2.1.

    Example:
        >>> x = torch.tensor([-1.0, 2.0, 3.0], requires_grad=True)
        >>> with relu_rule("guided"):
        ...     (x.relu() * torch.tensor([1.0, -1.0, 1.0])).sum().backward()
        >>> x.grad.tolist()
        [0.0, 0.0, 1.0]
    """
    if rule not in RULES:
        raise UnknownName("rule for ReLU", rule, RULES)
    met = Met()
    with _Ruling(rule, met):
        yield met


class _Ruled(torch.autograd.Function):
    """A ReLU, cut off at a ceiling if there is one, whose gradient obeys a rule."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, rule: Rule, ceiling: float | None, in_place: bool) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        passed = x > 0 if ceiling is None else (x > 0) & (x < ceiling)
        ctx.save_for_backward(passed)
        ctx.rule = rule
        if in_place:
            ctx.mark_dirty(x)
            return x.clamp_(0, ceiling)
        return x.clamp(0, ceiling)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor, None, None, None]:
        (passed,), (gradient,) = ctx.saved_tensors, gradients
        if ctx.rule in ("plain", "guided"):
            gradient = gradient * passed
        if ctx.rule in ("guided", "deconvnet"):
            gradient = gradient.clamp(min=0)
        return gradient, None, None, None


class _Ruling(TorchFunctionMode):
    """Puts a ruled ReLU in the place of every ReLU that is called."""

    def __init__(self, rule: Rule, met: Met) -> None:
        super().__init__()
        self.rule: Rule = rule
        self.met = met

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        reading = _READINGS.get(func)
        read = None if reading is None else reading(args, kwargs)
        if read is None or not read[0].is_floating_point():
            return func(*args, **kwargs)
        x, ceiling, in_place = read
        self.met.count += 1
        return _Ruled.apply(x, self.rule, ceiling, in_place)


Read = tuple[Tensor, float | None, bool]


def _relu(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Read:
    x, in_place = _bound(("input", "inplace"), args, kwargs, (None, False))
    return x, None, bool(in_place)


def _relu_in_place(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Read:
    return _relu(args, kwargs)[0], None, True


def _relu6(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Read:
    x, in_place = _bound(("input", "inplace"), args, kwargs, (None, False))
    return x, 6.0, bool(in_place)


def _hardtanh(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Read | None:
    names = ("input", "min_val", "max_val", "inplace")
    x, low, high, in_place = _bound(names, args, kwargs, (None, -1.0, 1.0, False))
    return (x, float(high), bool(in_place)) if low == 0 else None


def _clamp(in_place: bool) -> Callable[[tuple[Any, ...], Mapping[str, Any]], Read | None]:
    def read(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Read | None:
        x, low, high = _bound(("input", "min", "max"), args, kwargs, (None, None, None))
        if isinstance(low, Tensor) or isinstance(high, Tensor) or low != 0:
            return None
        return x, high, in_place

    return read


def _bound(names: tuple[str, ...], args: tuple[Any, ...], kwargs: Mapping[str, Any], defaults: tuple) -> list[Any]:
    """What each argument is, however it was given."""
    given = dict(zip(names, args, strict=False)) | dict(kwargs)
    given = {("input" if name == "self" else name): value for name, value in given.items()}
    return [given.get(name, default) for name, default in zip(names, defaults, strict=True)]


_READINGS: dict[Any, Callable[[tuple[Any, ...], Mapping[str, Any]], Read | None]] = {
    functional.relu: _relu,
    torch.relu: _relu,
    Tensor.relu: _relu,
    functional.relu_: _relu_in_place,
    torch.relu_: _relu_in_place,
    Tensor.relu_: _relu_in_place,
    functional.relu6: _relu6,
    functional.hardtanh: _hardtanh,
    torch.clamp: _clamp(False),
    Tensor.clamp: _clamp(False),
    torch.clamp_min: _clamp(False),
    Tensor.clamp_min: _clamp(False),
    torch.clamp_: _clamp(True),
    Tensor.clamp_: _clamp(True),
    Tensor.clamp_min_: _clamp(True),
}
