"""Reading the maps of several layers, again and again, with no more of the network run than that needs.

Source: ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig
from saccade.inspect.layer_maps import checked_maps, hooked, layer_named, shown_name


class Reader:
    """Reads what some layers of a network give; what comes after the last of them does not run.

    The first reading runs the whole network, and learns from it in which order the layers come, how often each runs
    (the maps are those of the last time), and whose maps are changed in place afterwards, so that a copy is needed.

    Args:
        network: That is borrowed for as long as this is used.
        layers: Names as in `named_modules()`; of a network with its normalisation in front also as without that.

    Raises:
        UnknownName: If there is no such layer; the nearest are offered.
        BadConfig: If none is named.

    Source: ours.

    Example:
        >>> import torch
        >>> reader = Reader(nn.Sequential(nn.ReLU(), nn.Sigmoid()), ["0"])
        >>> reader(torch.ones(1, 1, 2, 2))["0"].mean().item()
        1.0
    """

    def __init__(self, network: nn.Module, layers: Sequence[str]) -> None:
        if not layers:
            raise BadConfig("got no layer to read; taken is one or more; name some")
        self.network = network
        self.layers = tuple(dict.fromkeys(layer_named(network, layer) for layer in layers))
        self._runs: dict[str, int] = {}
        self._copied: set[str] = set()

    def __call__(self, images: Float[Tensor, "batch channels height width"]) -> dict[str, Float[Tensor, "batch _ _ _"]]:
        """Run the network as far as needed.

        Args:
            images: What it takes.

        Returns:
            The maps of each layer by name, in the order in which they were named.

        Raises:
            BadConfig: If a layer does not run, or gives no maps, one for each image.

        Source: ours.
        """
        if not self._runs:
            self._learn(images)
        found: dict[str, Tensor] = {}
        seen: Counter[str] = Counter()

        def keeper(name: str) -> Any:
            def keep(_module: nn.Module, _inputs: Any, output: Any) -> Tensor | None:
                seen[name] += 1
                if seen[name] < self._runs[name]:
                    return None
                found[name] = checked_maps(output, name, len(images))
                if len(found) == len(self.layers):
                    raise _EnoughError
                return found[name].clone() if name in self._copied else None

            return keep

        with ExitStack() as stack:
            for name in self.layers:
                stack.enter_context(hooked(self.network.get_submodule(name), keeper(name)))
            with suppress(_EnoughError):
                self.network(images)
        return {name: found[name] for name in self.layers}

    def _learn(self, images: Tensor) -> None:
        runs: Counter[str] = Counter()
        kept: dict[str, tuple[Tensor, int]] = {}

        def keeper(name: str) -> Any:
            def keep(_module: nn.Module, _inputs: Any, output: Any) -> None:
                runs[name] += 1
                output = checked_maps(output, name, len(images))
                kept[name] = (output, output._version)

            return keep

        with ExitStack() as stack:
            for name in self.layers:
                stack.enter_context(hooked(self.network.get_submodule(name), keeper(name)))
            self.network(images.detach())
        for name in self.layers:
            if name not in runs:
                told = f"got layer {shown_name(name)!r}, which did not run"
                raise BadConfig(f"{told}; taken are layers that run; choose another")
        self._copied = {name for name, (output, version) in kept.items() if output._version != version}
        self._runs = dict(runs)


class _EnoughError(Exception):
    """All that was wanted has been read."""
