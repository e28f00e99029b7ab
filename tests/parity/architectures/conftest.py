"""The recorded reference models, and the rule that fills their weights."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from fill_rule import filled


@dataclass(frozen=True)
class Oracle:
    """What the reference library gave for one model, under weights that depend on their names alone."""

    record: dict[str, Any]

    @functools.cached_property
    def state(self) -> dict[str, Tensor]:
        return {key: filled(key, shape, self.record["gain"]) for key, shape, *_ in self.record["state_dict"]}

    def images(self) -> Tensor:
        values = np.random.default_rng(0).standard_normal(self.record["input"]["shape"])
        return torch.from_numpy(values.astype(np.float32))

    def blocks(self) -> Tensor:
        """An image of odd sides, 193 × 233, of large flat blocks: it catches swapped sides and wrong padding."""
        small = np.random.default_rng(1).standard_normal((1, 3, 7, 9)).astype(np.float32)
        return torch.from_numpy(small.repeat(28, 2).repeat(28, 3)[:, :, :193, :233].copy())


@pytest.fixture(scope="session")
def oracle(saccade_oracle: Path) -> Callable[[str], Oracle]:
    @functools.lru_cache(maxsize=1)  # the weights of one network at a time
    def read(name: str) -> Oracle:
        return Oracle(json.loads((saccade_oracle / "classification" / f"{name}.json").read_text(encoding="utf-8")))

    return read
