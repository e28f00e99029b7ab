"""A call of an operation, as the rules of receptive fields see it.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from saccade.inspect.fields.reach import Reach


@dataclass(frozen=True)
class Call:
    """One call of an aten operation, seen along one side of the image.

    Args:
        name: Of the operation, without its overload.
        given: Its arguments by name.
        outputs: The tensors that it returned.
        reach: What a tensor sees.

    Source: ours.
    """

    name: str
    given: dict[str, Any]
    outputs: tuple[Tensor, ...]
    reach: Callable[[Any], Reach]

    @property
    def first(self) -> Tensor:
        """The first argument."""
        return next(iter(self.given.values()))


Rule = Callable[[Call], Reach | list[Reach]]
"""Gives one reach for all outputs, or one for each."""
