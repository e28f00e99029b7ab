"""Reading a model from the inside, and giving it back as it was.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from saccade.errors import BadConfig, UnknownName


@contextmanager
def borrowed(module: nn.Module) -> Iterator[nn.Module]:
    """Borrow a model, in evaluation mode and with no gradients yet; put everything back at the end.

    What is put back, after an error too: the training flag of every part, every hook, and of every parameter whether
    it wants a gradient, and the gradient itself. Buffers are not copied: evaluation mode does not write them.

    Args:
        module: Any module. In between, do with flags, hooks and gradients as you like.

    Returns:
        A context manager that gives the same module.

    Source: ours.

    Example:
        >>> layer = nn.Dropout()
        >>> with borrowed(layer):
        ...     print(layer.training)
        False
        >>> layer.training
        True
    """
    parts = [(part, _flags(part), _hooks(part)) for part in module.modules()]
    parameters = [(parameter, parameter.requires_grad, parameter.grad) for parameter in module.parameters()]
    try:
        for parameter, _, _ in parameters:
            parameter.grad = None
        module.eval()
        yield module
    finally:
        for part, flags, hooks in parts:
            part.__dict__.update(flags)
            for name, before in hooks.items():
                present = part.__dict__[name]
                present.clear()
                present.update(before)
        for parameter, wants, gradient in parameters:
            parameter.requires_grad_(wants)
            parameter.grad = gradient


@contextmanager
def tapped(module: nn.Module, layers: Sequence[str]) -> Iterator[dict[str, Shaped[Tensor, "*_"]]]:
    """Borrow a model and keep what some of its layers give, each time it runs in between.

    The rest of the model goes on with a copy, so that a later in-place activation does not change what is kept; and
    what is kept is part of the graph, so that a gradient can be asked of it.

    Args:
        module: Any module.
        layers: Names as in `module.named_modules()`, such as "layer4.1.conv2"; "" is the module itself.

    Returns:
        A context manager that gives the outputs by name, filled as the model runs. Of a layer that runs several times
        the last output is kept.

    Raises:
        UnknownName: If there is no such layer; the nearest are offered.
        BadConfig: If a layer gives something else than one tensor.

    Source: ours.

    Example:
        >>> network = nn.Sequential(nn.Linear(2, 2), nn.ReLU(inplace=True))
        >>> with tapped(network, ["0"]) as outputs:
        ...     _ = network(torch.ones(1, 2))
        >>> outputs["0"].shape
        torch.Size([1, 2])
    """
    known = dict(module.named_modules())
    for name in layers:
        if name not in known:
            raise UnknownName("layer", name, [word for word in known if word])
    kept: dict[str, Tensor] = {}

    def keeper(name: str) -> Any:
        def keep(_module: nn.Module, _inputs: Any, output: Any) -> Tensor:
            if not isinstance(output, Tensor):
                raise BadConfig(
                    f"got layer {name!r}, which gives a {type(output).__name__}; "
                    "taken are layers that give one tensor; choose one inside it"
                )
            kept[name] = output
            return output.clone()

        return keep

    with borrowed(module):
        for name in layers:
            known[name].register_forward_hook(keeper(name))
        yield kept


def activations(
    module: nn.Module, images: Float[Tensor, "batch channels height width"], layers: Sequence[str]
) -> dict[str, Shaped[Tensor, "*_"]]:
    """Run a model once, without gradients, and give what some of its layers gave.

    Args:
        module: Any module; it is put back as it was.
        images: What it takes.
        layers: Names as in `module.named_modules()`.

    Returns:
        The output of each layer by name, in the order asked for.

    Raises:
        UnknownName: If there is no such layer; the nearest are offered.
        BadConfig: If a layer gives something else than one tensor, or does not run.

    Source: ours.

    Example:
        >>> activations(nn.Sequential(nn.Conv2d(3, 8, 3)), torch.zeros(1, 3, 8, 8), ["0"])["0"].shape
        torch.Size([1, 8, 6, 6])
    """
    with tapped(module, layers) as kept, torch.no_grad():
        module(images)
    for name in layers:
        if name not in kept:
            raise BadConfig(f"got layer {name!r}, which did not run; taken are layers that run; choose another one")
    return {name: kept[name] for name in layers}


def _flags(part: nn.Module) -> dict[str, Any]:
    return {name: part.__dict__[name] for name in ("training", "_is_full_backward_hook") if name in part.__dict__}


def _hooks(part: nn.Module) -> dict[str, dict[int, Any]]:
    """Copy every table of hooks that a module has."""
    return {
        name: dict(table)
        for name, table in part.__dict__.items()
        if isinstance(table, dict) and name.endswith(("_hooks", "_with_kwargs", "_called"))
    }
