"""The recorded reference models, and the rule that fills their weights."""

from __future__ import annotations

import functools
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor


@dataclass(frozen=True)
class Oracle:
    """What the reference library gave for one model, under weights that depend on their names alone."""

    record: dict[str, Any]

    @functools.cached_property
    def state(self) -> dict[str, Tensor]:
        return {key: self._fill(key, shape, kind) for key, shape, kind, _ in self.record["state_dict"]}

    def images(self) -> Tensor:
        values = np.random.default_rng(0).standard_normal(self.record["input"]["shape"])
        return torch.from_numpy(values.astype(np.float32))

    def blocks(self) -> Tensor:
        """An image of odd sides, 193 × 233, of large flat blocks: it catches swapped sides and wrong padding."""
        small = np.random.default_rng(1).standard_normal((1, 3, 7, 9)).astype(np.float32)
        return torch.from_numpy(small.repeat(28, 2).repeat(28, 3)[:, :, :193, :233].copy())

    def _fill(self, key: str, shape: list[int], kind: str) -> Tensor:
        last = key.rpartition(".")[2]
        if last == "num_batches_tracked":
            return torch.zeros(shape, dtype=torch.int64)
        values = np.random.default_rng(zlib.crc32(key.encode())).standard_normal(shape)
        if last == "running_mean":
            values = 0.1 * values
        elif last == "running_var":
            values = np.exp(0.1 * values)
        elif len(shape) >= 2:
            values = values * np.sqrt(self.record["gain"] / np.prod(shape[1:]))
        else:
            values = 1 + 0.1 * values if last.endswith("weight") else 0.1 * values
        assert kind == "float32"
        return torch.from_numpy(values.astype(np.float32))


@pytest.fixture(scope="session")
def oracle(saccade_oracle: Path) -> Callable[[str], Oracle]:
    @functools.lru_cache(maxsize=1)  # the weights of one network at a time
    def read(name: str) -> Oracle:
        return Oracle(json.loads((saccade_oracle / "classification" / f"{name}.json").read_text(encoding="utf-8")))

    return read
