"""How a picture becomes what a network takes: a value that travels inside the model file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from saccade.errors import BadConfig

FITS = ("crop", "pad", "stretch")
RESAMPLINGS = ("bilinear", "bicubic")


@dataclass(frozen=True)
class Preprocessing:
    """How a picture becomes what a network takes.

    Args:
        size: (height, width) in pixels that the network gets.
        channels: 1 takes the luma of a colour picture, 3 repeats a grey one, any other number must match the file.
        mean: Subtracted from each channel, pixels in [0, 1]; the network does this itself (see layers.normalised).
        std: Divides each channel after that.
        fit: "crop" scales the picture to cover the size and cuts the middle; "pad" scales it to fit inside and adds
            zeros around; "stretch" scales both sides on their own.
        scaled: (height, width) that "crop" covers, or "stretch" fills, before the middle of `size` is cut out of it;
            None for the size itself. Most published accuracies are of the middle 224 × 224 pixels of 256 × 256.
        resampling: "bilinear" or "bicubic", antialiased.

    Raises:
        BadConfig: If a size is not positive, the lengths of mean and std are not the number of channels, or `scaled`
            is smaller than the size or goes with "pad".

    Source: ours.

    Example:
        >>> Preprocessing((32, 32), 1, (0.5,), (0.25,)).fit
        'crop'
    """

    size: tuple[int, int]
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    fit: str = "crop"
    scaled: tuple[int, int] | None = None
    resampling: str = "bilinear"

    def __post_init__(self) -> None:
        if len(self.size) != 2 or min(self.size) < 1:
            raise BadConfig(f"got size={self.size}; taken is (height, width) in pixels, both ≥ 1; change the size")
        if len(self.mean) != self.channels or len(self.std) != self.channels:
            raise BadConfig(
                f"got {len(self.mean)} means and {len(self.std)} deviations for {self.channels} channels; "
                "taken is one of each for each channel; give as many"
            )
        if min(self.std) <= 0:
            raise BadConfig(f"got std={self.std}; taken are numbers above 0; use 1 for a channel that never changes")
        if self.fit not in FITS:
            raise BadConfig(f"got fit={self.fit!r}; taken are {', '.join(FITS)}; choose one of them")
        if self.resampling not in RESAMPLINGS:
            raise BadConfig(
                f"got resampling={self.resampling!r}; taken are {', '.join(RESAMPLINGS)}; choose one of them"
            )
        if self.scaled is not None and (self.fit == "pad" or len(self.scaled) != 2 or not self._fits_inside()):
            raise BadConfig(
                f"got scaled={self.scaled} with size={self.size} and fit={self.fit!r}; taken is (height, width) not "
                "smaller than the size, with crop or stretch; leave it out"
            )

    def _fits_inside(self) -> bool:
        return all(whole >= side for whole, side in zip(self.scaled or (), self.size, strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> Preprocessing:
        """Read what `to_dict` wrote.

        Args:
            values: A mapping with the fields of this class.

        Returns:
            The same value as before.

        Source: ours.
        """
        size = tuple(int(side) for side in values["size"])
        mean, std = (tuple(float(number) for number in values[name]) for name in ("mean", "std"))
        scaled = tuple(int(side) for side in values.get("scaled") or ())  # files of 0.1.0 have neither of these two
        return Preprocessing(
            (size[0], size[1]),
            int(values["channels"]),
            mean,
            std,
            str(values["fit"]),
            (scaled[0], scaled[1]) if scaled else None,
            str(values.get("resampling", "bilinear")),
        )
