"""Running a module on images that have a shape but no content (PyTorch's fake tensors).

Why these, and not hooks on a real run: nothing of the activations is allocated and nothing is computed, so that a
network of any size is tabulated in a moment; weights are neither copied nor moved; and every operation is seen,
functional ones too, with the shape, type and memory that it really gives. A network that lies on the meta device as a
whole needs no fake tensors, and is done about twice as fast; where it fails there, it is tried with them.

Source: ours.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    FakeTensorMode,
)
from torch.utils._python_dispatch import TorchDispatchMode

from saccade.errors import BadShape, printable

LOOKS = (DataDependentOutputException, DynamicOutputShapeException)
"""What is raised when the way through a module depends on what it sees."""

FAILURES = (RuntimeError, ValueError, TypeError, IndexError, KeyError, AttributeError, AssertionError, ArithmeticError)
"""What a stranger's module may raise at a size that it does not take."""

Listener = Callable[[Any, Sequence[Any], dict[str, Any], Any], None]
"""What is told of each operation: the function, its arguments, those by name, and its result."""


class Watching(TorchDispatchMode):
    """Tells listeners of every operation of PyTorch that runs.

    Args:
        listeners: Called in order, after the operation.

    Source: ours.
    """

    def __init__(self, *listeners: Listener) -> None:
        super().__init__()
        self._listeners = listeners

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run one operation and tell of it."""
        result = func(*args, **(kwargs or {}))
        if func is not torch.ops.prim.device.default:
            for listen in self._listeners:
                listen(func, args, kwargs or {}, result)
        return result


@contextmanager
def without_content() -> Iterator[FakeTensorMode]:
    """Let tensors have a shape but no content, and attention go the way that is counted everywhere.

    Returns:
        A context manager that gives PyTorch's mode.

    Source: ours.

    Example:
        >>> with without_content():
        ...     print(tuple((torch.empty(1 << 20, 1 << 20) @ torch.empty(1 << 20, 3)).shape))
        (1048576, 3)
    """
    with ExitStack() as stack:
        stack.enter_context(plain_attention())
        stack.enter_context(_quiet())
        yield stack.enter_context(FakeTensorMode(allow_non_fake_inputs=True))


@contextmanager
def on_meta_alone() -> Iterator[None]:
    """Let a network that lies on the meta device run as it is, its constants there too.

    Returns:
        A context manager.

    Source: ours.

    Example:
        >>> with on_meta_alone():
        ...     print(torch.ones(2).device)
        meta
    """
    with plain_attention(), torch.device("meta"):
        yield


def lies_on_meta(module: nn.Module) -> bool:
    """Tell whether all that a module holds is on the meta device.

    Args:
        module: Any module.

    Returns:
        False as well for a module that holds nothing.

    Source: ours.

    Example:
        >>> lies_on_meta(nn.Linear(2, 2, device="meta")), lies_on_meta(nn.ReLU())
        (True, False)
    """
    held = [*module.parameters(), *module.buffers()]
    return bool(held) and all(tensor.is_meta for tensor in held)


@contextmanager
def plain_attention() -> Iterator[None]:
    """Keep transformer layers from calling one operation of their own for all they do, which no one can look into.

    Returns:
        A context manager.

    Source: ours.

    Example:
        >>> with plain_attention():
        ...     print(torch.backends.mha.get_fastpath_enabled())
        False
    """
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def shape_for(module: nn.Module, size: tuple[int, int], in_channels: int | None, *, batch: int = 1) -> tuple[int, ...]:
    """Work out the shape of the images.

    Args:
        module: It may state its channels.
        size: (height, width).
        in_channels: Channels; None: as the first part that states `in_channels`, else 3.
        batch: How many images.

    Returns:
        (batch, channels, height, width).

    Raises:
        BadShape: If one of them is below 1.

    Source: ours.

    Example:
        >>> shape_for(nn.Conv2d(1, 6, 5), (32, 32), None)
        (1, 1, 32, 32)
    """
    stated = (getattr(part, "in_channels", None) for part in module.modules())
    found = next((channels for channels in stated if isinstance(channels, int)), 3)
    shape = (batch, found if in_channels is None else in_channels, *size)
    if len(shape) != 4 or min(shape) < 1:
        raise BadShape(
            f"got size={size}, {shape[1]} channels and a batch of {batch}; "
            "taken is (height, width), all ≥ 1; change them"
        )
    return shape


def images_for(module: nn.Module, shape: tuple[int, ...], *, zeros: bool = False) -> Tensor:
    """Make images of the type, and on the device, of a module's weights.

    Args:
        module: Any module.
        shape: Of the images.
        zeros: Whether they are black; otherwise what they hold is left open.

    Returns:
        The images.

    Source: ours.

    Example:
        >>> images_for(nn.Conv2d(3, 3, 3).double(), (1, 3, 4, 4)).dtype
        torch.float64
    """
    first = next((tensor for tensor in module.parameters() if tensor.is_floating_point()), torch.empty(0))
    return (torch.zeros if zeros else torch.empty)(shape, dtype=first.dtype, device=first.device)


def refusal(module: nn.Module, shape: tuple[int, ...], error: BaseException) -> BadShape:
    """Say in words why a module did not run.

    Args:
        module: The module.
        shape: Of the images that it was given.
        error: What it raised.

    Returns:
        The error to raise.

    Source: ours.

    Example:
        >>> str(refusal(nn.ReLU(), (1, 3, 4, 4), ValueError("no")))[:54]
        'got a ReLU that does not run on images of shape (1, 3,'
    """
    reason = printable(str(error).strip().partition("\n")[0])[:200]
    return BadShape(
        f"got a {type(module).__name__} that does not run on images of shape {shape} without content ({reason}); "
        "taken is any module that does; try another size or number of channels"
    )


def tensors_in(output: Any) -> Iterator[Tensor]:
    """Give every tensor in what a module gave.

    Args:
        output: A tensor, or lists, tuples and dictionaries of them, however deep.

    Returns:
        The tensors, in order.

    Source: ours.

    Example:
        >>> [tuple(tensor.shape) for tensor in tensors_in({"a": [torch.ones(1), 3], "b": (torch.ones(2),)})]
        [(1,), (2,)]
    """
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, Mapping):
        for value in output.values():
            yield from tensors_in(value)
    elif isinstance(output, list | tuple):
        for value in output:
            yield from tensors_in(value)
    elif hasattr(output, "__dataclass_fields__") and not isinstance(output, type):
        yield from tensors_in([getattr(output, name) for name in output.__dataclass_fields__])


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep PyTorch from logging a traceback of what is raised here as an error in words."""
    logger = logging.getLogger("torch._subclasses.fake_tensor")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
