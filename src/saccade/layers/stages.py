"""Which parts of a backbone belong to which of its stages, found by running it once.

Source: ours.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from saccade.errors import BadConfig, offer
from saccade.layers.backbone import Backbone

HEAD = "head"
_SIDE = 32


def modules_by_stage(network: nn.Module) -> dict[str, tuple[str, ...]]:
    """Sort the modules of a backbone by the stage that runs them.

    Args:
        network: A backbone, or a module that holds one as `.network`; it is run once on zeros, and left as it was.

    Returns:
        For "stem", "stage1" … and "head" the names of the modules that have no others inside, or parameters of their
        own, each under the first stage that runs it; what no stage runs belongs to the head. They are named as in
        `network.named_modules()`.

    Raises:
        BadConfig: If the network is no backbone, so that nobody knows its stages.

    Source: ours.

    Example:
        >>> from saccade import catalog
        >>> modules_by_stage(catalog.find("architectures", "resnet18")())["stem"]
        ('conv1', 'bn1', 'relu')
    """
    backbone = backbone_of(network)
    prefix = "" if backbone is network else "network."
    modules: dict[str, nn.Module] = dict(backbone.named_modules())
    working = {
        name: module
        for name, module in modules.items()
        if module is not backbone and (not any(True for _ in module.children()) or _has_own(module))
    }
    sorted_names: dict[str, list[str]] = {stage.name: [] for stage in backbone.stages} | {HEAD: []}
    seen: list[str] = []
    with _watched(working, seen), _at_rest(backbone), torch.no_grad():
        first = next(backbone.parameters())
        size = [max(_SIDE, least) for least in backbone.smallest_size]
        x = torch.zeros(1, backbone.in_channels, *size, device=first.device, dtype=first.dtype)
        for stage, step in zip(backbone.stages, backbone.steps(), strict=True):
            before = len(seen)
            x = step(x)
            sorted_names[stage.name] = seen[before:]
    done = {name for names in sorted_names.values() for name in names}
    sorted_names[HEAD] = [name for name in working if name not in done]
    return {stage: tuple(prefix + name for name in names) for stage, names in sorted_names.items()}


def backbone_of(network: nn.Module) -> Backbone:
    """Find the backbone that has the stages.

    Args:
        network: A backbone, or a module that holds one as `.network`.

    Returns:
        The backbone.

    Raises:
        BadConfig: If there is none.

    Source: ours.
    """
    bare = network if isinstance(network, Backbone) else getattr(network, "network", network)
    if not isinstance(bare, Backbone):
        raise BadConfig(
            f"got a network of type {type(bare).__name__}, of which nobody knows the stages; taken are architectures "
            "by name, see saccade.models(); freeze parts of your own module with requires_grad_ before you give it"
        )
    return bare


def refuse_stage(network: nn.Module, stage: str) -> None:
    """Refuse the name of a stage that a network has not.

    Args:
        network: A backbone, or a module that holds one as `.network`.
        stage: "stem", "stage1" …

    Raises:
        BadConfig: If it has no such stage; the nearest are offered.

    Source: ours.
    """
    names = [one.name for one in backbone_of(network).stages]
    if stage not in names:
        raise BadConfig(f"got stage {stage!r}; {offer(stage, names)}")


def _has_own(module: nn.Module) -> bool:
    """Whether a module has parameters or running statistics that are not those of a module inside it."""
    return any(True for _ in module.parameters(recurse=False)) or any(True for _ in module.buffers(recurse=False))


@contextmanager
def _watched(modules: dict[str, nn.Module], seen: list[str]) -> Iterator[None]:
    """Note the name of each module when it first runs."""
    hooks = [module.register_forward_pre_hook(functools.partial(_note, seen, name)) for name, module in modules.items()]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _note(seen: list[str], name: str, *_: object) -> None:
    if name not in seen:
        seen.append(name)


@contextmanager
def _at_rest(network: nn.Module) -> Iterator[None]:
    """In evaluation mode, and back to the mode of each module."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode
