"""The generator of CycleGAN: as many numbers as the paper's, and the names of its code."""

from __future__ import annotations

import torch

from saccade.layers.patch_critic import PatchCritic
from saccade.layers.picture_network import padded_to
from saccade.layers.residual_generator import ResidualGenerator


def count(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_it_has_the_parameters_of_the_papers_code():
    """11.378 M with nine blocks, 7.837 M with six, and 2.765 M in a critic, as that code prints them."""
    with torch.device("meta"):
        nine, six, critic = ResidualGenerator(3), ResidualGenerator(3, blocks=6), PatchCritic(3)
    assert (count(nine), count(six), count(critic)) == (11_378_179, 7_837_699, 2_764_737)


def test_its_weights_have_the_names_of_the_papers_code():
    with torch.device("meta"):
        names = list(ResidualGenerator(3, blocks=9).state_dict())
        critic = list(PatchCritic(3).state_dict())
    layers = ["1", "4", "7", *(f"{10 + n}.conv_block.{at}" for n in range(9) for at in (1, 5)), "19", "22", "26"]
    assert names == [f"model.{layer}.{part}" for layer in layers for part in ("weight", "bias")]
    assert critic == [f"model.{layer}.{part}" for layer in (0, 2, 5, 8, 11) for part in ("weight", "bias")]


def test_a_critic_sees_patches_of_70_pixels():
    critic = PatchCritic(1, width=2)
    norms = [name for name, part in critic.model.named_children() if isinstance(part, torch.nn.InstanceNorm2d)]
    for name in norms:  # a norm sees the whole map
        setattr(critic.model, name, torch.nn.Identity())
    image = torch.zeros(1, 1, 256, 256, requires_grad=True)
    critic(image)[0, 0, 15, 15].backward()
    assert image.grad is not None
    rows = torch.nonzero(image.grad[0, 0].any(1)).flatten()
    assert int(rows[-1] - rows[0]) + 1 == 70


def test_sides_are_reflected_to_the_next_multiple():
    padded = padded_to(torch.arange(6.0).reshape(1, 1, 1, 6).expand(1, 1, 4, 6), 4)
    assert padded[0, 0, 0].tolist() == [0, 1, 2, 3, 4, 5, 4, 3]
