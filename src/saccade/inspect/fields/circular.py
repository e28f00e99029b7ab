"""Circular padding, which PyTorch writes as a handful of copies that say nothing of what they are for.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode


class CircularPadding(TorchFunctionMode):
    """Sees circular padding as one operation, and tells of it.

    Args:
        tell: Takes what was padded, (before, after) of each dimension from the last one on, and what came out.

    Source: ours.
    """

    def __init__(self, tell: Callable[[Tensor, Sequence[int], Tensor], None]) -> None:
        super().__init__()
        self._tell = tell

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run one function of PyTorch; tell of it if it pads in a circle."""
        result = func(*args, **(kwargs or {}))
        if func is F.pad:
            given = {**dict(zip(("input", "pad", "mode"), args, strict=False)), **(kwargs or {})}
            if given.get("mode") == "circular":
                self._tell(given["input"], given["pad"], result)
        return result
