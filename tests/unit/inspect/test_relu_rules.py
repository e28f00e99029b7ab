"""Three rules for ReLU, wherever and however it is called."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from saccade.errors import UnknownName
from saccade.inspect.relu_rules import relu_rule

# as in figure 1 of Springenberg et al.: what went in, and what comes back
FORWARD = ((1.0, -1.0, 5.0), (2.0, -5.0, -7.0), (-3.0, 2.0, 4.0))
BACK = ((-2.0, 3.0, -1.0), (6.0, -3.0, 1.0), (2.0, -1.0, 3.0))
RESULTS = {
    "plain": ((-2, 0, -1), (6, 0, 0), (0, -1, 3)),
    "deconvnet": ((0, 3, 0), (6, 0, 1), (2, 0, 3)),
    "guided": ((0, 0, 0), (6, 0, 0), (0, 0, 3)),
}
WAYS = {
    "module": nn.ReLU(),
    "module in place": nn.ReLU(inplace=True),
    "function": F.relu,
    "function in place": lambda x: F.relu(x, inplace=True),
    "F.relu_": F.relu_,
    "torch.relu": torch.relu,
    "torch.relu_": torch.relu_,
    "method": lambda x: x.relu(),
    "method in place": lambda x: x.relu_(),
    "clamp": lambda x: x.clamp(min=0),
    "clamp by place": lambda x: torch.clamp(x, 0),
    "clamp_": lambda x: x.clamp_(min=0.0),
    "clamp_min": lambda x: x.clamp_min(0),
    "relu6": nn.ReLU6(),
    "hardtanh from zero": nn.Hardtanh(0, 6),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("rule", RESULTS)
def test_the_published_example(rule: str, way: str) -> None:
    x = torch.tensor(FORWARD, requires_grad=True)
    with relu_rule(rule) as met:
        y = WAYS[way](x * 1)
        (y * torch.tensor(BACK)).sum().backward()
    assert y.tolist() == x.detach().clamp(0).tolist()
    assert x.grad is not None
    assert x.grad.tolist() == [list(map(float, row)) for row in RESULTS[rule]]
    assert met.count == 1


def test_in_place_is_seen_by_those_who_keep_the_input() -> None:
    x = torch.tensor([-1.0, 2.0], requires_grad=True)
    with relu_rule("guided"):
        before = x * 1
        F.relu_(before)
        before.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 1]


def test_relu6_lets_nothing_through_at_its_ceiling() -> None:
    x = torch.tensor([3.0, 7.0], requires_grad=True)
    with relu_rule("plain"):
        (nn.ReLU6()(x) * 1).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1, 0]


def test_what_is_no_relu_stays_as_it_is() -> None:
    x = torch.tensor([-1.0, 2.0], requires_grad=True)
    with relu_rule("deconvnet") as met:
        y = [F.leaky_relu(x, 0.5), x.clamp(-1, 1), x.clamp(torch.tensor(0.0)), F.hardtanh(x), torch.relu(x.long())]
    assert met.count == 0
    assert y[0].tolist() == [-0.5, 2]


def test_a_relu_that_is_used_twice_obeys_twice() -> None:
    relu = nn.ReLU(inplace=True)
    x = torch.tensor([1.0, 2.0, -3.0], requires_grad=True)
    with relu_rule("guided") as met:
        y = relu(relu(x * 2) - 3) * torch.tensor([1.0, 1.0, 1.0])
        y.sum().backward()
    assert met.count == 2
    assert x.grad is not None
    assert x.grad.tolist() == [0, 2, 0]


def test_outside_everything_is_as_before() -> None:
    with relu_rule("deconvnet"):
        pass
    x = torch.tensor([-1.0], requires_grad=True)
    x.relu().backward()
    assert x.grad is not None
    assert x.grad.item() == 0


@pytest.mark.bad_input
def test_a_rule_that_there_is_not_is_refused() -> None:
    with pytest.raises(UnknownName, match="guided"), relu_rule("guidedd"):  # pyright: ignore[reportArgumentType]
        pass
