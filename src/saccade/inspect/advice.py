"""Where the cost of a network is, and what cheaper forms of its layers would save: computed, not guessed.

Whether the network still learns as well in a cheaper form, nobody can compute: it must be trained again.

Source: ours; the forms and their papers are in `saccade.ops.rewrites`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from saccade.errors import UnknownName
from saccade.inspect.advice_layers import WORTH, LayerCost, layer_costs
from saccade.ops.rewrites import FORMS, Pair, Rewrite

NAMES = (*FORMS, "pooled")
_CLOSE = 0.05
_GENTLE = ("small kernels", "two strips", "separable", "1x1 first", "bottleneck", "pooled")


@dataclass(frozen=True)
class Totals:
    """What the whole network would cost after a change.

    Args:
        name: Of the form.
        layers: In how many layers.
        parameters: Then.
        macs: Multiply-adds then, for one image.

    Source: ours.
    """

    name: str
    layers: int
    parameters: int
    macs: int


@dataclass(frozen=True)
class Advice:
    """Where the cost of a network is, and what would make it less.

    Args:
        network: Its name.
        shape: Of the images: (batch, channels, height, width), the batch being 1.
        parameters: Of the whole network.
        macs: Multiply-adds of the whole network for one image; FLOPs are twice as many.
        activations: Bytes of everything that is made on the way.
        layers: Those that cost something, the dearest first.
        shown: How many of them a text shows.
        content: "zeros" where the network's way depends on what it sees, so that a black image was used; else "none".

    Source: ours.
    """

    network: str
    shape: tuple[int, ...]
    parameters: int
    macs: int
    activations: int
    layers: tuple[LayerCost, ...]
    shown: int = 5
    content: str = "none"

    def changes(self, name: str, *, most: int | None = None) -> dict[str, Rewrite]:
        """Choose what to change, to be given to `saccade.layers.rewrites.rewritten`.

        Args:
            name: Of a form: "separable", "bottleneck", "1x1 first", "small kernels", "two strips", "pooled".
            most: Only in so many of the layers that take this form, the dearest first; None for all of them.

        Returns:
            Each layer that saves something in that form, with it.

        Raises:
            UnknownName: If there is no such form; the nearest are offered.
        """
        if name not in NAMES:
            raise UnknownName("form", name, NAMES)
        found = [(layer.name, layer.cheaper(name)) for layer in self.layers]
        return {layer: other.rewrite for layer, other in [pair for pair in found if pair[1]][:most] if other}

    def totals(self, name: str, *, most: int | None = None) -> Totals:
        """Add up what the whole network would cost after such changes.

        Args:
            name: As for `changes`.
            most: As for `changes`.

        Returns:
            Layers changed, parameters, multiply-adds.

        Raises:
            UnknownName: If there is no such form.
        """
        chosen = self.changes(name, most=most)
        parameters, macs = self.parameters, self.macs
        for layer in self.layers:
            other = layer.cheaper(name)
            if other and layer.name in chosen:
                parameters += other.parameters - layer.parameters
                macs += other.macs - layer.macs
        return Totals(name, len(chosen), parameters, macs)

    @property
    def ranked(self) -> list[Totals]:
        """List the forms that are worth it when they are taken wherever they save, the most saving first."""
        every = [self.totals(name) for name in NAMES]
        return sorted((totals for totals in every if self.saved(totals) >= WORTH), key=self.saved, reverse=True)

    @property
    def first(self) -> Totals | None:
        """Choose what to do first: of the forms that save nearly the most, the one that changes least; None if none."""
        return self._gentlest({totals: self.saved(totals) for totals in self.ranked})

    @property
    def fewest(self) -> dict[str, Totals]:
        """Choose, in the same way, what leaves the fewest "multiply-adds" and the fewest "parameters"."""
        macs = self._gentlest({totals: 1 - totals.macs / max(self.macs, 1) for totals in self.ranked})
        sizes = self._gentlest({totals: 1 - totals.parameters / max(self.parameters, 1) for totals in self.ranked})
        return {what: best for what, best in (("multiply-adds", macs), ("parameters", sizes)) if best}

    def saved(self, totals: Totals) -> float:
        """Give the larger of the two shares that a change saves: of multiply-adds and of parameters."""
        return max(
            1 - totals.macs / self.macs if self.macs else 0.0,
            1 - totals.parameters / self.parameters if self.parameters else 0.0,
        )

    def _gentlest(self, saved: dict[Totals, float]) -> Totals | None:
        close = [totals for totals, share in saved.items() if share >= max(saved.values()) - _CLOSE]
        return min(close, key=lambda totals: _GENTLE.index(totals.name), default=None)

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values that JSON can hold."""
        from saccade.inspect.advice_text import to_dict

        return to_dict(self)

    def to_text(self) -> str:
        """Write it in plain words, at most a screen."""
        from saccade.inspect.advice_text import to_text

        return to_text(self)

    def _repr_html_(self) -> str:
        from saccade.inspect.advice_text import to_html

        return to_html(self)


def advise(module: nn.Module, size: Pair, *, in_channels: int | None = None, name: str = "", shown: int = 5) -> Advice:
    """Say where the cost of a module is, and what cheaper forms of its layers would save.

    Args:
        module: Any module that takes a batch of images; it is put back as it was, after an error too.
        size: (height, width) of the images.
        in_channels: Channels of the images; None: as the first part that states `in_channels`, else 3.
        name: What to call it; "" for the name of its class.
        shown: How many layers a text shows.

    Returns:
        The advice, for one image in evaluation mode.

    Raises:
        BadShape: If the module cannot run at that size.

    Source: ours.

    Example:
        >>> inception = nn.Conv2d(192, 32, 5, padding=2)
        >>> advise(inception, (28, 28)).totals("1x1 first").macs
        12443648
    """
    layers, table = layer_costs(module, size, in_channels=in_channels)
    return Advice(
        name or table.network,
        table.shape,
        table.parameters,
        table.macs,
        table.activation_bytes,
        tuple(sorted(layers, key=lambda layer: -layer.macs)),
        shown,
        table.content,
    )
