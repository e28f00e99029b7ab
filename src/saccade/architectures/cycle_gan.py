"""CycleGAN: two generators that translate between two kinds of pictures, without a single pair.

One makes B of A, the other A of B, and each has a critic that tells its pictures from real ones. That alone would let
a generator make any picture of the other kind; so what comes back from there and back again must be what went.

    A ──to_b──▶ made B ──to_a──▶ A again        critic_b: is this B real, or made?
    B ──to_a──▶ made A ──to_b──▶ B again        critic_a: is this A real, or made?

Taught: a pair for each example can be replaced by a circle. The demand that the way back undoes the way there is a
teacher that needs no labels, and it keeps the content that no critic would ask for.

Source: Zhu et al., "Unpaired image-to-image translation using cycle-consistent adversarial networks", arXiv 1703.10593.
"""

from __future__ import annotations

from typing import Any

from saccade.layers.arguments import check_counts
from saccade.layers.patch_critic import PatchCritic
from saccade.layers.residual_generator import ResidualGenerator, draw_small
from saccade.layers.translator import Translator

__all__ = ["cycle_gan", "cycle_gan_128", "cycle_gan_small"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "cycle_gan": {
        "task": "translation",
        "paper": "Unpaired image-to-image translation using cycle-consistent adversarial networks", "year": 2017,
        "arxiv": "1703.10593", "parameters": 28_285_832, "macs": 105_396_633_600, "channels": 3,
        "native_size": (256, 256), "smallest_size": (24, 24),
        "deviates": "pictures in [0, 1] go in and come out, and become [−1, 1] inside; sides that are no multiple of 4 "
        "are reflected to the next and cut again; critics see what generators make after their step, not before it",
        "recipe": {
            "settings": {
                "epochs": 200, "batch_size": 2, "optimizer": "adam", "learning_rate": 2e-4, "momentum": 0.5,
                "weight_decay": 0.0, "schedule": "hold", "warmup_epochs": 0.0, "height": 256, "crop_rate": 0.06,
                "crop_padding": "reflect",
            },
            "source": "sections 4 and 7.1, with the identity loss of section 5.2: batches of one picture of each kind",
            "deviates": "pictures are reflected by 15 pixels before a crop; the paper enlarges them to 286 pixels",
        },
    },
    "cycle_gan_128": {
        "task": "translation",
        "paper": "Unpaired image-to-image translation using cycle-consistent adversarial networks", "year": 2017,
        "arxiv": "1703.10593", "parameters": 21_204_872, "macs": 19_036_962_816, "channels": 3,
        "native_size": (128, 128), "smallest_size": (24, 24),
        "deviates": "pictures in [0, 1] go in and come out, and become [−1, 1] inside; sides that are no multiple of 4 "
        "are reflected to the next and cut again; critics see what generators make after their step, not before it",
    },
    "cycle_gan_small": {
        "task": "translation",
        "paper": "Unpaired image-to-image translation using cycle-consistent adversarial networks", "year": 2017,
        "arxiv": "1703.10593", "parameters": 895_208, "macs": 212_484_096, "channels": 3,
        "native_size": (64, 64), "smallest_size": (24, 24),
        "deviates": "a quarter of the channels and three blocks, for small pictures and for a processor; "
        "pictures in [0, 1] go in and come out, and become [−1, 1] inside; sides that are no multiple of 4 "
        "are reflected to the next and cut again; critics see what generators make after their step, not before it",
    },
}
# fmt: on


def cycle_gan(
    *, in_channels: int = 3, generator_width: int = 64, blocks: int = 9, critic_width: int = 64
) -> Translator:
    """Make CycleGAN for pictures of 256 × 256 pixels.

    Args:
        in_channels: Channels of the pictures, which may have any size from 24 × 24 on.
        generator_width: Channels of the first convolution of a generator.
        blocks: Residual blocks of a generator.
        critic_width: Channels of the first convolution of a critic.

    Returns:
        Two generators of 11,378,179 parameters and two critics of 2,764,737, weights drawn from N(0, 0.02²).

    Raises:
        BadConfig: If a number is no whole number of 1 or more.

    Source: Zhu et al. 2017, section 7.2.

    Example:
        >>> network = cycle_gan(generator_width=2, blocks=1, critic_width=2)
        >>> [name for name, _ in network.named_children()]
        ['to_a', 'to_b', 'critic_a', 'critic_b', 'pool_a', 'pool_b']
    """
    return _made("cycle_gan", in_channels, generator_width, blocks=blocks, critic_width=critic_width)


def cycle_gan_128(
    *, in_channels: int = 3, generator_width: int = 64, blocks: int = 6, critic_width: int = 64
) -> Translator:
    """Make CycleGAN for pictures of 128 × 128 pixels: six residual blocks. Arguments as for `cycle_gan`.

    Source: Zhu et al. 2017, section 7.2.
    """
    return _made("cycle_gan_128", in_channels, generator_width, blocks=blocks, critic_width=critic_width)


def cycle_gan_small(
    *, in_channels: int = 3, generator_width: int = 16, blocks: int = 3, critic_width: int = 16
) -> Translator:
    """Make CycleGAN for small pictures, or for a machine without a GPU. Arguments as for `cycle_gan`.

    Source: Zhu et al. 2017; the numbers are ours.
    """
    return _made("cycle_gan_small", in_channels, generator_width, blocks=blocks, critic_width=critic_width)


def _made(name: str, in_channels: int, generator_width: int, *, blocks: int, critic_width: int) -> Translator:
    counts = {"in_channels": in_channels, "generator_width": generator_width, "blocks": blocks}
    check_counts(name, {**counts, "critic_width": critic_width})
    network = Translator(
        name,
        lambda: ResidualGenerator(in_channels, width=generator_width, blocks=blocks),
        lambda: PatchCritic(in_channels, width=critic_width),
        in_channels=in_channels,
    )
    draw_small(network)
    return network
