"""A recorded detector of the reference library: its weights by the rule that fills them, its images and its numbers."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from fill_rule import filled


@dataclass(frozen=True)
class RecordedDetector:
    """What the reference library gave for one detector, under weights that depend on their names alone."""

    record: dict[str, Any]

    @classmethod
    def read(cls, oracle: Path, name: str) -> RecordedDetector:
        return cls(json.loads((oracle / "detection" / f"{name}.json").read_text(encoding="utf-8")))

    @functools.cached_property
    def state(self) -> dict[str, Tensor]:
        """The weights; they are checked first, so that a mismatch later is the network's."""
        state = {key: filled(key, shape, self._gain(key)) for key, shape, *_ in self.record["state_dict"]}
        digest = hashlib.sha256()
        for value in state.values():
            digest.update(value.numpy())
        assert digest.hexdigest() == self.record["fill_sha256"], "the weights differ, not the network"
        return state

    def images(self, sizes: Sequence[tuple[int, int]]) -> list[Tensor]:
        """Images in [0, 1] of blocks of 20 pixels under some noise."""
        draws, images = np.random.default_rng(3), []
        for height, width in sizes:
            blocks, noise = draws.random((3, height // 20, width // 20)), draws.random((3, height, width))
            image = (0.8 * blocks.repeat(20, 1).repeat(20, 2) + 0.2 * noise).astype(np.float32)
            images.append(torch.from_numpy(image))
        digests = [hashlib.sha256(image.numpy()).hexdigest() for image in images]
        assert digests == self.record["input"]["sha256"]
        return images

    def check(self, name: str, found: Tensor, rel: float = 1e-7) -> None:
        """Compare what was found with what was recorded under a name, to the printed digits."""
        expected, values = self.record["features"][name], found.detach().flatten()
        assert list(found.shape) == expected["shape"]
        assert values.norm().item() == pytest.approx(expected["l2"], rel=max(1e-8, rel))
        assert values.mean().item() == pytest.approx(expected["mean"], rel=10 * rel, abs=1e-9)
        assert values.abs().max().item() == pytest.approx(expected["absmax"], rel=max(1e-8, rel))
        assert values[:4].tolist() == pytest.approx(expected["first"], rel=rel, abs=1e-8)
        assert values[-4:].tolist() == pytest.approx(expected["last"], rel=rel, abs=1e-8)

    def _gain(self, key: str) -> float:
        """That of the first rule which names the key; the last rule names all."""
        return next(gain for pattern, gain in self.record["gain_rules"] if re.search(pattern, key))
