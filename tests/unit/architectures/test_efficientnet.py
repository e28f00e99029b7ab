"""EfficientNet: the compound rule, the budget, and what was published."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from saccade import catalog
from saccade.architectures.efficientnet import (
    CARDS,
    EfficientNet,
    Scaling,
    compound,
    cost,
    efficientnet_b0,
    efficientnet_b5,
    scaling_for,
)
from saccade.errors import BadConfig
from saccade.layers.inverted_residual import MobileBottleneck

PUBLISHED = (
    Scaling(1.0, 1.0, 224), Scaling(1.1, 1.0, 240), Scaling(1.2, 1.1, 260), Scaling(1.4, 1.2, 300),
    Scaling(1.8, 1.4, 380), Scaling(2.2, 1.6, 456), Scaling(2.6, 1.8, 528), Scaling(3.1, 2.0, 600),
)  # fmt: skip
BILLIONS = (0.39, 0.70, 1.0, 1.8, 4.2, 9.9, 19, 37)


def test_the_rule_doubles_the_arithmetic_with_each_step() -> None:
    assert math.prod((1.2, 1.1, 1.1, 1.15, 1.15)) == pytest.approx(2, rel=0.05)
    depth, width, resolution = compound(1)
    assert depth * width**2 * (resolution / 224) ** 2 == pytest.approx(2, rel=0.05)


def test_published_scalings_are_the_rules_rounded_by_hand() -> None:
    """Width and resolution follow φ = 0, 0.5, 1, 2, then about 3.5, 5, 6 and 7; depth stays behind from B4 on."""
    for published, phi in zip(PUBLISHED, (0, 0.5, 1, 2, 3.5, 5, 6, 7), strict=True):
        depth, width, resolution = compound(phi)
        assert published.width == pytest.approx(width, rel=0.05)
        assert published.resolution == pytest.approx(resolution, rel=0.05)
        assert published.depth == pytest.approx(depth, abs=0.05) if phi < 3 else published.depth < depth


@pytest.mark.parametrize("number", range(8))
def test_the_cost_counted_by_hand_is_that_of_the_card_and_of_the_paper(number: int) -> None:
    card, scaling = CARDS[f"efficientnet_b{number}"], PUBLISHED[number]
    assert cost(scaling._replace(resolution=card["native_size"][0])) == (card["parameters"], card["macs"])
    assert cost(scaling)[1] / 1e9 == pytest.approx(BILLIONS[number], rel=0.05)


def test_blocks_grow_with_depth() -> None:
    with torch.device("meta"):
        networks = [catalog.find("architectures", name)() for name in ("efficientnet_b0", "efficientnet_b3")]
    blocks = [sum(isinstance(part, MobileBottleneck) for part in network.modules()) for network in networks]
    assert blocks == [1 + 2 + 2 + 3 + 3 + 4 + 1, 2 + 3 + 3 + 5 + 5 + 6 + 2]


def test_a_budget_is_met_and_the_next_step_would_break_it() -> None:
    for millions in (100, 700, 5_000, 80_000):
        scaling = scaling_for(macs=millions * 1e6)
        phi = round(math.log(scaling.depth, 1.2), 2)
        assert compound(phi) == scaling
        assert cost(scaling)[1] <= millions * 1e6 < cost(compound(phi + 0.01))[1]


def test_the_papers_budgets_give_its_networks_back() -> None:
    """Table 2 says 0.39, 1.0, 1.8 and 4.2 billion multiply-adds for B0, B2, B3 and B4."""
    parameters = [cost(scaling_for(macs=billions * 1e9))[0] for billions in (0.39, 1.0, 1.8, 4.2)]
    assert parameters == [CARDS[f"efficientnet_b{number}"]["parameters"] for number in (0, 2, 3, 4)]


def test_both_budgets_hold() -> None:
    few, small = scaling_for(parameters=6e6), scaling_for(macs=800e6)
    assert scaling_for(macs=800e6, parameters=6e6) == min(few, small)
    assert cost(few)[0] <= 6e6


def test_a_network_can_be_made_for_a_budget() -> None:
    scaling = scaling_for(macs=50e6)
    with torch.device("meta"):
        network = EfficientNet("small", scaling, num_classes=1000, in_channels=3)
        assert network(torch.empty(1, 3, scaling.resolution, scaling.resolution)).shape == (1, 1000)
    assert sum(weight.numel() for weight in network.parameters()) == cost(scaling)[0]


def test_branches_are_left_out_more_often_the_deeper_they_are() -> None:
    with torch.device("meta"):
        parts = [part for part in efficientnet_b0().modules() if isinstance(part, MobileBottleneck)]
    assert [part.stochastic_depth.rate for part in parts] == pytest.approx([0.2 * n / 16 for n in range(16)])


def test_the_largest_three_have_the_norms_they_were_trained_with() -> None:
    def settings(network: nn.Module) -> set[tuple[float, float | None]]:
        return {(part.eps, part.momentum) for part in network.modules() if isinstance(part, nn.BatchNorm2d)}

    with torch.device("meta"):
        assert settings(efficientnet_b0()) == {(1e-5, 0.1)}
        assert settings(efficientnet_b5()) == {(1e-3, 0.01)}


@pytest.mark.bad_input
@pytest.mark.parametrize("budget", [{}, {"macs": 1000}, {"parameters": -1}, {"macs": 1e20}, {"macs": math.nan}])
def test_a_budget_out_of_reach_is_refused(budget: dict[str, float]) -> None:
    with pytest.raises(
        BadConfig, match=r"^got macs=.* and parameters=.*; taken is a budget of .* to .* parameters; give one"
    ):
        scaling_for(**budget)
