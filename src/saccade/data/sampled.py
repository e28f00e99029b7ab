"""Some pictures of many, to be looked at more than once.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from saccade.data.randomness import ranks
from saccade.types.sample import Sample, Source

_KEPT = 256 << 20  # bytes of decoded pictures that stay in memory


@dataclass(frozen=True, eq=False)
class Sampled:
    """Some samples of a source, the same ones for the same seed. What is decoded stays in memory as far as it fits.

    Args:
        source: The samples.
        most: How many at most; the first ones of an order that the seed and their keys decide.
        seed: Another seed chooses others.

    Source: ours.

    Example:
        >>> from saccade.data.opening import open_data
        >>> len(Sampled(open_data("digits").splits["test"], most=12, seed=0))
        12
    """

    source: Source
    most: int
    seed: int = 0
    _rows: list[int] = field(default_factory=list, init=False)
    _kept: dict[int, Sample] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        hashes = ranks(map(self.source.key, range(len(self.source))), self.seed)
        self._rows.extend(sorted(np.argsort(hashes, kind="stable")[: self.most].tolist()))

    def __len__(self) -> int:
        """Count them."""
        return len(self._rows)

    def read(self, index: int) -> Sample:
        """Decode one sample, or give it again; raises BadImage when it is no picture."""
        if index not in self._kept:
            sample = self.source.read(self._rows[index])
            if sum(one.image.nbytes for one in self._kept.values()) + sample.image.nbytes > _KEPT:
                return sample
            self._kept[index] = sample
        return self._kept[index]

    def key(self, index: int) -> str:
        """Name one sample."""
        return self.source.key(self._rows[index])

    def target(self, index: int) -> Any:
        """Give one sample's target."""
        return self.source.target(self._rows[index])

    def fingerprint(self) -> str:
        """Hash the content of the whole source."""
        return self.source.fingerprint()
