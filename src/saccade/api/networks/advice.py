"""The verb advise: where the cost of a network is, and what cheaper forms of its layers would save.

Source: ours; the forms and their papers are in `saccade.ops.rewrites`.
"""

from __future__ import annotations

from saccade.api.networks.subject import Model, subject_of
from saccade.errors import BadConfig
from saccade.inspect import advice
from saccade.inspect.advice import Advice


def advise(
    model: Model,
    size: tuple[int, int] | None = None,
    *,
    num_classes: int | None = None,
    in_channels: int | None = None,
    top: int = 5,
) -> Advice:
    """Say where the cost of a network is, and what the rewrites of the field would save.

    Args:
        model: A module, a name in the catalogue, a line of layers, "package.module:name", a run, its folder, a model
            file, or a predictor; see `saccade.api.networks.subject.subject_of`.
        size: (height, width) of the images; None: as in its card or file.
        num_classes: Of a name or a line; None: as in its card, or as the line says.
        in_channels: Channels of the images; None: as in its card or file, as its first convolution says, or 3.
        top: How many of its layers a text shows, and are "the dearest".

    Returns:
        The advice: print `.to_text()`, look at `.layers` and `.ranked`, or give `.changes("separable")` to
        `saccade.layers.rewrites.rewritten` for the changed network.

    Raises:
        BadConfig: If there is no such model, no size is known, or `top` is below 1.
        BadShape: If the network cannot run at that size.

    Source: ours.

    Example:
        >>> advice = advise("resnet18")
        >>> advice.macs, advice.totals("separable").macs
        (1814073344, 336804096)
    """
    if top < 1:
        raise BadConfig(f"got top={top}; taken is a number above 0; leave it out for 5")
    subject = subject_of(model, size=size, num_classes=num_classes, in_channels=in_channels)
    if subject.size is None:
        raise BadConfig(
            f"got no size for {subject.name!r}, which does not say what it was made for; taken is (height, width) of "
            "the images; add --size 224 224, or size=(224, 224) in Python"
        )
    return advice.advise(subject.module, subject.size, in_channels=subject.in_channels, name=subject.name, shown=top)
