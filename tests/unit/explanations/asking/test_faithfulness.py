"""Whether a map can be trusted: a right one passes, an edge detector that ignores the network fails."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from torch import Tensor, nn

from explaining import question_about, reused
from saccade.explanations.asking.faithfulness import checked, order_of, randomised, rank_correlation
from saccade.explanations.asking.method import Answer, Method
from saccade.explanations.asking.question import Question
from saccade.explanations.asking.sealed import answered
from saccade.explanations.gradient import Gradient
from saccade.explanations.occlusion import Occlusion
from saccade.types.explanation import Faithfulness


class Corner(nn.Module):
    """Class 1 is how bright the upper left corner is; learned weights tell where that is."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, 12, 12))
        with torch.no_grad():
            self.weight[:, 1:4, 1:4] = 1.0

    def forward(self, x: Tensor) -> Tensor:
        score = (x * self.weight).sum((1, 2, 3)) - 4
        return torch.stack([-score, score], 1)


@dataclass(frozen=True)
class Edges(Method):
    """An edge detector: it looks at the image and at nothing else."""

    def look(self, question: Question) -> Answer:
        images = question.images
        across = (images - images.roll(1, 3)).abs() + (images - images.roll(1, 2)).abs()
        return Answer(across.amax(1))


def faithful(method: Method, network: nn.Module, images: Tensor, label: int) -> Faithfulness:
    question = question_about(network, images, [label], blank=0.0)
    (found,) = checked(method, question, answered(method, question))
    return found


BRIGHT = 0.5 + 0.5 * torch.rand(1, 1, 12, 12, generator=torch.Generator().manual_seed(4))


def test_a_right_map_passes() -> None:
    found = faithful(Occlusion(window=3, stride=1), Corner(), BRIGHT, 1)
    assert found.deletion < 0.5 * found.deletion_by_chance
    assert found.randomised < 0.5
    assert found.problems == []
    assert len(found.curves["deletion"]) == 21


def test_an_edge_detector_fails_visibly() -> None:
    found = faithful(Edges(), Corner(), BRIGHT, 1)
    assert found.randomised == pytest.approx(1.0)
    assert "weights are drawn anew" in found.problems[0]


def test_a_map_that_is_wrong_is_no_better_than_chance() -> None:
    @dataclass(frozen=True)
    class Away(Method):
        def look(self, question: Question) -> Answer:
            maps = torch.zeros(1, 12, 12)
            maps[:, 6:, 6:] = torch.rand(6, 6, generator=question.generator())
            return Answer(maps)

    found = faithful(Away(), Corner(), BRIGHT, 1)
    assert any("the same map elsewhere" in problem for problem in found.problems)


def test_curves_begin_and_end_with_the_image_and_without_it() -> None:
    network = Corner()
    found = faithful(Gradient(), network, BRIGHT, 1)
    with torch.no_grad():
        whole = float(network(BRIGHT).softmax(1)[0, 1])
        empty = float(network(torch.zeros_like(BRIGHT)).softmax(1)[0, 1])
    assert found.curves["deletion"][0] == pytest.approx(whole)
    assert found.curves["deletion"][-1] == pytest.approx(empty)
    assert found.curves["insertion"][-1] == pytest.approx(whole)


def test_a_network_is_as_it_was_and_its_copy_has_weights_as_large() -> None:
    network = reused()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    other = randomised(network, 3)
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
    one, two = network.first.weight.detach(), other.first.weight.detach()
    assert float(two.std() / one.std()) == pytest.approx(1, abs=0.15)
    assert abs(rank_correlation(one.flatten(1).numpy(), two.flatten(1).numpy())) < 0.2
    assert torch.equal(network.norm.weight.sort().values, other.norm.weight.sort().values)
    assert torch.equal(randomised(network, 3).first.weight, other.first.weight)


def test_ranks_are_scipys() -> None:
    drawn = np.random.default_rng(0)
    one, other = drawn.integers(0, 9, (5, 6)).astype(float), drawn.random((5, 6))
    assert rank_correlation(one, other) == pytest.approx(spearmanr(one.ravel(), other.ravel()).statistic)
    assert rank_correlation(one, np.ones((5, 6))) == 0


def test_turns_go_from_the_highest_to_the_lowest() -> None:
    assert order_of(torch.tensor([[1.0, 3.0], [3.0, 0.0]])).tolist() == [[0.5, 0.0], [0.25, 0.75]]
