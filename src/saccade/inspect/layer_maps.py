"""The maps of any layer by its name, and which layer has maps worth looking at.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig, UnknownName

_WRAPPED = "network."  # what stands before the names of a network that carries its own normalisation
FINE = 4
"""Places a side from which on maps are worth looking at."""


def layer_named(network: nn.Module, layer: str) -> str:
    """Find a layer by its name.

    Args:
        network: Any module.
        layer: As in `network.named_modules()`; of a network with its normalisation in front, also as without that.

    Returns:
        The name as in `network.named_modules()`.

    Raises:
        UnknownName: If there is no such layer; the nearest are offered.

    Source: ours.

    Example:
        >>> layer_named(nn.Sequential(nn.ReLU()), "0")
        '0'
    """
    known = {name for name, _ in network.named_modules() if name}
    if layer not in known and _WRAPPED + layer in known:
        return _WRAPPED + layer
    if layer not in known:
        raise UnknownName("layer", layer, [shown_name(name) for name in sorted(known)])
    return layer


def shown_name(layer: str) -> str:
    """Write the name of a layer as its network has it, without what carries the normalisation.

    Args:
        layer: As in `named_modules()`.

    Returns:
        The name.

    Source: ours.

    Example:
        >>> shown_name("network.layer4")
        'layer4'
    """
    return layer.removeprefix(_WRAPPED)


@contextmanager
def hooked(module: nn.Module, hook: Any) -> Iterator[None]:
    """Let a hook hear what a module gives, as long as this lasts.

    Args:
        module: Any.
        hook: Of the kind that `register_forward_hook` takes.

    Returns:
        A context manager.

    Source: ours.

    Example:
        >>> import torch
        >>> with hooked(layer := nn.ReLU(), lambda *given: print(given[2].item())):
        ...     _ = layer(torch.tensor(2.0))
        2.0
    """
    handle = module.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def checked_maps(output: Any, layer: str, count: int) -> Float[Tensor, "batch channels rows columns"]:
    """See that a layer gave maps, as many as there are images.

    Args:
        output: What it gave.
        layer: Its name, as in `named_modules()`.
        count: Of images.

    Returns:
        The same.

    Raises:
        BadConfig: If it gave something else.

    Source: ours.
    """
    if isinstance(output, Tensor) and output.dim() == 4 and len(output) == count:
        return output
    shape = tuple(output.shape) if isinstance(output, Tensor) else f"type {type(output).__name__}"
    raise BadConfig(
        f"got layer {shown_name(layer)!r}, which gives {shape} for {count} images; taken are layers with maps (batch, "
        "channels, height, width); choose another"
    )


@contextmanager
def maps_gathered(network: nn.Module, count: int) -> Iterator[dict[str, Tensor]]:
    """Gather what every layer with maps gives, as the network runs in between.

    Args:
        network: That is borrowed.
        count: Of the images that it gets.

    Returns:
        A context manager that gives maps by name, in the order in which layers were done; of a layer that runs several
        times those of the last.

    Source: ours.

    Example:
        >>> import torch
        >>> network = nn.Sequential(nn.ReLU(), nn.Flatten())
        >>> with maps_gathered(network, 1) as maps:
        ...     _ = network(torch.ones(1, 1, 2, 2))
        >>> list(maps)
        ['0']
    """
    found: dict[str, Tensor] = {}

    def keeper(name: str) -> Any:
        def keep(_module: nn.Module, _inputs: Any, output: Any) -> None:
            if isinstance(output, Tensor) and output.dim() == 4 and len(output) == count:
                found.pop(name, None)
                found[name] = output

        return keep

    with ExitStack() as stack:
        for name, module in network.named_modules():
            if name:
                stack.enter_context(hooked(module, keeper(name)))
        yield found


def layer_with_maps(network: nn.Module, images: Float[Tensor, "batch channels height width"], layer: str = "") -> str:
    """Choose a layer with maps.

    Args:
        network: That is borrowed.
        images: For it.
        layer: A name; "" for the last whose maps have 4 places a side, or else the last with any.

    Returns:
        Its name, as in `named_modules()`.

    Raises:
        UnknownName: If there is no layer of that name.
        BadConfig: If no layer has maps.

    Source: ours.
    """
    if layer:
        return layer_named(network, layer)
    with maps_gathered(network, len(images)) as maps:
        network(images)
    fine = [name for name, one in maps.items() if min(one.shape[2:]) >= FINE] or list(maps)
    if not fine:
        raise BadConfig("got a network without maps; taken are networks with convolutions; choose another one")
    return fine[-1]
