"""What a module computes, as a graph of its layers: what the conversions of whole networks stand on.

Source: Reed et al., "torch.fx", arXiv 2112.08429.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import jaxtyping
from torch import nn
from torch.fx import GraphModule, Tracer

from saccade.errors import BadConfig, printable

_REFUSALS = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


def traced(module: nn.Module) -> GraphModule:
    """Record what a module computes, without running it on anything.

    The graph calls the layers of PyTorch, and those of others that have parameters or buffers and no parts, as they
    are; everything else is written out. What the module checks of its input is not recorded.

    Args:
        module: Any module whose way does not depend on the content of its input.

    Returns:
        A module that computes the same in the same mode, with the same layers under the same names.

    Raises:
        BadConfig: If the way depends on the content of the input.

    Source: Reed et al. 2021.

    Example:
        >>> [node.name for node in traced(nn.Sequential(nn.Linear(2, 3), nn.ReLU())).graph.nodes]
        ['input_1', '_0', '_1', 'output']
    """
    tracer = _Tracer()
    try:
        with _shapes_unchecked():
            graph = tracer.trace(module)
    except _REFUSALS as error:
        reason = printable(str(error).strip().partition("\n")[0])[:200]
        raise BadConfig(
            f"got a {type(module).__name__} that cannot be traced ({reason}); taken is any module whose way does not "
            "depend on the content of its input; give a part of it that is one, such as its backbone"
        ) from error
    network = GraphModule(tracer.root, graph, type(module).__name__)
    return network.train(module.training)


class _Tracer(Tracer):
    """Calls a layer that has numbers of its own and no parts as it is, whoever wrote it."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        has_numbers = next(m.parameters(), None) is not None or next(m.buffers(), None) is not None
        own = has_numbers and next(m.children(), None) is None and m is not self.root
        return own or super().is_leaf_module(m, module_qualified_name)


@contextmanager
def _shapes_unchecked() -> Iterator[None]:
    """Switch the checking of annotated shapes off, where it is on: while tracing there are no tensors to check."""
    before = jaxtyping.config.jaxtyping_disable
    jaxtyping.config.update("jaxtyping_disable", True)
    try:
        yield
    finally:
        jaxtyping.config.update("jaxtyping_disable", before)
