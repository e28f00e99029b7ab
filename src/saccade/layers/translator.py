"""Two generators and two critics in one module: one state dict, one checkpoint, one file to resume from.

    network(images)        → both translations of each image, and what the critics say of them
    network(images, to=1)  → those to the second kind alone, at half the cost

Source: Zhu et al., arXiv 1703.10593, figure 3.
"""

from __future__ import annotations

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.patch_critic import SMALLEST
from saccade.layers.picture_network import PictureNetwork
from saccade.layers.picture_pool import PicturePool

KINDS = ("a", "b")


class Translator(PictureNetwork):
    """A network that translates between two kinds of pictures, with those that judge it.

    Args:
        name: What it is called in messages.
        generator: Makes a generator, on images in [−1, 1].
        critic: Makes a critic, which gives a number for each patch.
        in_channels: Channels of the images.
        pool: Generated pictures that are kept for each critic.

    Raises:
        BadConfig: If there are no channels.

    Source: Zhu et al. 2017.

    Example:
        >>> import torch
        >>> from saccade.layers.patch_critic import PatchCritic
        >>> from saccade.layers.residual_generator import ResidualGenerator
        >>> network = Translator(
        ...     "small", lambda: ResidualGenerator(1, width=2, blocks=1), lambda: PatchCritic(1, width=2), in_channels=1
        ... )
        >>> {part: tuple(value.shape) for part, value in network(torch.rand(2, 1, 24, 30), to=1).items()}
        {'images': (2, 1, 24, 30), 'to_b': (2, 1, 24, 30), 'opinion_b': (2,)}
    """

    def __init__(
        self,
        name: str,
        generator: Callable[[], nn.Module],
        critic: Callable[[], nn.Module],
        *,
        in_channels: int,
        pool: int = 50,
    ) -> None:
        super().__init__(name, in_channels=in_channels, smallest_size=(SMALLEST, SMALLEST), task="translation")
        self.to_a, self.to_b = generator(), generator()
        self.critic_a, self.critic_b = critic(), critic()
        self.pool_a, self.pool_b = PicturePool(pool), PicturePool(pool)

    def forward(self, images: Float[Tensor, "batch channels height width"], to: int | None = None) -> dict[str, Tensor]:
        """Translate images.

        Args:
            images: In [0, 1].
            to: 0 or 1 for one kind; None for both.

        Returns:
            "images" as they are, since a metric compares with them; "to_a" and "to_b", pictures in [0, 1]; "opinion_a"
            and "opinion_b", what a critic says of each, on the mean over its patches: near 1 real, near 0 made.

        Raises:
            BadShape: If the images are not of the rank, channels or size that the network takes.

        Source: ours.
        """
        self.check(images)
        said = {"images": images}
        for kind in KINDS if to is None else (KINDS[to],):
            made = self.translated(images, kind)
            said[f"to_{kind}"] = made
            said[f"opinion_{kind}"] = self.opinions(made, kind).mean((1, 2, 3))
        return said

    def translated(
        self, images: Float[Tensor, "batch channels height width"], kind: str
    ) -> Float[Tensor, "batch channels height width"]:
        """Translate images into one kind.

        Args:
            images: In [0, 1].
            kind: "a" or "b".

        Returns:
            Pictures in [0, 1].

        Source: ours.
        """
        return (self.get_submodule(f"to_{kind}")(2 * images - 1) + 1) / 2

    def opinions(
        self, pictures: Float[Tensor, "batch channels height width"], kind: str
    ) -> Float[Tensor, "batch 1 rows columns"]:
        """Ask a critic about pictures.

        Args:
            pictures: In [0, 1].
            kind: For which of the kinds: "a" or "b".

        Returns:
            A number for each patch: near 1 real, near 0 made.

        Source: ours.
        """
        return self.get_submodule(f"critic_{kind}")(2 * pictures - 1)
