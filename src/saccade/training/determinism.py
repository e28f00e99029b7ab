"""What refuses to run where every result must be the same each time, in the house's words and with the layer's name.

Source: ours; which operations those are,
docs.pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from types import TracebackType

from torch import nn

from saccade.errors import BadConfig, printable

_REFUSED = re.compile(r"(\S+) does not have a deterministic implementation")


@contextlib.contextmanager
def refusals_named(network: nn.Module) -> Iterator[None]:
    """Say which layer uses an operation that torch refuses, since its result is not the same each time.

    Args:
        network: The layers that may be named.

    Raises:
        BadConfig: If torch refuses one; any other error passes.

    Source: ours.
    """
    try:
        yield
    except RuntimeError as error:
        found = _REFUSED.search(str(error))
        if found is None:
            raise
        raise BadConfig(
            f"got {_layer(network, error.__traceback__)}, which uses {printable(found[1])}, with deterministic=True; "
            "taken are operations whose result is the same each time; put another layer there, train on another "
            "device, or leave --deterministic out"
        ) from error


def _layer(network: nn.Module, trace: TracebackType | None) -> str:
    """The innermost layer at work when an error was raised; none in the backward pass, where no layer's code runs."""
    names = {module: name for name, module in network.named_modules()}
    found = None
    while trace is not None:
        this = trace.tb_frame.f_locals.get("self")
        found = this if isinstance(this, nn.Module) and this in names else found
        trace = trace.tb_next
    if found is None:
        return "a network"
    return f"the layer {names[found]!r}, {type(found).__name__}" if names[found] else f"a {type(found).__name__}"
