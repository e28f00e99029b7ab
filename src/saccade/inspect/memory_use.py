"""What a network needs in memory: its weights, and the most that is alive of its activations at once.

Counted are the bytes of tensors that PyTorch's operations make, from the moment they are made until the last reference
to them is gone, the images included. Not counted is what one operation allocates for itself and frees before it
returns (a library's workspace), nor what an allocator keeps or rounds up.

* Inference: evaluation mode, no gradients; each activation goes as soon as nothing needs it.
* Training: train mode; what autograd saves stays until the backward pass has used it. The loss is the sum of all
  outputs. The gradients of the weights, and the state of the optimiser, are lines of their own.

Source: ours.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from saccade.errors import BadInput
from saccade.inspect.taps import borrowed
from saccade.inspect.without_content import (
    FAILURES,
    Watching,
    images_for,
    lies_on_meta,
    on_meta_alone,
    refusal,
    shape_for,
    tensors_in,
    without_content,
)

OPTIMISERS = {"SGD": 0, "SGD with momentum": 1, "Adam or AdamW": 2}
"""How many numbers each optimiser keeps for each weight that it trains."""

_FIXED_STATISTICS = (torch.ops.aten._native_batch_norm_legit_no_training.default,)


@dataclass(frozen=True)
class TrainingMemory:
    """What one step of training needs, in bytes.

    Args:
        batch: Images in a step.
        activations: The most that is alive at once of activations and of their gradients.
        at: The layer that runs at that moment; "backward" in the backward pass.
        gradients: Of the weights, when all are there.
        together: The most that is alive at once of all three.

    Source: ours.
    """

    batch: int
    activations: int
    at: str
    gradients: int
    together: int


@dataclass(frozen=True)
class MemoryUse:
    """What a network needs in memory, in bytes.

    Args:
        weights: All parameters, each once.
        buffers: What the network keeps beside them, such as running statistics.
        inference: The most that is alive of activations at once, for a batch of one.
        at: The layer that runs at that moment.
        training: The same for a step of training; None if nobody has asked, or it cannot be trained like this.
        untrained: Why it cannot.

    Source: ours.
    """

    weights: int
    buffers: int
    inference: int
    at: str
    training: TrainingMemory | None = None
    untrained: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values that JSON can hold."""
        return {**asdict(self), "optimisers": {name: self.step(name) for name in OPTIMISERS}}

    def step(self, optimiser: str) -> int | None:
        """Count all that a step of training needs.

        Args:
            optimiser: One of `OPTIMISERS`.

        Returns:
            Bytes; None if training has not been measured.

        Source: ours.

        Example:
            >>> MemoryUse(8, 0, 4, "", TrainingMemory(1, 10, "", 8, 18)).step("SGD with momentum")
            34
        """
        if self.training is None:
            return None
        return self.weights + self.buffers + self.training.together + OPTIMISERS[optimiser] * self.training.gradients


class Ledger:
    """Keeps account of the memory of tensors as they come and go.

    Args:
        where: Says what runs at the moment.

    Source: ours.
    """

    def __init__(self, where: Callable[[], str]) -> None:
        self.made = self.alive = self.peak = self.together = self.gradients = 0
        self.at = ""
        self._where = where
        self._known: dict[int, weakref.ref[Any]] = {}

    def note(self, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any], result: Any) -> None:
        """Take account of what an operation has made.

        Args:
            func: What PyTorch called.
            args: Its arguments.
            kwargs: Those that go by name; not needed.
            result: What it returned.

        Source: ours.
        """
        del kwargs
        if _only_looks(func):
            return
        made = [result] if isinstance(result, Tensor) else list(result) if isinstance(result, tuple | list) else []
        if func in _FIXED_STATISTICS or (func is torch.ops.aten.native_batch_norm.default and not args[5]):
            made = made[:1]  # the meta device gives statistics of the batch in evaluation too, no other does
        for tensor in made:
            if isinstance(tensor, Tensor):
                self._add(tensor)

    def hand_over(self, tensor: Tensor) -> None:
        """Count a tensor as the gradient of a weight from here on.

        Args:
            tensor: The gradient.

        Source: ours.
        """
        storage = tensor.untyped_storage()
        if self._known.pop(storage._cdata, None) is not None:
            self.alive -= storage.nbytes()
        self.gradients += storage.nbytes()

    def _add(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        key, size = storage._cdata, storage.nbytes()
        if key in self._known or not size:
            return
        self._known[key] = weakref.ref(storage, functools.partial(self._gone, key, size))
        self.made += size
        self.alive += size
        if self.alive > self.peak:
            self.peak, self.at = self.alive, self._where()
        self.together = max(self.together, self.alive + self.gradients)

    def _gone(self, key: int, size: int, reference: weakref.ref[Any]) -> None:
        if self._known.get(key) is reference:
            del self._known[key]
            self.alive -= size


def training_memory(
    module: nn.Module, size: tuple[int, int], *, in_channels: int | None = None, batch: int = 1
) -> TrainingMemory:
    """Work out what one step of training needs, without allocating it.

    Args:
        module: Any module that takes a batch of images in train mode; it is put back as it was.
        size: (height, width) of the images.
        in_channels: Channels of the images; None: as the first part that states `in_channels`, else 3.
        batch: Images in a step.

    Returns:
        The peaks, in bytes.

    Raises:
        BadShape: If the module cannot be trained at that size, or its way depends on the content of the images.

    Source: ours.

    Example:
        >>> used = training_memory(nn.Conv2d(1, 2, 3), (6, 6))
        >>> used.activations, used.gradients  # image, output, its sum and that one's gradient, those of the weights
        (360, 80)
    """
    shape = shape_for(module, size, in_channels, batch=batch)
    if lies_on_meta(module):
        with suppress(*FAILURES):
            return _measured(module, shape, on_meta_alone())
    try:
        return _measured(module, shape, without_content())
    except BadInput:
        raise
    except FAILURES as error:
        raise refusal(module, shape, error) from error


def _measured(module: nn.Module, shape: tuple[int, ...], world: AbstractContextManager[Any]) -> TrainingMemory:
    open_parts: list[str] = []
    ledger = Ledger(lambda: open_parts[-1] if open_parts else "backward")
    with ExitStack() as stack:
        fake = stack.enter_context(world)
        stack.enter_context(borrowed(module))
        _follow(module, open_parts)
        weights = _weights_without_content(module.train(), fake, ledger)
        stack.enter_context(torch.enable_grad())
        stack.enter_context(Watching(ledger.note))
        outputs = torch.func.functional_call(module, weights, (images_for(module, shape),))
        losses = [tensor.sum() for tensor in tensors_in(outputs) if tensor.requires_grad]
        if losses:
            torch.autograd.backward(losses)
    return TrainingMemory(shape[0], ledger.peak, ledger.at, ledger.gradients, ledger.together)


def bytes_of(tensors: Iterable[Tensor]) -> int:
    """Count the bytes of tensors, those that share memory once.

    Args:
        tensors: Any tensors.

    Returns:
        Bytes.

    Source: ours.

    Example:
        >>> weight = torch.ones(3)
        >>> bytes_of([weight, weight.view(3, 1), torch.ones(2, dtype=torch.float64)])
        28
    """
    return sum({tensor.untyped_storage()._cdata: tensor.untyped_storage().nbytes() for tensor in tensors}.values())


def _weights_without_content(module: nn.Module, fake: Any, ledger: Ledger) -> dict[str, Tensor]:
    """Copies of all weights and buffers that have no content, the gradients of which the ledger hears of."""
    copied = fake.from_tensor if fake is not None else _another
    found = {name: copied(tensor) for name, tensor in module.named_parameters()}
    for tensor in found.values():
        if tensor.requires_grad:
            tensor.register_post_accumulate_grad_hook(lambda weight: ledger.hand_over(weight.grad))
    return {**found, **{name: copied(tensor) for name, tensor in module.named_buffers()}}


def _another(tensor: Tensor) -> Tensor:
    """The same memory under another tensor, so that no gradient is left at the network's own."""
    return tensor.detach().requires_grad_(tensor.requires_grad)


def _follow(module: nn.Module, open_parts: list[str]) -> None:
    """Put hooks on that keep a list of the parts that are running; `borrowed` takes them off."""

    def ends(*_: Any) -> None:
        open_parts.pop()

    for name, part in module.named_modules():
        part.register_forward_pre_hook(lambda *_, name=name: open_parts.append(name))
        part.register_forward_hook(ends)


@functools.cache
def _only_looks(func: Any) -> bool:
    """Whether an operation gives no memory of its own: a view, or its own argument."""
    schema = getattr(func, "_schema", None)
    return schema is not None and any(each.alias_info is not None for each in schema.returns)
