"""What the units of a layer see of the image.

Source: ours.
"""

from __future__ import annotations

from torch import Tensor, nn

from saccade.errors import BadConfig
from saccade.inspect.layer_maps import shown_name
from saccade.inspect.layer_table import layer_table
from saccade.inspect.receptive_field import AxisField


def field_of(network: nn.Module, layer: str, size: tuple[int, int]) -> tuple[AxisField, AxisField]:
    """Follow the operations of a network to a layer.

    Args:
        network: Whose own normalisation, where it has one, says how many channels it takes; else its first part that
            states that.
        layer: Its name, as in `named_modules()`.
        size: (height, width) of the images.

    Returns:
        Along the height, and along the width.

    Raises:
        BadConfig: If its operations cannot be followed.

    Source: ours.

    Example:
        >>> height, _ = field_of(nn.Sequential(nn.Conv2d(3, 1, 5, stride=2)), "0", (9, 9))
        >>> height.field, height.jump
        (5, 2.0)
    """
    table = layer_table(network, size, in_channels=_channels(network))
    every = [*table.rows, *(part.row for part in table.parts)]
    found = next((row.fields[0] for row in reversed(every) if row.name == layer and row.fields), None)
    if found is None or "unknown" in (found.height.kind, found.width.kind):
        raise BadConfig(
            f"got layer {shown_name(layer)!r}, of which it is not known what its units see; taken are layers whose "
            "operations can be followed; choose an earlier one"
        )
    return found.height, found.width


def _channels(network: nn.Module) -> int | None:
    mean = getattr(network, "mean", None)
    return len(mean) if isinstance(mean, Tensor) else None
