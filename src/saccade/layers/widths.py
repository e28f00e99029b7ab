"""How many channels a layer has in a network that is made wider or narrower than its table.

Source: Sandler et al., "MobileNetV2", arXiv 1801.04381; the rounding is that of its authors' code.
"""

from __future__ import annotations

from saccade.errors import BadConfig
from saccade.layers.arguments import is_number


def scaled_width(channels: int, factor: float, *, multiple: int = 8) -> int:
    """Multiply a number of channels, and round to the nearest multiple of 8, which hardware likes.

    It is never less than the multiple itself, and rounding never takes away more than a tenth.

    Args:
        channels: What the table says.
        factor: Above 0.
        multiple: What divides the answer.

    Returns:
        Channels.

    Raises:
        BadConfig: If the factor is no number above 0, or infinite.

    Source: The code that Sandler et al. 2018 and Tan & Le 2019 published.

    Example:
        >>> [scaled_width(channels, 0.35) for channels in (32, 24, 16)]
        [16, 8, 8]
    """
    if not is_number(factor) or not 0 < factor < float("inf"):
        raise BadConfig(f"got width={factor!r}; taken are factors above 0; use 1 for the published width, 0.5 for half")
    near = max(multiple, int(channels * factor + multiple / 2) // multiple * multiple)
    return near + multiple if near < 0.9 * channels * factor else near
