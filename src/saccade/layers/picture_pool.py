"""What a critic is shown: not only the newest pictures of a generator, but old ones too.

Source: Shrivastava et al., "Learning from simulated and unsupervised images through adversarial training", arXiv
1612.07828, section 2.3; the rule and the 50 pictures are those of Zhu et al., arXiv 1703.10593, section 4.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig


class PicturePool(nn.Module):
    """The last pictures of a generator, some of them old.

    Until it is full, each picture is kept and given back. From then on half of them, by chance, take the place of an
    old one, which is given back instead.

    What it holds are buffers that are no part of the state dict: a model file has no use for them. A checkpoint keeps
    them (see `training.checkpoint`), and chance comes from torch's generator of the processor, which the loop seeds
    from the seed of the run and the step: so a run that is resumed draws what it would have drawn.

    Args:
        capacity: Pictures that it holds; 0 gives every picture back as it is.

    Raises:
        BadConfig: If that is below 0.

    Source: as the file.

    Example:
        >>> pool = PicturePool(2)
        >>> [pool(torch.full((1, 1, 1, 1), float(number))).item() for number in (1, 2)]
        [1.0, 2.0]
        >>> pool(torch.full((1, 1, 1, 1), 3.0)).item() in (1.0, 2.0, 3.0)
        True
    """

    pictures: Tensor
    count: Tensor

    def __init__(self, capacity: int = 50) -> None:
        super().__init__()
        if type(capacity) is not int or capacity < 0:
            raise BadConfig(f"got capacity={capacity!r}; PicturePool takes a whole number ≥ 0; the paper has 50")
        self.capacity = capacity
        self.register_buffer("pictures", torch.zeros(0, 0, 0, 0), persistent=False)
        self.register_buffer("count", torch.zeros((), dtype=torch.int64), persistent=False)

    def forward(
        self, pictures: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        """Take pictures in, and give as many back; in evaluation mode the same."""
        if not self.capacity or not len(pictures) or not self.training:
            return pictures
        if self.pictures.shape[1:] != pictures.shape[1:]:
            self.pictures = pictures.new_zeros((self.capacity, *pictures.shape[1:]), dtype=torch.float32)
            self.count = torch.zeros_like(self.count)
        return torch.stack([self._exchanged(picture) for picture in pictures])

    def _exchanged(self, picture: Float[Tensor, "channels height width"]) -> Float[Tensor, "channels height width"]:
        kept = int(self.count)
        if kept < self.capacity:
            self.pictures[kept] = picture.detach()
            self.count += 1
            return picture
        if torch.rand(()) < 0.5:
            return picture
        place = int(torch.randint(self.capacity, ()))
        old = self.pictures[place].to(picture.dtype, copy=True)
        self.pictures[place] = picture.detach()
        return old

    def extra_repr(self) -> str:
        """Show the settings."""
        return f"{self.capacity}"
