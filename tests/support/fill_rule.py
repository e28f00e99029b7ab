"""Weights that depend on their names alone, as the recorded reference models have them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


def filled(key: str, shape: Sequence[int], gain: float) -> Tensor:
    """The tensor of a name; `gain` scales those of two dimensions and more."""
    last = key.rpartition(".")[2]
    if last == "num_batches_tracked":
        return torch.zeros(tuple(shape), dtype=torch.int64)
    values = np.random.default_rng(zlib.crc32(key.encode())).standard_normal(tuple(shape))
    if last == "running_mean":
        values = 0.1 * values
    elif last == "running_var":
        values = np.exp(0.1 * values)
    elif len(shape) >= 2:
        values = values * np.sqrt(gain / np.prod(shape[1:]))
    else:
        values = 1 + 0.1 * values if last.endswith("weight") else 0.1 * values
    return torch.from_numpy(values.astype(np.float32))
