"""Pictures made worse by a known amount: noise, blur, compression, brightness; to see what a model makes of them.

Source: ours; the kinds are among those of Hendrycks and Dietterich, 2019 (arXiv 1903.12261), at strengths of our own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from jaxtyping import Shaped

from saccade.data.augmenting.colouring import levels_of, recoloured
from saccade.data.augmenting.retouched import blurred, compressed, noisy
from saccade.data.randomness import ranks
from saccade.errors import BadConfig, offer
from saccade.types.sample import Sample, Source

Kind = Literal["noise", "blur", "jpeg", "brightness"]
STRENGTHS: dict[Kind, tuple[float, ...]] = {
    "noise": (0.02, 0.05, 0.1, 0.2, 0.3),
    "blur": (0.01, 0.02, 0.03, 0.05, 0.08),
    "jpeg": (75, 50, 25, 10, 5),
    "brightness": (0.25, 0.5, 0.75, 1.5, 2.5),
}
_RANGES: dict[Kind, tuple[float, float]] = {
    "noise": (0, 1), "blur": (1e-6, 1), "jpeg": (1, 100), "brightness": (0, 10),
}  # fmt: skip
_Image = Shaped[np.ndarray, "height width channels"]


@dataclass(frozen=True)
class Disturbance:
    """One way to make a picture worse, by a known amount.

    Args:
        kind: "noise": each value of each pixel changes by a random amount. "blur": out of focus. "jpeg": through a JPEG
            file. "brightness": all levels times a factor, cut off at white.
        strength: Of noise its deviation, where levels are from 0 to 1. Of blur the deviation of the Gaussian, as a
            share of the shorter side of the picture. Of jpeg the quality on libjpeg's scale, from 1 to 100; less is
            worse. Of brightness the factor; 1 changes nothing.

    Raises:
        BadConfig: If there is no such kind, or the strength is out of range.

    Source: ours.

    Example:
        >>> Disturbance("brightness", 2)(np.array([[[10], [200]]], np.uint8)).ravel().tolist()
        [20, 255]
    """

    kind: Kind
    strength: float

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise BadConfig(f"got kind={self.kind!r}; {offer(self.kind, get_args(Kind))}")
        low, high = _RANGES[self.kind]
        if not low <= self.strength <= high:
            raise BadConfig(
                f"got {self.kind} of strength {self.strength!r}; taken is one from {low:g} to {high:g}; change it"
            )

    def __call__(self, image: _Image, *words: int) -> _Image:
        """Disturb a picture.

        Args:
            image: uint8, uint16, or floats in [0, 1].
            words: The name of the noise, such as a seed and a number.

        Returns:
            uint8 for a picture of 8 bits and for what comes from a JPEG file; else float32 in [0, 1].
        """
        if image.dtype != np.uint8:
            image = (image / 65535 if image.dtype == np.uint16 else image).astype(np.float32)
        if self.kind == "noise":
            return noisy(image, self.strength, *words)
        if self.kind == "blur":
            return blurred(image, self.strength * min(image.shape[:2]))
        if self.kind == "jpeg":
            return _through_a_file(levels_of(image), round(self.strength))
        if image.shape[2] in (1, 3):
            return recoloured(image, np.eye(3, 4) * self.strength)
        return np.concatenate([recoloured(one, np.eye(3, 4) * self.strength) for one in _channels(image)], axis=2)


def _through_a_file(image: _Image, quality: int) -> _Image:
    """JPEG knows grey and colours; of other pictures each channel is a file."""
    if image.shape[2] in (1, 3):
        return compressed(image, quality)
    return np.concatenate([compressed(one, quality) for one in _channels(image)], axis=2)


def _channels(image: _Image) -> list[Shaped[np.ndarray, "height width 1"]]:
    return [np.ascontiguousarray(image[..., channel, None]) for channel in range(image.shape[2])]


@dataclass(frozen=True, eq=False)
class Disturbed:
    """A source whose pictures are disturbed, each after it was decoded and before anything else is made of it.

    Args:
        source: The samples; what is known of them stays as it is.
        disturbance: What is done to each picture.
        seed: Another seed gives other noise.

    Source: ours.
    """

    source: Source
    disturbance: Disturbance
    seed: int = 0

    def __len__(self) -> int:
        """Count the samples."""
        return len(self.source)

    def read(self, index: int) -> Sample:
        """Decode one sample and disturb it; raises BadImage when it is no picture."""
        sample = self.source.read(index)
        return replace(sample, image=self.disturbance(sample.image, self.seed, _hash(sample.key)))

    def key(self, index: int) -> str:
        """Name one sample."""
        return self.source.key(index)

    def target(self, index: int) -> Any:
        """Give one sample's target."""
        return self.source.target(index)

    def fingerprint(self) -> str:
        """Hash the content as it was."""
        return self.source.fingerprint()


def _hash(key: str) -> int:
    return int(ranks([key], 0)[0])


def every_disturbance(kinds: Sequence[Kind] = get_args(Kind)) -> list[Disturbance]:
    """List the disturbances that a model is judged under.

    Args:
        kinds: Which; all by default.

    Returns:
        Five of each kind.

    Source: ours.

    Example:
        >>> len(every_disturbance())
        20
    """
    return [Disturbance(kind, strength) for kind in kinds for strength in STRENGTHS[kind]]
